"""Each kind of message is composed, named, found of a person, erased with what it tells of, and let go of by time."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import messages
from blueprints.staff.rows import KIND_LABELS, SUBJECTS
from domain import forgetting, outbox, privacy, readers
from domain.outbox import (
    COMMENT_KINDS,
    COMMENT_LISTS,
    DESK_KINDS,
    HOOK_KINDS,
    NOTICE_KINDS,
    READER_KINDS,
    REQUEST_KINDS,
    REQUEST_LISTS,
    VISITOR_KINDS,
    Kind,
    OutboxMail,
)
from domain.periods import PERIODS
from tests.conftest import NOON
from tests.factories import comment_draft, request_draft, run_retention, submit_comment, submit_request

OF_REQUESTS, OF_COMMENTS = {*REQUEST_KINDS, *REQUEST_LISTS}, {*COMMENT_KINDS, *COMMENT_LISTS}
KEPT = {Kind.STAFF_INVITED: "about an account and to its owner: it stays as long as accounts do, which are never deleted"}
"""What no erasure and no time lets go of, and why."""
WRITER = "sana@example.com"
DESK = "desk@example.com"


def left(session: Session, number: int) -> OutboxMail | None:
    return session.scalars(sa.select(OutboxMail).where(OutboxMail.id == number)).first()


def told(session: Session, kind: Kind, item: int, to: str) -> int:
    """A message of this kind about a row, put in as messages of its group are."""
    if kind in {*REQUEST_LISTS, *COMMENT_LISTS}:
        outbox.gather(session, kind, item, [to], NOON)
    else:
        outbox.put_in(session, kind, item, to, NOON)
    newest = session.scalars(sa.select(sa.func.max(OutboxMail.id)).where(OutboxMail.kind == kind)).one()
    assert newest is not None
    return newest


def test_every_kind_is_composed_and_named() -> None:
    assert set(messages.KINDS) == set(KIND_LABELS) == set(SUBJECTS) | {Kind.DESK_DIGEST} == set(Kind)


def test_every_kind_goes_with_what_it_is_about_or_by_time() -> None:
    ways = [REQUEST_KINDS, REQUEST_LISTS, COMMENT_KINDS, COMMENT_LISTS, {Kind.READER_ASKED}, NOTICE_KINDS, KEPT]
    assert {kind: sum(kind in way for way in ways) for kind in Kind} == dict.fromkeys(Kind, 1)
    assert {kind for kind in Kind if SUBJECTS.get(kind) == "Request"} == OF_REQUESTS
    assert {kind for kind in Kind if SUBJECTS.get(kind) == "Comment"} == OF_COMMENTS
    assert {kind for kind in Kind if SUBJECTS.get(kind) == "Reader"} == set(READER_KINDS) - OF_COMMENTS


def test_the_front_desk_sees_mail_about_requests_and_none_about_comments_or_people() -> None:
    assert set(DESK_KINDS) >= OF_REQUESTS
    assert not (OF_COMMENTS | set(READER_KINDS) | {Kind.STAFF_INVITED}) & set(DESK_KINDS)


def test_a_kind_to_visitors_or_readers_is_found_by_their_address() -> None:
    # A label ends with whom the message goes to.
    assert set(VISITOR_KINDS) == {
        kind for kind in Kind if KIND_LABELS[kind].endswith((" visitor", " author", " reader", " address"))
    }
    assert not set(VISITOR_KINDS) & set(HOOK_KINDS)


@pytest.mark.parametrize("kind", sorted(OF_REQUESTS))
def test_what_tells_of_a_request_is_found_of_its_sender_and_goes_with_it(session: Session, kind: Kind) -> None:
    request = submit_request(session, NOON, request_draft(email=WRITER), recipients=[])
    before = privacy.counts(session, privacy.recognise(WRITER)).mails
    number = told(session, kind, request.id, DESK)
    assert privacy.counts(session, privacy.recognise(WRITER)).mails == before + 1
    forgetting.requests(session, [request.id])
    assert left(session, number) is None


@pytest.mark.parametrize("kind", sorted(OF_COMMENTS))
def test_what_tells_of_a_comment_is_found_of_its_author_and_goes_with_it(session: Session, kind: Kind) -> None:
    comment = submit_comment(session, NOON, comment_draft(email=WRITER))
    number = told(session, kind, comment.id, DESK)
    assert privacy.counts(session, privacy.recognise(WRITER)).mails == 1
    forgetting.comments(session, [comment.id])
    assert left(session, number) is None


@pytest.mark.parametrize("kind", sorted(READER_KINDS))
def test_what_went_to_a_reader_is_found_and_goes_with_the_address(session: Session, kind: Kind) -> None:
    reader = readers.keep(session, WRITER, NOON)
    session.flush()
    number = told(session, kind, reader.id, WRITER)
    assert privacy.counts(session, privacy.recognise(WRITER)).mails == 1
    forgetting.readers(session, [reader.id])
    assert left(session, number) is None


@pytest.mark.parametrize("kind", sorted({*NOTICE_KINDS, *KEPT}))
def test_what_is_about_nothing_that_was_sent_goes_by_time(session: Session, kind: Kind) -> None:
    number = told(session, kind, 1, DESK)
    run_retention(session, NOON + timedelta(days=PERIODS.notice_days + 1))
    assert (left(session, number) is None) == (kind in NOTICE_KINDS)
