"""Logs of containers as ``kubectl logs --timestamps`` and ``docker logs -t`` print them: the runtime's time before each line.

What stands behind the time is a line of any log: text with a time of its own, JSON, or one more line of a stack trace. A log
in which the nine digits are the program's own time, with nothing inside, is left to the plain text logs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final

from afterword.model.evidence import Skipped
from afterword.ports import Source
from afterword.reading import log_head, log_inner, log_record
from afterword.reading.line import lines
from afterword.reading.log_record import Record
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.model.evidence import Problem
    from afterword.ports import Reading
    from afterword.reading.line import Line

#: The runtime always writes nine digits, and a zone.
_STAMP: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}(?:Z|[+-][0-9]{2}:[0-9]{2})) (.*)", re.DOTALL)  # fmt: skip
_CONTINUES: Final = re.compile(r"[ \t]+\S|Traceback \(most recent|Caused by: ")


def sniff(head: bytes) -> float:
    """Sure where nearly all lines have the runtime's time, and some of them a log line of its own behind it."""
    found = [one for one in head.decode("utf-8", "replace").split("\n")[:200] if one.strip()]
    found = found[:-1] if len(found) > 1 and not head.endswith(b"\n") else found
    inner = [stamp[2] for one in found if (stamp := _STAMP.fullmatch(one))]
    if not inner or len(inner) * 10 < len(found) * 9:
        return 0.0
    return 0.7 if any(one[:1] == "{" or _CONTINUES.match(one) or log_head.has_time(one) for one in inner) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    clock, remarks = Clock(reading), Remarks()
    held: Record | None = None
    for line in lines(stream):
        stamp = _STAMP.fullmatch(line.text)
        text = stamp[2] if stamp else line.text
        if held is not None and text.strip() and held.takes(text) and not log_head.has_time(text):
            held.add((), line, text)
            continue
        if held is not None:
            yield log_record.event(held, remarks)
            held = None
        if text.strip():
            held = _begun(line, stamp, clock)
        else:
            yield Skipped("a blank line", line.place)
    if held is not None:
        yield log_record.event(held, remarks)
    yield from remarks.problems()


def _begun(line: Line, stamp: re.Match[str] | None, clock: Clock) -> Record:
    """A record at the runtime's time, which every line has; what the line says itself stays its text."""
    if stamp is None:
        return Record(log_inner.said(line.text, clock), line, heads=False)
    inner = log_inner.said(stamp[2], clock)
    return Record(inner._replace(told=clock.value(stamp[1])), line, heads=False)


SOURCE = Source("container-stamp", "logs of containers behind the time of their runtime", sniff, read)
