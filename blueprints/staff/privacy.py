"""What is held about a person without an account: the owner looks, hands it out, erases it. Only POST carries who is meant."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
import errors
import letting_go
from blueprints.staff import gate
from blueprints.staff.forms import EraseForm, PersonForm
from domain import audit, phones, privacy
from domain.comments import MODERATION, How
from domain.privacy import Erased, Kind, Mention, Person, Way
from extensions import db
from web import words

bp = Blueprint("privacy", __name__)
NOT_NOTED = "The list of erasures cannot be written, so nothing was erased: the folder of the site may be full or read-only."
LEFT = " Others used the database just then, so its files may hold traces until flask privacy tidy has run."


@bp.get("/settings/privacy")
def person() -> str:
    """Asks for an address or a number."""
    return _page(PersonForm())


@bp.post("/settings/privacy")
def found() -> ResponseReturnValue:
    """What there is of somebody, counted."""
    form = PersonForm()
    return _page(form, form.person) if form.validate() else (_page(form), 422)


@bp.post("/settings/privacy/export")
def export() -> ResponseReturnValue:
    """All that is held about somebody, as a JSON file."""
    form = PersonForm()
    if not form.validate():
        return _page(form), 422
    now = clinic.now()
    # It reads all that is theirs, so not while others wait to write.
    shown = privacy.document(db.session, form.person, now)
    session = database.begin_write(db.session)
    audit.record(session, now, gate.me().id, "person exported", f"person known by {form.person.kind.value}")
    session.commit()
    answer = Response(json.dumps(shown, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{now:%Y%m%d-%H%M}.json"'
    return answer


@bp.post("/settings/privacy/erase")
def erase() -> ResponseReturnValue:
    """Erases somebody, once the box is ticked."""
    form = EraseForm()
    if not form.validate():
        return _page(form, form.found), 422
    session = database.begin_write(db.session, "erasure", MODERATION)
    now = clinic.now()
    way = Way(gate.me().id, How.WEB, clinic.keys(), bool(form.forget_refusal.data))
    erased = privacy.erase(session, form.person, way, now)
    try:
        letting_go.note_erasure(form.person, now)
    except OSError as error:
        session.rollback()
        errors.log_without_words(error)
        form.form_errors = [NOT_NOTED]
        return _page(form, form.person), 503
    session.commit()
    flash(_said(erased) + ("" if letting_go.rid_files() else LEFT), "success")
    return redirect(url_for("staff.privacy.person"), 303)


def _said(erased: Erased) -> str:
    counts = (f"{label.lower()}: {count}" for label, count in _counted(erased.rows))
    said = f"Erased: {'; '.join(counts)}." if any(erased.rows) else "Nothing was held; the erasure is noted for restored backups."
    if erased.places:
        said += f" Comments that stay as empty places: {erased.places}."
    return said


def _counted(rows: privacy.Counts) -> list[tuple[str, int]]:
    return [(words.HELD[name].capitalize(), count) for name, count in rows._asdict().items() if count]


def _shown(person: Person) -> str:
    return phones.from_e164(person.value).display if person.kind is Kind.PHONE else person.value


def _linked(mention: Mention) -> tuple[str, str | None]:
    """The words for a text, and the page where it is read, when it has one of its own."""
    is_request = "request" in mention.what
    return f"{mention.what} {mention.number}", url_for("staff.requests.detail", request_id=mention.number) if is_request else None


def _page(form: PersonForm, person: Person | None = None) -> str:
    held = None
    if person is not None:
        held = {
            "shown": _shown(person),
            "counts": _counted(privacy.counts(db.session, person)),
            "beside": [_shown(other) for other in privacy.named_beside(db.session, person)],
            "mentions": [_linked(mention) for mention in privacy.mentions(db.session, person)],
            "refuses": privacy.refuses(db.session, person, clinic.keys()),
        }
    return render_template(
        "staff/privacy.html",
        page_title="What we hold about a person",
        form=form,
        held=held,
        erase_form=form if isinstance(form, EraseForm) else EraseForm(),
    )
