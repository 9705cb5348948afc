"""Article Markdown as sanitised HTML: citations, boxes, figures, anchored headings, tables that scroll on small screens."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup
from mdit_py_plugins.container import container_plugin

BOXES = {"urgent": "urgent", "note": "note", "request": "request-card"}
FIGURE = "figure"
"""Opens a figure: behind it the names of its drawings, inside it the caption."""
HEADINGS = {"h2", "h3", "h4"}
PAGE_IDS = {
    "main", "summary-title", "references", "about-this-page", "replies", "respond", "remember-me", "request-card-title",
    "name", "email", "body", "website", "url2", "parent_id",
}  # fmt: skip
"""Ids that the article's page has for its own parts and fields."""
_PAGE_ID = re.compile(r"(?:ref|cite|comment|figure)-.*|(?:name|email|body|website)-(?:hint|error)|notify-\d+")
_CITATION = re.compile(r"\[@(R\d+(?:\s*,\s*R\d+)*)\]")
_ANCHOR = re.compile(r"\s*\{#([a-z][a-z0-9-]*)\}$")
_COLONS = re.compile(r"\s*::")
_END_OF_BOX = re.compile(r"[\s>]*:{3,}\s*")
_DRAWINGS = re.compile(r'<div class="drawings">([a-z0-9 -]+)</div>\n')
_NAMES = re.compile(r"figure( [a-z0-9]+(?:-[a-z0-9]+)*)+")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")

_TAGS = {
    *HEADINGS, "p", "ul", "ol", "li", "strong", "em", "a", "sup", "sub", "br", "hr", "blockquote", "code",
    "div", "aside", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"id", "class", "aria-label"},
    "a": {"href"},
    "div": {"role", "tabindex"},
    "aside": {"aria-labelledby"},
    "th": {"scope"},
    "ol": {"start"},
}


class InvalidBody(Exception):
    """Markdown that would not come out as it was meant; says what is expected."""


@dataclass
class Citations:
    """Reference ids in the order of their first citation, and how often each is cited."""

    known: frozenset[str]
    order: list[str] = field(default_factory=list)
    uses: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def cite(self, reference: str) -> tuple[int, int]:
        """The number of a reference and the count of this use of it."""
        if reference not in self.known and reference not in self.unknown:
            self.unknown.append(reference)
        if reference not in self.order:
            self.order.append(reference)
        self.uses[reference] = self.uses.get(reference, 0) + 1
        return self.order.index(reference) + 1, self.uses[reference]


@dataclass(frozen=True)
class Rendered:
    """HTML of a body or a line, its second-level headings as (anchor, text), and its number of words.

    `without_drawings` is the same HTML with the captions of its figures alone, for those who cannot show them.
    """

    html: Markup
    without_drawings: Markup
    toc: list[tuple[str, str]]
    words: int


def no_drawing(name: str) -> Markup:
    """Where there are no drawings. Raises InvalidBody."""
    raise InvalidBody(f"no figure here, such as {name}")


def render(source: str, citations: Citations, drawing: Callable[[str], Markup] = no_drawing) -> Rendered:
    """Body Markdown as HTML; `citations` collects what is cited, in order, over several calls. Raises InvalidBody.

    `drawing` gives the element for the name of a drawing.
    """
    parser, env = _parser(), {"citations": citations}
    tokens = parser.parse(source, env)
    _check_boxes(tokens, source.split("\n"))
    drawings = {name: drawing(name) for name in _drawing_names(tokens)}
    toc = _anchor_headings(tokens)
    return _rendered(parser, tokens, env, toc, drawings)


def render_line(source: str, citations: Citations) -> Rendered:
    """One line of inline Markdown as HTML."""
    parser, env = _parser(), {"citations": citations}
    return _rendered(parser, parser.parseInline(source, env), env, [])


def tokens(source: str) -> list[Token]:
    """The parts of a body, each block with its lines, for those who check it; nothing is refused."""
    return _parser().parse(source, {})


