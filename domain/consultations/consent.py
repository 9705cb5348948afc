"""What visitors agree to before a request is kept: words that name how long, and a version that says which words they were."""

import re

from domain.periods import BOUNDS, PERIODS

CONSENT_VERSION = "2026-11-22"
_WORDS = (
    "I agree that the clinic keeps these details and uses them to answer my request. "
    "They are deleted {time} after the request is closed, or earlier if I ask."
)
"""A change of these needs a new CONSENT_VERSION."""
_VERSION = re.compile(r"\d{4}-\d\d-\d\d(?:/(\d{1,3}))?")


def consent_text(months: int) -> str:
    """The words beside the box."""
    return _WORDS.format(time=f"{months} month" if months == 1 else f"{months} months")


def consent_version(months: int) -> str:
    """What a request keeps of them: "2026-11-22", with "/18" where the owner has set another time than the default."""
    return CONSENT_VERSION if months == PERIODS.request_months else f"{CONSENT_VERSION}/{months}"


def promised_months(version: str) -> int | None:
    """The time that the words of a version name; None for what is no version, or names a time nobody can set."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    months = int(found[1] or PERIODS.request_months)
    lowest, highest = BOUNDS["request_months"]
    return months if lowest <= months <= highest else None
