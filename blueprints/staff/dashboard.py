"""What waits for whom, at a glance."""

from flask import Blueprint, render_template, request

import clinic
from blueprints.staff import gate
from blueprints.staff.numbers import numbers
from blueprints.staff.queue_rows import queue_comments
from blueprints.staff.queue_view import TABS
from blueprints.staff.request_rows import request_row
from domain import comments, consultations, outbox
from domain.staff import Area, Role
from extensions import db
from web import words

bp = Blueprint("dashboard", __name__)
SHOWN = 5


@bp.get("/")
def dashboard() -> str:
    """What is to be done about requests, the held comments and the state of the mail, as far as the role goes."""
    requests = consultations.due(db.session, clinic.now(), size=SHOWN) if gate.can(Area.REQUESTS) else []
    held = comments.queue(db.session, comments.Status.HELD, size=SHOWN) if gate.can(Area.COMMENTS) else []
    return render_template(
        "staff/dashboard.html",
        page_title="Dashboard",
        requests=[request_row(row, {}) for row in requests],
        held=queue_comments(held),
        mail=outbox.health(db.session, clinic.now(), gate.mail_kinds()) if gate.can(Area.MAIL) else None,
        numbers=numbers(request.args) if gate.can(Area.REQUESTS) else None,
        reviews=[(one.document, words.REVIEW[one.need], one.due) for one in clinic.texts_to_read()]
        if gate.can(Area.CONTENT)
        else [],
        comment_counts=_comment_counts() if gate.can(Area.COMMENTS) else [],
        unset=clinic.site().unset if gate.me().role is Role.OWNER else [],
    )


def _comment_counts() -> list[tuple[str, str, int]]:
    counts = comments.count_by_status(db.session)
    return [(status.value, label, counts[status]) for status, label in TABS.items()]
