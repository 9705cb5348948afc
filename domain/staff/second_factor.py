"""The second factor: a passkey or the codes of an app (RFC 6238), and recovery codes for the day the phone is lost."""

import hashlib
import secrets
from datetime import datetime

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import orm
from domain.orm import Base
from domain.staff.account import Staff
from domain.staff.passkeys import Passkey, passkeys_of

STEP_SECONDS = 30
RECOVERY_CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""No 0/o, 1/i/l: codes are written down by hand."""
_CODE_LENGTH = 10
"""Letters of a recovery code: 49 bits, hopeless to guess within the limit on wrong codes."""


class TotpSecret(Base):
    """What a person's app and the site share. `on_since` is unset until a first code has shown that the app has it."""

    __tablename__ = "staff_totp"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(sa.String(64))
    on_since: Mapped[datetime | None]
    last_step: Mapped[int]
    """The time step of the last code taken: none is taken twice."""


class RecoveryCode(Base):
    """A code that opens the account once, kept as its digest."""

    __tablename__ = "staff_recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    used_at: Mapped[datetime | None]


def has_app(session: Session, person: Staff) -> bool:
    """Whether an authenticator app is in force."""
    row = session.get(TotpSecret, person.id)
    return row is not None and row.on_since is not None


def has_second_factor(session: Session, person: Staff) -> bool:
    """Whether the password alone does not open the account."""
    return has_app(session, person) or bool(passkeys_of(session, person))


def with_second_factor(session: Session) -> set[int]:
    """The ids of everybody who has one."""
    apps = sa.select(TotpSecret.staff_id).where(TotpSecret.on_since.is_not(None))
    return set(session.scalars(sa.union(apps, sa.select(Passkey.staff_id))))


def pending_secret(session: Session, person: Staff) -> str | None:
    """The secret that waits for its first code."""
    row = session.get(TotpSecret, person.id)
    return row.secret if row is not None and row.on_since is None else None


def begin_second_factor(session: Session, person: Staff) -> None:
    """Makes a new secret, in force only once `turn_on` has seen a code of it. The caller commits."""
    if not has_app(session, person):
        session.merge(TotpSecret(staff_id=person.id, secret=pyotp.random_base32(), on_since=None, last_step=0))


def app_uri(secret: str, person: Staff, clinic_name: str) -> str:
    """What the QR code says: the otpauth:// address authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=clinic_name)


def turn_on(session: Session, person: Staff, code: str, now: datetime) -> list[str] | None:
    """Puts the waiting secret in force if the code is one of it; returns the recovery codes. The caller commits."""
    row = orm.locked(session, TotpSecret, person.id)
    if row is None or row.on_since is not None or not _take_code(row, code, now):
        return None
    row.on_since = now
    return new_recovery_codes(session, person)


def turn_off(session: Session, person: Staff) -> None:
    """Forgets the app, the passkeys and the recovery codes. The caller commits."""
    for table in (TotpSecret, Passkey, RecoveryCode):
        session.execute(sa.delete(table).where(table.staff_id == person.id))
    session.expire_all()


def new_recovery_codes(session: Session, person: Staff) -> list[str]:
    """Replaces a person's recovery codes; they can be shown this once. The caller commits."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == person.id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(staff_id=person.id, digest=_digest(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_left(session: Session, person: Staff) -> int:
    """How many are unused."""
    query = sa.select(sa.func.count()).where(RecoveryCode.staff_id == person.id, RecoveryCode.used_at.is_(None))
    return session.scalars(query).one()


def take_code(session: Session, person: Staff, typed: str, now: datetime) -> bool:
    """Whether this is the app's code of now or a recovery code, and uses it up. The caller commits.

    A code of the step before or after is taken too, for phones whose clock is off.
    """
    row = orm.locked(session, TotpSecret, person.id)
    plain = "".join(letter for letter in typed.casefold() if letter.isalnum())
    if not plain.isdigit():
        return _take_recovery_code(session, person, plain, now)
    return row is not None and row.on_since is not None and _take_code(row, plain, now)


def _take_code(row: TotpSecret, typed: str, now: datetime) -> bool:
    totp = pyotp.TOTP(row.secret)
    plain = "".join(letter for letter in typed if letter.isdigit())
    current = int(now.timestamp()) // STEP_SECONDS
    for step in (current, current - 1, current + 1):
        if step > row.last_step and secrets.compare_digest(totp.at(step * STEP_SECONDS).encode(), plain.encode()):
            row.last_step = step
            return True
    return False


def _take_recovery_code(session: Session, person: Staff, plain: str, now: datetime) -> bool:
    mine = sa.update(RecoveryCode).where(
        RecoveryCode.staff_id == person.id, RecoveryCode.digest == _digest(plain), RecoveryCode.used_at.is_(None)
    )
    return bool(session.execute(mine.values(used_at=now)).rowcount)  # type: ignore[attr-defined]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
