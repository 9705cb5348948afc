"""What holds for the code base as a whole: documents, migrations, styles and templates say the same as the code."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from flask import Flask

import config
import database
from app import PUBLIC
from checks import SET_UP
from checks.running import RUNNING
from domain import outbox
from domain.consultations import consent_text
from domain.orm import Base
from domain.periods import PERIODS
from extensions import db, migrate

ROOT = Path(__file__).parents[2]
OUTSIDE = ["mail server", "test mail", "sender domain", "SPF", "DKIM", "DMARC"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
STYLES = sorted((ROOT / "static" / "css").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|(?:left|right|top|bottom|width|height|min-width|max-width|min-height|max-height)(?=\s*:)"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right))"
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[str]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listing.stdout.split()


def test_the_settings_of_the_code_are_those_of_the_readme_and_the_example() -> None:
    ours = {setting.name for setting in config.SETTINGS}
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE))
    example = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert ours == table == example


def test_the_defaults_in_the_readme_are_those_of_the_code() -> None:
    text = (ROOT / "README.md").read_text()
    for setting in config.SETTINGS:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{setting.name}` |"))
        assert f"| {f'`{setting.default}`' if setting.default else ''} |".replace("|  |", "| |") in row, row
        assert setting.purpose in row, setting.name


def test_the_checks_of_the_code_are_those_of_the_documentation() -> None:
    part = (ROOT / "docs" / "operations.md").read_text().split("### What each check means")[1].split("### The numbers")[0]
    told = re.findall(r"^\| `([\w ]+)` \|", part, re.MULTILINE)
    assert told == [check.name for check in (*RUNNING, *SET_UP)] + OUTSIDE


def test_the_metrics_of_the_code_are_those_of_the_documentation() -> None:
    part = (ROOT / "docs" / "operations.md").read_text().split("### The numbers")[1].split("Alarms worth having")[0]
    told = set(re.findall(r"^\| `(clinic_\w+)` \|", part, re.MULTILINE))
    code = "".join((ROOT / path).read_text() for path in ("telemetry/metrics.py", "blueprints/health/figures.py"))
    assert {name.removesuffix("_total") for name in told} == set(re.findall(r'"(clinic_\w+)"', code))


def test_the_commands_of_the_code_are_those_of_the_readme(app: Flask) -> None:
    part = (ROOT / "README.md").read_text().split("## Commands")[1].split("\n## ")[0]
    assert set(re.findall(r"[`] ?(\w+)[ `]", part)) >= set(app.cli.commands) - {"db"}


def test_every_file_the_readme_names_is_there() -> None:
    text = (ROOT / "README.md").read_text()
    named = set(re.findall(r"`((?:[\w-]+/)+(?:[\w.-]+\.\w+)?|[\w-]+\.(?:py|toml))`", text)) | set(
        re.findall(r"\]\(([^)#:]+)\)", text)
    )
    assert len(named) > 20
    missing = [path for path in named if not (ROOT / path).exists() and not path.startswith("instance/")]
    assert not missing


def test_the_changelog_has_this_version_and_its_last_migration() -> None:
    newest = (ROOT / "docs" / "changelog.md").read_text().split("\n## ")[1]
    [version] = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert newest.split()[0] == version
    assert f"Last migration: {max(path.name[:4] for path in (ROOT / 'migrations').glob('[0-9]*.py'))}." in newest


def test_every_rule_that_is_referred_to_is_among_the_rules_of_the_design() -> None:
    rules = [int(number) for number in re.findall(r"^\*\*(\d+)\. ", (ROOT / "docs" / "design.md").read_text(), re.MULTILINE)]
    assert rules == list(range(1, 15))
    named = {path: re.findall(r"[Rr]ule (\d+)", (ROOT / path).read_text()) for path in tracked() if path.endswith((".py", ".md"))}
    assert sum(map(len, named.values())) > 20
    assert not {path for path, numbers in named.items() if not {int(number) for number in numbers} <= set(rules)}


def test_every_link_between_documents_leads_to_a_heading() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        prose = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
        for target, anchor in re.findall(r"\]\(([^)#: ]*)(?:#([^)]+))?\)", prose):
            file = (path.parent / target).resolve() if target else path
            assert file.exists(), f"{name(path)}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
                known = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert anchor in known, f"{name(path)}: {target}#{anchor}"


def test_decision_1_has_a_line_for_each_module() -> None:
    told = set(re.findall(r"`([\w/.]+)`", (ROOT / "docs" / "decisions" / "0001-modules-beside-the-design.md").read_text()))
    packages = ("web", "serving", "storage", "transport", "telemetry", "messages", "checks")
    modules = {f"{package}/{path.name}" for package in packages for path in (ROOT / package).glob("[!_]*.py")}
    nouns = {path.stem for path in (ROOT / "domain").glob("[!_]*.py")} | {
        f"{path.parent.name}/" for path in ROOT.glob("domain/*/__init__.py")
    }
    assert (modules | nouns) - told == set()


def test_every_dependency_is_explained_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    block = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("]\n\n[project")[0]
    for package in re.findall(r'^    "([a-z0-9-]+)', block, re.MULTILINE):
        assert f"| {package} |" in text, package


def test_every_package_for_tests_is_named_in_the_readme() -> None:
    told = (ROOT / "README.md").read_text().split("For tests and checks only:")[1]
    block = (ROOT / "pyproject.toml").read_text().split("\ndev = [")[1].split("\n]")[0]
    packages = re.findall(r'^    "([a-z0-9-]+)', block, re.MULTILINE)
    assert len(packages) > 10
    assert [package for package in packages if not re.search(rf"(?<![\w-]){package}(?![\w-])", told)] == []


def test_the_migrations_make_what_the_models_say(app: Flask) -> None:
    with app.app_context():
        context = migrate.migration_context
        context.opts["compare_server_default"] = False
        assert compare_metadata(context, Base.metadata) == []
        assert not migrate.needs_upgrade()


def test_the_first_migration_can_be_undone_and_done_again(app: Flask) -> None:
    with app.app_context():
        migrate.downgrade("base")
        migrate.upgrade()
        db.engine.dispose()


def test_a_downgrade_takes_its_number_for_a_migration_and_not_for_a_count(app: Flask) -> None:
    run = app.test_cli_runner()
    with app.app_context():
        newest, before = [script.revision for script in migrate.script_directory.walk_revisions()][:2]
        for wrong in ("19", "1", "9999", "base"):
            refused = run.invoke(args=["db", "downgrade", wrong])
            assert (refused.exit_code, f"at {newest}" in refused.output) == (1, True), refused.output
        assert not migrate.needs_upgrade()
        told = run.invoke(args=["db", "downgrade", before])
        assert told.exit_code == 0, told.output
        assert [line.split()[1] for line in told.output.splitlines() if line.startswith("undone")] == [newest]
        assert database.revisions(db.session) == {before}
        db.session.rollback()
        migrate.upgrade()
        db.engine.dispose()


def test_no_table_has_a_place_for_an_address_of_the_internet() -> None:
    for table in Base.metadata.tables.values():
        assert not {"ip", "ip_address", "remote_addr", "user_agent"} & set(table.columns.keys())


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_styles_are_logical_layered_and_without_ids_or_important(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    declarations = re.sub(r"@(?:media|container|page)[^{]*\{", "{", css)
    assert not PHYSICAL.findall(declarations)
    assert "!important" not in css
    assert not re.findall(r"(?:^|[\s,}])#[a-z][\w-]*\s*[{,]", css)
    assert not re.findall(r"font-size\s*:\s*[\d.]+px", css)
    assert "url(http" not in css


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_are_short_modules(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 80
    assert "innerHTML" not in path.read_text()
    assert "eval(" not in path.read_text()


def test_nothing_typed_in_the_staff_area_is_kept_beyond_its_tab() -> None:
    assert not [name(path) for path in SCRIPTS if path.parent.name == "staff" and "localStorage" in path.read_text()]
    keeping = {path.stem for path in SCRIPTS if "storage.js" in path.read_text()}
    assert keeping == {"draft", "remember-me", "request-draft", "visit"}
    for path in TEMPLATES:
        if "staff" in path.parts or path.name.startswith("staff"):
            assert not keeping & set(re.findall(r"[a-z-]+", path.read_text())), name(path)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_templates_trust_no_text_and_carry_no_styles_of_their_own(path: Path) -> None:
    text = path.read_text()
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text
    if "emails" not in path.parts:
        assert "style=" not in text
    assert not re.findall(r"\son[a-z]+=", text)


def test_every_kind_of_mail_has_its_three_templates() -> None:
    for kind in set(outbox.Kind) - set(outbox.HOOK_KINDS):
        files = {path.name for path in (ROOT / "templates" / "emails" / kind.value).iterdir()}
        assert files == {"subject.txt", "body.txt", "body.html"}


def test_every_template_is_used() -> None:
    everything = "\n".join(path.read_text() for path in [*TEMPLATES, *ROOT.glob("*.py"), *ROOT.glob("blueprints/**/*.py")])
    for path in TEMPLATES:
        used = str(path.relative_to(ROOT / "templates"))
        assert used in everything or "emails" in path.parts, used


def test_every_macro_is_used() -> None:
    text = "\n".join(path.read_text() for path in TEMPLATES)
    for macro in re.findall(r"{%-? macro (\w+)", text):
        assert len(re.findall(rf"\b{macro}\b", text)) > 1, macro


def test_every_class_in_the_styles_is_used() -> None:
    vendored = (ROOT / "static" / "vendor").rglob("*.js")
    used = "\n".join(path.read_text() for path in [*TEMPLATES, *SCRIPTS, *vendored, ROOT / "domain" / "markdown.py"])
    for path in STYLES:
        css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        for selector in set(re.findall(r"\.([a-z][a-z-]*[a-z])(?=[^{};]*\{)", css)):
            stem = selector.rsplit("-", 1)[0]
            assert selector in used or f"{stem}-{{{{" in used or f"{stem}-' ~" in used, f"{name(path)}: .{selector}"


def test_no_file_is_long_without_a_reason() -> None:
    allowed = {"static/css/staff.css"}
    for path in tracked():
        if path.endswith((".py", ".html", ".css", ".js")) and not path.startswith("migrations/") and path not in allowed:
            assert len((ROOT / path).read_text().splitlines()) <= 300, path


def private_names(statement: ast.stmt) -> set[str]:
    """What a statement of a module defines for the module alone; what is decorated may be called by that."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        names = set() if statement.decorator_list else {statement.name}
    else:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        names = set() if isinstance(statement, ast.For) else {getattr(target, "id", "") for target in targets}
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


def test_every_private_name_of_a_module_is_used_in_it() -> None:
    unused = []
    for path in tracked():
        if path.endswith(".py") and not path.startswith(("migrations/", "tests/")):
            body = ast.parse((ROOT / path).read_text()).body
            named = [{node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} for statement in body]
            count = Counter(name for names in named for name in names)
            for statement, names in zip(body, named, strict=True):
                unused += [f"{path}: {name}" for name in private_names(statement) if count[name] == (name in names)]
    assert unused == []


def test_public_and_staff_blueprints_are_told_apart() -> None:
    assert "staff" not in {blueprint.name for blueprint in PUBLIC}


def test_the_consent_text_promises_what_retention_does() -> None:
    assert f"{PERIODS.request_months} months" in consent_text(PERIODS.request_months)


def test_every_test_that_the_security_page_names_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`((?:tests|domain)/[\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 80
    for path, test in named:
        assert (ROOT / path).exists(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text(), f"{path}::{test}"
