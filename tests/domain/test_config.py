"""Settings: read as what they are, refused in one line that names the variable, safe where others can reach the site."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

import config
from app import create_app
from config import SETTINGS, ConfigError

KEY = "a key for the tests, long enough to be taken"
PUBLIC = {
    "FLASK_SITE_URL": "https://clinic.example",
    "FLASK_MAIL_SERVER": "smtp.example",
    "FLASK_STAFF_RECIPIENTS": "desk@clinic.example",
}
POSTGRESQL = "postgresql+psycopg://db.example/site"
HOOK = {"FLASK_WEBHOOK_SECRET": KEY}


@pytest.fixture
def load(tmp_path: Path):
    """Loads settings with an instance folder of the test's own."""
    return lambda environ: config.load({"FLASK_INSTANCE_PATH": str(tmp_path / "instance")} | environ)


def assert_refused(load: Any, environ: dict[str, str], name: str, why: str) -> None:
    with pytest.raises(ConfigError) as error:
        pytest.fail(f"{why}: {load(environ)}")
    message = error.value.message
    assert message.startswith(f"environment: {name}: expected "), why
    assert "\n" not in message, why


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"PORT": "http"}, "a word is no port"),
        ({"PORT": "70000"}, "no such port"),
        ({"PORT": "-1"}, "no such port"),
        ({"PORT": "0"}, "any port: nobody would know which"),
        ({"HOST": "clinic"}, "a name: Granian listens on addresses"),
        ({"HOST": "[::1]"}, "brackets are for a URL"),
        ({"HOST": "fe80::1%eth0"}, "a zone, which Granian does not take"),
        ({"WEB_CONCURRENCY": "0"}, "nobody would answer"),
        ({"WEB_CONCURRENCY": "2.5"}, "half a worker"),
        ({"FLASK_TRUSTED_PROXIES": "-1"}, "fewer than none"),
        ({"FLASK_TRUSTED_PROXIES": "yes"}, "a count, not a switch"),
        ({"FLASK_MAIL_PORT": "smtp"}, "a word is no port"),
        ({"FLASK_MAIL_PORT": "99999"}, "no such port: mail would wait for ever"),
        ({"FLASK_MAIL_PORT": "0"}, "no such port"),
        ({"FLASK_MAIL_USE_TLS": "maybe"}, "neither true nor false"),
        ({"FLASK_MAIL_USE_SSL": "true"}, "both kinds of TLS"),
        ({"FLASK_MAIL_DEFAULT_SENDER": "clinic"}, "no address"),
        ({"FLASK_STAFF_RECIPIENTS": "desk@clinic.example, nobody"}, "one is no address"),
        ({"FLASK_STAFF_RECIPIENTS": "a@b.example\nBcc: c@d.example"}, "a header inside"),
        ({"FLASK_SECRET_KEY": "short"}, "can be guessed"),
        ({"FLASK_SECRET_KEY_FALLBACKS": f"{KEY}, short"}, "one of them can be guessed"),
        ({"FLASK_SITE_URL": "clinic.example"}, "no scheme"),
        ({"FLASK_SITE_URL": "ftp://localhost"}, "no site"),
        ({"FLASK_SITE_URL": "http://localhost/path"}, "links would lead elsewhere"),
        ({"FLASK_SITE_URL": "http://localhost?x=1"}, "a query"),
        ({"FLASK_SITE_URL": "http://localhost#x"}, "a fragment would swallow every path"),
        ({"FLASK_SITE_URL": "http://"}, "no host"),
        ({"FLASK_SITE_URL": "http://[::1"}, "a bracket that never closes"),
        ({"FLASK_SITE_URL": "http://[::1]x"}, "text behind the bracket"),
        ({"FLASK_SITE_URL": "http://[v1.a]"}, "a name in brackets"),
        ({"FLASK_SITE_URL": "http://localhost:"}, "a colon without a port"),
        ({"FLASK_SITE_URL": "http://localhost:0"}, "no such port"),
        ({"FLASK_SITE_URL": "http://localhost:port"}, "a port that is a word"),
        ({"FLASK_SITE_URL": "http://user:secret@localhost"}, "a password in every link"),
        ({"FLASK_SITE_URL": "https://a..b"}, "an empty label"),
        ({"FLASK_SITE_URL": "https://a b.example"}, "a space"),
        ({"FLASK_SITE_URL": "https://-a.example"}, "a label does not start with a hyphen"),
        ({"FLASK_SITE_URL": "https://my_clinic.example"}, "no host name has an underscore"),
        ({"FLASK_SITE_URL": "https://klinik-münchen.example"}, "not in its IDNA form"),
        ({"FLASK_SITE_URL": f"https://{'a' * 64}.example"}, "a label that is too long"),
        ({"FLASK_SITE_URL": "https://192.0.2.256"}, "no such address"),
        ({"FLASK_SITE_URL": "http://[fe80::1%eth0]"}, "a zone is this machine's own"),
        ({"FLASK_DATABASE_URL": "garbage"}, "no URL"),
        ({"FLASK_DATABASE_URL": "postgresql+psycopg://db.example:abc/site"}, "a port that is a word"),
        ({"FLASK_DATABASE_URL": "mysql://db.example/site"}, "an engine the site was not made for"),
        ({"FLASK_DATABASE_URL": "sqlite://"}, "in memory: each connection would have its own"),
        ({"FLASK_DATABASE_URL": "sqlite:///:memory:"}, "in memory"),
        ({"FLASK_DATABASE_URL": "sqlite:///file::memory:?uri=true"}, "in memory, as a URI"),
        ({"FLASK_DATABASE_URL": "postgresql+psycopg://db.example"}, "no database"),
        ({"FLASK_DATABASE_URL": "postgresql+psycopg://"}, "nothing but an engine"),
        ({"FLASK_MAIL_SERVER": "smtp.example:587"}, "a port, which has a setting of its own"),
        ({"FLASK_MAIL_SERVER": "smtp://smtp.example"}, "a URL"),
        ({"FLASK_MAIL_SERVER": "mail server"}, "a space"),
        (PUBLIC | {"FLASK_DATABASE_URL": "garbage"}, "no URL, in production"),
        ({"FLASK_MAIL_PASSWORD_FILE": "/nowhere/at/all"}, "no such file"),
        ({"FLASK_INSTANCE_PATH": "/dev/null/instance"}, "no folder"),
        (HOOK | {"FLASK_WEBHOOK_URL": "alerts.example"}, "no scheme"),
        (HOOK | {"FLASK_WEBHOOK_URL": "http://alerts.example/x"}, "anybody on the way could read it"),
        (HOOK | {"FLASK_WEBHOOK_URL": "ftp://127.0.0.1/x"}, "no web address"),
        (HOOK | {"FLASK_WEBHOOK_URL": "https://me:secret@alerts.example"}, "a password that would stand in settings pages"),
        (HOOK | {"FLASK_WEBHOOK_URL": "https://alerts.example/#x"}, "a fragment is sent to nobody"),
        (HOOK | {"FLASK_WEBHOOK_URL": "https://alerts.example:0"}, "no such port"),
        (HOOK | {"FLASK_WEBHOOK_URL": "https://"}, "no host"),
        ({"FLASK_WEBHOOK_URL": "https://alerts.example", "FLASK_WEBHOOK_SECRET": "short"}, "can be guessed"),
        ({"FLASK_WEBHOOK_URL": "https://alerts.example", "FLASK_WEBHOOK_SECRET": ""}, "nobody could tell that it is from us"),
        (HOOK | {"FLASK_WEBHOOK_SECRET_FILE": "/nowhere/at/all"}, "no such file"),
    ],
)
def test_wrong_setting_stops_with_one_line_that_names_it(load: Any, environ: dict[str, str], why: str) -> None:
    assert_refused(load, environ, list(environ)[-1], why)


