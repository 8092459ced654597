"""Plain text logs in any of the formats that the field knows by name, and any other text, a line an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final

from afterword.ports import Source
from afterword.reading import log_record, table
from afterword.reading.bulk import shaped
from afterword.reading.shape import application, store, syslog, system, web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.model.evidence import Problem, Skipped
    from afterword.ports import Batch, Reading

SHAPES: Final = (*web.SHAPES, *syslog.SHAPES, *store.SHAPES, *system.SHAPES, *application.SHAPES)
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")
_MOST_NULS: Final = 0.01
_PRINTABLE: Final = 0.6


def sniff(head: bytes) -> float:
    """0 for what is no text; 0.2 for any text, JSON and tables; 0.5 to 0.6 where half of the lines have a time at their head."""
    if not head.strip() or head.count(b"\0") > _MOST_NULS * len(head):
        return 0.0
    lines = head.split(b"\n")[:400]
    if sum(_printable(line) for line in lines) < _PRINTABLE * len(lines):
        return 0.0
    if _JSON.match(head) or _is_table(head):
        return 0.2
    share = log_record.dated(head)
    if share < 0.5:
        share = log_record.recognised(head, SHAPES)
    return 0.2 if share < 0.5 else 0.4 + share * 0.2


def _is_table(head: bytes) -> bool:
    """A table whose header is no log line itself."""
    found = table.shape(head)
    first = head.split(b"\n", 1)[0]
    return (
        found is not None
        and bool(found.samples)
        and not log_record.dated(first)
        and not log_record.recognised(first, SHAPES)
    )


def _printable(line: bytes) -> bool:
    """Few bytes of the line are control characters; bytes above ASCII may be letters of any encoding."""
    controls = sum(line.count(bytes([one])) for one in _CONTROLS)
    return controls * 10 <= len(line)


_CONTROLS: Final = (*range(9), *range(14, 27), *range(28, 32))


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    return log_record.records(stream, reading, SHAPES)


def bulk(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped | Batch]:
    return shaped.records(stream, reading, SHAPES)


SOURCE = Source(
    "text-log",
    "Plain text logs: some ninety formats by name, others by the time and level at their head",
    sniff,
    read,
    bulk=bulk,
)
