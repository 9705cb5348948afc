"""Hostile text: our own strings, and the public lists where they are at hand beside the project."""

import json
from pathlib import Path

OWN = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    'javascript:alert(1) http://a.example/"onmouseover=alert(1)//',
    "https://a.example/<script>",
    "\u202egnp.exe \u0000 \ufeff \u200b",
    "👩\u200d⚕️🙂",
    "a" + "\u0301" * 1500,
    "' OR 1=1; DROP TABLE comment; --",
    "\r\nBcc: everyone@example.com",
    "Z̸̡̛a̶l̴g̵o̷" * 50,
    "👩‍👩‍👧‍👦" * 50,
    "%s%n%p ${jndi:ldap://x} `id` ../../etc/passwd",
]
_LISTS = Path(__file__).parents[2] / "shared" / "data" / "hostile"


def public_lists() -> list[str]:
    """Every string of the lists; none where they are not beside the project."""
    if not _LISTS.exists():
        return []
    naughty: list[str] = json.loads((_LISTS / "blns.json").read_text())
    for name in ("xss-polyglot-fuzzdb.txt", "xss-rsnake-fuzzdb.txt", "html5sec-injections.txt"):
        naughty += (_LISTS / name).read_text(errors="replace").splitlines()
    return [text for text in naughty if text.strip()]
