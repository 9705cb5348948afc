"""Taking a request in: kept with its outgoing mail in one transaction, recognised when it comes twice, never refused as spam."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm, spam
from domain.attribution import FIELDS, NOTHING_KNOWN, FirstTouch
from domain.consultations import answering, notices
from domain.consultations.consent import CONSENT_VERSION
from domain.consultations.request import (
    OPEN,
    BestTime,
    CloseReason,
    ConsultationRequest,
    ContactBy,
    RequestEvent,
    Status,
    What,
    to_change,
)
from domain.phones import Phone
from domain.text import comparable, normalise_email
from domain.working_time import WorkingTime

REPEAT_WINDOW = timedelta(minutes=10)
MANY_PER_NETWORK = 10
"""More requests than this in an hour from one network are kept and flagged (mobile carriers share addresses)."""
FLOOD_PER_NETWORK = 100
"""Far above that, the visitor is asked to wait or to call."""

MAX_CORRECTIONS = 5
"""A repeat that differs more often than this is a request of its own, and counts as one."""

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L or U: a reference is read out on the phone."""


class Flooded(Exception):
    """Far too many requests from one network within the hour."""


@dataclass(frozen=True)
class Draft:
    """A request as its form hands it over: cleaned, of the right shape."""

    name: str
    phone: Phone
    phone_raw: str
    contact_by: ContactBy
    email: str | None = None
    best_time: BestTime = BestTime.ANY
    best_day: date | None = None
    treatment: str | None = None
    message: str = ""
    article_id: str | None = None
    submission_id: str | None = None
    first_touch: FirstTouch = NOTHING_KNOWN
    consent_version: str = CONSENT_VERSION
    is_test: bool = False

    @property
    def serialise_on(self) -> tuple[str, ...]:
        """What two submissions at the same moment must not both be the first of."""
        keys = [f"request of {self.phone.e164}"]
        if self.submission_id:
            keys.append(f"submission {self.submission_id}")
        if self.email:
            keys.append(f"acknowledgement to {normalise_email(self.email)}")
        return tuple(keys)


NO_COLUMNS = frozenset({"phone", "submission_id", "first_touch", "is_test"})
"""Fields of a draft that are not kept as they are; every other one has a column of its name."""
_KEPT = tuple(field.name for field in fields(Draft) if field.name not in NO_COLUMNS)
_STAYS = frozenset({"phone_raw", "message", "article_id", "consent_version"})
"""What a repeat leaves as it was first sent."""
_CORRECTABLE = (*(name for name in _KEPT if name not in _STAYS | {"treatment"}), "treatment")
"""The treatment comes last, where `before_corrections` finds it."""
_TREATMENT_BEFORE = re.compile(r"(?:^Before:|,) treatment: [a-z0-9-]+$")


@dataclass(frozen=True)
class Submitted:
    """The request that now stands for what was sent, and whether it was there before."""

    request_id: int
    is_repeat: bool


