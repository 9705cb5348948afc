"""An account: its table, roles and what each may do, how it is opened, changed and closed."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm
from domain.orm import NEVER_AGAIN, Base, enum_type
from domain.text import MAX_EMAIL, MAX_NAME, normalise_email


class Role(StrEnum):
    """What a person is here for."""

    OWNER = "owner"
    MODERATOR = "moderator"
    FRONT_DESK = "front-desk"


class Area(StrEnum):
    """A part of the staff area."""

    DASHBOARD = "dashboard"
    ACCOUNT = "account"
    COMMENTS = "comments"
    REQUESTS = "requests"
    MAIL = "mail"
    PEOPLE = "people"
    SETTINGS = "settings"
    AUDIT = "audit"
    EXPORT = "export"
    PRIVACY = "privacy"
    HEALTH = "health"
    CONTENT = "content"


_EVERYONE = {Area.DASHBOARD, Area.ACCOUNT}
MAY: dict[Role, frozenset[Area]] = {
    Role.OWNER: frozenset(Area),
    Role.MODERATOR: frozenset(_EVERYONE | {Area.COMMENTS, Area.CONTENT}),
    Role.FRONT_DESK: frozenset(_EVERYONE | {Area.REQUESTS, Area.MAIL}),
}
"""Rule 7 of the design; the staff blueprint asks `may` before every view."""


class State(StrEnum):
    """Where an account stands, as the people page shows it."""

    ACTIVE = "active"
    INVITED = "invited"
    DEACTIVATED = "deactivated"


class LastOwner(Exception):
    """The site would be left without an owner."""


class AlreadyThere(Exception):
    """An account with this address exists."""


class Staff(Base):
    """An account. `session_epoch` rises whenever sessions and set-up links made before must die.

    `link_epoch` rises only when somebody may do less or else than before, and ends the links mailed to them for good: those
    outlive a sign-out and a new password.
    """

    __tablename__ = "staff"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(MAX_EMAIL), unique=True)
    name: Mapped[str] = mapped_column(sa.String(MAX_NAME))
    role: Mapped[Role] = mapped_column(enum_type(Role, "role"))
    active: Mapped[bool]
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    session_epoch: Mapped[int]
    link_epoch: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]

    @property
    def state(self) -> State:
        """Active, invited (no password yet) or deactivated."""
        if not self.active:
            return State.DEACTIVATED
        return State.ACTIVE if self.password_hash else State.INVITED


def may(role: Role, area: Area) -> bool:
    """Whether a role is allowed into a part of the staff area."""
    return area in MAY[role]


def nobody_yet(session: Session) -> bool:
    """Whether the first owner is still to be set up."""
    return session.scalars(sa.select(Staff.id).limit(1)).first() is None


def get(session: Session, staff_id: int) -> Staff | None:
    """An account by id, active or not."""
    return session.get(Staff, staff_id)


def to_change(session: Session, staff_id: int) -> Staff | None:
    """The same, locked and as it stands now: whoever ends sessions or sets a password counts on. The caller commits."""
    return orm.locked(session, Staff, staff_id)


def unchanged(session: Session, staff_id: int, epoch: int) -> Staff | None:
    """An account, locked, if it is open and `session_epoch` is what it was; None after a new password or an end of its sessions.

    For what was proved before the transaction began: to check a password takes long enough for that. The caller commits.
    """
    person = to_change(session, staff_id)
    return person if person is not None and person.active and person.session_epoch == epoch else None


def by_email(session: Session, email: str) -> Staff | None:
    """An account by address, in any writing of it."""
    return session.scalars(sa.select(Staff).where(Staff.email == normalise_email(email))).first()


def everyone(session: Session) -> list[Staff]:
    """All accounts, by name."""
    return list(session.scalars(sa.select(Staff).order_by(Staff.active.desc(), Staff.name)))


def names(session: Session, ids: Iterable[int | None]) -> dict[int | None, str]:
    """Names for the ids of a history."""
    query = sa.select(Staff.id, Staff.name).where(Staff.id.in_({i for i in ids if i is not None}))
    return dict(session.execute(query).all())


class AroundComments(NamedTuple):
    """Of the accounts, what a new comment needs: where news of it goes, and the names that nobody else may write under."""

    addresses: list[str]
    names: list[str]


_ACCOUNTS = sa.select(
    Staff.email, Staff.name, Staff.role, sa.and_(Staff.active, Staff.password_hash.is_not(None)).label("takes_mail")
).order_by(Staff.id)


def around_comments(session: Session) -> AroundComments:
    """The names of all accounts, and the address of every active one that may moderate and has signed up."""
    rows = orm.reading(session).execute(_ACCOUNTS).all()
    moderators = [row.email for row in rows if row.takes_mail and may(row.role, Area.COMMENTS)]
    return AroundComments(moderators, [row.name for row in rows])


def moderator_addresses(session: Session) -> list[str]:
    """Where news of comments goes: every active account that may moderate and has signed up."""
    return around_comments(session).addresses


def addresses_of(session: Session, roles: Iterable[Role]) -> list[str]:
    """Where mail to people with these roles goes: every active account that has signed up."""
    query = sa.select(Staff.email).where(Staff.active, Staff.role.in_(list(roles)), Staff.password_hash.is_not(None))
    return list(session.scalars(query.order_by(Staff.id)))


def invite(session: Session, email: str, name: str, role: Role, now: datetime) -> Staff:
    """A new account without a password; its owner sets one through a link. Raises AlreadyThere. The caller commits."""
    address = normalise_email(email)
    if by_email(session, address) is not None:
        raise AlreadyThere
    person = Staff(email=address, name=name, role=role, active=True, session_epoch=1, created_at=now)
    session.add(person)
    session.flush()
    return person


def set_up(session: Session, person: Staff | None, name: str, email: str, password_hash: str, now: datetime) -> Staff:
    """Gives an account its name and password; without `person` it is the first one, an owner's. The caller commits."""
    person = person or invite(session, email, name, Role.OWNER, now)
    person.name = name
    set_password_hash(person, password_hash)
    return person


def set_password_hash(person: Staff, password_hash: str) -> None:
    """Stores a new hash and ends every session and link made before. The caller commits."""
    person.password_hash = password_hash
    person.session_epoch += 1


def end_sessions(person: Staff) -> None:
    """Signs a person out everywhere; links made before die too. The caller commits."""
    person.session_epoch += 1


def set_role(session: Session, person: Staff, role: Role) -> None:
    """Gives another role and ends the person's sessions and mail links. Raises LastOwner. The caller commits."""
    if person.role is role:
        return
    _keep_an_owner(session, person)
    person.role = role
    person.link_epoch += 1
    if person.password_hash:
        # Somebody who is only invited has no session to end, and keeps the link.
        person.session_epoch += 1


def deactivate(session: Session, person: Staff) -> None:
    """Closes the account at once: sessions, invites and mail links die for good. Raises LastOwner. The caller commits."""
    _keep_an_owner(session, person)
    person.active = False
    person.session_epoch += 1
    person.link_epoch += 1


def reactivate(person: Staff) -> None:
    """Opens a closed account again; it needs a new set-up link to get a password. The caller commits."""
    person.active = True
    person.password_hash = None
    person.session_epoch += 1


def _keep_an_owner(session: Session, person: Staff) -> None:
    if person.role is not Role.OWNER or person.state is not State.ACTIVE:
        return
    others = sa.select(Staff.id).where(Staff.role == Role.OWNER, Staff.active, Staff.id != person.id)
    if session.scalars(others.where(Staff.password_hash.is_not(None)).limit(1)).first() is None:
        raise LastOwner
