"""The systemd journal as ``journalctl -o json`` prints it: one object a line (or one array), all values strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import journal_entry, json_value
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading


def sniff(head: bytes) -> float:
    found = [one for one in json_value.samples(head)[:5] if isinstance(one, dict)]
    if any(
        journal_entry.OF_SYSTEMD in one and ("MESSAGE" in one or "__CURSOR" in one or "PRIORITY" in one)
        for one in found
    ):
        return 0.97
    return (
        0.9
        if any("MESSAGE" in one and ("SYSLOG_IDENTIFIER" in one or "_SYSTEMD_UNIT" in one) for one in found)
        else 0.0
    )


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    clock = Clock(reading)
    remarks = Remarks()
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
        elif not isinstance(node.value, dict) or not node.value:
            yield Problem("no entry of a journal", node.place(), Gravity.WARNING, "journal-entry")
        else:
            yield journal_entry.event(node.value, node.place(), clock, remarks)
    yield from remarks.problems()


SOURCE = Source("journald", "The systemd journal as journalctl -o json prints it", sniff, read)
