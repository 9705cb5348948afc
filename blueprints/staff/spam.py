"""How the spam filter does, for those who decide about comments; the owner may have it unlearn a period."""

import time
from datetime import datetime, timedelta
from datetime import time as clock_time
from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
from blueprints.staff import gate
from blueprints.staff.spam_forms import UnlearnForm
from domain import comments, spam
from domain.spam.telling import most_telling
from extensions import db

bp = Blueprint("spam", __name__)
unlearning = Blueprint("unlearning", __name__)
"""A part of its own, since it is the owner's alone and asks for the password."""
WEEKS, WORDS, TEXTS = 12, 15, 500
SECONDS = 8.0
"""How long it unlearns before the browser gets an answer."""


@bp.get("/spam")
def report() -> str:
    """What was caught, missed and flagged by week, and the words that tell most."""
    return _page(UnlearnForm(formdata=None))


@unlearning.post("/spam/unlearn")
def unlearn() -> ResponseReturnValue:
    """Takes back what the decisions of a period have taught; the decisions stay."""
    form = UnlearnForm()
    if not form.validate():
        return _page(form), 422
    zone = clinic.site().timezone
    first, before = (datetime.combine(day, clock_time(), zone) for day in (form.first.data, form.last.data + timedelta(days=1)))
    number, left = _unlearn(comments.Period(first, before), gate.me().id)
    done = f"Unlearned what {number:,} {'comment' if number == 1 else 'comments'} had taught."
    if left:
        flash(f"{done} {left:,} of the same days are left: press Unlearn again to go on.", "error")
        return _page(form)
    flash(done, "success")
    return redirect(url_for("staff.spam.report"), 303)


def _unlearn(period: comments.Period, by: int) -> tuple[int, int]:
    """Unlearns in short turns, each committed, so that visitors need not wait for it; how many comments, and how many are left."""
    now, until = clinic.now(), time.monotonic() + SECONDS
    done, is_over = 0, False
    while not is_over:
        is_last = time.monotonic() > until
        turn = partial(comments.unlearn_next, period=period, done=done, is_last=is_last, by=by, now=now)
        done, is_over = database.in_a_turn(db.session, turn, comments.MODERATION)
    return done, comments.count_taught(db.session, period, now)


def _page(form: UnlearnForm) -> str:
    taught = comments.learned(db.session, TEXTS)
    against, harmless = most_telling(db.session, (text for text, _ in taught), WORDS)
    limit = spam.threshold.current(db.session)
    return render_template(
        "staff/spam.html",
        page_title="Spam filter",
        form=form,
        learned=spam.totals(db.session).get("comment"),
        needed=spam.threshold.GOOD_NEEDED,
        limit=limit,
        decides=limit is not None and limit.good >= spam.threshold.GOOD_NEEDED,
        weeks=spam.weeks.newest(db.session, WEEKS),
        against=against,
        harmless=harmless,
    )
