"""The diagrams of large fault trees in machine code: diagram.c, compiled by this machine's own compiler on first use.

Nothing depends on it: without a compiler, or wherever something is not as it should be, plain Python does the same work and
gives the same answers. The library is kept in a folder of the user alone, under a name made of the source and the
compiler's word, and appears there in one step; it is loaded only if nobody else can have written it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.engine import Table, TooBigError
from afterword.core.cause.plain import Plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.cause.engine import Engine, Made

#: What is compiled, and what it brings with it.
SOURCE = Path(__file__).with_name("enclose.c")
_BROUGHT = SOURCE.with_name("diagram.c")
_FLAGS = ("-O3", "-std=c99", "-fPIC", "-shared")
_PATIENCE = 60.0
_TOO_BIG = 1
#: Levels that the library takes, as its source says.
_DEEPEST = 4096
#: Set to anything: never compile, never load.
SWITCH = "AFTERWORD_NO_COMPILER"


@cache
def accelerator() -> Engine | None:
    """The compiled engine, made if need be; None where there is none. Asked once in the life of a process."""
    if os.environ.get(SWITCH):
        return None
    try:
        library = _library()
        return Compiled(ctypes.CDLL(str(library))) if library else None
    except (OSError, AttributeError, subprocess.SubprocessError):
        return None


def folder() -> Path:
    """Where compiled libraries of this user are kept."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "afterword"


def _library() -> Path | None:
    kept = folder()
    source = SOURCE.read_bytes() + _BROUGHT.read_bytes()
    word = " ".join((platform.machine(), platform.libc_ver()[0], *_FLAGS)).encode()
    library = kept / f"diagram-{hashlib.sha256(source + word).hexdigest()[:24]}.so"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _ours(kept):
        return None
    if not library.exists() and not _compile(kept, library):
        return None
    return library if _ours(library) else None


def _ours(path: Path) -> bool:
    """Owned by this user, no link, and writable by nobody else."""
    found = path.lstat()
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return mine and not stat.S_ISLNK(found.st_mode) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _compile(kept: Path, library: Path) -> bool:
    """Whether the library is there now. Compiled beside its place, and moved there whole."""
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        return False
    with tempfile.TemporaryDirectory(dir=kept) as room:
        made = Path(room) / "diagram.so"
        command = [compiler, *_FLAGS, "-o", str(made), str(SOURCE)]
        done = subprocess.run(  # noqa: S603 - the compiler on the PATH of the user who called, our own source
            command, capture_output=True, check=False, timeout=_PATIENCE, stdin=subprocess.DEVNULL
        )
        if done.returncode or not made.exists():
            return False
        made.chmod(0o700)
        made.replace(library)
    return True


class _Table(ctypes.Structure):
    _fields_ = (
        ("level", ctypes.POINTER(ctypes.c_int32)),
        ("high", ctypes.POINTER(ctypes.c_int32)),
        ("low", ctypes.POINTER(ctypes.c_int32)),
        ("count", ctypes.c_int64),
        ("root", ctypes.c_int32),
    )


class Compiled:
    """Calls into the library. Every array is copied out and every handle is closed."""

    name = "compiled"
    budgets = (4_000, 20_000, 80_000, 320_000, 1_280_000, 5_000_000, 20_000_000)
    sizes = (300, 2_000, 12_000)

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        numbers, handle = ctypes.POINTER(ctypes.c_int32), ctypes.c_void_p
        library.afterword_open.argtypes = (
            numbers, ctypes.c_int32, numbers, ctypes.c_int32, ctypes.c_int64,
            ctypes.POINTER(handle), ctypes.POINTER(ctypes.c_double),
        )  # fmt: skip
        library.afterword_table.argtypes = (handle, ctypes.c_int32, ctypes.c_int64, ctypes.POINTER(_Table))
        library.afterword_enclose.argtypes = (
            numbers, ctypes.c_int32, numbers, ctypes.c_int32, ctypes.POINTER(ctypes.c_double), ctypes.c_int32,
            ctypes.c_int32, ctypes.POINTER(_Table), ctypes.POINTER(_Table),
        )  # fmt: skip
        library.afterword_close.argtypes = (handle,)
        library.afterword_close.restype = None
        library.afterword_forget.argtypes = (ctypes.POINTER(_Table),)
        library.afterword_forget.restype = None

    def make(self, program: Sequence[int], place: Sequence[int], budget: int) -> Made:
        if len(place) > _DEEPEST:
            # Deeper than the library recurses: plain Python does not recurse at all.
            return Plain().make(program, place, min(budget, Plain().budgets[-1]))
        steps, places = np.array(program, np.int32), np.array(place, np.int32)
        handle, progress = ctypes.c_void_p(), ctypes.c_double()
        status = self.library.afterword_open(
            _pointer(steps), len(steps), _pointer(places), len(places), budget,
            ctypes.byref(handle), ctypes.byref(progress),
        )  # fmt: skip
        _judge(status, progress.value)
        return CompiledMade(self.library, handle)

    def enclose(
        self, program: Sequence[int], place: Sequence[int], weight: Sequence[float], size: int, monotone: bool
    ) -> tuple[Table, Table]:
        if len(place) > _DEEPEST:
            plain = Plain()
            return plain.enclose(program, place, weight, min(size, plain.sizes[-1]), monotone)
        steps, places, weights = np.array(program, np.int32), np.array(place, np.int32), np.array(weight, np.float64)
        lower, upper = _Table(), _Table()
        status = self.library.afterword_enclose(
            _pointer(steps), len(steps), _pointer(places), len(places),
            weights.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), size, int(monotone),
            ctypes.byref(lower), ctypes.byref(upper),
        )  # fmt: skip
        try:
            _judge(status, 0.0)
            return _copied(lower), _copied(upper)
        finally:
            self.library.afterword_forget(ctypes.byref(lower))
            self.library.afterword_forget(ctypes.byref(upper))


class CompiledMade:
    def __init__(self, library: ctypes.CDLL, handle: ctypes.c_void_p) -> None:
        self.library = library
        self.handle = handle

    def __del__(self) -> None:
        self.library.afterword_close(self.handle)

    def diagram(self) -> Table:
        return self._table(0, 1)

    def minimal(self, budget: int) -> Table:
        return self._table(1, budget)

    def primes(self, budget: int, *, negated: bool = False) -> Table:
        return self._table(3 if negated else 2, budget)

    def _table(self, kind: int, budget: int) -> Table:
        table = _Table()
        _judge(self.library.afterword_table(self.handle, kind, budget, ctypes.byref(table)), 1.0)
        try:
            return _copied(table)
        finally:
            self.library.afterword_forget(ctypes.byref(table))


def _copied(table: _Table) -> Table:
    level, high, low = (
        np.ctypeslib.as_array(numbers, (table.count,)).copy() for numbers in (table.level, table.high, table.low)
    )
    return Table(level, high, low, table.root)


def _pointer(numbers: np.ndarray) -> ctypes._Pointer[ctypes.c_int32]:
    return numbers.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))


def _judge(status: int, progress: float) -> None:
    """Too big, out of memory or deeper than the library goes: for the race of orders it is all the same."""
    if status:
        raise TooBigError(progress if status == _TOO_BIG else 0.0)
