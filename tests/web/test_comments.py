"""Posting a comment: kept, held, shown to its author only, never lost, whatever is sent."""

import time

import pytest
import sqlalchemy as sa
from flask import Flask

from domain import outbox, settings
from domain.comments import Comment, How, Status, set_status
from domain.outbox import OutboxMail
from domain.text import MAX_TEXT
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import SLUG, approved_comment, make_staff
from tests.pages import Browser, Page, filled

ARTICLE = f"/blog/{SLUG}"
POST = f"{ARTICLE}/comments"
TYPED = {"name": "Sana A.", "email": "sana@example.com", "body": "The diary helped me to explain it."}


def post(browser: Browser, **changes: str | None) -> Page:
    """Fills in the form on the article as shown, and sends it."""
    return browser.submit(browser.get(ARTICLE), POST, **(TYPED | changes))


def only_comment(app: Flask) -> Comment:
    with app.app_context():
        return db.session.scalars(sa.select(Comment)).one()


def test_the_form_says_what_the_owner_asked_for(browser: Browser) -> None:
    page = browser.get(ARTICLE)
    form = page.form(POST)
    assert "Leave a reply" in page.text
    assert "Your email address will not be published. Required fields are marked *" in " ".join(form.get_text(" ").split())
    required = {str(field["name"]) for field in form.select('[aria-required="true"]')}
    assert required == {"name", "email", "body"}
    assert form.has_attr("novalidate")
    assert not form.select('[name="csrf_token"]')


def test_a_comment_is_held_and_its_author_is_led_to_its_status_page(app: Flask, browser: Browser) -> None:
    answer = browser.submit(browser.get(ARTICLE), POST, follow=False, **TYPED)
    assert answer.status == 303
    page = browser.get(answer.headers["Location"])
    assert page.url.startswith("/comments/")
    assert page.headers["Cache-Control"] == "no-store"
    assert TYPED["body"] in page.text
    assert "waiting" in page.text.lower()
    assert "sana@example.com" not in page.html
    assert only_comment(app).status is Status.HELD
    assert TYPED["body"] not in browser.get(ARTICLE).text


def test_staff_are_told_of_a_held_comment(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock())
    post(browser)
    with app.app_context():
        mail = db.session.scalars(sa.select(OutboxMail)).one()
    assert (mail.kind, mail.recipient, mail.subject_id) == (outbox.Kind.COMMENT_HELD, "owner@example.com", only_comment(app).id)


def test_an_approved_comment_shows_with_a_permalink_and_links_that_vouch_for_nothing(
    store: Store, browser: Browser, clock: Clock
) -> None:
    with store() as session:
        number = approved_comment(session, clock(), text="See https://example.org/a?b=1&c=2.\n\nSecond <b>paragraph</b>").id
    page = browser.get(ARTICLE)
    shown = page.one(f"#comment-{number}")
    link = shown.select_one('a[href^="https://example.org"]')
    assert link is not None
    assert link["rel"] == ["ugc", "nofollow", "noopener"]
    assert link["href"] == "https://example.org/a?b=1&c=2"
    assert shown.select("time[datetime]")
    assert "<b>paragraph</b>" in shown.get_text()
    assert shown.select_one(f'a[href="{ARTICLE}#comment-{number}"] time')
    assert not page.all("img")
    assert "1 reply" in page.text


