"""The same comment again: kept once, and shown again to nobody but who sent it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from domain import comments, outbox, spam
from domain.comments import LINK_WINDOW, Comment, Draft, How, Limits, Status, Submitted
from domain.outbox import Kind
from tests.conftest import NOON
from tests.factories import ARTICLE, approved_comment, comment_draft, make_staff, submit_comment

DRAFT = Draft(name="Sana A.", email="sana@example.com", text="The diary helped.")
HERE, ELSEWHERE = "network one", "network two"


def submit(session: Session, draft: Draft = DRAFT, now=NOON, article: str = ARTICLE, **changes: object) -> Submitted:
    values = {"signals": spam.Signals(), "network": HERE, "lang": "en", "notify": ["a@example.com"], "now": now}
    done = comments.submit(session, article, draft, **(values | changes))
    session.flush()
    return done


def approve(session: Session, comment_id: int | None) -> None:
    comments.set_status(session, comment_id or 0, Status.APPROVED, by=make_staff(session, NOON).id, how=How.WEB, now=NOON)
    session.flush()


@pytest.mark.parametrize(
    ("changes", "later", "why"),
    [
        ({}, timedelta(0), "a double click"),
        ({}, LINK_WINDOW - timedelta(seconds=1), "some minutes later"),
        ({"email": " SANA@Example.com"}, timedelta(0), "the address in another writing"),
        ({"text": "  the DIARY \n helped. "}, timedelta(0), "the text in another writing"),
        ({"name": "sana  a."}, timedelta(0), "the name in another writing"),
        ({"website": "https://example.com"}, timedelta(0), "a website more"),
    ],
)
def test_repeat_is_the_same_comment(session: Session, changes: dict[str, str], later: timedelta, why: str) -> None:
    first = submit(session)
    again = submit(session, replace(DRAFT, **changes), NOON + later)
    assert again == Submitted(first.comment_id, is_repeat=True), why
    assert again.link_id == first.link_id is not None, why
    assert len(outbox.about(session, [Kind.COMMENT_HELD], first.comment_id or 0)) == 1, why


@pytest.mark.parametrize("network", [None, ELSEWHERE])
def test_repeat_from_an_unknown_or_another_network_is_not_told_that_it_comes_too_fast(
    session: Session, network: str | None
) -> None:
    limits = Limits(timedelta(seconds=15), 10)
    submit(session, network=network and HERE, limits=limits)
    assert submit(session, network=network, limits=limits) == Submitted(None, is_repeat=True)
    with pytest.raises(comments.TooFast):
        submit(session, replace(DRAFT, text="Something else."), network=network, limits=limits)


@pytest.mark.parametrize(
    ("changes", "article", "later", "why"),
    [
        ({}, ARTICLE, timedelta(hours=24), "a day later"),
        ({}, "another-article", timedelta(0), "under another article"),
        ({"email": "other@example.com"}, ARTICLE, timedelta(0), "from another address"),
        ({"text": "The diary helped!"}, ARTICLE, timedelta(0), "another text"),
    ],
)
def test_what_is_no_repeat_is_kept(session: Session, changes: dict[str, str], article: str, later: timedelta, why: str) -> None:
    first = submit(session)
    second = submit(session, replace(DRAFT, **changes), NOON + later, article)
    assert not second.is_repeat, why
    assert second.comment_id != first.comment_id, why


@pytest.mark.parametrize(
    ("before", "network", "later", "changes", "why"),
    [
        (HERE, ELSEWHERE, timedelta(0), {}, "somebody elsewhere knows name and address"),
        (HERE, HERE, LINK_WINDOW, {}, "somebody of a large network, later"),
        (HERE, HERE, timedelta(hours=23, minutes=59), {}, "still within a day"),
        (HERE, None, timedelta(0), {}, "where it comes from is not known"),
        (None, HERE, timedelta(0), {}, "where the first came from is not known"),
        (None, None, timedelta(0), {}, "two that are not known are not the same"),
        (HERE, HERE, timedelta(0), {"name": "Mallory"}, "under another name"),
    ],
)
def test_repeat_that_somebody_else_may_have_sent_shows_nobody_the_first_one(
    session: Session, before: str | None, network: str | None, later: timedelta, changes: dict[str, str], why: str
) -> None:
    submit(session, network=before)
    assert submit(session, replace(DRAFT, **changes), NOON + later, network=network) == Submitted(None, is_repeat=True), why
    assert comments.count_by_status(session)[Status.HELD] == 1, why


def test_who_guesses_the_address_of_a_published_comment_is_answered_alike_right_or_wrong(session: Session) -> None:
    first = submit(session)
    approve(session, first.comment_id)
    for when in (NOON, NOON + timedelta(minutes=1)):
        right = submit(session, now=when, network=ELSEWHERE)
        wrong = submit(session, replace(DRAFT, email="guess@example.com"), when, network=ELSEWHERE)
        assert (right.link_id, wrong.link_id) == (None, None)
    kept = session.get_one(Comment, 2)
    assert (kept.email, kept.status) == ("guess@example.com", Status.HELD), "it may be somebody's own words"


def test_reader_whose_words_nobody_else_has_gets_a_link(session: Session) -> None:
    approve(session, submit(session).comment_id)
    assert submit(session, comment_draft(), network=ELSEWHERE).link_id == 2


@pytest.mark.parametrize(("network", "is_known"), [(HERE, True), (ELSEWHERE, False)])
def test_only_a_senders_own_repeat_is_recognised_before_the_limits(session: Session, network: str, is_known: bool) -> None:
    first = submit(session)
    limits = Limits(timedelta(seconds=15), per_network=1)
    if is_known:
        assert submit(session, network=network, limits=limits).comment_id == first.comment_id
    else:
        submit(session, comment_draft(), network=network)
        with pytest.raises(comments.TooFast):
            submit(session, network=network, limits=limits)
    with pytest.raises(comments.TooFast):
        submit(session, limits=limits, knows_sender=False)


@pytest.mark.parametrize("network", [HERE, ELSEWHERE])
def test_parent_that_is_not_there_is_refused_whatever_was_sent_before(session: Session, network: str) -> None:
    submit(session)
    for email in (DRAFT.email, "guess@example.com"):
        with pytest.raises(comments.NotAnswerable):
            submit(session, replace(DRAFT, email=email, parent_id=999_999_999), network=network)


def test_reply_sent_twice_is_one_after_its_parent_was_taken_away(session: Session) -> None:
    parent = approved_comment(session, NOON)
    first = submit(session, replace(DRAFT, parent_id=parent.id))
    comments.withdraw(session, parent.id, NOON)
    assert submit(session, replace(DRAFT, parent_id=parent.id)) == Submitted(first.comment_id, is_repeat=True)


def test_reply_of_the_clinic_is_nobodys_repeat_and_nobodys_to_change(session: Session) -> None:
    doctor = make_staff(session, NOON, name="Dr Amina")
    question = submit_comment(session, NOON)
    answer = comments.reply(session, question.id, "Please call us, we can help.", by=doctor, now=NOON)
    session.flush()
    copy = submit(session, Draft(doctor.name, doctor.email, answer.text))
    assert not copy.is_repeat
    assert copy.comment_id != answer.id
    assert not comments.withdraw(session, answer.id, NOON)
    assert not comments.is_editable(answer, NOON)
    with pytest.raises(comments.Unknown):
        comments.edit(session, answer.id, "Something else", revision=1, notify=[], now=NOON)
    with pytest.raises(comments.Unknown):
        comments.set_wishes(session, answer, [], NOON)
    assert (answer.status, answer.text) == (Status.APPROVED, "Please call us, we can help.")
