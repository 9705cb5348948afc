"""How the spam filter does, for those who decide about comments; the owner may have it unlearn a period."""

from datetime import datetime, time, timedelta

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
    first, before = (datetime.combine(day, time(), zone) for day in (form.first.data, form.last.data + timedelta(days=1)))
    session = database.begin_write(db.session, comments.MODERATION)
    number = comments.unlearn_between(session, first, before, by=gate.me().id, now=clinic.now())
    session.commit()
    flash(f"Unlearned what {number:,} {'comment' if number == 1 else 'comments'} had taught.", "success")
    return redirect(url_for("staff.spam.report"), 303)


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
