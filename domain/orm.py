"""The declarative base, its naming convention, the column types every noun shares, and the way past the ORM.

What runs for each post is made once, as a statement of a module with parameters, and run on the session's connection: to write it
out anew, and to make objects that nobody looks at again, takes several times as long as the database does.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware UTC time; refuses a naive one, so that no local time slips in."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table of the site."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
    }


M = TypeVar("M", bound=Base)
Q = TypeVar("Q", bound=sa.Select[Any])


def locked(session: Session, model: type[M], key: object) -> M | None:
    """The row with this key, to be changed: locked until the transaction ends, and as it stands now. None when there is none.

    Without the second, PostgreSQL waits for whoever changes the row, and the session then goes on with what it read before. Rows
    that refer to it can be added meanwhile: each step names the account that took it.
    """
    session.flush()
    return session.get(model, key, with_for_update={"key_share": True}, populate_existing=True)


def locking(query: Q) -> Q:
    """The same for all rows that a query finds."""
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


WRITES = "writes"
"""What a session is marked with while its transaction may write (docs/decisions/0002)."""
CONNECTION = "connection"
"""Under which a session in a transaction finds its connection at once; to ask the session takes as long as a statement."""


def reading(session: Session) -> sa.Connection:
    """The session's connection, for a statement whose rows are no objects; what the session holds back is written first."""
    session.flush()
    connection: sa.Connection | None = session.info.get(CONNECTION)
    return session.connection() if connection is None else connection


def writing(session: Session) -> sa.Connection:
    """The same for a statement that writes; objects the session has loaded do not hear of it.

    Raises RuntimeError in a transaction that did not say that it writes.
    """
    if not session.info.get(WRITES):
        raise RuntimeError("a session writes without begin_write")
    return reading(session)


def insert(session: Session, statement: sa.Insert, values: Mapping[str, Any]) -> int:
    """Writes one row past the ORM; returns the number that the database gave it."""
    key = writing(session).execute(statement, values).inserted_primary_key
    assert key is not None
    return int(key[0])


def table(model: type[Base]) -> sa.Table:
    """The table of a model, for statements that are run past the ORM."""
    return cast(sa.Table, model.__table__)


NEVER_AGAIN = {"sqlite_autoincrement": True}
"""Table option: the number of a deleted row is never given to another, since links and mails name rows by number."""


def numbered_for_good() -> list[str]:
    """The tables with NEVER_AGAIN, by name."""
    return [table.name for table in Base.metadata.sorted_tables if table.dialect_options["sqlite"]["autoincrement"]]


def enum_type(values: type[StrEnum], name: str, *, constrained: bool = True) -> sa.Enum:
    """A text column for the values of a StrEnum, held by a named check constraint unless the list is meant to grow."""
    return sa.Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=constrained,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )
