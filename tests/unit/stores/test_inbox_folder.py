"""The inbox on the disk: order, rotation, torn ends, a full disk, two writers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from afterword.model.refusal import ConflictError
from afterword.ports import BusyError, FullError
from afterword.reading import inbox_item, otlp_frame
from afterword.stores import inbox_folder
from afterword.stores.inbox_folder import InboxFolder, Limits, ReceivedFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

T = 1773478980_000000000


def request(number: int) -> bytes:
    return otlp_frame.sealed(b"\x0a\x02\x12\x00" + str(number).encode(), T + number)


def hook(number: int) -> bytes:
    return inbox_item.line("github", T + number, {}, b'{"n": %d}' % number)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[InboxFolder]:
    made = InboxFolder(tmp_path, Limits(room=0))
    yield made
    made.close()


def held(root: Path, kind: str) -> list[bytes]:
    received = ReceivedFolder(root)
    return [item for one in received.segments() if one.kind == kind for item, _ in received.items(one)]


def test_what_is_kept_is_there_in_its_order(tmp_path: Path, inbox: InboxFolder) -> None:
    promises = [inbox.keep("logs", request(number)) for number in range(50)]
    promises += [inbox.keep("github", hook(number)) for number in range(50)]
    for one in promises:
        one.result(10)
    assert held(tmp_path, "logs") == [request(number) for number in range(50)]
    assert held(tmp_path, "github") == [hook(number) for number in range(50)]
    assert list(ReceivedFolder(tmp_path).webhooks()) == [hook(number) for number in range(50)]
    github, logs = ReceivedFolder(tmp_path).segments()
    assert (github.kind, github.items, github.first, github.last) == ("github", 50, T, T + 49)
    assert (logs.kind, logs.items, logs.first, logs.last) == ("logs", 50, T, T + 49)


def test_segments_end_by_size_and_by_age(tmp_path: Path) -> None:
    for limits in (Limits(size=1, room=0), Limits(age=0.0, room=0)):
        inbox = InboxFolder(tmp_path, limits)
        for number in range(3):
            inbox.keep("logs", request(number)).result(10)
        inbox.close()
    assert [one.items for one in ReceivedFolder(tmp_path).segments()] == [1] * 6


def test_the_answer_comes_after_the_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control of the promise: a writer that answers without a sync, or before it, is seen here."""
    said: list[str] = []
    real = os.fdatasync

    def watched(handle: int) -> None:
        said.append("sync")
        real(handle)

    monkeypatch.setattr(inbox_folder.os, "fdatasync", watched)
    inbox = InboxFolder(tmp_path, Limits(room=0))
    promise = inbox.keep("logs", request(1))
    promise.add_done_callback(lambda _: said.append("answer"))
    promise.result(10)
    inbox.close()
    assert said == ["sync", "answer"]


def test_segments_of_another_time_are_not_opened(tmp_path: Path) -> None:
    hour = 3_600 * 10**9
    for number in range(3):
        inbox = InboxFolder(tmp_path, Limits(room=0), clock=lambda number=number: T + number * hour)
        item = otlp_frame.sealed(b"\x0a\x02\x12\x00", T + number * hour)
        inbox.keep("logs", item).result(10)
        inbox.close()
        [*_, path] = sorted((tmp_path / "logs").iterdir())
        os.utime(path, ns=(T + number * hour, T + number * hour))
    received = ReceivedFolder(tmp_path)
    found = [one.first for one in received.segments(T + hour - 1, T + hour + 1)]
    assert found == [T + hour]
    assert len(list(received.segments())) == 3


# ------------------------------------------------------------------------------------------------- torn ends


@pytest.mark.parametrize(("kind", "made"), [("logs", request), ("github", hook)])
@pytest.mark.parametrize("rest", ["half", "zeros", "junk", "changed"])
def test_a_torn_end_is_moved_aside_when_it_is_opened_again(tmp_path: Path, kind: str, made: Any, rest: str) -> None:
    """Power went while an item was being written: the file has grown, and not all of it has arrived."""
    first = InboxFolder(tmp_path, Limits(room=0))
    for number in range(3):
        first.keep(kind, made(number)).result(10)
    first.close()
    item = made(9)
    torn = {
        "half": item[: len(item) // 2], "zeros": b"\0" * len(item), "junk": b"\xff" * 9, "changed": item[:5] + b"\0\0" + item[7:],
    }[rest]  # fmt: skip
    [path] = [one for one in (tmp_path / kind).iterdir() if one.suffix != ".torn"]
    with path.open("ab") as stream:
        stream.write(torn)
    again = InboxFolder(tmp_path, Limits(room=0))
    assert [one.size for one in again.torn] == [len(torn)]
    assert Path(again.torn[0].path).read_bytes() == torn
    again.keep(kind, made(3)).result(10)
    again.close()
    assert held(tmp_path, kind) == [made(number) for number in range(4)]


def test_an_untorn_end_is_left_alone(tmp_path: Path, inbox: InboxFolder) -> None:
    inbox.keep("logs", request(1)).result(10)
    inbox.close()
    again = InboxFolder(tmp_path, Limits(room=0))
    assert not again.torn
    again.close()
    # The fixture closes its own once more.
    inbox.__init__(tmp_path, Limits(room=0))  # type: ignore[misc]


# ------------------------------------------------------------------------------------------------- refusals


def test_two_writers_are_one_too_many(tmp_path: Path, inbox: InboxFolder) -> None:
    with pytest.raises(ConflictError, match="Another process"):
        InboxFolder(tmp_path)
    assert inbox.torn == ()


def test_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    inbox = InboxFolder(tmp_path, Limits(room=1 << 60))
    with pytest.raises(FullError, match="nearly full"):
        inbox.keep("logs", request(1))
    inbox.close()


def test_a_disk_that_is_full_takes_nothing_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written is refused, undone, and comes later; what was kept before stays."""
    inbox = InboxFolder(tmp_path, Limits(room=0))
    inbox.keep("logs", request(0)).result(10)
    real, left = os.writev, [5]

    def half(handle: int, parts: Any) -> int:
        if not left:
            raise OSError(28, "No space left on device")
        return real(handle, [bytes(parts[0][: left.pop()])])

    monkeypatch.setattr(inbox_folder.os, "writev", half)
    with pytest.raises(FullError, match="No space"):
        inbox.keep("logs", request(1)).result(10)
    monkeypatch.setattr(inbox_folder.os, "writev", real)
    inbox.keep("logs", request(2)).result(10)
    inbox.close()
    assert held(tmp_path, "logs") == [request(0), request(2)]


def test_a_write_that_takes_only_a_part_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.writev
    inbox = InboxFolder(tmp_path, Limits(room=0))
    monkeypatch.setattr(inbox_folder.os, "writev", lambda handle, parts: real(handle, [bytes(parts[0][:7])]))
    for one in [inbox.keep("logs", request(number)) for number in range(5)]:
        one.result(10)
    inbox.close()
    assert held(tmp_path, "logs") == [request(number) for number in range(5)]


def test_too_much_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    slow = threading.Event()
    monkeypatch.setattr(inbox_folder.os, "fdatasync", lambda _: slow.wait(10))
    inbox = InboxFolder(tmp_path, Limits(waiting=len(request(1)), room=0))
    promises: list[Any] = []
    with pytest.raises(BusyError):
        promises.extend(inbox.keep("logs", request(number)) for number in range(20))
    slow.set()
    for one in promises:
        one.result(10)
    inbox.close()
    assert len(held(tmp_path, "logs")) == len(promises) < 20
    with pytest.raises(BusyError, match="closed"):
        inbox.keep("logs", request(1))
