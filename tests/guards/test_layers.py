"""Who may import whom: each module imports only what stands below it, and no package one that imports it back."""

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
    ("transport.dispatchers", "transport.smtp", "transport.webhook", "storage.backup", "storage.to_postgresql"),
    (
        "web.page_meta",
        "web.canonical",
        "web.probes",
        "web.visitors",
        "web.guessing",
        "web.visits",
        "web.comment_pages",
        "web.document_pages",
    ),
    ("serving.gateway", "web.paging"),
    ("serving.live_texts", "pagecache", "serving.shared_pictures"),
    ("clinic",),
    ("extensions", "web.formbase", "serving.assets", "web.words", "transport.delivery", "telemetry.tracing"),
    ("serving.freshness", "serving.turns", "serving.kept"),
    ("headers", "errors", "telemetry.logs", "telemetry.metrics"),
    ("config", "serving.supervisor", "serving.joining", "serving.representations"),
    ("storage.database_copy", "storage.watched"),
    ("database", "hosts", "storage.files"),
    ("write_turns", "driver_errors"),
    ("domain",),
)
RANK = {name: number for number, names in enumerate(LAYERS) for name in names}
MIXED = {name.partition(".")[0] for name in RANK if "." in name}
"""Packages whose modules stand on different layers; of the others all modules stand on one."""


def module(path: Path) -> str:
    """What LAYERS calls a file."""
    first, *rest = path.relative_to(ROOT).with_suffix("").parts
    return f"{first}.{rest[0]}" if first in MIXED else first


FILES = sorted(path for path in ROOT.rglob("*.py") if module(path) in RANK)


def imported(path: Path) -> set[str]:
    """What a file imports of ours, as LAYERS calls it, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{path} imports by a dot"
            assert node.level == 0, f"{path} imports by a dot"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {shortened for name in names for shortened in (name.partition(".")[0], ".".join(name.split(".")[:2]))} & RANK.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    own = module(path)
    too_high = {name for name in imported(path) if name != own and RANK[name] <= RANK[own]}
    assert not too_high, f"{path.relative_to(ROOT)} imports {', '.join(sorted(too_high))}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stand_at_the_top_of_a_file(path: Path) -> None:
    tree = ast.parse(path.read_text())
    inner = [node for parent in tree.body for node in ast.walk(parent) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert set(inner) == {node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)}


def test_every_module_at_the_top_level_has_a_layer() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    inside = {module(path) for package in MIXED for path in (ROOT / package).glob("*.py") if path.stem != "__init__"}
    assert {path.stem for path in ROOT.glob("*.py")} | packages - MIXED | inside == RANK.keys()


def test_packages_of_several_layers_say_what_they_are_and_no_more() -> None:
    for package in MIXED:
        (statement,) = ast.parse((ROOT / package / "__init__.py").read_text()).body
        assert isinstance(statement, ast.Expr)


def test_no_package_imports_one_that_imports_it_back() -> None:
    below: dict[str, set[str]] = {}
    for path in FILES:
        own = module(path).partition(".")[0]
        below.setdefault(own, set()).update(name.partition(".")[0] for name in imported(path))
    left = {name: names - {name} for name, names in below.items()}
    while ground := [name for name, names in left.items() if not names & left.keys()]:
        left = {name: names for name, names in left.items() if name not in ground}
    assert not left, f"in a circle: {', '.join(sorted(left))}"


def test_extensions_import_nothing_of_ours_but_the_table_base() -> None:
    assert imported(ROOT / "extensions.py") == {"domain"}
