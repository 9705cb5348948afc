"""How deploy/update.sh makes a version from the repository: all of it, or it ends and leaves everything as it was."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.running import ROOT

pytestmark = pytest.mark.slow
TOOL = '#!/bin/sh\necho "$(basename "$0")" "$@" >> "{log}"\n{then}\n'
PLACES = {
    "requirements": "requirements.txt",
    "program": "program.py",
    "proxy": "deploy/nginx/proxy.conf",
    "tls": "deploy/nginx/tls.conf",
}
NOT_THERE = f"no-such-thing-anywhere==1 --hash=sha256:{'0' * 64}\n"


class Repository:
    """A machine with one instance, a repository, and stand-ins for all that update.sh calls but git, Python and pip."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.origin, self.log = folder, folder / "origin", folder / "told.log"
        for part in ("bin", "backups", "releases/one/deploy"):
            (folder / part).mkdir(parents=True)
        for link in ("a", "current"):
            (folder / link).symlink_to(folder / "releases" / "one")
        for tool in ("clinic", "systemctl", "ss"):
            self.tool(tool)
        self.tool("curl", """echo '{"database":"ok","migrations":"ok"}'""")
        self.tool("python3", f'exec {sys.executable} "$@"')
        self.git("init", "--quiet", "--initial-branch=main", self.origin)
        self.commit(requirements="", program="pass\n")
        self.git("clone", "--quiet", self.origin, folder / "source")
        self.environ = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "CLINIC_ROOT": str(folder),
            "CLINIC_UPSTREAM": str(folder / "upstream.conf"),
            "CLINIC_BACKUPS": str(folder / "backups"),
            "CLINIC_INSTANCES": "a:1",
            "PIP_NO_INDEX": "1",
        }

    def tool(self, name: str, then: str = "") -> None:
        """A stand-in that notes how it is called."""
        path = self.folder / "bin" / name
        path.write_text(TOOL.format(log=self.log, then=then))
        path.chmod(0o755)

    def git(self, *arguments: str | Path) -> str:
        """What git says in the origin."""
        identity = ("-c", "user.name=Test", "-c", "user.email=test@clinic.example")
        command: Sequence[str | Path] = ["git", *identity, *arguments]
        where = self.origin if self.origin.exists() else self.folder
        return subprocess.run(command, cwd=where, capture_output=True, text=True, check=True).stdout.strip()

    def commit(self, **files: str) -> str:
        """Another version in the origin; its name."""
        for name, text in files.items():
            path = self.origin / PLACES[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "Change")
        return self.git("rev-parse", "--short=12", "HEAD")

    def update(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs deploy/update.sh."""
        command: Sequence[str | Path] = [ROOT / "deploy" / "update.sh", *arguments]
        return subprocess.run(command, env=self.environ, capture_output=True, text=True, timeout=120, check=False)

    @property
    def releases(self) -> set[str]:
        """The folders of versions, unfinished ones too."""
        return {path.name for path in (self.folder / "releases").iterdir()}

    @property
    def in_service(self) -> set[str]:
        """The versions to which the links lead."""
        return {(self.folder / link).resolve().name for link in ("a", "current")}

    @property
    def told(self) -> str:
        """What the stand-ins were called for, but for the making of a .venv."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return "\n".join(line for line in lines if not line.startswith("python3"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Version "one" is in service; the origin has a newer one."""
    return Repository(tmp_path)


def is_untouched(repository: Repository) -> bool:
    """Whether an update ended before it made, asked or replaced anything."""
    return repository.releases == {"one"} and repository.in_service == {"one"} and repository.told == ""


def test_new_version_is_made_whole_and_put_into_service(repository: Repository) -> None:
    newest = repository.git("rev-parse", "--short=12", "HEAD")
    done = repository.update()
    assert done.returncode == 0, done.stderr
    assert repository.in_service == {newest}
    assert repository.releases == {"one", newest}
    made = repository.folder / "releases" / newest
    assert (made / "program.py").is_file()
    assert (made / ".venv" / "bin" / "python").exists()


def test_update_to_the_version_that_is_there_replaces_the_instance_and_needs_no_repository(repository: Repository) -> None:
    repository.origin.rename(repository.folder / "moved")
    done = repository.update("one")
    assert done.returncode == 0, done.stderr
    assert repository.releases == {"one"}
    calls = repository.told.splitlines()
    assert [call for call in calls if "clinic@" in call] == ["systemctl stop clinic@a", "systemctl start clinic@a"]
    assert [" ".join(call.split()[:3]) for call in calls[:2]] == ["clinic backup create", "clinic backup verify"]


def test_failed_fetch_ends_an_update(repository: Repository) -> None:
    repository.origin.rename(repository.folder / "moved")
    done = repository.update()
    assert done.returncode == 1
    assert "git could not fetch: nothing was changed" in done.stderr
    assert is_untouched(repository)


def test_version_that_pip_cannot_complete_is_neither_kept_nor_used(repository: Repository) -> None:
    broken = repository.commit(requirements=NOT_THERE)
    for _ in range(2):  # a second try does not find half of the first
        done = repository.update(broken)
        assert done.returncode == 1
        assert f"pip could not install what {broken} needs: nothing was changed" in done.stderr
        assert is_untouched(repository)


def test_version_that_does_not_compile_is_neither_kept_nor_used(repository: Repository) -> None:
    broken = repository.commit(program="def\n")
    done = repository.update(broken)
    assert done.returncode == 1
    assert f"{broken} holds Python that does not compile" in done.stderr
    assert is_untouched(repository)


def test_version_without_a_venv_is_neither_kept_nor_used(repository: Repository) -> None:
    repository.tool("python3", "exit 1")
    done = repository.update()
    assert done.returncode == 1
    assert "got no .venv: nothing was changed" in done.stderr
    assert is_untouched(repository)


def test_version_that_nobody_knows_ends_an_update(repository: Repository) -> None:
    done = repository.update("v9.9.9")
    assert done.returncode == 1
    assert "no such version: v9.9.9" in done.stderr
    assert is_untouched(repository)


@pytest.mark.parametrize(
    ("word", "why"), [("create", "no backup could be made"), ("verify", "cannot serve a copy of the database")]
)
def test_failed_backup_ends_an_update(repository: Repository, word: str, why: str) -> None:
    repository.tool("clinic", f'[ "$2" != {word} ] || exit 3')
    done = repository.update()
    assert done.returncode == 1
    assert f"{why}: nothing was changed" in done.stderr
    assert repository.in_service == {"one"}
    assert "systemctl" not in repository.told


def test_update_names_the_files_that_somebody_has_to_install(repository: Repository) -> None:
    first = repository.commit(proxy="proxy_redirect off;\n")
    assert repository.update(first).returncode == 0
    second = repository.commit(proxy="proxy_redirect on;\n", tls="ssl_protocols TLSv1.3;\n")
    done = repository.update(second)
    assert done.returncode == 0, done.stderr
    told = done.stdout.partition("to be installed by hand")[2]
    assert f"releases/{second}/deploy/nginx/proxy.conf differ" in told
    assert f"Only in {repository.folder}/releases/{second}/deploy/nginx: tls.conf" in told
    third = repository.commit(program="print()\n")
    assert "by hand" not in repository.update(third).stdout
