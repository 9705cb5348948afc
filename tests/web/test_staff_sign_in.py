"""Signing in with a second factor, seeing and ending sessions, and the password once more before what is sensitive."""

from datetime import timedelta
from urllib.parse import urlsplit

import pyotp
import sqlalchemy as sa
from flask import Flask

import clinic
from domain import staff
from domain.audit import AuditEntry
from domain.staff import FRESH, IDLE, Role, TotpSecret
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import PASSWORD, make_staff
from tests.pages import Browser, Page, sign_in, try_to_sign_in

FACTOR = "/staff/account/second-factor"


def app_code(app: Flask, clock: Clock) -> str:
    """What the owner's phone shows now, which the site has not seen yet."""
    clock.forward(seconds=60)
    with app.app_context():
        return pyotp.TOTP(db.session.scalars(sa.select(TotpSecret.secret)).one()).at(clock())


def set_up(app: Flask, owner: Browser, clock: Clock) -> list[str]:
    """Turns the second factor on; the recovery codes."""
    page = owner.submit(owner.get(FACTOR), f"{FACTOR}/start")
    assert page.one(".qr svg")
    page = owner.submit(page, FACTOR, code=app_code(app, clock))
    assert page.status == 200
    return [row.get_text(strip=True) for row in page.all(".recovery-codes li")]


def password_step(app: Flask, wanted: str = "") -> tuple[Browser, Page]:
    """Another device, with the password given."""
    other = Browser(app)
    return other, try_to_sign_in(other) if not wanted else other.submit(
        other.get(wanted), "/staff/login", email="owner@example.com", password=PASSWORD
    )


def test_with_a_second_factor_the_password_alone_opens_nothing(app: Flask, owner: Browser, clock: Clock) -> None:
    assert len(set_up(app, owner, clock)) == 10
    other, page = password_step(app, "/staff/requests")
    assert page.url == "/staff/login/code"
    assert other.get("/staff/").url.startswith("/staff/login?")
    other, page = password_step(app, "/staff/requests")
    wrong = other.submit(page, "/staff/login/code", code="000000")
    assert (wrong.status, bool(wrong.one("#code-error"))) == (422, True)
    done = other.submit(wrong, "/staff/login/code", code=app_code(app, clock))
    assert done.url == "/staff/requests", "the page that was wanted in the first place"


def test_a_recovery_code_signs_in_once(app: Flask, owner: Browser, clock: Clock) -> None:
    code = set_up(app, owner, clock)[0]
    other, page = password_step(app)
    assert other.submit(page, "/staff/login/code", code=code).url == "/staff/"
    third, page = password_step(app)
    assert third.submit(page, "/staff/login/code", code=code).status == 422


def test_guessing_codes_is_stopped_from_everywhere(app: Flask, owner: Browser, clock: Clock) -> None:
    set_up(app, owner, clock)
    other, page = password_step(app)
    for _ in range(staff.CODE_FAILURES):
        page = other.submit(page, "/staff/login/code", code="000000")
    third, page = password_step(app)
    page = third.submit(page, "/staff/login/code", code=app_code(app, clock))
    assert page.status == 429
    clock.now += staff.FAILURE_WINDOW
    third, page = password_step(app)
    assert third.submit(page, "/staff/login/code", code=app_code(app, clock)).url == "/staff/"


def test_the_second_step_must_follow_the_password_soon(app: Flask, owner: Browser, clock: Clock) -> None:
    set_up(app, owner, clock)
    other, page = password_step(app)
    clock.forward(minutes=10)
    late = other.submit(page, "/staff/login/code", code=app_code(app, clock))
    assert late.url == "/staff/login"
    assert "Sign in again" in late.text


def test_a_new_password_by_link_does_not_go_round_the_second_factor(app: Flask, owner: Browser, store: Store, clock: Clock) -> None:
    set_up(app, owner, clock)
    with app.app_context():
        person = staff.by_email(db.session, "owner@example.com")
        assert person is not None
        link = urlsplit(clinic.setup_link(person)).path
    other = Browser(app)
    page = other.submit(other.get(link), link, name="Amina", password="another long one 7 lamps")
    assert page.url == "/staff/login/code"
    assert other.get("/staff/").url.startswith("/staff/login?")


def test_turning_it_off_takes_the_password(app: Flask, owner: Browser, clock: Clock) -> None:
    set_up(app, owner, clock)
    page = owner.submit(owner.get(FACTOR), f"{FACTOR}/change", button=("do", "off"), proof="wrong")
    assert (page.status, bool(page.one("#proof-error"))) == (422, True)
    page = owner.submit(page, f"{FACTOR}/change", button=("do", "codes"), proof=PASSWORD)
    assert len(page.all(".recovery-codes li")) == 10
    page = owner.submit(owner.get(FACTOR), f"{FACTOR}/change", button=("do", "off"), proof=PASSWORD)
    assert "password only" in page.text
    assert password_step(app)[1].url == "/staff/"


