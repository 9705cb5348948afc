"""Backups as tests make them, read them and tamper with them."""

import json
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask


def run(app: Flask, *arguments: str | Path) -> Result:
    """Runs `flask backup ...`."""
    return app.test_cli_runner().invoke(args=["backup", *map(str, arguments)])


def made(app: Flask, path: Path) -> Path:
    """A backup of the site."""
    result = run(app, "create", path)
    assert result.exit_code == 0, result.output
    return path


def rewritten(path: Path, change: Any) -> None:
    """Packs the archive again with changed parts."""
    with tarfile.open(path) as archive:
        parts = {member.name: archive.extractfile(member).read() for member in archive.getmembers()}  # type: ignore[union-attr]
    change(parts)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))


def with_another_row(parts: dict[str, bytes]) -> None:
    """As if a comment had another text than the one that was copied."""
    manifest = json.loads(parts["manifest.json"])
    manifest["tables"]["comment"]["sha256"] = "0" * 64
    parts["manifest.json"] = json.dumps(manifest).encode()
