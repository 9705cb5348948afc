"""Consultation requests as a file, for the owner; each export stands in the audit log."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, abort, request
from sqlalchemy.orm import Session, sessionmaker

import clinic
import database
from blueprints.staff import gate
from domain import audit
from domain.consultations import Status, export
from extensions import db

bp = Blueprint("export", __name__)
FORMATS = {"csv": (export.as_csv, "text/csv"), "json": (export.as_json, "application/json")}


@bp.post("/export/requests")
def requests() -> Response:
    """The requests of one state, or all, as CSV or JSON."""
    chosen, kind = request.form.get("filter", "all"), request.form.get("format", "")
    statuses = [status for status in Status if chosen in {"all", status.value}]
    if kind not in FORMATS or not statuses:
        abort(400)
    session = database.begin_write(db.session)
    now = clinic.now()
    count = export.count(session, statuses)
    audit.record(session, now, gate.me().id, "requests exported", f"{count} requests", filter=chosen, format=kind, count=count)
    session.commit()
    write, mimetype = FORMATS[kind]
    answer = Response(write(_rows(db.sessionmaker, statuses)), mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="requests-{chosen}-{now:%Y%m%d}.{kind}"'
    return answer


def _rows(sessions: sessionmaker[Session], statuses: Sequence[Status]) -> Iterator[dict[str, export.Value]]:
    # A session of its own: the request's is closed before the last row is read.
    with sessions() as session:
        yield from export.rows(session, statuses)
