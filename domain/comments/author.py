"""What the author of a comment may do by the signed link: change it for a while, take it back for good."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import orm, outbox, spam
from domain.comments import notices, personal, teaching
from domain.comments.comment import AMENDED, Changed, Comment, CommentVersion, How, Status, Unknown, Wish
from domain.comments.history import note
from domain.comments.moderation import move
from domain.comments.rules import Rules, first_status
from domain.comments.submission import NO_RULES
from domain.outbox import AT_ONCE, Kind, Pace

EDIT_WINDOW = timedelta(minutes=15)
"""How long after sending it an author may change a comment."""
MAX_EDITS = 10
"""How often, what staff have changed counted too: each earlier text is kept, and somebody reads the newest."""
EARLIER_SHOWN = 3
"""Earlier texts of a comment that the queue shows."""


class TooLate(Exception):
    """EDIT_WINDOW has passed, or the comment was decided against or withdrawn."""


class TooOften(Exception):
    """The comment was changed MAX_EDITS times."""


class Earlier(NamedTuple):
    """What a comment said before: the newest of its earlier texts, oldest first, and how many there are in all."""

    texts: list[CommentVersion]
    number: int


def is_editable(comment: Comment, now: datetime) -> bool:
    """Whether its author may still change it; spam looks like held to its author."""
    return _is_in_time(comment, now) and comment.revision <= MAX_EDITS


def _is_in_time(comment: Comment, now: datetime) -> bool:
    is_open = comment.staff_id is None and now < comment.submitted_at + EDIT_WINDOW
    return is_open and comment.status in {Status.HELD, Status.APPROVED, Status.SPAM}


def edit(
    session: Session,
    comment_id: int,
    text: str,
    *,
    revision: int,
    notify: Iterable[str],
    pace: Pace = AT_ONCE,
    about: str = "",
    rules: Rules = NO_RULES,
    now: datetime,
) -> None:
    """Replaces the text, keeps the earlier one for staff, and has the comment held again, with a mail to `notify`.

    The new text is judged as if it had been sent in the place of the first; `about` is the article's HTML. `revision` is the
    one the author saw. The same text again changes nothing. Raises Unknown, also for what the clinic wrote, TooLate, TooOften
    and Changed. The caller has begun a write with MODERATION, and commits.
    """
    comment = orm.locked(session, Comment, comment_id)
    if comment is None or comment.staff_id is not None:
        raise Unknown
    if comment.text == text:
        return
    if not _is_in_time(comment, now):
        raise TooLate
    if comment.revision > MAX_EDITS:
        raise TooOften
    if comment.revision != revision:
        raise Changed
    session.add(CommentVersion(comment_id=comment.id, revision=comment.revision, text=comment.text, replaced_at=now))
    teaching.forget(session, [comment])
    verdict = _judge(session, comment, text, about=about, rules=rules, now=now)
    spam.sketch.keep(session, comment.id, text, now)
    comment.text, comment.revision = text, comment.revision + 1
    by_rules = rules.reasons(text, comment.name, comment.email, comment.website or "")
    comment.reasons = [*filter(_stays, comment.reasons), *verdict.reasons, *by_rules, *personal.kinds(text), "edited"]
    wanted = first_status(comment.reasons, is_spam=verdict.is_spam or comment.status is Status.SPAM)
    if wanted is not comment.status:
        move(session, comment, wanted, by=None, how=How.AUTHOR, now=now)
    else:
        note(session, comment, comment.status, by=None, how=How.AUTHOR, now=now)
    if comment.status is Status.HELD:
        outbox.drop(session, [Kind.COMMENT_HELD], [comment.id])
        outbox.gather(session, Kind.COMMENT_HELD, comment.id, notify, now, pace)


def _judge(session: Session, comment: Comment, text: str, *, about: str, rules: Rules, now: datetime) -> spam.Verdict:
    """By all that a new comment is judged by; what the request and its sender were is told by the first verdict's reasons."""
    signals, past = spam.as_sent(comment.reasons)
    parent = session.get(Comment, comment.parent_id) if about and comment.parent_id is not None else None
    return spam.judge(
        session,
        spam.Submission(
            teaching.typed(text, comment.website),
            signals,
            name=comment.name,
            email_key=comment.email_key,
            hold_links=rules.hold_links,
            past=past,
            repeated=spam.sketch.last_alike(session, text, now, but=comment.id),
            about=f"{about} {parent.text}" if parent is not None else about,
        ),
    )


def _stays(reason: str) -> bool:
    """Whether a reason is still one when the text is another and has been judged."""
    judged_anew = {"word", "disallowed", "edited", AMENDED, personal.REDACTED, *personal.Kind, *spam.REASONS}
    return reason.partition(":")[0] not in judged_anew


def earlier_texts(session: Session, comment_ids: Iterable[int]) -> dict[int, Earlier]:
    """What these comments said before, EARLIER_SHOWN texts of each at most; comments that were never changed are left out."""
    of_one = CommentVersion.comment_id
    place = sa.func.row_number().over(partition_by=of_one, order_by=CommentVersion.revision.desc()).label("place")
    number = sa.func.count().over(partition_by=of_one).label("number")
    # By the index alone, so that a text that is not shown is not read either.
    ranked = sa.select(CommentVersion.id, place, number).where(of_one.in_(list(comment_ids))).subquery()
    query = sa.select(CommentVersion, ranked.c.number).join(ranked, ranked.c.id == CommentVersion.id)
    found: dict[int, Earlier] = {}
    for version, of_all in session.execute(query.where(ranked.c.place <= EARLIER_SHOWN).order_by(of_one, CommentVersion.revision)):
        found.setdefault(version.comment_id, Earlier([], of_all)).texts.append(version)
    return found


def choose_mail(session: Session, comment_id: int, wishes: Collection[Wish], now: datetime) -> None:
    """What mail the author of a comment wants from now on; nothing changes where there can be none.

    Raises Unknown for a comment that is gone or emptied, maybe since its page was made, and for the clinic's own. The caller has
    begun a write with MODERATION and `serialise_wishes`, and commits.
    """
    # Anew: an erasure may have ended since the address was read to serialise on, and must not be undone by it.
    comment = orm.locked(session, Comment, comment_id)
    if comment is None or comment.is_emptied:
        raise Unknown
    if comment.status in notices.MAILABLE:
        notices.set_wishes(session, comment, wishes, now)


def withdraw(session: Session, comment_id: int, now: datetime) -> bool:
    """Takes a comment back for its author, whatever its state; False when that was done before, or it is the clinic's own.

    The caller has begun a write with MODERATION, and commits.
    """
    comment = orm.locked(session, Comment, comment_id)
    if comment is None or comment.staff_id is not None or comment.status is Status.WITHDRAWN:
        return False
    move(session, comment, Status.WITHDRAWN, by=None, how=How.AUTHOR, now=now)
    return True
