"""The self-check and the headache diary on the site: nothing of an answer is kept, and no mistake hides an urgent sign."""

import logging
from dataclasses import replace

import pytest
from flask import Flask

from blueprints.tools import texts
from domain.selfcheck import CIRCUMSTANCES, Point, Question
from tests.factories import SLUG
from tests.filled import snapshot
from tests.pages import Browser, Page

URL = "/self-check"
MEETS = {"q1": "no", "age": "40", "q3": "20", "q4": "12", "q5": "yes"}
URGENT = (
    "Seek urgent care now. One of your answers can be a sign of a condition that must be seen without delay. "
    "Go to the nearest emergency department{call}. Do not wait for an appointment with us."
)
ADVICE = (
    "Speak with a doctor before anything else. {reasons}. This does not rule treatment in or out; "
    "it means a doctor has to weigh it with you."
)
BELOW_TEXT = (
    "Your answers are below the headache-day criteria. This treatment has not been shown to help people with fewer than 15 "
    "headache days a month, but other treatments may suit you. A diary and a talk with your doctor are good next steps."
)
MEETS_TEXT = (
    "Your answers meet the headache-day criteria used to define chronic migraine. Only a doctor can make the diagnosis and say "
    "whether this treatment fits. You can ask for a consultation; a headache diary will help."
)
FOOT = (
    "This page compares your answers with published criteria (ICHD-3, product label, NICE). It is information, not a diagnosis, "
    "and your answers are not kept."
)
REQUEST = '.outcome a[href^="/consultation"]'


def answer(browser: Browser, url: str = URL, **changes: str) -> Page:
    """Fills in the form as shown, and sends it."""
    return browser.submit(browser.get(url), URL, **(MEETS | changes))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"q1": "yes"}, URGENT.format(call="")),
        ({"q5": "unsure", "q3": ""}, ADVICE.format(reasons=texts.REASONS[Point.KEEP_DIARY])),
        (
            {"q8": "y", "q12": "y"},
            ADVICE.format(reasons=f"{texts.REASONS[Point.PREGNANCY]}. {texts.REASONS[Point.MEDICINE]}"),
        ),
        ({"q13": "scalp"}, ADVICE.format(reasons=texts.REASONS[Point.CHECK_HEADACHE_FIRST])),
        ({"q3": "14"}, BELOW_TEXT),
        ({}, MEETS_TEXT),
        ({"q3": "۲۰", "q4": "١٢"}, MEETS_TEXT),
        ({"q6": "1", "q7": "12"}, f"{MEETS_TEXT} {texts.NOTES[Point.FEW_PREVENTIVES]} {texts.NOTES[Point.OVERUSE]}"),
        ({"q13": "no", "q8": "no"}, MEETS_TEXT),
    ],
)
def test_the_result_answers_the_form_itself_and_is_nobody_elses_business(
    browser: Browser, changes: dict[str, str], text: str
) -> None:
    page = answer(browser, **changes)
    assert (page.status, page.url) == (200, URL)
    assert text in " ".join(page.one(".outcome").get_text(" ").split()).replace(" .", ".")
    assert FOOT in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == page.one('meta[name="robots"]')["content"] == "noindex"
    for name, value in (MEETS | changes).items():
        if name in {"q8", "q12", "q13"}:
            assert len(page.all(f'[name="{name}"][checked]')) == (value != "no"), name
        else:
            assert page.all(f'[name="{name}"][value="{value}"]'), name
    assert browser.submit(page, URL).one(".outcome").get_text() == page.one(".outcome").get_text()


def test_every_reason_and_note_has_its_words() -> None:
    assert {*texts.REASONS, *texts.NOTES} == set(Point)
    assert set(CIRCUMSTANCES.values()) <= texts.REASONS.keys() & texts.NOTES.keys()


def test_the_urgent_answer_comes_before_every_mistake_and_leads_to_no_request(browser: Browser) -> None:
    page = answer(browser, q1="yes", age="", q3="three", q4="99", q5="")
    assert page.status == 200
    assert URGENT.format(call="") in page.text
    assert not page.all(REQUEST)
    assert not page.all(".site-header .button, .sticky-action")
    assert answer(browser).all(".site-header .button"), "other answers may lead to one"
    assert not page.all(".error-summary, .field-error")
    assert page.all('[name="q3"][value="three"]')


