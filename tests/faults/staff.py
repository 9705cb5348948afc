"""Staff, who send mail again once they know that the mail server is well."""

import contextlib
import time

from tests.faults.running import Site, comes

LAST_TRIES = 60
DELIVERY_SECONDS = 20.0
"""How long they wait in the end before they press the button again."""


class Staff:
    """`retries` counts how many times they pressed the button, `refused` the messages that had been refused for good before."""

    def __init__(self, site: Site) -> None:
        self.site, self.retries, self.refused = site, 0, 0

    def retry(self) -> None:
        """Makes waiting and failed mail due; where the database is locked for too long they will do it another time."""
        ((failed,),) = self.site.rows("SELECT count(*) FROM outbox_mail WHERE state = 'failed'")
        with contextlib.suppress(AssertionError):
            self.site.flask("outbox", "retry")
            self.retries += 1
            self.refused += failed

    def deliver_the_rest(self) -> None:
        """Until nothing waits any more; gives up in the end, and the comparison then tells what is missing."""
        for _ in range(LAST_TRIES):
            self.retry()
            if comes(self._is_done, DELIVERY_SECONDS):
                return

    def _is_done(self) -> bool:
        time.sleep(0.2)
        return not self.site.rows("SELECT 1 FROM outbox_mail WHERE state IN ('waiting', 'failed') LIMIT 1")
