"""What the dispatcher does by the clock, beside sending mail."""

import time
from collections.abc import Callable
from typing import NamedTuple

from flask import current_app

import errors
from cli import watch
from cli.retention import let_go_daily
from cli.spam import evaluate_daily
from extensions import db
from serving import live_texts, shared_pictures

RETRY_SECONDS = 60.0


class Job(NamedTuple):
    """Something to run again and again. Several dispatchers may run it at once: it commits, and doing it twice does no harm."""

    name: str
    every: float
    """Seconds from one start to the next."""
    run: Callable[[], object]
    """Returns what it did, for the log; falsy when that was nothing."""


def read_content() -> str:
    """The texts whose files have changed, for the mail that names them."""
    return "read anew" if live_texts.refresh(current_app) else ""


JOBS = (
    Job("heartbeat", 30, watch.beat),
    Job("content", 2, read_content),
    Job("pictures", 30, shared_pictures.draw),
    Job("clock", 60, watch.follow_clock),
    Job("retention", 600, let_go_daily),
    Job("spam limit", 3600, evaluate_daily),
    Job("reminders", 60, watch.remind),
    Job("digest", 60, watch.send_digest),
    Job("reviews", 600, watch.tell_of_reviews),
    Job("mail alarm", 60, watch.alarm),
)


class Timetable:
    """Which jobs are due in this process; all of them at its start."""

    def __init__(self, jobs: tuple[Job, ...] = JOBS) -> None:
        self._due = dict.fromkeys(jobs, 0.0)

    def run_due(self) -> None:
        """Runs each job whose time has come; one that fails comes again in a minute and stops neither the others nor mail."""
        for job, due in self._due.items():
            now = time.monotonic()
            if now < due:
                continue
            try:
                result, wait = job.run(), job.every
            except Exception as error:
                errors.log_without_words(error)
                db.session.rollback()
                result, wait = "failed", min(RETRY_SECONDS, job.every)
            self._due[job] = now + wait
            if result:
                current_app.logger.info("%s: %s", job.name, result)