@pytest.mark.parametrize(
    ("environ", "missing", "why"),
    [
        ({"HOST": "0.0.0.0"}, "FLASK_SITE_URL", "everybody on the network can reach it"),
        ({"HOST": "::"}, "FLASK_SITE_URL", "the same in IPv6"),
        ({"HOST": "192.0.2.7"}, "FLASK_SITE_URL", "an address of the network"),
        ({"FLASK_SITE_URL": "https://clinic.example"}, "FLASK_MAIL_SERVER", "behind a proxy; mail would stay in a folder"),
        ({"HOST": "0.0.0.0", "FLASK_SITE_URL": "http://localhost"}, "FLASK_MAIL_SERVER", "one of the two is enough"),
        ({"FLASK_MAIL_SERVER": "smtp.example"}, "FLASK_STAFF_RECIPIENTS", "a mail server, but nobody to write to"),
        (PUBLIC | {"FLASK_DATABASE_URL": POSTGRESQL}, "FLASK_SECRET_KEY", "several machines share the database"),
    ],
)
def test_public_site_does_not_start_half_set_up(load: Any, environ: dict[str, str], missing: str, why: str) -> None:
    assert_refused(load, environ, missing, why)


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({}, "a laptop needs nothing"),
        ({"HOST": "::1"}, "loopback"),
        ({"HOST": "localhost"}, "loopback by its name"),
        ({"FLASK_SITE_URL": "http://clinic.localhost:8000"}, "names under localhost are loopback (RFC 6761)"),
        (PUBLIC, "on SQLite the key file counts"),
        (PUBLIC | {"HOST": "0.0.0.0"}, "all is set"),
        (PUBLIC | {"FLASK_DATABASE_URL": POSTGRESQL, "FLASK_SECRET_KEY": KEY}, "a shared key"),
        ({"FLASK_DATABASE_URL": POSTGRESQL}, "PostgreSQL on a laptop"),
        (HOOK | {"FLASK_WEBHOOK_URL": "https://alerts.example:8443/Clinic?channel=7"}, "an alert service"),
        (HOOK | {"FLASK_WEBHOOK_URL": "http://127.0.0.1:9000/alerts"}, "a program on this machine"),
        (HOOK | {"FLASK_WEBHOOK_URL": "http://[::1]:9000"}, "the same in IPv6"),
    ],
)
def test_complete_settings_start(load: Any, environ: dict[str, str], why: str) -> None:
    assert len(load(environ)["SECRET_KEY"]) >= 32, why


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("FLASK_MAIL_PASSWORD", "12345", "12345"),
        ("FLASK_MAIL_PASSWORD", "true", "true"),
        ("FLASK_MAIL_PASSWORD", "{'a': 1}", "{'a': 1}"),
        ("FLASK_MAIL_PASSWORD", "null", "null"),
        ("FLASK_MAIL_PASSWORD", "0x10", "0x10"),
        ("FLASK_MAIL_USERNAME", "007", "007"),
        ("FLASK_SECRET_KEY", "1" * 40, "1" * 40),
        ("FLASK_SECRET_KEY_FALLBACKS", f"{'a' * 40}, {'b' * 40} ,", ["a" * 40, "b" * 40]),
        ("FLASK_STAFF_RECIPIENTS", "a@x.example , b@x.example", ["a@x.example", "b@x.example"]),
        ("FLASK_MAIL_USE_TLS", "Off", False),
        ("FLASK_MAIL_USE_TLS", "YES", True),
        ("FLASK_MAIL_PORT", "465", 465),
        ("FLASK_DATABASE_URL", "postgresql+psycopg:///site", "postgresql+psycopg:///site"),
        ("FLASK_TRUSTED_PROXIES", "0", 0),
        ("HOST", "localhost", "127.0.0.1"),
        ("HOST", " ::1 ", "::1"),
    ],
)
def test_setting_is_read_as_its_kind(load: Any, name: str, typed: str, value: object) -> None:
    assert load({name: typed})[name.removeprefix("FLASK_")] == value