def test_an_owner_takes_a_lost_second_factor_off(app: Flask, owner: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        moderator = make_staff(session, clock(), Role.MODERATOR)
        staff.begin_second_factor(session, moderator)
        staff.turn_on(session, moderator, pyotp.TOTP(session.get_one(TotpSecret, moderator.id).secret).at(clock()), clock())
        number = moderator.id
    page = owner.submit(owner.get("/staff/people"), f"/staff/people/{number}/second-factor")
    assert "password only" in page.text
    assert try_to_sign_in(Browser(app), "moderator@example.com").url == "/staff/"


def test_where_it_is_required_nothing_else_opens_before_it(app: Flask, owner: Browser, clock: Clock) -> None:
    owner.submit(owner.get("/staff/settings"), "/staff/settings", second_factor_required="y")
    for url in ("/staff/", "/staff/requests", "/staff/people", "/staff/settings"):
        assert owner.get(url).url == FACTOR, url
    assert owner.get("/staff/account").url == "/staff/account"
    set_up(app, owner, clock)
    assert owner.get("/staff/requests").url == "/staff/requests"


def test_sessions_are_listed_and_ended(app: Flask, owner: Browser) -> None:
    phone = Browser(app)
    phone.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    sign_in(phone)
    page = owner.get("/staff/account")
    assert "Chrome on Android" in page.text
    ends = [
        form["action"] for form in page.all("form") if "/sessions/" in str(form.get("action")) and "others" not in form["action"]
    ]
    assert len(ends) == 1
    owner.submit(page, ends[0])
    assert phone.get("/staff/").url.startswith("/staff/login")
    assert owner.get("/staff/").url == "/staff/"


def test_signing_out_here_leaves_the_other_device_signed_in(app: Flask, owner: Browser) -> None:
    other = Browser(app)
    sign_in(other)
    owner.submit(owner.get("/staff/"), "/staff/logout")
    assert owner.get("/staff/").url.startswith("/staff/login")
    assert other.get("/staff/").url == "/staff/"


def test_a_session_in_use_outlives_the_idle_limit(owner: Browser, clock: Clock) -> None:
    for _ in range(3):
        clock.now += IDLE - timedelta(minutes=1)
        assert owner.get("/staff/").url == "/staff/" or clock.now - IDLE > timedelta(hours=12)
    clock.now += IDLE
    assert owner.get("/staff/").url.startswith("/staff/login")


def test_a_sensitive_change_asks_for_the_password_and_keeps_what_was_typed(app: Flask, owner: Browser, clock: Clock) -> None:
    page = owner.get("/staff/people")
    clock.now += FRESH
    asked = owner.submit(page, "/staff/people", name="Nadia", email="nadia@example.com", role="moderator")
    assert asked.status == 403
    wrong = owner.submit(asked, "/staff/people", proof="wrong")
    assert wrong.status == 422
    done = owner.submit(wrong, "/staff/people", proof=PASSWORD)
    assert "nadia@example.com" in done.text
    again = owner.submit(owner.get("/staff/settings"), "/staff/settings", phone="051-2345678")
    assert (again.status, "Saved" in again.text) == (200, True), "the proof holds for a while"


def test_what_changes_the_sign_in_is_in_the_audit_log(app: Flask, owner: Browser, clock: Clock) -> None:
    set_up(app, owner, clock)
    owner.submit(owner.get(FACTOR), f"{FACTOR}/change", button=("do", "codes"), proof=PASSWORD)
    owner.submit(owner.get(FACTOR), f"{FACTOR}/change", button=("do", "off"), proof=PASSWORD)
    with app.app_context():
        actions = list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["sign in", "second factor on", "recovery codes made", "second factor off"]


def test_a_new_way_to_sign_in_asks_for_the_password_first(app: Flask, owner: Browser, clock: Clock) -> None:
    page = owner.get(FACTOR)
    clock.now += FRESH
    token = str(page.all('[name="csrf_token"]')[0]["value"])
    for path in (FACTOR, f"{FACTOR}/start", "/staff/account/passkeys", "/staff/account/passkeys/1/remove"):
        assert owner.post(path, {"csrf_token": token}).status == 403, path
    asked = owner.submit(page, f"{FACTOR}/start")
    assert (asked.status, asked.one("h1").get_text()) == (403, "Is it you?")
    assert owner.submit(asked, f"{FACTOR}/start", proof=PASSWORD).url == FACTOR


def test_passwords_are_masked_and_left_to_password_managers(app: Flask, owner: Browser) -> None:
    with app.app_context():
        person = staff.by_email(db.session, "owner@example.com")
        assert person is not None
        link = urlsplit(clinic.setup_link(person)).path
    pages = [Browser(app).get("/staff/login"), Browser(app).get(link), owner.get("/staff/account")]
    fields = [field for page in pages for field in page.all('input[name*="password"]')]
    assert [(field["name"], field["type"], field["autocomplete"]) for field in fields] == [
        ("password", "password", "current-password"),
        ("password", "password", "new-password"),
        ("current_password", "password", "current-password"),
        ("new_password", "password", "new-password"),
    ]
