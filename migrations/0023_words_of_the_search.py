"""The words of the search indexes, one by one (SQLite): a table that reads them out of the index and keeps nothing of its own.

Revision ID: 0023
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INDEXES = ("comment_search", "request_search")


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for index in INDEXES:
            op.execute(f"CREATE VIRTUAL TABLE {index}_vocabulary USING fts5vocab({index}, instance)")


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        for index in INDEXES:
            op.execute(f"DROP TABLE {index}_vocabulary")
