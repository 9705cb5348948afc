"""Reasons of the filter are codes with what they are based on, and every code has its words."""

import pytest
from sqlalchemy.orm import Session

from domain import spam
from domain.spam.telling import most_telling
from tests.domain.spam_texts import GOOD, SPAM, texts
from web import words


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("links:2", "2 links"),
        ("seen:31:0:subscribe", "“subscribe” seen in 31 spam, 0 good"),
        ("repeated:14", "much the same text 14 minutes before"),
        ("repeated:1", "much the same text a minute before"),
        ("disguised:1", "a word in letters that only look Latin"),
        ("address-in-spam:2", "2 comments of this address are spam"),
        ("typed-in:1", "typed within a second"),
        ("typed-in:3", "typed within 3 seconds"),
        ("like-spam", "reads like what was marked as spam"),
        ("like-spam:97", "reads like what was marked as spam (97 %)"),
    ],
)
def test_a_reason_in_words(code: str, said: str) -> None:
    assert words.reason(code) == said


def test_every_reason_of_the_filter_can_be_chosen_by_its_name() -> None:
    known = {*words.REASONS, *words.COUNTED_REASONS, *spam.REASONS, "word", "disallowed"}
    assert known == set(words.KINDS_OF_REASONS)


def test_telling_words_are_those_of_several_comments(session: Session) -> None:
    taught = [*texts(SPAM, 20), *texts(GOOD, 20), "Ayesha subscribe"]
    spam.learn(session, [*texts(SPAM, 20), "Ayesha subscribe"], is_spam=True)
    spam.learn(session, texts(GOOD, 20), is_spam=False)
    against, harmless = most_telling(session, taught, 5)
    assert "subscribe" in {one.feature.word for one in against}
    assert not {one.feature.word for one in against} & {one.feature.word for one in harmless}
    assert "ayesha" not in {one.feature.word for one in most_telling(session, taught, 500)[0]}, "one person's word"
    assert (len(against), len(harmless)) == (5, 5)
