"""Counts of comments by state, and of shown ones by block of threads, kept by the database itself; an index of reasons.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Which rows of comments count where: a comment in its article and state, a shown one in its block of a thousand threads.
COUNTS = {
    "comment_count": ("article_id, status", "{row}article_id, {row}status", "true"),
    "thread_block": ("article_id, block", "{row}article_id, -{row}thread_rank / 1000", "{row}shown"),
}
# What happens, and which rows it adds (+) and takes away (-).
EVENTS = {"INSERT": {"new": "+"}, "DELETE": {"old": "-"}, "UPDATE": {"old": "-", "new": "+"}}
WATCHED = "OF article_id, status, thread_rank, shown"


def upgrade() -> None:
    op.create_table(
        "comment_count",
        sa.Column("article_id", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "status", name=op.f("pk_comment_count")),
    )
    op.create_table(
        "thread_block",
        sa.Column("article_id", sa.String(length=100), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "block", name=op.f("pk_thread_block")),
    )
    for table, (key, values, condition) in COUNTS.items():
        found = f"SELECT {values.format(row='')}, count(*) FROM comment WHERE {condition.format(row='')} GROUP BY 1, 2"  # names of our own tables  # nosec
        op.execute(f"INSERT INTO {table} ({key}, number) {found}")
    for statement in TRIGGERS[op.get_context().dialect.name]():
        op.execute(statement)
    op.drop_table("comment_tally")
    reasoned = sa.text("CAST(reasons AS TEXT) <> '[]'")
    op.create_index("ix_comment_queue_reason", "comment", ["status", "id"], sqlite_where=reasoned, postgresql_where=reasoned)


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER comment_counted_{event.lower()} AFTER {event} {WATCHED if event == 'UPDATE' else ''} ON comment "
        f"BEGIN {' '.join(_by_row(f'{row}.', sign) for row, sign in rows.items())} END"
        for event, rows in EVENTS.items()
    ]


def _by_row(row: str, sign: str) -> str:
    return " ".join(
        f"INSERT INTO {table} ({key}, number) SELECT {values.format(row=row)}, {sign}1 WHERE {condition.format(row=row)} "  # names of our own tables  # nosec
        f"ON CONFLICT ({key}) DO UPDATE SET number = number + excluded.number;"
        for table, (key, values, condition) in COUNTS.items()
    )


def _postgresql() -> list[str]:
    # By statement, since a purge of thousands of rows would change the same count thousands of times.
    statements = []
    for event, rows in EVENTS.items():
        name = f"comment_counted_{event.lower()}"
        statements.append(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_by_statement(rows)} RETURN NULL; END $$"
        )
        tables = " ".join(f"{row.upper()} TABLE AS {row}_rows" for row in rows)
        statements.append(
            f"CREATE TRIGGER {name} AFTER {event} ON comment REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
    return statements


def _by_statement(rows: dict[str, str]) -> str:
    parts = []
    for table, (key, values, condition) in COUNTS.items():
        changes = " UNION ALL ".join(
            f"SELECT {values.format(row='')}, {sign}1 FROM {row}_rows WHERE {condition.format(row='')}"  # names of our own tables  # nosec
            for row, sign in rows.items()
        )
        # In one order everywhere, so that two transactions never wait for each other.
        parts.append(
            f"INSERT INTO {table} AS kept ({key}, number) SELECT {key}, sum(change) FROM ({changes}) AS changed ({key}, change) "  # names of our own tables  # nosec
            f"GROUP BY {key} HAVING sum(change) <> 0 ORDER BY {key} "
            f"ON CONFLICT ({key}) DO UPDATE SET number = kept.number + excluded.number;"
        )
    return " ".join(parts)


TRIGGERS = {"sqlite": _sqlite, "postgresql": _postgresql}


def downgrade() -> None:
    op.drop_index("ix_comment_queue_reason", table_name="comment")
    op.create_table(
        "comment_tally",
        sa.Column("article_id", sa.String(length=100), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_comment_tally")),
    )
    op.execute(
        "INSERT INTO comment_tally (article_id, approved, shown) "
        "SELECT article_id, sum(CASE WHEN status = 'approved' THEN 1 ELSE 0 END), count(*) FROM comment WHERE shown GROUP BY 1"
    )
    is_function = op.get_context().dialect.name == "postgresql"
    for event in EVENTS:
        name = f"comment_counted_{event.lower()}"
        op.execute(f"DROP FUNCTION {name}() CASCADE" if is_function else f"DROP TRIGGER {name}")
    op.drop_table("thread_block")
    op.drop_table("comment_count")
