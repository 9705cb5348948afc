"""Everything the clinic owns in one open file: every table, nothing by which anybody signs in, as it is at one moment."""

import json
import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import database
from domain import audit, comments, consultations, full_export, outbox, staff
from domain.comments import How, Status
from domain.comments.amending import amend
from domain.comments.blocks import CommentBlock, Target
from domain.consultations import CloseReason, Move
from domain.full_export import NOT_IN_IT, PARTS
from domain.orm import Base
from domain.outbox import OutboxMail
from domain.settings import Setting
from extensions import db
from tests.conftest import NOON, Clock, Store
from tests.factories import ALWAYS, PASSWORD, comment_draft, make_staff, request_draft, submit_comment, submit_request
from tests.pages import Browser, sign_in

ROOT = Path(__file__).parents[2]
SECRET = re.compile(r"hash|secret|token|digest|epoch|lease|password|challenge|network|^key$|_key$")
"""What a column is called by which somebody could sign in or be told apart."""
HARMLESS = {
    "setting.key": "the name of a setting",
    "comment.email_key": "the address as it is compared",
    "consultation_request.email_key": "the address as it is compared",
    "reader.email_key": "the address as it is compared",
    "outbox_mail.message_key": "the Message-ID, which every receiver has",
}


def written(app: Flask, path: Path) -> dict[str, Any]:
    """What the command writes into a file."""
    done = app.test_cli_runner().invoke(args=["export", "json", str(path)])
    assert done.exit_code == 0, done.output
    return json.loads(path.read_text(encoding="utf-8"))


def columns_of(model: type[Base]) -> list[str]:
    """The columns of a table that are in the document."""
    return [column.name for column in full_export.columns(model)]


def exported_tables() -> dict[str, list[str]]:
    """The tables of the document with the columns that are in it."""
    models = [model for part in PARTS.values() for model in (part.model, *(under.model for under in part.under.values()))]
    return {model.__tablename__: columns_of(model) for model in models}


def test_every_table_and_every_column_is_in_it_or_has_a_reason_why_not() -> None:
    left_out = {name for name in NOT_IN_IT if "." not in name}
    assert exported_tables().keys() | left_out == Base.metadata.tables.keys()
    assert not exported_tables().keys() & left_out
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert {name for name in NOT_IN_IT if "." in name} <= columns


def test_the_documentation_names_each_list_and_each_key() -> None:
    part = (ROOT / "docs" / "operations.md").read_text().split("### Everything in one file")[1].split("\nLeft out are")[0]
    rows = re.findall(r"^\| `(\w+)`(?: of an? (\w+))? \| (.*) \|$", part, re.MULTILINE)
    told = {(name, of): set(re.findall(r"`(\w+)`", keys)) for name, of, keys in rows}
    under = {"requests": "request", "comments": "comment", "mail": "message"}
    kept = {(name, ""): set(columns_of(part.model)) for name, part in PARTS.items()}
    for name, part in PARTS.items():
        kept |= {(inner, under[name]): set(columns_of(rows.model)) - {rows.by} for inner, rows in part.under.items()}
    assert told == kept


def test_no_column_by_which_anybody_signs_in_is_in_it() -> None:
    named = {f"{table}.{name}" for table, names in exported_tables().items() for name in names if SECRET.search(name)}
    assert named == HARMLESS.keys()


def test_all_that_was_sent_and_done_is_in_the_file(app: Flask, store: Store, clock: Clock, tmp_path: Path) -> None:
    with store() as session:
        owner = make_staff(session, clock(), name="Amina")
        request = submit_request(session, clock(), request_draft(name="بلال", email="b@example.com"))
        step = Move(consultations.Status.CLOSED, note="They came", reason=CloseReason.CAME)
        consultations.move(session, request.id, step, by=owner.id, working=ALWAYS, revision=1, now=clock())
        comment = submit_comment(session, clock(), comment_draft(name="Sana"))
        amend(session, comment.id, "It helped, they say.", revision=1, by=owner.id, how=How.WEB, now=clock())
        comments.set_status(session, comment.id, Status.APPROVED, by=owner.id, how=How.WEB, now=clock())
        held = submit_comment(session, clock(), notify=["moderator@example.com"]).id
        session.add(Setting(key="notice", value="Closed on Friday", changed_at=clock(), changed_by=owner.id))
        until = clock() + timedelta(days=7)
        session.add(
            CommentBlock(target=Target.HOST, value="spam.example", note="", created_at=clock(), created_by=owner.id, until=until)
        )
    told = written(app, tmp_path / "clinic.json")
    assert (told["format"], told["version"], told["made_at"]) == ("dynamic-clinic", 1, "2026-11-23T07:00:00+00:00")
    assert list(told) == ["format", "version", "made_at", *PARTS]
    assert [(person["name"], person["role"]) for person in told["staff"]] == [("Amina", "owner")]
    (request_told,) = told["requests"]
    assert (request_told["name"], request_told["email"], request_told["status"]) == ("بلال", "b@example.com", "closed")
    assert [(event["what"], event["note"]) for event in request_told["history"]] == [("arrived", ""), ("moved", "They came")]
    comment_told, held_told = told["comments"]
    assert comment_told["text"] == "It helped, they say."
    assert [version["text"].startswith("The diary helped") for version in comment_told["earlier_versions"]] == [True]
    assert [event["to_status"] for event in comment_told["history"]] == ["held", "held", "approved"]
    assert [(setting["key"], setting["value"]) for setting in told["settings"]] == [("notice", "Closed on Friday")]
    assert [block["value"] for block in told["blocks"]] == ["spam.example"]
    mail = {one["kind"]: one for one in told["mail"]}
    assert mail["request_received"]["recipient"] == "desk@example.com"
    assert mail["comment_held"]["items"] == [{"item_id": held}] == [{"item_id": held_told["id"]}]
    assert [(day["step"], day["number"]) for day in told["visits_by_day"]] == [("sent", 1)]
    assert told["audit"][-1]["action"] == "everything exported"


