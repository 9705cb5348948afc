"""What is left of rows after they are gone, and the list of those who were erased: files, beside the database."""

from datetime import datetime
from pathlib import Path

from flask import current_app

import clinic
import database
import errors
import mailer
from domain import privacy, search
from domain.privacy import Person
from extensions import db
from storage import files

ERASURES = "erasures.txt"
"""In the instance folder, readable by the site's own user only; what makes or restores backups keeps it beside them."""


def rid_files() -> bool:
    """Takes what was deleted out of kept mail, search index and write-ahead log, after the commit; commits its own short steps.

    False when others write or read just now and something of it is left; to be called again then.
    """
    try:
        mailer.forget_files()
        is_first, goes_on = True, True
        while goes_on:
            work = database.begin_write(db.session)
            goes_on = search.drop_deleted(work, is_first=is_first)
            work.commit()
            is_first = False
        return database.empty_log(db.session)
    except database.UNAVAILABLE as error:
        errors.log_without_words(error)
        db.session.rollback()
        return False


def erasures() -> Path:
    """The list of erasures."""
    return Path(current_app.instance_path) / ERASURES


def note_erasure(person: Person, now: datetime) -> None:
    """Adds a person to the list, before the erasure is committed: a line too many does no harm, one that is missing would.

    The caller has begun a write with "erasure", so that no second one writes the list.
    """
    path = erasures()
    before = path.read_text(encoding="ascii") if path.exists() else ""
    line = privacy.written(privacy.erasure_of(person, clinic.keys()[-1], now))
    files.replace(path, f"{before}{line}\n".encode("ascii"))


def join_erasures(target: Path, *lists: Path) -> bool:
    """Adds to a list the lines that it lacks of others; False when none of them is there. Raises OSError."""
    found = [path.read_text(encoding="ascii").splitlines() for path in (target, *lists) if path.exists()]
    if found:
        lines = dict.fromkeys(line for part in found for line in part if line.strip())
        files.replace(target, "".join(f"{line}\n" for line in lines).encode("ascii"))
    return bool(found)
