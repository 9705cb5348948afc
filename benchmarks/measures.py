"""What is measured on a filled site: as readers, visitors and staff send for it, through the whole application."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import count, cycle
from time import perf_counter
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

import clinic
from benchmarks.filling import MODERATOR, PASSWORD
from benchmarks.sites import ARTICLES, COMMENTS, REQUESTS, opened
from benchmarks.stories import ARTICLE
from checks import content
from domain.comments import Comment, Status, ThreadBlock
from domain.consultations import ConsultationRequest
from extensions import db

LOGIN, DASHBOARD, QUEUE, INBOX = "/staff/login", "/staff/", "/staff/comments", "/staff/requests"
FREQUENT = "migraine"
"""A word of about half of all comments and messages."""
FROM_THE_END = 30


class Visitor:
    """Somebody who opens pages of a site, reads or decides there, and knows how long each answer took."""

    def __init__(self, app: Flask) -> None:
        self._app, self._client, self._numbers = app, app.test_client(), count(1)
        with app.app_context():
            self._articles = cycle([article.slug for article in clinic.library().public(clinic.now())])

    @cached_property
    def slug(self) -> str:
        """The address of the article that has most of the comments."""
        with self._app.app_context():
            article = clinic.library().by_id(ARTICLE)
        assert article is not None
        return article.slug

    @cached_property
    def late_page(self) -> str:
        """The address of the last full page of its comments."""
        shown = sa.select(sa.func.sum(ThreadBlock.number)).where(ThreadBlock.article_id == ARTICLE)
        with self._app.app_context():
            number = db.session.scalars(shown).one() // clinic.base_site().comment_page_size
        return f"/blog/{self.slug}/comments/{number}" if number > 1 else f"/blog/{self.slug}"

    @cached_property
    def late_id(self) -> int:
        """An approved comment with FROM_THE_END older ones."""
        oldest = sa.select(Comment.id).where(Comment.status == Status.APPROVED).order_by(Comment.id)
        with self._app.app_context():
            return db.session.scalars(oldest.offset(FROM_THE_END).limit(1)).one()

    @cached_property
    def address(self) -> str:
        """The address of somebody who wrote an early comment."""
        with self._app.app_context():
            return db.session.get_one(Comment, self.late_id).email

    @cached_property
    def late_request(self) -> ConsultationRequest:
        """A request with FROM_THE_END older ones, with an address."""
        query = sa.select(ConsultationRequest).order_by(ConsultationRequest.created_at, ConsultationRequest.id)
        with self._app.app_context():
            row = db.session.scalars(query.where(ConsultationRequest.email.is_not(None)).offset(FROM_THE_END).limit(1)).one()
            db.session.expunge(row)
        return row

    @cached_property
    def month(self) -> str:
        """The part of an address that asks for the thirty days from the arrival of that request on."""
        first = self.late_request.created_at.date() + timedelta(days=1)
        return f"from={first}&to={first + timedelta(days=30)}"

    def sign_in(self) -> None:
        """Opens the staff area."""
        self.send(LOGIN, {"email": MODERATOR, "password": PASSWORD, **self._hidden(LOGIN, "csrf_token")})

    def get(self, path: str) -> float:
        """Opens a page; returns seconds."""
        return self._open(200, path)[0]

    def send(self, path: str, data: dict[str, str], **more: Any) -> float:
        """Sends a form that leads to another page; returns seconds."""
        return self._open(303, path, method="POST", data=data, **more)[0]

    def get_next_article(self) -> float:
        """Opens an article, another one each time; returns seconds."""
        # A page for a reply is never kept in a cache, and without such a comment it is the plain article.
        return self.get(f"/blog/{next(self._articles)}?reply_to=0")

    def get_content(self) -> float:
        """Opens the staff page of all texts, as somebody who does so again; returns seconds."""
        with self._app.app_context():
            content.records()
        return self.get("/staff/content/")

    def start(self) -> float:
        """Assembles the application once more, as a process that starts does; returns seconds."""
        began = perf_counter()
        app = opened(self._app.config["DATABASE_URL"], self._app.instance_path)
        seconds = perf_counter() - began
        with app.app_context():
            db.engine.dispose()
        return seconds

    def post_comment(self) -> float:
        """Sends a comment from an address and a network that nothing came from before; returns seconds."""
        number = next(self._numbers)
        data = {"name": "Sana", "email": f"new{number}@example.com", "body": f"My diary for the migraine, page {number}."}
        sender = {"REMOTE_ADDR": f"10.{number // 256}.{number % 256}.1"}
        return self.send(f"/blog/{self.slug}/comments", data, environ_base=sender)

    def post_request(self) -> float:
        """Sends a request from a number and a network that nothing came from before; returns seconds."""
        number = next(self._numbers)
        data = {"name": "Sana", "phone": f"0345-{number:07d}", "contact_by": "phone", "message": "About migraine.", "consent": "y"}
        sender = {"REMOTE_ADDR": f"10.{number // 256}.{number % 256}.2"}
        return self.send("/consultation", data, environ_base=sender)

    def approve_all(self) -> float:
        """Approves the newest held comments, as many as one request takes; returns seconds. Takes it back unmeasured."""
        shown = self._hidden(QUEUE, "csrf_token", "upto", "moment")
        seconds = self.send(f"{QUEUE}/bulk", {"tab": "held", "action": "approve", "all": "y", **shown})
        self.send(f"{QUEUE}/undo", {"action": "undo", **self._hidden(QUEUE, "csrf_token", "first", "last")})
        return seconds

    def _hidden(self, path: str, *names: str) -> dict[str, str]:
        """What the hidden fields of these names hold on a page."""
        page = self._open(200, path)[1].get_data(as_text=True)
        return {name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)[0] for name in names}

    def _open(self, expected: int, path: str, **more: Any) -> tuple[float, TestResponse]:
        began = perf_counter()
        answer = self._client.open(path, buffered=True, **more)
        seconds = perf_counter() - began
        if answer.status_code != expected:
            raise RuntimeError(f"{path} answers {answer.status}, which is no measure of anything")
        return seconds, answer


ABOUT_COMMENTS, ABOUT_REQUESTS, ABOUT_ARTICLES = frozenset({COMMENTS}), frozenset({REQUESTS}), frozenset({ARTICLES})


@dataclass(frozen=True)
class Measure:
    """Something that must not become slow; `target` is how many times as long it may take on the largest site, or, where `seconds`
    are given, in how many it must be done there.

    `once` returns seconds; in each round it is done so many `times` on each site, of which the median counts.
    """

    name: str
    target: float
    once: Callable[[Visitor], float]
    times: int = 5
    about: frozenset[str] = ABOUT_COMMENTS
    """What the sites must hold for it."""
    seconds: float | None = None

    @property
    def aim(self) -> str:
        """The target in words."""
        return f"{self.target:g}" if self.seconds is None else f"{self.seconds * 1000:g} ms"


_COMMENTS = (
    # A page for a reply is never kept in a cache, and without such a comment it is the plain article.
    Measure("the article, rendered", 1.5, lambda visitor: visitor.get(f"/blog/{visitor.slug}?reply_to=0")),
    Measure("the last page of its comments", 1.5, lambda visitor: visitor.get(visitor.late_page)),
    Measure("the feed of its comments", 1.5, lambda visitor: visitor.get(f"/blog/{visitor.slug}/comments/feed.xml")),
    Measure("posting a comment", 1.5, Visitor.post_comment),
    Measure("the queue, first page", 1.5, lambda visitor: visitor.get(QUEUE)),
    Measure("the queue, a late page", 1.5, lambda visitor: visitor.get(f"{QUEUE}?tab=approved&before={visitor.late_id}")),
    Measure("the queue, an article's", 1.5, lambda visitor: visitor.get(f"{QUEUE}?tab=approved&article={ARTICLE}")),
    # Whoever is new has written nothing else, which is the most there is to look up.
    Measure("the queue, new authors", 1.5, lambda visitor: visitor.get(f"{QUEUE}?record=first")),
    Measure("a search, frequent word", 3.0, lambda visitor: visitor.get(f"{QUEUE}?q={FREQUENT}")),
    Measure("a search, published ones", 3.0, lambda visitor: visitor.get(f"{QUEUE}?tab=approved&q={FREQUENT}")),
    Measure("a search, one author", 3.0, lambda visitor: visitor.get(f"{QUEUE}?tab=approved&q={quote(visitor.address)}")),
    Measure("approving 1,000 comments", 1.5, Visitor.approve_all, times=3),
)


def _inbox(name: str, target: float, query: Callable[[Visitor], str]) -> Measure:
    return Measure(name, target, lambda visitor: visitor.get(f"{INBOX}?{query(visitor)}"), about=ABOUT_REQUESTS)


_REQUESTS = (
    _inbox("the inbox, to do", 1.5, lambda _visitor: "filter=due"),
    _inbox("the inbox, all", 1.5, lambda _visitor: "filter=all"),
    _inbox("the inbox, a late page", 1.5, lambda visitor: f"filter=all&before={visitor.late_request.id}"),
    _inbox("the inbox, assigned to me", 1.5, lambda _visitor: "filter=all&assigned=me"),
    _inbox("the inbox, suspected", 1.5, lambda _visitor: "filter=all&suspected=y"),
    _inbox("the inbox, dates", 1.5, lambda visitor: f"filter=all&{visitor.month}"),
    _inbox("requests, frequent word", 3.0, lambda _visitor: f"filter=all&q={FREQUENT}"),
    _inbox("requests, frequent word, to do", 3.0, lambda _visitor: f"filter=due&q={FREQUENT}"),
    _inbox("requests, frequent word, mine", 3.0, lambda _visitor: f"filter=booked&assigned=me&q={FREQUENT}"),
    _inbox("requests, rare word", 3.0, lambda visitor: f"filter=all&q={visitor.late_request.reference}"),
    _inbox("requests, one number", 3.0, lambda visitor: f"filter=all&q={quote(visitor.late_request.phone_raw)}"),
    Measure("a request", 1.5, lambda visitor: visitor.get(f"{INBOX}/{visitor.late_request.id}"), about=ABOUT_REQUESTS),
    Measure("posting a request", 1.5, Visitor.post_request, about=ABOUT_REQUESTS),
)

# With the comments that are held, where the site holds comments too.
_DASHBOARD = Measure("the dashboard", 1.5, lambda visitor: visitor.get(DASHBOARD), about=ABOUT_REQUESTS)

_ARTICLES = (
    Measure("each article in turn", 1.5, Visitor.get_next_article, times=20, about=ABOUT_ARTICLES),
    Measure("the home page", 1.5, lambda visitor: visitor.get("/"), about=ABOUT_ARTICLES),
    Measure("the list of articles", 1.5, lambda visitor: visitor.get("/blog/"), about=ABOUT_ARTICLES),
    Measure("the feed of articles", 1.5, lambda visitor: visitor.get("/feed.xml"), about=ABOUT_ARTICLES),
    # It has to name them all.
    Measure("the sitemap", 0, lambda visitor: visitor.get("/sitemap.xml"), about=ABOUT_ARTICLES, seconds=0.25),
    Measure("all texts, for staff", 0, Visitor.get_content, about=ABOUT_ARTICLES, seconds=1.0),
    Measure("a start", 0, Visitor.start, times=3, about=ABOUT_ARTICLES, seconds=2.0),
)

MEASURES = (*_COMMENTS, *_REQUESTS, _DASHBOARD, *_ARTICLES)
