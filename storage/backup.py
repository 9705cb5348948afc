"""One file with all that the site needs to live again: database, articles, site.toml and secret key.

A gzipped tar archive, readable by its owner only: `manifest.json` first, which names every other part with its SHA-256 and
every table with its rows and theirs; so a copy can be checked long after the database has moved on.
"""

import gzip
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from domain import search
from storage import database_copy, files

FORMAT = 1
DATABASE, KEY, SITE, CONTENT, MANIFEST = "database", "secret_key", "site.toml", "content", "manifest.json"
_BATCH = 1000


class BadBackup(Exception):
    """The file is no backup, or not a whole one; its text says what is wrong, in one line."""


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and the SHA-256 of them all in the order of their key."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a backup. `parts` are the files of the archive with their SHA-256."""

    made_at: str
    engine: str
    tables: Mapping[str, Table]
    parts: Mapping[str, str]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables.values())


def create(engine: Engine, target: Path, *, key: str, site: Path, content: Path, now: datetime) -> Manifest:
    """Writes a backup of the database as it is at one moment; `target` is there when it is whole, or not at all.

    `content` is the folder of the articles. Raises FileExistsError, OSError, CopyFailed.
    """
    if target.exists():
        raise FileExistsError(target)
    unfinished = target.with_name(f".{target.name}.part")
    with TemporaryDirectory(prefix=".backup-", dir=target.parent) as name:
        folder = Path(name)
        with database_copy.frozen(engine, folder / DATABASE) as connection:
            tables = digests(connection)
        (folder / KEY).write_text(key, encoding="ascii")
        parts = {DATABASE: folder / DATABASE, KEY: folder / KEY, SITE: site}
        parts |= {f"{CONTENT}/{path.relative_to(content)}": path for path in sorted(content.rglob("*")) if path.is_file()}
        sums = {part: sha256(path) for part, path in parts.items()}
        manifest = Manifest(now.astimezone(UTC).isoformat(timespec="seconds"), engine.dialect.name, tables, sums)
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        try:
            _pack(unfinished, {MANIFEST: folder / MANIFEST} | parts)
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
    files.sync_folder(target.parent)
    return manifest


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Manifest, Path]]:
    """The parts of a backup in a folder of their own for a moment, each checked. Raises BadBackup, OSError."""
    with TemporaryDirectory(prefix="restore-") as name:
        folder = Path(name)
        try:
            with tarfile.open(path, "r:gz") as archive:
                _unpack(archive, folder.resolve())
            manifest = _read_manifest(folder / MANIFEST)
        except (tarfile.TarError, gzip.BadGzipFile, EOFError, ValueError, TypeError, KeyError) as error:
            raise BadBackup(f"{path}: expected a whole backup of this site ({type(error).__name__})") from error
        wrong = [
            part for part, expected in manifest.parts.items() if not (folder / part).is_file() or sha256(folder / part) != expected
        ]
        if wrong:
            raise BadBackup(f"{path}: {', '.join(wrong[:3])}: not what was written then")
        yield manifest, folder


def check(engine: Engine, manifest: Manifest) -> list[str]:
    """What differs between a database that was put back and the one that was copied; empty when nothing does."""
    faults = database_copy.faults(engine)
    if faults:
        return faults
    with engine.connect() as connection:
        now = digests(connection)
    names = sorted(now.keys() | manifest.tables.keys())
    return [
        f"{name}: {_differs(manifest.tables.get(name), now.get(name))}"
        for name in names
        if manifest.tables.get(name) != now.get(name)
    ]


def digests(connection: Connection) -> dict[str, Table]:
    """Every table, whatever its version, with its rows and their SHA-256; what the search keeps for itself is left out."""
    inspector = sa.inspect(connection)
    names = [name for name in inspector.get_table_names() if search.is_of_a_model(name, "table", {})]
    return {name: _digest(connection, name, inspector.get_pk_constraint(name)["constrained_columns"]) for name in sorted(names)}


def _digest(connection: Connection, name: str, key: list[str]) -> Table:
    quote = connection.dialect.identifier_preparer.quote
    order = f" ORDER BY {', '.join(map(quote, key))}" if key else ""
    # The name is the database's own word for one of its tables.
    query = sa.text(f"SELECT * FROM {quote(name)}{order}")  # nosec
    total, count = hashlib.sha256(), 0
    for row in connection.execution_options(stream_results=True, yield_per=_BATCH).execute(query):
        total.update(json.dumps(tuple(row), default=_plain).encode())
        count += 1
    return Table(count, total.hexdigest())


def _plain(value: object) -> str:
    """A value that JSON does not know; times as UTC, so that the zone of a server makes no difference."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _differs(then: Table | None, now: Table | None) -> str:
    if then is None or now is None:
        return "was not there then" if then is None else "is missing"
    return f"{now.rows} rows, expected {then.rows}" if now.rows != then.rows else "holds other values"


def _pack(target: Path, parts: Mapping[str, Path]) -> None:
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            for name, path in parts.items():
                archive.add(path, arcname=name, recursive=False, filter=_nobodys)
        file.flush()
        os.fsync(file.fileno())


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Writes the plain files of an archive, which is all that a backup has; refuses whatever else, and a way out of the folder.

    By hand, since the Python of Debian 12 (3.11.2) knows no extraction filters.
    """
    for member in archive:
        target = (folder / member.name).resolve()
        content = archive.extractfile(member) if member.isreg() and target.is_relative_to(folder) else None
        if content is None:
            raise tarfile.TarError(member.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the names and numbers of whoever made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _read_manifest(path: Path) -> Manifest:
    if not path.is_file():
        raise KeyError(MANIFEST)
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if told.get("format") != FORMAT:
        raise ValueError("format")
    tables = {name: Table(**table) for name, table in told.pop("tables").items()}
    return Manifest(tables=tables, **told)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, by which a backup is known again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
