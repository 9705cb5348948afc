"""Who may see more than that the site is well: who has the token, or sits at the machine itself."""

import hmac
from urllib.parse import urlsplit

from flask import current_app, request

import hosts
from config import is_loopback


def may_look() -> bool:
    """Whether the details and the metrics are for this request."""
    token, given = current_app.config["HEALTH_TOKEN"], request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    return _is_at_the_machine()


def _is_at_the_machine() -> bool:
    """A request from loopback that nobody forwarded.

    On a public site a proxy on this machine may hand on requests without a word about it (rule 5 of the design), unless it
    is known by FLASK_TRUSTED_PROXIES to speak.
    """
    if any(name in request.headers for name in hosts.FORWARDED):
        return False
    is_public = not is_loopback(str(urlsplit(current_app.config["SITE_URL"]).hostname))
    if is_public and not current_app.config["TRUSTED_PROXIES"]:
        return False
    return is_loopback(request.remote_addr or "")
