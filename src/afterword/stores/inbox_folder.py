"""What was sent to us, in a folder: segments per kind that only grow. What is promised as kept is on the disk.

``logs/20261124T221714.123456789Z.otlp``: requests of OTLP behind lengths, each with the time of receipt and a checksum;
``github/….jsonl``: a webhook a line. A segment is named by its start and ends by size or by age. A thread writes all that is
waiting at once and syncs once; then it answers everybody. What a crash left by half was never answered: it is moved aside.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.inbox import Segment, Torn
from afterword.model.refusal import ConflictError
from afterword.ports import BusyError, FullError
from afterword.reading import inbox_item
from afterword.stores.durable import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Requests of OTLP; everything else is a webhook.
SIGNALS = frozenset({"logs", "metrics", "traces"})
_LOCK = "lock"
_AT_ONCE = 256
#: The longest time between the receipt of an item and the start of its segment, in ns.
_WAITED = 60 * 10**9


@dataclass(frozen=True, slots=True)
class Limits:
    """When a segment ends, how much may wait, and how much room others are left on the disk."""

    size: int = 64 << 20
    age: float = 600.0
    waiting: int = 64 << 20
    room: int = 512 << 20


class ReceivedFolder:
    """The inbox for those who read it, also while it is being written."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def segments(self, start: int | None = None, end: int | None = None) -> Iterator[Segment]:
        """What was received, by kind and time; with a stretch of time, only segments that may touch it are opened."""
        for path in _paths(self._root):
            if _may_touch(path, start, end):
                yield _looked_at(path)

    def items(self, segment: Segment) -> Iterator[tuple[bytes, int | None]]:
        """The whole items of a segment, each with the time of its receipt; what is torn ends it."""
        return _of(Path(segment.path))

    def webhooks(self) -> Iterator[bytes]:
        """The lines of all webhooks, the oldest first within each kind."""
        for path in _paths(self._root):
            if path.parent.name not in SIGNALS:
                yield from (line for line, _ in _of(path))

    def open(self) -> InboxFolder:
        """Begin to write. Raises ConflictError while somebody else does."""
        return InboxFolder(self._root)


def _may_touch(path: Path, start: int | None, end: int | None) -> bool:
    """By the name, which is the start (what waited may be a little older), and by the time of the last write."""
    if end is not None and path.name > _named(end + _WAITED):
        return False
    return start is None or path.stat().st_mtime_ns >= start - _WAITED


def _of(path: Path) -> Iterator[tuple[bytes, int | None]]:
    with path.open("rb") as stream:
        yield from _items(stream, path.parent.name)


def _paths(root: Path) -> Iterator[Path]:
    for kind in sorted(one for one in root.iterdir() if one.is_dir()) if root.is_dir() else ():
        yield from sorted(one for one in kind.iterdir() if one.suffix in (".otlp", ".jsonl"))


def _items(stream: BinaryIO, kind: str) -> Iterator[tuple[bytes, int | None]]:
    return inbox_item.requests(stream) if kind in SIGNALS else inbox_item.lines(stream)


def _looked_at(path: Path) -> Segment:
    count, first, last = 0, None, None
    for _, received in _of(path):
        count += 1
        if received is not None:
            first = received if first is None else min(first, received)
            last = received if last is None else max(last, received)
    return Segment(path.parent.name, str(path), path.stat().st_size, count, first, last)


@dataclass(slots=True)
class _Open:
    """A segment that is being written; ``size`` is what of it is durable."""

    path: Path
    handle: int
    size: int
    since: float


