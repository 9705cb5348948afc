"""Figures of documents: our own drawings as SVG files, checked when they are read, put whole into the page.

A drawing inside the page takes the page's colours, so light, dark, print and forced colours need no second one. What it says is
said for screen readers in its title and description (SVG Accessibility API Mappings: role img, named by both).
"""

import re
import xml.etree.ElementTree as ET  # for our own files only  # nosec
from pathlib import Path

from markupsafe import Markup

from domain.front_matter import InvalidDocument

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = {"svg", "title", "desc", "g", "path", "line", "rect", "circle", "ellipse", "text", "tspan"}
_ATTRIBUTES = {
    "id", "role", "aria-labelledby", "viewBox", "width", "height", "d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy",
    "r", "rx", "ry", "fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "opacity", "transform",
    "font-size", "font-weight", "text-anchor",
}  # fmt: skip
_PAINT = re.compile(r"none|currentColor|var\(--color-[a-z-]+\)")
_NUMBER = re.compile(r"\d+")
SMALLEST_TEXT = 12
"""In units of the drawing, which is shown no smaller than one CSS pixel a unit on a screen of 320."""
WIDEST = 248
"""So much room has a figure on a screen of 320 CSS pixels."""


def read(folder: Path, name: str) -> Markup:
    """The drawing NAME.svg of a folder as an element for a page. Raises InvalidDocument naming the file and what is expected."""
    path = folder / f"{name}.svg"
    try:
        source = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidDocument(path, "figure", "a drawing that can be read, as SVG in UTF-8") from error
    if "<!" in source or "<?" in source:
        raise InvalidDocument(path, "figure", "elements only: no comment, document type or processing instruction")
    try:
        root = ET.fromstring(source)  # our own file, without a document type  # nosec
    except ET.ParseError as error:
        raise InvalidDocument(path, "figure", f"well-formed XML (line {error.position[0]})") from error
    _check_root(path, name, root)
    for element in root.iter():
        _check_element(path, element)
    # Our own file, in which only what is listed above was found.
    return Markup(re.sub(r">\s+<", "><", source))  # nosec


def _check_root(path: Path, name: str, root: ET.Element) -> None:
    box = root.get("viewBox", "").split()
    if root.tag != f"{_SVG}svg" or box != ["0", "0", root.get("width"), root.get("height")] or not all(map(_NUMBER.fullmatch, box)):
        raise InvalidDocument(path, "svg", 'viewBox="0 0 W H" with width="W" and height="H", whole numbers')
    if int(box[2]) > WIDEST:
        raise InvalidDocument(path, "svg", f"a drawing that is at most {WIDEST} wide, which a small screen has room for")
    parts = {part: root.find(f"{_SVG}{part}") for part in ("title", "desc")}
    for part, element in parts.items():
        if element is None or not (element.text or "").strip() or element.get("id") != f"figure-{name}-{part}":
            raise InvalidDocument(path, part, f'a text, with id="figure-{name}-{part}"')
    if root.get("role") != "img" or root.get("aria-labelledby") != f"figure-{name}-title figure-{name}-desc":
        raise InvalidDocument(path, "svg", f'role="img" and aria-labelledby="figure-{name}-title figure-{name}-desc"')


def _check_element(path: Path, element: ET.Element) -> None:
    tag = element.tag.removeprefix(_SVG)
    if tag not in _ELEMENTS:
        raise InvalidDocument(path, tag, f"one of the elements {', '.join(sorted(_ELEMENTS))}")
    for key, value in element.attrib.items():
        if key not in _ATTRIBUTES or (key == "id" and tag not in {"title", "desc"}):
            raise InvalidDocument(path, tag, f"no attribute {key}")
        if key in {"fill", "stroke"} and not _PAINT.fullmatch(value):
            raise InvalidDocument(path, tag, f"{key} of none, currentColor or var(--color-...), so that it follows light and dark")
        if key == "font-size" and not (_NUMBER.fullmatch(value) and int(value) >= SMALLEST_TEXT):
            raise InvalidDocument(path, tag, f"a font-size of {SMALLEST_TEXT} or more")
