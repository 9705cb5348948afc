"""The work of staff: moderating, answering requests, mail, people, settings, with a trace of who did what."""

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

import clinic
from domain import consultations, outbox, settings
from domain.audit import AuditEntry
from domain.comments import CommentEvent, Status, withdraw
from domain.outbox import Failure, OutboxMail, State
from domain.staff import Role, Staff
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, SLUG, make_staff, request_draft, submit_comment, submit_request
from tests.pages import Browser, sign_in, try_to_sign_in

ARTICLE = f"/blog/{SLUG}"


def audit_actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_first_owner_is_set_up_by_the_printed_link_once(app: Flask, browser: Browser) -> None:
    with app.app_context():
        link = f"/staff/setup/{clinic.sign(Purpose.FIRST_OWNER, {})}"
    page = browser.get(link)
    short = browser.submit(page, link, name="Amina", email="amina@example.com", password="short")
    assert short.status == 422
    assert short.one("#name")["value"] == "Amina"
    done = browser.submit(short, link, password=PASSWORD)
    assert done.url == "/staff/"
    assert "Welcome, Amina" in done.text
    assert Browser(app).get(link).status == 410


@pytest.mark.parametrize(
    ("actions", "ends_as", "public"),
    [
        (["approve"], Status.APPROVED, True),
        (["approve", "unapprove"], Status.HELD, False),
        (["spam"], Status.SPAM, False),
        (["spam", "restore"], Status.HELD, False),
        (["trash", "approve"], Status.APPROVED, True),
        (["approve", "trash"], Status.TRASH, False),
    ],
)
def test_a_decision_shows_at_once_and_is_in_the_history(
    app: Flask, store: Store, owner: Browser, clock: Clock, actions: list[str], ends_as: Status, public: bool
) -> None:
    with store() as session:
        comment = submit_comment(session, clock())
        number, text = comment.id, comment.text
    before = Status.HELD
    for action in actions:
        page = owner.get(f"/staff/comments?tab={before.value}")
        answer = owner.submit(page, f"/staff/comments/{number}", button=("action", action))
        assert answer.status == 200
        assert "The comment was" in answer.text
        with app.app_context():
            before = db.session.scalars(sa.select(CommentEvent.to_status).order_by(CommentEvent.id.desc())).first()
    assert before is ends_as
    assert (text in owner.get(ARTICLE).text) is public
    assert len([action for action in audit_actions(app) if action.startswith("comment")]) == len(actions)


def test_a_decision_taken_twice_says_that_it_was_taken(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock()).id
    page = owner.get("/staff/comments")
    owner.submit(page, f"/staff/comments/{number}", button=("action", "approve"))
    assert "already" in owner.submit(page, f"/staff/comments/{number}", button=("action", "approve")).text


