"""What happens to a site in a fault run: processes are killed, the database is locked, the clock jumps, always by one seed."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tests.faults.clock import SteppedClock, forget, library
from tests.faults.moods import MOODS, UP, Manner, Mood
from tests.faults.post_office import PostOffice
from tests.faults.running import Site, comes, poll

KILLS = ("worker", "worker", "dispatcher", "dispatcher", "second dispatcher", "web", "supervisor", "everything")
OTHERS = ("lock", "lock", "clock", "clock")
"""In each round of blows beside KILLS."""
LOCK_SECONDS = (0.5, 7.0)
"""Also longer than the site waits for a lock."""
CLOCK_STEPS = (-3600, -90, 90, 400, 400, 3600)
"""Seconds; 400 is past the lease of a row, and makes due what waits for its first and second try."""
HIT_WITHIN = 0.6
"""A blow comes at any moment of so many seconds, while visitors send and mail goes out."""
MOOD_SECONDS = 12.0
"""How long a mood waits for a dispatcher to meet it; longer than a time-out of one step."""
BACK_WITHIN = 60.0
"""Seconds within which the site is up again, however often it must be started."""


class Misfortune:
    """Strikes one blow after the other and keeps the book of what died by it."""

    def __init__(self, site: Site, office: PostOffice, clock: SteppedClock, seed: int) -> None:
        self.site, self.office, self.clock = site, office, clock
        self.struck: Counter[str] = Counter()
        self.moods: Counter[Mood] = Counter()
        self.killed: set[int] = set()
        """Processes that got SIGKILL, and dispatchers whose supervisor did: they end soon after it."""
        self.seen: set[int] = set()
        """Every process that lived when a blow came."""
        self.failed_starts = 0
        self._random = random.Random(seed)
        self._bag: list[Mood] = []
        self._locks: list[threading.Thread] = []
        self._second = site.start_dispatcher()

    def blows(self, kills: int) -> list[str]:
        """A plan with this many kills, in rounds that hold each kind of blow."""
        others = [blow for blow in OTHERS if blow != "clock" or library()]
        plan: list[str] = []
        while kills:
            for blow in self._random.sample((*KILLS, *others), len(KILLS) + len(others)):
                if kills or blow in others:
                    plan.append(blow)
                kills -= kills > 0 and blow in KILLS
        return plan

    def strike(self, blow: str) -> None:
        """One blow, at a moment that nobody knows; after it the site is on its way up again."""
        time.sleep(self._random.uniform(0, HIT_WITHIN))
        self.seen.update(self.site.processes())
        getattr(self, f"_{blow.replace(' ', '_')}")()
        self.struck[blow] += 1
        self._tend()

    def change_mood(self) -> None:
        """The mail server is well again, or fails in a way in which it has not failed for the longest time."""
        if self.office.mood != UP:
            self.office.set(UP)
            return
        if not self._bag:
            self._bag = self._random.sample(MOODS, len(MOODS))
        self.office.set(self._bag.pop())
        self.moods[self.office.mood] += 1

    def let_mood_work(self) -> None:
        """Waits until a dispatcher has met the mood, or it is clear that none will."""
        mood, before = self.office.mood, self.office.met[self.office.mood]
        if mood.manner is Manner.DOWN or mood == UP:
            time.sleep(1)
            return
        comes(lambda: self.office.met[mood] > before, MOOD_SECONDS)

    def end(self) -> None:
        """No more blows: locks are over, the mail server takes everything, the site is up."""
        for lock in self._locks:
            lock.join()
        self.office.set(UP)
        self._tend()

    def leave_nothing(self) -> None:
        """Ends every process of the site."""
        self.seen.update(self.site.processes())
        self.site.kill_all()
        self._second.wait()
        forget(self.seen)

    def _worker(self) -> None:
        self._kill(self._shuffled_workers)

    def _web(self) -> None:
        self._kill(lambda: self._role("web"))

    def _dispatcher(self) -> None:
        self._kill(lambda: self._role("dispatcher"))

    def _second_dispatcher(self) -> None:
        self._kill(self._living_second)

    def _supervisor(self) -> None:
        supervisor = self.site.supervisor
        assert supervisor is not None
        self.killed.update(self._role("dispatcher"))
        self._kill(lambda: [supervisor.pid])
        supervisor.wait()

    def _everything(self) -> None:
        self.killed.update(self.site.processes())
        self.site.kill_all()

    def _lock(self) -> None:
        seconds = self._random.uniform(*LOCK_SECONDS)

        def hold() -> None:
            with self.site.write_lock():
                time.sleep(seconds)

        self._locks.append(threading.Thread(target=hold))
        self._locks[-1].start()

    def _clock(self) -> None:
        self.clock.step(self._random.choice(CLOCK_STEPS))

    def _kill(self, look: Callable[[], Sequence[int]]) -> None:
        """SIGKILL to the first process that is there, as soon as there is one."""

        def hit() -> bool:
            for pid in look():
                with contextlib.suppress(AssertionError, ProcessLookupError):
                    self.site.kill(pid)
                    self.killed.add(pid)
                    return True
            return False

        poll(hit, lambda: f"what is to be killed did not come back:\n{self.site.output[-4000:]}", within=BACK_WITHIN)

    def _shuffled_workers(self) -> Sequence[int]:
        workers = self.site.workers()
        return self._random.sample(workers, len(workers))

    def _living_second(self) -> Sequence[int]:
        if self._second.poll() is not None:
            self.failed_starts += 1
            self._second = self.site.start_dispatcher()
        return [self._second.pid]

    def _role(self, role: str) -> Sequence[int]:
        found = self.site.role(role)
        return [] if found is None else [found]

    def _tend(self) -> None:
        """Starts again what is down, as the machine's own supervisor would, and once more when a start fails."""
        if self._second.poll() is not None:
            self._second = self.site.start_dispatcher()
        assert self.site.supervisor is not None
        if self.site.supervisor.poll() is not None:
            self.site.start(wait=False)
            poll(self._is_up, lambda: f"the site did not come back:\n{self.site.output[-4000:]}", within=BACK_WITHIN)

    def _is_up(self) -> bool:
        assert self.site.supervisor is not None
        if self.site.supervisor.poll() is not None:
            self.failed_starts += 1
            self.site.start(wait=False)
        return self.site.answers()
