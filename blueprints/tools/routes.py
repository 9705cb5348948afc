"""Tools for readers: nothing of what they answer is stored, logged or put into a URL."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.tools import texts
from blueprints.tools.forms import SelfCheckForm
from domain import diary, selfcheck
from pagecache import Page
from web import page_meta, visits

bp = Blueprint("tools", __name__)
CACHEABLE = {"tools.self_check": Page(differs_by=("from",)), "tools.headache_diary": Page(), "tools.diary_file": Page()}


@bp.get("/self-check")
def self_check() -> str:
    """The empty form; it remembers which article led to it, for a request that may follow."""
    form = SelfCheckForm()
    item = visits.article(request.args.get("from", ""))
    form.source.data = item.slug if item else ""
    return _form_page(form)


@bp.post("/self-check")
def check() -> ResponseReturnValue:
    """The result as the answer itself, so that no address holds it, with the form below to change an answer."""
    form = SelfCheckForm(request.form)
    try:
        decision = selfcheck.decide(form.to_answers())
    except selfcheck.Mistaken as mistaken:
        form.show(mistaken.mistakes)
        return _form_page(form), 422
    item = visits.article(form.source.data or "")
    page = render_template(
        "tools/self_check.html",
        meta=page_meta.private("Your self-check result"),
        form=form,
        signs=texts.URGENT_SIGNS,
        decision=decision,
        reasons=[texts.REASONS[reason] for reason in decision.reasons],
        notes=[texts.NOTES[note] for note in decision.notes],
        source_slug=item.slug if item else None,
    )
    return page, {"X-Robots-Tag": page_meta.NOINDEX}


@bp.get("/headache-diary")
def headache_diary() -> str:
    """How to count days, and a month to print."""
    meta = page_meta.indexed(
        "Headache diary to print: one month on an A4 page",
        "A headache diary to print on one A4 page or keep as a spreadsheet, and how to count headache, migraine and medicine days.",
        [("Headache diary", url_for("tools.headache_diary"))],
    )
    return render_template("tools/headache_diary.html", meta=meta, columns=diary.COLUMNS, days=range(1, diary.DAYS + 1))


@bp.get("/headache-diary.csv")
def diary_file() -> Response:
    """The same month for a spreadsheet."""
    answer = Response(diary.as_csv(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="headache-diary.csv"'
    return answer


def _form_page(form: SelfCheckForm) -> str:
    meta = page_meta.indexed(
        "Headache-day self-check for chronic migraine",
        "Compare your headache days with the published criteria for chronic migraine. No diagnosis, and your answers are not kept.",
        [("Headache-day self-check", url_for("tools.self_check"))],
    )
    return render_template("tools/self_check.html", meta=meta, form=form, signs=texts.URGENT_SIGNS, decision=None)
