"""A test client that behaves like a browser without JavaScript and checks every page it loads."""

from contextvars import Context
from functools import cached_property, partial
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

UNLABELLED = {"hidden", "submit", "button", "image", "reset"}


class Page:
    """A loaded page: its response, its tree, and what a reader sees of it."""

    def __init__(self, url: str, response: TestResponse) -> None:
        self.url, self.response = url, response
        self.status = response.status_code
        self.headers = response.headers
        self.html = response.get_data(as_text=True)

    @cached_property
    def tree(self) -> BeautifulSoup:
        """The parsed document."""
        return BeautifulSoup(self.html, "html.parser")

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
    _check_document(page)
    robots = page.all('meta[name="robots"]')
    assert len(robots) == 1, f"robots on {page.url}"
    if under_staff or page.status >= 400:
        assert headers["Cache-Control"] == "no-store", page.url
    if under_staff or (page.status >= 400 and page.status not in {422, 429, 503}):
        assert "noindex" in str(robots[0]["content"]), page.url
    elif "noindex" not in str(robots[0]["content"]):
        assert len(page.all('link[rel="canonical"]')) == 1, page.url
        assert 70 <= len(str(page.one('meta[name="description"]')["content"])) <= 160, page.url


def _check_document(page: Page) -> None:
    assert page.html.lower().startswith("<!doctype html>"), page.url
    assert page.one("html").get("lang"), page.url
    assert len(page.all("h1")) == 1, f"{len(page.all('h1'))} h1 on {page.url}"
    assert 0 < len(page.title) <= 65 + len("Error: ") or page.url.startswith("/staff"), f"title of {page.url}: {page.title}"
    ids = [str(tag["id"]) for tag in page.all("[id]")]
    assert len(ids) == len(set(ids)), f"ids used twice on {page.url}: {sorted(i for i in ids if ids.count(i) > 1)}"
    for field in page.all("input, textarea, select"):
        if field.get("type") not in UNLABELLED and field.get("aria-hidden") != "true":
            labelled = field.find_parent("label") or page.all(f'label[for="{field.get("id")}"]') or field.get("aria-label")
            assert labelled, f"{field.get('name')} on {page.url} has no label"
    for tag in page.all("[aria-describedby], [aria-labelledby]"):
        for name in f"{tag.get('aria-describedby', '')} {tag.get('aria-labelledby', '')}".split():
            assert name in ids, f"{tag.name} on {page.url} points to #{name}, which is not there"
    for link in page.all('a[href^="#"]'):
        assert str(link["href"])[1:] in ids, f"{link['href']} on {page.url} leads nowhere"
    assert not page.all("[style]"), f"style= on {page.url}"
    for tag in page.all("*"):
        assert not [name for name in tag.attrs if name.startswith("on")], f"inline handler on {page.url}"
    levels = [int(tag.name[1]) for tag in page.all("h1, h2, h3, h4")]
    jumps = [pair for pair in pairwise(levels) if pair[1] - pair[0] > 1]
    assert not jumps, f"heading levels jump on {page.url}: {levels}"
