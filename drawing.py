"""Draws the pictures that go with links to documents: `python drawing.py FOLDER`, with the list of them as JSON on standard input.

A program of its own, which the dispatcher runs while the site does and only when a picture is missing: the library that draws
would cost each web process memory for as long as it lives, and nobody waits for a drawing.
"""

import io
import json
import math
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from domain.pictures import DRAWN, NAME, Picture, missing
from storage import files

ROOT = Path(__file__).resolve().parent
FONT = ROOT / "fonts" / "source-serif-4-latin-600.woff2"
MARGIN = 96
STROKE = 9
FINER = 2
"""The line is drawn so much larger and then made smaller, which smooths its edges."""
TITLE_SIZES = range(80, 24, -4)
LEADING = 1.18
SIGNATURE_SIZE = 34
COLOURS = 32
"""Enough for two tones and the edges between them; a fifth of the bytes."""
AT_ONCE = 80
"""Pictures that one process draws, so that pages can name the first of many after some seconds."""
KEEP_SECONDS = 90 * 24 * 3600
"""How long a picture stays that no document has any more: what was shared then is still being looked at."""
Point = tuple[float, float]


def draw(picture: Picture, colours: dict[str, str]) -> bytes:
    """A picture as PNG: the settling line above the title, the clinic below, on the paper of the pages."""
    image = Image.new("RGB", (picture.width, picture.height), colours["paper"])
    line = _line(picture, colours)
    image.paste(line)
    pen = ImageDraw.Draw(image)
    top, bottom = line.height, picture.height - MARGIN - 1.6 * SIGNATURE_SIZE
    font, lines = _fitted(picture.title, picture.width - 2 * MARGIN, bottom - top)
    step = font.size * LEADING
    above = top + max(0, (bottom - top - step * len(lines)) / 3)
    for number, text in enumerate(lines):
        pen.text((MARGIN, above + number * step), text, font=font, fill=colours["ink"])
    signature = ImageFont.truetype(FONT, SIGNATURE_SIZE)
    pen.text((MARGIN, picture.height - MARGIN * 0.8), picture.signature, font=signature, fill=colours["accent-strong"], anchor="ls")
    file = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _line(picture: Picture, colours: dict[str, str]) -> Image.Image:
    """The upper part: from the margin to beyond the far edge, since the line goes on."""
    height = picture.height * 0.2
    size = (picture.width, round(height + 1.2 * MARGIN))
    strip = Image.new("RGB", (size[0] * FINER, size[1] * FINER), colours["paper"])
    across, down = (picture.width - MARGIN) / 1000 * FINER, height / 112 * FINER
    points = [(MARGIN * FINER + x * across, MARGIN * 0.7 * FINER + y * down) for x, y in settling_line()]
    pen = ImageDraw.Draw(strip)
    pen.line(points, fill=colours["accent"], width=STROKE * FINER, joint="curve")
    x, y = points[0]
    radius = STROKE * FINER / 2
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colours["accent"])
    return strip.resize(size, Image.Resampling.LANCZOS)


def settling_line() -> list[Point]:
    """The sign's line as points, from the template that shows it on the pages."""
    markup = (ROOT / "templates" / "components" / "sign.html").read_text(encoding="utf-8").split("macro settling_line")[1]
    [path] = re.findall(r' d="([^"]+)"', markup)[:1]
    return list(_points(path))


def _points(path: str) -> Iterator[Point]:
    """An SVG path of M, C and S, with plain points after M, as points close to each other."""
    here = control = (0.0, 0.0)
    for command, text in re.findall(r"([MCS])([^MCS]*)", path):
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]
        given = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            yield from given
            here = control = given[-1]
            continue
        width = 3 if command == "C" else 2
        for start in range(0, len(given), width):
            *controls, end = given[start : start + width]
            first = controls[0] if command == "C" else (2 * here[0] - control[0], 2 * here[1] - control[1])
            for step in range(1, 25):
                yield _bezier(here, first, controls[-1], end, step / 24)
            here, control = end, controls[-1]


def _bezier(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    parts = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return (
        sum(part * point[0] for part, point in zip(parts, (a, b, c, d), strict=True)),
        sum(part * point[1] for part, point in zip(parts, (a, b, c, d), strict=True)),
    )


def _fitted(text: str, width: float, height: float) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest letters in which a text fits, with its lines; one that fits in none ends with an ellipsis."""
    for size in TITLE_SIZES:
        font = ImageFont.truetype(FONT, size)
        lines = wrap(text, font, width)
        if len(lines) * size * LEADING <= height and all(font.getlength(line) <= width for line in lines):
            return font, _balanced(text, font, width, len(lines))
    room = max(1, math.floor(height / (font.size * LEADING)))
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{lines[room - 1]} …"]
    return font, [_cut(line, font, width) for line in lines]


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Lines of whole words; a word that is wider than a line has one of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _balanced(text: str, font: ImageFont.FreeTypeFont, width: float, count: int) -> list[str]:
    """The same number of lines, about equally long."""
    narrower = [wrap(text, font, part / 20 * width) for part in range(8, 21)]
    return next(lines for lines in narrower if len(lines) == count)


def _cut(line: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    while font.getlength(line) > width:
        line = f"{line.removesuffix('…')[:-1].rstrip()}…"
    return line


def palette() -> dict[str, str]:
    """The colours of the light theme by role."""
    css = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8").split("@media")[0]
    return dict(re.findall(r"--color-([a-z-]+): (#\w+);", css))


def tidy(folder: Path, kept: set[str]) -> None:
    """Removes pictures that no document has had for KEEP_SECONDS."""
    for file in folder.glob("*.png"):
        if NAME.fullmatch(file.name) and file.name not in kept and time.time() - file.stat().st_mtime > KEEP_SECONDS:
            file.unlink(missing_ok=True)


def main(folder: Path, pictures: list[Picture]) -> None:
    """Draws AT_ONCE of what is not there yet, and ends early with the process that began it.

    Raises OSError where the folder takes nothing.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    colours, parent = palette(), os.getppid()
    for picture in missing(folder, pictures)[:AT_ONCE]:
        if os.getppid() != parent:
            return
        files.replace(folder / picture.name, draw(picture, colours))
    files.replace(folder / DRAWN, b"")
    tidy(folder, {picture.name for picture in pictures})


if __name__ == "__main__":
    os.nice(10)
    main(Path(sys.argv[1]), [Picture(*row) for row in json.load(sys.stdin)])