def test_comments_stand_oldest_first(store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        first = approved_comment(session, clock(), text="The first one").id
        second = approved_comment(session, clock.forward(hours=1), text="The second one").id
    shown = [str(tag["id"]) for tag in browser.get(ARTICLE).all("[id^=comment-]")]
    assert [name for name in shown if name.removeprefix("comment-").isdigit()] == [f"comment-{first}", f"comment-{second}"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Enter your name"),
        ("name", " \u200b ", "Enter your name"),
        ("name", "x" * 101, "Your name must be 100 characters or fewer; it has 101"),
        ("email", "", "Enter your email address"),
        ("email", "no-at-sign", "Enter an email address in the form name@example.com"),
        ("email", "a@b@c.com", "Enter an email address in the form name@example.com"),
        ("email", "x" * 250 + "@example.com", "Enter an email address in the form name@example.com"),
        ("body", "", "Write your comment"),
        ("body", "\x00\r\n\t ", "Write your comment"),
        ("body", "x" * (MAX_TEXT + 1), "Your comment must be 5,000 characters or fewer; it has 5,001"),
    ],
)
def test_a_wrong_field_is_named_beside_it_and_in_the_summary_and_all_is_kept(
    app: Flask, browser: Browser, field: str, value: str, message: str
) -> None:
    page = post(browser, **{field: value})
    assert page.status == 422
    assert page.title.startswith("Error: ")
    summary = page.one(".error-summary")
    link = summary.select_one(f'a[href="#{field}"]')
    assert link is not None
    assert message in link.get_text()
    assert message in page.one(f"#{field}-error").get_text()
    assert page.one(f"#{field}")["aria-invalid"] == "true"
    for name, typed in (TYPED | {field: value}).items():
        tag = page.one(f"#{name}")
        shown = tag.get_text() if tag.name == "textarea" else str(tag["value"])
        assert shown.strip() == typed.replace("\x00", " ").replace("\u200b", "").strip()
    with app.app_context():
        assert db.session.scalars(sa.select(Comment)).all() == []


def test_get_on_the_comments_url_leads_to_the_form(browser: Browser) -> None:
    answer = browser.get(POST, follow=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"{ARTICLE}#respond")
    assert browser.get(ARTICLE).one("#respond")


def test_the_same_comment_sent_twice_is_one_with_one_status_page(app: Flask, browser: Browser) -> None:
    first, second = post(browser), post(browser, email="SANA@example.com")
    assert TYPED["body"] in first.text
    assert TYPED["body"] in second.text
    assert only_comment(app).status is Status.HELD


def test_a_repeat_under_another_name_does_not_show_the_held_text(app: Flask, browser: Browser) -> None:
    post(browser)
    page = post(browser, name="Somebody else")
    assert page.status == 200
    assert "already" in page.text
    assert TYPED["body"] not in page.text
    assert only_comment(app).name == "Sana A."


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"url2": "http://spam.example"}, ["honeypot"]),
        ({"body": "https://a.example https://b.example https://c.example"}, ["links:3"]),
    ],
)
def test_what_looks_like_spam_is_kept_as_spam_and_answered_like_any_other(
    app: Flask, browser: Browser, changes: dict[str, str], reasons: list[str]
) -> None:
    page = post(browser, **changes)
    assert page.status == 200
    assert "spam" not in page.text.lower()
    comment = only_comment(app)
    assert (comment.status, comment.reasons) == (Status.SPAM, reasons)
    with app.app_context():
        assert db.session.scalars(sa.select(OutboxMail)).all() == []


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}],
)
def test_a_foreign_origin_is_a_reason_to_look_and_no_refusal(app: Flask, browser: Browser, headers: dict[str, str]) -> None:
    assert browser.post(POST, TYPED, headers=headers).status == 200
    assert (only_comment(app).status, only_comment(app).reasons) == (Status.HELD, ["cross-site"])


