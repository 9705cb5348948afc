"""One page for every HTTP error: a sentence that says what happened and one way on."""

import traceback
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Gone, HTTPException, MethodNotAllowed

import database

RETRY_SECONDS = 30
MAX_FRAMES = 8
"""Of an error's place, the innermost: a recursion has a thousand."""


@dataclass(frozen=True)
class Words:
    """What an error page says."""

    heading: str
    text: str


WORDS = {
    400: Words("That request could not be read", "Something in it was not as a browser sends it. Go back and try again."),
    403: Words("This page is not for your account", "Ask the owner of the site if you need it for your work."),
    404: Words("Page not found", "The address may be mistyped, or the page may have moved."),
    405: Words("That does not work here", "This address does not take that kind of request."),
    410: Words("This page was removed", "It was taken down on purpose and will not come back at this address."),
    413: Words(
        "That is too much to send",
        "What was sent is larger than we can take, and was not read. Go back: your browser may still have it. Shorten it there.",
    ),
    429: Words("Too many requests", "Many requests came from your network in a short time. Wait a minute, then try again."),
    500: Words("Something went wrong on our side", "It has been noted. Please try again in a few minutes."),
    503: Words("The site is busy", "It cannot answer at this moment. Please try again in a minute."),
}
LINK_OVER = Words("This link no longer works", "It was used already, has expired, or led to something that is erased by now.")


class LinkOver(Gone):
    """A signed link of ours that has done its work: used, too old, or about something that is not there any more."""


def init_app(app: Flask) -> None:
    """Registers the handlers."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    for error in database.UNAVAILABLE:
        app.register_error_handler(error, unavailable)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    allow = error.valid_methods if isinstance(error, MethodNotAllowed) and error.valid_methods else []
    words = LINK_OVER if isinstance(error, LinkOver) else None
    return _page(error.code, {"Allow": ", ".join(allow)} if allow else {}, words)


def unavailable(error: Exception) -> ResponseReturnValue:
    """503: the database takes no write now, or does not answer at all."""
    log_without_words(error)
    return _page(503, {"Retry-After": str(RETRY_SECONDS)})


def busy(app: Flask) -> tuple[str, list[tuple[str, str]], bytes]:
    """The page for readers who come while too many wait, as (status, headers, body); asks nothing of the database."""
    with app.test_request_context():
        answer = app.process_response(app.make_response(_page(503, {"Retry-After": "2"})))
        return answer.status, list(answer.headers), answer.get_data()


def _unexpected(error: Exception) -> ResponseReturnValue:
    log_without_words(error)
    return _page(500, {})


def log_without_words(error: Exception) -> None:
    """Logs kind and place of an error; its text is left out, since a database error quotes what people typed.

    The place is our lines on the way and the last one, wherever it is; the kind holds the database driver's code.
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = [*filter(_is_ours, frames[:-1]), *frames[-1:]][-MAX_FRAMES:]
    driver = getattr(error, "orig", None)
    code = getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None)
    kind = f"{type(error).__name__} ({code})" if code else type(error).__name__
    current_app.logger.error("%s\n%s", kind, "".join(traceback.format_list(place)))


def _is_ours(frame: traceback.FrameSummary) -> bool:
    path, root = Path(frame.filename), Path(current_app.root_path)
    return path.is_relative_to(root) and not {".venv", "site-packages"} & set(path.relative_to(root).parts)


def _page(code: int, headers: dict[str, str], words: Words | None = None) -> ResponseReturnValue:
    words = words or WORDS.get(code, WORDS[500 if code >= 500 else 400])
    under_staff = request.path == "/staff" or request.path.startswith("/staff/")
    url, label = ("/staff/", "Back to the staff area") if under_staff else ("/", "Go to the home page")
    if code >= 500:
        # The facts in force and who is signed in are in the database, which may be what failed.
        g.setdefault("site", current_app.config["SITE"])
        g.me = None
    page = render_template(
        "errors/error.html", code=code, heading=words.heading, text=words.text, action_url=url, action_label=label
    )
    return page, code, headers
