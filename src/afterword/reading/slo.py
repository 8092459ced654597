"""Objectives as documents of service level objectives state them: one event for each, whichever the dialect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from afterword.core import objective
from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem
from afterword.reading import fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.model.evidence import Place

#: ``x_seconds_bucket{…, le="0.4"}`` and ``histogram_fraction(0, 0.4, …x_seconds…)``: what is faster is good.
_BUCKET = re.compile(r"(?<!\w)(\w{1,200}?)_bucket\s*\{[^{}]{0,400}?\ble\s{0,9}=~?\s*\"([0-9.]+)\"")
_FRACTION = re.compile(r"histogram_fraction\(\s*0\s*,\s*([0-9.]+)\s*,[^{}\[]{0,200}?(?<!\w)(\w{1,120})\s{0,9}[{\[]")
_SECONDS = re.compile(r"(?:^|_)seconds(?:_|$)")
_MILLIS = re.compile(r"(?:^|_)(?:milliseconds|millis|ms)(?:_|$)")
_NUMBER = re.compile(r"^\d{1,12}(?:\.\d{1,12})?$")
_TOOK = re.compile(r"^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m)$")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
_SUBJECT = re.compile(r"\b(?:service|job|app|service_name)\s*=\s*\"([^\"]+)\"")


class Stated(NamedTuple):
    """One objective: what it is of, its share as written, over which time, by which queries, and what is too slow in seconds."""

    name: str
    service: str
    share: str
    window: str = ""
    text: str = ""
    queries: Sequence[str] = ()
    slower: float | None = None


def event(one: Stated, place: Place) -> Event | Problem:
    """The event; a problem where the share is none."""
    if objective.number(one.share) is None:
        return Problem(f"an objective of {one.share[:40]!r} is no share", place, Gravity.WARNING, "objective-share")
    slower = one.slower if one.slower is not None else threshold(one.queries)
    said = {
        "policy": "objective", "objective": one.share.strip(), "window": one.window,
        "threshold": f"{slower:.9g}" if slower else "", "query": "\n".join(q.strip() for q in one.queries if q.strip()),
    }  # fmt: skip
    service = one.service or subject(one.queries) or one.name
    text = one.text.strip() or f"{one.name}: {one.share.strip()}"
    return Event(Kind.POLICY, place, None, service, one.name, text, offset=None, attributes=fact.attributes(said))


def threshold(queries: Sequence[str]) -> float | None:
    """From how many seconds on a request counts as too slow, as the queries say it; None where they count no durations."""
    for query in queries:
        found = _BUCKET.search(query)
        name, value = (found[1], found[2]) if found else ("", "")
        if not found and (found := _FRACTION.search(query)):
            name, value = found[2], found[1]
        made = seconds(value, name)
        if made is not None:
            return made
    return None


def seconds(value: str, measured: str) -> float | None:
    """A bare number as seconds, by the name of what it measures; None where that names no unit of time."""
    if not _NUMBER.match(value):
        return None
    names = re.findall(r"[a-zA-Z_]\w*", measured)
    if any(_SECONDS.search(name) for name in names):
        return float(value)
    return float(value) / 1000 if any(_MILLIS.search(name) for name in names) else None


def took(text: str) -> float | None:
    """``200ms`` as seconds; None for what is no duration."""
    found = _TOOK.match(text.strip())
    return float(found[1]) * _UNITS[found[2]] if found else None


def subject(queries: Sequence[str]) -> str:
    """The service that the queries select."""
    return next((found[1] for query in queries if (found := _SUBJECT.search(query))), "")
