"""The search that the privacy tests stand on recognises each writing and each hash of a person's details."""

import hashlib

import pytest

from tests.site.traces import Known, found_in

EMAIL, PHONE, ADDRESS = "Kestrel.Rufous@aviary-kz.example", "+923335557788", "203.0.113.77"
WHAT = Known((EMAIL,), (PHONE,), (ADDRESS,))


def hidden(value: str) -> str:
    return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        f"Write to {EMAIL}",
        EMAIL.lower(),
        "kestrel&#46;rufous&#64;aviary-kz.example",
        "?email=kestrel.rufous%40aviary-kz.example",
        "by kestrel.rufous",
        "at aviary-kz.example",
        f"https://secure.gravatar.com/avatar/{hidden(EMAIL.lower())}?d=mp",
        hashlib.sha256(EMAIL.lower().encode()).hexdigest(),
        "+92 333 5557788",
        "0333 555-77-88",
        "tel:03335557788",
        "۰۳۳۳ ۵۵۵۷۷۸۸",
        hidden(PHONE),
        f"{ADDRESS} - - GET /",
        "203.0.113.0/24",
        hidden(ADDRESS),
    ],
)
def test_each_writing_is_recognised(text: str) -> None:
    assert found_in(text, WHAT)


def test_what_is_nobodys_is_not() -> None:
    assert found_in("sana@example.com 0300-1234567 198.51.100.9", WHAT) == []