def test_nothing_by_which_anybody_signs_in_is_in_the_file(
    app: Flask, store: Store, clock: Clock, browser: Browser, tmp_path: Path
) -> None:
    with store() as session:
        owner = make_staff(session, clock())
        staff.begin_second_factor(session, owner)
        secret = staff.pending_secret(session, owner)
        assert secret is not None
    sign_in(browser)
    with store() as session:
        owner = session.merge(owner)
        codes = staff.turn_on(session, owner, pyotp.TOTP(secret).at(clock()), clock())
        submit_request(session, clock())
        row = outbox.claim(session, clock(), "a machine")
        assert row is not None
        kept = [str(value) for table in ("staff_session", "staff_recovery_code") for value in digests(session, table)]
        secrets = [secret, row.lease, "a machine", owner.password_hash, PASSWORD, *(codes or []), *kept]
    assert len(kept) > 1
    written(app, tmp_path / "clinic.json")
    text = (tmp_path / "clinic.json").read_text(encoding="utf-8")
    assert [value for value in secrets if value and value in text] == []


def digests(session: Session, table: str) -> list[object]:
    """What a table keeps of keys and codes."""
    columns = Base.metadata.tables[table].c
    return list(session.scalars(sa.select(columns.get("key_digest", columns.get("digest")))))


def test_the_file_is_for_its_owner_only_and_overwrites_nothing(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "clinic.json"
    written(app, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    again = app.test_cli_runner().invoke(args=["export", "json", str(path)])
    assert (again.exit_code, again.output) == (1, f"Error: {path}: expected a name that is free\n")
    assert path.read_bytes() == before
    nowhere = app.test_cli_runner().invoke(args=["export", "json", str(tmp_path / "no" / "clinic.json")])
    assert (nowhere.exit_code, len(nowhere.output.splitlines())) == (1, 1)
    with app.app_context():
        assert len(audit.page(db.session)) == 1


def test_an_export_that_fails_leaves_no_file(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> object:
        yield "{"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(full_export, "document", breaks)
    done = app.test_cli_runner().invoke(args=["export", "json", str(tmp_path / "clinic.json")])
    assert (done.exit_code, done.output) == (1, f"Error: {tmp_path}/clinic.json: No space left on device\n")
    assert list(tmp_path.iterdir()) == []


def test_a_dash_is_standard_output(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["export", "json", "-"])
    assert json.loads(done.stdout)["format"] == "dynamic-clinic"
    assert done.stderr == "0 requests, 0 comments, 0 rows in all\n"


def test_the_audit_log_tells_of_it_in_numbers(app: Flask, store: Store, clock: Clock, tmp_path: Path) -> None:
    with store() as session:
        submit_request(session, clock())
    written(app, tmp_path / "clinic.json")
    with app.app_context():
        (entry,) = audit.page(db.session)
        assert (entry.staff_id, entry.action) == (None, "everything exported")
        assert entry.detail["requests"] == 1
        assert all(isinstance(number, int) for number in entry.detail.values())


def test_it_is_the_site_at_one_moment_and_keeps_nobody_from_writing(app: Flask, store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock())
    with app.app_context(), db.sessionmaker() as reading:
        pieces = full_export.document(database.begin_snapshot(reading), clock())
        text = "".join(next(pieces) for _ in range(3))
        with db.sessionmaker() as other:
            submit_comment(database.begin_write(other), NOON)
            submit_request(other, NOON)
            other.commit()
        told = json.loads(text + "".join(pieces))
    assert (len(told["requests"]), len(told["comments"])) == (1, 0)


def test_rows_come_in_batches_with_what_is_theirs(
    app: Flask, store: Store, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_export, "BATCH", 2)
    with store() as session:
        ids = [submit_request(session, clock()).id for _ in range(5)]
        number = session.scalars(sa.select(sa.func.count()).select_from(OutboxMail)).one()
    told = written(app, tmp_path / "clinic.json")
    assert [request["id"] for request in told["requests"]] == ids
    assert [len(request["history"]) for request in told["requests"]] == [1] * 5
    assert len(told["mail"]) == number
