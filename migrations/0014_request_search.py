"""Full-text search over requests and the notes of their history, kept by the database itself.

Revision ID: 0014
"""

from collections.abc import Iterator

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "consultation_request"
# A reference is found with its hyphen and without, and by its letters alone. A number is found by its beginning, with or
# without the country, and, read backwards behind an x, by its end.
WORDS = """{row}name || ' ' || coalesce({row}email, '') || ' ' || replace({row}reference, '-', '') || ' ' || substr({row}reference, 4)
    || ' ' || substr({row}phone, 2) || CASE WHEN substr({row}phone, 1, 3) = '+92' THEN ' ' || substr({row}phone, 4) ELSE '' END
    || ' x' || {backwards} || ' ' || {row}message || ' ' || coalesce({notes}, '')"""
FACTS = """'state' || replace(status, '_', '') || ' with' || coalesce(assigned_to, 0) ||
    ' treatment' || replace(coalesce(treatment, ''), '-', '') || CASE WHEN suspected THEN ' suspected' ELSE '' END"""
SPOKEN = "id, name, email, reference, phone, message"
TOLD = f"{SPOKEN}, status, assigned_to, treatment, suspected"
# What happens, and which rows it takes away and adds.
EVENTS = {"INSERT": ("new",), "UPDATE": ("old", "new"), "DELETE": ("old",)}


def upgrade() -> None:
    statements = _sqlite() if op.get_context().dialect.name == "sqlite" else _postgresql()
    for statement in statements:
        op.execute(statement)


def _sqlite() -> Iterator[str]:
    # E.164 has at most 15 digits; SQLite has no function that reverses a text.
    backwards = " || ".join(f"substr(phone, -{place}, 1)" for place in range(1, 16))
    notes = f"(SELECT group_concat(note, ' ') FROM request_event WHERE request_id = {TABLE}.id)"  # nosec
    words = WORDS.format(row="", backwards=f"replace({backwards}, '+', '')", notes=notes)
    yield f"CREATE VIEW request_search_document AS SELECT id, {words} AS words, {FACTS} AS facts FROM {TABLE}"  # names of our own tables  # nosec
    yield """CREATE VIRTUAL TABLE request_search USING fts5(
        words, facts, content='request_search_document', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"""
    yield "INSERT INTO request_search (request_search) VALUES ('rebuild')"
    for event, rows in EVENTS.items():
        name = f"request_search_{event.lower()}"
        # The index holds no text of its own (external content): a row leaves it with the words it has before the change.
        if "old" in rows:
            yield f"CREATE TRIGGER {name}_gone BEFORE {_of(event, TOLD)} ON {TABLE} BEGIN {_gone('old.id')} END"
        if "new" in rows:
            yield f"CREATE TRIGGER {name} AFTER {_of(event, TOLD)} ON {TABLE} BEGIN {_there('new.id')} END"
        ids, noted = (glue.join(f"{row}.{rest}" for row in rows) for glue, rest in ((", ", "request_id"), (" OR ", "note <> ''")))
        watched = f"{_of(event, 'note, request_id')} ON request_event WHEN {noted}"
        yield f"CREATE TRIGGER {name}_note_gone BEFORE {watched} BEGIN {_gone(ids)} END"
        yield f"CREATE TRIGGER {name}_note AFTER {watched} BEGIN {_there(ids)} END"


def _of(event: str, columns: str) -> str:
    return f"UPDATE OF {columns}" if event == "UPDATE" else event


def _gone(ids: str) -> str:
    return f"""INSERT INTO request_search (request_search, rowid, words, facts)
        SELECT 'delete', id, words, facts FROM request_search_document WHERE id IN ({ids});"""  # names of our own tables  # nosec


def _there(ids: str) -> str:
    return f"""INSERT INTO request_search (rowid, words, facts)
        SELECT id, words, facts FROM request_search_document WHERE id IN ({ids});"""  # names of our own tables  # nosec


def _postgresql() -> Iterator[str]:
    # The newest notes, since a tsvector holds a megabyte at most and a note must never fail for being one too many.
    notes = "(SELECT left(string_agg(note, ' ' ORDER BY id DESC), 100000) FROM request_event WHERE request_id = new.id)"
    words = WORDS.format(row="new.", backwards="reverse(substr(new.phone, 2))", notes=notes)
    # Punctuation becomes space, so that the parts of an address are words as they are on SQLite.
    vector = f"to_tsvector('simple', translate({words}, '@./_:-+&#=?<>~''', '               '))"
    yield f"ALTER TABLE {TABLE} ADD COLUMN request_search tsvector"
    yield f"""CREATE FUNCTION request_search_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN new.request_search := {vector}; RETURN new; END $$"""
    yield f"""CREATE TRIGGER request_search_words BEFORE INSERT OR UPDATE OF {SPOKEN}, request_search ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION request_search_words()"""
    yield f"UPDATE {TABLE} SET request_search = NULL"  # names of our own tables  # nosec
    yield f"CREATE INDEX request_search_words ON {TABLE} USING gin (request_search)"
    # To empty the words of a request is to have them made anew.
    for event, rows in EVENTS.items():
        name = f"request_search_{event.lower()}_note"
        ids, noted = (glue.join(f"{row}.{rest}" for row in rows) for glue, rest in ((", ", "request_id"), (" OR ", "note <> ''")))
        yield f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN UPDATE {TABLE} SET request_search = NULL WHERE id IN ({ids}); RETURN NULL; END $$"""  # nosec
        yield f"""CREATE TRIGGER {name} AFTER {_of(event, "note, request_id")} ON request_event
            FOR EACH ROW WHEN ({noted}) EXECUTE FUNCTION {name}()"""


def downgrade() -> None:
    names = [f"request_search_{event.lower()}" for event in EVENTS]
    if op.get_context().dialect.name == "sqlite":
        triggers = [f"{name}{end}" for name in names for end in ("_gone", "", "_note_gone", "_note")]
        dropped = [f"DROP TRIGGER IF EXISTS {trigger}" for trigger in triggers]
        dropped += ["DROP TABLE request_search", "DROP VIEW request_search_document"]
    else:
        functions = ["request_search_words", *(f"{name}_note" for name in names)]
        dropped = [f"DROP FUNCTION {function}() CASCADE" for function in functions]
        dropped.append(f"ALTER TABLE {TABLE} DROP COLUMN request_search")
    for statement in dropped:
        op.execute(statement)
