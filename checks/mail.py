"""Whether the mail server lets us in, and a test mail through it."""

import re

from flask import current_app

import clinic
from checks.finding import Finding, Level
from domain.outbox import Failure
from transport.delivery import DeliveryFailed
from transport.smtp import OutboxConnection, OutboxMessage, envelope

NO_SERVER = Finding(
    "mail server",
    Level.NOTE,
    "No mail server is set: every message is kept as a file in instance/mail.",
    "Set FLASK_MAIL_SERVER and FLASK_STAFF_RECIPIENTS.",
)
PATIENCE_SECONDS = 12.0
"""How long the mail server may take for the sign-in, and again for a test: the proxy waits 30 seconds for the page Health."""
_MEND = {
    Failure.SETUP: "Compare FLASK_MAIL_SERVER, FLASK_MAIL_PORT, the user, the password and TLS with what the provider says.",
    Failure.TEMPORARY: "Can this machine reach the server and its port? Many hosts close port 25; 587 is the usual one.",
    Failure.PERMANENT: "Is the address right, and does the provider let the sender's address send?",
}
TEXT = """This is a test mail of the website, sent by flask doctor or the page Health.

That it arrived says that mail goes out. Its headers say whether it is trusted:
look for spf=pass, dkim=pass and dmarc=pass under Authentication-Results.
"""


def sign_in() -> Finding:
    """Connects, secures the connection and signs in, and sends nothing."""
    if not current_app.config["MAIL_SERVER"]:
        return NO_SERVER
    try:
        with OutboxConnection(current_app.extensions["mail"], PATIENCE_SECONDS):
            pass
    except DeliveryFailed as error:
        return _failed("mail server", error)
    return Finding("mail server", Level.OK, f"The mail server answers{_how()}.")


def test_mail(to: str) -> Finding:
    """Sends a mail that says what it is; `to` is not told again."""
    if not current_app.config["MAIL_SERVER"]:
        return Finding("test mail", Level.NOTE, "Not sent, since no mail server is set.", NO_SERVER.advice)
    message = OutboxMessage(
        subject=f"[test] Mail from {clinic.site().name}",
        recipients=[to],
        body=TEXT,
        sender=envelope(current_app.config["MAIL_DEFAULT_SENDER"]),
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    message.sender_name = clinic.site().name
    try:
        with OutboxConnection(current_app.extensions["mail"], PATIENCE_SECONDS) as connection:
            connection.send(message)
    except DeliveryFailed as error:
        return _failed("test mail", error)
    advice = "Look into the mailbox, the folder for spam too, and at its headers: spf, dkim and dmarc should say pass."
    return Finding("test mail", Level.OK, "The mail server took the test mail.", advice)


def _how() -> str:
    security = " over TLS" if current_app.config["MAIL_USE_TLS"] or current_app.config["MAIL_USE_SSL"] else " without TLS"
    signed = " and takes our user and password" if current_app.config["MAIL_USERNAME"] else ""
    return f"{security}{signed}"


def _failed(check: str, error: DeliveryFailed) -> Finding:
    # A server likes to repeat whom it refused.
    words = re.sub(r"\S+@\S+", "(an address)", error.reply)
    return Finding(check, Level.FAIL, f"It did not work ({error.failure.value}): {words[:200]}", _MEND[error.failure])
