"""How far a long work is: a bar where a person watches, and a line now and then where a file does."""

import sys
from time import monotonic
from typing import TextIO

WIDTH = 30
BAR_EVERY = 0.2
LINE_EVERY = 30.0


class Progress:
    """Tells on `stream` how much of `total` is done; as a context manager it ends its line whatever happens."""

    def __init__(self, what: str, total: int, stream: TextIO = sys.stderr) -> None:
        self._what, self._total, self._stream = what, total, stream
        self._is_bar = stream.isatty()
        self._began = self._told = monotonic()
        self._done = 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_error: object) -> None:
        self._tell()
        if self._is_bar:
            self._stream.write("\n")

    def forward(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        if monotonic() - self._told >= (BAR_EVERY if self._is_bar else LINE_EVERY):
            self._tell()

    def _tell(self) -> None:
        self._told = monotonic()
        seconds = self._told - self._began
        share = self._done / self._total if self._total else 1.0
        left = seconds / share - seconds if share else 0.0
        line = f"{self._what}: {self._done:,} of {self._total:,}, {seconds:.0f} s, {left:.0f} s left"
        if self._is_bar:
            full = round(WIDTH * share)
            # The spaces cover what a longer line has left there.
            self._stream.write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {line}    ")
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()
