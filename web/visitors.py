"""What a public request tells about its sender: a network fingerprint that is no address, and signs of a foreign origin."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app, request

import clinic
import hosts
from config import is_loopback
from domain import networks, spam

_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}


def network() -> str | None:
    """The keyed fingerprint of the sender's network, or None where it would be that of an unknown proxy (rule 5)."""
    return _network_at(clinic.now())


def earlier_network() -> str | None:
    """The same under the key of the month before, by which a block made then knows the network again."""
    return _network_at(networks.month_before(clinic.now()))


def _network_at(moment: datetime) -> str | None:
    if not knows_address() or request.remote_addr is None:
        return None
    return networks.fingerprint(request.remote_addr, str(current_app.config["SECRET_KEY"]), moment)


def knows_address() -> bool:
    """Whether remote_addr is the visitor's: false behind a proxy on this machine that nobody configured."""
    if current_app.config["TRUSTED_PROXIES"] or not any(name in request.headers for name in hosts.FORWARDED):
        return True
    if is_loopback(request.remote_addr or ""):
        if not current_app.config.get("PROXY_WARNED"):
            current_app.config["PROXY_WARNED"] = True
            current_app.logger.warning("a proxy forwards requests but FLASK_TRUSTED_PROXIES is 0: per-network limits are off")
        return False
    return True


def signals(honeypot: str | None) -> spam.Signals:
    """What the spam verdict is told about the request itself."""
    return spam.Signals(honeypot_filled=bool(honeypot), is_cross_site=_is_cross_site(), typed_in=_typed_in())


def _typed_in() -> int | None:
    """What the script of the form counted; the field is there with JavaScript only, and anything but a number says nothing."""
    value = request.form.get("seconds", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else None


def _is_cross_site() -> bool:
    """Sec-Fetch-Site or Origin says that another site made the browser send this (rule 3); silence says nothing."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    ours = {urlsplit(current_app.config["SITE_URL"]).netloc, request.host}
    return urlsplit(origin).netloc not in ours


def device() -> str:
    """The browser and system in words such as "Firefox on Windows", by which people know their sessions again."""
    agent = request.user_agent.string
    browser = next((name for mark, name in _BROWSERS.items() if f"{mark}/" in agent), "A browser")
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), None)
    return f"{browser} on {system}" if system else browser
