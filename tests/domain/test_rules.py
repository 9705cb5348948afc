"""The owner's words: what they match and where a comment goes."""

import pytest
from sqlalchemy.orm import Session

from domain import comments, outbox, spam
from domain.comments import Rules, Status
from domain.outbox import Kind
from tests.conftest import NOON
from tests.factories import comment_draft, submit_comment

RULES = Rules(moderation=("dosage", "گولی"), disallowed=("casino", "cheap pills"))


@pytest.mark.parametrize(
    ("changes", "reasons", "why"),
    [
        ({"text": "What DOSAGE did you take?"}, ["word:dosage"], "in any case"),
        ({"text": "Supercasinos here"}, ["disallowed:casino"], "inside a word"),
        ({"name": "Mr. Supercasino"}, ["disallowed:casino"], "in the name"),
        ({"email": "me@casino.example"}, ["disallowed:casino"], "in the address"),
        ({"website": "https://casino.example"}, ["links:1", "disallowed:casino"], "in the website"),
        ({"text": "ｃａｓｉｎｏ"}, ["disallowed:casino"], "in wide letters"),
        ({"text": "cheap\n  pills"}, ["disallowed:cheap pills"], "over a line break"),
        ({"text": "کیا یہ گولی ہے؟"}, ["word:گولی"], "in Urdu"),
        ({"text": "casino dosage casino"}, ["disallowed:casino", "word:dosage"], "each once"),
        ({"text": "A calm text"}, [], "nothing"),
    ],
)
def test_words_match_inside_words_in_every_field(session: Session, changes: dict[str, str], reasons: list[str], why: str) -> None:
    comment = submit_comment(session, NOON, comment_draft(**changes), rules=RULES)
    assert comment.reasons == reasons, why
    assert comment.status is (Status.TRASH if any(r.startswith("disallowed") for r in reasons) else Status.HELD), why


def test_a_disallowed_word_weighs_more_than_spam_and_mails_nobody(session: Session) -> None:
    draft = comment_draft(text="casino https://a.example https://b.example https://c.example")
    comment = submit_comment(
        session, NOON, draft, rules=RULES, signals=spam.Signals(honeypot_filled=True), notify=["a@example.com"]
    )
    assert comment.status is Status.TRASH
    assert outbox.about(session, [Kind.COMMENT_HELD], comment.id) == []


def test_an_empty_word_matches_nothing(session: Session) -> None:
    assert submit_comment(session, NOON, rules=Rules(moderation=("", " "), disallowed=("\u00a0",))).status is Status.HELD


def test_the_history_quotes_nothing_of_what_was_typed(session: Session) -> None:
    draft = comment_draft(email="bob@evil.example", text="A casino, and a dosage.")
    rules = Rules(moderation=("bob@evil.example", "dosage"), disallowed=("casino",))
    comment = submit_comment(session, NOON, draft, rules=rules, signals=spam.Signals(is_cross_site=True))
    assert comment.reasons == ["cross-site", "disallowed:casino", "word:bob@evil.example", "word:dosage"]
    [arrival] = comments.histories(session, [comment.id])[comment.id]
    assert arrival.detail == {"reasons": ["cross-site", "disallowed", "word"]}
