"""Marks that stand for an address or a number where that itself must not be kept: the same again each time, but not readable."""

import hashlib
import hmac


def mark(key: str, purpose: str, value: str) -> str:
    """HMAC-SHA-256 in hex, under a key of its own for each purpose, so that marks of two purposes cannot be compared."""
    derived = hmac.new(key.encode(), f"mark|{purpose}".encode(), hashlib.sha256).digest()
    return hmac.new(derived, value.encode(), hashlib.sha256).hexdigest()
