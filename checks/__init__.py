"""Looks at the site from the inside: what runs, what is set, what is missing. It finds; the commands and pages show."""

from collections.abc import Sequence
from datetime import datetime

from flask import current_app

from checks import setup
from checks.asking import Check, ask_all
from checks.content import texts
from checks.finding import Finding, Level, worst
from checks.mail import sign_in, test_mail
from checks.running import RUNNING
from checks.sender_domain import USUAL_SELECTORS, asker, sender_domain
from transport.smtp import our_domain

__all__ = ["USUAL_SELECTORS", "Finding", "Level", "inside", "outside", "ready", "worst"]

SET_UP = (
    Check("settings", setup.settings, needs_database=False),
    Check("facts", setup.facts),
    Check("content", texts),
    Check("recipients", setup.recipients),
    Check("HTTPS", setup.address, needs_database=False),
    Check("proxies", setup.proxies, needs_database=False),
    Check("engine", setup.engine),
    Check("accounts", setup.accounts),
    Check("mail encryption", setup.encryption, needs_database=False),
    Check("webhook", setup.webhook, needs_database=False),
    Check("monitor", setup.monitor, needs_database=False),
)


def ready(now: datetime) -> list[Finding]:
    """What must hold while the site runs; quick, and asks nobody outside."""
    return ask_all(RUNNING, now)


def inside(now: datetime) -> list[Finding]:
    """The same, and how the site is set up; asks nobody outside either."""
    return ask_all((*RUNNING, *SET_UP), now)


def outside(send_to: str | None = None, selectors: Sequence[str] = USUAL_SELECTORS) -> list[Finding]:
    """What the mail server and the DNS say, and a test mail where an address is given. Takes up to about a minute."""
    resolver = current_app.config.get("RESOLVER")
    mail = [sign_in()]
    # A server that lets nobody in takes no mail, and would keep whoever asks waiting once more.
    if send_to and mail[0].level is not Level.FAIL:
        mail.append(test_mail(send_to))
    return [*mail, *sender_domain(our_domain(), asker(resolver), selectors)]