def test_the_urgent_answer_names_the_emergency_number_when_it_is_set(app: Flask, browser: Browser) -> None:
    app.config["SITE"] = replace(app.config["SITE"], emergency_number="1122")
    page = answer(browser, q1="yes")
    assert URGENT.format(call=" or call 1122") in page.text.replace("1122 .", "1122.")
    assert page.one('.outcome a[href="tel:1122"]')


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"q1": ""}, ["q1"]),
        ({"q1": "perhaps"}, ["q1"]),
        ({"age": ""}, ["age"]),
        ({"q5": ""}, ["q5"]),
        ({"q3": "32"}, ["q3"]),
        ({"q3": "3", "q4": "9"}, ["q4"]),
        ({"q7": "1.5", "age": "-1", "q1": ""}, ["q1", "age", "q7"]),
    ],
)
def test_a_wrong_answer_is_asked_again_beside_its_field_with_all_that_was_typed(
    browser: Browser, changes: dict[str, str], wrong: list[str]
) -> None:
    page = answer(browser, **({"q11": "y", "q13": "change"} | changes))
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert [str(tag["id"]).removesuffix("-error") for tag in page.all(".field-error")] == wrong
    assert [str(link["href"]).partition("-")[0][1:] for link in page.all(".error-summary a")] == wrong
    for name in ("age", "q3", "q4", "q7"):
        assert page.one(f'[name="{name}"]')["value"] == (MEETS | changes).get(name, "")
    assert len(page.all('[name="q11"][checked], [name="q13"][value="change"][checked]')) == 2
    assert not page.all(".outcome")


def test_the_form_says_what_is_required(browser: Browser) -> None:
    form = browser.get(URL).form(URL)
    needed = {str(tag["name"]) for tag in form.select('[aria-required="true"][name], [aria-required="true"] [name]')}
    assert needed == {"q1", "age", "q5"}
    assert {str(tag["name"]) for tag in form.select("[name]")} == {*Question, "source"}
    assert not form.select("[checked]")


def test_a_request_after_it_knows_the_treatment_and_the_article_that_led_there(browser: Browser) -> None:
    link = str(answer(browser, f"{URL}?from={SLUG}").one(REQUEST)["href"])
    assert link == f"/consultation?treatment=chronic-migraine&from={SLUG}"
    assert answer(browser, f"{URL}?from=unknown").one(REQUEST)["href"] == "/consultation?treatment=chronic-migraine"


def test_minors_are_not_asked_to_send_a_request(browser: Browser) -> None:
    assert not answer(browser, age="17").all(REQUEST)


def test_nothing_of_an_answer_is_stored_or_logged(app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    app.config["ACCESS_LOG"] = True
    before, typed = snapshot(app), "a dozen, I think"
    with caplog.at_level(logging.DEBUG):
        statuses = [answer(browser, **changes).status for changes in ({}, {"q3": typed}, {"q1": "yes", "q3": typed})]
    app.extensions["views"].flush()
    assert statuses == [200, 422, 200]
    assert snapshot(app) == before
    lines = [record.__dict__ for record in caplog.records if record.name == "access"]
    assert len(lines) == 6
    assert typed not in str(lines) + caplog.text


def test_answers_in_an_address_are_not_read(browser: Browser) -> None:
    page = browser.get(f"{URL}?q1=yes&age=40")
    assert not page.all(".outcome, [checked]")
    assert page.one('[name="age"]')["value"] == ""


def test_the_diary_is_a_month_with_room_for_every_day(browser: Browser) -> None:
    page = browser.get("/headache-diary")
    rows = page.all(".diary-month tbody tr")
    assert [row.th.get_text() for row in rows if row.th] == [str(day) for day in range(1, 32)]
    assert len({len(row.find_all(["th", "td"])) for row in [*rows, page.one(".diary-month thead tr")]}) == 1
    assert len(page.html) < 16_000


def test_the_diary_can_be_kept_as_a_spreadsheet(browser: Browser) -> None:
    link = str(browser.get("/headache-diary").one('#main a[href$=".csv"]')["href"])
    answer = browser.client.get(link)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="headache-diary.csv"'
    assert answer.headers["Cache-Control"] == "public, max-age=1, stale-while-revalidate=5"
    assert answer.data.startswith(b"\xef\xbb\xbfDay,")
    assert len(answer.data.splitlines()) == 32
