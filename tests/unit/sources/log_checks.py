"""What holds for every source of logs: checks that their tests share."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING

from afterword.model.event import Event
from afterword.model.evidence import Problem, Skipped
from afterword.ports import Reading

if TYPE_CHECKING:
    from types import ModuleType


def everything(source: ModuleType, raw: bytes | str, **rule) -> list[Event | Problem | Skipped]:
    body = raw.encode() if isinstance(raw, str) else raw
    return list(source.read(io.BytesIO(body), Reading(**rule)))


def events(source: ModuleType, raw: bytes | str, **rule) -> list[Event]:
    return [one for one in everything(source, raw, **rule) if isinstance(one, Event)]


def ns(text: str) -> int:
    """Nanoseconds of a UTC time with any number of digits."""
    whole, _, fraction = text.partition(".")
    seconds = datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0") if fraction else 0)


def check(source: ModuleType, raw: bytes) -> None:
    """Never fails; places lie inside of the bytes, in their order, and never overlap."""
    assert 0.0 <= source.sniff(raw[: 1 << 16]) <= 1.0
    at = 0
    for one in everything(source, raw, year=2024):
        assert 0 <= one.place.start <= one.place.end <= len(raw)
        if isinstance(one, Problem) and not one.quarantined:
            continue
        assert at <= one.place.start
        at = one.place.end


def cut_everywhere(source: ModuleType, sample: bytes) -> None:
    for end in range(len(sample) + 1):
        check(source, sample[:end])