def slugify(text: str) -> str:
    """Words of a heading as an anchor: lower case, ASCII, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower())) or "section"


def _rendered(
    parser: MarkdownIt,
    tokens: list[Token],
    env: dict[str, Citations],
    toc: list[tuple[str, str]],
    drawings: Mapping[str, Markup] | None = None,
) -> Rendered:
    words = sum(len(_WORD.findall(child.content)) for t in tokens for child in t.children or () if child.type == "text")
    html = _sanitise(parser.renderer.render(tokens, parser.options, env))

    def drawn(match: re.Match[str]) -> str:
        return f'<div class="drawings">{"".join((drawings or {})[name] for name in match.group(1).split())}</div>\n'

    # Drawings have been checked by rules of their own, which the sanitiser's know nothing of.
    return Rendered(Markup(_DRAWINGS.sub(drawn, html)), Markup(_DRAWINGS.sub("", html)), toc, words)  # nosec


def _drawing_names(tokens: list[Token]) -> list[str]:
    """The names of all drawings; each may stand once, since its ids do."""
    names: list[str] = []
    for opening, first in pairwise(tokens):
        if opening.type != f"container_{FIGURE}_open":
            continue
        if not _NAMES.fullmatch(opening.info.strip()) or first.type != "paragraph_open":
            raise InvalidBody(f"::: {FIGURE} with the name of a drawing, then its caption")
        names += opening.info.split()[1:]
    if len(set(names)) < len(names):
        raise InvalidBody("each drawing once")
    return names


def _check_boxes(tokens: list[Token], lines: list[str]) -> None:
    # The plugin takes an unknown box for text and closes an open one where its parent ends: neither may go unseen.
    stray = any(_COLONS.match(line) for t in tokens if t.type in {"inline", "code_block"} for line in t.content.split("\n"))
    ends = [t.map[1] for t in tokens if t.type.startswith("container_") and t.nesting > 0 and t.map]
    closed = len(set(ends)) == len(ends) and all(_END_OF_BOX.fullmatch("".join(lines[end : end + 1])) for end in ends)
    if stray or not closed:
        raise InvalidBody(f"boxes named {', '.join(BOXES)} or {FIGURE}, each closed by :::")


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
    for name in BOXES:
        parser.use(container_plugin, name, render=_render_box)
    parser.use(container_plugin, FIGURE, render=_render_figure)
    parser.inline.ruler.before("link", "citation", _citation)
    parser.add_render_rule("citation", _render_citation)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.add_render_rule("th_open", _th_open)
    return parser


def _citation(state: StateInline, silent: bool) -> bool:
    match = _CITATION.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.meta = {"references": [part.strip() for part in match.group(1).split(",")]}
    state.pos = match.end()
    return True


def _render_citation(self: RendererHTML, tokens: list[Token], index: int, options: object, env: Mapping[str, Citations]) -> str:
    marks = []
    for reference in tokens[index].meta["references"]:
        number, use = env["citations"].cite(reference)
        marks.append(f'<a id="cite-{number}-{use}" href="#ref-{number}" aria-label="Reference {number}">{number}</a>')
    return f'<sup class="cite">{" ".join(marks)}</sup>'


def _render_box(self: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    if tokens[index].nesting < 0:
        return "</aside>\n"
    return f'<aside class="{BOXES[tokens[index].info.split()[0]]}">\n'


def _render_figure(self: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    if tokens[index].nesting < 0:
        return "</figcaption></figure>\n"
    names = " ".join(tokens[index].info.split()[1:])
    return f'<figure class="figure"><div class="drawings">{names}</div>\n<figcaption>\n'


def _table_open(self: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    label = escape(_caption_before(tokens, index))
    return f'<div class="table-wrap" role="region" tabindex="0" aria-label="{label}"><table>\n'


def _caption_before(tokens: list[Token], index: int) -> str:
    before = tokens[index - 2] if index >= 2 and tokens[index - 1].type == "paragraph_close" else None
    words = [child.content for child in (before.children or ()) if child.type == "text"] if before else []
    return "".join(words).strip() or "Table"


def _table_close(self: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    return "</table></div>\n"


def _th_open(self: RendererHTML, tokens: list[Token], index: int, options: object, env: object) -> str:
    return '<th scope="col">'


def _anchor_headings(tokens: list[Token]) -> list[tuple[str, str]]:
    toc, taken = [], set()
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        if opening.tag not in HEADINGS:
            raise InvalidBody("headings of two to four #; the title is the only first heading of the page")
        anchor = _take_anchor(inline)
        if _is_of_the_page(anchor):
            raise InvalidBody(f"another anchor than {{#{anchor}}}, which the page uses itself")
        text = "".join(child.content for child in inline.children or () if child.type in {"text", "code_inline"}).strip()
        anchor = anchor or _own_anchor(text)
        while anchor in taken:
            anchor += "-2"
        taken.add(anchor)
        opening.attrSet("id", anchor)
        if opening.tag == "h2":
            toc.append((anchor, text))
    return toc


def _own_anchor(text: str) -> str:
    anchor = slugify(text)
    return f"section-{anchor}" if _is_of_the_page(anchor) else anchor


def _is_of_the_page(anchor: str) -> bool:
    return anchor in PAGE_IDS or _PAGE_ID.fullmatch(anchor) is not None


def _take_anchor(inline: Token) -> str:
    last = inline.children[-1] if inline.children else None
    match = _ANCHOR.search(last.content) if last is not None and last.type == "text" else None
    if last is None or match is None:
        return ""
    last.content = last.content[: match.start()]
    return match.group(1)


def _sanitise(html: str) -> Markup:
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto", "tel"}, link_rel=None)
    return Markup(clean)  # nh3 has just cleaned it  # nosec
