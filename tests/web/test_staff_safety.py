"""What keeps the staff area safe beside roles: sign-out, passwords, links, and mail that must not go out any more."""

import pytest
import sqlalchemy as sa
from flask import Flask

from domain import consultations
from domain.audit import AuditEntry
from domain.outbox import Kind, OutboxMail, State, enqueue
from domain.staff import Role
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, make_staff, submit_comment, submit_request
from tests.pages import Browser, try_to_sign_in


def test_a_cookie_that_was_kept_is_of_no_use_after_sign_out(app: Flask, owner: Browser) -> None:
    cookie = owner.client.get_cookie("staff", path="/staff")
    assert cookie is not None
    owner.submit(owner.get("/staff/"), "/staff/logout")
    thief = Browser(app)
    thief.client.set_cookie("staff", cookie.value, path="/staff")
    assert thief.get("/staff/").url.startswith("/staff/login")


@pytest.mark.parametrize("wanted", ["/staff/\r\nSet-Cookie: a=b", "/staff/\x00", "/staff/\u2028x", "//x", "/staff\\x"])
def test_a_hostile_way_back_leads_to_the_dashboard_or_a_page_of_ours(owner: Browser, wanted: str) -> None:
    other = Browser(owner.client.application)
    landed = other.submit(other.get("/staff/login"), "/staff/login", email="owner@example.com", password=PASSWORD, next=wanted)
    assert landed.status in {200, 404}
    assert landed.url.startswith("/staff/")


@pytest.mark.parametrize("number", ["99999999999999999999", "2147483648", "0", "-1", "1.5", "x"])
def test_a_number_no_row_can_have_is_a_page_that_is_not_there(owner: Browser, number: str) -> None:
    for url in ("requests", "comments", "mail"):
        assert owner.get(f"/staff/{url}?before={number}").status == 200
    assert owner.get(f"/staff/audit?before={number}").status == 200
    assert owner.get(f"/staff/requests/{number}").status == 404
    token = str(owner.get("/staff/people").all('[name="csrf_token"]')[0]["value"])
    for url in (f"comments/{number}", f"comments/{number}/reply", f"mail/{number}/retry", f"people/{number}/role"):
        sent = {"csrf_token": token, "action": "approve", "text": "x", "role": "moderator"}
        assert owner.post(f"/staff/{url}", sent).status in {404, 409}, url


@pytest.mark.parametrize("number", [1, 999])
def test_an_action_on_a_row_that_is_not_there_is_not_in_the_audit_log(app: Flask, owner: Browser, number: int) -> None:
    token = str(owner.get("/staff/people").all('[name="csrf_token"]')[0]["value"])
    assert owner.post(f"/staff/comments/{number}", {"csrf_token": token, "action": "approve"}).status == 404
    assert owner.post(f"/staff/mail/{number}/retry", {"csrf_token": token}).status == 404
    with app.app_context():
        assert set(db.session.scalars(sa.select(AuditEntry.action))) == {"sign in"}


@pytest.mark.parametrize("password", ["owner@example.com", "Owner@Example.com1", "short", "aaaaaaaaaaaaaaaa"])
def test_ones_own_address_and_the_like_are_no_password(owner: Browser, password: str) -> None:
    page = owner.submit(owner.get("/staff/account"), "/staff/account", current_password=PASSWORD, new_password=password)
    assert page.status == 422
    assert page.one("#new_password-error")


def test_guessing_the_current_password_is_slowed_down(owner: Browser) -> None:
    for _ in range(10):
        owner.submit(owner.get("/staff/account"), "/staff/account", current_password="wrong", new_password="quite another one")
    page = owner.submit(owner.get("/staff/account"), "/staff/account", current_password=PASSWORD, new_password="quite another one")
    assert page.status == 429


