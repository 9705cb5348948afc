"""`python -m tests.browser.share_picture`: draws static/img/share.png, which goes with a link to the site, from the sign.

It holds no words, so that it stays true whatever site.toml says.
"""

import re
import sys
from pathlib import Path

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "static" / "img" / "share.png"
SIZE = {"width": 1200, "height": 630}


def page() -> str:
    """The settling line of the pages, in their colours, on a ground of their paper."""
    line = (ROOT / "templates" / "components" / "sign.html").read_text().split("macro settling_line")[1]
    path = re.findall(r'd="([^"]+)"', line)[0]
    tokens = dict(re.findall(r"--color-(\w+): (#\w+);", (ROOT / "static" / "css" / "tokens.css").read_text().split("@media")[0]))
    return (
        f'<body style="margin:0;background:{tokens["paper"]}"><svg width="1200" height="630" viewBox="0 0 1200 630" fill="none">'
        f'<g transform="translate(96 178) scale(1.22 2.45)"><path d="{path}" stroke="{tokens["accent"]}" stroke-width="9" '
        'stroke-linecap="round" stroke-linejoin="round" vector-effect="non-scaling-stroke"/></g></svg>'
    )


def main() -> None:
    """Writes the file anew."""
    if chromium.executable() is None:
        sys.exit(chromium.MISSING)
    with chromium.launched() as browser:
        tab = browser.new_page(viewport=SIZE)
        tab.set_content(page())
        tab.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
