"""Signed links hold for one purpose, for a while, under the keys of the site."""

from datetime import timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer, timed

from domain import tokens
from domain.tokens import LIFETIME, Purpose

OLD, NEW = "the old key of the site, long enough", "the new key of the site, long enough"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Lets the clock that itsdangerous reads run ahead."""

    class Ahead:
        def __init__(self) -> None:
            self.seconds = 1_800_000_000.0

        def time(self) -> float:
            return self.seconds

        def forward(self, by: timedelta) -> None:
            self.seconds += by.total_seconds()

    ahead = Ahead()
    monkeypatch.setattr(timed, "time", ahead)
    return ahead


@pytest.mark.parametrize("purpose", list(Purpose))
def test_link_gives_back_what_it_was_made_for(purpose: Purpose) -> None:
    token = tokens.sign([NEW], purpose, {"comment": 7, "epoch": 2, "name": "ثنا", "none": None})
    assert tokens.read([NEW], purpose, token) == {"comment": 7, "epoch": 2, "name": "ثنا", "none": None}


@pytest.mark.parametrize("made_for", list(Purpose))
@pytest.mark.parametrize("used_for", list(Purpose))
def test_link_is_worth_nothing_for_another_purpose(made_for: Purpose, used_for: Purpose) -> None:
    token = tokens.sign([NEW], made_for, {"id": 1})
    if made_for is used_for:
        assert tokens.read([NEW], used_for, token) == {"id": 1}
        return
    with pytest.raises(tokens.BadToken):
        tokens.read([NEW], used_for, token)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_link_holds_for_its_lifetime_and_no_longer(later, purpose: Purpose) -> None:
    token = tokens.sign([NEW], purpose, {"id": 1})
    later.forward(LIFETIME[purpose])
    assert tokens.read([NEW], purpose, token) == {"id": 1}
    later.forward(timedelta(seconds=1))
    with pytest.raises(tokens.ExpiredToken):
        tokens.read([NEW], purpose, token)


def test_link_made_before_the_clock_was_set_back_still_holds(later) -> None:
    token = tokens.sign([NEW], Purpose.REQUEST_RECEIPT, {"id": 1})
    later.forward(timedelta(hours=-1))
    assert tokens.read([NEW], Purpose.REQUEST_RECEIPT, token) == {"id": 1}


def test_every_purpose_has_a_lifetime() -> None:
    assert LIFETIME.keys() == set(Purpose)
    assert LIFETIME[Purpose.FIRST_OWNER] == timedelta(hours=24)


def test_every_changed_character_spoils_a_link() -> None:
    token = tokens.sign([NEW], Purpose.COMMENT_STATUS, {"id": 1})
    for position, character in enumerate(token[:-1]):
        changed = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        with pytest.raises(tokens.BadToken):
            tokens.read([NEW], Purpose.COMMENT_STATUS, changed)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "x" * 5000, "\x00", "ثنا", "\ud800", "eyJpZCI6MX0", "🙂.🙂.🙂"])
def test_what_is_no_link_is_refused(token: str) -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read([NEW], Purpose.COMMENT_STATUS, token)


def test_link_of_an_earlier_key_still_holds() -> None:
    assert tokens.read([OLD, NEW], Purpose.COMMENT_STATUS, tokens.sign([OLD], Purpose.COMMENT_STATUS, {"id": 1})) == {"id": 1}


def test_newest_key_signs() -> None:
    token = tokens.sign([OLD, NEW], Purpose.COMMENT_STATUS, {"id": 1})
    assert tokens.read([NEW], Purpose.COMMENT_STATUS, token) == {"id": 1}
    with pytest.raises(tokens.BadToken):
        tokens.read([OLD], Purpose.COMMENT_STATUS, token)


def test_link_dies_with_its_key() -> None:
    with pytest.raises(tokens.BadToken):
        tokens.read([NEW], Purpose.COMMENT_STATUS, tokens.sign([OLD], Purpose.COMMENT_STATUS, {"id": 1}))


@pytest.mark.parametrize("payload", [[1], "text", 7, None])
def test_genuine_signature_over_something_else_is_refused(payload: object) -> None:
    forged = URLSafeTimedSerializer(NEW, salt="dynamic-clinic/comment-status").dumps(payload)
    with pytest.raises(tokens.BadToken):
        tokens.read([NEW], Purpose.COMMENT_STATUS, forged)
