"""The texts of the site for the staff: where each stands, what is wrong with it, how it will look."""

from dataclasses import replace

from flask import Blueprint, abort, render_template

import clinic
from blueprints.staff import content_rows
from domain.content_check import Level, Unfinished
from domain.documents import Document
from web import page_meta

bp = Blueprint("content", __name__, url_prefix="/content")


@bp.get("/")
def documents() -> str:
    """Every article and treatment with its state, its review and what `flask content check` finds in its file."""
    try:
        rows, others = content_rows.report()
    except Unfinished as reading:
        return render_template("staff/content_reading.html", page_title="Content", reading=reading)
    faults = [*others, *(fault for row in rows for fault in row.faults)]
    errors = sum(fault.level is Level.ERROR for fault in faults)
    return render_template(
        "staff/content.html",
        page_title="Content",
        rows=rows,
        others=others,
        errors=errors,
        warnings=len(faults) - errors,
    )


@bp.get("/<document_id>/preview")
def preview(document_id: str) -> str:
    """A text of any state as readers will see it, but for comments and forms."""
    item: Document | None = clinic.library().by_id(document_id) or clinic.treatment_pages().by_id(document_id)
    if item is None:
        abort(404)
    meta = replace(page_meta.private(item.seo_title), description=item.description, robots="noindex, nofollow")
    return render_template("staff/content_preview.html", meta=meta, article=item, now=clinic.now())
