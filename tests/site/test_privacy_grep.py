"""No address, number or network of a person is in anything public, a log line, a header, a URL or the audit log, hashed or not."""

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import clinic
import mailer
import server
from blueprints.blog import routes, views
from domain import comments, networks, readers, staff
from domain.audit import AuditEntry
from domain.comments import Comment, How, Status
from domain.consultations import ConsultationRequest
from domain.outbox import Failure
from domain.staff import Role
from domain.tokens import Purpose
from extensions import db
from tests.conftest import Clock, Store
from tests.factories import ARTICLE, PASSWORD, SLUG, make_staff
from tests.pages import Browser, Page, sign_in
from tests.site.traces import Known, found_in
from transport.delivery import DeliveryFailed

COMMENTER, READER = "Kestrel.Rufous@aviary-kz.example", "wryneck.torquilla@burrow-jt.example"
REQUESTER, PHONE, TYPED_PHONE = "dunnock.modularis@hedge-vx.example", "+923335557788", "0333-555 77 88"
OWNER, MODERATOR = "osprey.haliaetus@eyrie-qn.example", "smew.mergellus@lagoon-pd.example"
ADDRESS = "203.0.113.77"
POST = f"/blog/{SLUG}/comments"


def known(app: Flask, clock: Clock) -> Known:
    mark = networks.fingerprint(ADDRESS, app.config["SECRET_KEY"], clock())
    assert mark is not None
    return Known((COMMENTER, READER, REQUESTER, OWNER, MODERATOR), (PHONE,), (ADDRESS,), (mark,))


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """Every line that any logger has written since the test began, down to DEBUG."""
    with caplog.at_level(logging.DEBUG):
        yield lambda: caplog.text


@pytest.fixture
def pages(app: Flask, store: Store, clock: Clock, lines: Callable[[], str]) -> list[Page]:
    """What the people themselves were answered while they used the site, from one network: they commented, asked to have mail,
    asked for a consultation, signed in and decided; and the mail that went out for it."""
    seen: list[Page] = []
    browser = Browser(app)
    browser.client.environ_base["REMOTE_ADDR"] = ADDRESS

    def post(url: str, **typed: Any) -> None:
        seen.append(browser.post(url, typed, follow=False))
        clock.forward(minutes=1)

    with store() as session:
        make_staff(session, clock(), email=OWNER.lower(), name="Amina")
        make_staff(session, clock(), Role.MODERATOR, MODERATOR, name="Hina")
    post(POST, name="Kay", email=COMMENTER, body="Published words", notify=["published", "replies"])
    post(POST, name="Kay", email=COMMENTER, body="Waiting words")
    post(POST, name="Wren", email=READER, body="Taken back later", notify=["replies"])
    post("/consultation", name="Dee", phone=TYPED_PHONE, email=REQUESTER, contact_by="email", message="Call me", consent="y")
    sign_in(browser, OWNER, PASSWORD)
    with store() as session:
        owner = staff.by_email(session, OWNER)
        assert owner is not None
        published, _, taken_back = session.scalars(sa.select(Comment).order_by(Comment.id)).all()
        for comment in (published, taken_back):
            comments.set_status(session, comment.id, Status.APPROVED, by=owner.id, how=How.WEB, now=clock())
        comments.reply(session, taken_back.id, "The clinic answers", by=owner, now=clock())
        comments.withdraw(session, taken_back.id, clock())
    with app.app_context():
        while mailer.deliver_next():
            pass
    assert len(seen) == 4
    assert {page.status for page in seen} == {303}
    return seen


def links(app: Flask) -> dict[str, list[str]]:
    """For each argument of a public route, values of every kind: what is there, what is another person's, what is none."""
    with app.test_request_context():
        request_ids = db.session.scalars(sa.select(ConsultationRequest.id)).all()
        comment_ids = db.session.scalars(sa.select(Comment.id)).all()
        reader_ids = [reader.id for address in (COMMENTER, READER) if (reader := readers.by_key(db.session, address.lower()))]
        assert len(reader_ids) == 2
        moderator = staff.by_email(db.session, MODERATOR)
        assert moderator is not None
        tokens = [clinic.sign(Purpose.REQUEST_RECEIPT, {"request": number}) for number in (*request_ids, 99)]
        for number in (*comment_ids, 99):
            tokens.append(clinic.sign(Purpose.COMMENT_STATUS, {"comment": number, "article": ARTICLE}))
            comment = comments.get(db.session, number)
            if comment is not None:
                tokens.append(clinic.moderation_link(moderator, comment).rpartition("/")[2])
        tokens += [clinic.sign(Purpose.READER_MAIL, {"reader": number}) for number in (*reader_ids, 99)]
    return {
        "slug": [SLUG, SLUG.upper(), "botulinum-toxin-for-facial-lines", "no-such-article"],
        "drawn": [f"{'a' * 24}.png", "no-such-picture.png"],
        "number": ["1", "2", "99"],
        "token": [*tokens, "x"],
        "name": ["css/public.css", "js/public.js", "no-such-file.css"],
    }


