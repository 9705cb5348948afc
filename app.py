"""create_app(): the ordered list of assembly steps; `app` for WSGI servers."""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import clinic
import config
import database
import errors
import headers
import pagecache
from blueprints import blog, consultations, health, pages, seo, staff, tools, visits
from cli import commands
from domain import front_matter, redirects, search, site_file
from domain.articles import Article
from domain.document_text import closing_urgent
from domain.documents import Library
from domain.settings import Site
from domain.text import MAX_TEXT
from domain.treatments import TreatmentPage
from domain.working_time import Holiday
from extensions import csrf, db, limiter, mail, migrate
from pagecache import Page, PageCache
from serving import assets, live_texts, shared_pictures, turns
from serving.freshness import Freshness
from serving.gateway import Front
from telemetry import tracing
from web import canonical, words

PUBLIC = (pages.bp, blog.bp, consultations.bp, tools.bp, seo.bp, health.bp, visits.bp)
MAX_BODY = 256 * 1024
PRIVATE = 0o077
"""What nobody but the site's own user may do with the files it makes."""


def create_app(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Flask:
    """The assembled application. Raises config.ConfigError with one line when a setting, fact or article is wrong."""
    # Before the first file is made: database, key and mail hold what people sent, whatever mode the folder has.
    os.umask(PRIVATE)
    values = config.load(environ)
    app = Flask(__name__, instance_path=values["INSTANCE_PATH"], static_folder=None)
    app.config.from_mapping(values)
    app.config.from_mapping(_flask_settings(values))
    app.config.from_mapping(overrides or {})
    _load_content(app)
    _bind_extensions(app)
    tracing.init_app(app)
    _register(app)
    pagecache.init_app(app, clinic.next_change)
    built = assets.init_app(app)
    headers.init_app(app, built.inline_hashes(), app.config["CACHEABLE"])
    errors.init_app(app)
    old_addresses = _redirects(app)
    host = canonical.init_app(app, old_addresses)
    _prepare_templates(app)
    _put_in_front(app, old_addresses, host)
    return app


def _flask_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    https = values["SITE_URL"].startswith("https://")
    return {
        "SQLALCHEMY_ENGINES": {"default": database.engine_options(values["DATABASE_URL"])},
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "MAX_FORM_MEMORY_SIZE": MAX_BODY,
        "SESSION_COOKIE_NAME": "__Secure-staff" if https else "staff",
        "SESSION_COOKIE_PATH": "/staff",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        # Public forms carry no token (rule 3 of the design); the staff gate checks it, after the sign-in.
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "MAIL_SUPPRESS_SEND": False,
        "RATELIMIT_HEADERS_ENABLED": False,
        "ALEMBIC_CONTEXT": {"render_as_batch": True, "compare_type": True, "include_name": search.is_of_a_model},
    }


def _load_content(app: Flask) -> None:
    """site.toml and the documents, checked now so that a mistake stops the start and not a visitor.

    With MENDS_CONTENT a mistake in a document stops nothing, and the site has none: that is for the commands that find it.
    """
    path = Path(app.config["SITE_CONFIG"])
    try:
        site = site_file.read_site(config.read_toml(path))
        app.config["SITE"] = site
        app.config.setdefault("INDEXED", _is_live(app.config["SITE_URL"], site))
        live_texts.init_app(app, [treatment.slug for treatment in site.treatments], generic=site.generic_names)
    except site_file.InvalidSetting as error:
        raise config.ConfigError(f"{path}: {error}") from error
    except front_matter.InvalidDocument as error:
        if not app.config.get("MENDS_CONTENT"):
            raise config.ConfigError(str(error)) from error
        app.config["LIBRARY"], app.config["TREATMENT_PAGES"] = Library[Article]([]), Library[TreatmentPage]([])
        app.config["CONTENT_IS_WRONG"] = True


def _is_live(site_url: str, site: Site) -> bool:
    """Whether search engines may have what this machine shows: a copy for trying things out must not be found."""
    host = str(urlsplit(site_url).hostname)
    return site.is_live_on(host) and not config.is_loopback(host)


def _redirects(app: Flask) -> redirects.Redirects:
    """Old addresses, checked against the pages of the site: a chain or a loop stops the start."""
    path = Path(app.config["CONTENT_PATH"]) / "redirects.toml"
    if app.config.get("MENDS_CONTENT"):
        return redirects.Redirects()
    try:
        if faults := canonical.faults(app, path):
            raise config.ConfigError(f"{path}:{faults[0].line}: {faults[0].text}")
        return redirects.load(path)
    except redirects.InvalidRedirects as error:
        raise config.ConfigError(str(error)) from error


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    # Its asynchronous sessions, of which the site has none, would cost each request a thread and an event loop to close.
    app.teardown_appcontext_funcs = [end for end in app.teardown_appcontext_funcs if not iscoroutinefunction(end)]
    with app.app_context():
        database.prepare(db.engine, db.sessionmaker)
    migrate.init_app(app)
    csrf.init_app(app)
    mail.init_app(app)
    limiter.init_app(app)


def _register(app: Flask) -> None:
    for blueprint in (*PUBLIC, staff.bp):
        app.register_blueprint(blueprint)
    app.config["CACHEABLE"] = _cacheable()
    visits.init_app(app)
    commands.register(app)


def _cacheable() -> dict[str, Page]:
    """The explicit list of rule 1: what may be stored, when it answers a plain GET."""
    files = dict.fromkeys(("static", *assets.AT_THE_ROOT), Page())
    return files | pages.CACHEABLE | blog.CACHEABLE | consultations.CACHEABLE | tools.CACHEABLE | seo.CACHEABLE


def _put_in_front(app: Flask, old_addresses: redirects.Redirects, host: canonical.CanonicalHost) -> None:
    """What a request meets before Flask, the outermost last."""
    with app.app_context():
        freshness = Freshness(db.engine, lambda: _has_new_files(app))
    inner = turns.Turns(app.wsgi_app, lambda: errors.busy(app))
    cache = PageCache(
        app, inner, freshness, leaves=host.is_another, redirects=old_addresses, is_known=lambda slug: _is_known(app, slug)
    )
    count = app.config["TRUSTED_PROXIES"]

    def behind_proxies(wsgi: Any) -> Any:
        return ProxyFix(wsgi, x_for=count, x_proto=count, x_host=count) if count else wsgi

    app.wsgi_app = behind_proxies(cache if app.config.get("PAGE_CACHE", True) else inner)  # type: ignore[method-assign]
    at_hand, is_awaited = behind_proxies(cache.at_hand), behind_proxies(cache.is_awaited)
    app.extensions["front"] = Front(app.wsgi_app, at_hand, is_awaited, inner.refusal, freshness, has_proxies=count > 0)


def _has_new_files(app: Flask) -> bool:
    """Whether pages may look different than when this was asked before: their texts have changed, or pictures were drawn."""
    has_pictures = shared_pictures.are_new(app)
    return live_texts.refresh(app) or has_pictures


def _is_known(app: Flask, slug: str) -> bool:
    """Whether a query names one of our treatments or texts; what else it may say makes no page of its own."""
    libraries = (app.config["LIBRARY"], app.config["TREATMENT_PAGES"])
    return app.config["SITE"].treatment_name(slug) is not None or any(library.knows(slug) for library in libraries)


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    zone = app.config["SITE"].timezone

    def day(value: date) -> str:
        local = value.astimezone(zone) if isinstance(value, datetime) else value
        return f"{local.day} {local:%B %Y}"

    def moment(value: datetime) -> str:
        return f"{day(value)}, {value.astimezone(zone):%H:%M}"

    def clock(value: datetime) -> str:
        return words.clock(value, zone)

    def iso(value: datetime) -> str:
        return value.astimezone(zone).isoformat(timespec="seconds")

    def plural(count: int, one: str, many: str) -> str:
        return f"{count:,} {one if count == 1 else many}"

    def coming(holidays: Iterable[Holiday]) -> list[Holiday]:
        today = clinic.now().astimezone(zone).date()
        return [holiday for holiday in holidays if holiday.last >= today]

    app.jinja_env.filters.update(coming=coming, clock=clock, day=day, moment=moment, iso=iso, plural=plural)
    app.jinja_env.filters.update(closing_urgent=closing_urgent)
    app.jinja_env.globals["MAX_TEXT"] = MAX_TEXT
    app.context_processor(lambda: {"site": clinic.site()})


@cache
def _wsgi_app() -> Flask:
    return create_app({"MENDS_CONTENT": commands.mends_content(sys.argv)})


def __getattr__(name: str) -> Flask:
    # Built when a server asks for it, so that importing this module does no work.
    if name == "app":
        return _wsgi_app()
    raise AttributeError(name)
