"""Passkeys (WebAuthn level 3): made on a signed-in device, and good for signing in without a password.

A passkey asks for the device's own lock (user verification), so it counts as both factors.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
import webauthn
from sqlalchemy.orm import Mapped, Session, mapped_column
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json, parse_registration_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.orm import NEVER_AGAIN, Base
from domain.staff.account import Staff
from domain.staff.sessions import MAX_DEVICE

CHALLENGE_LIFETIME = timedelta(minutes=5)
MAX_PASSKEYS = 20


class Passkey(Base):
    """A public key whose private half never leaves a person's device or password manager."""

    __tablename__ = "staff_passkey"
    __table_args__ = NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(sa.String(1400), unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(MAX_DEVICE))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """A random value a device is to sign, once and soon."""

    __tablename__ = "staff_passkey_challenge"

    value: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    at: Mapped[datetime]


class BadPasskey(Exception):
    """What the browser sent does not hold: unknown, outdated, for another site, or not signed by this key."""


@dataclass(frozen=True)
class RelyingParty:
    """The site as browsers bind passkeys to it."""

    host: str
    origin: str
    name: str


def passkeys_of(session: Session, person: Staff) -> list[Passkey]:
    """A person's passkeys, oldest first."""
    return list(session.scalars(sa.select(Passkey).where(Passkey.staff_id == person.id).order_by(Passkey.id)))


def registration_options(session: Session, person: Staff, site: RelyingParty, now: datetime) -> str:
    """What `navigator.credentials.create` is given, as JSON, with a new challenge. The caller commits."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=str(person.id).encode(),
        user_name=person.email,
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(key.credential_id)) for key in passkeys_of(session, person)
        ],
    )
    _remember(session, options.challenge, now)
    return webauthn.options_to_json(options)


def add_passkey(session: Session, person: Staff, credential: str, name: str, site: RelyingParty, now: datetime) -> Passkey:
    """Keeps the key a device has made for this person. Raises BadPasskey. The caller commits."""
    if len(passkeys_of(session, person)) >= MAX_PASSKEYS:
        raise BadPasskey
    try:
        parsed = parse_registration_credential_json(credential)
        challenge = _spend(session, webauthn.helpers.parse_client_data_json(parsed.response.client_data_json).challenge, now)
        verified = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise BadPasskey from error
    credential_id = bytes_to_base64url(verified.credential_id)
    if _by_credential(session, credential_id) is not None:
        raise BadPasskey
    key = Passkey(
        staff_id=person.id,
        credential_id=credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=name[:MAX_DEVICE],
        created_at=now,
    )
    session.add(key)
    return key


def authentication_options(session: Session, site: RelyingParty, now: datetime) -> str:
    """What `navigator.credentials.get` is given, as JSON: any passkey of this site will do. The caller commits."""
    options = webauthn.generate_authentication_options(rp_id=site.host, user_verification=UserVerificationRequirement.REQUIRED)
    _remember(session, options.challenge, now)
    return webauthn.options_to_json(options)


def whose_passkey(session: Session, credential: str, site: RelyingParty, now: datetime) -> Staff:
    """The active account whose passkey has signed the challenge. Raises BadPasskey. The caller commits in both cases.

    A counter that goes back means a copied key and is refused (WebAuthn section 6.1.1).
    """
    try:
        parsed = parse_authentication_credential_json(credential)
        challenge = _spend(session, webauthn.helpers.parse_client_data_json(parsed.response.client_data_json).challenge, now)
        key = _by_credential(session, bytes_to_base64url(parsed.raw_id))
        person = session.get(Staff, key.staff_id) if key is not None else None
        if key is None or person is None or not person.active or not person.password_hash:
            raise BadPasskey
        verified = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise BadPasskey from error
    key.sign_count, key.used_at = verified.new_sign_count, now
    return person


def remove_passkey(session: Session, person: Staff, passkey_id: int) -> bool:
    """Forgets one of a person's passkeys; False when there is no such one. The caller commits."""
    one = sa.delete(Passkey).where(Passkey.id == passkey_id, Passkey.staff_id == person.id)
    return bool(session.execute(one).rowcount)  # type: ignore[attr-defined]


def forget_challenges(session: Session, now: datetime) -> None:
    """Deletes challenges nobody has answered in time. The caller commits."""
    session.execute(sa.delete(PasskeyChallenge).where(PasskeyChallenge.at <= now - CHALLENGE_LIFETIME))


def _by_credential(session: Session, credential_id: str) -> Passkey | None:
    return session.scalars(sa.select(Passkey).where(Passkey.credential_id == credential_id)).first()


def _remember(session: Session, challenge: bytes, now: datetime) -> None:
    forget_challenges(session, now)
    session.add(PasskeyChallenge(value=bytes_to_base64url(challenge), at=now))


def _spend(session: Session, challenge: bytes, now: datetime) -> bytes:
    """Uses a challenge up. Raises BadPasskey when it is none of ours, too old, or was used before."""
    mine = PasskeyChallenge.value == bytes_to_base64url(challenge)
    fresh = sa.delete(PasskeyChallenge).where(mine, PasskeyChallenge.at > now - CHALLENGE_LIFETIME)
    if not session.execute(fresh).rowcount:  # type: ignore[attr-defined]
        raise BadPasskey
    return challenge
