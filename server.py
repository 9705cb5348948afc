"""The production server: migrates, then supervises Granian and the mail dispatcher, and restarts what dies.

`python server.py` is the supervisor; it forks `web` and `dispatcher`, each a process of its own that ends when its parent
does, so that a killed supervisor leaves nothing behind that holds the port.
"""

import errno
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from click import ClickException
from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops, TaskImpl
from granian.http import HTTP1Settings
from granian.log import LogLevels
from sqlalchemy.exc import DBAPIError

import clinic
import config
import database
import driver_errors
from app import MAX_BODY, create_app
from cli import outbox
from domain import staff, tokens
from extensions import db, migrate
from serving import assets
from serving.gateway import Gateway
from serving.supervisor import STOPPING, Supervisor
from storage import database_copy
from telemetry import logs, metrics

logger = logging.getLogger("server")
ROLES = ("web", "dispatcher")
CONNECTIONS = 512
"""What one worker accepts, idle ones too, before it lets others wait in the kernel's queue."""
BACKLOG = 1024
HEADER_SECONDS = 10
"""How long a connection may take to send the head of a request; an idle one is closed after it."""
SWITCH_SECONDS = 0.001
"""After which a thread gives up the interpreter to the one that answers with ready pages, sooner than by itself."""
STOP_SECONDS = 15
PARENT_CHECK_SECONDS = 0.5
ORPHAN_SECONDS = 2
"""How long web processes without a supervisor may take to stop: they hold the port that the next start needs."""
PORT_SECONDS = 10
"""How long a start waits for the port: the processes of a supervisor that was killed just before may be about to end."""
GRANIAN_LOGS = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}
"""What Granian has to say comes among our own lines."""
METRICS_FOLDER = "metrics"


