"""`make dev`: the site for those who write it. After each change it starts anew and open pages load again by themselves.

For this machine only: what it adds to pages is added here, around the application, so that no other server can show it.
Mail stays in the outbox; `flask outbox run` beside it sends it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from click import ClickException
from werkzeug.serving import run_simple
from werkzeug.wrappers import Response

import config
from app import create_app
from extensions import db, migrate
from server import end_with

WATCHED = ("*.py", "*.toml", "[!.]*/**/*.py", "content/**/*", "templates/**/*", "static/**/*")
LOOK_SECONDS = 0.4
KEEP_ALIVE_SECONDS = 15
CHANGES, SCRIPT = "/__dev/changes", "/__dev/reload.js"
RELOAD = f"""let first;
new EventSource("{CHANGES}").onmessage = ({{ data }}) => {{
  if (first && data !== first) location.reload();
  first ??= data;
}};
"""
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Reloading:
    """A WSGI application whose pages load again when another process answers than the one that made them."""

    def __init__(self, app: Application) -> None:
        self._app, self._id = app, uuid4().hex

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        if environ["PATH_INFO"] == SCRIPT:
            return Response(RELOAD, content_type="text/javascript; charset=utf-8")(environ, start_response)
        if environ["PATH_INFO"] == CHANGES:
            return Response(self._pulse(), content_type="text/event-stream")(environ, start_response)
        response = Response.from_app(self._app, environ, buffered=True)
        if response.mimetype == "text/html":
            head, end, rest = response.get_data().partition(b"</head>")
            response.set_data(head + f'<script src="{SCRIPT}" defer></script>'.encode() * bool(end) + end + rest)
            response.headers.pop("ETag", None)
        return response(environ, start_response)

    def _pulse(self) -> Iterator[str]:
        yield f"retry: 300\ndata: {self._id}\n\n"
        while True:
            time.sleep(KEEP_ALIVE_SECONDS)
            yield ":\n\n"


def look(root: Path) -> dict[Path, int]:
    """Every watched file with the time of its last change."""
    files = {file for pattern in WATCHED for file in root.glob(pattern) if file.is_file()}
    seen = {}
    for file in files:
        try:
            seen[file] = file.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return seen


def changed(before: dict[Path, int], after: dict[Path, int]) -> list[Path]:
    """Files that are new, gone or changed, in order."""
    return sorted(file for file in before.keys() | after.keys() if before.get(file) != after.get(file))


def serve(parent: int) -> None:
    """One run of the site, until it or its parent ends. Raises ConfigError for a mistake in a setting, fact or article."""
    end_with(parent, patience=0)
    # Kept pages are compressed, and this adds to them.
    app = create_app({"PAGE_CACHE": False})
    host, port = app.config["HOST"], app.config["PORT"]
    if not config.is_loopback(host):
        raise config.ConfigError("environment: HOST: expected 127.0.0.1; make dev is for this machine only")
    with app.app_context():
        migrate.upgrade()
        db.engine.dispose()
    run_simple(host, port, Reloading(app), threaded=True)


def watch() -> None:
    """Keeps one run going and starts it anew after each change; a run that ended by itself waits for the next one."""
    before = look(config.ROOT)
    child = _start()
    try:
        while True:
            time.sleep(LOOK_SECONDS)
            after = look(config.ROOT)
            if files := changed(before, after):
                print(f"Changed: {', '.join(str(file.relative_to(config.ROOT)) for file in files)}", flush=True)
                child.kill()
                child.wait()
                before, child = after, _start()
    except KeyboardInterrupt:
        child.wait()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, str(os.getpid())])


def main(arguments: list[str]) -> int:
    """Watches, or serves for the process whose id is given; a wrong setting, fact or article is one line."""
    try:
        serve(int(arguments[0])) if arguments else watch()
    except KeyboardInterrupt:
        return 130
    except ClickException as error:
        print(f"Error: {error.format_message()}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
