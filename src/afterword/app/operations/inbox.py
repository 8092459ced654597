"""The inbox: what was sent to us, and the slice of it that belongs to an incident, as files to analyse."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.inbox import Segment, Slice
from afterword.model.refusal import ConflictError, InvalidError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.workspace import Workspace

#: Telemetry comes after what it tells of: senders collect, and try again.
LATE = "15m"


def list_(ws: Workspace) -> tuple[Segment, ...]:
    """List what was received: segments by kind and time, with the number of requests or webhooks in each."""
    found = []
    for one in ws.received.segments():
        found.append(one)
        ws.progress("looking", len(found), None)
    return tuple(found)


def export(
    ws: Workspace,
    *,
    window: Annotated[str, "START/END of the time of receipt, RFC 3339"],
    out: Annotated[str, "folder for the files; analyze reads them as they are"],
    kind: Annotated[tuple[str, ...], "only this: logs, metrics, traces, alertmanager, pagerduty or github"] = (),
    late: Annotated[str, "how much later what belongs to the window may have come, such as 90s, 15m, 2h"] = LATE,
) -> Slice:
    """Write what was received in a window as files that analyze reads; only segments that touch it are opened."""
    from afterword.app.period import length, span

    asked = span(window, "window")
    if asked is None:
        raise InvalidError("window is START/END", ("window: is empty",))
    start, end = asked[0], asked[1] + length(late, "late")
    folder = ws.path(out)
    folder.mkdir(parents=True, exist_ok=True)
    files, items = [], 0
    chosen = list(_touching(ws, start, end, kind))
    for number, segment in enumerate(chosen):
        ws.progress("writing", number, len(chosen))
        path = folder / f"{segment.kind}-{Path(segment.path).name}"
        count = _copy(ws, segment, start, end, path)
        if count:
            files.append(str(path))
            items += count
    if not files:
        raise NotFoundError(f"Nothing was received in {window}. afterword inbox list shows what was.")
    return Slice(window, str(folder), tuple(files), items)


def files(ws: Workspace, start: int, end: int) -> tuple[str, ...]:
    """The segments that touch a stretch of time, as evidence; analyses of the same time find the same ones."""
    from afterword.app.period import length

    found = tuple(one.path for one in _touching(ws, start, end + length(LATE, "late"), ()))
    if not found:
        raise NotFoundError("Nothing was received at that time. afterword inbox list shows what was.")
    return found


def _touching(ws: Workspace, start: int, end: int, kinds: tuple[str, ...]) -> Iterator[Segment]:
    for one in ws.received.segments(start, end):
        if (kinds and one.kind not in kinds) or one.first is None or one.last is None:
            continue
        if one.first <= end and one.last >= start:
            yield one


def _copy(ws: Workspace, segment: Segment, start: int, end: int, path: Path) -> int:
    """The items of that time, as they are; a file that is there already is not overwritten unless it is the same."""
    count = 0
    part = path.with_suffix(path.suffix + ".part")
    with part.open("wb") as into:
        for item, received in ws.received.items(segment):
            if received is not None and start <= received <= end:
                into.write(item)
                count += 1
        into.flush()
        os.fsync(into.fileno())
    if not count:
        part.unlink()
    elif path.exists() and path.read_bytes() != part.read_bytes():
        part.unlink()
        raise ConflictError(f"{path} is there already and holds something else: choose another folder")
    else:
        part.replace(path)
    return count
