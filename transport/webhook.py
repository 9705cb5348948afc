"""The second channel: a signed JSON message to the clinic's webhook, which reaches people when mail does not."""

import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from domain.outbox import Failure
from transport.delivery import Deadline, DeliveryFailed, is_setup

STEP_SECONDS = 5.0
"""Time-out of each exchange with the webhook's server."""
SEND_SECONDS = 10.0
"""Deadline of a whole try; mail waits meanwhile, so it is short."""
LATER = frozenset({408, 425, 429})
"""Answers 4xx that ask for patience (RFC 9110, RFC 8470, RFC 6585)."""
OF_CONTENT = frozenset({400, 413, 415, 422})
"""Answers 4xx that refuse this one message; all other ones, and a redirect, mean that the address or the secret is wrong."""
TROUBLE = (OSError, http.client.HTTPException, ValueError)
"""What http.client raises; ValueError is for a host or a path that it cannot write."""


@dataclass(frozen=True)
class Notice:
    """What is told: an event and facts about it, nothing that a person typed. `key` is the same for every try."""

    key: str
    event: str
    created_at: datetime
    facts: Mapping[str, str | int | list[str]]

    @property
    def body(self) -> bytes:
        """The JSON that is sent and signed."""
        content = {"event": self.event, "id": self.key, "created_at": self.created_at.isoformat(timespec="seconds"), **self.facts}
        return json.dumps(content, separators=(",", ":")).encode()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over "timestamp.body", in hexadecimal; the time is under it, so that nobody can send an old one again."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(notice: Notice, url: str, secret: str, now: datetime) -> None:
    """One try. Success is an answer 2xx; a redirect is not followed and no body is read. Raises DeliveryFailed."""
    parts = urlsplit(url)
    connection = _connection(parts)
    deadline = Deadline(SEND_SECONDS, lambda: connection.sock)
    deadline.start()
    try:
        target = parts.path or "/"
        if parts.query:
            target += f"?{parts.query}"
        connection.request("POST", target, notice.body, _headers(notice, secret, now))
        status = connection.getresponse().status
    except TROUBLE as error:
        raise _verdict(error, deadline) from error
    finally:
        deadline.stop()
        connection.close()
    if not 200 <= status < 300:
        raise DeliveryFailed(_meaning(status), f"HTTP {status}")


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = str(parts.hostname)
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=STEP_SECONDS)
    return http.client.HTTPSConnection(host, parts.port, timeout=STEP_SECONDS, context=ssl.create_default_context())


def _headers(notice: Notice, secret: str, now: datetime) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "dynamic-clinic",
        "Connection": "close",
        "X-Clinic-Event": notice.event,
        "X-Clinic-Id": notice.key,
        "X-Clinic-Timestamp": timestamp,
        "X-Clinic-Signature": f"sha256={sign(secret, timestamp, notice.body)}",
    }


def _meaning(status: int) -> Failure:
    if status in OF_CONTENT:
        return Failure.PERMANENT
    return Failure.SETUP if 300 <= status < 500 and status not in LATER else Failure.TEMPORARY


def _verdict(error: Exception, deadline: Deadline) -> DeliveryFailed:
    if deadline.expired:
        return DeliveryFailed(Failure.TEMPORARY, f"no answer within {deadline.seconds:g} seconds")
    # What http.client could not read is quoted in its error; only the kind of trouble is kept.
    text = str(error) if isinstance(error, OSError) and not isinstance(error, http.client.HTTPException) else type(error).__name__
    is_ours = is_setup(error) or isinstance(error, ValueError | http.client.InvalidURL)
    return DeliveryFailed(Failure.SETUP if is_ours else Failure.TEMPORARY, text)
