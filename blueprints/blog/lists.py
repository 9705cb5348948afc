"""The list of all articles, newest first, on as many pages as it takes."""

from flask import abort, render_template, url_for

import clinic
from blueprints.blog.routes import bp
from pagecache import Page
from web import page_meta, paging

CACHEABLE = {"blog.article_list": Page(), "blog.article_list_page": Page()}
PER_PAGE = 20
TITLE = "Articles on chronic migraine"
SUBJECT = "chronic migraine and its treatment in plain words, with a source for every number."


@bp.get("/blog/")
def article_list() -> str:
    """The newest articles."""
    return _page(1)


@bp.get("/blog/page/<int:number>")
def article_list_page(number: int) -> str:
    """Older ones; the first page is the list itself."""
    return _page(number)


def _page(number: int) -> str:
    articles = clinic.library().public(clinic.now())
    place = paging.Place(number, max(1, -(-len(articles) // PER_PAGE)), _path)
    if not 1 <= number <= place.count:
        abort(404)
    paging.stay_at(_path(number))
    shown = articles[(number - 1) * PER_PAGE : number * PER_PAGE]
    return render_template("blog/article_list.html", meta=_meta(number), articles=shown, place=place)


def _path(number: int) -> str:
    return url_for("blog.article_list") if number == 1 else url_for("blog.article_list_page", number=number)


def _meta(number: int) -> page_meta.PageMeta:
    crumbs = [("Articles", _path(1))]
    if number == 1:
        return page_meta.indexed(TITLE, f"Articles about {SUBJECT}", crumbs, kind="CollectionPage")
    title, crumbs = f"{TITLE}, page {number}", [*crumbs, (f"Page {number}", _path(number))]
    return page_meta.indexed(title, f"Page {number} of the articles about {SUBJECT}", crumbs, kind="CollectionPage")
