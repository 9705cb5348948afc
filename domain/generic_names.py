"""A text without the brand name of the medicine, should the advertising rules ask for it (docs/go-live.md, section 3).

Front matter holds what differs, beside the text it belongs to:

    generic:
      slug: botulinum-toxin-for-chronic-migraine
      title: ...          # as are seo_title and description; excerpt where it names the brand
      replace:            # words of summary and body, each with what stands there instead, perhaps nothing
        "OnabotulinumtoxinA (brand name Botox)": "OnabotulinumtoxinA"

Whichever slug is not in force leads to the other one.
"""

import re
from collections.abc import Mapping
from typing import Any

from domain.front_matter import FrontMatter

REQUIRED = frozenset({"slug", "title", "seo_title", "description"})
OPTIONAL = frozenset({"excerpt", "replace"})


def clinical(front: Mapping[str, Any]) -> dict[str, Any] | None:
    """What of the generic text a reviewer answers for; None where there is none."""
    generic = front.get("generic")
    return {key: generic.get(key) for key in ("title", "replace")} if isinstance(generic, Mapping) else None


def choose(fields: FrontMatter, body: str, in_force: bool) -> tuple[FrontMatter, str]:
    """The front matter and body to show: with the brand name, or the generic ones `in_force`. Raises InvalidDocument."""
    generic = _checked(fields)
    if generic is None:
        return fields, body
    branded, other = fields.slug("slug"), generic.slug("slug")
    old = [*fields.slugs("old_slugs"), branded if in_force else other]
    if not in_force:
        return FrontMatter(fields.path, {**fields.data, "old_slugs": old}), body
    pairs = fields.data["generic"].get("replace", {})
    summary = [_replaced(line, pairs) for line in fields.lines("summary")]
    data = {**fields.data, **generic.data, "old_slugs": old, "summary": summary}
    # Links of the text to itself, such as that to the request form, name it by the slug in force.
    text = re.sub(rf"(?<=[=/]){re.escape(branded)}(?![a-z0-9-])", other, _replaced(body, pairs))
    return FrontMatter(fields.path, data), text


def _checked(fields: FrontMatter) -> FrontMatter | None:
    given = fields.data.get("generic")
    if given is None:
        return None
    if not isinstance(given, Mapping) or not REQUIRED <= given.keys() <= REQUIRED | OPTIONAL:
        raise fields.wrong("generic", f"a mapping with {', '.join(sorted(REQUIRED))}, perhaps {', '.join(sorted(OPTIONAL))}")
    pairs = given.get("replace", {})
    if not isinstance(pairs, Mapping) or not all(isinstance(text, str) for pair in pairs.items() for text in pair):
        raise fields.wrong("generic.replace", "a mapping of texts to texts")
    generic = FrontMatter(fields.path, {key: value for key, value in given.items() if key != "replace"}, "generic.")
    if generic.slug("slug") == fields.slug("slug"):
        raise fields.wrong("generic.slug", "another slug than that of the text with the brand name")
    return generic


def _replaced(text: str, pairs: Mapping[str, str]) -> str:
    for words, instead in pairs.items():
        text = text.replace(words, instead)
    return text
