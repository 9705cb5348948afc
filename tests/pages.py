"""A test client that behaves like a browser without JavaScript and checks every page it loads."""

from contextvars import Context
from functools import lru_cache, partial
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from serving import assets
from tests.factories import PASSWORD

SHIPPED = assets.load(Path(__file__).parents[1] / "static")
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
UNREAD = ("script", "style", "template")
"""Elements whose text no reader sees."""


class Seen(NamedTuple):
    """A tag as it stands in the document: its name, its attributes ("" for one without a value), whether a label is around it."""

    name: str
    attrs: dict[str, str]
    in_label: bool


class Outline(HTMLParser):
    """What the rules of every page look at. A tree takes five times as long, and most pages of a test are only passed through."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Seen] = []
        self.words: list[str] = []
        self.title: str | None = None
        self.forms: list[tuple[str, str]] = []
        """Of each form its action and its source."""
        self._html, self._open = html, {"label": 0, "title": 0} | dict.fromkeys(UNREAD, 0)
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._form = ("", 0)
        self.feed(html)
        self.close()
        assert not any(self._open.values()), f"not closed: {[name for name, number in self._open.items() if number]}"

    @property
    def text(self) -> str:
        """What a reader sees, white space folded."""
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(Seen(tag, values, self._open["label"] > 0))
        if tag in self._open:
            self._open[tag] += 1
        if tag == "form":
            self._form = (values.get("action", ""), self._at())

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open[tag] -= 1
            assert self._open[tag] >= 0, f"</{tag}> without its beginning"
        if tag == "form":
            action, start = self._form
            self.forms.append((action, self._html[start : self._at()]))

    def handle_data(self, data: str) -> None:
        if self._open["title"] and self.title is None:
            self.title = data
        if not any(self._open[name] for name in UNREAD):
            self.words.append(data)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


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
        return _outline(self.html).text

    @property
    def title(self) -> str:
        """The text of <title>."""
        title = _outline(self.html).title
        assert title is not None
        return title

    def one(self, selector: str) -> Tag:
        """The only element a selector names."""
        found = self.tree.select(selector)
        assert len(found) == 1, f"{len(found)} elements for {selector} on {self.url}"
        return found[0]

    def all(self, selector: str) -> list[Tag]:
        """Every element a selector names."""
        return list(self.tree.select(selector))

    def form(self, action: str) -> Tag:
        """The form whose action ends so; a tree of its own."""
        forms = _outline(self.html).forms
        found = [source for target, source in forms if (target or self.url).split("?")[0].endswith(action)]
        assert found, f"no form for {action} on {self.url}"
        form = _parsed(found[0]).form
        assert form is not None
        return form


@lru_cache(maxsize=32)
def _parsed(html: str) -> BeautifulSoup:
    """Many tests look at the same public page, which is long."""
    return BeautifulSoup(html, "html.parser")


@lru_cache(maxsize=32)
def _outline(html: str) -> Outline:
    return Outline(html)


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

    def submit(
        self,
        page: Page,
        action: str,
        follow: bool = True,
        button: tuple[str, str] | None = None,
        formaction: str | None = None,
        **values: Any,
    ) -> Page:
        """Fills in the form with this action, as shown, and sends it; None leaves a box unticked. `formaction` is where one of
        its buttons sends it instead.
        """
        form = page.form(action)
        assert formaction is None or form.select(f'button[formaction="{formaction}"]'), f"no button for {formaction}"
        data = filled(form) | {name: value for name, value in values.items() if value is not None}
        for name in [name for name, value in values.items() if value is None]:
            data.pop(name, None)
        if button is not None:
            data[button[0]] = button[1]
        return self._load("POST", urljoin(page.url, str(formaction or form.get("action") or page.url)), follow, data=data)

    def _load(self, method: str, url: str, follow: bool, **kwargs: Any) -> Page:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = self.headers | kwargs.pop("headers", {})
        # A context of its own, as on a server: nothing of the test's application context is shared with the request.
        answer = Context().run(partial(self.client.open, path, method=method, headers=headers, **kwargs))
        page = Page(path, answer)
        check(page)
        if follow and page.status in {301, 302, 303, 307, 308}:
            same = page.status in {307, 308} and method == "POST"
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


def sign_in(browser: Browser, email: str = "owner@example.com", password: str = PASSWORD) -> None:
    """Signs somebody in, and asks for no page after it."""
    answer = browser.submit(browser.get("/staff/login"), "/staff/login", follow=False, email=email, password=password)
    assert answer.status == 303, answer.text


def try_to_sign_in(browser: Browser, email: str = "owner@example.com", password: str = PASSWORD) -> Page:
    """Fills in the sign-in form; the page it leads to."""
    return browser.submit(browser.get("/staff/login"), "/staff/login", email=email, password=password)


def check(page: Page) -> None:
    """The rules every page keeps, whatever it shows."""
    headers, under_staff = page.headers, page.url == "/staff" or page.url.startswith("/staff/")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    if not under_staff:
        assert "Set-Cookie" not in headers, f"a cookie on {page.url}"
        assert "Cookie" not in headers.get("Vary", ""), f"Vary: Cookie on {page.url}"
    if not headers.get("Content-Type", "").startswith("text/html") or page.status in {301, 302, 303, 307, 308}:
        return
    _check_document(page.url, page.html)
    outline = _outline(page.html)
    named = [(tag.attrs["name"], tag.attrs["content"]) for tag in outline.tags if tag.name == "meta" and "name" in tag.attrs]
    metas = dict(named)
    assert [name for name, _ in named].count("robots") == 1, f"robots on {page.url}"
    robots = metas["robots"]
    if under_staff or page.status >= 400:
        assert headers["Cache-Control"] == "no-store", page.url
    if under_staff or (page.status >= 400 and page.status not in {422, 429, 503}):
        assert "noindex" in robots, page.url
    elif "noindex" not in robots:
        links = [tag.attrs["rel"].split() for tag in outline.tags if tag.name == "link"]
        assert sum("canonical" in rel for rel in links) == 1, page.url
        assert 70 <= len(metas["description"]) <= 160, page.url


@lru_cache(maxsize=32)
def _check_document(url: str, html: str) -> None:
    outline = _outline(html)
    tags = outline.tags
    assert html.lower().startswith("<!doctype html>"), url
    assert tags[0].name == "html", url
    assert tags[0].attrs.get("lang"), url
    title = outline.title or ""
    assert 0 < len(title) <= 65 + len("Error: ") or url.startswith("/staff"), f"title of {url}: {title}"
    ids = [tag.attrs["id"] for tag in tags if "id" in tag.attrs]
    known = set(ids)
    assert len(ids) == len(known), f"ids used twice on {url}: {sorted(i for i in ids if ids.count(i) > 1)}"
    labels = {tag.attrs["for"] for tag in tags if tag.name == "label" and "for" in tag.attrs}
    for tag in tags:
        _check_tag(url, tag, known, labels)
    _check_scripts(url, tags)
    levels = [int(tag.name[1]) for tag in tags if tag.name in {"h1", "h2", "h3", "h4"}]
    assert levels.count(1) == 1, f"{levels.count(1)} h1 on {url}"
    jumps = [pair for pair in pairwise(levels) if pair[1] - pair[0] > 1]
    assert not jumps, f"heading levels jump on {url}: {levels}"


def _check_scripts(url: str, tags: list[Seen]) -> None:
    """A module that no loaded script has would be missing in silence."""
    named = {name for tag in tags for name in tag.attrs.get("data-module", "").split()}
    scripts = [tag.attrs for tag in tags if tag.name == "script"]
    loaded = [attrs[name].removeprefix("/static/") for attrs in scripts for name in ("src", "data-src") if name in attrs]
    files = [found[0] for path in loaded if (found := SHIPPED.find(path)) and found[0] in SHIPPED.modules]
    assert len(files) <= 1, f"scripts of {url}: {loaded}"
    held = {name for file in files for name in SHIPPED.modules[file]}
    missing = {name if "/" in name else f"modules/{name}" for name in named} - held
    assert not missing, f"{url} loads {files}, without {missing}"


def _check_tag(url: str, tag: Seen, known: set[str], labels: set[str]) -> None:
    attrs = tag.attrs
    assert "style" not in attrs, f"style= on {url}"
    assert not [name for name in attrs if name.startswith("on")], f"inline handler on {url}"
    if tag.name in {"input", "textarea", "select"} and attrs.get("type") not in UNLABELLED and attrs.get("aria-hidden") != "true":
        labelled = attrs.get("id") in labels or attrs.get("aria-label") or tag.in_label
        assert labelled, f"{attrs.get('name')} on {url} has no label"
    for name in f"{attrs.get('aria-describedby', '')} {attrs.get('aria-labelledby', '')}".split():
        assert name in known, f"{tag.name} on {url} points to #{name}, which is not there"
    if tag.name == "a" and attrs.get("href", "").startswith("#"):
        assert attrs["href"][1:] in known, f"{attrs['href']} on {url} leads nowhere"
