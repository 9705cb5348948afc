"""Style sheets and scripts made into the few files that pages load: joined, without comments and indentation."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

_COMMENTS = re.compile(r"/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r'^import (?:(?P<default>\w+))?(?:, )?(?:\{ (?P<names>[\w, ]+) \})? from "(?P<path>\.[^"]+)";$')
_EXPORT = re.compile(r"^export (?P<default>default )?(?P<what>(?:async )?function|const) (?P<name>\w+)")
_LOADED = "import("
"""A script that loads others by itself cannot be joined."""


def styles(texts: Sequence[str]) -> str:
    """One style sheet of several."""
    return inline("\n".join(texts))


def inline(text: str) -> str:
    """A script that stands in the page itself; its comments are those of a style sheet."""
    return _packed(_COMMENTS.sub("", text))


def scripts(files: Mapping[str, str], main: str, names: Sequence[str]) -> str:
    """One classic script of ES modules: `main` runs, and finds the modules `names` with `need("path.js")`, each evaluated once.

    `files` are all of them by path. Raises ValueError for a module that is not written as ours are: its imports one to a line at
    its head, `export` before a function or a constant.
    """
    wanted = [*names]
    for name in wanted:
        wanted += [path for path in _imported(name, files[name]) if path not in wanted]
    made = "".join(f'"{name}":need=>{{{_module(name, files[name])}}},\n' for name in sorted(wanted))
    return (
        f'"use strict";(()=>{{const made={{}};const modules={{\n{made}}};\n'
        "const need=(name)=>made[name]??=modules[name](need);\n"
        f"{_module(main, files[main])}}})();\n"
    )


def _imported(name: str, text: str) -> list[str]:
    return [_beside(name, match["path"]) for line in text.splitlines() if (match := _IMPORT.match(line))]


def _module(name: str, text: str) -> str:
    """The body of a function that returns what the module exports."""
    if _LOADED in text:
        raise ValueError(f"{name}: loads a script by itself")
    lines, exported = [], []
    for line in text.splitlines():
        if line.startswith("import "):
            lines.append(_needed(name, line))
        elif line.startswith("export "):
            match = _EXPORT.match(line)
            if match is None:
                raise ValueError(f"{name}: expected a function or a constant after export: {line}")
            exported.append(f"default:{match['name']}" if match["default"] else match["name"])
            lines.append(line.removeprefix("export ").removeprefix("default "))
        elif not line.lstrip().startswith("//"):
            lines.append(line)
    return _packed("\n".join(lines)) + (f"\nreturn{{{','.join(exported)}}};" if exported else "")


def _needed(name: str, line: str) -> str:
    match = _IMPORT.match(line)
    if match is None or not (match["default"] or match["names"]):
        raise ValueError(f"{name}: expected one import of one of our files on the line: {line}")
    names = [f"default:{match['default']}"] * bool(match["default"]) + [match["names"] or ""] * bool(match["names"])
    return f'const{{{",".join(names)}}}=need("{_beside(name, match["path"])}");'


def _beside(name: str, path: str) -> str:
    """The path of a file that another one names from where it stands."""
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / path).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _packed(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
