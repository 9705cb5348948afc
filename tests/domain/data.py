"""Where the data nobody on the project wrote is, and the skip for machines that lack it."""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


def load_json(name: str) -> Any:
    """A JSON file of the shared data; skips the test, saying so, where it is absent."""
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"../shared/data/{name} is not on this machine")
    return json.loads(file.read_text(encoding="utf-8"))


def lines(name: str) -> list[str]:
    """The lines of a text file of the shared data; skips the test, saying so, where it is absent."""
    file = DATA / name
    if not file.is_file():
        pytest.skip(f"../shared/data/{name} is not on this machine")
    return file.read_text(encoding="utf-8", errors="replace").splitlines()
