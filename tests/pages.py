"""A test client that behaves like a browser without JavaScript and checks every page it loads."""

from contextvars import Context
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import PASSWORD

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


class Page:
    """A loaded page: its response, its tree, and what a reader sees of it."""

    def __init__(self, url: str, response: TestResponse) -> None:
        self.url, self.response = url, response
        self.status = response.status_code
        self.headers = response.headers
        self.html = "" if response.mimetype.startswith("image/") else response.get_data(as_text=True)

    @property
    def tree(self) -> BeautifulSoup:
        """The parsed document, to be read only: equal pages share it."""
        return _parsed(self.html)

    @property
    def text(self) -> str:
        """What a reader sees, white space folded."""
        return " ".join(self.tree.get_text(" ").split())

    @property
    def title(self) -> str:
        """The text of <title>."""
        assert self.tree.title is not None
        return str(self.tree.title.string)

    def one(self, selector: str) -> Tag:
        """The only element a selector names."""
        found = self.tree.select(selector)
        assert len(found) == 1, f"{len(found)} elements for {selector} on {self.url}"
        return found[0]

    def all(self, selector: str) -> list[Tag]:
        """Every element a selector names."""
        return list(self.tree.select(selector))

    def form(self, action: str) -> Tag:
        """The form whose action ends so."""
        found = [form for form in self.all("form") if str(form.get("action", self.url)).split("?")[0].endswith(action)]
        assert found, f"no form for {action} on {self.url}"
        return found[0]


@lru_cache(maxsize=32)
def _parsed(html: str) -> BeautifulSoup:
    """Many tests look at the same public page, which is long; to parse it took a quarter of their time."""
    return BeautifulSoup(html, "html.parser")


class Browser:
    """Follows links and fills in forms; keeps cookies; refuses a page that breaks a rule of the house."""

    def __init__(self, app: Flask, headers: dict[str, str] | None = None) -> None:
        self.client = app.test_client()
        self.headers = headers or {}

    def get(self, url: str, follow: bool = True, **kwargs: Any) -> Page:
        """Opens a page; redirects are followed like a browser does."""
        return self._load("GET", url, follow, **kwargs)

    def post(self, url: str, data: dict[str, Any] | None = None, follow: bool = True, **kwargs: Any) -> Page:
        """Sends a body as it is given, without a form."""
        return self._load("POST", url, follow, data=data or {}, **kwargs)

    def submit(self, page: Page, action: str, follow: bool = True, button: tuple[str, str] | None = None, **values: Any) -> Page:
        """Fills in the form with this action, as shown, and sends it; None leaves a box unticked."""
        form = page.form(action)
        data = filled(form) | {name: value for name, value in values.items() if value is not None}
        for name in [name for name, value in values.items() if value is None]:
            data.pop(name, None)
        if button is not None:
            data[button[0]] = button[1]
        return self._load("POST", urljoin(page.url, str(form.get("action") or page.url)), follow, data=data)

    def _load(self, method: str, url: str, follow: bool, **kwargs: Any) -> Page:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = self.headers | kwargs.pop("headers", {})
        # A context of its own, as on a server: nothing of the test's application context is shared with the request.
        answer = Context().run(partial(self.client.open, path, method=method, headers=headers, **kwargs))
        page = Page(path, answer)
        check(page)
        if follow and page.status in {301, 302, 303, 308}:
            same = page.status == 308 and method == "POST"
            target = urljoin(path, page.headers["Location"])
            return self._load(method if same else "GET", target, follow, headers=headers, **(kwargs if same else {}))
        return page


def filled(form: Tag) -> dict[str, str]:
    """What a browser would send of a form that nobody touched."""
    data = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type", "text")
        if field.name == "select":
            option = field.select_one("option[selected]") or field.select_one("option")
            data[name] = str(option["value"]) if option else ""
        elif field.name == "textarea":
            data[name] = field.get_text().removeprefix("\n")
        elif kind not in {"checkbox", "radio"} or field.has_attr("checked"):
            data[name] = str(field.get("value", "on" if kind == "checkbox" else ""))
    return data


