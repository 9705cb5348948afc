"""People's decisions teach the filter; what takes them back unlearns them, and letting go of a comment keeps only counts."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import comments, consultations, forgetting, spam
from domain.comments import Comment, CommentEvent, How, Rules, Status, teaching
from domain.spam.counts import Count, SpamBucket, SpamTotal
from domain.spam.sketch import SpamSketch
from domain.spam.weeks import SpamWeek
from tests.conftest import NOON
from tests.domain.spam_texts import GOOD, SPAM, texts
from tests.factories import (
    approved_comment,
    comment_draft,
    make_staff,
    request_draft,
    run_retention,
    submit_comment,
    submit_request,
)

TEXT = "Subscribe to my channel and earn from home"
LONG = "I have kept the diary for three months now and it shows that bad sleep comes before most of my bad days"
TRAPPED = spam.Signals(honeypot_filled=True)


def learned(session: Session) -> tuple[int, int]:
    session.flush()
    count = spam.totals(session).get("comment", Count())
    return count.spam, count.good


def table(session: Session) -> list[tuple[int, int, int]]:
    session.flush()
    rows = session.execute(sa.select(SpamBucket.bucket, SpamBucket.spam, SpamBucket.good).order_by(SpamBucket.bucket))
    return [(bucket, in_spam, in_good) for bucket, in_spam, in_good in rows if in_spam or in_good]


def week(session: Session) -> tuple[int, int, int, int]:
    session.expire_all()
    row = session.scalars(sa.select(SpamWeek)).one()
    return row.came, row.caught, row.missed, row.flagged


def move(session: Session, comment: Comment, status: Status, owner: int, how: How = How.WEB) -> None:
    comments.set_status(session, comment.id, status, by=owner, how=how, now=NOON)


@pytest.mark.parametrize(
    ("steps", "lessons", "why"),
    [
        ([Status.APPROVED], (0, 1), "approved: good"),
        ([Status.SPAM], (1, 0), "spam"),
        ([Status.TRASH], (0, 0), "off topic is no spam"),
        ([Status.APPROVED, Status.APPROVED], (0, 1), "once"),
        ([Status.APPROVED, Status.HELD], (0, 0), "taken back"),
        ([Status.APPROVED, Status.SPAM], (1, 0), "thought better of"),
        ([Status.SPAM, Status.TRASH], (0, 0), "neither"),
        ([Status.SPAM, Status.HELD, Status.SPAM], (1, 0), "again"),
    ],
)
def test_a_decision_teaches_what_it_says(session: Session, steps: list[Status], lessons: tuple[int, int], why: str) -> None:
    owner = make_staff(session, NOON).id
    comment = submit_comment(session, NOON, comment_draft(text=TEXT))
    for status in steps:
        move(session, comment, status, owner)
    assert learned(session) == lessons, why
    assert bool(table(session)) == (lessons != (0, 0)), why


def test_undo_leaves_the_filter_as_it_was(session: Session) -> None:
    owner = make_staff(session, NOON).id
    approved_comment(session, NOON)
    before = table(session)
    held = {submit_comment(session, NOON, comment_draft(text=text)).id: None for text in texts(SPAM, 5)}
    done = comments.decide(session, held, Status.SPAM, by=owner, how=How.WEB, now=NOON)
    assert learned(session) == (5, 1)
    comments.undo(session, done.done, by=owner, how=How.WEB, now=NOON)
    assert (learned(session), table(session), week(session)) == ((0, 1), before, (6, 0, 0, 0))


def test_what_the_site_decides_alone_teaches_nothing(session: Session) -> None:
    caught = submit_comment(session, NOON, comment_draft(text=TEXT), signals=TRAPPED)
    assert (caught.status, learned(session)) == (Status.SPAM, (0, 0))


def test_replies_of_the_clinic_teach_nothing(session: Session) -> None:
    owner = make_staff(session, NOON)
    comment = submit_comment(session, NOON)
    comments.reply(session, comment.id, "Thank you.", by=owner, now=NOON)
    assert learned(session) == (0, 1), "only the comment that the reply has approved"


def test_a_changed_text_is_learned_in_the_place_of_the_old_one(session: Session) -> None:
    owner = make_staff(session, NOON).id
    comment = approved_comment(session, NOON, text="The diary helped, call 0300 1234567")
    comments.amend(session, comment.id, "The diary helped", revision=1, by=owner, how=How.WEB, now=NOON)
    assert learned(session) == (0, 1)
    move(session, comment, Status.HELD, owner)
    assert (learned(session), table(session)) == ((0, 0), [])


def test_what_an_author_changes_is_unlearned_and_judged_anew(session: Session) -> None:
    comment = approved_comment(session, NOON, text="It helped. https://a.example")
    comments.edit(session, comment.id, "It helped a lot.", revision=1, notify=[], now=NOON)
    assert (comment.status, comment.reasons, table(session)) == (Status.HELD, ["edited"], [])


WEBSITES = "https://a.example https://b.example"


@pytest.mark.parametrize(
    ("values", "signals", "why"),
    [
        ({"website": "https://c.example"}, spam.Signals(), "two links in the text and one beside it"),
        ({"name": "Cheap Loans"}, spam.Signals(), "a name out of advertising"),
        ({"email": "x@yopmail.com"}, spam.Signals(), "a host that gives addresses away"),
        ({}, TRAPPED, "the honeypot"),
        ({}, spam.Signals(is_cross_site=True, typed_in=0), "another website, and fast"),
        ({"email": "known@example.com"}, spam.Signals(), "an address seen in spam"),
        ({}, spam.Signals(), "nothing else"),
    ],
)
def test_a_changed_text_is_judged_as_if_it_had_been_sent(
    session: Session, values: dict[str, str], signals: spam.Signals, why: str
) -> None:
    owner, about = make_staff(session, NOON).id, "<p>Migraine and its treatment</p>"
    move(session, submit_comment(session, NOON, comment_draft(email="known@example.com", text="Buy")), Status.SPAM, owner)
    text = f"Cheapest flights around Europe, as told by all of those who have been there: {WEBSITES}"
    draft = {"email": "y@example.com", "text": text, **values}
    first = comment_draft(**draft | {"text": "The diary helped me through the winter, and I am glad that I have asked for it."})
    changed = submit_comment(session, NOON, first, signals=signals, about=about)
    comments.edit(session, changed.id, text, revision=1, notify=[], about=about, now=NOON)
    spam.sketch.forget(session, changed.id)
    changed.email_key = "somebody.else@example.com"
    sent = submit_comment(session, NOON, comment_draft(**draft), signals=signals, about=about)
    assert (changed.status, changed.reasons) == (sent.status, [*sent.reasons, "edited"]), why


def test_much_the_same_text_is_named_with_its_age(session: Session) -> None:
    submit_comment(session, NOON, comment_draft(text=LONG))
    later = submit_comment(session, NOON + timedelta(minutes=14), comment_draft(text=f"{LONG}!"))
    assert (later.reasons, later.status) == (["repeated:14"], Status.HELD)
    assert submit_comment(session, NOON + timedelta(days=8), comment_draft(text=LONG)).reasons == [], "after a week it is new"


def test_what_has_nothing_to_do_with_article_and_parent_is_named(session: Session) -> None:
    text, about = "Cheapest flights around Europe https://a.example", "<p>Migraine and its treatment</p>"
    assert submit_comment(session, NOON, comment_draft(text=text), about=about).reasons == ["links:1", "off-topic"]
    parent = approved_comment(session, NOON, text="On my flight to Europe it began")
    answer = comment_draft(text=text, parent_id=parent.id)
    assert submit_comment(session, NOON, answer, about=about).reasons == ["links:1"]


def test_who_wrote_spam_is_remembered_while_it_is_kept(session: Session) -> None:
    owner = make_staff(session, NOON).id
    first = submit_comment(session, NOON, comment_draft(email="x@example.com", text=TEXT), network="net")
    move(session, first, Status.SPAM, owner)
    again = submit_comment(session, NOON, comment_draft(email="x@example.com"), network="net")
    near = submit_comment(session, NOON, comment_draft(), network="net")
    assert again.reasons == ["address-in-spam:1", "network-in-spam:1"]
    assert near.reasons == ["network-in-spam:1"]


def test_the_weeks_count_what_came_was_caught_missed_and_flagged(session: Session) -> None:
    owner = make_staff(session, NOON).id
    caught = [submit_comment(session, NOON, comment_draft(text=TEXT), signals=TRAPPED) for _ in range(2)]
    missed = submit_comment(session, NOON, comment_draft(text=TEXT))
    approved_comment(session, NOON)
    move(session, caught[0], Status.APPROVED, owner)
    move(session, missed, Status.SPAM, owner)
    assert week(session) == (4, 2, 1, 1)
    move(session, caught[0], Status.SPAM, owner)
    move(session, missed, Status.HELD, owner)
    assert week(session) == (4, 2, 0, 0)


def test_letting_go_of_a_comment_keeps_counts_and_nothing_else(session: Session) -> None:
    owner = make_staff(session, NOON).id
    alone = submit_comment(session, NOON, comment_draft(text=LONG))
    move(session, alone, Status.SPAM, owner)
    answered = approved_comment(session, NOON, text=f"{LONG}, and the nights too")
    approved_comment(session, NOON, parent=answered)
    before, gone, place = table(session), alone.id, answered.id
    comments.withdraw(session, place, NOON)
    session.flush()
    run_retention(session, NOON + timedelta(days=20))
    forgetting.comments(session, [place])
    session.expire_all()
    assert session.get(Comment, gone) is None
    assert session.get_one(Comment, place).learned_as_spam is None
    assert (table(session), learned(session)) == (before, (1, 2))
    assert session.scalars(sa.select(SpamSketch.mark)).all() == []


def test_the_history_of_a_comment_quotes_no_word_of_it(session: Session) -> None:
    spam.learn(session, ["subscribe now"] * 30, is_spam=True)
    spam.learn(session, texts(GOOD, 30), is_spam=False)
    comment = submit_comment(session, NOON, comment_draft(text="Please subscribe"))
    assert comment.reasons == ["seen:30:0:subscribe", "like-spam"]
    (event,) = session.scalars(sa.select(CommentEvent).where(CommentEvent.comment_id == comment.id))
    assert event.detail == {"reasons": ["like-spam"]}


def test_what_speaks_against_a_text_keeps_a_trusted_author_waiting() -> None:
    rules = Rules(trusts_authors=True)
    assert not rules.lets_pass(["like-spam"])
    assert rules.lets_pass(["links:1"])


def test_a_request_is_only_ever_suspected_and_teaches_nothing(session: Session) -> None:
    spam.learn(session, texts(SPAM, 30), is_spam=True)
    spam.learn(session, texts(GOOD, 30), is_spam=False)
    before = table(session)
    held = submit_request(session, NOON, request_draft(message=TEXT))
    assert (held.suspected, held.reasons) == (False, []), "what only would be held among comments is no suspicion"
    caught = submit_request(session, NOON, request_draft(message=f"{TEXT} https://a.example bit.ly/x <a href=x>"))
    assert (caught.suspected, caught.status) == (True, consultations.Status.NEW)
    assert caught.reasons[:3] == ["links:1", "short-address", "link-markup"]
    assert table(session) == before


def relearn(session: Session) -> int:
    """As `flask spam relearn` does, without its commits."""
    while comments.forget_next(session):
        pass
    number, last = 0, 0
    while last is not None:
        some, last = comments.learn_next(session, last)
        number += some
    return number


@pytest.mark.parametrize("at_once", [1, 2, 3, 500])
def test_what_is_decided_while_the_filter_learns_anew_teaches_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(teaching, "_AT_ONCE", at_once)
    monkeypatch.setattr(teaching, "_FORGOTTEN_AT_ONCE", 2)
    owner = make_staff(session, NOON).id
    held = submit_comment(session, NOON)
    good = [approved_comment(session, NOON) for _ in range(3)]
    late = submit_comment(session, NOON)
    turns = 1
    while comments.forget_next(session):
        turns += 1
    assert (turns, learned(session), {comment.learned_as_spam for comment in good}) == (2, (0, 0), {None})
    first = comments.learn_next(session, 0)
    move(session, held, Status.APPROVED, owner)
    move(session, late, Status.SPAM, owner)
    move(session, good[0], Status.SPAM, owner)
    last = first.last
    while last is not None:
        last = comments.learn_next(session, last).last
    assert learned(session) == (2, 3)
    assert [comment.learned_as_spam for comment in (held, late, *good)] == [False, True, True, False, False]


def test_a_site_older_than_the_filter_learns_from_what_people_decided(session: Session) -> None:
    for text in texts(GOOD, 3):
        approved_comment(session, NOON, text=text)
    bad = submit_comment(session, NOON, comment_draft(text=TEXT))
    comments.set_status(session, bad.id, Status.SPAM, by=None, how=How.COMMAND, now=NOON)
    submit_comment(session, NOON, comment_draft(text=TEXT), signals=TRAPPED)
    before = table(session)
    spam.start_anew(session)
    session.execute(sa.update(Comment).values(learned_as_spam=None))
    assert (relearn(session), table(session), learned(session)) == (4, before, (1, 3))
    assert relearn(session) == 4, "the second time it is the same"
    assert table(session) == before
    assert len(teaching.learned(session, 10)) == 4
    assert session.scalars(sa.select(sa.func.count()).select_from(SpamTotal)).one() == 5
