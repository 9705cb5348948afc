"""Comments as the public pages show them: nothing of the email address can get into these."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from markupsafe import Markup

from domain.comments import Comment, Draft, Status, personal
from domain.text import initials, paragraphs
from web import words


@dataclass(frozen=True)
class PublicComment:
    """What everybody sees of a comment and the replies under it; `html` is escaped and auto-linked.

    One that is no longer approved but has replies is shown as removed: no name, no text. `answers` is what it replies to, where
    it does not stand under that.
    """

    id: int
    name: str
    initials: str
    html: Markup
    submitted_at: datetime
    website: str | None
    is_removed: bool
    is_staff: bool
    is_edited: bool = False
    answers: "PublicComment | None" = None
    replies: list["PublicComment"] = field(default_factory=list)


@dataclass(frozen=True)
class OwnComment:
    """What its author sees of a comment in any state; a website is not shown before it is approved."""

    name: str
    initials: str
    html: Markup
    submitted_at: datetime
    is_edited: bool = False

    @classmethod
    def of(cls, row: Comment) -> "OwnComment":
        """The author's view of a row."""
        return cls(row.name, initials(row.name), _html(row.text), row.submitted_at, row.is_edited_by_staff)

    @classmethod
    def preview(cls, draft: Draft, now: datetime) -> "OwnComment":
        """What a draft would look like, were it sent now."""
        return cls(draft.name, initials(draft.name), _html(draft.text), now)


def threads(rows: Sequence[Comment], depth: int) -> list[PublicComment]:
    """Rows in thread order as trees of at most `depth` levels; deeper replies stand on the last one.

    A page may begin in the middle of a thread: its first rows then stand at the top.
    """
    top: list[PublicComment] = []
    open_branches: list[tuple[int, PublicComment]] = []
    seen: dict[int | None, PublicComment] = {}
    for row in rows:
        level = min(row.level, depth - 1)
        while open_branches and open_branches[-1][0] >= level:
            open_branches.pop()
        above = open_branches[-1][1] if open_branches else None
        parent = seen.get(row.parent_id)
        shown = public_comment(row)
        if parent is not None and parent is not above and not (parent.is_removed or shown.is_removed):
            shown = replace(shown, answers=parent)
        (above.replies if above else top).append(shown)
        open_branches.append((level, shown))
        seen[row.id] = shown
    return top


@dataclass(frozen=True)
class Detail:
    """A personal detail somebody is about to publish: what it is, and the passage itself."""

    kind: str
    passage: str


def details(text: str) -> list[Detail]:
    """The personal details of a text, each once, for the warning that it will be public."""
    found = [Detail(words.reason(finding.kind), text[finding.start : finding.end]) for finding in personal.findings(text)]
    return list(dict.fromkeys(found))


def public_comment(row: Comment) -> PublicComment:
    """The public face of a row, without its replies."""
    if row.status is not Status.APPROVED:
        return PublicComment(row.id, "", "", Markup(), row.submitted_at, None, is_removed=True, is_staff=False)
    return PublicComment(
        row.id,
        row.name,
        initials(row.name),
        _html(row.text),
        row.submitted_at,
        row.website,
        is_removed=False,
        is_staff=row.staff_id is not None,
        is_edited=row.is_edited_by_staff,
    )


def _html(text: str) -> Markup:
    return Markup(paragraphs(text))  # paragraphs escapes everything but its own tags  # nosec