def test_ten_wrong_tries_from_elsewhere_do_not_lock_the_owner_out(app: Flask, owner: Browser) -> None:
    stranger = Browser(app)
    for _ in range(12):
        stranger.post("/staff/login", environ_base={"REMOTE_ADDR": "203.0.113.9"})
        page = stranger.get("/staff/login", environ_base={"REMOTE_ADDR": "203.0.113.9"})
        token = str(page.all('[name="csrf_token"]')[0]["value"])
        sent = {"csrf_token": token, "email": "owner@example.com", "password": "wrong"}
        refused = stranger.post("/staff/login", sent, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert refused.status == 429
    assert try_to_sign_in(Browser(app)).url == "/staff/"


def test_ten_wrong_tries_through_a_proxy_nobody_configured_do_not_lock_the_owner_out(app: Flask, owner: Browser) -> None:
    everybody = Browser(app, {"X-Forwarded-For": "203.0.113.9"})
    for _ in range(12):
        assert try_to_sign_in(everybody, password="wrong").status == 422
    assert try_to_sign_in(everybody).url == "/staff/"


@pytest.mark.parametrize(("change", "keeps"), [("moderator", False), ("owner", True), ("deactivated", False)])
def test_requests_of_somebody_who_may_not_answer_them_wait_for_anybody(
    store: Store, owner: Browser, clock: Clock, change: str, keeps: bool
) -> None:
    with store() as session:
        person = make_staff(session, clock(), Role.FRONT_DESK, name="Sara")
        row = submit_request(session, clock())
        consultations.assign(session, row.id, person.id, by=person.id, now=clock(), revision=1)
        number, person_id = row.id, person.id
    page, url = owner.get("/staff/people"), f"/staff/people/{person_id}"
    owner.submit(page, f"{url}/deactivate") if change == "deactivated" else owner.submit(page, f"{url}/role", role=change)
    shown = owner.get(f"/staff/requests/{number}")
    assert ("with Sara" in shown.text) is keeps
    assert ("Amina changed who looks after it" in shown.one(".history").get_text()) is not keeps


def test_an_invitation_outlives_a_change_of_role(app: Flask, owner: Browser) -> None:
    page = owner.submit(owner.get("/staff/people"), "/staff/people", name="Sana", email="sana@example.com", role="front-desk")
    link = next(word for word in page.text.split() if "/staff/setup/" in word)
    owner.submit(owner.get("/staff/people"), "/staff/people/2/role", role="moderator")
    assert Browser(app).get(link).status == 200


@pytest.mark.parametrize("change", ["deactivate", "role"])
def test_no_comment_is_mailed_to_somebody_who_may_no_longer_read_it(
    app: Flask, store: Store, owner: Browser, clock: Clock, change: str
) -> None:
    with store() as session:
        person = make_staff(session, clock(), Role.MODERATOR)
        comment = submit_comment(session, clock(), notify=[person.email, "owner@example.com"])
        enqueue(session, Kind.REQUEST_RECEIVED, 1, [person.email], clock())
        number, comment_id = person.id, comment.id
    owner.submit(owner.get("/staff/people"), f"/staff/people/{number}/{change}", role="front-desk")
    with app.app_context():
        rows = {(row.kind, row.recipient): row.state for row in db.session.scalars(sa.select(OutboxMail))}
    assert rows[Kind.COMMENT_HELD, "moderator@example.com"] is State.CANCELLED
    assert rows[Kind.COMMENT_HELD, "owner@example.com"] is State.WAITING
    assert rows[Kind.REQUEST_RECEIVED, "moderator@example.com"] is State.WAITING
    assert comment_id == 1


@pytest.mark.parametrize(("change", "role"), [("deactivate", ""), ("role", "moderator")])
def test_nothing_of_requests_is_mailed_to_somebody_who_may_no_longer_see_them(
    app: Flask, store: Store, owner: Browser, clock: Clock, change: str, role: str
) -> None:
    with store() as session:
        person = make_staff(session, clock(), Role.FRONT_DESK)
        for kind in (Kind.DESK_DIGEST, Kind.REQUESTS_ESCALATED):
            enqueue(session, kind, 1, [person.email], clock())
        number = person.id
    owner.submit(owner.get("/staff/people"), f"/staff/people/{number}/{change}", role=role)
    with app.app_context():
        assert {row.state for row in db.session.scalars(sa.select(OutboxMail))} == {State.CANCELLED}


def test_the_front_desk_hears_nothing_of_mail_about_comments(app: Flask, store: Store, browser: Browser, clock: Clock) -> None:
    with store() as session:
        make_staff(session, clock(), Role.FRONT_DESK)
        submit_comment(session, clock(), notify=["owner@example.com"])
    page = try_to_sign_in(browser, "front-desk@example.com")
    assert "1 waiting" not in page.text
    assert "Comment held" not in browser.get("/staff/mail").text
