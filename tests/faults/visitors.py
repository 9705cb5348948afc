"""Visitors who send requests from several threads; each one tries again until there is a receipt."""

import http.client
import threading
from collections import Counter

from tests.faults.running import Site, poll, request_fields

THREADS = 4
PAUSE = 0.2
"""Seconds between two tries of one visitor."""
PATIENCE = 90.0
"""Seconds after which a receipt should have come, whatever went on."""
EXPECTED = {303, 503}
"""What a visitor may be answered: the receipt, or the form with all that was typed."""


class Visitors:
    """They come in when they are let in; `receipts` maps the number of a request to the address of its receipt."""

    def __init__(self, site: Site, count: int) -> None:
        self.site, self.count = site, count
        self.receipts: dict[int, str] = {}
        self.answers: Counter[int | None] = Counter()
        """By status; None where the connection gave none."""
        self._admitted = threading.Semaphore(0)
        self._give_up = threading.Event()
        self._numbers = iter(range(count))
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send_all) for _ in range(THREADS)]
        self._let_in = 0

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._give_up.set()
        self._admitted.release(self.count + THREADS)
        for thread in self._threads:
            thread.join()

    def admit(self, total: int) -> None:
        """Lets visitors in until there were so many."""
        if total > self._let_in:
            self._admitted.release(total - self._let_in)
            self._let_in = total

    def wait(self) -> None:
        """Until everybody inside has a receipt."""
        poll(lambda: len(self.receipts) >= self._let_in, lambda: f"receipts stopped at {len(self.receipts)}", within=PATIENCE)

    @property
    def strange(self) -> dict[int, int]:
        """Answers that nobody should get, and how many."""
        return {status: count for status, count in self.answers.items() if status is not None and status not in EXPECTED}

    def _send_all(self) -> None:
        while (number := self._next()) is not None:
            while not self._send(number) and not self._give_up.wait(PAUSE):
                pass

    def _next(self) -> int | None:
        self._admitted.acquire()
        with self._lock:
            return None if self._give_up.is_set() else next(self._numbers, None)

    def _send(self, number: int) -> bool:
        fields = fields_of(number)
        # Each from a network of its own, so that no limit takes part.
        source = f"127.{number // 256}.{number % 256}.1"
        status = None
        try:
            answer = self.site.post("/consultation", fields, source=source, timeout=8)
            status = answer.status
        except (OSError, http.client.HTTPException):
            pass
        with self._lock:
            self.answers[status] += 1
        if status == 303:
            self.receipts[number] = answer.location
        return status == 303


def fields_of(number: int) -> dict[str, str]:
    """What this visitor fills in, the same at every try; every fifth asks for an answer by mail."""
    fields = request_fields(number, submission_id=f"fault-run-visitor-{number:06d}")
    if number % 5 == 0:
        fields |= {"contact_by": "email", "email": f"visitor{number}@example.com"}
    return fields