def main() -> int:
    """Runs the supervisor and, in what it forks, one of ROLES. Settings errors end it with one line."""
    try:
        logs.configure("supervisor")
        url = prepare()
        # What is here now stays for as long as the site runs: its children share it until they write to it, and the collector
        # would write to all of it.
        gc.collect()
        gc.freeze()
        parent = os.getpid()
        role = Supervisor(STOP_SECONDS, ROLES).run()
        if role is None:
            database_copy.settle(url)
            return 0
        logs.configure(role)
        end_with(parent, STOP_SECONDS if role == "dispatcher" else ORPHAN_SECONDS)
        return {"web": serve_web, "dispatcher": dispatch}[role]()
    except ClickException as error:
        print(f"Error: {error.format_message()}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def prepare() -> str:
    """Brings the database to the newest schema and says where the site is; leaves no connection open. Returns its URL."""
    # Before the extension sets it: nobody who starts the site wants to read the name of every migration.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    app = create_app()
    host, port = app.config["HOST"], app.config["PORT"]
    _refuse_taken_port(host, port)
    _refuse_read_only(Path(app.instance_path))
    _refuse_damaged(app.config["DATABASE_URL"])
    # Before the workers are forked, so that they share it; its threads have ended by then.
    with ThreadPoolExecutor() as pool, app.app_context():
        compressing = assets.load(Path(app.root_path) / "static").compress(pool)
        _migrate()
        first_owner = staff.nobody_yet(db.session)
        if first_owner:
            token = clinic.sign(tokens.Purpose.FIRST_OWNER, {})
            setup = clinic.absolute("staff.auth.setup", token=token)
        where = (
            f"through {app.config['MAIL_SERVER']}" if app.config["MAIL_SERVER"] else f"kept in {Path(app.instance_path) / 'mail'}"
        )
        db.engine.dispose()
        for file in compressing:
            file.result()
    with suppress(OSError):
        metrics.start_afresh(Path(app.instance_path) / METRICS_FOLDER)
    print(f"Site:  {app.config['SITE_URL']}/", f"Mail:  {where}", f"Staff: {app.config['SITE_URL']}/staff/", sep="\n")
    if first_owner:
        print(f"No staff account yet. Set up the owner within 24 hours:\n  {setup}")
    print("Ctrl-C stops it.", flush=True)
    return str(app.config["DATABASE_URL"])


def _refuse_read_only(instance: Path) -> None:
    """With what SQLite left there it may even start, and then no form could be taken."""
    if not os.access(instance, os.W_OK):
        raise config.ConfigError(f"environment: FLASK_INSTANCE_PATH: expected a folder that can be written; {instance} cannot")


def _refuse_damaged(url: str) -> None:
    """A broken file would answer some pages and lose what is written to it."""
    if database_copy.is_damaged(url):
        file = database.sqlite_file(url)
        raise config.ConfigError(f"{file}: the database is damaged; {driver_errors.RESTORE}")


def _migrate() -> None:
    try:
        with database.unhurried():
            migrate.upgrade()
    except DBAPIError as error:
        what, advice = driver_errors.explain(error)
        expected = f"{what}; {advice}" if advice else f"expected a database that answers ({type(error.orig).__name__})"
        raise config.ConfigError(f"environment: FLASK_DATABASE_URL: {expected}") from error
    except (CommandError, RevisionError) as error:
        expected = "expected a database of this version or an earlier one; a later version of the site has changed this one"
        raise config.ConfigError(f"environment: FLASK_DATABASE_URL: {expected}") from error


def serve_web() -> int:
    """Granian with WEB_CONCURRENCY workers; returns when it ends."""
    settings = config.load()
    # A worker inherits the handlers of Granian's main process, which would swallow a request to stop until it sets its own;
    # what comes before the worker has let go of them waits.
    os.register_at_fork(before=_hold_signals, after_in_parent=_release_signals, after_in_child=_reset_signals)
    server = Granian(
        target="app:app",
        address=settings["HOST"],
        port=settings["PORT"],
        interface=Interfaces.RSGI,
        # serving.gateway.EagerLoop.
        loop=Loops.auto,
        task_impl=TaskImpl.asyncio,
        # Proxies speak this one; the times below are set for it alone.
        http=HTTPModes.http1,
        workers=settings["WEB_CONCURRENCY"],
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_SECONDS - 5,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=GRANIAN_LOGS,
        log_access=False,
    )
    # Workers share what was imported here until they write to it, and the collector would write to all of it.
    gc.collect()
    gc.freeze()
    server.serve(target_loader=cast(Any, load_worker), wrap_loader=False)
    return 0


def load_worker() -> Gateway:
    """What answers in one worker, which ends when Granian's main process does."""
    # Granian is about to have the loop hear of signals, which forgets those that come before it runs.
    _hold_signals()
    main_process = multiprocessing.parent_process()
    assert main_process is not None
    assert main_process.pid is not None
    end_with(main_process.pid, ORPHAN_SECONDS)
    sys.setswitchinterval(SWITCH_SECONDS)
    return Gateway(_counted_app().extensions["front"], MAX_BODY, _release_signals)


def dispatch() -> int:
    """The mail dispatcher."""
    with _counted_app().app_context():
        outbox.dispatch()
    return 0


def _counted_app() -> Flask:
    """The application of a process that counts together with the others of this machine."""
    app = create_app()
    if not metrics.share(Path(app.instance_path) / METRICS_FOLDER):
        logger.warning("no room for the metrics: this process counts for itself")
    return app


def end_with(parent: int, patience: float) -> None:
    """Makes this process stop soon after its parent has gone (even by SIGKILL): in order, or after `patience` seconds at once.

    The parent's id is given, since it may have gone before this process could ask for it. A session leader takes all that
    it started with it.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        if os.getsid(0) == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, name="end-with", daemon=True).start()


def _hold_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def _reset_signals() -> None:
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    _release_signals()


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                    raise config.ConfigError(f"environment: PORT: expected a free port; {host}:{port}: {error.strerror}") from error
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
