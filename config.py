"""Settings of the machine: defaults, FLASK_* environment, secret files; refuses to start on unsafe ones."""

import ipaddress
import math
import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from click import ClickException
from dotenv import dotenv_values

import database
import hosts

ROOT = Path(__file__).resolve().parent
NOBODY = "front-desk@localhost"
"""Gets requests while no recipient is set."""


class ConfigError(ClickException):
    """A setting the site cannot start with; one line that names it and says what to set."""


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, how its text is read, its default, and what it is for."""

    name: str
    read: Callable[[str], Any]
    default: str
    purpose: str


def _text(value: str) -> str:
    return value.strip()


def _count(value: str, at_least: int = 0, at_most: float = math.inf) -> int:
    number = int(value)
    if not at_least <= number <= at_most:
        raise ValueError
    return number


def _workers(value: str) -> int:
    return _count(value, at_least=1)


def _port(value: str) -> int:
    return _count(value, at_least=1, at_most=65535)


def _mail_host(value: str) -> str:
    host = value.strip()
    if host and not hosts.is_host(host.lower()):
        raise ValueError
    return host


def _switch(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False, "": False}
    return words[value.strip().lower()]


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


SETTINGS = (
    Setting("FLASK_SECRET_KEY", _text, "", "signs sessions and links; made in the instance folder when empty (SQLite)"),
    Setting("FLASK_SECRET_KEY_FALLBACKS", _list, "", "earlier keys, comma-separated, still accepted after a change"),
    Setting("FLASK_SITE_URL", _text, "", "the public address, such as https://clinic.example; default follows HOST and PORT"),
    Setting("FLASK_DATABASE_URL", _text, "", "sqlite:///... or postgresql+psycopg://...; default site.db in the instance folder"),
    Setting("FLASK_MAIL_SERVER", _mail_host, "", "SMTP host; while empty, mail is kept as .eml files in instance/mail"),
    Setting("FLASK_MAIL_PORT", _port, "587", "SMTP port"),
    Setting("FLASK_MAIL_USE_TLS", _switch, "true", "STARTTLS with a verified certificate"),
    Setting("FLASK_MAIL_USE_SSL", _switch, "false", "TLS from the first byte (port 465); then set FLASK_MAIL_USE_TLS=false"),
    Setting("FLASK_MAIL_USERNAME", _text, "", "SMTP sign-in name"),
    Setting("FLASK_MAIL_PASSWORD", _text, "", "SMTP password"),
    Setting("FLASK_MAIL_PASSWORD_FILE", _text, "", "a file that holds the SMTP password instead"),
    Setting("FLASK_MAIL_DEFAULT_SENDER", _text, "", "the From address; default no-reply at the host of the site"),
    Setting("FLASK_STAFF_RECIPIENTS", _list, "", "addresses that get consultation requests, comma-separated"),
    Setting("FLASK_WEBHOOK_URL", _text, "", "where alerts go beside mail, such as https://alerts.example/clinic; none when empty"),
    Setting("FLASK_WEBHOOK_SECRET", _text, "", "signs what goes to the webhook; at least 32 random characters"),
    Setting("FLASK_WEBHOOK_SECRET_FILE", _text, "", "a file that holds the secret of the webhook instead"),
    Setting("FLASK_INSTANCE_PATH", _text, "", "folder for database, key and kept mail; default instance/ beside app.py"),
    Setting("FLASK_SITE_CONFIG", _text, "", "path of site.toml; default beside app.py"),
    Setting("FLASK_TRUSTED_PROXIES", _count, "0", "how many reverse proxies stand in front"),
    Setting("FLASK_HEALTH_TOKEN", _text, "", "opens /metrics and the details of /readyz; at least 32 random characters"),
    Setting(
        "FLASK_ACCESS_LOG",
        _switch,
        "false",
        "a log line for each request that the application answers: not for files, nor for pages that are kept ready",
    ),
    Setting("HOST", hosts.address, "127.0.0.1", "address the server listens on"),
    Setting("PORT", _port, "8000", "port the server listens on"),
    Setting("WEB_CONCURRENCY", _workers, "2", "web worker processes"),
)
EXPECTED: dict[Callable[[str], Any], str] = {
    _count: "a whole number, 0 or more",
    _workers: "a whole number, 1 or more",
    _port: "a port from 1 to 65535",
    hosts.address: "an IP address such as 127.0.0.1",
    _mail_host: "a host name or an address without a port, such as smtp.clinic.example (FLASK_MAIL_PORT names the port)",
    _switch: "true or false",
    _list: "a comma-separated list",
    _text: "a text",
}


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Settings for Flask's config, checked. Raises ConfigError; makes the instance folder and, on SQLite, the secret key."""
    values = _read(_environment() if environ is None else environ)
    instance = Path(values["INSTANCE_PATH"] or ROOT / "instance").resolve()
    _make_folder(instance)
    values["INSTANCE_PATH"] = str(instance)
    values["SITE_CONFIG"] = values["SITE_CONFIG"] or str(ROOT / "site.toml")
    values["CONTENT_PATH"] = str(ROOT / "content")
    values["DATABASE_URL"] = values["DATABASE_URL"] or f"sqlite:///{instance / 'site.db'}"
    explicit_url = values["SITE_URL"]
    values["SITE_URL"] = _site_url(values)
    if not database.is_supported(values["DATABASE_URL"]):
        raise ConfigError("environment: FLASK_DATABASE_URL: expected sqlite:////path/to/file or postgresql+psycopg://host/name")
    _refuse_unsafe(values, explicit_url)
    values["SECRET_KEY"] = values["SECRET_KEY"] or _kept_key(instance / "secret_key")
    _complete_mail(values)
    _complete_webhook(values)
    return values


