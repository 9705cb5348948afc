"""The metrics as Prometheus reads them: what our processes counted, and what the database says at this moment."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

import database
from domain import backups, comments, consultations, outbox
from extensions import db
from telemetry import metrics


class Figures:
    """A collector for one scrape. Every label comes from a list of ours, so that no person can be in one."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """All of them; without those of the database, and with a 0 that says so, while it does not answer."""
        yield from metrics.collect()
        try:
            figures = [*self._outbox(), *self._waiting(), *self._dispatchers(), *self._backups()]
        except database.UNAVAILABLE:
            figures = []
        finally:
            db.session.rollback()
        yield GaugeMetricFamily("clinic_database_up", "Whether the database answered.", value=bool(figures))
        yield from figures

    def _outbox(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("clinic_outbox_messages", "Messages due and not sent, or given up.", labels=["kind", "state"])
        age = GaugeMetricFamily("clinic_outbox_oldest_seconds", "How long the oldest of them is due.", labels=["kind", "state"])
        found = {(line.kind, line.state): line for line in outbox.depth(db.session, self._now)}
        # Zeros too: an alert on a series that is not there never fires.
        for kind in outbox.Kind:
            for state in (outbox.State.WAITING, outbox.State.FAILED):
                line = found.get((kind, state))
                depth.add_metric([kind.value, state.value], line.number if line else 0)
                age.add_metric([kind.value, state.value], self._age(line.since if line else None))
        stuck = outbox.trouble(db.session, self._now).stuck
        held_up = GaugeMetricFamily("clinic_mail_stuck", "Messages that have failed for long and are still tried.", value=stuck)
        yield from (depth, age, held_up)

    def _waiting(self) -> Iterator[Metric]:
        held = comments.count_by_status(db.session)[comments.Status.HELD]
        yield GaugeMetricFamily("clinic_comments_held", "Comments that wait for a moderator.", value=held)
        waiting = consultations.unanswered(db.session)
        yield GaugeMetricFamily("clinic_requests_waiting", "New requests without a first contact.", value=waiting.number)
        age = self._age(waiting.since)
        yield GaugeMetricFamily("clinic_requests_oldest_seconds", "How long the oldest of them waits, on the wall.", value=age)

    def _dispatchers(self) -> Iterator[Metric]:
        living, last = outbox.count_living(db.session, self._now), outbox.last_beat(db.session)
        yield GaugeMetricFamily("clinic_dispatchers", "Dispatchers heard of in the last minutes.", value=living)
        at = last.timestamp() if last else 0
        yield GaugeMetricFamily("clinic_dispatcher_seen_timestamp_seconds", "When one was last heard of; 0: never.", value=at)

    def _backups(self) -> Iterator[Metric]:
        made = backups.last_made(db.session)
        at = made.made_at.timestamp() if made else 0
        yield GaugeMetricFamily("clinic_backup_timestamp_seconds", "When the newest backup was made; 0: never.", value=at)

    def _age(self, since: datetime | None) -> float:
        return max(0.0, (self._now - since).total_seconds()) if since else 0.0
