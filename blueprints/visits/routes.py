"""What the script of a public page tells once: somebody looks at it. Answers nothing, sets nothing, changes no page."""

import re
from collections.abc import Mapping
from typing import cast

from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded

import clinic
import database
import errors
from blueprints.visits.counter import Key, ViewCounter
from domain import traffic
from domain.traffic import Counted, Step
from extensions import db, limiter
from web import visitors, visits

bp = Blueprint("visits", __name__)
MOST_PER_MINUTE = "300 per minute"
"""Of one network, which thousands may share."""
_NO_PERSON = re.compile(r"bot|crawl|spider|slurp|preview|headless|lighthouse|monitor|scan|python|curl|wget", re.IGNORECASE)


def init_app(app: Flask) -> None:
    """Gives the application a counter of its own."""

    def store(counts: Mapping[Key, int]) -> bool:
        with app.app_context():
            return _store(counts)

    app.extensions["views"] = ViewCounter(store)


@bp.post("/views")
def count() -> ResponseReturnValue:
    """Counts a look at a public page by day, article and source; in silence where it is no page, or nobody looked."""
    seen = _seen()
    if seen is not None and _is_somebody():
        day = clinic.now().astimezone(clinic.base_site().timezone).date()
        cast(ViewCounter, current_app.extensions["views"]).add((day, seen))
    return "", 204


def _seen() -> Counted | None:
    path = request.form.get("page", "")
    endpoint = visits.page(path)
    if endpoint is None:
        return None
    fields = request.form.to_dict()
    is_form = endpoint.startswith("consultations.")
    if not is_form:
        # The views of an article are those of its own page, whatever was read before.
        fields["article"] = path
    visit = visits.of_fields(fields)
    article_id = visit.article.id if visit.article else traffic.NO_ARTICLE
    return Counted(Step.FORM if is_form else Step.VIEW, article_id, visit.first_touch.source)


def _is_somebody() -> bool:
    """Not another site's page, not a program that says it is one, not a flood."""
    if visitors.signals(None).is_cross_site or _NO_PERSON.search(request.user_agent.string):
        return False
    try:
        if visitors.knows_address():
            with limiter.limit(MOST_PER_MINUTE):
                pass
    except RateLimitExceeded:
        return False
    return True


def _store(counts: Mapping[Key, int]) -> bool:
    try:
        session = database.begin_write(db.session)
        for day in sorted({day for day, _ in counts}):
            traffic.add(session, day, {counted: number for (on, counted), number in counts.items() if on == day})
        session.commit()
    except database.UNAVAILABLE as error:
        errors.log_without_words(error)
        return False
    return True
