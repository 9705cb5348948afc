"""How the engine means to answer what the domain asks, on tables large enough for an index to matter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from domain.comments import Comment, CommentEvent, How, Status
from domain.consultations import BestTime, ConsultationRequest, ContactBy
from domain.consultations import Status as RequestStatus
from domain.outbox import Kind, OutboxMail, State
from tests.conftest import NOON

COUNT = 2000
ARTICLES = "abc"


def many_comments(session: Session) -> None:
    """Comments in every state on three articles, a third of them replies, each with an event and a mail."""
    same = {"name": "N", "lang": "en", "status_since": NOON}
    rows = [
        same
        | {"id": n, "article_id": ARTICLES[n % 3], "email": f"{n}@example.com", "email_key": f"{n}@example.com"}
        | {"text": f"word{n}", "status": list(Status)[n % 4], "submitted_at": NOON - timedelta(hours=n)}
        | {"reasons": ["phone"] if n % 50 == 0 else [], "network": f"net{n % 500}", "shown": n % 4 == 1}
        | {"path": f"{n:010d}", "thread_rank": -n, "parent_id": n - 3 if n % 3 == 0 else None}
        for n in range(10_000, 10_000 + COUNT)
    ]
    rows[0]["parent_id"] = rows[1]["parent_id"] = rows[2]["parent_id"] = None
    session.execute(sa.insert(Comment), rows)
    event = {"at": NOON, "from_status": None, "to_status": Status.HELD, "by_staff": None, "how": How.SITE, "detail": {}}
    session.execute(sa.insert(CommentEvent), [event | {"comment_id": row["id"]} for row in rows])
    mail = {"kind": Kind.COMMENT_HELD, "recipient": "a@example.com", "state": State.SENT, "attempts": 1}
    mail |= {"created_at": NOON, "next_at": NOON, "retrying_since": NOON}
    session.execute(sa.insert(OutboxMail), [mail | {"subject_id": row["id"], "message_key": str(row["id"])} for row in rows])
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("ANALYZE comment, comment_event, outbox_mail"))


def many_requests(session: Session, staff_id: int) -> None:
    """Requests in every state, one in twenty suspected, one in ten with somebody; one in forty is due."""
    same = {"name": "N", "lang": "en", "consent_version": "1", "contact_by": ContactBy.PHONE, "best_time": BestTime.ANY}
    states = list(RequestStatus)
    rows = [
        same
        | {"id": n, "reference": f"DC-{n}", "phone": f"+92300{n:07}", "phone_raw": f"0300{n:07}", "message": f"word{n}"}
        | {"email": f"{n}@example.com", "email_key": f"{n}@example.com", "treatment": f"treatment-{n % 3}", "reasons": []}
        | {"suspected": n % 20 == 0, "assigned_to": staff_id if n % 10 == 0 else None, "status": states[n % len(states)]}
        | {"status_since": NOON, "created_at": NOON - timedelta(hours=20_000 - n), "due_at": NOON if n % 40 == 0 else None}
        | {"first_contact_at": None if n % 12 == 0 else NOON}
        for n in range(10_000, 10_000 + COUNT)
    ]
    session.execute(sa.insert(ConsultationRequest), rows)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("ANALYZE consultation_request"))


def plans(session: Session, run: Callable[[], object]) -> list[str]:
    """The plan of each query that `run` sends."""
    connection, sent = session.connection(), []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, parameters[0] if isinstance(parameters, list) else parameters))

    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        # A table that fits into a few pages is read whole and sorted, unless that is forbidden.
        connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        connection.execute(sa.text("SET LOCAL enable_sort = off"))
    sa.event.listen(connection, "before_cursor_execute", note)
    run()
    sa.event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    return ["\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {text}", values)) for text, values in sent]
