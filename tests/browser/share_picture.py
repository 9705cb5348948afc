"""`python -m tests.browser.share_picture`: draws what static/img/ holds besides the sign itself, from the sign.

share.png goes with a link to a page that has no picture of its own; it holds no words, so that it stays true whatever
site.toml says. The icons are favicon.svg for those who take no SVG.
"""

import re
import struct
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "static" / "img"
SIZE = {"width": 1200, "height": 630}
ICONS = {"icon-192.png": 192, "icon-512.png": 512, "apple-touch-icon.png": 180}
SMALL = 32


def tokens() -> dict[str, str]:
    """The colours of the light theme by role."""
    return dict(re.findall(r"--color-(\w+): (#\w+);", (ROOT / "static" / "css" / "tokens.css").read_text().split("@media")[0]))


def page() -> str:
    """The settling line of the pages, in their colours, on a ground of their paper."""
    line = (ROOT / "templates" / "components" / "sign.html").read_text().split("macro settling_line")[1]
    path = re.findall(r'd="([^"]+)"', line)[0]
    return (
        f'<body style="margin:0;background:{tokens()["paper"]}"><svg width="1200" height="630" viewBox="0 0 1200 630" fill="none">'
        f'<g transform="translate(96 178) scale(1.22 2.45)"><path d="{path}" stroke="{tokens()["accent"]}" stroke-width="9" '
        'stroke-linecap="round" stroke-linejoin="round" vector-effect="non-scaling-stroke"/></g></svg>'
    )


def icon(size: int, square: bool) -> str:
    """The favicon at a size; square to the edge where the device cuts the corners itself."""
    svg = (IMAGES / "favicon.svg").read_text().replace("<svg ", f'<svg width="{size}" height="{size}" style="display:block" ')
    return f'<body style="margin:0">{svg.replace(" rx=" + chr(34) + "8" + chr(34), "") if square else svg}'


def ico(png: bytes) -> bytes:
    """A PNG of SMALL px as an .ico file: the head, one entry, the picture."""
    return struct.pack("<3H4B2H2I", 0, 1, 1, SMALL, SMALL, 0, 0, 1, 32, len(png), 22) + png


def shot(browser: Browser, html: str, width: int, height: int) -> bytes:
    """A page as a PNG; what is not drawn on stays clear."""
    tab = browser.new_page(viewport={"width": width, "height": height})
    tab.set_content(html)
    return tab.screenshot(omit_background=True)


def main() -> None:
    """Writes the files anew."""
    if chromium.executable() is None:
        sys.exit(chromium.MISSING)
    with chromium.launched() as browser:
        (IMAGES / "share.png").write_bytes(shot(browser, page(), SIZE["width"], SIZE["height"]))
        for name, size in ICONS.items():
            (IMAGES / name).write_bytes(shot(browser, icon(size, square=True), size, size))
        (IMAGES / "favicon.ico").write_bytes(ico(shot(browser, icon(SMALL, square=False), SMALL, SMALL)))


if __name__ == "__main__":
    main()
