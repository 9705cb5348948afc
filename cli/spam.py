"""flask spam: how the filter does on this site's own history, and learning it anew."""

import json
from dataclasses import asdict
from datetime import timedelta
from functools import partial

import click

import clinic
import database
from cli.group import Group
from domain import comments, spam
from domain.spam.evaluation import Evaluation, TooFew, evaluate, interval, set_limit
from extensions import db

group = Group("spam", help="The spam filter.")
NEWEST, DAILY = 20_000, 5_000
EVERY = timedelta(days=1)


@group.command("evaluate")
@click.option("--newest", type=click.IntRange(100, 1_000_000), default=NEWEST, show_default=True, help="Decisions to go by.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def evaluate_(newest: int, as_json: bool) -> None:
    """Judge what people have decided about, each comment without itself, and set the limit to spam by that.

    Beyond the limit are at most 0.3 % of the good comments; spam that was approved by mistake is taken off before.
    """
    try:
        found = _evaluate(newest)
    except TooFew as error:
        raise click.ClickException("too few decisions: 20 comments marked as spam and 20 approved ones are the least") from error
    click.echo(json.dumps(asdict(found)) if as_json else _said(found))


@group.command()
def relearn() -> None:
    """Forget all that was learned, and learn from the decisions about the comments that are kept, some at a time."""
    while database.in_a_turn(db.session, comments.forget_next, comments.MODERATION):
        pass
    number = 0
    last: int | None = 0
    while last is not None:
        some, last = database.in_a_turn(db.session, partial(comments.learn_next, after=last), comments.MODERATION)
        number += some
    click.echo(f"learned from {number} comments")


def evaluate_daily() -> str:
    """Sets the limit anew once a day, whatever the number of dispatchers; says on how many comments it stands."""
    limit, now = spam.threshold.current(db.session), clinic.now()
    is_fresh = limit is not None and now - EVERY < limit.set_at <= now
    try:
        found = None if is_fresh else _evaluate(DAILY)
    except TooFew:
        found = None
    db.session.rollback()
    return f"the limit is that of {found.good} good comments" if found is not None else ""


def _evaluate(newest: int) -> Evaluation:
    """Commits the limit."""
    found = evaluate(db.session, comments.learned(db.session, newest))
    session = database.begin_write(db.session)
    set_limit(session, found, clinic.now())
    session.commit()
    return found


def _said(found: Evaluation) -> str:
    both = found.spam + found.good
    caught, blocked = _share(found.caught, found.spam), _share(found.blocked, found.good)
    lines = [
        f"{both} decisions: {found.spam} spam, {found.good} good; each judged without itself",
        f"right at even odds: {_share(found.right, both)}",
        f"beyond the limit of {found.limit:.2f}: {caught} of spam, {blocked} of good",
    ]
    if found.has_wrong_labels:
        lines.append("so many good ones are beyond it that there must be spam among what was approved: look at it again")
    if not found.is_enough:
        lines.append(f"below {spam.threshold.GOOD_NEEDED} good comments the learner only holds; the signals alone decide on spam")
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    low, high = interval(part, whole)
    return f"{100 * part / whole:.2f} % ({100 * low:.2f} to {100 * high:.2f})"
