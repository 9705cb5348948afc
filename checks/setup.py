"""How the site is set up: what is set and what is not, what is safe and what is not."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import current_app, has_request_context, request

import clinic
import config
import database
import hosts
from checks.finding import Finding, Level
from domain import staff
from domain.staff import Role
from domain.staff import State as AccountState
from extensions import db


class Seen(NamedTuple):
    """What a request tells of the way it came: how many proxies named a sender, whether any spoke at all, whether by https."""

    hops: int
    is_forwarded: bool
    is_https: bool


def settings(_now: datetime) -> Finding:
    """Which settings this machine gives; their names only."""
    names = config.given()
    return Finding("settings", Level.OK, f"Set here: {', '.join(names)}." if names else "Every setting keeps its default.")


def facts(_now: datetime) -> Finding:
    """What of the clinic is not known, and so is not shown."""
    unset = clinic.site().unset
    if not unset:
        return Finding("facts", Level.OK, "All facts of the clinic are set.")
    advice = "Set them under Settings in the staff area or in site.toml; docs/go-live.md says what each is for."
    return Finding("facts", Level.NOTE, f"Not set, so the site leaves it out: {', '.join(unset)}.", advice)


def recipients(_now: datetime) -> Finding:
    """Whether anybody gets requests."""
    addresses = clinic.general_recipients()
    if addresses == [config.NOBODY]:
        advice = "Set FLASK_STAFF_RECIPIENTS, or the general addresses under Settings, before the site is public."
        return Finding("recipients", Level.WARN, "Nobody is named who gets requests by mail.", advice)
    number = len(addresses)
    return Finding("recipients", Level.OK, f"{number} general {'address gets' if number == 1 else 'addresses get'} requests.")


def address(_now: datetime) -> Finding:
    """Whether the site is reached by https."""
    url = urlsplit(current_app.config["SITE_URL"])
    if config.is_loopback(str(url.hostname)):
        what = "The site is for this machine only (FLASK_SITE_URL)."
        return Finding("HTTPS", Level.NOTE, what, "Set FLASK_SITE_URL to the public address when there is one.")
    if url.scheme != "https":
        advice = "Have a proxy answer https (docs/go-live.md), then set FLASK_SITE_URL to the https:// address."
        return Finding("HTTPS", Level.FAIL, "The public address is http://: what visitors type can be read on its way.", advice)
    return Finding("HTTPS", Level.OK, "The public address is https.")


def proxies(_now: datetime) -> Finding:
    """Whether FLASK_TRUSTED_PROXIES fits what this request shows; a command has no request."""
    return told_by(_seen(), current_app.config["TRUSTED_PROXIES"], current_app.config["SITE_URL"].startswith("https://"))


def told_by(seen: Seen | None, trusted: int, is_https: bool) -> Finding:
    """The verdict on what a request shows, `trusted` proxies being set and the site's address being https or not."""
    if seen is None:
        return Finding(
            "proxies", Level.NOTE, f"{trusted} set; only a request shows whether it fits.", "Open /staff/health, as visitors do."
        )
    if seen.is_forwarded and not trusted:
        what = "A proxy forwards requests, but FLASK_TRUSTED_PROXIES is 0: limits for each network are off."
        return Finding("proxies", Level.WARN, what, "Set FLASK_TRUSTED_PROXIES to the number of proxies, usually 1.")
    if seen.hops < trusted:
        what = f"{trusted} set, but this request names {seen.hops} (X-Forwarded-For), so a visitor could pass for another."
        return Finding("proxies", Level.WARN, what, "Lower FLASK_TRUSTED_PROXIES, or have each proxy set the header.")
    if is_https and not seen.is_https:
        what = "The address is https, but this request came as http: the proxy does not say X-Forwarded-Proto."
        return Finding("proxies", Level.WARN, what, "Have the proxy set X-Forwarded-Proto, and FLASK_TRUSTED_PROXIES count it.")
    return Finding("proxies", Level.OK, f"{trusted} set, and this request fits.")


def _seen() -> Seen | None:
    if not has_request_context():
        return None
    hops = [part for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return Seen(len(hops), any(name in request.headers for name in hosts.FORWARDED), request.is_secure)


def engine(_now: datetime) -> Finding:
    """Which engine, and whether it is set so that what was answered is kept."""
    version, unsafe = database.version(db.session), database.unsafe_options(db.session)
    if unsafe:
        told = ", ".join(f"{name}={value}" for name, value in unsafe.items())
        advice = "With these an answered request may be lost when the power fails; put them back to their defaults."
        return Finding("engine", Level.WARN, f"{version}: {told}.", advice)
    return Finding("engine", Level.OK, f"{version}, set so that what was answered is kept.")


def accounts(_now: datetime) -> Finding:
    """Whether somebody can sign in, and not by a password alone."""
    active = [person for person in staff.everyone(db.session) if person.state is AccountState.ACTIVE]
    if not any(person.role is Role.OWNER for person in active):
        advice = "Open the link that the start prints, or flask staff create EMAIL --role owner."
        return Finding("accounts", Level.WARN, "No owner can sign in.", advice)
    has = staff.with_second_factor(db.session)
    without = [person for person in active if person.id not in has]
    if not without:
        return Finding("accounts", Level.OK, f"All {len(active)} accounts have a second factor.")
    level = Level.WARN if any(person.role is Role.OWNER for person in without) else Level.NOTE
    what = f"{len(without)} of {len(active)} accounts have no second factor."
    return Finding("accounts", level, what, "Each sets it up under Account; Settings can ask everybody for it.")


def encryption(_now: datetime) -> Finding:
    """Whether mail leaves this machine encrypted."""
    values = current_app.config
    if not values["MAIL_SERVER"] or values["MAIL_USE_TLS"] or values["MAIL_USE_SSL"] or config.is_loopback(values["MAIL_SERVER"]):
        return Finding("mail encryption", Level.OK, "Nothing that visitors typed goes by mail in the clear to the mail server.")
    advice = "Set FLASK_MAIL_USE_TLS=true (port 587) or FLASK_MAIL_USE_SSL=true (port 465)."
    return Finding("mail encryption", Level.WARN, "Mail goes to the mail server in the clear, passwords and requests too.", advice)


def webhook(_now: datetime) -> Finding:
    """Whether there is a second channel; it is not asked."""
    if clinic.has_webhook():
        return Finding("webhook", Level.OK, "A webhook is set; it is not asked here.")
    advice = "Set FLASK_WEBHOOK_URL and FLASK_WEBHOOK_SECRET (docs/operations.md)."
    return Finding("webhook", Level.NOTE, "No webhook: when mail itself fails, only the dashboard says so.", advice)


def monitor(_now: datetime) -> Finding:
    """Whether a monitor on another machine can see more than that the site is well."""
    if current_app.config["HEALTH_TOKEN"]:
        return Finding("monitor", Level.OK, "A token opens /metrics and the details of /readyz.")
    return Finding("monitor", Level.NOTE, "No token for a monitor on another machine.", "Set FLASK_HEALTH_TOKEN if there is one.")
