"""The fingerprint of a network: the same for neighbours, never an address, gone with the month."""

import re

import pytest

from domain import networks
from tests.conftest import NOON

KEY = "a key for the tests, long enough to be taken"


@pytest.mark.parametrize(
    ("one", "other", "same", "why"),
    [
        ("203.0.113.7", "203.0.113.250", True, "one /24"),
        ("203.0.113.7", "203.0.114.7", False, "the next /24"),
        ("2001:db8:1::1", "2001:db8:1:ffff::2", True, "one /48"),
        ("2001:db8:1::1", "2001:db8:2::1", False, "the next /48"),
        ("::ffff:203.0.113.7", "203.0.113.9", True, "IPv4 inside IPv6 is IPv4"),
        ("2001:DB8:1::1", "2001:db8:0001:0::5", True, "two writings of one network"),
        ("10.0.0.1", "a00::1", False, "the same leading bytes in the other family"),
    ],
)
def test_fingerprint_counts_networks(one: str, other: str, same: bool, why: str) -> None:
    assert (networks.fingerprint(one, KEY, NOON) == networks.fingerprint(other, KEY, NOON)) is same, why


@pytest.mark.parametrize("address", ["", "unknown", "203.0.113", "203.0.113.7:80", "203.0.113.7, 10.0.0.1", "<script>", "\x00"])
def test_what_is_no_address_has_no_fingerprint(address: str) -> None:
    assert networks.fingerprint(address, KEY, NOON) is None


def test_fingerprints_of_different_months_cannot_be_linked() -> None:
    found = {
        networks.fingerprint("203.0.113.7", KEY, NOON.replace(year=year, month=month))
        for year in (2026, 2027)
        for month in (10, 11)
    }
    assert len(found) == 4


def test_fingerprint_needs_the_key() -> None:
    assert networks.fingerprint("203.0.113.7", KEY, NOON) != networks.fingerprint("203.0.113.7", KEY + "!", NOON)


def test_fingerprint_fits_its_column_and_holds_no_address() -> None:
    found = networks.fingerprint("203.0.113.7", KEY, NOON)
    assert found is not None
    assert re.fullmatch(r"[0-9a-f]{32}", found)
