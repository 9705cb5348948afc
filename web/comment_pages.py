"""Which page of its article a comment stands on, and the addresses of those pages; for pages, feeds and mail alike."""

from collections.abc import Sequence

import clinic
from domain import comments
from domain.articles import Article
from domain.comments import Comment, ThreadPage
from extensions import db


def show(item: Article, number: int) -> ThreadPage:
    """A page of what readers see below an article. Raises NoSuchPage beyond the last."""
    site = clinic.site()
    return comments.page(db.session, item.id, number, size=site.comment_page_size, newest_first=site.comments_newest_first)


def path(item: Article, number: int) -> str:
    """The path of a page of comments; the first is on the article itself."""
    if number == 1:
        return clinic.path("blog.article", slug=item.slug)
    return clinic.path("blog.comment_page", slug=item.slug, number=number)


def number_of(item: Article, comment: Comment) -> int:
    """The page a shown comment stands on."""
    return _numbers(item, [comment])[comment.id]


def permalink(item: Article, comment: Comment) -> str:
    """The path of a shown comment: its page and its place there."""
    return permalinks(item, [comment])[comment.id]


def permalinks(item: Article, rows: Sequence[Comment]) -> dict[int, str]:
    """The paths of shown comments of one article, by id."""
    return {number: f"{path(item, page)}#comment-{number}" for number, page in _numbers(item, rows).items()}


def _numbers(item: Article, rows: Sequence[Comment]) -> dict[int, int]:
    site = clinic.site()
    return comments.pages_of(db.session, item.id, rows, size=site.comment_page_size, newest_first=site.comments_newest_first)
