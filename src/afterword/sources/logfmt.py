"""Logs of key=value pairs, as logrus, go-kit, Grafana's and Prometheus' programs write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Skipped
from afterword.ports import Source
from afterword.reading import log_inner, logfmt
from afterword.reading.line import lines
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.model.evidence import Problem
    from afterword.ports import Reading


def sniff(head: bytes) -> float:
    """Sure when most lines are pairs from their start on."""
    found = [one for one in head.decode("utf-8", "replace").split("\n")[:100] if one.strip()]
    found = found[:-1] if len(found) > 1 and not head.endswith(b"\n") else found
    share = sum(map(logfmt.is_line, found)) / len(found) if found else 0.0
    return 0.0 if share < 0.6 else 0.45 + share * 0.4


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    clock = Clock(reading)
    remarks = Remarks()
    for line in lines(stream):
        if not line.body.strip():
            yield Skipped("a blank line", line.place)
            continue
        said = log_inner.said(line.text.removeprefix("\ufeff"), clock)
        if said.told.at is None:
            remarks.note("time", said.told.doubt, line.place)
        if "\ufffd" in said.text:
            remarks.note("encoding", "bytes that are no UTF-8 are shown as U+FFFD", line.place)
        yield said.event(line.place, said.subject)
    yield from remarks.problems()


SOURCE = Source("logfmt", "Logs of key=value pairs", sniff, read)