def submit(
    session: Session,
    draft: Draft,
    *,
    signals: spam.Signals,
    network: str | None,
    lang: str,
    recipients: Sequence[str],
    working: WorkingTime,
    now: datetime,
) -> Submitted:
    """Keeps a request with one mail for each of `recipients` and, where an address was given, an acknowledgement.

    It is counted on its day in the zone of `working`. Many suspected ones within an hour share a mail. The same submission
    sent again (same id, or same phone and text within REPEAT_WINDOW) is one request as long as nobody has worked on it; what
    it says differently replaces what was there, and staff are told, if it is the same id or `network`. Without a text it takes
    the same name, too: a family shares a phone. The same id with another phone or text is a new request, so that nothing typed
    is lost. A test is told to staff, but is closed from the start and counts nowhere; its submission id is good for one. A
    suspicion only flags. Raises Flooded far above MANY_PER_NETWORK. The caller has begun a write with `draft.serialise_on`,
    and commits.
    """
    of_submission = _by_submission(session, draft.submission_id)
    earlier = _repeat_of(session, draft, of_submission, network, now)
    is_taken = of_submission is not None
    if earlier is not None:
        _correct(session, earlier, draft, recipients, now)
        return Submitted(earlier.id, is_repeat=True)
    is_test = draft.is_test and not is_taken
    reasons = [] if is_test else _suspicions(session, draft, signals, network, now)
    source = draft.first_touch.source
    values = {
        "reference": _free_reference(session),
        "submission_id": None if is_taken else draft.submission_id,
        "phone": draft.phone.e164,
        "suspected": bool(reasons),
        "reasons": reasons,
        "status": Status.NEW,
        "status_since": now,
        "created_at": now,
        "due_at": now,
        "email_key": _key(draft.email),
        "source": source,
        "lang": lang,
        "network": network,
        **{name: getattr(draft.first_touch, name) for name in FIELDS},
        **{name: getattr(draft, name) for name in _KEPT},
    }
    if is_test:
        values |= {"status": Status.CLOSED, "close_reason": CloseReason.TEST, "due_at": None, "network": None}
    request_id = orm.insert(session, _INSERT, values)
    event = {"request_id": request_id, "at": now, "from_status": None, "to_status": values["status"], "what": What.ARRIVED}
    orm.writing(session).execute(_INSERT_EVENT, event)
    notices.tell(session, request_id, recipients, now, to=draft.email, is_suspected=bool(reasons))
    if not is_test:
        answering.count_arrival(session, draft.article_id, source, now, working)
    return Submitted(request_id, is_repeat=False)


_INSERT = sa.insert(orm.table(ConsultationRequest))
_INSERT_EVENT = sa.insert(orm.table(RequestEvent))


def _key(email: str | None) -> str | None:
    return normalise_email(email) if email else None


_OF_PHONE = (
    sa.select(ConsultationRequest.id)
    .where(ConsultationRequest.phone == sa.bindparam("phone"), ConsultationRequest.created_at > sa.bindparam("since"))
    .order_by(ConsultationRequest.id)
)
_OF_SUBMISSION = sa.select(ConsultationRequest.id).where(ConsultationRequest.submission_id == sa.bindparam("submission"))


def _repeat_of(
    session: Session, draft: Draft, of_submission: int | None, network: str | None, now: datetime
) -> ConsultationRequest | None:
    recent = orm.reading(session).execute(_OF_PHONE, {"phone": draft.phone.e164, "since": now - REPEAT_WINDOW})
    ids = [*recent.scalars(), *([] if of_submission is None else [of_submission])]
    return next((row for number in ids if (row := _standing_for(session, number, draft, network)) is not None), None)


def _standing_for(session: Session, request_id: int, draft: Draft, network: str | None) -> ConsultationRequest | None:
    """The request if a repeat can be it: locked and asked once more, since staff may be working on it."""

    def stands(row: ConsultationRequest | None) -> bool:
        return row is not None and _is_same(row, draft) and _may_stand_for(session, row, draft, network)

    if not stands(session.get(ConsultationRequest, request_id)):
        return None
    row = to_change(session, request_id)
    return row if stands(row) else None


def _is_same(row: ConsultationRequest, draft: Draft) -> bool:
    if row.phone != draft.phone.e164 or comparable(row.message) != comparable(draft.message):
        return False
    return _is_same_form(row, draft) or bool(draft.message) or comparable(row.name) == comparable(draft.name)


def _is_same_form(row: ConsultationRequest, draft: Draft) -> bool:
    return draft.submission_id is not None and row.submission_id == draft.submission_id


def _may_stand_for(session: Session, row: ConsultationRequest, draft: Draft, network: str | None) -> bool:
    """Whether a repeat can be this request: an open one with the very same contents, or a correction of one that is new.

    Only its sender corrects a request, from the same form or network: many know a person's number.
    """
    if not _changes(row, draft):
        return row.status in OPEN or row.is_test
    if not _is_same_form(row, draft) and row.network != network:
        return False
    return row.status is Status.NEW and _corrections(session, row.id) < MAX_CORRECTIONS


