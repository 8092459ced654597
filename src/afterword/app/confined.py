"""A child process that takes an archive apart under limits; its crash is a refusal of one file, and nothing more.

Nothing that it says is trusted: marks, lengths, codes and names are checked here, bytes are counted by who receives
them, and a child that is silent for too long is killed with everything it may have started.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import zstandard

import afterword
from afterword.app import unpack
from afterword.app.unpack import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.unpack import Frame

try:
    import resource
except ImportError:  # pragma: no cover - neither Linux nor macOS
    resource = None  # type: ignore[assignment]

#: Address space of the child. The interpreter takes about 40 MiB of it, the widest window of zstd 128 MiB.
MEMORY = 512 << 20
#: Seconds of silence after which the child is taken for dead.
SILENCE = 60.0
#: Processor time: a start, and what the slowest of the formats needs for the bytes it may become.
_SECONDS, _RATE = 10, 4 << 20
_CODES = frozenset({"damaged", "bomb", "members", "twice", "link", "encrypted", "overlap", "name", "limit"})
_MARKS = (unpack.NAME, unpack.DATA, unpack.DAMAGED, unpack.REFUSED, unpack.END)
_LONGEST_SAID = 300
#: The interpreter reads no settings, no folders and no variables of the user; it finds modules where we found ours.
PROGRAM = (
    "import sys; sys.path += sys.argv[7:]; from afterword.app import unpack_child; unpack_child.main(*sys.argv[1:7])"
)


def possible() -> bool:
    """Whether this system can limit a process; where it cannot, archives are taken apart in the program itself."""
    return resource is not None and bool(sys.executable)


def frames(kind: str, stream: BinaryIO, most: int, members: int, only: str = "") -> Iterator[Frame]:
    """The frames of ``unpack`` up to the end, names and pieces only. Raises RefusedError."""
    if not possible():
        yield from _believed(unpack.frames(kind, stream, most, members, only))
        return
    seconds = _SECONDS + most // _RATE
    with _file(stream) as file, tempfile.TemporaryDirectory(prefix="afterword-") as nowhere:
        given = [kind, str(most), str(members), str(seconds), str(MEMORY), only]
        child = _Child(_start(given, file, nowhere), 2 * seconds + SILENCE)
        try:
            yield from _believed(child.frames())
        finally:
            child.end()


def _believed(found: Iterator[Frame]) -> Iterator[Frame]:
    for mark, body in found:
        if mark == unpack.END:
            return
        if mark == unpack.REFUSED:
            code, _, says = body.decode("utf-8", "replace").partition("\0")
            known = code.removeprefix("archive-") in _CODES
            raise RefusedError(code if known else "archive-crashed", says[:_LONGEST_SAID])
        yield mark, body


def _start(given: list[str], file: BinaryIO, nowhere: str) -> subprocess.Popen[bytes]:
    # Beside the standard library it needs two packages, from where this process has them.
    path = [str(Path(one).resolve().parents[1]) for one in (afterword.__file__, zstandard.__file__)]
    return subprocess.Popen(  # noqa: S603 - our own program; no shell
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", PROGRAM, *given, *path],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=nowhere,
        env={},
        start_new_session=True,
    )


@contextlib.contextmanager
def _file(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream as a file of the system: as it is, or a copy of what lies in memory."""
    try:
        stream.fileno()
    except OSError:
        with cast("BinaryIO", tempfile.TemporaryFile()) as copy:
            stream.seek(0)
            while piece := stream.read(unpack.PIECE):
                copy.write(piece)
            copy.flush()
            yield copy
    else:
        stream.flush()
        yield stream


class _Child:
    """A running child, and what it still may take of our time."""

    def __init__(self, process: subprocess.Popen[bytes], patience: float) -> None:
        self._process = process
        self._patience = patience
        assert process.stdout is not None
        self._pipe = process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._pipe, select.POLLIN)

    def frames(self) -> Iterator[Frame]:
        while True:
            head = self._exactly(5)
            mark, size = head[:1], int.from_bytes(head[1:], "big")
            if mark not in _MARKS or size > unpack.PIECE:
                raise RefusedError("archive-crashed", "the process that unpacked it answered nonsense")
            yield mark, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        parts, missing = [], size
        while missing:
            part = self._some(missing)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _some(self, most: int) -> bytes:
        begun = time.monotonic()
        ready = self._poll.poll(1000 * min(SILENCE, self._patience))
        self._patience -= time.monotonic() - begun
        if not ready:
            raise RefusedError("archive-limit", "unpacking it takes more time than it may have")
        part = os.read(self._pipe, most)
        if not part:
            raise self._ended()
        return part

    def _ended(self) -> RefusedError:
        """It is gone before it said that it had finished."""
        died = -self._process.wait()
        if died in (signal.SIGXCPU, signal.SIGKILL):
            return RefusedError("archive-limit", "unpacking it takes more time or memory than it may have")
        how = f"by signal {died}" if died > 0 else f"with status {-died}"
        return RefusedError("archive-crashed", f"the process that unpacked it ended {how}")

    def end(self) -> None:
        """Kill the whole group, and wait: nothing of it is left when this returns."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
