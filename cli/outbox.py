"""flask outbox: the mail that waits, from a shell and as the dispatcher process."""

import json
import signal
import threading

import click

import clinic
import database
import errors
import mailer
from cli.group import Group
from cli.jobs import Timetable
from domain import audit, outbox
from extensions import db
from telemetry import logs

group = Group("outbox", help="Mail that waits to be sent.", keeps_time_limit=True)
IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 5.0


@group.command()
def run() -> None:
    """Send what is due, for as long as the process lives; several may run at once."""
    logs.configure("dispatcher")
    dispatch()


def dispatch() -> None:
    """The dispatcher's loop, until SIGTERM or SIGINT; needs an application context."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    timetable = Timetable()
    released = False
    while not stop.is_set():
        try:
            if not released:
                mailer.release_dead(at_start=True)
                released = True
            busy = mailer.deliver_next()
            timetable.run_due()
        except database.UNAVAILABLE as error:
            errors.log_without_words(error)
            db.session.rollback()
            stop.wait(TROUBLE_SECONDS)
            continue
        if not busy:
            stop.wait(IDLE_SECONDS)


@group.command()
def send() -> None:
    """One pass over what is due now, then exit."""
    mailer.release_dead()
    count = 0
    while mailer.deliver_next():
        count += 1
    click.echo(f"{count} tried; {_status_line()}")


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def status(as_json: bool) -> None:
    """How many messages stand where."""
    counts = outbox.count_by_state(db.session)
    click.echo(json.dumps({state.value: count for state, count in counts.items()}) if as_json else _status_line())


@group.command()
@click.argument("mail_ids", nargs=-1, type=click.IntRange(1, 2**31 - 1))
def retry(mail_ids: tuple[int, ...]) -> None:
    """Make failed and waiting messages due now; all of them without an id."""
    mailer.release_dead()
    session = database.begin_write(db.session)
    count = outbox.retry(session, clinic.now(), mail_ids or None)
    audit.record(session, clinic.now(), None, "mail retry", f"mail {mail_ids[0]}" if len(mail_ids) == 1 else "mail")
    session.commit()
    click.echo(f"{count} due now")


def _status_line() -> str:
    return ", ".join(f"{count} {state.value}" for state, count in outbox.count_by_state(db.session).items())
