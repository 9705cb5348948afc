"""Consultation requests as a file, for the owner; each export stands in the audit log."""

from collections.abc import Iterator

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session, sessionmaker

import clinic
import database
from blueprints.staff import gate
from blueprints.staff.request_view import View
from domain import audit
from domain.consultations import Filter, export
from extensions import db

bp = Blueprint("export", __name__)
FORMATS = {"csv": (export.as_csv, "text/csv"), "json": (export.as_json, "application/json")}


@bp.post("/export/requests")
def requests() -> Response:
    """The requests of the list that is looked at, with its filters, as CSV or JSON."""
    view, kind = View.read(request.form), request.form.get("format", "")
    if kind not in FORMATS or view.problems:
        abort(400)
    now, only = clinic.now(), view.only
    # It may read every request, so not while others wait to write.
    count = export.count(db.session, only)
    what = f"{count} requests"
    session = database.begin_write(db.session)
    audit.record(session, now, gate.me().id, "requests exported", what, format=kind, count=count, **view.codes)
    session.commit()
    write, mimetype = FORMATS[kind]
    answer = Response(write(_rows(db.sessionmaker, only)), mimetype=mimetype)
    part = "-filtered" if view.is_filtered else ""
    answer.headers["Content-Disposition"] = f'attachment; filename="requests-{view.tab}{part}-{now:%Y%m%d}.{kind}"'
    return answer


def _rows(sessions: sessionmaker[Session], only: Filter) -> Iterator[dict[str, export.Value]]:
    # A session of its own: the request's is closed before the last row is read.
    with sessions() as session:
        yield from export.rows(session, only)
