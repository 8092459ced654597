"""What the tests of the sources have in common: reading bytes, and the laws that no bytes may break."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from afterword.model.event import Event
from afterword.model.evidence import Problem, Skipped
from afterword.ports import Reading, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Research data beside the project; tests that use it carry ``@pytest.mark.shared``.
SHARED = Path(__file__).resolve().parents[3] / "../shared/data"
RECORDINGS = Path(__file__).resolve().parents[3] / "examples" / "shop" / "recordings"

Read = Event | Problem | Skipped


def read(source: Source, raw: bytes, *, zone: str = "", year: int | None = None) -> list[Read]:
    return list(source.read(io.BytesIO(raw), Reading(zone, year)))


def events(source: Source, raw: bytes, *, zone: str = "", year: int | None = None) -> list[Event]:
    return [one for one in read(source, raw, zone=zone, year=year) if isinstance(one, Event)]


def problems(source: Source, raw: bytes) -> list[Problem]:
    return [one for one in read(source, raw) if isinstance(one, Problem)]


def skipped(source: Source, raw: bytes) -> list[Skipped]:
    return [one for one in read(source, raw) if isinstance(one, Skipped)]


def said(raw: bytes, event: Event) -> str:
    """The bytes that an event cites."""
    return raw[event.place.start : event.place.end].decode("utf-8", "replace")


def check(source: Source, raw: bytes) -> list[Read]:
    """Read the bytes twice; the laws of a source hold. The answer is what was read."""
    sure = source.sniff(raw[: 1 << 16])
    assert 0.0 <= sure <= 1.0
    made = read(source, raw)
    assert made == read(source, raw)
    for one in made:
        assert 0 <= one.place.start <= one.place.end <= len(raw), one
        assert 1 <= one.place.first <= one.place.last <= raw.count(b"\n") + 1, one
    for event in (one for one in made if isinstance(one, Event)):
        assert event.place.start < event.place.end, event
        assert all(isinstance(k, str) and isinstance(v, str) for k, v in event.attributes.items()), event
        assert isinstance(event.subject, str)
        assert isinstance(event.name, str)
        assert isinstance(event.text, str)
        assert event.at is None or isinstance(event.at, int)
        assert event.until is None or isinstance(event.until, int)
    apart(made)
    return made


def apart(made: Iterable[Read]) -> None:
    """Bytes are read once: places are the same stretch with different parts, or they do not meet."""
    held = [one for one in made if isinstance(one, Event)]
    stretches = sorted({(one.place.start, one.place.end) for one in held})
    for (_, end), (start, _) in pairwise(stretches):
        assert end <= start, (end, start)


def truncated(source: Source, sample: bytes, step: int = 1) -> None:
    """The disk was full: however much of a file is there, reading it ends and stays inside its bytes."""
    for length in range(0, len(sample), step):
        check(source, sample[:length])


def shared(*path: str) -> Path:
    """A file of the research data, or the test is skipped."""
    found = SHARED.joinpath(*path)
    if not found.exists():
        pytest.skip("the research data is not here")
    return found


def recordings(pattern: str) -> list[Path]:
    """Files of our own recordings, or the test is skipped."""
    found = sorted(RECORDINGS.glob(pattern))
    if not found:
        pytest.skip("the recordings are not here")
    return found