def _changes(row: ConsultationRequest, draft: Draft) -> dict[str, object]:
    return {name: new for name in _CORRECTABLE if (new := getattr(draft, name)) != getattr(row, name)}


def _corrections(session: Session, request_id: int) -> int:
    by_visitor = (RequestEvent.request_id == request_id, RequestEvent.what == What.CORRECTED)
    return session.scalars(sa.select(sa.func.count()).select_from(RequestEvent).where(*by_visitor)).one()


def _correct(session: Session, request: ConsultationRequest, draft: Draft, recipients: Sequence[str], now: datetime) -> None:
    """Takes over what a repeat says differently; the history keeps what was there before, and staff get the mail anew."""
    changes = _changes(request, draft)
    if not changes:
        return
    before = ", ".join(f"{name.replace('_', ' ')}: {getattr(request, name) or '-'}" for name in changes)
    for name, value in changes.items():
        setattr(request, name, value)
    event = RequestEvent(
        request_id=request.id,
        at=now,
        from_status=request.status,
        to_status=request.status,
        note=f"Before: {before}",
        what=What.CORRECTED,
    )
    request.email_key = _key(request.email)
    request.revision += 1
    session.add(event)
    session.flush()
    notices.tell(session, request.id, recipients, now, to=request.email, is_suspected=request.suspected)


def before_corrections(session: Session, request_id: int, *, with_treatment: bool = True) -> list[str]:
    """What each correction by the visitor has replaced, oldest first, such as `Before: name: Ali Raza`.

    Empty ones are those that changed the treatment only, where that is not wanted.
    """
    query = sa.select(RequestEvent.note).where(RequestEvent.request_id == request_id, RequestEvent.what == What.CORRECTED)
    notes = session.scalars(query.order_by(RequestEvent.id)).all()
    return [note if with_treatment else _TREATMENT_BEFORE.sub("", note) for note in notes]


def _by_submission(session: Session, submission: str | None) -> int | None:
    """The request that came under a submission id, if there is one."""
    if submission is None:
        return None
    return orm.reading(session).execute(_OF_SUBMISSION, {"submission": submission}).scalars().first()


_FROM_NETWORK = (
    sa.select(sa.func.count())
    .select_from(ConsultationRequest)
    .where(ConsultationRequest.network == sa.bindparam("network"), ConsultationRequest.created_at > sa.bindparam("since"))
)
_TAKEN = sa.select(ConsultationRequest.id).where(ConsultationRequest.reference == sa.bindparam("reference"))


def _suspicions(session: Session, draft: Draft, signals: spam.Signals, network: str | None, now: datetime) -> list[str]:
    verdict = spam.judge(session, spam.Submission(f"{draft.name} {draft.message}", signals))
    # What was learned from comments says little about requests, so only what would be spam among them is worth a flag.
    reasons = list(verdict.reasons if verdict.is_spam else verdict.signals)
    if network is not None:
        asked = {"network": network, "since": now - timedelta(hours=1)}
        count = orm.reading(session).execute(_FROM_NETWORK, asked).scalar_one()
        if count >= FLOOD_PER_NETWORK:
            raise Flooded
        if count >= MANY_PER_NETWORK:
            reasons.append("many-from-network")
    return [] if all(reason.partition(":")[0] in spam.WEAK_REASONS for reason in reasons) else reasons


def _free_reference(session: Session) -> str:
    for length in (4, 4, 4, 5, 5, 6, 7):
        reference = "DC-" + "".join(secrets.choice(_LETTERS) for _ in range(length))
        if orm.reading(session).execute(_TAKEN, {"reference": reference}).first() is None:
            return reference
    raise RuntimeError("no free reference number was drawn")
