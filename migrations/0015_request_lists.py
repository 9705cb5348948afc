"""Counts of requests by state, kept by the database itself, and indexes for the filters of the inbox.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "consultation_request"
SUSPECTED = sa.text("suspected")
PLACE = ["created_at", "id"]
INDEXES = {
    "inbox": (["status", *PLACE], None),
    "arrived": (PLACE, None),
    "assigned": (["assigned_to", *PLACE], None),
    "assigned_status": (["assigned_to", "status", *PLACE], None),
    "treatment": (["treatment", *PLACE], None),
    "treatment_status": (["treatment", "status", *PLACE], None),
    "suspected": (PLACE, SUSPECTED),
    "suspected_status": (["status", *PLACE], SUSPECTED),
}
UNANSWERED = ("ix_consultation_request_unanswered", ["status", "created_at", "id"])
UNANSWERED_ONLY = sa.text("first_contact_at IS NULL AND escalated_at IS NULL")
# What happens, and how often it counts the state of which row.
EVENTS = {"INSERT": {"new": "1"}, "DELETE": {"old": "-1"}, "UPDATE": {"old": "-1", "new": "1"}}


def upgrade() -> None:
    op.drop_index("ix_consultation_request_inbox", TABLE)
    op.drop_index("ix_consultation_request_assigned_to", TABLE)
    for name, (columns, rows) in INDEXES.items():
        op.create_index(f"ix_consultation_request_{name}", TABLE, columns, sqlite_where=rows, postgresql_where=rows)
    # Of two indexes that serve alike SQLite takes the newer one: for reminders that must stay the one that holds few rows.
    name, columns = UNANSWERED
    op.drop_index(name, TABLE)
    op.create_index(name, TABLE, columns, sqlite_where=UNANSWERED_ONLY, postgresql_where=UNANSWERED_ONLY)
    op.create_table(
        "request_count",
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("status", name=op.f("pk_request_count")),
    )
    op.execute(f"INSERT INTO request_count (status, number) SELECT status, count(*) FROM {TABLE} GROUP BY 1")  # nosec
    make = _on_sqlite if op.get_context().dialect.name == "sqlite" else _on_postgresql
    for event, rows in EVENTS.items():
        make(event, rows)


def _on_sqlite(event: str, rows: dict[str, str]) -> None:
    counted = " ".join(
        f"INSERT INTO request_count (status, number) VALUES ({row}.status, {change}) "  # names of our own tables  # nosec
        "ON CONFLICT (status) DO UPDATE SET number = number + excluded.number;"
        for row, change in rows.items()
    )
    what = "UPDATE OF status" if event == "UPDATE" else event
    op.execute(f"CREATE TRIGGER request_counted_{event.lower()} AFTER {what} ON {TABLE} BEGIN {counted} END")


def _on_postgresql(event: str, rows: dict[str, str]) -> None:
    # By statement, since a purge of thousands of rows would change the same count thousands of times, and in one order
    # everywhere, so that two transactions never wait for each other.
    changes = " UNION ALL ".join(f"SELECT status, {change} FROM {row}_rows" for row, change in rows.items())  # nosec
    tables = " ".join(f"{row.upper()} TABLE AS {row}_rows" for row in rows)
    name = f"request_counted_{event.lower()}"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO request_count AS kept (status, number) SELECT status, sum(change) "  # names of our own tables  # nosec
        f"FROM ({changes}) AS changed (status, change) GROUP BY status HAVING sum(change) <> 0 ORDER BY status "
        "ON CONFLICT (status) DO UPDATE SET number = kept.number + excluded.number; RETURN NULL; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {TABLE} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    is_function = op.get_context().dialect.name == "postgresql"
    for event in EVENTS:
        name = f"request_counted_{event.lower()}"
        op.execute(f"DROP FUNCTION {name}() CASCADE" if is_function else f"DROP TRIGGER {name}")
    op.drop_table("request_count")
    for name in INDEXES:
        op.drop_index(f"ix_consultation_request_{name}", TABLE)
    op.create_index("ix_consultation_request_assigned_to", TABLE, ["assigned_to"])
    op.create_index("ix_consultation_request_inbox", TABLE, ["status", "id"])
