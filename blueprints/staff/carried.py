"""What was sent from a staff form whose session had ended: it goes along through the sign-in, to be shown there and sent once more.

It is never sent by itself, nor shown to somebody else who signs in here.
"""

from typing import NamedTuple

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from blueprints.staff import entry, resend
from domain.staff import Staff

_FOR = "typed_for"
"""Where the form was sent; what stood in it follows, each name behind _PREFIX."""
_PREFIX = "typed-"
_LARGEST = 240 * 1024
"""Bytes of a form that goes along; the sign-in adds its own to them."""
_ALONE = resend.HIDDEN - {"csrf_token", "proof"}
"""What must be typed anew; a form with one of these holds little else. The proof of who one is is asked for where it is needed."""
_NOT_AGAIN = frozenset({"staff.auth.logout"})


class Typed(NamedTuple):
    """A form that waits: where it goes, and what stands in it."""

    path: str
    fields: list[tuple[str, str]]


def send_on(wanted: str | None) -> ResponseReturnValue | None:
    """On to the sign-in together with the form, where that may be; it must have come from a page of ours to this browser."""
    if entry.whose() is None:
        # Nobody could be shown it after the sign-in.
        return None
    if request.method != "POST" or request.endpoint in _NOT_AGAIN or (request.content_length or 0) > _LARGEST:
        return None
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return None
    if _ALONE & set(request.form):
        return None
    # With 307 the browser sends the same form there.
    return redirect(url_for("staff.auth.login", next=wanted, typed_for=request.full_path.rstrip("?")), 307)


def arrived() -> Typed | None:
    """The form that was sent on to the sign-in just now."""
    path = entry.own_path(request.args.get(_FOR))
    if request.method != "POST" or path is None:
        return None
    return Typed(path, [(name, value) for name, value in request.form.items(multi=True) if name not in resend.HIDDEN])


def along(person: Staff | None = None) -> Typed | None:
    """The form that stands beside the sign-in; with `person`, only when the session that ended was theirs."""
    path = entry.own_path(request.form.get(_FOR))
    if path is None or (person is not None and entry.whose() != person.id):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name.startswith(_PREFIX)]
    return Typed(path, [(name.removeprefix(_PREFIX), value) for name, value in fields])


def ask(typed: Typed) -> str:
    """The page after the sign-in, with the form one click from being sent."""
    return resend.page(resend.SIGNED_OUT, typed.fields, typed.path)
