"""The search index knows the state of a comment (SQLite) and is stored (PostgreSQL), so that it stays fast on a large site.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GONE = "INSERT INTO comment_search (comment_search, rowid, {columns}) VALUES ('delete', old.id, {old});"
THERE = "INSERT INTO comment_search (rowid, {columns}) VALUES (new.id, {new});"
BEFORE, NOW = ("name", "email", "text"), ("name", "email", "text", "status")
# Punctuation becomes space, so that the parts of an address are words as they are on SQLite.
WORDS = "to_tsvector('simple', translate(name || ' ' || email || ' ' || text, '@./_:-+&#=?<>~''', '               '))"


def upgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _index_on_sqlite(NOW)
        return
    # A column of words spares reading each text again where a list is walked and not the index.
    op.execute("DROP INDEX comment_search_words")
    op.execute(f"ALTER TABLE comment ADD COLUMN comment_search tsvector GENERATED ALWAYS AS ({WORDS}) STORED")
    op.execute("CREATE INDEX comment_search_words ON comment USING gin (comment_search)")


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        _index_on_sqlite(BEFORE)
        return
    op.execute("ALTER TABLE comment DROP COLUMN comment_search")
    op.execute(f"CREATE INDEX comment_search_words ON comment USING gin ({WORDS})")


def _index_on_sqlite(names: tuple[str, ...]) -> None:
    columns, old, new = (", ".join(f"{prefix}{name}" for name in names) for prefix in ("", "old.", "new."))
    gone, there = GONE.format(columns=columns, old=old), THERE.format(columns=columns, new=new)
    for event in ("update", "delete", "insert"):
        op.execute(f"DROP TRIGGER comment_search_{event}")
    op.execute("DROP TABLE comment_search")
    op.execute(
        f"CREATE VIRTUAL TABLE comment_search USING fts5({columns}, content='comment', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute("INSERT INTO comment_search (comment_search) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER comment_search_insert AFTER INSERT ON comment BEGIN {there} END")
    op.execute(f"CREATE TRIGGER comment_search_delete AFTER DELETE ON comment BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER comment_search_update AFTER UPDATE OF id, {columns} ON comment BEGIN {gone} {there} END")
