"""Values that the code knows are those that the database takes and that people read in words; migrations are numbered."""

import re
import shutil
from enum import StrEnum
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy.exc import IntegrityError

from blueprints.staff.forms import ROLE_LABELS
from blueprints.staff.request_forms import CLOSE_REASONS
from blueprints.staff.request_rows import DONE
from blueprints.staff.rows import REQUEST_LABELS
from domain import comments, consultations
from domain.consultations import BestTime, CloseReason, ContactBy, What
from domain.orm import Base
from domain.staff import MAY, Role
from extensions import Migrations, db
from web import words

ROOT = Path(__file__).parents[2]
MIGRATIONS, README = ROOT / "migrations", ROOT / "README.md"
NURSE = """INSERT INTO staff (email, name, role, active, session_epoch, created_at)
VALUES (:email, 'N', 'nurse', TRUE, 1, CURRENT_TIMESTAMP)"""


def test_every_value_of_the_code_is_one_that_the_migrated_database_takes(app: Flask) -> None:
    with app.app_context():
        inspector = sa.inspect(db.engine)
        taken = {
            (table, check["name"]): set(re.findall("'([^']*)'", check["sqltext"]))
            for table in Base.metadata.tables
            for check in inspector.get_check_constraints(table)
        }
    known = {
        (table.name, f"ck_{table.name}_{column.type.name}"): set(column.type.enums)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.Enum) and column.type.create_constraint
    }
    assert len(known) > 10
    assert {key: taken.get(key) for key in known} == known


def test_the_way_of_the_readme_to_one_more_value_works(app: Flask) -> None:
    recipe = (README.read_text().split("```python\n")[1]).split("```")[0]
    roles = "role IN ('owner', 'moderator', 'front-desk')"
    with app.app_context(), db.engine.connect() as connection:
        names = {"op": Operations(MigrationContext.configure(connection, opts={"target_metadata": Base.metadata}))}
        exec(recipe, names)
        names["_allow"](roles, roles.replace(")", ", 'nurse')"))
        connection.execute(sa.text(NURSE), {"email": "n@example.com"})
        with pytest.raises(IntegrityError):
            connection.execute(sa.text(NURSE.replace("nurse", "porter")), {"email": "p@example.com"})
        connection.rollback()


@pytest.mark.parametrize(
    ("told", "values"),
    [
        (MAY, Role),
        (ROLE_LABELS, Role),
        (comments.ALLOWED, comments.Status),
        (consultations.ALLOWED, consultations.Status),
        (REQUEST_LABELS, consultations.Status),
        (CLOSE_REASONS, CloseReason),
        ({What.MOVED, *DONE}, What),
        (words.CONTACT, ContactBy),
        (words.BEST_TIME, BestTime),
    ],
    ids=lambda told: getattr(told, "__name__", ""),
)
def test_every_value_has_its_rules_and_its_words(told: object, values: type[StrEnum]) -> None:
    assert set(told) == set(values)


def test_a_new_migration_gets_the_next_number_and_looks_like_the_others(tmp_path: Path) -> None:
    folder = shutil.copytree(MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    site = Flask(__name__)
    site.config["ALEMBIC"] = {"script_location": str(folder)}
    migrations = Migrations(site, run_mkdir=False, metadatas=Base.metadata)
    with site.app_context():
        newest = int(migrations.script_directory.get_current_head() or "")
        migrations.revision("What a visitor likes.", empty=True)
    head = (MIGRATIONS / "0020_heartbeat.py").read_text().split("\n\n\ndef upgrade")[0]
    says = {"0020": f"{newest + 1:04}", "0019": f"{newest:04}", "When each dispatcher was last there.": "What a visitor likes."}
    for old, new in says.items():
        head = head.replace(old, new)
    made = (folder / f"{newest + 1:04}_what_a_visitor_likes.py").read_text()
    assert made == head + "\n\n\ndef upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n"
