"""Compares what visitors were told with what is stored and what the mail server took, and explains each duplicate."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from domain.outbox import LEASE
from tests.faults.clock import Step
from tests.faults.post_office import STAFF, Accepted
from tests.faults.running import Site, request_fields
from tests.mail.smtpd import DOT
from transport.smtp import SEND_SECONDS

RECORD_SECONDS = 15.0
"""How long the record of a sent message may take in a fault run: the database is locked for less."""
RECEIPTS_OPENED = 100


class Case(StrEnum):
    """Why a message was taken twice: the three cases of rule 9, and none of them."""

    DIED = "the process died between acceptance and commit"
    FAILED = "the connection failed after the final dot"
    JUMPED = "the clock jumped past the lease"
    UNEXPLAINED = "none of the three"


@dataclass(frozen=True)
class Evidence:
    """What the driver did: the processes that it killed, the steps of the clock."""

    killed: Collection[int]
    steps: Sequence[Step]


@dataclass(frozen=True)
class Duplicate:
    """A message that was taken again, and why."""

    case: Case
    first: Accepted
    again: Accepted

    def __str__(self) -> str:
        return f"{self.first.message_id}: {self.first} and {self.again}"


def duplicates(accepted: Sequence[Accepted], evidence: Evidence) -> list[Duplicate]:
    """Each message that was taken more than once, as many times as it was taken again."""
    last = {each.holding.holder: each for each in accepted}
    found = []
    for copies in _by_message(accepted).values():
        for first, again in pairwise(copies):
            found.append(Duplicate(_case(first, last[first.holding.holder] is first, evidence), first, again))
    return found


def _by_message(accepted: Iterable[Accepted]) -> dict[tuple[str, str], list[Accepted]]:
    copies = defaultdict(list)
    for each in accepted:
        copies[each.message_id, each.recipient].append(each)
    return copies


def _case(first: Accepted, was_holders_last: bool, evidence: Evidence) -> Case:
    if first.cut or (first.mood.step == DOT and not first.answered):
        return Case.FAILED
    # A dispatcher sends one message after the other: one that took up another had recorded this one.
    if was_holders_last and first.holding.process in evidence.killed:
        return Case.DIED
    during = (step for step in evidence.steps if first.at - SEND_SECONDS <= step.at <= first.at + RECORD_SECONDS)
    if any(step.seconds >= LEASE.total_seconds() for step in during):
        return Case.JUMPED
    return Case.UNEXPLAINED


def requests_lost(site: Site, receipts: Mapping[int, str]) -> dict[str, list[str]]:
    """Acknowledged requests that are not there, once, as they were typed, with a receipt that opens."""
    rows = site.rows("SELECT phone, message, reference FROM consultation_request")
    stored = Counter((phone, message) for phone, message, _ in rows)
    wanted = {(f"+92300{1000000 + number}", request_fields(number)["message"]): number for number in receipts}
    references = {message: reference for _, message, reference in rows}
    opened = list(receipts)[:: max(1, len(receipts) // RECEIPTS_OPENED)]
    mute = [
        number for number in opened if references.get(request_fields(number)["message"], "?") not in site.get(receipts[number]).body
    ]
    integrity = [text for (text,) in site.rows("PRAGMA integrity_check") if text != "ok"]
    return {
        "acknowledged requests missing": [str(number) for key, number in wanted.items() if key not in stored],
        "requests stored twice": [str(key) for key, count in stored.items() if count > 1],
        "receipts that do not open": [str(number) for number in mute],
        "faults that SQLite finds in its file": integrity,
    }


def mail_lost(site: Site, accepted: Sequence[Accepted]) -> dict[str, list[str]]:
    """Stored requests whose mail has not reached the mail server, and whatever else is wrong with the mail."""
    taken = {(each.message_id.partition("@")[0], each.recipient) for each in accepted}
    rows = site.rows("SELECT id, kind, subject_id, message_key, recipient, state FROM outbox_mail")
    to_staff = {subject for _, kind, subject, key, to, _ in rows if kind == "request_received" and (key, to) in taken}
    told = {key: {(kind, subject)} for _, kind, subject, key, _, _ in rows}
    for kind, key, item in site.rows(
        "SELECT kind, message_key, item_id FROM outbox_item JOIN outbox_mail ON mail_id = outbox_mail.id"
    ):
        told[key].add((kind, item))
    ids = defaultdict(set)
    for each in accepted:
        ids[each.subject, each.recipient].add(each.message_id)
    stored = [number for (number,) in site.rows("SELECT id FROM consultation_request")]
    return {
        "stored requests without their staff mail": [str(number) for number in stored if number not in to_staff],
        "messages not sent in the end": [str(row[0]) for row in rows if row[-1] != "sent"],
        "messages recorded as sent that were never taken": [
            str(number) for number, _, _, key, to, state in rows if state == "sent" and (key, to) not in taken
        ],
        "messages taken that are not in the outbox": [key for key, to in taken - {(row[3], row[4]) for row in rows}],
        "messages under two Message-IDs": [str(key) for key, found in ids.items() if not _are_several(found, told)],
    }


def _are_several(message_ids: set[str], told: Mapping[str, set[tuple[str, int]]]) -> bool:
    """Whether each is a message of its own, and none tells what another does: two reminders may have 122 requests each."""
    found = [told.get(each.partition("@")[0], set()) for each in message_ids]
    return len(found) == 1 or (all(found) and sum(map(len, found)) == len(set[tuple[str, int]]().union(*found)))


def staff_mails(accepted: Iterable[Accepted]) -> int:
    """How many times staff were written to."""
    return sum(each.recipient == STAFF for each in accepted)
