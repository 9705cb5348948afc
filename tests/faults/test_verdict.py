"""The comparison at the end of a fault run finds what is lost, and takes no excuse for a duplicate that has none."""

from collections.abc import Sequence

import pytest

from domain.outbox import LEASE
from tests.faults import verdict
from tests.faults.clock import Step
from tests.faults.moods import UP, Manner, Mood
from tests.faults.post_office import STAFF, Accepted, Holding
from tests.faults.running import Site, request_fields
from tests.faults.verdict import Case, Evidence
from tests.mail.smtpd import DOT

JUMP = int(LEASE.total_seconds()) + 1
QUIET = Evidence(set(), [])


def taken(at: float, message_id: str = "1@clinic.example", process: int = 7, **changes: object) -> Accepted:
    """A message that a dispatcher has handed over and been told so."""
    holding = Holding(f"machine/{process}", f"lease at {at}")
    values = {"mood": UP, "answered": True, "holding": holding} | changes
    return Accepted(message_id, STAFF, "Consultation request DC-1", at, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("accepted", "evidence", "expected"),
    [
        ([taken(1)], QUIET, []),
        ([taken(1), taken(2, "2@clinic.example")], QUIET, []),
        ([taken(1), taken(2)], QUIET, [Case.UNEXPLAINED]),
        ([taken(1), taken(2, process=8)], Evidence({7}, []), [Case.DIED]),
        ([taken(1), taken(2, process=8)], Evidence({8}, []), [Case.UNEXPLAINED]),
        ([taken(1), taken(2, "2@clinic.example"), taken(3, process=8)], Evidence({7}, []), [Case.UNEXPLAINED]),
        ([taken(1, mood=Mood(Manner.HANGS, DOT), answered=False), taken(2)], QUIET, [Case.FAILED]),
        ([taken(1, mood=Mood(Manner.HANGS, "RCPT")), taken(2)], QUIET, [Case.UNEXPLAINED]),
        ([taken(1, cut=True), taken(2)], QUIET, [Case.FAILED]),
        ([taken(1), taken(2)], Evidence(set(), [Step(1.5, JUMP)]), [Case.JUMPED]),
        ([taken(1), taken(2)], Evidence(set(), [Step(1.5, -JUMP), Step(1.6, 90)]), [Case.UNEXPLAINED]),
        ([taken(1), taken(900)], Evidence(set(), [Step(800, JUMP)]), [Case.UNEXPLAINED]),
        ([taken(1, cut=True), taken(2), taken(3)], QUIET, [Case.FAILED, Case.UNEXPLAINED]),
    ],
    ids=[
        "once",
        "two messages",
        "twice for no reason",
        "its dispatcher was killed",
        "another dispatcher was killed",
        "its dispatcher was killed when it had gone on to the next message",
        "no answer after the final dot",
        "a failure at another step, which this message did not meet",
        "the server went down",
        "a jump past the lease",
        "a jump back, and a short one",
        "a jump long after",
        "one reason for two duplicates",
    ],
)
def test_a_duplicate_is_explained_by_what_happened_to_it(
    accepted: Sequence[Accepted], evidence: Evidence, expected: list[Case]
) -> None:
    assert [each.case for each in verdict.duplicates(accepted, evidence)] == expected


def test_a_request_that_is_gone_or_there_twice_is_found(site: Site) -> None:
    receipts = {number: site.post("/consultation", request_fields(number)).location for number in (1, 2, 3)}
    found = {kind for kind, cases in verdict.requests_lost(site, receipts).items() if cases}
    assert found == set()
    site.write("UPDATE consultation_request SET phone = '+923001000001', message = ? WHERE id = 2", request_fields(1)["message"])
    found = verdict.requests_lost(site, receipts)
    assert found["acknowledged requests missing"] == ["2"]
    assert len(found["requests stored twice"]) == 1
    assert found["receipts that do not open"] != []


def test_mail_that_never_arrived_is_found(site: Site) -> None:
    assert site.post("/consultation", request_fields(1)).status == 303
    site.write("UPDATE outbox_mail SET state = 'sent', recipient = ?", STAFF)
    ((key,),) = site.rows("SELECT message_key FROM outbox_mail")
    found = {kind for kind, cases in verdict.mail_lost(site, []).items() if cases}
    assert found == {"stored requests without their staff mail", "messages recorded as sent that were never taken"}
    there = taken(1, f"{key}@clinic.example")
    assert not any(verdict.mail_lost(site, [there]).values())
    found = {kind for kind, cases in verdict.mail_lost(site, [there, taken(2, "other@clinic.example")]).items() if cases}
    assert found == {"messages taken that are not in the outbox", "messages under two Message-IDs"}
    columns = [name for (name,) in site.rows("SELECT name FROM pragma_table_info('outbox_mail') WHERE name <> 'id'")]
    for subject, item, expected in (
        (1, 1, {"messages under two Message-IDs"}),
        (2, 1, {"messages under two Message-IDs"}),
        (2, 2, set()),
    ):
        changed = {"message_key": "'other'", "subject_id": str(subject)}
        copied = ", ".join(changed.get(name, name) for name in columns)
        site.write("DELETE FROM outbox_mail WHERE id > 1")
        site.write(f"INSERT INTO outbox_mail ({', '.join(columns)}) SELECT {copied} FROM outbox_mail WHERE id = 1")
        site.write("INSERT INTO outbox_item (mail_id, item_id) SELECT id, ? FROM outbox_mail WHERE message_key = 'other'", item)
        found = {kind for kind, cases in verdict.mail_lost(site, [there, taken(2, "other@clinic.example")]).items() if cases}
        assert found == expected, "two rows about one request; one that names it among others; two requests, under one subject"
