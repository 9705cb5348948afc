"""Old addresses and other names of the host: each answered once, with the final address, and never in a circle."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

import config
from app import create_app
from domain.documents import Library
from domain.orm import Base
from extensions import db
from tests.factories import ARTICLE, SLUG
from tests.pages import Browser
from web.canonical import PATIENCE, CanonicalHost

LIVE = {
    "FLASK_SITE_URL": "https://clinic.example",
    "FLASK_MAIL_SERVER": "localhost",
    "FLASK_STAFF_RECIPIENTS": "desk@clinic.example",
    "FLASK_TRUSTED_PROXIES": "1",
}
REDIRECTS = f"""
[[redirect]]
from = "/?p=12"
to = "/blog/{SLUG}"

[[redirect]]
from = "/book.php"
to = "/consultation"
status = 308

[[redirect]]
from = "/prices"
status = 410
"""


def site(folder: Path, environ: dict[str, str], text: str = REDIRECTS) -> Flask:
    """A site with old addresses of its own, reached through one proxy."""
    content = folder / "content"
    (content / "articles").mkdir(parents=True)
    (content / "articles" / "one.md").write_bytes((config.ROOT / "content" / "articles" / f"{SLUG}.md").read_bytes())
    (content / "figures").symlink_to(config.ROOT / "content" / "figures")
    (content / "redirects.toml").write_text(text)
    own = {"FLASK_INSTANCE_PATH": str(folder), "FLASK_DATABASE_URL": f"sqlite:///{folder / 'site.db'}"}
    return create_app({"TESTING": True, "CONTENT_PATH": str(content)}, environ | LIVE | own)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Iterator[Flask]:
    app = site(tmp_path_factory.mktemp("live"), environ)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        db.engine.dispose()
    yield app
    with app.app_context():
        db.engine.dispose()


def asked(app: Flask, url: str, host: str = "clinic.example", scheme: str = "https", method: str = "GET") -> tuple[int, str | None]:
    """Status and Location of an answer through the proxy."""
    headers = {"Host": host, "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": scheme, "X-Forwarded-Host": host}
    answer = app.test_client().open(url, method=method, headers=headers)
    return answer.status_code, answer.headers.get("Location")


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("/?p=12", (301, f"/blog/{SLUG}")),
        ("/?p=12&utm_source=leaflet", (301, f"/blog/{SLUG}?utm_source=leaflet")),
        ("/book.php", (308, "/consultation")),
        ("/Prices/", (410, None)),
        ("/?p=13", (200, None)),
    ],
)
def test_an_old_address_is_answered_before_anything_else(live: Flask, url: str, answer: tuple[int, str | None]) -> None:
    assert asked(live, url) == answer


def test_a_form_sent_to_an_old_address_keeps_its_method(live: Flask) -> None:
    assert asked(live, "/book.php", method="POST") == (308, "/consultation")
    assert asked(live, "/?p=12", method="POST")[0] == 405, "a 301 would turn it into a GET that holds nothing"


@pytest.mark.parametrize(
    ("url", "host", "scheme", "location"),
    [
        ("/about?a=1", "www.clinic.example", "https", "https://clinic.example/about?a=1"),
        ("/about", "clinic.example", "http", "https://clinic.example/about"),
        ("/ABOUT/", "WWW.Clinic.Example", "http", "https://clinic.example/about"),
        ("/about", "clinic.example.", "https", "https://clinic.example/about"),
        (f"/Blog/{SLUG.upper()}/", "www.clinic.example", "http", f"https://clinic.example/blog/{SLUG}"),
        ("/about", "203.0.113.1", "http", None),
        ("/about", "other.example", "https", None),
        ("/healthz", "clinic.example", "http", None),
    ],
)
def test_another_name_of_the_host_moves_to_the_one_in_one_step(
    live: Flask, url: str, host: str, scheme: str, location: str | None
) -> None:
    asked(live, "/about")
    assert asked(live, url, host, scheme) == ((301, location) if location else (200, None))


def test_a_form_sent_to_another_name_is_kept(live: Flask) -> None:
    assert asked(live, "/consultation", "www.clinic.example", method="POST")[0] == 422


@pytest.mark.parametrize(("scheme", "host"), [("http", "clinic.example"), ("https", "www.clinic.example")])
def test_a_proxy_that_tells_the_wrong_origin_makes_no_endless_loop(live: Flask, scheme: str, host: str) -> None:
    asked(live, "/about")
    statuses = [asked(live, "/about", host, scheme)[0] for _ in range(PATIENCE + 2)]
    assert statuses == [301] * PATIENCE + [200, 200]
    asked(live, "/about")
    assert asked(live, "/about", host, scheme)[0] == 301, "once somebody has arrived, the proxy is believed again"


def test_without_a_trusted_proxy_nobody_is_sent_to_https() -> None:
    host = CanonicalHost("https://clinic.example", knows_scheme=False)
    assert host.leave_for("http", "clinic.example") is None
    assert host.leave_for("http", "www.clinic.example:80") == "https://clinic.example"


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1"])
def test_on_this_machine_every_name_will_do(url: str) -> None:
    assert CanonicalHost(url, knows_scheme=True).leave_for("http", "www.localhost") is None


@pytest.mark.parametrize("url", ["/", "/blog/", f"/blog/{SLUG}", "/consultation", "/about", "/contact", "/privacy"])
def test_every_public_page_has_one_writing(browser: Browser, url: str) -> None:
    for typed in {url.upper(), url.title(), f"{url.rstrip('/')}//", f"{url.upper().rstrip('/')}/"} - {url}:
        page = browser._load("GET", "/", follow=False, environ_overrides={"PATH_INFO": typed})
        assert (page.status, page.headers["Location"]) == (301, url), typed


def test_an_old_slug_in_another_writing_moves_in_one_step(app: Flask, browser: Browser) -> None:
    article = app.config["LIBRARY"].by_id(ARTICLE)
    app.config["LIBRARY"] = Library([replace(article, old_slugs=("old-name",))])
    for typed in ("/BLOG/Old-Name/", "/blog/OLD-NAME", "/blog/old-name/"):
        page = browser.get(f"{typed}?a=1", follow=False)
        assert page.status == 301
        assert page.headers["Location"].partition("?")[0] == f"/blog/{SLUG}", typed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[redirect]]\nfrom = "/a"\nto = "/a/"\n', "redirects.toml:1: a loop: /a -> /a"),
        ('[[redirect]]\nfrom = "/a"\nto = "/About"\n', "redirects.toml:1: /a: leads to /About, which is no page"),
        ('[[redirect]]\nfrom = "/about"\nto = "/contact"\n', "redirects.toml:1: /about: would hide a page"),
        (f'[[redirect]]\nfrom = "/blog/{SLUG}"\nto = "/contact"\n', "would hide a page"),
    ],
)
def test_wrong_redirects_stop_the_start_with_one_line(tmp_path: Path, environ: dict[str, str], text: str, said: str) -> None:
    with pytest.raises(config.ConfigError) as refused:
        site(tmp_path, environ, text)
    assert said in refused.value.message
    assert "\n" not in refused.value.message
