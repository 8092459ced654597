"""Progress for people: on standard error, only on a terminal, only when something takes longer than a second."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from afterword.app.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AFTER_SECONDS = 1.0


@contextmanager
def watching() -> Iterator[Callable[[str, int, int | None], None]]:
    """A place to report progress to; what it shows is gone when the work is done."""
    if not sys.stderr.isatty():
        yield _nobody
        return
    watch = _Watch()
    try:
        yield watch.report
    finally:
        watch.stop()


def _nobody(what: str, done: int, total: int | None) -> None:
    del what, done, total


class _Watch:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self._bars: Any = None
        self._task: Any = None

    def report(self, what: str, done: int, total: int | None) -> None:
        if self._bars is None:
            if time.monotonic() - self._began < AFTER_SECONDS:
                return
            self._start()
        self._bars.update(self._task, description=one_line(what)[:60], completed=done, total=total)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        text = TextColumn("{task.description}", markup=False)
        self._bars = Progress(
            SpinnerColumn(), text, BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True
        )
        self._bars.start()
        self._task = self._bars.add_task("")

    def stop(self) -> None:
        if self._bars is not None:
            self._bars.stop()
