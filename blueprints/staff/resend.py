"""A staff form that could not be taken: shown once more with what was typed, one click from being sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

import errors
from extensions import db

SECRETS = (
    ("password", "Password"),
    ("current_password", "Current password"),
    ("new_password", "New password"),
    ("proof", "Your password"),
    ("code", "Code"),
)
"""What no page repeats, so that it has to be typed again; a passkey's `credential` can only be made anew."""
HIDDEN = frozenset({"csrf_token", "credential", *(name for name, _ in SECRETS)})
LONG = 60
"""Characters from which a text is shown, for whoever wants to copy it; shorter ones go along unseen."""

EXPIRED = "The page was open for so long that its session had ended."
SIGNED_OUT = "Your session had ended when you sent this; now you are signed in again."
BUSY = "We could not store this at the moment."


@dataclass(frozen=True)
class Typed:
    """One value of the form; `is_long` when it is worth being seen."""

    name: str
    value: str

    @property
    def is_long(self) -> bool:
        """Whether losing it would hurt."""
        return len(self.value) >= LONG or "\n" in self.value


def token_refused(_error: CSRFError) -> ResponseReturnValue:
    """The form came from a session that is over."""
    current_app.logger.info("a staff form came without a valid token")
    return page(EXPIRED, request.form.items(multi=True)), 400


def unavailable(error: Exception) -> ResponseReturnValue:
    """The database takes no write now, or does not answer: nothing that was typed is lost."""
    if request.method != "POST":
        return errors.unavailable(error)
    errors.log_without_words(error)
    db.session.rollback()
    return page(BUSY, request.form.items(multi=True)), 503, {"Retry-After": str(errors.RETRY_SECONDS)}


def page(why: str, fields: Iterable[tuple[str, str]], action: str | None = None) -> str:
    """What was typed, one click from being sent to `action`, by default the address of this page."""
    # The page must do without the database, which may be what failed.
    g.setdefault("site", current_app.config["SITE"])
    g.me = None
    typed = [Typed(name, value) for name, value in fields if name not in HIDDEN]
    return render_template(
        "staff/resend.html",
        page_title="Send it once more",
        why=why,
        typed=typed,
        action=action,
        secrets=[(name, label) for name, label in SECRETS if name in request.form and action is None],
        can_be_sent="credential" not in request.form or action is not None,
    )
