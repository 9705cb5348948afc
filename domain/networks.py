"""The keyed fingerprint of a visitor's network: enough to count by for a month, never an address."""

import hashlib
import hmac
import ipaddress
from datetime import UTC, datetime, timedelta


def is_address(host: str) -> bool:
    """Whether a host is a bare IP address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def fingerprint(address: str, key: str, now: datetime) -> str | None:
    """HMAC-SHA-256 of the /24 (IPv4) or /48 (IPv6) an address is in; None for what is no address.

    The key changes with the calendar month (UTC), so that rows of different months cannot be linked.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    prefix = 24 if ip.version == 4 else 48
    network = ipaddress.ip_network((ip.packed, prefix), strict=False)
    monthly = hmac.new(key.encode(), f"network|{now.astimezone(UTC):%Y-%m}".encode(), hashlib.sha256).digest()
    return hmac.new(monthly, str(network).encode(), hashlib.sha256).hexdigest()[:32]


def month_before(now: datetime) -> datetime:
    """A moment of the calendar month before (UTC), whose key `fingerprint` used then."""
    return now.astimezone(UTC).replace(day=1) - timedelta(days=1)
