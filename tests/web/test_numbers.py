"""The dashboard's numbers: requests by week, where they came from, how soon they were answered."""

from datetime import timedelta

import pytest

from domain import consultations, traffic
from domain.attribution import FirstTouch
from domain.consultations import ContactBy
from domain.staff import Role
from domain.traffic import Counted, Step
from tests.conftest import NOON, Clock, Store
from tests.factories import ALWAYS, ARTICLE, make_staff, request_draft, submit_request
from tests.pages import Browser, Page, sign_in

URL = "/staff/"


@pytest.fixture
def busy(store: Store, owner: Browser) -> Browser:
    """The owner, after a day with views, forms and two requests, one of them answered after 12 minutes."""
    with store() as session:
        draft = request_draft(article_id=ARTICLE, first_touch=FirstTouch(referrer="google.com"))
        request = submit_request(session, NOON, draft)
        submit_request(session, NOON)
        views = {Counted(Step.VIEW, ARTICLE, "google"): 1200, Counted(Step.FORM, ARTICLE, "google"): 12}
        traffic.add(session, NOON.date(), views)
        now = NOON + timedelta(minutes=12)
        consultations.note_attempt(session, request.id, ContactBy.PHONE, by=1, working=ALWAYS, now=now)
    return owner


def cells(page: Page, row: str) -> list[list[str]]:
    return [[" ".join(cell.get_text().split()) for cell in line.select("th, td")] for line in page.all(row)]


def test_the_weeks_stand_in_a_table_that_the_charts_are_drawn_from(busy: Browser) -> None:
    page = busy.get(URL)
    weeks = cells(page, "#weeks tbody tr")
    assert len(weeks) == 12
    assert weeks[-1] == ["23 November 2026", "1,200", "12", "2", "12 min", "12 min", "100 %"]
    assert weeks[0][1:] == ["0", "0", "0", "–", "–", "–"]
    heads = {str(head.get("data-column")) for head in page.all("#weeks thead th")}
    for figure in page.all("figure[data-module='staff/chart']"):
        assert set(str(figure["data-columns"]).split()) <= heads


def test_articles_and_sources_say_what_came_of_their_views(busy: Browser) -> None:
    page = busy.get(URL)
    articles, sources = (cells(page, f'table:has(caption:-soup-contains("{word}")) tbody tr') for word in ("article", "source"))
    assert [row[1:] for row in articles] == [["1,200", "12", "1 %", "1", "8 %"], ["0", "0", "–", "1", "–"]]
    assert [row[0] for row in articles][1] == "No article"
    assert [row[0] for row in sources] == ["Google", "Direct, or not known"]


def test_an_article_leads_to_its_own_sources(busy: Browser) -> None:
    page = busy.get(URL)
    link = page.one(".numbers-table th a")
    narrowed = busy.get(str(link["href"]))
    rows = cells(narrowed, 'table:has(caption:-soup-contains("source")) tbody tr')
    assert [row[0] for row in rows] == ["Google"]
    assert narrowed.one('.tab[aria-current="true"]').get_text(strip=True) == "12 weeks"


@pytest.mark.parametrize(("key", "weeks"), [("4w", 4), ("12w", 12), ("26w", 26), ("52w", 52), ("nonsense", 12)])
def test_the_range_can_be_picked(busy: Browser, key: str, weeks: int) -> None:
    assert len(busy.get(f"{URL}?range={key}").all("#weeks tbody tr")) == weeks


def test_other_days_can_be_typed(busy: Browser) -> None:
    page = busy.get(f"{URL}?from=2026-11-22&to=2026-11-23")
    assert [row[0] for row in cells(page, "#weeks tbody tr")] == ["16 November 2026", "23 November 2026"]
    assert not page.all('.tab[aria-current="true"]')
    assert "2 requests" in page.text
    assert page.one("#days-from")["value"] == "2026-11-22"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("from=2026-11-30&to=2026-11-01", "The last day comes before the first"),
        ("from=soon&to=2026-11-01", "Enter both days"),
        ("from=2026-11-01", "Enter both days"),
        ("from=2026-02-30&to=2026-11-01", "Enter both days"),
        ("from=2020-01-01&to=2026-11-01", "three years at most"),
        ("from=0001-01-01&to=0001-01-02", "Enter both days"),
    ],
)
def test_a_wrong_range_is_said_beside_the_fields_and_kept(busy: Browser, typed: str, message: str) -> None:
    page = busy.get(f"{URL}?{typed}")
    assert message in page.one("#days-error").get_text()
    assert len(page.all("#weeks tbody tr")) == 12
    assert page.one("#days-from")["value"] == typed.partition("from=")[2].partition("&")[0]


def test_an_empty_site_says_that_nothing_was_counted(owner: Browser) -> None:
    assert owner.get(URL).text.count("Nothing was counted on these days.") == 2


@pytest.mark.parametrize(("role", "requests", "states"), [(Role.FRONT_DESK, True, False), (Role.MODERATOR, False, True)])
def test_each_role_sees_its_own_numbers(
    store: Store, browser: Browser, clock: Clock, role: Role, requests: bool, states: bool
) -> None:
    with store() as session:
        make_staff(session, clock(), role)
    sign_in(browser, f"{role.value}@example.com")
    page = browser.get(URL)
    assert (bool(page.all("#numbers")), bool(page.all("#comments-by-state"))) == (requests, states)
