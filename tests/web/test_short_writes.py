"""What reads long is read before a transaction that writes begins: on SQLite everybody else waits for its end."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain import privacy
from domain.consultations import export
from domain.orm import WRITES
from extensions import db
from storage import backup
from tests.conftest import Clock, Store
from tests.factories import request_draft, submit_request
from tests.pages import Browser

EMAIL = "quixotica.z@plinth.example"
Watch = Callable[[ModuleType, str], list[bool]]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Notes of each call of a function whether others had to wait for it."""

    def begin(module: ModuleType, name: str) -> list[bool]:
        found: list[bool] = []
        function = getattr(module, name)

        def noted(*args: Any) -> Any:
            session = args[0] if isinstance(args[0], Session) else db.session
            found.append(bool(session.info.get(WRITES)))
            return function(*args)

        monkeypatch.setattr(module, name, noted)
        return found

    return begin


@pytest.fixture(autouse=True)
def _a_request(store: Store, clock: Clock) -> None:
    with store() as session:
        submit_request(session, clock(), request_draft(email=EMAIL))


def test_exported_requests_are_counted_before(owner: Browser, watch: Watch) -> None:
    held = watch(export, "count")
    owner.submit(owner.get("/staff/requests?filter=all"), "/staff/export/requests", button=("format", "csv"))
    assert held == [False]


def test_what_is_held_about_a_person_is_read_before(app: Flask, owner: Browser, watch: Watch) -> None:
    url, held = "/staff/settings/privacy", watch(privacy, "document")
    owner.submit(owner.submit(owner.get(url), url, who=EMAIL), f"{url}/export")
    assert app.test_cli_runner().invoke(args=["privacy", "export", EMAIL]).exit_code == 0
    assert held == [False, False]


def test_a_backup_is_read_before(app: Flask, watch: Watch, tmp_path: Path) -> None:
    held = watch(backup, "sha256")
    result = app.test_cli_runner().invoke(args=["backup", "create", str(tmp_path / "site.tar.gz")])
    assert result.exit_code == 0, result.output
    assert held
    assert not any(held)
