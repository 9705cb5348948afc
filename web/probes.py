"""The mark by which the site knows a request of its own making: signed, good for minutes, and for one submission only."""

from typing import NamedTuple

import clinic
from domain import tokens
from domain.tokens import Purpose

FIELD = "probe"
"""The hidden field that `flask probe` adds to the form as shown; no page of ours holds it."""


class Probe(NamedTuple):
    """A request that tests the way; its mail goes to `to`, or where every request goes."""

    to: str | None


def mark(submission_id: str, to: str | None) -> str:
    """What `read` knows again; only who has the site's key can make it."""
    return clinic.sign(Purpose.PROBE, {"submission": submission_id, "to": to})


def read(token: str, submission_id: str | None) -> Probe | None:
    """The probe that this submission is; None for a request like any other, which one with a bad mark is too.

    So nobody can hide a request from staff with a mark that is made up, too old, or taken from another request.
    """
    if not token:
        return None
    try:
        payload = tokens.read(clinic.keys(), Purpose.PROBE, token)
    except tokens.BadToken:
        return None
    to = payload.get("to")
    return Probe(to if isinstance(to, str) else None) if submission_id and payload.get("submission") == submission_id else None
