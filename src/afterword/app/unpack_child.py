"""The process that takes archives apart: it reads one file, writes one pipe, and can do nothing else.

Started by ``confined`` with the file as its standard input and the pipe as its standard output. Before it looks at a
byte it gives up what it does not need: opening anything (files, sockets, pipes), writing files, starting processes, the
network, memory and processor time beyond a limit. None of it can be taken back by the process itself.
"""

from __future__ import annotations

import ctypes
import io
import os
import resource
import sys

from afterword.app import unpack

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES = 38


def main(kind: str, most: str, members: str, seconds: str, memory: str, only: str) -> None:
    confine(int(seconds), int(memory))
    stream = io.BufferedReader(_Input(), 1 << 16)
    for mark, body in unpack.frames(kind, stream, int(most), int(members), only):
        tell(mark, body)


def confine(seconds: int, memory: int) -> None:
    """Give up everything but reading and writing what is open."""
    _preload()
    _leave_the_network()
    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        # No further descriptor at all: no file, no socket, no pipe can be opened from here on.
        (resource.RLIMIT_NOFILE, 0),
    ):
        held = resource.getrlimit(kind)[1]
        low = most if held == resource.RLIM_INFINITY else min(most, held)
        resource.setrlimit(kind, (low, low))


def _preload() -> None:
    """Load now what the standard library would otherwise load from a file in the midst of reading."""
    for name in ("cp437", "utf-8", "ascii", "latin-1", "utf-16"):
        "a".encode(name)


def _leave_the_network() -> None:
    """A network of our own, with nothing in it, where the system lets us; the limits hold where it does not."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if library.unshare(_NEW_USER | _NEW_NETWORK):
        library.unshare(_NEW_NETWORK)


def tell(mark: bytes, body: bytes) -> None:
    """One frame: mark, four bytes of length, body. A frame holds at most a piece."""
    for at in range(0, max(len(body), 1), unpack.PIECE):
        piece = body[at : at + unpack.PIECE]
        _write(mark + len(piece).to_bytes(4, "big") + piece)


def _write(raw: bytes) -> None:
    view = memoryview(raw)
    while view:
        view = view[os.write(1, view) :]


class _Input(io.RawIOBase):
    """The file at descriptor 0 with a position of its own: the one that is shared with the parent is left alone."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0
        self._size = os.fstat(0).st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        found = os.pread(0, len(into), self._at)
        into[: len(found)] = found
        self._at += len(found)
        return len(found)

    def seek(self, to: int, whence: int = 0) -> int:
        self._at = max(0, to + (0, self._at, self._size)[whence])
        return self._at
