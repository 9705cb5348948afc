"""Asking for a consultation: stored with its mail, never refused for suspicion, never lost by a mistake in the form."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from domain.consultations import CONSENT_VERSION, FLOOD_PER_NETWORK, MANY_PER_NETWORK, ConsultationRequest, ContactBy
from domain.documents import Library, Status
from domain.outbox import Kind, OutboxMail
from domain.text import MAX_TEXT
from extensions import db
from tests.conftest import Clock
from tests.factories import SLUG
from tests.pages import Browser, Page

FORM = "/consultation"
TYPED = {
    "name": "Bilal Khan",
    "phone": "0300-1234567",
    "contact_by": "phone",
    "best_time": "morning",
    "message": "Please call me.",
    "consent": "y",
}


def send(browser: Browser, url: str = FORM, follow: bool = True, **changes: str | None) -> Page:
    """Fills in the form as shown, and sends it."""
    return browser.submit(browser.get(url), FORM, follow=follow, **(TYPED | changes))


def requests(app: Flask) -> list[ConsultationRequest]:
    with app.app_context():
        return list(db.session.scalars(sa.select(ConsultationRequest).order_by(ConsultationRequest.id)))


def mails(app: Flask) -> list[tuple[Kind, str]]:
    with app.app_context():
        return [(mail.kind, mail.recipient) for mail in db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id))]


def test_warning_signs_come_before_the_form(browser: Browser) -> None:
    html = browser.get(FORM).html
    assert 0 < html.index("urgent care") < html.index("<form")


def test_the_form_asks_for_what_is_needed_and_no_more(browser: Browser) -> None:
    form = browser.get(FORM).form(FORM)
    required = {str(field["name"]) for field in form.select('[aria-required="true"][name]')}
    assert required == {"name", "phone", "consent"}
    assert form.select_one('fieldset[aria-required="true"] [name="contact_by"]')
    assert not form.select('[name="csrf_token"], [checked]')
    assert "no medical details" in form.get_text()
    assert "You may write that a woman should call" in form.get_text()


def test_a_request_is_stored_with_its_mail_and_leads_to_a_receipt(app: Flask, browser: Browser) -> None:
    answer = send(browser, follow=False, email="Bilal@Example.com", best_day="2026-12-01", treatment="chronic-migraine")
    assert answer.status == 303
    row = requests(app)[0]
    assert (row.phone, row.phone_raw, row.email) == ("+923001234567", "0300-1234567", "Bilal@Example.com")
    assert (row.best_time, str(row.best_day), row.treatment) == ("morning", "2026-12-01", "chronic-migraine")
    assert (row.consent_version, row.lang, row.suspected) == (CONSENT_VERSION, "en", False)
    assert mails(app) == [(Kind.REQUEST_RECEIVED, "front-desk@localhost"), (Kind.REQUEST_ACKNOWLEDGED, "bilal@example.com")]
    receipt = browser.get(answer.headers["Location"])
    assert receipt.headers["Cache-Control"] == "no-store"
    assert row.reference in receipt.text
    assert "+92 300 1234567" in receipt.text
    assert browser.get(receipt.url).status == 200


def test_nothing_personal_stands_in_the_url_of_the_receipt(browser: Browser) -> None:
    url = send(browser, follow=False, email="bilal@example.com").headers["Location"]
    for word in ("Bilal", "bilal", "0300", "923001234567", "DC-"):
        assert word not in url


def test_the_receipt_repeats_the_phone_number_and_the_address_for_an_hour_only(browser: Browser, clock: Clock) -> None:
    url = send(browser, contact_by="email", email="bilal@example.com").url
    clock.forward(minutes=59)
    shown = browser.get(url).text
    clock.forward(minutes=1)
    later = browser.get(url).text
    for word in ("+92 300 1234567", "bilal@example.com"):
        assert word in shown
        assert word not in later


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("phone", "We will reach you by phone at +92 300 1234567"),
        ("whatsapp", "We will reach you on WhatsApp at +92 300 1234567"),
        ("email", "We will reach you by email at bilal@example.com"),
    ],
)
def test_the_receipt_shows_the_number_whichever_way_was_chosen(browser: Browser, way: str, words: str) -> None:
    text = send(browser, contact_by=way, email="bilal@example.com").text
    assert words in text
    assert text.count("+92 300 1234567") == 1
    assert text.count("bilal@example.com") == (way == "email")
    assert "Is a number or a detail wrong?" in text


def test_the_receipt_leads_back_to_the_article_for_an_hour_and_to_all_of_them_otherwise(
    app: Flask, browser: Browser, clock: Clock
) -> None:
    def back(page: Page) -> list[str]:
        return [str(link["href"]) for link in page.all('main a[href^="/blog/"]')]

    assert back(send(browser)) == ["/blog/"]
    url = send(browser, f"{FORM}?from={SLUG}", follow=False, message="Another one.").headers["Location"]
    assert back(browser.get(url)) == [f"/blog/{SLUG}"]
    library = app.config["LIBRARY"]
    app.config["LIBRARY"] = Library([replace(article, status=Status.REMOVED) for article in library.all])
    assert back(browser.get(url)) == ["/blog/"]
    app.config["LIBRARY"] = library
    clock.forward(minutes=60)
    assert back(browser.get(url)) == ["/blog/"]


def test_without_an_address_no_acknowledgement_is_promised(app: Flask, browser: Browser) -> None:
    assert "email with this reference" not in send(browser).text
    assert [kind for kind, _ in mails(app)] == [Kind.REQUEST_RECEIVED]


@pytest.mark.parametrize(
    ("field", "value", "target", "message"),
    [
        ("name", "", "name", "Enter your name"),
        ("name", "x" * 101, "name", "Your name must be 100 characters or fewer"),
        ("phone", "", "phone", "Enter a phone number on which we can reach you"),
        ("phone", "call me", "phone", "Enter a phone number we can call, such as 0300 1234567"),
        ("phone", "0300-12", "phone", "Enter a phone number we can call, such as 0300 1234567"),
        ("phone", "9" * 41, "phone", "The phone number must be 40 characters or fewer"),
        ("contact_by", None, "contact_by-0", "Choose how we should reach you"),
        ("contact_by", "pigeon", "contact_by-0", "Choose how we should reach you"),
        ("contact_by", "email", "email", "Enter your email address, or choose another way to be reached"),
        ("email", "bilal@", "email", "Enter an email address in the form name@example.com"),
        ("email", "a@example.com\nBcc: b@example.com", "email", "Enter an email address in the form name@example.com"),
        ("best_time", "midnight", "best_time", "Choose a time of day from the list"),
        ("best_day", "2026-11-22", "best_day", "Choose today or a later day, or leave it empty"),
        ("best_day", "next week", "best_day", "Enter the day as a date, such as 2026-12-31, or leave it empty"),
        ("message", "x" * (MAX_TEXT + 1), "message", "Your message must be 5,000 characters or fewer"),
        ("consent", None, "consent", "Tick the box so that we may keep your details and answer you"),
    ],
)
def test_a_wrong_field_is_named_and_everything_typed_is_kept(
    app: Flask, browser: Browser, field: str, value: str | None, target: str, message: str
) -> None:
    page = send(browser, best_day="2026-12-24" if field != "best_day" else value, **({field: value} if field != "best_day" else {}))
    assert page.status == 422
    assert page.title.startswith("Error: ")
    link = page.one(".error-summary").select_one(f'a[href="#{target}"]')
    assert link is not None
    assert message in link.get_text()
    assert message in page.one(f"#{target.removesuffix('-0')}-error").get_text()
    for name in ("name", "phone", "message"):
        tag = page.one(f"#{name}")
        shown = tag.get_text().strip() if tag.name == "textarea" else str(tag["value"])
        assert shown == (value if name == field else TYPED[name])
    if field != "best_time":
        assert page.one('select[name="best_time"] option[selected]')["value"] == "morning"
    assert requests(app) == []


def test_today_is_a_day_to_be_reached_on(browser: Browser) -> None:
    assert send(browser, best_day="2026-11-23").status == 200


def test_the_treatment_and_the_source_come_from_the_page_that_led_here(app: Flask, browser: Browser) -> None:
    page = browser.get(f"{FORM}?from={SLUG}")
    assert page.one('input[name="treatment"][checked]')["value"] == "chronic-migraine"
    browser.submit(page, FORM, **TYPED)
    assert (requests(app)[0].article_id, requests(app)[0].treatment) == ("botox-chronic-migraine", "chronic-migraine")


@pytest.mark.parametrize("query", ["from=unknown", "treatment=unknown", "from=%00%ff", "treatment=" + "x" * 3000])
def test_a_source_nobody_knows_is_left_out(browser: Browser, query: str) -> None:
    assert browser.get(f"{FORM}?{query}").status == 200


def test_every_article_leads_to_the_form_with_its_name(browser: Browser) -> None:
    links = [str(a["href"]) for a in browser.get(f"/blog/{SLUG}").all('main a[href^="/consultation"]')]
    assert links
    assert all(link.startswith(f"/consultation?from={SLUG}") for link in links)


def test_a_double_click_is_one_request(app: Flask, browser: Browser) -> None:
    first, second = (send(browser, follow=False).headers["Location"] for _ in range(2))
    assert len(requests(app)) == 1
    assert browser.get(first).one(".receipt-number").get_text() == browser.get(second).one(".receipt-number").get_text()


def test_the_same_submission_with_other_words_is_not_thrown_away(app: Flask, browser: Browser) -> None:
    for message in ("First", "Second"):
        send(browser, submission_id="0f8fad5b-d9cb-469f-a165-70867728950e", message=message)
    assert [row.message for row in requests(app)] == ["First", "Second"]


@pytest.mark.parametrize("changes", [{"url2": "x"}, {"message": "https://buy.example"}, {"name": "www.buy.example"}])
def test_a_suspicious_request_is_stored_flagged_and_mailed_at_once(app: Flask, browser: Browser, changes: dict[str, str]) -> None:
    page = send(browser, email="bilal@example.com", **changes)
    assert requests(app)[0].reference in page.text
    assert requests(app)[0].suspected
    assert mails(app) == [(Kind.REQUEST_RECEIVED, "front-desk@localhost")]


def test_many_requests_of_one_network_are_flagged_and_far_too_many_keep_what_was_typed(app: Flask, browser: Browser) -> None:
    for number in range(FLOOD_PER_NETWORK):
        sent = TYPED | {"phone": f"0300-{2000000 + number}"}
        assert browser.post(FORM, sent, follow=False).status == 303
    assert [row.suspected for row in requests(app)].index(True) == MANY_PER_NETWORK
    page = browser.post(FORM, TYPED)
    assert page.status == 429
    assert "Please call me." in page.html
    assert len(requests(app)) == FLOOD_PER_NETWORK


def test_two_forms_in_one_body_are_answered(browser: Browser) -> None:
    body = "&".join([f"{name}={value}" for name, value in TYPED.items()] * 2)
    answer = browser.client.post(FORM, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303


def test_broken_utf8_is_cleaned(app: Flask, browser: Browser) -> None:
    body = b"name=Bil%ff%feal%00%ed%a0%80&phone=03001234567&contact_by=phone&consent=y&message=%c3%28"
    answer = browser.client.post(FORM, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 303
    assert requests(app)[0].name.startswith("Bil")


def test_bytes_that_are_no_form_are_answered_like_an_empty_one(browser: Browser) -> None:
    answer = browser.client.post(FORM, data=b"name=\xff\xfe\x00", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/plain", "nonsense"])
def test_a_body_of_another_kind_is_answered_like_an_empty_form(browser: Browser, kind: str) -> None:
    assert browser.client.post(FORM, data=b'{"name": 1', content_type=kind).status_code == 422


def test_5000_characters_of_urdu_are_kept(app: Flask, browser: Browser) -> None:
    text = ("مجھے سر درد ہے " * 400)[:5000].strip()
    send(browser, name="ثنا احمد", phone="۰۳۰۰۱۲۳۴۵۶۷", message=text)
    row = requests(app)[0]
    assert (row.name, row.phone, row.message) == ("ثنا احمد", "+923001234567", text)


def test_an_answer_by_whatsapp_needs_no_address(app: Flask, browser: Browser) -> None:
    send(browser, contact_by="whatsapp")
    assert requests(app)[0].contact_by is ContactBy.WHATSAPP
