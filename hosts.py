"""What may stand for a host in a setting: its name, or its address; and how a host between tells that it forwards."""

import ipaddress
import re

FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
"""Headers of which a proxy sends at least one when it speaks for somebody else."""
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*(?!\d+$){_LABEL}")
"""A host name as it is sent (RFC 1123; other scripts in their IDNA form); numbers in its last label would mean an address."""


def address(value: str) -> str:
    """An IP address, which is all that Granian listens on; the word for this machine too. Raises ValueError."""
    found = ipaddress.ip_address("127.0.0.1" if value.strip().lower() == "localhost" else value.strip())
    if "%" in str(found):
        raise ValueError
    return str(found)


def is_host(host: str) -> bool:
    """Whether this is the name or the address of a host and nothing else: links can name it, mail can be sent to it."""
    try:
        return bool(_HOST_NAME.fullmatch(host) or address(host))
    except ValueError:
        return False
