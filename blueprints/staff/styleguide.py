"""Every component in every state, for whoever changes how the site looks."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

import clinic
from domain.text import MAX_TEXT
from web import paging
from web.formbase import AtMost, PublicForm, Required

bp = Blueprint("styleguide", __name__)
ICONS = (
    *("half", "phone", "chat", "mail", "place", "clock", "today", "replies", "requests"),
    *("people", "settings", "health", "audit", "filter", "content", "more", "account"),
)
"""The names that components/icon.html knows."""
CHIPS = ("new", "contacted", "no_answer", "booked", "closed", "waiting", "sent", "failed", "held")
SOURCE = {"number": 1, "anchor": "ref-1", "html": "A source. A journal, with a link.", "backlinks": ("article",)}
TOC = [("buttons", "Buttons"), ("fields", "Fields"), ("replies", "Comments")]


class SampleForm(PublicForm):
    """One field of each kind."""

    name = StringField("A line of text", [Required("Enter your name")], description="The hint stands under the label.")
    choice = SelectField("A choice", choices=[SelectChoice("any", "Any time"), SelectChoice("morning", "Morning")])
    way = RadioField(
        "One of a few",
        [Required("Choose one")],
        choices=[SelectChoice("phone", "Phone call"), SelectChoice("email", "Email")],
        validate_choice=False,
    )
    body = TextAreaField("Paragraphs", [AtMost(MAX_TEXT, "Your message")])
    agree = BooleanField("Something to agree to", [Required("Tick the box")])


def _form(prefix: str, sent: dict[str, str] | None) -> SampleForm:
    data = None if sent is None else MultiDict({f"{prefix}-{name}": value for name, value in sent.items()})
    form = SampleForm(data, prefix=prefix)
    if data is not None:
        form.validate()
    return form


def _comments() -> list[dict[str, Any]]:
    """A thread with each kind of comment: answered, by the clinic, edited, right to left, removed."""
    first = {"submitted_at": clinic.now(), "website": None, "is_removed": False, "is_staff": False, "is_edited": False}
    answer = {"id": 2, "name": clinic.site().name, "initials": "", "html": Markup("<p>An answer of the clinic.</p>")}
    edited = {"id": 3, "name": "B. Reader", "initials": "BR", "html": Markup("<p>Somebody else, under the answer.</p>")}
    urdu = {"id": 4, "name": "قاری", "initials": "ق", "html": Markup("<p>دائیں سے بائیں لکھا ہوا ایک تبصرہ۔</p>")}
    return [
        first
        | {
            "id": 1,
            "name": "A. Reader",
            "initials": "AR",
            "html": Markup("<p>A comment of a reader.</p><p>It has two paragraphs.</p>"),
            "replies": [
                first | answer | {"is_staff": True, "replies": [first | edited | {"is_edited": True, "replies": []}]},
            ],
        },
        first | urdu | {"replies": []},
        first | {"id": 5, "is_removed": True, "replies": []},
    ]


@bp.get("/styleguide")
def styleguide() -> ResponseReturnValue:
    """Samples only; nothing here is read from what people sent."""
    return render_template(
        "staff/styleguide.html",
        page_title="Components",
        icons=ICONS,
        chips=CHIPS,
        toc=TOC,
        source=SOURCE,
        empty=_form("", None),
        filled=_form("filled", {"name": "Sana", "choice": "morning", "way": "phone", "body": "سر درد", "agree": "y"}),
        wrong=_form("wrong", {"name": "", "choice": "any", "body": "x" * (MAX_TEXT + 1)}),
        comments=_comments(),
        articles=clinic.library().public(clinic.now())[:1],
        place=paging.Place(4, 9, lambda _number: request.path),
    )
