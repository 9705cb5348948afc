"""The delivery of what the outbox holds: claimed, composed, handed over, recorded."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import current_app, g
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

import clinic
import database
import errors
import messages
from domain import outbox
from domain.outbox import Failure, Kind, OutboxMail, State
from extensions import db
from messages import Moot
from storage import files
from telemetry import metrics
from transport import dispatchers, webhook
from transport.delivery import DeliveryFailed
from transport.smtp import OutboxConnection, OutboxMessage
from transport.webhook import Notice

RECORD_SECONDS = 150.0
"""How long a locked database may delay the record of a try; with transport.smtp.SEND_SECONDS it stays below outbox.LEASE."""
UNFINISHED_SECONDS = 3600.0
"""When a half-written file belongs to nobody any more."""


Outcome = DeliveryFailed | Moot | None
"""What a try came to; None is success."""


def deliver_next(now: Callable[[], datetime] = clinic.now) -> bool:
    """Sends the message that is due longest; False when none was due. Commits its own short transactions.

    The claim is committed before the mail server is talked to and the outcome after, so that no transaction waits for it.
    """
    if not outbox.any_due(db.session, now()):
        db.session.rollback()
        return False
    session = database.begin_write(db.session)
    row = outbox.claim(session, now(), dispatchers.own_name())
    if row is None or row.lease is None:
        session.rollback()
        return False
    mail_id, lease, kind = row.id, row.lease, row.kind
    session.commit()
    outcome = _try(db.session, mail_id)
    metrics.DELIVERIES.labels(kind.value, _name(outcome)).inc()
    _record_patiently(mail_id, lease, outcome, now)
    return True


def _name(outcome: Outcome) -> str:
    if isinstance(outcome, DeliveryFailed):
        return outcome.failure.value
    return "sent" if outcome is None else "moot"


def release_dead(*, at_start: bool = False) -> None:
    """Frees what dispatchers of this machine held when they died; without it their mail waits for the end of the lease.

    `at_start` tells that this process holds nothing yet: a row under its own process id is a predecessor's, then.
    """
    predecessor = dispatchers.own_name() if at_start else None
    ended = [name for name in outbox.holders(db.session) if name == predecessor or dispatchers.has_ended(name)]
    db.session.rollback()
    if ended:
        session = database.begin_write(db.session)
        outbox.release(session, ended)
        session.commit()


def _record_patiently(mail_id: int, lease: str, outcome: Outcome, now: Callable[[], datetime]) -> None:
    """Keeps what a try came to, however long the database is locked: while the lease lasts nobody sends the mail again."""
    give_up = time.monotonic() + RECORD_SECONDS
    while True:
        try:
            recorded = _record(mail_id, lease, outcome, now)
            break
        except database.UNAVAILABLE as error:
            db.session.rollback()
            if time.monotonic() >= give_up:
                raise
            errors.log_without_words(error)
            time.sleep(0.5)
    if isinstance(outcome, DeliveryFailed):
        current_app.logger.warning("mail %s: %s failure", mail_id, outcome.failure.value)
    if not recorded:
        current_app.logger.warning("mail %s: no longer ours to record", mail_id)


def _record(mail_id: int, lease: str, outcome: Outcome, now: Callable[[], datetime]) -> bool:
    session = database.begin_write(db.session)
    try:
        if outcome is None:
            recorded = outbox.record_sent(session, mail_id, lease, now())
        elif isinstance(outcome, DeliveryFailed):
            recorded = outbox.record_failure(session, mail_id, lease, outcome.failure, outcome.reply, now())
        else:
            recorded = outbox.record_moot(session, mail_id, lease)
    except NoResultFound:
        # Erased with its subject, while we talked to the mail server.
        session.rollback()
        return False
    session.commit()
    return recorded


def _try(session: Session, mail_id: int) -> Outcome:
    try:
        row = session.get(OutboxMail, mail_id)
        if row is None or row.state is not State.WAITING:
            return Moot()
        # The facts of the clinic may have changed since this process sent the last message.
        g.pop("site", None)
        message = messages.compose(session, row)
        # Read all that is needed, then let go: no transaction stays open while talking to the mail server.
        kind = row.kind
        session.rollback()
        _hand_over(message, mail_id, kind)
    except (DeliveryFailed, Moot) as failure:
        return failure
    except database.UNAVAILABLE:
        raise
    except Exception as error:
        # A message that cannot be composed is our mistake: it must neither stop the others nor be given up.
        errors.log_without_words(error)
        return DeliveryFailed(Failure.SETUP, f"the message could not be composed: {type(error).__name__}")
    finally:
        session.rollback()
    return None


def _hand_over(message: OutboxMessage | Notice, mail_id: int, kind: Kind) -> None:
    if isinstance(message, Notice):
        _post(message)
        return
    if not current_app.config["MAIL_SERVER"]:
        keep_file(message, mail_id, kind)
        return
    with OutboxConnection(current_app.extensions["mail"]) as connection:
        connection.send(message)


def _post(notice: Notice) -> None:
    url = current_app.config["WEBHOOK_URL"]
    if not url:
        # It was taken away after the notice was queued.
        raise Moot
    webhook.post(notice, url, current_app.config["WEBHOOK_SECRET"], clinic.now())


def forget_files() -> None:
    """Deletes kept messages whose rows are gone with their subject, and what a killed dispatcher left half-written."""
    folder = Path(current_app.instance_path) / "mail"
    kept = {path: int(path.name.partition("-")[0]) for path in folder.glob("[0-9]*-*.eml")}
    there = outbox.existing(db.session, kept.values())
    for path, mail_id in kept.items():
        if mail_id not in there:
            path.unlink(missing_ok=True)
    for path in folder.glob(f"{files.UNFINISHED}*"):
        if _age(path) > UNFINISHED_SECONDS:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    """Seconds since a file was written to; none for one that has just been renamed."""
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0


def keep_file(message: OutboxMessage, mail_id: int, kind: Kind) -> Path:
    """Writes a message to instance/mail, the whole file or none of it; a second try replaces the first."""
    folder, content = Path(current_app.instance_path) / "mail", message.as_bytes()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        return files.replace(folder / f"{mail_id:06d}-{kind.value}.eml", content)
    except OSError as error:
        raise DeliveryFailed(Failure.SETUP, f"instance/mail cannot be written: {error.strerror}") from error
