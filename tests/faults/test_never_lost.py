"""A short fault run: what was answered with a receipt is stored once, and its mail reaches staff, whatever dies meanwhile."""

from pathlib import Path

import pytest

from tests.faults import clock, report
from tests.faults.driver import Plan, run
from tests.faults.misfortune import KILLS

pytestmark = pytest.mark.slow
SHORT = Plan(requests=100, kills=len(KILLS), seed=20261122)
"""Each kind of blow at least once; `make faults` is the long run."""


def test_no_answered_request_is_lost_and_every_stored_one_reaches_staff(tmp_path: Path) -> None:
    result = run(tmp_path, SHORT)
    assert result.wrong == {}, report.as_markdown(result)
    assert len(result.visitors.receipts) == SHORT.requests
    assert set(KILLS) <= set(result.bad_luck.struck)


def test_the_clock_can_be_stepped() -> None:
    """Else the run above leaves that blow out."""
    if clock.library() is None:
        if clock.is_required():
            pytest.fail(clock.MISSING, pytrace=False)
        pytest.skip(clock.MISSING)
