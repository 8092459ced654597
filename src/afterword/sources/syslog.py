"""Syslog as files and collectors keep it: RFC 5424, RFC 3164 with and without a priority, and rsyslog's ISO times."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from afterword.ports import Source
from afterword.reading import log_record
from afterword.reading.bulk import shaped
from afterword.reading.shape import syslog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.model.evidence import Problem, Skipped
    from afterword.ports import Batch, Reading


def sniff(head: bytes) -> float:
    """Sure when most lines are syslog."""
    share = log_record.recognised(head, syslog.SHAPES)
    return 0.0 if share < 0.6 else 0.5 + share * 0.4


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    return log_record.records(stream, reading, syslog.SHAPES)


def bulk(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped | Batch]:
    return shaped.records(stream, reading, syslog.SHAPES)


SOURCE = Source("syslog", "Syslog: RFC 5424 and RFC 3164, with or without a priority", sniff, read, bulk=bulk)
