"""Who is refused again and again may be trying out addresses: to them no answer tells that a comment was sent before."""

from limits import parse

import database
from extensions import limiter, sender

MOST_REFUSALS = parse("100 per hour")
_WHAT = "refused comments"


def note(refusal: Exception) -> None:
    """Counts a comment that was refused; that the store was not there is nobody's doing."""
    if not isinstance(refusal, database.UNAVAILABLE):
        limiter.limiter.hit(MOST_REFUSALS, _WHAT, sender())


def is_likely() -> bool:
    """Whether the sender of this request has been refused so often; counted per process, as the outer fence is."""
    return not limiter.limiter.test(MOST_REFUSALS, _WHAT, sender())