class InboxFolder:
    """The one writer of an inbox. Raises ConflictError while another process writes it."""

    def __init__(self, root: Path, limits: Limits | None = None, *, clock: Callable[[], int] = time.time_ns) -> None:
        self._root, self._limits, self._clock = root, limits or Limits(), clock
        root.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise ConflictError(f"Another process receives into {root}.") from None
        self.torn = tuple(_mend(root))
        self._open: dict[str, _Open] = {}
        self._queue: deque[tuple[str, bytes, Future[None]]] = deque()
        self._waiting = 0
        self._stop = False
        self._room_until, self._has_room = 0.0, True
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        self._thread.start()

    def keep(self, kind: str, item: bytes) -> Future[None]:
        """Write an item down; the promise is fulfilled when it is durable. Raises BusyError, FullError."""
        if not self._room():
            raise FullError("the disk is nearly full")
        promise: Future[None] = Future()
        with self._wake:
            if self._stop:
                raise BusyError("the inbox is being closed")
            if self._waiting + len(item) > self._limits.waiting and self._queue:
                raise BusyError("too much is waiting to be written")
            self._queue.append((kind, item, promise))
            self._waiting += len(item)
            self._wake.notify()
        return promise

    def close(self) -> None:
        """Write what is waiting, then let go of the inbox."""
        with self._wake:
            self._stop = True
            self._wake.notify()
        self._thread.join()
        for one in self._open.values():
            os.close(one.handle)
        self._open.clear()
        os.close(self._lock)

    def _room(self) -> bool:
        now = time.monotonic()
        if now >= self._room_until:
            self._has_room = shutil.disk_usage(self._root).free > self._limits.room
            self._room_until = now + 1.0
        return self._has_room

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._stop:
                    self._wake.wait()
                if not self._queue:
                    return
                taken = [self._queue.popleft() for _ in range(min(len(self._queue), _AT_ONCE))]
            for kind in dict.fromkeys(kind for kind, _, _ in taken):
                mine = [(item, promise) for of, item, promise in taken if of == kind]
                self._answer(kind, mine)
            with self._wake:
                self._waiting -= sum(len(item) for _, item, _ in taken)

    def _answer(self, kind: str, mine: list[tuple[bytes, Future[None]]]) -> None:
        try:
            self._write(kind, [item for item, _ in mine])
        except OSError as error:
            for _, promise in mine:
                promise.set_exception(FullError(f"it could not be written: {error.strerror}"))
            return
        for _, promise in mine:
            promise.set_result(None)

    def _write(self, kind: str, found: Iterable[bytes]) -> None:
        """Append and sync. What fails is undone and its segment ended: what a failed sync left of it nobody knows."""
        segment = self._segment(kind)
        rest = [memoryview(one) for one in found]
        size = segment.size + sum(map(len, rest))
        try:
            while rest:
                rest = _after(rest, os.writev(segment.handle, rest))
            os.fdatasync(segment.handle)
        except OSError:
            del self._open[kind]
            try:
                os.ftruncate(segment.handle, segment.size)
                os.fsync(segment.handle)
            finally:
                os.close(segment.handle)
            raise
        segment.size = size

    def _segment(self, kind: str) -> _Open:
        found = self._open.get(kind)
        if found is not None:
            if found.size < self._limits.size and time.monotonic() - found.since < self._limits.age:
                return found
            os.close(self._open.pop(kind).handle)
        folder = self._root / kind
        folder.mkdir(exist_ok=True)
        path = folder / (_named(self._clock()) + (".otlp" if kind in SIGNALS else ".jsonl"))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        for one in (folder, self._root):
            sync(one)
        self._open[kind] = _Open(path, handle, 0, time.monotonic())
        return self._open[kind]


def _after(parts: list[memoryview], written: int) -> list[memoryview]:
    """What is left to write."""
    for index, one in enumerate(parts):
        if written < len(one):
            return [one[written:], *parts[index + 1 :]]
        written -= len(one)
    return []


def _named(ns: int) -> str:
    """The start of a segment in UTC; names sort as their times do."""
    return datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y%m%dT%H%M%S") + f".{ns % 10**9:09d}Z"


def _mend(root: Path) -> Iterator[Torn]:
    """Move the torn end of every last segment aside; only the last of a kind was open when a writer died."""
    last = {path.parent.name: path for path in _paths(root)}
    for kind, path in last.items():
        with path.open("r+b") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            good = sum(len(item) for item, _ in _items(stream, kind))
            if good == size:
                continue
            stream.seek(good)
            rest = path.with_suffix(path.suffix + ".torn")
            with rest.open("ab") as aside:
                shutil.copyfileobj(stream, aside)
                aside.flush()
                os.fsync(aside.fileno())
            stream.truncate(good)
            os.fsync(stream.fileno())
        sync(path.parent)
        yield Torn(str(rest), size - good)
