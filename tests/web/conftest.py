"""Who is signed in while the pages of the staff area are looked at."""

import pytest

from tests.conftest import Clock, Store
from tests.factories import make_staff
from tests.pages import Browser, sign_in


@pytest.fixture
def owner(store: Store, browser: Browser, clock: Clock) -> Browser:
    """A browser in which the owner, Amina, is signed in."""
    with store() as session:
        make_staff(session, clock())
    sign_in(browser)
    return browser
