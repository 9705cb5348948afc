"""The state of the outgoing mail."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
from blueprints.staff import gate
from blueprints.staff.rows import mail_rows, row_id
from domain import audit, outbox
from domain.outbox import OutboxMail
from extensions import db

bp = Blueprint("mail", __name__)
PAGE = 50


@bp.get("/mail", endpoint="outbox")
def outbox_page() -> str:
    """Messages newest first, with their state and the mail server's last words."""
    kinds = gate.mail_kinds()
    rows = outbox.page(db.session, kinds, before=request.args.get("before", type=row_id), size=PAGE + 1)
    server = current_app.config["MAIL_SERVER"]
    return render_template(
        "staff/mail.html",
        page_title="Mail",
        rows=mail_rows(rows[:PAGE]),
        counts_by_state=[(state.value, count) for state, count in outbox.count_by_state(db.session, kinds).items()],
        health=outbox.health(db.session, clinic.now(), kinds),
        delivery=f"sent through {server}" if server else "kept as files in instance/mail until a mail server is set",
        next_url=url_for("staff.mail.outbox", before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
    )


@bp.post("/mail/<int(max=2147483647):mail_id>/retry")
def retry(mail_id: int) -> ResponseReturnValue:
    """Makes one message due now."""
    row = db.session.get(OutboxMail, mail_id)
    if row is None or row.kind not in gate.mail_kinds():
        abort(404)
    return _retry([mail_id])


@bp.post("/mail/retry")
def retry_all() -> ResponseReturnValue:
    """Makes every failed and waiting message due now."""
    return _retry(None)


def _retry(mail_ids: list[int] | None) -> ResponseReturnValue:
    session = database.begin_write(db.session)
    count = outbox.retry(session, clinic.now(), mail_ids, kinds=gate.mail_kinds())
    audit.record(session, clinic.now(), gate.me().id, "mail retry", "mail all" if mail_ids is None else f"mail {mail_ids[0]}")
    session.commit()
    flash(f"{count} message{'' if count == 1 else 's'} will be tried again now.", "success")
    return redirect(url_for("staff.mail.outbox"), 303)
