"""`python -m tests.browser.screenshots OUT [--all]`: pictures of the site as it is, of the eight key pages or of all."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.chromium import Visitor
from tests.browser.seed import seed
from tests.browser.test_accessibility import self_check
from tests.browser.test_mirrored import PAGES, mirror
from tests.browser.test_pages import PUBLIC, STAFF, ask_for_mail, readers_comment_published, sign_in
from tests.browser.test_walk import ARTICLE
from tests.faults.running import Site

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
MORE = (
    "/blog/keeping-a-headache-diary",
    "/blog/preparing-for-a-chronic-migraine-consultation",
    "/treatments/botulinum-toxin-for-facial-lines",
)
"""Pages like others of `PUBLIC`: to be looked at, not tested again."""
SIZES = ({"width": 320, "height": 640}, PHONE, {"width": 768, "height": 1024}, DESKTOP, {"width": 1920, "height": 1080})


def take_eight(browser: Browser, site: Site, out: Path) -> None:
    """The eight key pages, on a phone in the light and on a desk in the dark, as far as the window shows them."""
    for size, scheme, name in ((PHONE, "light", "phone-light"), (DESKTOP, "dark", "desktop-dark")):
        visitor = Visitor(browser, site.url, viewport=size, color_scheme=scheme)
        page = visitor.page
        for key, steps in KEY_PAGES.items():
            steps(visitor)
            page.wait_for_load_state("networkidle")
            path = out / f"{key}-{name}.png"
            page.screenshot(path=path)
            shrink(path)


def shrink(path: Path) -> None:
    """Leaves 256 colours, which is enough for a page of so few; the file is a third of what it was."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def read_comments(visitor: Visitor) -> None:
    """The thread under the article."""
    visitor.go(ARTICLE).locator("#replies").evaluate("(e) => e.scrollIntoView()")


def ask_the_self_check(visitor: Visitor) -> None:
    """Somebody whose answers meet the criteria."""
    next(islice(self_check(visitor), 1, None))


KEY_PAGES: dict[str, Callable[[Visitor], object]] = {
    "home": lambda visitor: visitor.go("/"),
    "article": lambda visitor: visitor.go(ARTICLE),
    "comments": read_comments,
    "consultation": lambda visitor: visitor.go("/consultation"),
    "self-check": ask_the_self_check,
    "dashboard": sign_in,
    "queue": lambda visitor: visitor.go("/staff/comments"),
    "request": lambda visitor: visitor.go("/staff/requests/1"),
}


def take_all(browser: Browser, site: Site, out: Path) -> None:
    """Every page at five widths, light and dark, as long as it is; public ones mirrored too."""
    for size in SIZES:
        for scheme in ("light", "dark"):
            visitor = Visitor(browser, site.url, viewport=size, color_scheme=scheme)
            visitor.context.set_default_timeout(60_000)  # a picture of a whole article takes its time
            shots = Shots(visitor, site, out, f"{size['width']}-{scheme}")
            for path in (*PUBLIC, *MORE, "/staff/login"):
                shots.take(path)
            shots.take_forms()
            sign_in(visitor)
            for path in STAFF:
                shots.take(path)
            shots.take_unfolded("/staff/comments")
    take_mirrored(browser, site, out)


def take_mirrored(browser: Browser, site: Site, out: Path) -> None:
    """Every public page as if its language were written from the right."""
    for size in (PHONE, DESKTOP):
        visitor = Visitor(browser, site.url, viewport=size)
        visitor.context.set_default_timeout(60_000)
        visitor.context.route(PAGES, mirror)
        shots = Shots(visitor, site, out, f"{size['width']}-mirrored")
        for path in PUBLIC:
            shots.take(path)


class Shots:
    """Full-page pictures of one window."""

    def __init__(self, visitor: Visitor, site: Site, out: Path, suffix: str) -> None:
        self.visitor, self.site, self.out, self.suffix = visitor, site, out, suffix

    def take(self, path: str) -> None:
        """Opens a page and takes it."""
        self.visitor.go(path)
        self.keep(path.strip("/").replace("/", "-").replace("?", "-").replace("=", "-") or "home")

    def keep(self, name: str) -> None:
        """Takes what the window shows now."""
        self.visitor.page.screenshot(path=self.out / f"{name}-{self.suffix}.png", full_page=True)

    def take_unfolded(self, path: str) -> None:
        """A page with all that it folds away."""
        self.visitor.go(path)
        self.visitor.page.evaluate("for (const box of document.querySelectorAll('main details')) box.open = true")
        self.keep(f"{path.strip('/').replace('/', '-')}-unfolded")

    def take_forms(self) -> None:
        """The pages that only a form leads to."""
        visitor = self.visitor
        visitor.go("/consultation")
        visitor.click("Send my request")
        self.keep("consultation-errors")
        visitor.fill(name="Bilal Khan", phone="0300-7654321", message=f"Seen at {self.suffix}.")
        visitor.page.get_by_label("WhatsApp", exact=True).check()
        visitor.page.locator('[name="consent"]').check()
        visitor.click("Send my request")
        self.keep("consultation-received")
        visitor.go(ARTICLE)
        visitor.click("Post comment")
        self.keep("comment-errors")
        address = f"sana-{self.suffix}@example.com"
        visitor.fill(body=f"I looked at this page at {self.suffix}.", name="Sana Ahmed", email=address)
        visitor.click("Post comment")
        self.keep("comment-held")
        path = ask_for_mail(visitor, self.site, address)
        visitor.page.locator(".own-mail > summary").click()
        self.keep("comment-mail")
        self.take_mail(path, address)
        for name, _ in zip(("errors", "result", "urgent"), self_check(visitor), strict=True):
            self.keep(f"self-check-{name}")

    def take_mail(self, path: str, address: str) -> None:
        """The page that mail to readers leads to, in its three states."""
        self.visitor.go(path)
        self.keep("mail-unconfirmed")
        self.visitor.click("Yes, send me replies")
        with readers_comment_published(self.site, address):
            self.visitor.page.reload()
            self.keep("mail-confirmed")
        self.visitor.click("Stop all mail about comments")
        self.keep("mail-stopped")


def main(arguments: list[str]) -> None:
    """Starts a server with a filled database, takes the pictures, and ends it."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    parser.add_argument("--all", action="store_true", help="every page at 320 to 1920 px, light and dark, full length")
    chosen = parser.parse_args(arguments)
    if chromium.executable() is None:
        sys.exit(chromium.MISSING)
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "instance")
        seed(site)
        site.start()
        try:
            with chromium.launched() as browser:
                (take_all if chosen.all else take_eight)(browser, site, chosen.out)
        finally:
            site.kill_all()
    sys.stdout.write(f"{len(list(chosen.out.glob('*.png')))} pictures in {chosen.out}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
