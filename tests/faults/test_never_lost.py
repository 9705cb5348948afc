"""A short fault run: what was answered with a receipt is stored once, and its mail reaches staff, whatever dies meanwhile."""

import http.client
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from tests.faults.conftest import MakeSite
from tests.faults.post_office import STAFF, Mood, PostOffice
from tests.faults.running import Site, poll, request_fields

pytestmark = pytest.mark.slow
REQUESTS = 150
VISITORS = 4
PAUSE = 0.05
"""Seconds between two tries of one visitor."""
RECEIPTS_BETWEEN = 5
"""How many more visitors have their receipt before the next process dies."""
SEED = 20261122


class Visitors:
    """Send requests from several threads; each one is sent again until it is answered with a receipt."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.receipts: dict[int, str] = {}
        self.give_up = threading.Event()
        self._numbers = iter(range(REQUESTS))
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send_all) for _ in range(VISITORS)]

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.give_up.set()
        for thread in self._threads:
            thread.join()

    @property
    def are_busy(self) -> bool:
        """Whether a request still waits for its receipt."""
        return any(thread.is_alive() for thread in self._threads)

    def wait_for_more(self) -> None:
        """Until some more of them have their receipt, or all."""
        goal = len(self.receipts) + RECEIPTS_BETWEEN
        poll(lambda: len(self.receipts) >= goal or not self.are_busy, "nobody gets a receipt any more")

    def _send_all(self) -> None:
        while (number := self._next()) is not None:
            while number not in self.receipts and not self.give_up.is_set():
                self._send(number)
                self.give_up.wait(PAUSE)

    def _next(self) -> int | None:
        with self._lock:
            return next(self._numbers, None)

    def _send(self, number: int) -> None:
        fields = request_fields(number, submission_id=f"fault-run-visitor-{number:06d}")
        if number % 5 == 0:
            fields |= {"contact_by": "email", "email": f"visitor{number}@example.com"}
        try:
            # Each from a network of its own, so that no limit takes part.
            answer = self.site.post("/consultation", fields, source=f"127.0.{number}.1", timeout=8)
        except (OSError, http.client.HTTPException):
            return
        assert answer.status in {303, 503}, f"{answer.status} for {number}"
        if answer.status == 303:
            self.receipts[number] = answer.location


class Misfortune:
    """Kills processes and changes the mood of the mail server, the same way on every run."""

    def __init__(self, site: Site, office: PostOffice) -> None:
        self.site, self.office = site, office
        self.struck: Counter[str] = Counter()
        self._random = random.Random(SEED)

    def strikes(self) -> Iterator[None]:
        """One blow after the other, without end."""
        while True:
            for blow in self._random.sample(BLOWS, len(BLOWS)):
                getattr(self, blow)()
                self.office.set(self._random.choice(list(Mood)))
                self.struck[blow] += 1
                yield

    def worker(self) -> None:
        """One of Granian's workers dies."""
        poll(lambda: bool(self.site.workers()), lambda: f"no worker came back:\n{self.site.output}")
        self.site.kill(self._random.choice(self.site.workers()))

    def web(self) -> None:
        """Granian's main process dies."""
        self._kill_role("web")

    def dispatcher(self) -> None:
        """The dispatcher dies."""
        self._kill_role("dispatcher")

    def supervisor(self) -> None:
        """The supervisor dies; somebody starts the server again at once."""
        assert self.site.supervisor is not None
        self.site.kill(self.site.supervisor.pid)
        self.site.supervisor.wait()
        self.site.start()

    def everything(self) -> None:
        """All processes die at the same moment."""
        self.site.kill_all()
        self.site.start()

    def _kill_role(self, role: str) -> None:
        poll(lambda: self.site.role(role) is not None, lambda: f"no {role} came back:\n{self.site.output[-4000:]}")
        victim = self.site.role(role)
        assert victim is not None
        self.site.kill(victim)


BLOWS = ("worker", "worker", "dispatcher", "dispatcher", "web", "supervisor", "everything")


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server that listens."""
    made = PostOffice()
    made.set(Mood.UP)
    yield made
    made.set(Mood.DOWN)


def test_no_answered_request_is_lost_and_every_stored_one_reaches_staff(make_site: MakeSite, office: PostOffice) -> None:
    site = make_site(**office.settings).start()
    bad_luck = Misfortune(site, office)
    blows = bad_luck.strikes()
    with Visitors(site) as visitors:
        while visitors.are_busy:
            next(blows)
            visitors.wait_for_more()
    assert len(visitors.receipts) == REQUESTS
    assert set(bad_luck.struck) == set(BLOWS), bad_luck.struck

    office.set(Mood.UP)
    poll(site.answers, lambda: f"the site did not come back:\n{site.output}")
    site.flask("outbox", "retry")
    site.flask("outbox", "send")
    poll(lambda: not site.rows("SELECT 1 FROM outbox_mail WHERE state = 'waiting'"), "mail still waits")
    check_requests(site, visitors)
    check_mail(site, office)


def check_requests(site: Site, visitors: Visitors) -> None:
    """Every answered request is there, once, as it was typed, and its receipt still opens."""
    assert site.rows("PRAGMA integrity_check") == [("ok",)]
    stored = site.rows("SELECT phone, message, reference FROM consultation_request")
    wanted = {(f"+92300{1000000 + number}", request_fields(number)["message"]) for number in visitors.receipts}
    assert Counter((phone, message) for phone, message, _ in stored) == Counter(wanted)
    references = {message: reference for _, message, reference in stored}
    for number in list(visitors.receipts)[::15]:
        assert references[request_fields(number)["message"]] in site.get(visitors.receipts[number]).body


def check_mail(site: Site, office: PostOffice) -> None:
    """Staff got each request; what came twice carries the same Message-ID."""
    ids: dict[str, list[str]] = defaultdict(list)
    for message in office.accepted:
        if message["To"] == STAFF:
            ids[message["Subject"].split()[-1]].append(message["Message-ID"])
    references = {reference for (reference,) in site.rows("SELECT reference FROM consultation_request")}
    assert set(ids) == references
    assert [found for found in ids.values() if len(set(found)) != 1] == []
    assert site.rows("SELECT count(*) FROM outbox_mail WHERE state != 'sent'") == [(0,)]
