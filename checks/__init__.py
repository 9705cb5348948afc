"""Looks at the site from the inside: what runs, what is set, what is missing. It finds; the commands and pages show."""

from checks.finding import Finding, Level, worst
from checks.running import ready

__all__ = ["Finding", "Level", "ready", "worst"]
