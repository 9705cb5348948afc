"""Static files: joined and compressed at start, under URLs that carry their content's hash; inline scripts and their CSP hashes."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, g, request
from markupsafe import Markup

from headers import FOREVER
from serving import joining, representations
from serving.representations import Representation


def _modules(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"modules/{name}.js" for group in groups for name in group)


_PUBLIC = ("css/tokens.css", "css/base.css", "css/layout.css", "css/components/*.css", "css/figures.css", "css/utilities.css")
STYLES = {
    "css/public.css": _PUBLIC,
    "css/staff.css": (*_PUBLIC, "css/staff*.css"),
    "css/tools.css": ("css/tools.css",),
}
"""What few pages need stands beside what all of them load, and is loaded by those few."""
_EVERY_PAGE = ("visit", "theme-switch", "open-now", "sticky-action", "contents", "copy-link", "print-me")
_FORMS = ("once", "focus-me", "char-count")
_COMMENTS = ("reply", "draft", "remember-me", "personal-details", "typing")
_REQUEST = ("request-form", "request-draft", "submission-id", "typing")
SCRIPTS = {
    "js/public.js": _modules(_EVERY_PAGE, _FORMS),
    "js/comments.js": _modules(_EVERY_PAGE, _FORMS, _COMMENTS),
    "js/request.js": _modules(_EVERY_PAGE, _FORMS, _REQUEST),
    "js/staff.js": ("modules/*.js", "staff/*.js"),
}
"""What a page runs is one file, so that a first view waits for one; which, its template says."""
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
AT_THE_ROOT = {
    "favicon": ("/favicon.ico", "img/favicon.ico"),
    "touch_icon": ("/apple-touch-icon.png", "img/apple-touch-icon.png"),
}
"""Where feed readers and telephones look without reading a page."""
INLINE_SCRIPTS = ("theme.js", "load.js")
SHORT = "public, max-age=300"


_HASHED = re.compile(r"(?P<stem>.+)\.(?P<digest>[0-9a-f]{12})(?P<suffix>\.\w+)")


class Assets:
    """Every file that pages load, in memory, by the path templates name it with."""

    def __init__(self, folder: Path) -> None:
        own = ("css/", "js/")
        files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in TYPES}
        self.content = {name: data for name, data in files.items() if not name.startswith(own)}
        for name, globs in STYLES.items():
            self.content[name] = joining.styles([p.read_text() for glob in globs for p in sorted(folder.glob(glob))]).encode()
        scripts = {name.removeprefix("js/"): data.decode() for name, data in files.items() if name.startswith("js/")}
        self.modules = {name: _found(folder / "js", globs) for name, globs in SCRIPTS.items()}
        for name, modules in self.modules.items():
            self.content[name] = joining.scripts(scripts, "main.js", [f"{module}.js" for module in modules]).encode()
        self.inlined = {name: joining.inline(scripts[name]) for name in INLINE_SCRIPTS}
        self.digests = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in self.content.items()}
        self._ready: dict[str, Mapping[str, Representation]] = {}

    def ready(self, name: str) -> Mapping[str, Representation]:
        """A file in every encoding, compressed as well as can be, once in a process."""
        if name not in self._ready:
            made = representations.of(self.content[name], TYPES[Path(name).suffix], representations.BEST)
            self._ready[name] = made
        return self._ready[name]

    def compress(self, pool: Executor) -> list[Future[Mapping[str, Representation]]]:
        """Has all of them made ready by the threads of a pool, the longest first."""
        names = sorted(self.content, key=lambda name: len(self.content[name]), reverse=True)
        return [pool.submit(self.ready, name) for name in names]

    def url(self, name: str) -> str:
        """The URL of a file, which changes with its content. Raises KeyError for a file that is not there."""
        stem, _, suffix = name.rpartition(".")
        return f"/static/{stem}.{self.digests[name]}.{suffix}"

    def find(self, path: str) -> tuple[str, bool] | None:
        """The name of a file by the path below /static/, and whether that path carries the hash of its content.

        One with the hash of an earlier content finds the file as it is now: a page that was kept somewhere asks for it.
        """
        if path in self.content:
            return path, False
        match = _HASHED.fullmatch(path)
        name = f"{match['stem']}{match['suffix']}" if match else ""
        return (name, self.digests[name] == match["digest"]) if match and name in self.content else None

    def inline(self, name: str) -> Markup:
        """A script element with the file's content, allowed by `inline_hashes`."""
        return Markup(f"<script>{self.inlined[name]}</script>")  # our own file  # nosec

    def late_script(self, name: str) -> Markup:
        """What loads a script after the first frame of the page."""
        return Markup(f'<script data-src="{self.url(name)}">{self.inlined["load.js"]}</script>')  # our own file  # nosec

    def inline_hashes(self) -> list[str]:
        """CSP sources of the inline scripts."""
        digests = [hashlib.sha256(text.encode()).digest() for text in self.inlined.values()]
        return [f"sha256-{base64.b64encode(digest).decode()}" for digest in digests]


def _found(folder: Path, globs: tuple[str, ...]) -> list[str]:
    """The files that the patterns find, without their ending."""
    return [str(path.relative_to(folder).with_suffix("")) for glob in globs for path in sorted(folder.glob(glob))]


@cache
def load(folder: Path) -> Assets:
    """The files of a folder, read once in a process: what is forked from it shares them."""
    return Assets(folder)


def init_app(app: Flask) -> Assets:
    """Loads the files and serves them under /static/; templates get `asset`, `inline_script` and `late_script`."""
    assets = load(Path(app.root_path) / "static")

    def file(name: str) -> Response:
        found = assets.find(name)
        if found is None:
            abort(404)
        name, is_exact = found
        g.representations = assets.ready(name)
        response = Response(assets.content[name], content_type=TYPES[Path(name).suffix])
        response.headers["Cache-Control"] = FOREVER if is_exact else SHORT
        response.set_etag(assets.digests[name])
        return response.make_conditional(request)  # type: ignore[return-value]

    app.add_url_rule("/static/<path:name>", "static", file)
    for endpoint, (path, name) in AT_THE_ROOT.items():
        app.add_url_rule(path, endpoint, _always(file, name))
    app.jinja_env.globals.update(asset=assets.url, inline_script=assets.inline, late_script=assets.late_script)
    return assets


def _always(file: Callable[[str], Response], name: str) -> Callable[[], Response]:
    """A view of one file; a partial has no name of its own, which others ask a view for."""

    def view() -> Response:
        return file(name)

    return view
