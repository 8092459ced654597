"""Lesson: what several incidents have in common, and what it says about the work that was promised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an incident is compared by: components, symptoms and mechanism, never names of people or files."""

    incident: str
    title: str
    started: int | None
    components: tuple[str, ...]
    trigger: str
    category: str
    mechanism: tuple[str, ...]
    templates: tuple[str, ...]
    indicators: tuple[str, ...]
    alerts: tuple[str, ...]
    minutes: tuple[tuple[str, float | None], ...] = ()
    #: Action items of it that were still open when this was compared: id, title, state.
    promised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Similar:
    incident: str
    title: str
    score: float
    #: What they share, in words.
    shared: tuple[str, ...]
    repeat: bool


@dataclass(frozen=True, slots=True)
class Lesson:
    id: str
    pattern: str
    incidents: tuple[str, ...]
    says: str
    #: Actions that answered the pattern, with what happened to them.
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """One duration over several incidents: always with n, median and an interval."""

    name: str
    start: str
    end: str
    n: int
    values: tuple[tuple[str, float], ...]
    median: float | None
    low: float | None
    high: float | None
    #: "cannot be told from chance", or what the test found.
    says: str
    #: Incidents left out, and why.
    left_out: tuple[tuple[str, str], ...] = ()
