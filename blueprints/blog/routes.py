"""An article with its comments, and posting one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from textwrap import shorten
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded

import clinic
import database
import errors
from blueprints.blog.forms import CommentForm, comment_number
from blueprints.blog.views import Detail, OwnComment, details, public_comment, threads
from domain import comments, reading, structured_data
from domain.articles import Article
from domain.comments import Comment
from domain.text import for_xml
from domain.tokens import Purpose
from extensions import db, limiter
from pagecache import Page
from web import comment_pages, guessing, page_meta, paging, visitors, words
from web.document_pages import MOVED, SAME_METHOD, document_or_leave

bp = Blueprint("blog", __name__)
CACHEABLE = {
    "blog.article": Page(personal=("reply_to",)),
    "blog.comment_page": Page(),
    "blog.comment_feed": Page(),
}
POSTS_PER_MINUTE = "30 per minute"
BUSY = "We could not store your comment at this moment. Your text is still here: please send it again in a minute."
TOO_MANY = "Many comments came from your network in a short time. Your text is still here: please send it again in a minute."
PARENT_GONE = (
    "The comment you were replying to is no longer there. Your text is still here: "
    "send it again and it will stand as a comment of its own."
)
FLOODED = "Very many comments came at once, so we take none for a while."
CLOSED = "Comments on this article are closed, so this one was not stored. Your text is still here if you want to copy it."


@bp.get("/blog/<slug>")
def article(slug: str) -> ResponseReturnValue:
    """An article with its first page of comments and an empty form; with ?reply_to= the form answers that comment."""
    item = _article_or_leave(slug, "blog.article")
    form = CommentForm(asks_website=clinic.site().website_field)
    if "reply_to" in request.args:
        g.uncacheable = True
        form.parent_id.data = request.args["reply_to"]
    return _page(item, form)


@bp.get("/blog/<slug>/comments/<int:number>")
def comment_page(slug: str, number: int) -> ResponseReturnValue:
    """A further page of an article's comments; the first is on the article itself."""
    item = _article_or_leave(slug, "blog.comment_page", number=number)
    try:
        shown = comment_pages.show(item, number)
    except comments.NoSuchPage:
        abort(404)
    paging.stay_at(comment_pages.path(item, number))
    return render_template("blog/comment_page.html", meta=_comment_page_meta(item, number), article=item, **_thread(item, shown))


@bp.get("/blog/<slug>/comments")
def comment_form(slug: str) -> ResponseReturnValue:
    """The form lives on the article's page."""
    item = _article_or_leave(slug, "blog.comment_form")
    return redirect(url_for("blog.article", slug=item.slug, _anchor="respond"), 303)


@bp.get("/blog/<slug>/comments/feed.xml")
def comment_feed(slug: str) -> ResponseReturnValue:
    """What readers wrote under an article, newest first, as an Atom feed; not for search engines, which have the page."""
    item = _article_or_leave(slug, "blog.comment_feed")
    rows = comments.newest_approved(db.session, item.id)
    links = comment_pages.permalinks(item, rows)
    page = render_template(
        "blog/comment_feed.xml",
        article=item,
        article_url=clinic.absolute("blog.article", slug=item.slug),
        self_url=clinic.absolute("blog.comment_feed", slug=item.slug),
        rows=[(row, public_comment(row), clinic.on_site(links[row.id])) for row in rows],
        updated=max((row.status_since for row in rows), default=item.published),
    )
    return for_xml(page), {"Content-Type": "application/atom+xml; charset=utf-8", "X-Robots-Tag": "noindex"}


@bp.post("/blog/<slug>/comments")
def submit_comment(slug: str) -> ResponseReturnValue:
    """Keeps a comment and leads its author to the signed status page; the button Preview only shows it."""
    item = _article_or_leave(slug, "blog.submit_comment")
    form = CommentForm(request.form, asks_website=clinic.site().website_field)
    try:
        return _take(item, form)
    except (comments.TooFast, comments.Paused, comments.NotAnswerable, RateLimitExceeded, *database.UNAVAILABLE) as refusal:
        db.session.rollback()
        guessing.note(refusal)
        return _refuse(item, form, refusal)


def _take(item: Article, form: CommentForm) -> ResponseReturnValue:
    if not _is_open(item):
        return _page(item, form, CLOSED), 422
    if not form.validate():
        return _page(item, form), 422
    if request.form.get("action") == "preview":
        draft = form.to_draft()
        return _page(item, form, preview=OwnComment.preview(draft, clinic.now()), found=details(draft.text))
    outcome = _keep(item, form)
    token = clinic.sign(Purpose.COMMENT_STATUS, {"comment": outcome.link_id, "article": item.id})
    return redirect(url_for("blog.comment_status", token=token), 303)


def _keep(item: Article, form: CommentForm) -> comments.Submitted:
    draft, network, earlier_network = form.to_draft(), visitors.network(), visitors.earlier_network()
    knows_sender = not guessing.is_likely()
    # What is sent again is recognised before any limit (rule 4 of the design).
    repeat = comments.find_repeat(db.session, item.id, draft, (network, earlier_network), clinic.now()) if knows_sender else None
    if repeat is not None:
        return repeat
    if (until := _opens_at()) is not None:
        raise comments.Paused(until)
    if visitors.knows_address():
        with limiter.limit(POSTS_PER_MINUTE):
            pass
    signals, around = visitors.signals(form.url2.data), clinic.around_comments()
    site, pace = clinic.site(), clinic.comment_pace()
    session = database.begin_write(db.session, *draft.serialise_on, beside=[comments.MODERATION])
    outcome = comments.submit(
        session,
        item.id,
        draft,
        signals=signals,
        network=network,
        earlier_network=earlier_network,
        knows_sender=knows_sender,
        lang="en",
        notify=around.addresses,
        pace=pace,
        protected=around.names,
        about=item.html_without_drawings,
        rules=clinic.comment_rules(),
        limits=comments.Limits(timedelta(seconds=site.comment_pause_seconds), site.comments_per_network),
        now=clinic.now(),
    )
    session.commit()
    return outcome


