"""The processes of this machine, as proc(5) shows them."""

from collections.abc import Sequence
from pathlib import Path


def marked(mark: str) -> list[int]:
    """Every living process that has this line in the environment it was started with."""
    return [pid for pid in _all_pids() if mark.encode() in _read(pid, "environ").split(b"\0") and _state(pid)[0] != "Z"]


def children(pid: int) -> list[int]:
    """The living processes whose parent this one is."""
    states = {child: _state(child) for child in _all_pids()}
    return [child for child, (letter, parent) in states.items() if parent == pid and letter != "Z"]


def name(pid: int) -> str:
    """What it calls itself; nothing when it is gone."""
    return _read(pid, "comm").decode(errors="replace").rstrip("\n")


def memory(pid: int) -> int:
    """Bytes it takes; what it shares with others is divided among them (proportional set size)."""
    rows = _read(pid, "smaps_rollup").decode().splitlines()
    return next((int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:")), 0)


def _all_pids() -> Sequence[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _state(pid: int) -> tuple[str, int]:
    """A process's state letter and its parent; ("?", 0) when it is gone."""
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return (fields[0].decode(), int(fields[1])) if fields else ("?", 0)


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