def test_what_its_author_withdrew_cannot_be_approved(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_comment(session, clock()).id
    page = owner.get("/staff/comments")
    with store() as session:
        withdraw(session, number, clock())
    assert "withdrawn" in owner.submit(page, f"/staff/comments/{number}", button=("action", "approve")).text


def test_the_queue_shows_why_and_who_and_is_paged(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        for _ in range(26):
            submit_comment(session, clock())
        submit_comment(session, clock(), network=None)
    page = owner.get("/staff/comments")
    assert len(page.all(".row-actions")) == 25
    assert "@example.com" in page.text
    assert page.all(f'a[href="{ARTICLE}"]')
    more = next(str(a["href"]) for a in page.all("a[href*='before=']"))
    assert len(owner.get(more).all(".row-actions")) == 2


def test_a_request_is_marked_contacted_with_a_note(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        row = submit_request(session, clock(), request_draft(message="Please call me after five."))
        number, reference, digits = row.id, row.reference, row.phone.lstrip("+")
    listing = owner.get("/staff/requests")
    assert reference in listing.text
    url = f"/staff/requests/{number}"
    page = owner.get(url)
    assert "Please call me after five." in page.text
    assert page.all('a[href^="tel:+92"]')
    chat = urlsplit(str(page.one('[data-way="whatsapp"]')["href"]))
    assert (chat.netloc, chat.path) == ("wa.me", f"/{digits}")
    greeting = f"Assalam-o-Alaikum, this is Dynamic Clinic about your request {reference}. When may we call you?"
    assert parse_qs(chat.query) == {"text": [greeting]}, "neither a name nor a word of what was asked"
    done = owner.submit(page, url, note="Spoke to him, calls back", button=("status", "contacted"))
    assert "Spoke to him, calls back" in done.text
    assert "Amina" in done.text
    assert "request contacted" in audit_actions(app)


def test_two_people_at_one_request_do_not_overwrite_each_other(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_request(session, clock()).id
    url = f"/staff/requests/{number}"
    first, second = owner.get(url), owner.get(url)
    owner.submit(first, url, button=("status", "contacted"))
    clock.forward(minutes=2)
    answer = owner.submit(second, url, note="My long note", close_reason="declined", button=("status", "closed"))
    assert answer.status == 409
    assert "Amina moved this to contacted 2 minutes ago" in answer.text
    assert "My long note" in answer.html
    assert answer.one('[name="close_reason"] option[selected]')["value"] == "declined"
    again = owner.submit(answer, url, button=("status", "closed"))
    assert again.status == 200, "what was kept can be sent once more"
    with store() as session:
        assert session.get_one(consultations.ConsultationRequest, number).status is consultations.Status.CLOSED


def test_a_note_that_is_too_long_is_kept_in_the_form(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        number = submit_request(session, clock()).id
    url = f"/staff/requests/{number}"
    page = owner.submit(owner.get(url), url, note="x" * 5001, button=("status", "contacted"))
    assert page.status == 422
    assert "5,000 characters or fewer" in page.text
    assert "x" * 5001 in page.html


def test_a_failed_mail_is_shown_and_retried_with_one_click(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        reference = submit_request(session, clock()).reference
        row = outbox.claim(session, clock())
        assert row is not None
        assert row.lease is not None
        outbox.record_failure(session, row.id, row.lease, Failure.PERMANENT, "550 no such user here", clock())
        number = row.id
    page = owner.get("/staff/mail")
    assert "550 no such user here" in page.text
    assert f"Request {reference}" in page.text
    assert "1" in owner.get("/staff/").one(".figures:not(.figures-small)").get_text()
    owner.submit(page, f"/staff/mail/{number}/retry")
    with app.app_context():
        assert db.session.get_one(OutboxMail, number).state is State.WAITING
    assert "mail retry" in audit_actions(app)


def test_the_dashboard_raises_the_alarm_when_our_mail_set_up_is_wrong(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock())
        row = outbox.claim(session, clock())
        assert row is not None
        assert row.lease is not None
        outbox.record_failure(session, row.id, row.lease, Failure.SETUP, "535 authentication failed", clock())
    assert "535" not in owner.get("/staff/").text
    clock.forward(minutes=16)
    assert "535 authentication failed" in owner.get("/staff/").text


def test_the_owner_invites_and_the_person_signs_in_by_the_link(app: Flask, store: Store, owner: Browser) -> None:
    page = owner.submit(owner.get("/staff/people"), "/staff/people", name="Sana", email="Sana@Example.com", role="front-desk")
    assert page.status == 200
    link = next(word for word in page.text.split() if "/staff/setup/" in word)
    newcomer = Browser(app)
    landed = newcomer.submit(newcomer.get(link), link.split("localhost")[1], password="another quiet harbour")
    assert landed.url == "/staff/"
    assert newcomer.get("/staff/comments").status == 403
    assert newcomer.get("/staff/requests").status == 200
    assert Browser(app).get(link).status == 410
    again = owner.submit(owner.get("/staff/people"), "/staff/people", name="Sana", email="sana@example.com", role="moderator")
    assert again.status == 422
    assert "has an account already" in again.text


def test_the_last_owner_stays(store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        other = make_staff(session, clock(), Role.OWNER, "second@example.com").id
    owner.submit(owner.get("/staff/people"), f"/staff/people/{other}/deactivate")
    token = str(owner.get("/staff/people").all('[name="csrf_token"]')[0]["value"])
    page = owner.post("/staff/people/1/deactivate", {"csrf_token": token})
    assert "only owner" in page.text
    with store() as session:
        assert session.get_one(Staff, 1).active
        assert not session.get_one(Staff, other).active


def test_a_changed_role_counts_at_once(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    with store() as session:
        other = make_staff(session, clock(), Role.MODERATOR, name="Hina").id
    moderator = Browser(app)
    sign_in(moderator, "moderator@example.com")
    owner.submit(owner.get("/staff/people"), f"/staff/people/{other}/role", role="front-desk")
    assert moderator.get("/staff/comments").url.startswith("/staff/login")


def test_settings_change_the_public_pages(app: Flask, owner: Browser) -> None:
    page = owner.submit(owner.get("/staff/settings"), "/staff/settings", phone="051-2345678", website_field="y")
    assert page.status == 200
    assert "tel:+92512345678" in owner.get("/contact").html
    assert owner.get(ARTICLE).all('[name="website"]')
    wrong = owner.submit(owner.get("/staff/settings"), "/staff/settings", phone="12")
    assert wrong.status == 422
    assert wrong.one("#phone")["value"] == "12"
    listed = owner.submit(
        owner.get("/staff/settings"), "/staff/settings", disallowed_words="Casino\n\n casino \nCasino", moderation_words="dose"
    )
    assert listed.one("#disallowed_words").get_text().strip().splitlines() == ["Casino", "casino"]
    owner.post(f"{ARTICLE}/comments", {"name": "A", "email": "a@example.com", "body": "The casino"})
    assert "the disallowed word “Casino”" in owner.get("/staff/comments?tab=trash").text
    deep = owner.submit(owner.get("/staff/settings"), "/staff/settings", comment_depth="11", comment_page_size="many")
    assert deep.status == 422
    assert "from 1 to 10" in deep.one("#comment_depth-error").get_text()
    assert deep.one("#comment_page_size")["value"] == "many"
    assert "settings changed" in audit_actions(app)
    assert owner.get("/staff/audit").status == 200


def test_what_another_owner_has_set_meanwhile_is_not_set_back(app: Flask, store: Store, owner: Browser, clock: Clock) -> None:
    url, shown = "/staff/settings", owner.get("/staff/settings")
    clock.forward(minutes=1)
    with store() as session:
        hina = make_staff(session, clock(), email="hina@example.com", name="Hina").id
        settings.change(session, app.config["SITE"], {"notice": "Closed on Friday"}, clock(), hina)
    wrong = owner.submit(shown, url, status=422, comment_depth="99")
    late = owner.submit(wrong, url, comment_depth="5")
    assert late.status == 409
    assert "Changed since you opened this page: Notice on every page (Hina)." in late.text
    assert (late.one("#comment_depth")["value"], late.one("#notice")["value"]) == ("5", "")
    done = owner.submit(owner.get(url), url, comment_depth="5")
    assert "Saved." in done.text
    assert done.one("#notice")["value"] == "Closed on Friday"
    assert owner.submit(late, url).status == 200, "who has been told may save it all the same"
    assert owner.get(url).one("#notice")["value"] == ""


def test_an_open_account_is_not_opened_again(app: Flask, owner: Browser) -> None:
    token = owner.get("/staff/people").all('[name="csrf_token"]')[0]["value"]
    assert owner.post("/staff/people/1/reactivate", {"csrf_token": str(token)}).status == 409
    assert try_to_sign_in(Browser(app)).url == "/staff/", "the only owner's password stays"


def test_a_changed_password_ends_the_other_sessions(app: Flask, owner: Browser) -> None:
    other = Browser(app)
    sign_in(other)
    page = owner.get("/staff/account")
    assert owner.submit(page, "/staff/account", current_password="wrong", new_password="quite another one").status == 422
    assert owner.submit(page, "/staff/account", current_password=PASSWORD, new_password="quite another one").status == 200
    assert owner.get("/staff/").url == "/staff/"
    assert other.get("/staff/").url.startswith("/staff/login")
    assert try_to_sign_in(other, password="quite another one").url == "/staff/"


def test_a_moderator_sees_nothing_of_requests_on_the_dashboard(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock(), Role.MODERATOR)
        submit_request(session, clock(), request_draft(name="Very Private"))
    page = try_to_sign_in(browser, "moderator@example.com")
    assert "Very Private" not in page.html
