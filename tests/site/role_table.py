"""What each view of the staff area answers, to whom: the table that tests/site/test_roles.py plays through."""

from dataclasses import dataclass, field
from typing import Any

from domain.staff import Role
from tests.factories import PASSWORD
from tests.filled import FRONT_DESK, TICKED

Roles = frozenset[Role] | None
ANYBODY: Roles = None
"""Signed out too: the ways in."""
EVERY_ROLE: Roles = frozenset(Role)
MODERATION: Roles = frozenset({Role.OWNER, Role.MODERATOR})
DESK: Roles = frozenset({Role.OWNER, Role.FRONT_DESK})
OWNER: Roles = frozenset({Role.OWNER})
NEW_PASSWORD = "copper island 58 maps"


@dataclass(frozen=True)
class Line:
    """Who may, and what they are answered on the filled site; a POST carries its token and what is `sent`."""

    who: Roles
    get: int | None = None
    post: int | None = None
    sent: dict[str, Any] = field(default_factory=dict)

    @property
    def answers(self) -> dict[str, int]:
        """The status by method."""
        return {method: status for method, status in (("GET", self.get), ("POST", self.post)) if status is not None}


TABLE = {
    "staff.dashboard.dashboard": Line(EVERY_ROLE, get=200),
    # Comments
    "staff.comments.queue": Line(MODERATION, get=200),
    "staff.comments.set_status": Line(MODERATION, post=303, sent={"action": "unapprove", "seen": "approved.1"}),
    "staff.comments.bulk": Line(MODERATION, post=303, sent={"action": "trash", "comment": f"{TICKED}.1"}),
    "staff.comments.undo": Line(MODERATION, post=303),
    "staff.comments.redact": Line(MODERATION, post=303),
    "staff.comments.amend": Line(MODERATION, post=303, sent={"text": "Shorter.", "revision": "2"}),
    "staff.comments.pause": Line(MODERATION, post=303, sent={"action": "close"}),
    "staff.comments.reply": Line(MODERATION, post=303, sent={"text": "Thank you.", "seen": "held.3"}),
    "staff.spam.report": Line(MODERATION, get=200),
    # The texts of the site
    "staff.content.documents": Line(MODERATION, get=200),
    "staff.content.preview": Line(MODERATION, get=200),
    # Requests and their mail
    "staff.requests.inbox": Line(DESK, get=200),
    "staff.requests.detail": Line(DESK, get=200),
    "staff.requests.appointment": Line(DESK, get=200),
    "staff.requests.assign": Line(DESK, post=303, sent={"to": FRONT_DESK, "revision": "2"}),
    "staff.requests.attempt": Line(DESK, post=303, sent={"way": "phone"}),
    "staff.requests.move": Line(DESK, post=303, sent={"status": "", "note": "Called."}),
    "staff.mail.outbox": Line(DESK, get=200),
    "staff.mail.retry": Line(DESK, post=303),
    "staff.mail.retry_all": Line(DESK, post=303),
    # The owner's own
    "staff.audit.log": Line(OWNER, get=200),
    "staff.export.requests": Line(OWNER, post=200, sent={"format": "csv", "filter": "all"}),
    "staff.settings.settings": Line(OWNER, get=200, post=422, sent={"comment_depth": "99"}),
    "staff.blocks.block_list": Line(OWNER, get=200),
    "staff.blocks.add": Line(OWNER, post=303, sent={"target": "host", "value": "bad.example", "lasts": "30"}),
    "staff.blocks.lift": Line(OWNER, post=303),
    "staff.unlearning.unlearn": Line(OWNER, post=303, sent={"first": "2026-01-01", "last": "2026-12-31"}),
    "staff.people.people": Line(OWNER, get=200),
    "staff.people.invite": Line(OWNER, post=200, sent={"name": "Omar", "email": "omar@example.com", "role": "moderator"}),
    "staff.people.set_role": Line(OWNER, post=303, sent={"role": "front-desk"}),
    "staff.people.reset_link": Line(OWNER, post=200),
    "staff.people.remove_second_factor": Line(OWNER, post=303),
    "staff.people.deactivate": Line(OWNER, post=303),
    "staff.people.reactivate": Line(OWNER, post=200),
    "staff.privacy.person": Line(OWNER, get=200),
    "staff.privacy.found": Line(OWNER, post=200, sent={"who": "sana@example.com"}),
    "staff.privacy.export": Line(OWNER, post=200, sent={"who": "sana@example.com"}),
    "staff.privacy.erase": Line(OWNER, post=303, sent={"who": "sana@example.com", "sure": "y"}),
    "staff.health.health": Line(OWNER, get=200),
    "staff.health.ask": Line(OWNER, post=200),
    "staff.styleguide.styleguide": Line(OWNER, get=200),
    # One's own account
    "staff.account.account": Line(EVERY_ROLE, get=200, post=303, sent={"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
    "staff.account.end_session": Line(EVERY_ROLE, post=303),
    "staff.account.end_other_sessions": Line(EVERY_ROLE, post=303),
    "staff.second_factor.second_factor": Line(EVERY_ROLE, get=200),
    "staff.second_factor.start": Line(EVERY_ROLE, post=303),
    "staff.second_factor.confirm": Line(EVERY_ROLE, post=422, sent={"code": "000000"}),
    "staff.second_factor.change": Line(EVERY_ROLE, post=200, sent={"proof": NEW_PASSWORD, "do": "codes"}),
    "staff.passkeys.registration_options": Line(EVERY_ROLE, post=200),
    "staff.passkeys.add": Line(EVERY_ROLE, post=303, sent={"credential": "{}"}),
    "staff.passkeys.remove": Line(EVERY_ROLE, post=303),
    "staff.auth.logout": Line(EVERY_ROLE, post=303),
    # The ways in
    "staff.auth.login": Line(ANYBODY, get=200, post=422, sent={"email": "nobody@example.com", "password": "wrong"}),
    "staff.auth.code": Line(ANYBODY, get=303, post=303, sent={"code": "000000"}),
    "staff.passkeys.authentication_options": Line(ANYBODY, post=200),
    "staff.passkeys.sign_in": Line(ANYBODY, post=303, sent={"credential": "{}"}),
    "staff.auth.setup": Line(ANYBODY, get=200, post=303, sent={"name": "Hina", "password": NEW_PASSWORD}),
}
"""In the order in which the lines are played: one needs what those before it have left.

A 422 is an answer of the view itself, behind the gate: what is sent there is wrong on purpose.
"""
