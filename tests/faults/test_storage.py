"""The store cannot take a write now: locked by somebody else, or full. What was typed comes back; nothing is half-written."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from tests.factories import SLUG
from tests.faults.conftest import MakeSite
from tests.faults.running import Answer, Site, comment_fields, poll, request_fields

pytestmark = pytest.mark.slow
COMMENTS = f"/blog/{SLUG}/comments"
TABLES = ("comment", "comment_event", "consultation_request", "request_event", "outbox_mail")


def both(site: Site, number: int) -> list[Answer]:
    """Posts a comment and a request at the same time."""
    comment = comment_fields(email=f"visitor{number}@example.com")
    with ThreadPoolExecutor(2) as threads:
        posts = [
            threads.submit(site.post, COMMENTS, comment),
            threads.submit(site.post, "/consultation", request_fields(number)),
        ]
        return [post.result() for post in posts]


def check_refused(answer: Answer, typed: dict[str, str]) -> None:
    """503 with the same page: a plain message, and every field as it was filled in."""
    assert answer.status == 503
    assert answer.headers["retry-after"].isdigit()
    assert answer.headers["cache-control"] == "no-store"
    page = BeautifulSoup(answer.body, "html.parser")
    assert page.title is not None
    assert str(page.title.string).startswith("Error: ")
    summary = page.select_one(".error-summary")
    assert summary is not None
    assert "could not store" in summary.get_text()
    for name, value in typed.items():
        fields = page.select(f'[name="{name}"]')
        kept = [field.get_text() if field.name == "textarea" else str(field.get("value")) for field in fields if is_chosen(field)]
        assert value in " ".join(kept), f"{name} was lost"


def is_chosen(field: Tag) -> bool:
    """Whether a browser would send this field; a choice counts when it is ticked."""
    return field.get("type") not in {"radio", "checkbox"} or field.has_attr("checked")


def counts(site: Site) -> dict[str, int]:
    """How many rows the tables hold."""
    return {table: site.rows(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


def test_locked_database_answers_503_with_the_filled_in_form_and_takes_it_later(site: Site) -> None:
    with site.write_lock():
        answers = both(site, 1)
        assert site.get(f"/blog/{SLUG}").status == 200, "readers need not wait for a writer"
    check_refused(answers[0], comment_fields(email="visitor1@example.com"))
    check_refused(answers[1], {key: value for key, value in request_fields(1).items() if key not in {"best_time", "treatment"}})
    assert all(4 < answer.seconds < 15 for answer in answers)
    assert counts(site) == dict.fromkeys(TABLES, 0)
    assert [answer.status for answer in both(site, 1)] == [303, 303]
    assert counts(site) == dict.fromkeys(TABLES, 1) | {"outbox_mail": 2}


def test_lock_shorter_than_five_seconds_is_waited_for(site: Site) -> None:
    with ThreadPoolExecutor(1) as threads:
        with site.write_lock():
            posting = threads.submit(both, site, 2)
            with pytest.raises(TimeoutError):
                posting.result(timeout=1.5)
        assert [answer.status for answer in posting.result()] == [303, 303]


def test_dispatcher_outlives_a_lock(site: Site) -> None:
    before = site.role("dispatcher")
    assert [answer.status for answer in both(site, 3)] == [303, 303]
    with site.write_lock():
        assert site.post("/consultation", request_fields(4)).status == 503
    assert site.post("/consultation", request_fields(4)).status == 303
    poll(lambda: len(list((site.instance / "mail").glob("*.eml"))) == 3, lambda: f"mail stopped:\n{site.output}", within=30)
    assert site.role("dispatcher") == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB that can be filled."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Takes all the space that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (64 * 1024, 512, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def post_until_refused(site: Site) -> tuple[dict[str, str], Answer, list[dict[str, str]]]:
    """Posts long requests until one cannot be stored; also those that were taken before."""
    taken = []
    for number in range(1, 90):
        fields = request_fields(number, message=f"{number}" + " word" * 900)
        answer = site.post("/consultation", fields)
        if answer.status != 303:
            return fields, answer, taken
        taken.append(fields)
    raise AssertionError("the full disk was never noticed")


def check_full(site: Site, make_full: Callable[[], None], make_space: Callable[[], None]) -> None:
    """What was stored before stays, what does not fit is refused with all that was typed, and goes through later."""
    assert [answer.status for answer in both(site, 95)] == [303, 303]
    make_full()
    fields, answer, taken = post_until_refused(site)
    check_refused(answer, {key: fields[key] for key in ("name", "phone", "contact_by", "message", "consent")})
    comment = site.post(COMMENTS, comment_fields(email="late@example.com"))
    check_refused(comment, comment_fields(email="late@example.com"))
    assert site.get(f"/blog/{SLUG}").status == 200
    stored = {message for (message,) in site.rows("SELECT message FROM consultation_request")}
    assert stored == {request_fields(95)["message"], *(each["message"] for each in taken)}
    make_space()
    assert site.rows("PRAGMA integrity_check") == [("ok",)]
    assert site.post("/consultation", fields).status == 303
    assert site.post(COMMENTS, comment_fields(email="late@example.com")).status == 303
    requests = len(taken) + 2
    assert counts(site) == {
        "comment": 2,
        "comment_event": 2,
        "consultation_request": requests,
        "request_event": requests,
        "outbox_mail": requests + 2,
    }


def test_full_disk_answers_503_with_the_filled_in_form_and_keeps_what_is_there(make_site: MakeSite, small_disk: Path) -> None:
    site = make_site(small_disk / "instance").start()
    site.log = small_disk.with_name("server.log")
    check_full(site, lambda: assert_full(fill(small_disk)), lambda: (small_disk / "ballast").unlink())


def assert_full(ballast: Path) -> None:
    """Nothing more can be written beside the ballast."""
    usage = os.statvfs(ballast)
    assert usage.f_bavail == 0


def test_files_that_must_not_grow_answer_503_with_the_filled_in_form(site: Site) -> None:
    """The same without a file system of our own: a write that would make a file larger fails for all our processes."""
    largest = max(path.stat().st_size for path in site.instance.glob("site.db*"))
    check_full(site, lambda: limit_files(site, largest), lambda: limit_files(site, resource.RLIM_INFINITY))


def limit_files(site: Site, size: int) -> None:
    """Sets how large a file our processes may write; the hard limit stays, so that it can be lifted."""
    for pid in site.processes():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
