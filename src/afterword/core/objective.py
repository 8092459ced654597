"""Service level objectives that rules and recorded series state: the share of requests that has to go well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.promql.track import stale
from afterword.core.rule import AlertRule
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from afterword.core.promql.track import Track
    from afterword.core.rule import Rule
    from afterword.model.event import Fact
    from afterword.model.evidence import Citation

#: Labels and annotations that hold an objective; and series of Sloth and of Pyrra, whose value is one.
_KEYS = re.compile(r"(?i)^(slo|slo_objective|objective|slo_target|objective_percent|target)$")
_SERIES = re.compile(r"^(slo:objective:ratio|pyrra_objective)$")
#: ``14.4 * (1 - 0.999)`` and ``14.4 * 0.001``: a burn rate states the budget that it is a multiple of.
_LEFT = re.compile(r"\b1(?:\.0+)?\s*-\s*(0?\.\d+)")
_BUDGET = re.compile(r"\b(?:14\.4|13\.44|14|6|5\.6)\s*+\*\s*+\(?+\s*+(0?\.0\d+)")
_PERCENT = re.compile(r"^\s*+(\d{1,3}(?:\.\d++)?+)\s*+%?+\s*+$")


@dataclass(frozen=True, slots=True)
class Objective:
    """One that a document states: of which service, the share that has to go well, and from how many ns on it is too slow."""

    name: str
    about: str
    share: float
    #: 0 where it is of failures.
    slower: int
    cites: tuple[Citation, ...]


def stated(policies: Iterable[Fact]) -> tuple[Objective, ...]:
    """The objectives among the policies of the evidence, in the order of their names."""
    made = []
    for one in policies:
        said = one.event.attributes
        share = number(said.get("objective", "")) if said.get("policy") == "objective" else None
        if share is not None:
            slower = int(float(said.get("threshold", "0")) * SECOND)
            made.append(Objective(one.event.name, one.event.subject, round(share, 8), slower, (one.cite,)))
    return tuple(sorted(made, key=lambda o: (o.about, o.name, o.share)))


def number(text: str) -> float | None:
    """``99.9``, ``99.9 %`` and ``0.999`` are the same share; None for what is none."""
    found = _PERCENT.match(text) or re.match(r"^\s*(0?\.\d+)\s*$", text)
    if not found:
        return None
    value = float(found[1])
    share = value if value < 1 else value / 100
    return share if 0.5 <= share < 1 else None


def objectives(
    rules: Iterable[Rule], tracks: Iterable[Track], component: Callable[[Mapping[str, str]], str]
) -> dict[str, float]:
    """By component, "" where none is named; the strictest where several are stated."""
    found: dict[str, float] = {}
    for rule in rules:
        said = (*rule.labels, *(rule.annotations if isinstance(rule, AlertRule) else ()))
        values = [number(value) for key, value in said if _KEYS.match(key)] or list(_written(rule.expr))
        _keep(found, component(dict(rule.labels)), values)
    for one in tracks:
        if _SERIES.match(one.name) and len(value := one.value[~stale(one.value)]):
            _keep(found, component(dict(one.labels)), [number(f"{float(value[-1]):.8f}")])
    return found


def _written(expr: str) -> Iterable[float | None]:
    yield from (number(value) for value in _LEFT.findall(expr))
    yield from (1 - float(value) for value in _BUDGET.findall(expr) if float(value) <= 0.1)


def _keep(found: dict[str, float], about: str, values: Iterable[float | None]) -> None:
    for value in values:
        if value is not None:
            found[about] = max(found.get(about, 0.0), round(value, 8))
