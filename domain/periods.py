"""How long what people sent is kept: the numbers that the owner may set, their bounds, and what the site does without them."""

from datetime import timedelta
from typing import NamedTuple

MONTH = timedelta(days=30.4375)
"""A twelfth of a year of 365.25 days."""


class Periods(NamedTuple):
    """How long each kind is kept: closed requests, rejected comments, spam, network fingerprints, the audit log, notices to
    staff that name nobody."""

    request_months: int = 12
    comment_days: int = 30
    spam_days: int = 15
    network_days: int = 30
    audit_months: int = 24
    notice_days: int = 30


PERIODS = Periods()
"""What holds until the owner sets something else."""
BOUNDS = {
    "request_months": (1, 120),
    "comment_days": (1, 365),
    "spam_days": (1, 365),
    "network_days": (1, 30),
    "audit_months": (24, 120),
    "notice_days": (1, 365),
}
"""The least and the most of each. Rule 5 of the design allows a network 30 days at most. The database itself refuses to delete
audit entries younger than the least (a trigger, rule 14), so that nobody who gets at the settings can shorten the log."""
