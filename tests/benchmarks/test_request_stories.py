"""What the benchmark fills the inbox with is what domain.consultations would have written, had all that really happened."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import database
from benchmarks import request_stories
from benchmarks.filling import add_colleague, add_moderator, fill
from benchmarks.progress import Progress
from benchmarks.request_rows import RequestWriter
from benchmarks.request_stories import RequestStory, RequestTeller
from domain import consultations, spam
from domain.audit import AuditEntry
from domain.consultations import ConsultationRequest, Filter, RequestCount, RequestEvent, Status
from tests.conftest import NOON
from tests.factories import ALWAYS

SIZE, TO_DO = 250, 20
TABLES = (ConsultationRequest, RequestEvent, AuditEntry, RequestCount)


@pytest.fixture(autouse=True)
def short_chapters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_stories, "CHAPTER", 100)


def told() -> list[RequestStory]:
    return [story for chapter in RequestTeller(SIZE, TO_DO, NOON).chapters() for story in chapter]


def live(session: Session, story: RequestStory, staff_ids: tuple[int, int]) -> None:
    """Has happen what a story tells."""
    signals = spam.Signals(honeypot_filled=story.suspected)
    known = {"signals": signals, "network": story.network, "lang": "en", "recipients": [], "now": story.sent_at, "working": ALWAYS}
    done = consultations.submit(session, story.draft, **known)
    assert done.request_id == story.number
    session.get_one(ConsultationRequest, story.number).reference = story.reference
    by = staff_ids[0]
    if story.assigned is not None:
        to = staff_ids[story.assigned]
        consultations.assign(session, story.number, to, by=by, now=story.sent_at, revision=1)
    for to, at in story.moves:
        consultations.move(session, story.number, to, by=by, working=ALWAYS, now=at)


def stored(session: Session, staff_ids: tuple[int, int]) -> dict[str, list[Any]]:
    """All rows of all tables but for numbers that mean nothing, people by their place; counts of nothing left out."""
    session.flush()
    found = {}
    for model in TABLES:
        table = model.__table__
        columns = [column for column in table.columns if column.name != "id" or model is ConsultationRequest]
        rows = [row._asdict() for row in session.execute(sa.select(*columns).order_by(*table.primary_key.columns))]
        for row in rows:
            for name in {"by_staff", "staff_id", "assigned_to"} & {key for key in row if row[key] is not None}:
                row[name] = staff_ids.index(row[name])
            if "to" in row.get("detail", {}):
                row["detail"] = {"to": staff_ids.index(row["detail"]["to"])}
        found[table.name] = [row for row in rows if row.get("number", 1)]
    return found


def test_the_rows_are_those_of_the_domain(session: Session) -> None:
    staff_ids = (add_moderator(session, NOON).id, add_colleague(session, NOON).id)
    for story in told():
        live(session, story, staff_ids)
    lived = stored(session, staff_ids)
    session.rollback()

    database.begin_write(session)
    person, colleague = add_moderator(session, NOON), add_colleague(session, NOON)
    staff_ids, address = (person.id, colleague.id), person.email
    session.commit()
    teller, writer = RequestTeller(SIZE, TO_DO, NOON), RequestWriter(staff_ids, address)
    fill(session, teller, writer, Progress("", SIZE + TO_DO, io.StringIO()))
    database.begin_write(session)
    assert stored(session, staff_ids) == lived
    noted = consultations.count(session, Filter(text="migraine"))
    assert 0 < noted < SIZE
    assert consultations.count_due(session, NOON) == TO_DO


def test_the_same_seed_tells_the_same_stories() -> None:
    assert told() == told()
    other = [story for chapter in RequestTeller(SIZE, TO_DO, NOON, seed=2).chapters() for story in chapter]
    assert told() != other


def test_stories_are_mixed_as_they_should_be() -> None:
    stories = [story for chapter in RequestTeller(4000, 90, NOON).chapters() for story in chapter]
    assert [story.number for story in stories] == list(range(1, 4091))
    ends = [story.moves[-1][0].status if story.moves else Status.NEW for story in stories]
    assert (ends[4000:].count(Status.NO_ANSWER), ends[4000:].count(Status.NEW)) == (30, 60)
    assert round(ends[:4000].count(Status.CLOSED) / 4000, 1) == 0.8
    shares = [round(sum(story.assigned == who for story in stories) / 4090, 1) for who in (0, 1, None)]
    assert shares == [0.1, 0.6, 0.3]
    assert 0.05 < sum(story.suspected for story in stories) / 4090 < 0.12
    assert all(at <= NOON for story in stories for _, at in story.moves)