def test_our_own_origin_is_no_reason(app: Flask, browser: Browser) -> None:
    browser.post(POST, TYPED, headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"})
    assert only_comment(app).reasons == []


def test_an_author_withdraws_from_the_status_page_for_good(app: Flask, browser: Browser) -> None:
    status = post(browser)
    page = browser.post(status.url, filled(status.one(".withdraw")))
    assert page.url == status.url
    assert "withdr" in page.text.lower()
    assert only_comment(app).status is Status.WITHDRAWN
    assert browser.post(status.url, filled(status.one(".withdraw"))).status == 200
    with app.app_context():
        states = [mail.state for mail in db.session.scalars(sa.select(OutboxMail))]
    assert states == [outbox.State.CANCELLED]


@pytest.mark.parametrize("sent", [{}, {"action": ""}, {"action": "delete"}])
def test_nothing_is_withdrawn_unless_it_is_said(app: Flask, browser: Browser, sent: dict[str, str]) -> None:
    status = post(browser)
    assert browser.post(status.url, sent).status == 400
    assert only_comment(app).status is Status.HELD


def test_a_status_page_leads_to_the_published_comment(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    status = post(browser)
    with store() as session:
        set_status(session, 1, Status.APPROVED, by=make_staff(session, clock()).id, how=How.WEB, now=clock())
    page = browser.get(status.url)
    assert page.all(f'a[href="{ARTICLE}#comment-1"]')


def test_a_status_link_is_of_no_use_when_changed_and_ends_after_30_days(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    url = post(browser).url
    assert browser.get(url[:-2] + ("aa" if not url.endswith("aa") else "bb")).status == 404
    later = time.time() + 31 * 86400
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert browser.get(url).status == 410


def test_the_website_is_asked_for_only_when_the_owner_says_so(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    assert not browser.get(ARTICLE).all('[name="website"]')
    with store() as session:
        settings.change(session, app.config["SITE"], {"website_field": True}, clock(), make_staff(session, clock()).id)
    page = post(browser, website="javascript:alert(1)")
    assert page.status == 422
    assert "Enter a web address" in page.text
    post(browser, website="example.org/me")
    assert only_comment(app).website == "https://example.org/me"


def test_a_comment_on_a_closed_article_is_refused_with_its_text(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    page = browser.get(ARTICLE)
    with store() as session:
        settings.change(session, app.config["SITE"], {"comments_open": False}, clock(), make_staff(session, clock()).id)
    answer = browser.submit(page, POST, **TYPED)
    assert answer.status == 422
    assert "closed" in answer.text
    assert TYPED["body"] in answer.html
    assert not browser.get(ARTICLE).all(f'form[action="{POST}"]')


def test_a_second_comment_within_15_seconds_waits_and_keeps_its_text(browser: Browser, clock: Clock) -> None:
    post(browser)
    page = post(browser, body="Another thought")
    assert page.status == 429
    assert page.headers["Retry-After"] == "15"
    assert "you can send it from 12:01 Karachi time on" in page.text
    assert page.one('.error-summary a[href="#body"]'), "a whole article lies between the two"
    assert "Another thought" in page.html
    clock.forward(seconds=15)
    assert browser.submit(page, POST).url.startswith("/comments/")


def test_more_than_ten_an_hour_from_one_network_wait_and_keep_their_text(browser: Browser, clock: Clock) -> None:
    for number in range(10):
        assert browser.client.post(POST, data=TYPED | {"email": f"reader{number}@example.com"}).status_code == 303
        clock.forward(minutes=1)
    page = post(browser, email="one.more@example.com", body="The one too many")
    assert page.status == 429
    assert "you can send it from 13:00 Karachi time on" in page.text
    assert "The one too many" in page.html
    clock.forward(minutes=50)
    assert browser.submit(page, POST).url.startswith("/comments/")


def test_the_outer_fence_keeps_the_text_too(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        owner = make_staff(session, clock()).id
        settings.change(session, app.config["SITE"], {"comments_per_network": 1000}, clock(), owner)
    for number in range(30):
        assert browser.client.post(POST, data=TYPED | {"email": f"reader{number}@example.com"}).status_code == 303
    page = post(browser, email="one.more@example.com", body="The one too many")
    assert page.status == 429
    assert "The one too many" in page.html
    assert page.headers["Retry-After"] == "60"


def test_a_repeat_is_recognised_before_any_limit(app: Flask, browser: Browser) -> None:
    for _ in range(40):
        assert browser.client.post(POST, data=TYPED).status_code == 303
    assert only_comment(app).status is Status.HELD


def test_a_forwarded_header_nobody_configured_turns_network_limits_off(app: Flask, browser: Browser) -> None:
    browser.post(POST, TYPED, headers={"X-Forwarded-For": "203.0.113.9"})
    assert only_comment(app).network is None


def test_no_address_is_stored(app: Flask, browser: Browser) -> None:
    browser.post(POST, TYPED, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    comment = only_comment(app)
    assert comment.network is not None
    assert "203" not in comment.network[:3]
    assert len(comment.network) == 32


def test_missing_fields_are_answered_like_empty_ones(browser: Browser) -> None:
    page = browser.post(POST, {"nonsense": "1"})
    assert page.status == 422
    assert len(page.all(".error-summary a")) == 3
