"""Kept pages and what changes: made anew at once, by one request for all, and never past the room there is for them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask, template_rendered
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

import pagecache
from clinic import next_change
from domain import comments
from domain.comments import How, Status
from serving.freshness import Freshness
from serving.turns import NOT_REFUSED
from tests.conftest import NOON, Clock, Store
from tests.factories import ARTICLE, approved_comment, comment_draft, make_staff, submit_comment
from tests.web.caching import PAGE, Cached


def test_a_page_is_made_anew_after_a_change_by_anybody(cached: Cached, store: Store) -> None:
    before = cached.get(PAGE).text
    with store() as session:
        approved_comment(session, NOON, text="A new word: hyacinth.")
    assert "hyacinth" not in before
    assert "hyacinth" in cached.get(PAGE).text
    assert cached.count == 2


def test_what_nobody_can_see_makes_no_page_anew(cached: Cached, store: Store) -> None:
    cached.get(PAGE)
    with store() as session:
        submit_comment(session, NOON, comment_draft(text="Held for a person."))
    cached.get(PAGE)
    assert cached.count == 1


def test_who_changed_something_sees_it_at_once(cached: Cached, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Freshness, "LOOK_SECONDS", 60.0)
    with store() as session:
        owner, row = make_staff(session, NOON).id, submit_comment(session, NOON, comment_draft(text="A tulip.")).id
    assert "tulip" not in cached.get(PAGE).text

    def approve() -> None:
        if cached.asked[-1]["REQUEST_METHOD"] == "POST":
            with store() as session:
                comments.set_status(session, row, Status.APPROVED, by=owner, how=How.WEB, now=NOON)

    cached.before = approve
    assert "tulip" not in cached.get(PAGE).text, "nobody has looked yet"
    assert cached.get("/staff/comments/bulk", "POST").status_code == 302
    assert "tulip" in cached.get(PAGE).text


def test_a_form_that_stored_nothing_asks_the_database_no_question(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[None] = []
    monkeypatch.setattr(cached.freshness, "look", lambda: looks.append(None))
    assert cached.get(f"{PAGE}/comments", "POST").status_code == 422
    assert cached.get("/self-check", "POST").status_code == 422
    assert not looks


def test_a_page_of_before_the_last_change_but_one_is_shown_to_nobody(cached: Cached, store: Store) -> None:
    cached.get(PAGE)
    for word in ("crocus", "hyacinth"):
        with store() as session:
            approved_comment(session, NOON, text=f"A new word: {word}.")
        cached.freshness.look()
    making, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        making.set()
        assert may_go_on.wait(10)

    cached.before = wait
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cached.get, PAGE)
        assert making.wait(10)
        second = threads.submit(cached.get, PAGE)
        time.sleep(0.05)
        assert not second.done()
        may_go_on.set()
        assert all("crocus" in each.result(10).text for each in (first, second))


def test_a_page_is_made_anew_when_its_time_is_over(cached: Cached, app: Flask, clock: Clock) -> None:
    cached.get("/blog/")
    with app.app_context():
        until = next_change()
    clock.now = until - timedelta(seconds=1)
    cached.get("/blog/")
    assert cached.count == 1
    clock.now = until
    cached.get("/blog/")
    assert cached.count == 2


def test_a_page_that_is_made_while_its_time_runs_out_is_old_at_once(cached: Cached, app: Flask, clock: Clock) -> None:
    with app.app_context():
        until = next_change()
    clock.now = until - timedelta(seconds=1)

    def pass_by(_app: Flask, **_: object) -> None:
        clock.now = until + timedelta(milliseconds=20)

    with template_rendered.connected_to(pass_by, app):
        cached.get("/blog/")
    assert cached.count == 1
    cached.get("/blog/")
    assert cached.count == 2


def test_texts_that_cannot_be_read_hide_no_change_of_the_database(cached: Cached, store: Store) -> None:
    cached.get(PAGE)

    def fail() -> bool:
        raise OSError("gone")

    freshness = cached.freshness
    freshness._read_content, freshness._next_content = fail, 0.0
    before = freshness.number
    with store() as session:
        approved_comment(session, NOON)
    with pytest.raises(OSError, match="gone"):
        freshness.look()
    assert freshness.number == before + 1


def test_texts_that_changed_on_the_disk_are_seen(cached: Cached) -> None:
    cached.get(PAGE)
    cached.disk_is_new = True
    cached.get(PAGE)
    assert cached.count == 2


def test_files_with_their_hash_outlast_every_change(cached: Cached, store: Store) -> None:
    url = cached.get("/").text.partition('stylesheet" href="')[2].partition('"')[0]
    first = cached.get(url, Accept_Encoding="br")
    assert "immutable" in first.headers["Cache-Control"]
    assert first.headers["Content-Encoding"] == "br"
    with store() as session:
        approved_comment(session, NOON)
    asked = cached.count
    assert cached.get(f"{url}?v=1", Accept_Encoding="br").data == first.data
    assert cached.count == asked
    old = url.replace(url.rsplit(".", 2)[1], "0" * 12)
    assert cached.get(old).headers["Cache-Control"] == "public, max-age=300", "the file as it is now, for a page of long ago"


def test_kept_pages_are_served_while_the_database_is_gone(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    page = cached.get(PAGE).data

    def fail() -> int:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(cached.freshness._stored, "read", fail)
    assert cached.get(PAGE).data == page
    assert cached.count == 1


def test_an_error_is_never_kept(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = True

    def fail() -> None:
        if broken:
            raise OperationalError("", {}, Exception())

    monkeypatch.setattr("clinic.next_change", fail)
    cached.app.config["LIBRARY"], library = None, cached.app.config["LIBRARY"]
    assert cached.get("/blog/").status_code == 500
    cached.app.config["LIBRARY"] = library
    assert cached.get("/blog/").status_code == 200
    assert cached.count == 2


def together(cached: Cached, count: int) -> list[TestResponse]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(lambda _: cached.get(PAGE), range(count)))


def test_a_crowd_has_each_page_made_once(cached: Cached) -> None:
    cached.freshness.look()
    cached.before = lambda: time.sleep(0.1)
    answers = together(cached, 20)
    assert cached.count == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1


def test_the_page_before_is_served_while_the_new_one_is_made_but_not_for_long(
    cached: Cached, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = cached.get(PAGE).data
    making, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        making.set()
        assert may_go_on.wait(10)

    cached.before = wait
    with store() as session:
        approved_comment(session, NOON, text="Another word: crocus.")
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(cached.get, PAGE)
        assert making.wait(10)
        assert cached.get(PAGE).data == old
        monkeypatch.setattr(pagecache, "OLD_SECONDS", 0.0)
        late = threads.submit(cached.get, PAGE)
        time.sleep(0.05)
        assert not late.done(), "it waits for the new one"
        may_go_on.set()
        assert "crocus" in first.result(10).text
        assert "crocus" in late.result(10).text
    assert cached.count == 2
    assert NOT_REFUSED in cached.asked[-1], "of a page that many ask for"
    assert NOT_REFUSED not in cached.asked[0]


def test_memory_is_bounded_and_what_was_not_asked_for_longest_goes(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagecache, "MAX_BYTES", 150_000)
    cached = Cached(app, clock)
    for url in ("/", "/about", "/contact", "/privacy", "/consultation", "/", "/self-check", "/treatments/", "/blog/"):
        cached.get(url)
    count = cached.count
    assert 100_000 < cached.cache.size <= 150_000
    cached.get("/")
    assert cached.count == count, "asked for in between"
    cached.get("/about")
    assert cached.count == count + 1
    for _ in range(2):
        cached.get(PAGE)
    assert cached.count == count + 3, "larger than a quarter of all"


def test_pages_are_kept_until_comments_close(app: Flask, clock: Clock) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    closes = article.published + timedelta(days=30)
    clock.now = closes - timedelta(minutes=1)
    with app.app_context():
        assert next_change() > closes
    app.config["SITE"] = replace(app.config["SITE"], comments_close_after_days=30)
    with app.app_context():
        assert next_change() == closes


def test_who_comes_while_another_looks_waits_when_nothing_has_looked_for_long(cached: Cached) -> None:
    freshness = cached.freshness
    freshness.LOOK_SECONDS = 60.0
    before = freshness.look()
    looking, may_see = threading.Event(), threading.Event()
    original = freshness._stored.read

    def slow() -> int:
        looking.set()
        assert may_see.wait(10)
        return original() + 1

    freshness._stored.read = slow  # type: ignore[method-assign]
    freshness.due = freshness.good_until = 0.0
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(freshness.state)
        assert looking.wait(10)
        second = threads.submit(freshness.state)
        time.sleep(0.05)
        assert not second.done()
        due, freshness.due, freshness.good_until = freshness.due, 0.0, time.monotonic() + 60
        assert freshness.state() == before, "still good: it does not wait"
        freshness.due = due
        may_see.set()
        assert (first.result(10), second.result(10)) == (before + 1, before + 1)
