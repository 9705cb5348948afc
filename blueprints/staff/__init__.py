"""The staff area: closed by default, one nested blueprint for each part."""

from flask import Blueprint

from blueprints.staff import (
    account,
    audit,
    auth,
    blocks,
    comment_texts,
    comments,
    content,
    dashboard,
    export,
    gate,
    health,
    mail,
    passkeys,
    people,
    privacy,
    requests,
    second_factor,
    settings,
    spam,
    styleguide,
)

__all__ = ["bp", "comment_texts"]

bp = Blueprint("staff", __name__, url_prefix="/staff")
for part in (
    auth,
    dashboard,
    comments,
    requests,
    mail,
    people,
    settings,
    blocks,
    account,
    second_factor,
    passkeys,
    audit,
    export,
    privacy,
    health,
    styleguide,
    content,
    spam,
):
    bp.register_blueprint(part.bp)
bp.register_blueprint(spam.unlearning)
gate.guard(bp)
