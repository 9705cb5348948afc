"""What somebody types into a field of a public form is stored, shown to staff and handed out, whichever field it is."""

import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session
from wtforms import BooleanField, HiddenField

import messages
from blueprints.consultations.forms import ConsultationForm
from domain import attribution, comments, consultations, full_export, outbox, phones
from domain.attribution import FirstTouch
from domain.comments import Comment, How, Status, Wish
from domain.consultations import BestTime, CloseReason, ConsultationRequest, ContactBy, export
from domain.forgetting import EMPTY
from domain.privacy.document import COMMENT, REQUEST
from domain.staff import Role
from tests.conftest import NOON, Clock, Store
from tests.factories import make_staff, submit_comment, submit_request
from tests.pages import Browser, sign_in
from web.formbase import PublicForm

ROOT = Path(__file__).parents[2]
ASKED = consultations.Draft(
    name="Bilal K.",
    phone=phones.parse("0300-1234567"),
    phone_raw="0300-1234567",
    contact_by=ContactBy.EMAIL,
    email="bilal@example.com",
    best_time=BestTime.EVENING,
    best_day=date(2026, 12, 1),
    treatment="chronic-migraine",
    message="Is there room for a wheelchair?",
    article_id="botox-chronic-migraine",
    submission_id="a-submission-of-one-form",
    first_touch=FirstTouch(*(f"a {name}" for name in attribution.FIELDS)),
    consent_version="2026-11.24",
    is_test=True,
)
"""A request with nothing left out."""
WROTE = comments.Draft("Sana A.", "sana@example.com", "It helped.", "https://example.com", 1, frozenset(Wish))
"""The same for a comment, as a reply to the first one there is."""
UNDER_OTHER_NAMES = {
    "first_touch": attribution.FIELDS,
    "is_test": ("close_reason",),
    "wishes": ("tell_published", "tell_replies"),
}
"""Fields of drafts that have no column of their name, with those that keep them."""
ONLY_OURS = {
    "submission_id": "a number that the form makes, by which a request is known when it comes twice",
    "phone_raw": "a file of requests has the number once, ready to be called",
}
"""Columns that a file of requests does without."""
SAID = {
    "name": "Bilal K.",
    "phone": ASKED.phone.display,
    "contact_by": "Email",
    "email": "bilal@example.com",
    "best_time": "Evening",
    "best_day": "1 December",
    "treatment": "Botulinum toxin for chronic migraine",
    "message": "Is there room for a wheelchair?",
}
"""What a visitor fills in, as staff read it in ASKED."""


def left_out(draft: Any) -> list[str]:
    """Fields that a draft of this file does not fill in."""
    return [field.name for field in fields(draft) if getattr(draft, field.name) == field.default]


def columns(draft: type) -> set[str]:
    """The columns that keep what a draft holds."""
    return {column for field in fields(draft) for column in UNDER_OTHER_NAMES.get(field.name, (field.name,))}


def filled_in(form: type[PublicForm]) -> set[str]:
    """The fields that a visitor sees, but for the box of the consent."""
    kinds = {name: getattr(field, "field_class", None) for name, field in vars(form).items()}
    return {name for name, kind in kinds.items() if kind and not issubclass(kind, HiddenField | BooleanField)}


def test_every_field_of_a_request_is_stored(session: Session) -> None:
    assert left_out(ASKED) == []
    row = submit_request(session, NOON, ASKED)
    session.expire(row)
    for name in {field.name for field in fields(ASKED)} - UNDER_OTHER_NAMES.keys() - {"phone"}:
        assert getattr(row, name) == getattr(ASKED, name), name
    assert (row.phone, row.close_reason) == (ASKED.phone.e164, CloseReason.TEST)
    assert all(getattr(row, name) == getattr(ASKED.first_touch, name) for name in attribution.FIELDS)


def test_every_field_of_a_comment_is_stored(session: Session) -> None:
    assert left_out(WROTE) == []
    parent = submit_comment(session, NOON)
    comments.set_status(session, parent.id, Status.APPROVED, by=None, how=How.COMMAND, now=NOON)
    assert parent.id == WROTE.parent_id
    row = submit_comment(session, NOON, WROTE)
    session.expire(row)
    for field in fields(WROTE):
        assert getattr(row, field.name) == getattr(WROTE, field.name), field.name


def test_every_field_is_in_the_files_that_are_handed_out() -> None:
    asked = columns(consultations.Draft)
    assert asked - ONLY_OURS.keys() <= set(export.COLUMNS)
    assert asked - {"submission_id"} <= set(REQUEST)
    assert columns(comments.Draft) <= set(COMMENT)
    for draft, model in ((consultations.Draft, ConsultationRequest), (comments.Draft, Comment)):
        assert columns(draft) - {"submission_id"} <= {column.name for column in full_export.columns(model)}


def test_every_field_of_a_comment_is_emptied_where_only_its_place_is_left() -> None:
    assert columns(comments.Draft) - {"parent_id"} <= EMPTY.keys()


def test_staff_read_every_field_of_a_request_on_its_page_and_in_its_mail(browser: Browser, store: Store, clock: Clock) -> None:
    assert SAID.keys() == filled_in(ConsultationForm)
    with store() as session:
        make_staff(session, clock(), Role.FRONT_DESK)
        number = submit_request(session, clock(), replace(ASKED, is_test=False)).id
        (row, _) = outbox.about(session, outbox.REQUEST_KINDS, number)
        mail = messages.compose(session, row)
    sign_in(browser, "front-desk@example.com")
    page = browser.get(f"/staff/requests/{number}").text
    for name, said in SAID.items():
        for text in (page, mail.body, mail.html):
            assert said in text, name


def test_every_field_of_a_request_is_kept_while_it_is_written() -> None:
    script = (ROOT / "static" / "js" / "modules" / "request-draft.js").read_text()
    lists = re.findall(r"^const (?:TYPED|FIELDS) = \[(.*)\];", script, re.MULTILINE)
    assert set(re.findall(r'"(\w+)"', " ".join(lists))) == filled_in(ConsultationForm)
