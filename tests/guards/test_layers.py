"""Who may import whom at the top level: each module imports only what stands below it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = (
    ("benchmarks",),
    ("dev",),
    ("server", "drawing"),
    ("app",),
    ("cli",),
    ("blueprints",),
    ("checks",),
    ("letting_go",),
    ("mailer",),
    ("messages",),
    ("dispatchers", "smtp", "webhook", "backup"),
    ("page_meta", "canonical", "probes", "visitors", "visits", "comment_pages", "document_pages", "paging"),
    ("gateway",),
    ("live_texts", "pagecache", "shared_pictures"),
    ("clinic",),
    ("extensions", "formbase", "assets", "words", "delivery", "tracing", "freshness", "turns", "kept"),
    ("headers", "errors", "logs", "metrics"),
    ("config", "supervisor", "joining", "representations"),
    ("database_copy",),
    ("database", "hosts", "files"),
    ("write_turns",),
    ("domain",),
)
RANK = {name: number for number, names in enumerate(LAYERS) for name in names}
FILES = sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0].removesuffix(".py") in RANK)


def imported(path: Path) -> set[str]:
    """The top-level names a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names & RANK.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    too_high = {name for name in imported(path) if name != own and RANK[name] <= RANK[own]}
    assert not too_high, f"{path.relative_to(ROOT)} imports {', '.join(sorted(too_high))}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stand_at_the_top_of_a_file(path: Path) -> None:
    tree = ast.parse(path.read_text())
    inner = [node for parent in tree.body for node in ast.walk(parent) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert set(inner) == {node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)}


def test_every_module_at_the_top_level_has_a_layer() -> None:
    modules = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert modules - {"tests"} == RANK.keys()


def test_extensions_import_nothing_of_ours_but_the_table_base() -> None:
    assert imported(ROOT / "extensions.py") == {"domain"}
