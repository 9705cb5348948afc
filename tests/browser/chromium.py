"""Debian's Chromium under Playwright, and visitors who notice everything that a page does wrong."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urldefrag, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request, Response, sync_playwright

MISSING = "no Chromium here: apt-get install chromium-headless-shell"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`))"""
NOTE_SCRIPT = """for (const kind of ["load", "error"])
    document.addEventListener(kind, (event) => { if (event.target.tagName === "SCRIPT") window.scriptCame = true; }, true)"""
SETTLED = "() => window.scriptCame || !document.querySelector('script[data-src]')"
"""A page's script comes after its first frame, and nothing of the page waits for it."""
STATUS_NOTE = "Failed to load resource: the server responded with a status of "
"""What the console says of every answer from 400 on, also of a form that is shown again with its errors."""


def executable(*names: str) -> str | None:
    """Where Chromium is, if it is: the first of these, by default the one without windows, which takes a third less time."""
    found = (shutil.which(name, path=f"/usr/bin:{os.environ['PATH']}") for name in names or ("chromium-headless-shell", "chromium"))
    return next(filter(None, found), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser. The caller has made sure that there is one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser window of their own; `faults` collects what no page may do."""

    def __init__(self, browser: Browser, origin: str, **options: Any) -> None:
        self.origin = origin
        self.faults: list[str] = []
        self._forgiven = ""
        self.context: BrowserContext = browser.new_context(
            base_url=origin, **{"viewport": {"width": 1280, "height": 800}} | options
        )
        self.context.set_default_timeout(10_000)
        runs_scripts = options.get("java_script_enabled", True)
        if runs_scripts:
            self.context.add_init_script(f"{REPORT_VIOLATIONS};{NOTE_SCRIPT}")
        self._documents: set[str] = set()
        self._notes: list[tuple[str, str]] = []
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        self.context.on("dialog", self._on_dialog)
        self.context.on("request", self._on_request)
        self.context.on("response", self._on_response)
        self.context.on("requestfailed", self._on_failure)
        self.page: Page = self.context.new_page()
        if runs_scripts:
            self._wait_for_scripts()

    def _wait_for_scripts(self) -> None:
        """Whoever goes to another page finds its script at work, as people do who look before they type."""

        def settled(navigate: Callable[..., Any]) -> Callable[..., Any]:
            def then_settled(*args: Any, **kwargs: Any) -> Any:
                answer = navigate(*args, **kwargs)
                self.page.wait_for_function(SETTLED)
                return answer

            return then_settled

        expected = self.page.expect_navigation

        @contextmanager
        def expect_navigation() -> Iterator[None]:
            with expected():
                yield
            self.page.wait_for_function(SETTLED)

        for name in ("goto", "reload", "go_back"):
            setattr(self.page, name, settled(getattr(self.page, name)))
        setattr(self.page, "expect_navigation", expect_navigation)  # noqa: B010  # mypy: a method

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # Chromium names a document with its fragment here, and without it in the response.
        self._notes.append((urldefrag(message.location.get("url", "")).url, message.text))

    def _on_dialog(self, dialog: Dialog) -> None:
        # No script of ours opens one.
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.faults.append(f"request to another host: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self._documents.add(response.url)
        elif response.status >= 400:
            self.faults.append(f"{response.status} for {response.url}")
        if response.status >= 500:
            self.faults.append(f"{response.status} for {response.url}")

    def _on_failure(self, request: Request) -> None:
        # A page that is left while a file is on its way gives that file up.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.failure} for {request.url}")

    def all_faults(self) -> list[str]:
        """What went wrong until now; a page that itself answers 4xx, such as a form with errors, is no fault."""
        notes = [text for url, text in self._notes if not (text.startswith(STATUS_NOTE) and url in self._documents)]
        return [fault for fault in (*self.faults, *notes) if not self._forgiven or self._forgiven not in fault]

    def forget_failures(self) -> None:
        """The test took the network away itself: that requests failed is no fault, whenever the browser comes to say so."""
        self._forgiven = "net::ERR_"

    def go(self, path: str) -> Page:
        """Opens a page of the site."""
        self.page.goto(path)
        return self.page

    def click(self, name: str) -> None:
        """Presses a button or follows a link, and waits for the page it leads to."""
        target = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        with self.page.expect_navigation():
            target.first.click()

    def fill(self, **values: str) -> None:
        """Types into fields, by their names."""
        for name, value in values.items():
            self.page.locator(f'[name="{name}"]').fill(value)

    def heading(self) -> str:
        """What the page calls itself."""
        return self.page.locator("h1").inner_text()