def _refuse(item: Article, form: CommentForm, refusal: Exception) -> ResponseReturnValue:
    """The page with everything typed, and why the comment could not be kept now."""
    if isinstance(refusal, comments.NotAnswerable):
        form.parent_id.data = ""
        return _page(item, form, PARENT_GONE), 422
    if isinstance(refusal, comments.TooFast | comments.Paused):
        seconds = max(1, round((refusal.until - clinic.now()).total_seconds()))
        return _page(item, form, _wait(refusal)), 429, {"Retry-After": str(seconds)}
    if isinstance(refusal, RateLimitExceeded):
        return _page(item, form, TOO_MANY), 429, {"Retry-After": "60"}
    errors.log_without_words(refusal)
    return _page(item, form, BUSY, with_comments=False), 503, {"Retry-After": str(errors.RETRY_SECONDS)}


def _wait(refusal: comments.TooFast | comments.Paused) -> str:
    why = FLOODED if isinstance(refusal, comments.Paused) else "Your comments come faster than we can read them."
    # The next full minute, so that the time we name is never too early.
    at = refusal.until + timedelta(minutes=1) - timedelta(microseconds=1)
    return f"{why} Your text is still here: you can send it from {words.clock(at, clinic.site().timezone)} on."


def _page(
    item: Article,
    form: CommentForm,
    problem: str | None = None,
    *,
    preview: OwnComment | None = None,
    found: Sequence[Detail] = (),
    with_comments: bool = True,
) -> str:
    parent = _parent(item, form) if with_comments else None
    shown = (
        comment_pages.show(item, comment_pages.number_of(item, parent) if parent else 1)
        if with_comments
        else comments.ThreadPage((), 1, 1, 0)
    )
    meta = _article_meta(item, shown.approved)
    return render_template(
        "blog/article.html",
        meta=replace(meta, robots=page_meta.NOINDEX) if parent else meta,
        article=item,
        onward=reading.after(item, clinic.library().public(clinic.now())),
        form=form,
        consent_text=comments.CONSENT_TEXT,
        parent=parent,
        preview=preview,
        details=found,
        problem=problem,
        comments_missing=not with_comments,
        **_thread(item, shown),
    )


def _parent(item: Article, form: CommentForm) -> Comment | None:
    """The comment the form answers; a form for one that cannot be answered becomes a plain one."""
    try:
        return comments.answerable(db.session, item.id, comment_number(form.parent_id.data or "")) if _is_open(item) else None
    except comments.NotAnswerable:
        form.parent_id.data = ""
        return None


def _thread(item: Article, shown: comments.ThreadPage) -> dict[str, Any]:
    """What every page with comments shows of them."""
    return {
        "comments": threads(shown.rows, clinic.site().comment_depth),
        "comment_count": shown.approved,
        "comment_feed_url": url_for("blog.comment_feed", slug=item.slug),
        "comments_open": _is_open(item) and _opens_at() is None,
        "opens_at": _opens_at() if _is_open(item) else None,
        "page_url": comment_pages.path(item, shown.number),
        "place": paging.Place(shown.number, shown.pages, lambda number: comment_pages.path(item, number)),
    }


def _article_meta(item: Article, count: int) -> page_meta.PageMeta:
    url, drawn = clinic.absolute("blog.article", slug=item.slug), page_meta.drawn(item.title)
    described = structured_data.article(
        clinic.site(), clinic.absolute("pages.home"), url, item, count, pictures=[picture.url for picture in drawn]
    )
    return page_meta.indexed(
        item.seo_title,
        item.description,
        [("Articles", url_for("blog.article_list")), (item.title, url_for("blog.article", slug=item.slug))],
        nodes=described,
        og_type="article",
        published=item.published,
        modified=item.updated,
        picture=next(iter(drawn), None),
    )


def _comment_page_meta(item: Article, number: int) -> page_meta.PageMeta:
    article_url, url = comment_pages.path(item, 1), comment_pages.path(item, number)
    return page_meta.indexed(
        f"Page {number} of the replies: {shorten(item.seo_title, width=38, placeholder=' …')}",
        shorten(f"Page {number} of what readers wrote about the article: {item.title}.", width=155, placeholder=" …"),
        [("Articles", url_for("blog.article_list")), (item.title, article_url), (f"Page {number}", url)],
    )


def _is_open(item: Article) -> bool:
    site = clinic.site()
    days = site.comments_close_after_days
    is_over = bool(days) and clinic.now() >= item.published + timedelta(days=days)
    return item.accepts_comments and site.comments_open and not is_over


def _opens_at() -> datetime | None:
    """When comments open again by themselves, while staff have closed them because of a flood."""
    return comments.paused_until(clinic.site(), clinic.now())


def _article_or_leave(slug: str, endpoint: str, number: int | None = None) -> Article:
    """The article, or the answer for an old slug, a removed article, an unknown one."""
    return document_or_leave(
        clinic.library(),
        slug,
        clinic.now(),
        lambda there: url_for(endpoint, slug=there, number=number),
        SAME_METHOD if endpoint == "blog.submit_comment" else MOVED,
    )
