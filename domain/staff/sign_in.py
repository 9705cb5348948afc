"""Signing in: who it is, and how guessing is slowed without locking anybody out."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.orm import Base
from domain.staff import passwords
from domain.staff.account import Staff, by_email
from domain.text import MAX_EMAIL, normalise_email

FAILURES_PER_ACCOUNT = 100
"""From anywhere: so many that nobody locks an owner out by hand, so few that guessing a password is hopeless."""
FAILURES_PER_ACCOUNT_AND_NETWORK = 10
FAILURES_PER_NETWORK = 50
CODE_FAILURES = 10
"""Wrong second factors of one account within the window; at that pace a code is guessed once in a year."""
FAILURE_WINDOW = timedelta(minutes=15)


class TooManyFailures(Exception):
    """Sign-in is refused for a while, whatever the password."""


class SignInFailure(Base):
    """A refused sign-in, counted to slow guessing; removed after FAILURE_WINDOW."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (sa.Index("ix_sign_in_failure_email", "email", "at"), sa.Index("ix_sign_in_failure_network", "network", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    email: Mapped[str] = mapped_column(sa.String(MAX_EMAIL))
    network: Mapped[str | None] = mapped_column(sa.String(32))


def authenticate(session: Session, email: str, password: str, network: str | None, now: datetime) -> Staff | None:
    """The active account whose password this is, else None after the same work. Only reads.

    Raises TooManyFailures. The caller then begins a write, and calls note_sign_in if the account is `unchanged`, else note_failure.
    """
    address = normalise_email(email)[:MAX_EMAIL]
    _check_throttle(session, address, network, now)
    person = by_email(session, address)
    stored = person.password_hash if person is not None and person.active else None
    return person if passwords.matches(stored, password) else None


def renewed_hash(person: Staff, password: str) -> str | None:
    """A new hash of the password that has just opened the account, where the old one has outdated parameters; slow."""
    outdated = person.password_hash is not None and passwords.wants_rehash(person.password_hash)
    return passwords.hash_password(password) if outdated else None


def note_sign_in(session: Session, person: Staff, now: datetime, renewed: str | None = None) -> None:
    """Remembers when, forgets the failures before, keeps a renewed hash. The caller commits."""
    person.signed_in_at = now
    person.password_hash = renewed or person.password_hash
    session.execute(sa.delete(SignInFailure).where(SignInFailure.email.in_((person.email, _code_key(person)))))


def check_code_limit(session: Session, person: Staff, now: datetime) -> None:
    """Raises TooManyFailures after CODE_FAILURES wrong codes, from anywhere: who gets that far knows the password."""
    if _count(session, SignInFailure.email == _code_key(person), now) >= CODE_FAILURES:
        raise TooManyFailures


def note_wrong_code(session: Session, person: Staff, network: str | None, now: datetime) -> None:
    """Counts a wrong second factor. The caller commits."""
    session.add(SignInFailure(at=now, email=_code_key(person), network=network))


def _code_key(person: Staff) -> str:
    return f"second factor of {person.id}"


def note_failure(session: Session, email: str, network: str | None, now: datetime) -> None:
    """Counts a refused sign-in and drops counts older than FAILURE_WINDOW. The caller commits."""
    session.execute(sa.delete(SignInFailure).where(SignInFailure.at < now - FAILURE_WINDOW))
    session.add(SignInFailure(at=now, email=normalise_email(email)[:MAX_EMAIL], network=network))


def _check_throttle(session: Session, email: str, network: str | None, now: datetime) -> None:
    of_account = SignInFailure.email == email
    counts: list[tuple[sa.ColumnElement[bool], int]] = [(of_account, FAILURES_PER_ACCOUNT)]
    if network is not None:
        # Behind a proxy that nobody configured everybody shares the unknown network (rule 5 of the design).
        of_network = SignInFailure.network == network
        counts += [(of_network, FAILURES_PER_NETWORK), (sa.and_(of_account, of_network), FAILURES_PER_ACCOUNT_AND_NETWORK)]
    if any(_count(session, condition, now) >= limit for condition, limit in counts):
        raise TooManyFailures


def _count(session: Session, condition: sa.ColumnElement[bool], now: datetime) -> int:
    recent = sa.select(sa.func.count()).select_from(SignInFailure).where(condition, SignInFailure.at >= now - FAILURE_WINDOW)
    return session.scalars(recent).one()
