"""What is added to the text of a document when it is shown."""

import pytest
from markupsafe import Markup

from domain.document_text import closing_urgent

LINE = Markup("<p>Call 1122.</p>")


@pytest.mark.parametrize(
    ("source", "shown", "why"),
    [
        (
            '<aside class="urgent">\n<p>Go.</p>\n</aside>',
            '<aside class="urgent">\n<p>Go.</p>\n<p>Call 1122.</p>\n</aside>',
            "at its end",
        ),
        ('<aside class="note">\n<p>Go.</p>\n</aside>', '<aside class="note">\n<p>Go.</p>\n</aside>', "another box"),
        (
            '<aside class="urgent"><p>Go.</p><aside class="note"></aside></aside><aside class="note"></aside>',
            '<aside class="urgent"><p>Go.</p><aside class="note"></aside><p>Call 1122.</p>\n</aside><aside class="note"></aside>',
            "one around another",
        ),
        ("<p>&lt;/aside&gt; urgent</p>", "<p>&lt;/aside&gt; urgent</p>", "no box at all"),
    ],
)
def test_only_urgent_boxes_end_with_the_line(source: str, shown: str, why: str) -> None:
    assert closing_urgent(Markup(source), LINE) == shown, why


def test_without_a_line_a_text_stays_as_it_is() -> None:
    text = Markup('<aside class="urgent">\n<p>Go.</p>\n</aside>')
    assert closing_urgent(text, Markup("")) is text
