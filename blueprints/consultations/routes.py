"""Asking for a consultation: the form, keeping the request, the receipt."""

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import clinic
import database
import errors
from blueprints.consultations.forms import ConsultationForm
from domain import consultations
from domain.articles import Article
from domain.consultations import ConsultationRequest
from domain.tokens import Purpose
from extensions import db
from pagecache import Page
from web import page_meta, probes, visitors, visits

bp = Blueprint("consultations", __name__)
CACHEABLE = {"consultations.request_form": Page(differs_by=("treatment", "from"))}
ECHO_FOR = timedelta(hours=1)
"""How long the receipt repeats the number, the address and what was read; its link may stay in a browser's history for long."""
BUSY = "We could not store your request at this moment. Everything you typed is still here: please send it again in a minute."
FLOODED = (
    "Very many requests came from your network within the hour. Everything you typed is still here: please send it again later."
)


@bp.get("/consultation")
def request_form() -> ResponseReturnValue:
    """The empty form, prefilled with the treatment of the page it came from."""
    form = _form()
    item = visits.article(request.args.get("from", ""))
    if item is not None:
        form.source.data = item.slug
    wanted = request.args.get("treatment") or (item.treatment if item else None)
    form.treatment.data = wanted if clinic.site().treatment_name(wanted) else ""
    return _page(form)


@bp.post("/consultation")
def submit() -> ResponseReturnValue:
    """Keeps a request with its outgoing mail, then leads to the receipt."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    try:
        outcome = _keep(form)
    except consultations.Flooded:
        return _page(form, FLOODED), 429, {"Retry-After": "3600"}
    except database.UNAVAILABLE as error:
        errors.log_without_words(error)
        db.session.rollback()
        return _page(form, BUSY), 503, {"Retry-After": str(errors.RETRY_SECONDS)}
    token = clinic.sign(Purpose.REQUEST_RECEIPT, {"request": outcome.request_id})
    return redirect(url_for("consultations.receipt", token=token), 303)


@bp.get("/consultation/received/<token>")
def receipt(token: str) -> ResponseReturnValue:
    """The reference number and what happens next; safe to reload and to keep."""
    payload = clinic.open_link(Purpose.REQUEST_RECEIPT, token)
    row = consultations.get(db.session, int(payload["request"] or 0))
    if row is None:
        raise errors.LinkOver
    fresh = clinic.now() - row.created_at < ECHO_FOR
    return render_template(
        "consultations/receipt.html",
        meta=page_meta.private("Your request is with us"),
        article=_article_of(row) if fresh else None,
        reference=row.reference,
        contact_by=row.contact_by.value,
        phone_display=row.callable_phone.display if fresh else None,
        email=row.email if fresh else None,
        best_time=row.best_time.value,
        acknowledged=consultations.is_acknowledged(db.session, row.id),
    )


def _article_of(row: ConsultationRequest) -> Article | None:
    """The article that led to a request, while everybody may read it."""
    item = clinic.library().by_id(row.article_id or "")
    return item if item and item.is_public(clinic.now()) else None


def _form() -> ConsultationForm:
    site = clinic.site()
    data = request.form if request.method == "POST" else None
    today = clinic.now().astimezone(site.timezone).date()
    return ConsultationForm(data, treatments=site.treatments, today=today, months=site.keep_request_months)


def _keep(form: ConsultationForm) -> consultations.Submitted:
    visit = visits.read(form.first_touch.data or "") or visits.of_referer()
    item = visits.article(form.source.data or "") or visit.article
    draft = form.to_draft(item.id if item else None, visit.first_touch)
    probe = probes.read(request.form.get(probes.FIELD, ""), draft.submission_id)
    draft = replace(draft, is_test=probe is not None)
    network, signals = visitors.network(), visitors.signals(form.url2.data)
    working = clinic.site().working_time
    session = database.begin_write(db.session, *draft.serialise_on)
    outcome = consultations.submit(
        session,
        draft,
        signals=signals,
        network=network,
        lang="en",
        recipients=[probe.to] if probe and probe.to else clinic.request_recipients(draft.treatment),
        working=working,
        now=clinic.now(),
    )
    session.commit()
    return outcome


def _page(form: ConsultationForm, problem: str | None = None) -> str:
    city = clinic.site().city
    meta = page_meta.indexed(
        f"Ask for a consultation in {city}",
        f"Ask for a consultation at {clinic.site().name} in {city}. Leave a name and a phone number; the clinic contacts you "
        "in the way you choose.",
        [("Ask for a consultation", url_for("consultations.request_form"))],
    )
    return render_template("consultations/request.html", meta=meta, form=form, problem=problem)
