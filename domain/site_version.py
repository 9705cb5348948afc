"""One counter that rises in the same transaction as any change a reader can see; page caches compare it."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import Base


class SiteVersion(Base):
    """The only row, id 1, is made by the first migration."""

    __tablename__ = "site_version"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


def bump(session: Session) -> None:
    """Marks every rendered public page as out of date; the caller commits."""
    session.execute(sa.update(SiteVersion).values(version=SiteVersion.version + 1))


def current(session: Session) -> int:
    """The version that rendered pages are compared with."""
    return session.scalars(sa.select(SiteVersion.version)).one()
