"""Mail to readers: only who asked and confirmed, never more than promised, and nobody can aim it at a stranger."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import comments, outbox, readers
from domain.comments import Comment, How, Status, Wish
from domain.outbox import Kind, OutboxMail, State
from domain.readers import Reader
from tests.conftest import NOON
from tests.domain.test_comments import owner_id
from tests.factories import comment_draft, make_staff, run_retention, submit_comment

SANA, OMAR = "sana@example.com", "omar@example.com"
BOTH = frozenset(Wish)
REPLIES = frozenset({Wish.REPLIES})
HOUR = timedelta(hours=1)


def comment(session: Session, now: datetime = NOON, parent: Comment | None = None, email: str = SANA, **changes: object) -> Comment:
    """A published comment that wants replies."""
    draft = comment_draft(email=email, parent_id=parent.id if parent else None, **({"wishes": REPLIES} | changes))
    made = submit_comment(session, now, draft)
    comments.set_status(session, made.id, Status.APPROVED, by=owner_id(session), how=How.WEB, now=now)
    session.flush()
    return made


def confirm(session: Session, email: str = SANA, now: datetime = NOON) -> Reader:
    reader = readers.keep(session, email, now)
    readers.confirm(reader, now)
    session.flush()
    return reader


def mails(session: Session, kind: Kind) -> list[tuple[str, datetime, list[int]]]:
    session.flush()
    open_ = sa.select(OutboxMail).where(OutboxMail.kind == kind, OutboxMail.state != State.CANCELLED).order_by(OutboxMail.id)
    rows = session.scalars(open_).all()
    items = outbox.items(session, [row.id for row in rows])
    return [(row.recipient, row.next_at, items.get(row.id, [row.subject_id])) for row in rows]


@pytest.mark.parametrize(
    ("one", "other", "same", "why"),
    [
        ("sana@example.com", "sana+clinic@example.com", True, "a tag reaches the same mailbox"),
        ("s.ana@gmail.com", "sana@googlemail.com", True, "Gmail knows no dots"),
        ("s.ana@example.com", "sana@example.com", False, "elsewhere a dot counts"),
        ("+sana@example.com", "+omar@example.com", False, "nothing but a tag"),
    ],
)
def test_writings_of_one_mailbox_have_one_name(one: str, other: str, same: bool, why: str) -> None:
    assert (readers.mailbox(one) == readers.mailbox(other)) is same, why


def test_an_address_is_asked_once_a_day_however_it_is_written(session: Session) -> None:
    for number, email in enumerate((SANA, "SANA@example.com", "sana+x@example.com", SANA)):
        submit_comment(session, NOON + timedelta(hours=number), comment_draft(email=email, wishes=REPLIES))
    assert mails(session, Kind.READER_ASKED) == [(SANA, NOON, [1])]
    submit_comment(session, NOON + timedelta(days=1), comment_draft(email=SANA, wishes=REPLIES))
    assert len(mails(session, Kind.READER_ASKED)) == 2


def test_who_has_confirmed_or_refused_is_not_asked(session: Session) -> None:
    confirm(session, SANA)
    readers.refuse(session, readers.keep(session, OMAR, NOON), NOON)
    for email in (SANA, OMAR, "omar+new@example.com"):
        submit_comment(session, NOON, comment_draft(email=email, wishes=REPLIES))
    assert mails(session, Kind.READER_ASKED) == []


def test_spam_makes_the_site_write_to_nobody(session: Session) -> None:
    submit_comment(session, NOON, comment_draft(text="http://a.pk http://b.pk http://c.pk", wishes=BOTH))
    assert session.scalars(sa.select(sa.func.count()).select_from(OutboxMail)).one() == 0
    assert session.scalars(sa.select(sa.func.count()).select_from(Reader)).one() == 0


def test_a_reply_is_told_to_a_confirmed_address_alone(session: Session) -> None:
    first = comment(session)
    comment(session, parent=first, email=OMAR)
    assert mails(session, Kind.COMMENT_REPLIED) == [], "nobody has confirmed"
    confirm(session)
    reply = comment(session, parent=first, email=OMAR)
    assert mails(session, Kind.COMMENT_REPLIED) == [(SANA, NOON, [reply.id])]


def test_all_above_a_reply_hear_of_it_but_not_its_own_author(session: Session) -> None:
    confirm(session, SANA)
    confirm(session, OMAR)
    first = comment(session)
    second = comment(session, parent=first, email=OMAR)
    third = comment(session, parent=second, email=SANA)
    told = {recipient: items for recipient, _, items in mails(session, Kind.COMMENT_REPLIED)}
    assert told == {SANA: [second.id], OMAR: [third.id]}


def test_a_reply_beside_ones_own_comment_is_no_reply_to_it(session: Session) -> None:
    confirm(session)
    first = comment(session, email=OMAR, wishes=frozenset())
    comment(session, parent=first)
    comment(session, parent=first, email="nadia@example.com")
    assert mails(session, Kind.COMMENT_REPLIED) == []


def test_the_clinics_reply_is_told_too(session: Session) -> None:
    confirm(session)
    first = comment(session)
    answer = comments.reply(session, first.id, "Thank you.", by=make_staff(session, NOON, email="b@example.com"), now=NOON)
    assert mails(session, Kind.COMMENT_REPLIED) == [(SANA, NOON, [answer.id])]


def test_there_is_at_most_one_mail_an_hour(session: Session) -> None:
    confirm(session)
    first = comment(session)
    one = comment(session, parent=first, email=OMAR)
    row = outbox.claim(session, NOON)
    while row is not None and row.kind is not Kind.COMMENT_REPLIED:
        assert row.lease is not None
        outbox.record_sent(session, row.id, row.lease, NOON)
        row = outbox.claim(session, NOON)
    assert row is not None
    assert row.lease is not None
    outbox.record_sent(session, row.id, row.lease, NOON)
    later = [comment(session, NOON + timedelta(minutes=n), parent=first, email=f"r{n}@example.com") for n in (5, 30)]
    assert mails(session, Kind.COMMENT_REPLIED) == [
        (SANA, NOON, [one.id]),
        (SANA, NOON + HOUR, [reply.id for reply in later]),
    ]


def test_a_reply_that_comes_and_goes_is_told_once(session: Session) -> None:
    confirm(session)
    reply = comment(session, parent=comment(session), email=OMAR)
    for status in (Status.HELD, Status.APPROVED):
        comments.set_status(session, reply.id, status, by=owner_id(session), how=How.WEB, now=NOON)
    assert len(mails(session, Kind.COMMENT_REPLIED)) == 1


def test_a_reply_that_is_rejected_again_is_not_told(session: Session) -> None:
    confirm(session)
    reply = comment(session, parent=comment(session), email=OMAR)
    comments.set_status(session, reply.id, Status.SPAM, by=owner_id(session), how=How.WEB, now=NOON)
    assert mails(session, Kind.COMMENT_REPLIED) == []


def test_an_author_is_told_once_that_the_comment_is_published(session: Session) -> None:
    own = comment(session, wishes=frozenset({Wish.PUBLISHED}))
    for status in (Status.HELD, Status.APPROVED):
        comments.set_status(session, own.id, status, by=owner_id(session), how=How.WEB, now=NOON)
    assert mails(session, Kind.COMMENT_PUBLISHED) == [(SANA, NOON, [own.id])]


def test_an_unconfirmed_mailbox_is_told_of_one_publication_a_day(session: Session) -> None:
    for email in (SANA, "sana+2@example.com"):
        comment(session, email=email, wishes=frozenset({Wish.PUBLISHED}))
    assert len(mails(session, Kind.COMMENT_PUBLISHED)) == 1
    confirm(session, SANA)
    comment(session, email=SANA, wishes=frozenset({Wish.PUBLISHED}))
    assert len(mails(session, Kind.COMMENT_PUBLISHED)) == 2


@pytest.mark.parametrize(("is_sent", "letters"), [(False, 1), (True, 0)])
def test_who_asked_to_be_told_is_told_though_the_comment_was_taken_away_in_between(
    session: Session, is_sent: bool, letters: int
) -> None:
    own = submit_comment(session, NOON, comment_draft(email=SANA, wishes=frozenset({Wish.PUBLISHED})))
    for status in (Status.APPROVED, Status.TRASH, Status.APPROVED):
        comments.set_status(session, own.id, status, by=owner_id(session), how=How.WEB, now=NOON)
        if is_sent:
            session.execute(sa.update(OutboxMail).where(OutboxMail.state == State.WAITING).values(state=State.SENT))
    found = outbox.about(session, [Kind.COMMENT_PUBLISHED], own.id)
    assert [mail.state for mail in found].count(State.WAITING) == letters
    assert [mail.state for mail in found if mail.state is not State.CANCELLED] == [State.SENT if is_sent else State.WAITING]


def test_who_wants_no_mail_gets_none_and_what_waits_is_cancelled(session: Session) -> None:
    reader = confirm(session)
    first = comment(session, wishes=BOTH)
    comment(session, parent=first, email=OMAR)
    assert mails(session, Kind.COMMENT_REPLIED)
    readers.refuse(session, reader, NOON)
    comment(session, parent=first, email="nadia@example.com")
    comment(session, wishes=BOTH)
    assert mails(session, Kind.COMMENT_REPLIED) == mails(session, Kind.COMMENT_PUBLISHED) == []


def test_mail_about_one_comment_can_be_stopped_by_its_owner_alone(session: Session) -> None:
    confirm(session)
    first = comment(session)
    assert not comments.stop_watching(session, OMAR, first.id)
    assert comments.stop_watching(session, SANA, first.id)
    comment(session, parent=first, email=OMAR)
    assert mails(session, Kind.COMMENT_REPLIED) == []


def test_an_address_is_forgotten_with_its_last_comment(session: Session) -> None:
    own = comment(session, wishes=BOTH)
    stranger = readers.keep(session, OMAR, NOON)
    readers.refuse(session, stranger, NOON)
    comments.withdraw(session, own.id, NOON)
    session.flush()
    run_retention(session, NOON + timedelta(days=31))
    assert list(session.scalars(sa.select(Reader.email_key))) == [OMAR], "a refusal is kept, so that it can be kept to"
    assert list(session.scalars(sa.select(OutboxMail.recipient).where(OutboxMail.recipient == SANA))) == []
