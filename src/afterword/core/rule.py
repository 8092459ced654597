"""Rules of a rule file: alerts, and the recording rules that they rest on. Lengths are in ns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alert. ``held`` is its ``for``, ``kept`` its ``keep_firing_for``; ``every`` 0: as often as the recording allows."""

    name: str
    expr: str
    held: int = 0
    kept: int = 0
    every: int = 0
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class RecordRule:
    """A series that is worked out again and again, under a name of its own."""

    name: str
    expr: str
    every: int = 0
    labels: tuple[tuple[str, str], ...] = ()
    group: str = ""


Rule = AlertRule | RecordRule
