"""Signed links: what they are for, what they are bound to and how long they hold (itsdangerous, key rotation)."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer


class Purpose(StrEnum):
    """One salt a purpose: a link made for one thing is worth nothing for another."""

    COMMENT_STATUS = "comment-status"
    COMMENT_MODERATION = "comment-moderation"
    READER_MAIL = "reader-mail"
    REQUEST_RECEIPT = "request-receipt"
    STAFF_SETUP = "staff-setup"
    FIRST_OWNER = "first-owner"
    PROBE = "probe"


LIFETIME = {
    Purpose.COMMENT_STATUS: timedelta(days=30),
    Purpose.COMMENT_MODERATION: timedelta(days=7),
    Purpose.READER_MAIL: timedelta(days=730),
    Purpose.REQUEST_RECEIPT: timedelta(days=30),
    Purpose.STAFF_SETUP: timedelta(hours=72),
    Purpose.FIRST_OWNER: timedelta(hours=24),
    Purpose.PROBE: timedelta(minutes=10),
}

Payload = dict[str, int | str | None]


class BadToken(Exception):
    """The link was not made by this site, was changed, or its secret key is gone."""


class ExpiredToken(BadToken):
    """The link is genuine but too old."""


def sign(keys: Sequence[str], purpose: Purpose, payload: Payload) -> str:
    """A URL-safe token; `keys` oldest first, the last one signs."""
    return _serializer(tuple(keys), purpose).dumps(payload)


def read(keys: Sequence[str], purpose: Purpose, token: str) -> Payload:
    """What `sign` put in. Raises ExpiredToken after the LIFETIME of the purpose, and BadToken else.

    A link from the future holds: it was made before the clock was set back.
    """
    serializer = _serializer(tuple(keys), purpose)
    signer = serializer.make_signer()
    assert isinstance(signer, TimestampSigner)
    try:
        payload, signed = serializer.loads(token, return_timestamp=True)
    except (BadData, UnicodeError) as error:
        raise BadToken from error
    # Not by itsdangerous's max_age, which takes a link from the future for an expired one.
    if signer.get_timestamp() - signed.timestamp() > LIFETIME[purpose].total_seconds():
        raise ExpiredToken
    if not isinstance(payload, dict):
        raise BadToken
    return payload


@lru_cache(maxsize=len(Purpose))
def _serializer(keys: tuple[str, ...], purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        list(keys), salt=f"dynamic-clinic/{purpose.value}", signer_kwargs={"digest_method": hashlib.sha256}
    )
