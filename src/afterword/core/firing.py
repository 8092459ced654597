"""From the answers of an expression to an alert that fires: the life of an alert as Prometheus keeps it (rules/alerting.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql.vector import gathered, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from afterword.core.promql.track import Labels
    from afterword.core.promql.vector import Vector
    from afterword.core.rule import AlertRule


@dataclass(frozen=True, slots=True)
class Firing:
    """One unbroken stretch in which the alert fired. ``end`` None: still firing at the end of the data."""

    component: str
    start: int
    end: int | None
    labels: tuple[tuple[str, str], ...] = ()


def firings(rule: AlertRule, vector: Vector, times: NDArray[np.int64]) -> Iterator[tuple[Labels, int, int | None]]:
    """Labels, start and end of every stretch in which the rule fires, by labels and start."""
    stated = {key: value for key, value in rule.labels if "{{" not in value}
    named = gathered((_labels(labels, stated), row) for labels, row in vector.rows.items())
    for labels, (_, there) in sorted(named.rows.items()):
        for start, end in stretches(times, there, rule.held, rule.kept):
            yield labels, start, end


def _labels(labels: Labels, stated: dict[str, str]) -> Labels:
    """Labels of the alert: those of the series without its name, and what the rule adds. A template there tells nothing new."""
    own = without(labels, ("__name__", *stated))
    return tuple(sorted((*own, *((key, value) for key, value in stated.items() if value))))


def stretches(
    times: NDArray[np.int64], true: NDArray[np.bool_], held: int, kept: int = 0
) -> Iterator[tuple[int, int | None]]:
    """The alert is pending from the first evaluation that is true, fires at the first one a full ``for`` later, and ends
    at the first that is not true, or that comes a full ``keep_firing_for`` after it.
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], true.astype(np.int8), [0]))))
    begun: int | None = None
    ends = 0
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if begun is not None and begin > ends:
            yield begun, int(times[ends])
            begun = None
        if begun is None:
            at = int(np.searchsorted(times, int(times[begin]) + held))
            if at >= end:
                continue
            begun = int(times[at])
        ends = end if not kept or end >= len(times) else int(np.searchsorted(times, int(times[end]) + kept))
    if begun is not None:
        yield begun, int(times[ends]) if ends < len(times) else None