def given() -> list[str]:
    """The names of the settings that this machine gives a value of its own."""
    return [setting.name for setting in SETTINGS if _environment().get(setting.name)]


def read_toml(path: Path) -> dict[str, Any]:
    """A parsed TOML file. Raises ConfigError naming the file and the place."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: expected a file here (FLASK_SITE_CONFIG names another place)") from error
    except OSError as error:
        raise ConfigError(f"{path}: expected a file that can be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: expected valid TOML: {error}") from error


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be reached from this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _environment() -> dict[str, str]:
    """.env beside app.py, for whoever starts the site by hand, with the real environment over it."""
    try:
        kept = dotenv_values(ROOT / ".env")
    except UnicodeDecodeError as error:
        raise ConfigError(".env: expected UTF-8 text") from error
    return {name: value for name, value in kept.items() if value is not None} | dict(os.environ)


def _read(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for setting in SETTINGS:
        raw = environ.get(setting.name, "") or setting.default
        try:
            values[setting.name.removeprefix("FLASK_")] = setting.read(raw)
        except (ValueError, KeyError) as error:
            raise ConfigError(f"environment: {setting.name}: expected {EXPECTED[setting.read]}") from error
    return values


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"environment: FLASK_INSTANCE_PATH: expected a folder that can be written ({error.strerror})") from error


def _site_url(values: Mapping[str, Any]) -> str:
    host = f"[{values['HOST']}]" if ":" in values["HOST"] else values["HOST"]
    url = str(values["SITE_URL"] or f"http://{host}:{values['PORT']}").rstrip("/").lower()
    try:
        parts = urlsplit(url)
        name = str(parts.hostname)
        port = "" if parts.port is None else f":{_port(str(parts.port))}"
        # Put together again, nothing may be missing: no path, no password, no text beside the brackets of an address.
        plain = url == f"{parts.scheme}://{f'[{name}]' if ':' in name else name}{port}" and hosts.is_host(name)
    except ValueError:
        plain = False
    if not plain or parts.scheme not in {"http", "https"}:
        raise ConfigError("environment: FLASK_SITE_URL: expected an address such as https://clinic.example, without a path")
    return url


def _refuse_unsafe(values: Mapping[str, Any], explicit_url: str) -> None:
    if values["MAIL_SERVER"] and not values["STAFF_RECIPIENTS"]:
        raise ConfigError("environment: FLASK_STAFF_RECIPIENTS: expected the addresses that get consultation requests")
    if values["MAIL_USE_TLS"] and values["MAIL_USE_SSL"]:
        raise ConfigError("environment: FLASK_MAIL_USE_SSL: expected false while FLASK_MAIL_USE_TLS is true")
    for name in ("SECRET_KEY", "HEALTH_TOKEN"):
        if values[name] and len(values[name]) < 32:
            raise ConfigError(f"environment: FLASK_{name}: expected at least 32 random characters")
    if any(len(key) < 32 for key in values["SECRET_KEY_FALLBACKS"]):
        raise ConfigError("environment: FLASK_SECRET_KEY_FALLBACKS: expected keys of at least 32 random characters")
    if not (is_loopback(str(urlsplit(values["SITE_URL"]).hostname)) and is_loopback(values["HOST"])):
        _refuse_incomplete(values, explicit_url)


def _refuse_incomplete(values: Mapping[str, Any], explicit_url: str) -> None:
    """Rule 12 of the design: what must be set once the site can be reached from other machines."""
    shares_key = database.needs_shared_key(values["DATABASE_URL"])
    needed = (
        ("FLASK_SITE_URL", explicit_url, "the public address, since the site can be reached from other machines"),
        ("FLASK_MAIL_SERVER", values["MAIL_SERVER"], "the SMTP host, since the site can be reached from other machines"),
        ("FLASK_SECRET_KEY", values["SECRET_KEY"] or not shares_key, "a key that all machines on this database share"),
    )
    for name, value, expected in needed:
        if not value:
            raise ConfigError(f"environment: {name}: expected {expected}")


def _kept_key(path: Path) -> str:
    """The key in the instance folder, made on the first start; readable by its owner only."""
    try:
        _make_key(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(f"{path}: expected a file that can be read and written ({error.strerror})") from error
    except UnicodeDecodeError:
        key = ""
    if len(key) < 32:
        raise ConfigError(f"{path}: expected at least 32 random characters; remove the file to have a new key made")
    return key


def _make_key(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())


def _read_secret(values: dict[str, Any], name: str) -> None:
    path = values.pop(f"{name}_FILE")
    if path:
        try:
            values[name] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"environment: FLASK_{name}_FILE: expected a text file that can be read") from error


def _complete_webhook(values: dict[str, Any]) -> None:
    _read_secret(values, "WEBHOOK_SECRET")
    try:
        parts = urlsplit(values["WEBHOOK_URL"])
        host, port = (parts.hostname or "").lower(), "" if parts.port is None else f":{_port(str(parts.port))}"
        plain = parts.netloc.lower() == f"{f'[{host}]' if ':' in host else host}{port}" and hosts.is_host(host)
        is_right = plain and parts.scheme in ("https", "http" if is_loopback(host) else "https") and not parts.fragment
    except ValueError:
        is_right = False
    if values["WEBHOOK_URL"] and not is_right:
        raise ConfigError("environment: FLASK_WEBHOOK_URL: expected an https:// address without a password in it")
    if values["WEBHOOK_URL"] and len(values["WEBHOOK_SECRET"]) < 32:
        raise ConfigError("environment: FLASK_WEBHOOK_SECRET: expected at least 32 random characters")


def _complete_mail(values: dict[str, Any]) -> None:
    _read_secret(values, "MAIL_PASSWORD")
    host = str(urlsplit(values["SITE_URL"]).hostname)
    domain = "localhost" if is_loopback(host) else host.removeprefix("www.")
    values["MAIL_DEFAULT_SENDER"] = values["MAIL_DEFAULT_SENDER"] or f"no-reply@{domain}"
    addresses = {"FLASK_MAIL_DEFAULT_SENDER": [values["MAIL_DEFAULT_SENDER"]], "FLASK_STAFF_RECIPIENTS": values["STAFF_RECIPIENTS"]}
    for name, wanted in addresses.items():
        if not all(re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address) for address in wanted):
            raise ConfigError(f"environment: {name}: expected email addresses such as desk@clinic.example")
    # Rule 11: the whole way can be seen before a mail server is there.
    values["STAFF_RECIPIENTS"] = values["STAFF_RECIPIENTS"] or [NOBODY]
