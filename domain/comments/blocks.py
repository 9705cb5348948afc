"""Whose comments go to the trash for a while: an address, a mail host, or a network."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import audit, orm
from domain.orm import NEVER_AGAIN, Base, enum_type
from domain.text import MAX_EMAIL

MAX_NOTE = 200


class Target(StrEnum):
    """What a block is about."""

    ADDRESS = "address"
    HOST = "host"
    NETWORK = "network"


LONGEST = {Target.ADDRESS: timedelta(days=365), Target.HOST: timedelta(days=365), Target.NETWORK: timedelta(days=30)}
"""Rule 5 of the design: nothing of a network is kept for longer than 30 days."""


class CommentBlock(Base):
    """A block with its end. `value` is an address or host as `normalise_email` writes it, or a network's fingerprint."""

    __tablename__ = "comment_block"
    __table_args__ = (sa.Index("ix_comment_block_value", "target", "value", "until"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    target: Mapped[Target] = mapped_column(enum_type(Target, "target"))
    value: Mapped[str] = mapped_column(sa.String(MAX_EMAIL))
    note: Mapped[str] = mapped_column(sa.String(MAX_NOTE))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    until: Mapped[datetime]


def add(session: Session, target: Target, value: str, *, lasts: timedelta, note: str, by: int, now: datetime) -> CommentBlock:
    """Blocks from now on, for `lasts` but at most LONGEST; a block of the same value gives way to it. The caller commits."""
    same = sa.delete(CommentBlock).where(CommentBlock.target == target, CommentBlock.value == value)
    session.execute(same)
    until = now + min(lasts, LONGEST[target])
    block = CommentBlock(target=target, value=value, note=note, created_at=now, created_by=by, until=until)
    session.add(block)
    session.flush()
    audit.record(session, now, by, "block added", f"block {block.id}", target=target.value)
    return block


def lift(session: Session, block_id: int, *, by: int, now: datetime) -> bool:
    """Ends a block at once; False when there is none. The caller commits."""
    block = session.get(CommentBlock, block_id)
    if block is None:
        return False
    session.delete(block)
    audit.record(session, now, by, "block lifted", f"block {block_id}", target=block.target.value)
    return True


def current(session: Session, now: datetime) -> list[CommentBlock]:
    """The blocks in force, the one that ends first on top."""
    return list(session.scalars(sa.select(CommentBlock).where(CommentBlock.until > now).order_by(CommentBlock.until)))


_IN_FORCE = sa.select(CommentBlock.target, CommentBlock.value).where(
    CommentBlock.target.in_(list(Target)),
    CommentBlock.value.in_(sa.bindparam("values", expanding=True)),
    CommentBlock.until > sa.bindparam("now"),
)


def reasons(session: Session, email_key: str, networks: Iterable[str | None], now: datetime) -> list[str]:
    """Codes of the blocks that an author comes under: "blocked-address", "blocked-host", "blocked-network"."""
    wanted = {(Target.ADDRESS, email_key), *((Target.HOST, host) for host in _hosts(email_key))}
    wanted |= {(Target.NETWORK, network) for network in networks if network is not None}
    # One look for all of them; that an address has the name of a host is seen here.
    rows = orm.reading(session).execute(_IN_FORCE, {"values": sorted({value for _, value in wanted}), "now": now})
    return [f"blocked-{target.value}" for target in sorted({target for target, value in rows if (target, value) in wanted})]


def _hosts(email_key: str) -> list[str]:
    """The host of an address and the domains above it."""
    labels = email_key.rpartition("@")[2].split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def forget_over(session: Session, now: datetime) -> None:
    """Deletes the blocks that have ended. The caller commits."""
    session.execute(sa.delete(CommentBlock).where(CommentBlock.until <= now))