def public_urls(app: Flask) -> list[str]:
    """Every public GET route with every kind of each argument, plain and with the queries that pages take."""
    values = links(app)
    urls = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/staff") or "GET" not in (rule.methods or set()):
            continue
        path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"<\1>", rule.rule)
        missing = rule.arguments - values.keys()
        assert not missing, f"say what {rule.rule} may be given for {missing}"
        urls += filled(path, values)
    article = f"/blog/{SLUG}"
    queries = [f"{article}?reply_to={number}" for number in (1, 2, 3, 99)]
    return [*urls, *queries, f"/consultation?from={SLUG}&treatment=unsure", "/no/such/page", f"{article}/"]


def filled(path: str, values: dict[str, list[str]]) -> list[str]:
    found = re.search(r"<(\w+)>", path)
    if found is None:
        return [path]
    return [url for value in values[found[1]] for url in filled(path.replace(found[0], value, 1), values)]


def visitor(app: Flask) -> Browser:
    browser = Browser(app)
    browser.client.environ_base["REMOTE_ADDR"] = "198.51.100.9"
    return browser


def walk(app: Flask) -> list[Page]:
    """What somebody else gets to see, from another network: all pages, and what their own forms are answered."""
    browser = visitor(app)
    seen = [browser.get(url, follow=False) for url in public_urls(app)]
    typed = {"name": "Kay", "email": "stranger@elsewhere.example", "body": "Published words"}
    asked = {"name": "Dee", "phone": "0300-1112233", "contact_by": "phone", "message": "Call me", "consent": "y"}
    for changes in ({}, {"name": ""}, {"parent_id": "2"}, {"parent_id": "1", "body": "A reply"}, {"action": "preview"}):
        seen.append(browser.post(POST, typed | changes, follow=False))
    seen += [browser.post("/consultation", asked | changes, follow=False) for changes in ({}, {"phone": "x"}, {"consent": ""})]
    seen += [browser.post("/consultation", {"message": "x" * 300_000}), browser.post("/about")]
    tokens = links(app)["token"]
    seen += [browser.post(f"/{part}/{token}", {}) for token in tokens for part in ("comments", "comments/mail", "moderate")]
    return seen


def written(page: Page) -> str:
    """A response as it goes over the wire, with the request line that an access log would have."""
    return f"{page.url}\n{page.status}\n{page.headers}\n{page.html}"


def leaks(pages: list[Page], what: Known) -> list[str]:
    return [f"{page.url}: {leak}" for page in pages for leak in found_in(written(page), what)]


def test_nobody_is_given_away_by_anything_public(
    app: Flask, clock: Clock, pages: list[Page], lines: Callable[[], str], capfd: pytest.CaptureFixture[str]
) -> None:
    clock.forward(hours=2)  # the receipt repeats the number of its owner for an hour, see below
    what = known(app, clock)
    seen = walk(app)
    assert {page.status for page in seen} >= {200, 301, 303, 400, 404, 405, 410, 413, 422}
    shown = "\n".join(page.html for page in seen)
    for words in ("Published words", "The clinic answers", "This comment was removed", "Waiting words"):
        assert words in shown, f"the walk came past {words!r}"
    assert leaks([*pages, *seen], what) == []
    assert found_in(lines(), what) == []
    assert found_in("".join(capfd.readouterr()), what) == []


def test_the_pages_of_a_failure_and_its_log_lines_name_nobody(
    app: Flask, clock: Clock, pages: list[Page], lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    what = known(app, clock)
    browser = visitor(app)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False

    def quoting(*_: object, **__: object) -> None:
        raise IntegrityError("INSERT ...", {"email": COMMENTER, "phone": PHONE}, ValueError(f"duplicate {REQUESTER} {ADDRESS}"))

    with monkeypatch.context() as patch:
        patch.setattr(routes, "public_comment", quoting)
        seen = [browser.get(f"{POST}/feed.xml")]
    assert seen[0].status == 500

    def no_connection() -> None:
        raise PoolTimeout(f"no connection for {COMMENTER}")

    with app.app_context(), monkeypatch.context() as patch:
        patch.setattr(db.engine.pool, "connect", no_connection)
        seen.append(browser.get(f"/blog/{SLUG}"))
    assert seen[1].status == 503
    limited = Browser(app)
    limited.client.environ_base["REMOTE_ADDR"] = ADDRESS
    flood = [limited.post(POST, {"name": "", "email": "a@b.example", "body": f"Flood {number}"}) for number in range(2)]
    flood += [
        limited.post(POST, {"name": "Flo", "email": f"flo{number}@elsewhere.example", "body": f"Flood {number}"})
        for number in range(40)
    ]
    assert flood[-1].status == 429
    assert leaks([*seen, *flood], what) == []
    assert "IntegrityError" in lines()
    assert found_in(lines(), what) == []


def test_a_mail_server_that_repeats_an_address_gets_it_into_no_log_line(
    app: Flask, clock: Clock, pages: list[Page], lines: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DeliveryFailed(Failure.PERMANENT, f"550 5.1.1 <{REQUESTER}> no such user at {ADDRESS}")

    visitor(app).post("/consultation", {"name": "Al", "phone": "0301-1112233", "contact_by": "phone", "consent": "y"})
    monkeypatch.setattr(mailer, "_hand_over", refuse)
    with app.app_context():
        assert mailer.deliver_next()
    assert "permanent failure" in lines()
    assert found_in(lines(), known(app, clock)) == []


def test_commands_that_run_by_themselves_and_the_audit_log_name_nobody(
    app: Flask, clock: Clock, pages: list[Page], lines: Callable[[], str]
) -> None:
    what, runner = known(app, clock), app.test_cli_runner()
    assert "1 requests erased" in runner.invoke(args=["privacy", "erase", TYPED_PHONE]).output
    clock.forward(days=40)
    assert found_in(runner.invoke(args=["retention", "run"]).output, what) == []
    with app.app_context():
        log = repr([(entry.action, entry.subject, entry.detail) for entry in db.session.scalars(sa.select(AuditEntry))])
    assert "person erased" in log
    assert found_in(log + lines(), what) == []


def test_the_server_keeps_no_access_log(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    class Recorder:
        def __init__(self, **settings: Any) -> None:
            given.update(settings)

        def serve(self, **_: Any) -> None:
            """Nothing to do."""

    monkeypatch.setattr(server, "Granian", Recorder)
    monkeypatch.setattr(server.os, "register_at_fork", lambda **_: None)
    server.serve_web()
    assert given["log_access"] is False


def test_who_wrote_sees_no_address_on_the_page_of_their_own_comment(app: Flask, pages: list[Page], clock: Clock) -> None:
    own = visitor(app).get(pages[0].headers["Location"])
    assert "Published words" in own.text
    assert leaks([own], known(app, clock)) == []


def test_the_receipt_names_number_and_address_for_an_hour_to_who_has_its_link(app: Flask, pages: list[Page], clock: Clock) -> None:
    first = visitor(app).get(pages[3].headers["Location"])
    address = {f"{part} as it is" for part in (REQUESTER, *REQUESTER.split("@"))}
    assert set(found_in(written(first), known(app, clock))) == {f"the digits of {PHONE}", *address}
    clock.forward(hours=1)
    assert leaks([visitor(app).get(pages[3].headers["Location"])], known(app, clock)) == []


def test_a_picture_by_the_hash_of_the_address_would_be_found(
    app: Flask, clock: Clock, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = views.public_comment

    def with_picture(row: Comment) -> views.PublicComment:
        shown = honest(row)
        return views.PublicComment(
            **(
                vars(shown)
                | {"website": f"https://avatars.example/{hashlib.md5(row.email_key.encode(), usedforsecurity=False).hexdigest()}"}
            )
        )

    monkeypatch.setattr(views, "public_comment", with_picture)
    assert any("md5" in leak for leak in leaks(walk(app), known(app, clock)))


def test_a_line_with_an_address_would_be_found(app: Flask, clock: Clock, lines: Callable[[], str]) -> None:
    app.logger.debug("comment of %s at %s", COMMENTER, time.monotonic())
    assert found_in(lines(), known(app, clock))
