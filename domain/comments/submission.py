"""Taking a comment in: recognised when it comes twice, judged, placed in its thread."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain import outbox, readers, spam
from domain.comments import blocks, notices, past, personal, repeats, teaching
from domain.comments.comment import CONSENT_VERSION, Comment, How, Status, Wish
from domain.comments.draft import Draft, Submitted
from domain.comments.history import note_arrival
from domain.comments.limits import Limits, check
from domain.comments.moderation import move
from domain.comments.rules import Rules, first_status
from domain.comments.thread import answerable, insert
from domain.outbox import AT_ONCE, Kind, Pace
from domain.text import comparable, skeleton

NO_RULES = Rules()
NO_COLUMNS = frozenset({"parent_id", "wishes"})
"""Fields of a draft that are not kept as they are; every other one has a column of its name."""
_KEPT = tuple(field.name for field in fields(Draft) if field.name not in NO_COLUMNS)


def submit(
    session: Session,
    article_id: str,
    draft: Draft,
    *,
    signals: spam.Signals,
    network: str | None,
    earlier_network: str | None = None,
    lang: str,
    notify: Iterable[str],
    pace: Pace = AT_ONCE,
    protected: Iterable[str] = (),
    about: str = "",
    limits: Limits | None = None,
    rules: Rules = NO_RULES,
    knows_sender: bool = True,
    now: datetime,
) -> Submitted:
    """Keeps a comment as held, spam or, by the owner's `rules` and blocks, trash or approved; when held, with mail to `notify`.

    A name that looks like one of `protected` (the clinic's, its staff's) is a reason to hold the comment, whatever the
    rules; `about` is the article's HTML. `earlier_network` is the sender's network under the key of the month before, by which
    a block still knows it.
    A repeat within REPEAT_WINDOW is not kept twice; without `knows_sender` it is taken for somebody else's. Raises TooFast
    beyond `limits` and NotAnswerable for a parent that cannot be replied to. The caller has begun a write with
    `draft.serialise_on`, beside MODERATION, and commits.
    """
    networks = (network, earlier_network)
    before = repeats.look(session, article_id, draft, networks if knows_sender else (), now)
    if before.is_sent_again and before.answer is not None:
        return before.answer
    if limits is not None:
        # What an address sends again at once is no second comment, whatever network it comes from by then.
        is_paused = before.answer is None or not knows_sender
        check(session, draft.email_key if is_paused else None, network, limits, now)
    parent = answerable(session, article_id, draft.parent_id) if draft.parent_id is not None else None
    if before.answer is not None:
        return before.answer
    about = f"{about} {parent.text}" if about and parent is not None else about
    reasons, is_spam = _judge(session, draft, signals, networks=networks, protected=protected, about=about, rules=rules, now=now)
    status = first_status(reasons, is_spam=is_spam)
    is_published = status is Status.HELD and rules.lets_pass(reasons) and _is_trusted(session, draft)
    # Who is published at once has seen it: only what comes later is told.
    told = draft.wishes if status in notices.MAILABLE and not is_published else frozenset()
    comment_id = insert(session, _values(article_id, draft, status, reasons, told, lang=lang, network=network), parent, now)
    note_arrival(session, comment_id, status, reasons, now)
    spam.sketch.keep_first(session, comment_id, draft.text, now)
    spam.weeks.add(session, spam.weeks.monday_of(now), came=1, caught=int(status is Status.SPAM))
    if is_published:
        comment = session.get_one(Comment, comment_id)
        move(session, comment, Status.APPROVED, by=None, how=How.SITE, now=now)
        notices.set_wishes(session, comment, draft.wishes, now)
    else:
        notices.keep_reader(session, draft.email_key, told, now)
        if status is Status.HELD:
            outbox.gather(session, Kind.COMMENT_HELD, comment_id, notify, now, pace)
    return Submitted(comment_id, is_repeat=False, is_copy=before.is_copy)


def _values(
    article_id: str, draft: Draft, status: Status, reasons: list[str], wishes: Collection[Wish], *, lang: str, network: str | None
) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "email_key": draft.email_key,
        "lang": lang,
        "consent_version": CONSENT_VERSION,
        "status": status,
        "reasons": reasons,
        "tell_published": Wish.PUBLISHED in wishes,
        "tell_replies": Wish.REPLIES in wishes,
        "network": network,
        **{name: getattr(draft, name) for name in _KEPT},
    }


def _judge(
    session: Session,
    draft: Draft,
    signals: spam.Signals,
    *,
    networks: Sequence[str | None],
    protected: Iterable[str],
    about: str,
    rules: Rules,
    now: datetime,
) -> tuple[list[str], bool]:
    """Every reason to look at a comment before others do, and whether the spam verdict is against it."""
    verdict = spam.judge(
        session,
        spam.Submission(
            teaching.typed(draft.text, draft.website),
            signals,
            name=draft.name,
            email_key=draft.email_key,
            hold_links=rules.hold_links,
            past=past.known_of(session, draft.email_key, networks, now),
            repeated=spam.sketch.last_alike(session, draft.text, now),
            about=about,
        ),
    )
    by_rules = rules.reasons(draft.text, draft.name, draft.email, draft.website or "")
    blocked = blocks.reasons(session, draft.email_key, networks, now)
    ours = ["staff-name"] if _looks_like(draft.name, protected) else []
    return [*blocked, *verdict.reasons, *by_rules, *personal.kinds(draft.text), *ours], verdict.is_spam


def _is_trusted(session: Session, draft: Draft) -> bool:
    """Whether a confirmed address has an approved comment under this name, and none that was spam or trash."""
    if not readers.is_confirmed(session, draft.email_key):
        return False
    own = sa.select(Comment.name, Comment.status).where(
        Comment.email_key == draft.email_key, Comment.staff_id.is_(None), Comment.status.in_(_TELLING)
    )
    found = session.execute(own).all()
    has_name = any(status is Status.APPROVED and comparable(name) == comparable(draft.name) for name, status in found)
    return has_name and all(status is Status.APPROVED for _, status in found)


_TELLING = (Status.APPROVED, Status.SPAM, Status.TRASH)


def _looks_like(name: str, protected: Iterable[str]) -> bool:
    own = skeleton(name)
    return any(own == other or (len(other) > 5 and other in own) for other in map(skeleton, protected) if other)
