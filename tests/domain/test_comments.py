"""Comments: one for each thing said, moved only as the rules allow, with history, audit and mail that follow."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import audit, comments, outbox, site_version, spam, staff
from domain.comments import ALLOWED, CommentEvent, Forbidden, How, Status
from domain.outbox import Kind, State
from tests.conftest import NOON, Clock
from tests.factories import ARTICLE, approved_comment, comment_draft, make_staff, submit_comment

MOVES = [(before, after) for before in Status for after in Status if before is not after]


def put(session: Session, status: Status, **changes: object) -> int:
    """A comment that came into a state the way comments do; its id."""
    comment = submit_comment(session, NOON, **changes)
    if status is Status.WITHDRAWN:
        comments.withdraw(session, comment.id, NOON)
    elif status is not Status.HELD:
        comments.set_status(session, comment.id, status, by=owner_id(session), how=How.WEB, now=NOON)
    session.flush()
    return comment.id


def owner_id(session: Session) -> int:
    return (staff.by_email(session, "owner@example.com") or make_staff(session, NOON)).id


def events(session: Session, comment_id: int) -> list[CommentEvent]:
    query = sa.select(CommentEvent).where(CommentEvent.comment_id == comment_id).order_by(CommentEvent.id)
    return list(session.scalars(query))


def mail_states(session: Session, comment_id: int) -> list[State]:
    return [row.state for row in outbox.about(session, [Kind.COMMENT_HELD], comment_id)]


def submit_again(session: Session, draft: comments.Draft, now, article: str = ARTICLE) -> comments.Submitted:
    done = comments.submit(
        session, article, draft, signals=spam.Signals(), network=None, lang="en", notify=["a@example.com"], now=now
    )
    session.flush()
    return done


def shown(session: Session, article: str = ARTICLE) -> list[int]:
    """The ids of what readers see under an article."""
    return [row.id for row in comments.page(session, article, 1, size=100, newest_first=False).rows]


def test_new_comment_is_held_with_its_history_and_mail(session: Session) -> None:
    comment = submit_comment(session, NOON, notify=["a@example.com", "b@example.com", "a@example.com"])
    assert comment.status is Status.HELD
    assert (comment.lang, comment.consent_version) == ("en", comments.CONSENT_VERSION)
    assert [(event.from_status, event.to_status, event.how) for event in events(session, comment.id)] == [
        (None, Status.HELD, How.SITE)
    ]
    assert [row.recipient for row in outbox.about(session, [Kind.COMMENT_HELD], comment.id)] == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.APPROVED])
def test_comment_in_any_other_state_is_not_among_the_approved(session: Session, status: Status) -> None:
    put(session, status)
    assert shown(session) == []


def test_approved_comments_come_oldest_first_and_by_article(session: Session) -> None:
    first = approved_comment(session, NOON)
    second = approved_comment(session, NOON + timedelta(hours=1))
    session.flush()
    assert shown(session) == [first.id, second.id]
    assert shown(session, "another-article") == []


@pytest.mark.parametrize(
    ("signals", "text", "status", "reason", "why"),
    [
        (spam.Signals(), "Plain words.", Status.HELD, None, "nothing noticed"),
        (spam.Signals(is_cross_site=True), "Plain words.", Status.HELD, "cross-site", "a signal, not a refusal"),
        (spam.Signals(honeypot_filled=True), "Plain words.", Status.SPAM, "honeypot", "only programs fill it in"),
        (spam.Signals(), "https://a.example https://b.example", Status.HELD, "links:2", "two links may be sources"),
        (spam.Signals(), "https://a.example www.b.example [url=c]", Status.SPAM, "links:3", "three are too many"),
    ],
)
def test_what_looks_like_spam_is_sorted_and_sends_no_mail(
    session: Session, signals: spam.Signals, text: str, status: Status, reason: str | None, why: str
) -> None:
    comment = submit_comment(session, NOON, comment_draft(text=text), signals=signals, notify=["a@example.com"])
    assert comment.status is status, why
    assert comment.reasons == ([reason] if reason else []), why
    assert len(mail_states(session, comment.id)) == (1 if status is Status.HELD else 0), why


def test_withdrawn_comment_can_be_written_anew(session: Session) -> None:
    draft = comment_draft()
    first = submit_again(session, draft, NOON)
    comments.withdraw(session, first.comment_id or 0, NOON)
    assert not submit_again(session, draft, NOON).is_repeat


@pytest.mark.parametrize(("before", "after"), MOVES)
def test_staff_make_every_allowed_move_and_no_other(session: Session, clock: Clock, before: Status, after: Status) -> None:
    owner = owner_id(session)
    comment_id = put(session, before)
    version, history = site_version.current(session), len(events(session, comment_id))
    later = clock.forward(minutes=5)
    if after not in ALLOWED[before] or after is Status.WITHDRAWN:
        with pytest.raises(Forbidden):
            comments.set_status(session, comment_id, after, by=owner, how=How.WEB, now=later)
        session.flush()
        assert session.get_one(comments.Comment, comment_id).status is before
        assert len(events(session, comment_id)) == history
        return
    assert comments.set_status(session, comment_id, after, by=owner, how=How.MAIL, now=later) is before
    session.flush()
    comment, event, entry = session.get_one(comments.Comment, comment_id), events(session, comment_id)[-1], audit.page(session)[0]
    assert (comment.status, comment.status_since) == (after, later)
    assert (event.from_status, event.to_status, event.by_staff, event.how, event.at) == (before, after, owner, How.MAIL, later)
    assert (entry.action, entry.subject, entry.staff_id, entry.detail) == (
        f"comment {after}", f"comment {comment_id}", owner, {"before": before.value},
    )  # fmt: skip
    readers_see_it = Status.APPROVED in {before, after}
    assert (site_version.current(session) > version) is readers_see_it


def test_nobody_brings_back_what_its_author_withdrew() -> None:
    assert ALLOWED.keys() == set(Status)
    assert ALLOWED[Status.WITHDRAWN] == frozenset()


@pytest.mark.parametrize("status", [Status.HELD, Status.APPROVED, Status.SPAM])
def test_move_to_the_same_state_is_nothing(session: Session, status: Status) -> None:
    comment_id = put(session, status)
    owner, before = owner_id(session), len(events(session, comment_id))
    entries = len(audit.page(session))
    assert comments.set_status(session, comment_id, status, by=owner, how=How.WEB, now=NOON) is None
    session.flush()
    assert len(events(session, comment_id)) == before
    assert len(audit.page(session)) == entries


def test_move_of_a_comment_that_is_not_there_is_nothing(session: Session) -> None:
    with pytest.raises(comments.Unknown):
        comments.set_status(session, 999, Status.APPROVED, by=1, how=How.WEB, now=NOON)
    assert not comments.withdraw(session, 999, NOON)


@pytest.mark.parametrize("before", [status for status in Status if status is not Status.WITHDRAWN])
def test_author_withdraws_from_any_state_once(session: Session, before: Status) -> None:
    comment_id = put(session, before, notify=["a@example.com"])
    version, entries = site_version.current(session), len(audit.page(session))
    assert comments.withdraw(session, comment_id, NOON)
    assert not comments.withdraw(session, comment_id, NOON)
    session.flush()
    last = events(session, comment_id)[-1]
    assert (last.from_status, last.to_status, last.by_staff, last.how) == (before, Status.WITHDRAWN, None, How.AUTHOR)
    assert (site_version.current(session) > version) is (before is Status.APPROVED)
    assert len(audit.page(session)) == entries
    assert mail_states(session, comment_id) == [State.CANCELLED]


@pytest.mark.parametrize(
    ("status", "mail"),
    [
        (Status.APPROVED, State.CANCELLED),
        (Status.SPAM, State.CANCELLED),
        (Status.TRASH, State.CANCELLED),
        (Status.WITHDRAWN, State.CANCELLED),
    ],
)
def test_mail_about_what_is_not_wanted_is_cancelled(session: Session, status: Status, mail: State) -> None:
    other = submit_comment(session, NOON, notify=["a@example.com"])
    assert mail_states(session, put(session, status, notify=["a@example.com"])) == [mail]
    assert mail_states(session, other.id) == [State.WAITING]


def test_queue_is_paged_newest_first(session: Session) -> None:
    ids = [submit_comment(session, NOON).id for _ in range(5)]
    put(session, Status.SPAM)
    first = comments.queue(session, Status.HELD, size=2)
    second = comments.queue(session, Status.HELD, before=first[-1].id, size=2)
    last = comments.queue(session, Status.HELD, before=second[-1].id, size=2)
    assert [comment.id for comment in first + second + last] == ids[::-1]
    assert comments.queue(session, Status.HELD, before=last[-1].id) == []


def test_counts_name_every_state(session: Session) -> None:
    put(session, Status.SPAM)
    put(session, Status.HELD)
    assert comments.count_by_status(session) == {
        Status.HELD: 1, Status.SPAM: 1, Status.APPROVED: 0, Status.TRASH: 0, Status.WITHDRAWN: 0,
    }  # fmt: skip


def test_number_of_a_deleted_comment_is_never_given_again(session: Session) -> None:
    comment = submit_comment(session, NOON)
    session.execute(sa.delete(CommentEvent))
    session.execute(sa.delete(comments.Comment))
    assert submit_comment(session, NOON).id > comment.id
