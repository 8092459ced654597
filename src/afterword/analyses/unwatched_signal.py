"""Alert rules are given, and none of them looks at the signal that showed the trouble first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import indicator
from afterword.core.cause.graph import identity
from afterword.core.diff import words
from afterword.core.indicator import Family
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "unwatched-signal"
#: Where somebody noticed so soon, a rule on the symptom was enough.
SOON = 2 * MINUTE
LIMITS = "A rule may watch the same thing under another name, and rules outside the evidence are not seen."
_UNITS = frozenset(("ms", "seconds", "second", "total", "count", "ratio", "pct", "percent", "bytes", "rate", "per", "sec", "min", "p50", "p90", "p95", "p99", "avg", "max", "sum", "bucket"))  # fmt: skip


def run(scene: Scene) -> Iterator[Finding]:
    rules = scene.case.rules
    hurt = [
        s
        for s in scene.signals
        if s.onset is not None and not s.derived and indicator.worse(s.indicator) * s.shift >= 0
    ]
    hurt = [s for s in hurt if indicator.family(s.indicator) in (Family.ERRORS, Family.LATENCY, Family.SATURATION)]
    if not rules or not hurt:
        return
    first = min(hurt, key=lambda s: (s.onset or 0, s.component, s.indicator))
    noticed = scene.points.get(PointName.DETECTED)
    if noticed is not None and noticed.at - (first.onset or 0) < SOON:
        return
    if any(_watches(rule, first.indicator) for rule in rules):
        return
    says = (
        f"{first.component}: {first.indicator} stood out first, at {clock(first.onset or 0)};"
        f" none of the {len(rules)} alert rules given looks at it."
    )
    about = first.component
    yield Finding(
        identity(NAME, about, first.indicator), NAME, "monitoring", says, about, (first.cite, rules[0].cite), LIMITS, 0.7
    )  # fmt: skip


def _watches(rule: Fact, name: str) -> bool:
    """A rule watches a signal when it names it, or all the words of it that are not units."""
    text = f"{rule.event.name} {rule.event.text}"
    core = words(name) - _UNITS
    return name.lower() in text.lower() or bool(core and core <= words(text))


ANALYSIS = Analysis(NAME, "the first signal has no alert rule", run)