@pytest.mark.parametrize("server", ["smtp.clinic.example", "SMTP.Clinic.Example", "mail", "localhost", "192.0.2.7", "::1"])
def test_mail_server_is_a_name_or_an_address(load: Any, server: str) -> None:
    assert load(PUBLIC | {"FLASK_MAIL_SERVER": server})["MAIL_SERVER"] == server


def test_application_gets_the_text_too(tmp_path: Path) -> None:
    environ = {"FLASK_INSTANCE_PATH": str(tmp_path), "FLASK_MAIL_PASSWORD": "12345", "FLASK_SECRET_KEY": KEY}
    assert create_app({"TESTING": True}, environ).config["MAIL_PASSWORD"] == "12345"


def test_every_default_can_be_read() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.purpose and setting.read(setting.default) is not None for setting in SETTINGS)


def test_secret_key_is_made_once_for_its_owner_only(load: Any, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        key = load({})["SECRET_KEY"]
    finally:
        os.umask(before)
    file = tmp_path / "instance" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert len(key) >= 32
    assert load({})["SECRET_KEY"] == key == file.read_text()


def test_secret_keys_of_two_sites_differ(tmp_path: Path) -> None:
    keys = {config.load({"FLASK_INSTANCE_PATH": str(tmp_path / name)})["SECRET_KEY"] for name in "ab"}
    assert len(keys) == 2


def test_given_key_wins_and_none_is_made(load: Any, tmp_path: Path) -> None:
    assert load({"FLASK_SECRET_KEY": KEY})["SECRET_KEY"] == KEY
    assert not (tmp_path / "instance" / "secret_key").exists()


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40, None], ids=["empty", "short", "no text", "a folder"])
def test_damaged_key_file_stops_with_one_line(load: Any, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "instance" / "secret_key"
    file.parent.mkdir()
    file.mkdir() if content is None else file.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        load({})
    assert error.value.message.startswith(f"{file}: expected ")


def test_password_file_wins_over_nothing(load: Any, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    values = load({"FLASK_MAIL_PASSWORD_FILE": str(file)})
    assert values["MAIL_PASSWORD"] == "hunter2"
    assert "MAIL_PASSWORD_FILE" not in values


def test_webhook_secret_can_stand_in_a_file(load: Any, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{KEY}\n")
    values = load({"FLASK_WEBHOOK_URL": "https://alerts.example", "FLASK_WEBHOOK_SECRET_FILE": str(file)})
    assert (values["WEBHOOK_URL"], values["WEBHOOK_SECRET"]) == ("https://alerts.example", KEY)


def test_password_file_that_is_no_text_is_named(load: Any, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xff\xfe")
    assert_refused(load, {"FLASK_MAIL_PASSWORD_FILE": str(file)}, "FLASK_MAIL_PASSWORD_FILE", "not UTF-8")


@pytest.mark.parametrize(
    ("environ", "url", "sender"),
    [
        ({}, "http://127.0.0.1:8000", "no-reply@localhost"),
        ({"HOST": "::1", "PORT": "9000"}, "http://[::1]:9000", "no-reply@localhost"),
        ({"HOST": "localhost"}, "http://127.0.0.1:8000", "no-reply@localhost"),
        (PUBLIC | {"FLASK_SITE_URL": "HTTPS://Clinic.Example"}, "https://clinic.example", "no-reply@clinic.example"),
        (PUBLIC | {"FLASK_SITE_URL": "https://xn--mnchen-3ya.de"}, "https://xn--mnchen-3ya.de", "no-reply@xn--mnchen-3ya.de"),
        (PUBLIC | {"FLASK_SITE_URL": "https://www.clinic.example/"}, "https://www.clinic.example", "no-reply@clinic.example"),
        (PUBLIC | {"FLASK_MAIL_DEFAULT_SENDER": "desk@clinic.example"}, "https://clinic.example", "desk@clinic.example"),
    ],
)
def test_addresses_follow_the_site(load: Any, environ: dict[str, str], url: str, sender: str) -> None:
    values = load(environ)
    assert (values["SITE_URL"], values["MAIL_DEFAULT_SENDER"]) == (url, sender)


def test_requests_can_be_seen_before_a_mail_server_is_there(load: Any) -> None:
    assert load({})["STAFF_RECIPIENTS"] == ["front-desk@localhost"]
    assert load(PUBLIC)["STAFF_RECIPIENTS"] == ["desk@clinic.example"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("a.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True),
        ("0.0.0.0", False), ("::", False), ("192.168.1.2", False), ("clinic.example", False), ("localhost.example", False),
        ("notlocalhost", False), ("", False),
    ],
)  # fmt: skip
def test_loopback_is_this_machine_alone(host: str, loopback: bool) -> None:
    assert config.is_loopback(host) is loopback


@pytest.mark.parametrize("path", ["absent.toml", "."], ids=["absent", "a folder"])
def test_site_config_that_cannot_be_read_is_named(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError) as error:
        config.read_toml(tmp_path / path)
    assert error.value.message.startswith(f"{tmp_path / path}: expected ")


def test_env_file_that_is_no_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes(b"FLASK_MAIL_USERNAME=\xff\xfe")
    monkeypatch.setattr(config, "ROOT", tmp_path)
    with pytest.raises(ConfigError) as error:
        config.load()
    assert error.value.message == ".env: expected UTF-8 text"
