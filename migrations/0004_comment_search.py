"""Full-text search over comments, kept by the database itself.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# On SQLite the index holds no text of its own (external content); a row leaves it with the values it had.
GONE = "INSERT INTO comment_search (comment_search, rowid, name, email, text) VALUES ('delete', old.id, old.name, old.email, old.text);"
THERE = "INSERT INTO comment_search (rowid, name, email, text) VALUES (new.id, new.name, new.email, new.text);"
CREATE = {
    "sqlite": (
        """CREATE VIRTUAL TABLE comment_search USING fts5(
        name, email, text, content='comment', content_rowid='id', tokenize='unicode61 remove_diacritics 2')""",
        "INSERT INTO comment_search (comment_search) VALUES ('rebuild')",
        f"CREATE TRIGGER comment_search_insert AFTER INSERT ON comment BEGIN {THERE} END",
        f"CREATE TRIGGER comment_search_delete AFTER DELETE ON comment BEGIN {GONE} END",
        f"CREATE TRIGGER comment_search_update AFTER UPDATE OF id, name, email, text ON comment BEGIN {GONE} {THERE} END",
    ),
    # Punctuation becomes space, so that the parts of an address are words as they are on SQLite.
    "postgresql": (
        """CREATE INDEX comment_search_words ON comment USING gin (
        to_tsvector('simple', translate(name || ' ' || email || ' ' || text, '@./_:-+&#=?<>~''', '               ')))""",
    ),
}
DROP = {
    "sqlite": (
        "DROP TRIGGER comment_search_update",
        "DROP TRIGGER comment_search_delete",
        "DROP TRIGGER comment_search_insert",
        "DROP TABLE comment_search",
    ),
    "postgresql": ("DROP INDEX comment_search_words",),
}


def upgrade() -> None:
    for statement in CREATE[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in DROP[op.get_context().dialect.name]:
        op.execute(statement)
