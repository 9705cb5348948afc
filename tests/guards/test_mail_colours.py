"""Mail in the dark: each colour that a mail names has its counterpart of the dark theme."""

import re

from tests.domain.data import ROOT

MAIL = ROOT / "templates" / "emails"
NAMED = re.compile(r"(?<![-\w])(background-color|color):(#[0-9a-f]{6})")


def test_every_colour_of_a_mail_has_one_for_the_dark() -> None:
    layout = (MAIL / "layout.html").read_text()
    for path in MAIL.rglob("*.html"):
        body = re.sub(r"<style>.*?</style>", "", path.read_text(), flags=re.DOTALL)
        for name, value in NAMED.findall(body):
            selector = f'[style*="background-color:{value}"]' if name == "background-color" else f'[style^="color:{value}"]'
            assert selector in layout, f"{path.relative_to(MAIL)}: {name}:{value}"
