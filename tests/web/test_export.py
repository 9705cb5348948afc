"""The owner's export: complete, harmless in a spreadsheet, read as it is sent, and in the audit log without a typed word."""

import csv
import io
import json

import sqlalchemy as sa
from flask import Flask

from domain import audit
from domain.consultations import ConsultationRequest, Filter, Status, export
from domain.consultations.inbox import BATCH
from extensions import db
from tests.conftest import Clock, Store
from tests.domain.data import ROOT
from tests.factories import request_draft, submit_request
from tests.pages import Browser, Page

NASTY = ['=HYPERLINK("http://a.example")', "+1", "-1", "@SUM(A1)", "\tx", 'a "quote", a comma', "two\nlines", "سردرد"]


def exported(owner: Browser, kind: str, chosen: str = "all") -> Page:
    page = owner.get(f"/staff/requests?filter={chosen}")
    return owner.submit(page, "/staff/export/requests", button=("format", kind))


def test_csv_brings_every_text_back_and_no_cell_is_a_formula(owner: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        for text in NASTY:
            submit_request(session, clock(), request_draft(message=text))
    page = exported(owner, "csv")
    assert page.html.startswith("\ufeff")
    assert "\r\n" in page.html
    header, *lines = csv.reader(io.StringIO(page.html.removeprefix("\ufeff"), newline=""))
    assert tuple(header) == export.COLUMNS
    assert [line[header.index("message")].removeprefix("'") for line in lines] == NASTY
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_json_holds_what_is_stored(owner: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        kept = [submit_request(session, clock(), request_draft(message=text)).reference for text in NASTY]
    rows = json.loads(exported(owner, "json").html)
    assert [row["message"] for row in rows] == NASTY
    assert [row["reference"] for row in rows] == kept
    assert rows[0]["created_at"] == "2026-11-23T07:00:00+00:00"
    nothing = owner.post("/staff/export/requests", {"format": "json"})
    assert nothing.status == 400, "without a token"


def test_export_is_logged_without_what_was_typed(app: Flask, owner: Browser, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock(), request_draft(name="Very Private"))
    exported(owner, "csv", "new")
    with app.app_context():
        [entry] = [entry for entry in audit.page(db.session) if entry.action == "requests exported"]
        assert entry.detail == {"filter": "new", "format": "csv", "count": 1}


def test_rows_come_in_batches_without_a_gap(store: Store, clock: Clock) -> None:
    with store() as session:
        row = submit_request(session, clock())
        keys = [column.key for column in ConsultationRequest.__table__.columns if column.key not in {"id", "reference"}]
        values = {name: getattr(row, name) for name in keys}
        copies = [values | {"reference": f"DC-{n}"} for n in range(2 * BATCH)]
        session.execute(sa.insert(ConsultationRequest), copies)
        found = [row["reference"] for row in export.rows(session, Filter())]
        assert len(set(found)) == len(found) == 2 * BATCH + 1
        assert list(export.as_json(export.rows(session, Filter(status=Status.SPAM)))) == ["[]\n"]


def test_every_column_is_documented() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in export.COLUMNS if f"`{name}`" not in text] == []