def sign_in(browser: Browser, email: str = "owner@example.com", password: str = PASSWORD) -> Page:
    """Fills in the sign-in form."""
    return browser.submit(browser.get("/staff/login"), "/staff/login", email=email, password=password)


def check(page: Page) -> None:
    """The rules every page keeps, whatever it shows."""
    headers, under_staff = page.headers, page.url == "/staff" or page.url.startswith("/staff/")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    if not under_staff:
        assert "Set-Cookie" not in headers, f"a cookie on {page.url}"
        assert "Cookie" not in headers.get("Vary", ""), f"Vary: Cookie on {page.url}"
    if not headers.get("Content-Type", "").startswith("text/html") or page.status in {301, 302, 303, 308}:
        return
    _check_document(page.url, page.html)
    named = [(str(tag["name"]), str(tag["content"])) for tag in page.tree.find_all("meta") if tag.has_attr("name")]
    metas = dict(named)
    assert [name for name, _ in named].count("robots") == 1, f"robots on {page.url}"
    robots = metas["robots"]
    if under_staff or page.status >= 400:
        assert headers["Cache-Control"] == "no-store", page.url
    if under_staff or (page.status >= 400 and page.status not in {422, 429, 503}):
        assert "noindex" in robots, page.url
    elif "noindex" not in robots:
        assert len([tag for tag in page.tree.find_all("link") if "canonical" in tag["rel"]]) == 1, page.url
        assert 70 <= len(metas["description"]) <= 160, page.url


@lru_cache(maxsize=32)
def _check_document(url: str, html: str) -> None:
    """One walk over the document: a selector for each rule took most of the time of all tests."""
    tree = _parsed(html)
    tags = tree.find_all(True)
    assert html.lower().startswith("<!doctype html>"), url
    assert tags[0].name == "html", url
    assert tags[0].get("lang"), url
    title = str(tree.title.string) if tree.title is not None else ""
    assert 0 < len(title) <= 65 + len("Error: ") or url.startswith("/staff"), f"title of {url}: {title}"
    ids = [str(tag["id"]) for tag in tags if tag.has_attr("id")]
    known = set(ids)
    assert len(ids) == len(known), f"ids used twice on {url}: {sorted(i for i in ids if ids.count(i) > 1)}"
    labels = {str(tag["for"]) for tag in tags if tag.name == "label" and tag.has_attr("for")}
    for tag in tags:
        _check_tag(url, tag, known, labels)
    levels = [int(tag.name[1]) for tag in tags if tag.name in {"h1", "h2", "h3", "h4"}]
    assert levels.count(1) == 1, f"{levels.count(1)} h1 on {url}"
    jumps = [pair for pair in pairwise(levels) if pair[1] - pair[0] > 1]
    assert not jumps, f"heading levels jump on {url}: {levels}"


def _check_tag(url: str, tag: Tag, known: set[str], labels: set[str]) -> None:
    assert not tag.has_attr("style"), f"style= on {url}"
    assert not [name for name in tag.attrs if name.startswith("on")], f"inline handler on {url}"
    if tag.name in {"input", "textarea", "select"} and tag.get("type") not in UNLABELLED and tag.get("aria-hidden") != "true":
        labelled = tag.get("id") in labels or tag.get("aria-label") or tag.find_parent("label")
        assert labelled, f"{tag.get('name')} on {url} has no label"
    for name in f"{tag.get('aria-describedby', '')} {tag.get('aria-labelledby', '')}".split():
        assert name in known, f"{tag.name} on {url} points to #{name}, which is not there"
    if tag.name == "a" and str(tag.get("href", "")).startswith("#"):
        assert str(tag["href"])[1:] in known, f"{tag['href']} on {url} leads nowhere"
