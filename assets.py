"""Style sheets joined at start, files under URLs that carry their content's hash, and the inline script's CSP hash."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, abort, request
from markupsafe import Markup

_PUBLIC = ("css/tokens.css", "css/base.css", "css/layout.css", "css/components/*.css", "css/utilities.css")
BUNDLES = {
    "css/public.css": _PUBLIC,
    "css/staff.css": (*_PUBLIC, "css/staff*.css"),
    "css/tools.css": ("css/tools.css",),
    "css/figures.css": ("css/figures.css",),
}
"""What few pages need stands beside what all of them load, and is loaded by those few."""
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
INLINE_SCRIPTS = ("theme.js",)
FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"


class Assets:
    """Every file under static/, in memory, by the path templates name it with."""

    def __init__(self, folder: Path) -> None:
        files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in TYPES}
        bundles = {
            name: b"\n".join(p.read_bytes() for glob in globs for p in sorted(folder.glob(glob))) for name, globs in BUNDLES.items()
        }
        self.content = {name: data for name, data in files.items() if not name.startswith("css/")} | bundles
        self.digests = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in self.content.items()}

    def url(self, name: str) -> str:
        """The URL of a file, which changes with its content. Raises KeyError for a file that is not there."""
        return f"/static/{name}?v={self.digests[name]}"

    def inline(self, name: str) -> Markup:
        """A script element with the file's content, allowed by `inline_hashes`."""
        return Markup(f"<script>{self.content[f'js/{name}'].decode()}</script>")  # our own file  # nosec

    def inline_hashes(self) -> list[str]:
        """CSP sources of the inline scripts."""
        digests = [hashlib.sha256(self.content[f"js/{name}"]).digest() for name in INLINE_SCRIPTS]
        return [f"sha256-{base64.b64encode(digest).decode()}" for digest in digests]


def init_app(app: Flask) -> Assets:
    """Loads the files and serves them under /static/; templates get `asset` and `inline_script`."""
    assets = Assets(Path(app.root_path) / "static")

    def file(name: str) -> Response:
        content = assets.content.get(name)
        if content is None:
            abort(404)
        response = Response(content, content_type=TYPES[Path(name).suffix])
        response.headers["Cache-Control"] = FOREVER if request.args.get("v") == assets.digests[name] else SHORT
        response.set_etag(assets.digests[name])
        return response.make_conditional(request)  # type: ignore[return-value]

    app.add_url_rule("/static/<path:name>", "static", file)
    for endpoint, (path, name) in AT_THE_ROOT.items():
        app.add_url_rule(path, endpoint, _always(file, name))
    app.jinja_env.globals.update(asset=assets.url, inline_script=assets.inline)
    return assets


def _always(file: Callable[[str], Response], name: str) -> Callable[[], Response]:
    """A view of one file; a partial has no name of its own, which others ask a view for."""

    def view() -> Response:
        return file(name)

    return view
