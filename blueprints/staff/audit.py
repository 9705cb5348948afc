"""What staff did, for the owner."""

from flask import Blueprint, render_template, request, url_for

from blueprints.staff.rows import row_id
from domain import audit, staff
from extensions import db
from web import words

bp = Blueprint("audit", __name__)
PAGE = 50


@bp.get("/audit")
def log() -> str:
    """The audit log, newest first."""
    entries = audit.page(db.session, before=request.args.get("before", type=row_id), size=PAGE + 1)
    names = staff.names(db.session, [entry.staff_id for entry in entries])
    return render_template(
        "staff/audit.html",
        page_title="Audit log",
        rows=[(entry.at, names.get(entry.staff_id, words.THE_SITE), entry.action, entry.subject) for entry in entries[:PAGE]],
        next_url=url_for("staff.audit.log", before=entries[PAGE - 1].id) if len(entries) > PAGE else None,
    )
