"""A release next to what it replaces: what each change shows by contrast, and whose it is where one calls the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.core.cause import contrast, machine, rollout, silence, versioned
from afterword.model.cause import Reason, Scored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.contrast import Contrast
    from afterword.core.cause.rank import Ranking
    from afterword.core.cause.rollout import Rollout, Strand
    from afterword.core.cause.silence import Silence
    from afterword.core.cause.topology import Topology

#: So much of what a changed component that is called accounts for is taken off.
_TAKEN = 0.7
#: A contrast that is smaller than this share of another one does not account for it.
_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Shown:
    """What the contrast says of one change. ``bits`` above 0 are against the change, below 0 for it."""

    component: str
    ref: str
    bits: float
    reason: Reason
    #: Why some of it was taken off; None where nothing was.
    off: Reason | None = None
    #: What the sentence is about; empty for silence.
    name: str = ""
    #: The bits before what kind of indicator it is was taken into account.
    plain: float = 0.0
    #: Times at which what the change brought reported.
    heard: tuple[int, ...] = ()

    def before(self, onset: int) -> int:
        """How many samples of what the change brought had come in before the trouble began."""
        return sum(at < onset for at in self.heard)

    @property
    def passed(self) -> bool:
        """Strong enough to be called a test that the change passed."""
        return self.bits >= contrast.STRONG

    @property
    def clear(self) -> bool:
        """Strong as a difference, whether users feel it or not."""
        return self.off is None and self.plain >= contrast.STRONG


#: By component and identity of the change.
Contrasts = dict[tuple[str, str], Shown]


def shown(case: Case, graph: Topology) -> Contrasts:
    """What each change shows whose instances can be told from those that it did not reach."""
    if not case.changes:
        return {}
    by = rollout.strands(case.series)
    for component, told in versioned.strands(case, {fact.event.subject for fact in case.changes}).items():
        by[component] += told
    all_of = rollout.rollouts(case, by)
    machines = machine.machines(case.series)
    found = {
        (one.component, one.ref): made
        for one in all_of
        if (made := _shown(case, one, all_of, by, machines)) is not None
    }
    return {key: _without_callees(one, found, graph) for key, one in found.items()}


def _shown(
    case: Case, one: Rollout, all_of: Sequence[Rollout], by: Mapping[str, Sequence[Strand]], machines: frozenset[int]
) -> Shown | None:
    mine = by.get(one.component, ())
    quiet = silence.silence(one, all_of, mine, case.covered) or silence.missing(one, all_of, by)
    found = contrast.contrasts(one, mine, machines)
    made = _of_contrast(one, found[0]) if found else None
    if quiet is not None and (made is None or quiet.bits > made.bits):
        made = _of_silence(one, quiet)
    return replace(made, heard=_heard(one, mine)) if made is not None else None


def _heard(one: Rollout, mine: Sequence[Strand]) -> tuple[int, ...]:
    """Every time at which an instance that the change brought reported, of the one that came first."""
    brought = [each.series for each in mine if each.instance in one.brought]
    first = min(brought, key=lambda series: (int(series.at[0]), series.indicator, series.statistic), default=None)
    return tuple(first.at.tolist()) if first is not None else ()


def _of_silence(one: Rollout, quiet: Silence) -> Shown:
    return Shown(one.component, one.ref, quiet.bits, Reason(quiet.says, round(quiet.bits, 3), quiet.cites))


def _of_contrast(one: Rollout, best: Contrast) -> Shown:
    return Shown(
        one.component,
        one.ref,
        best.bits,
        Reason(best.says(), round(best.bits, 3), best.cites),
        name=best.name,
        plain=best.plain,
    )


def _without_callees(one: Shown, found: Mapping[tuple[str, str], Shown], graph: Topology) -> Shown:
    """Less where a component that it calls changed as well and does worse: new callers may ask the new callees alone."""
    callees = [
        (other.bits, path, other)
        for other in found.values()
        if other.component != one.component
        and other.bits >= _ENOUGH * one.bits > 0
        and (path := graph.path(one.component, other.component))
        and not _calls_elsewhere(one.name, path[1], graph)
        and not graph.path(other.component, one.component)
    ]
    if not callees:
        return one
    bits, path, other = max(callees, key=lambda item: (item[0], item[1]))
    taken = one.bits * _TAKEN * min(1.0, bits / one.bits)
    says = f"what it calls changed as well and does as badly: {' → '.join(path)}"
    return replace(one, bits=one.bits - taken, off=Reason(says, round(-taken, 3), other.reason.cites))


def _calls_elsewhere(name: str, callee: str, graph: Topology) -> bool:
    """The indicator is about a call, and not of that callee."""
    known = {name for callees in graph.callees.values() for name in callees}
    told = {one for one in known if name.endswith(f"to_{one}")}
    return bool(told) and callee not in told


def leaned(ranking: Ranking, found: Contrasts) -> Ranking:
    """The ranking with what each release shows next to the instances that it did not reach."""
    best: dict[str, Shown] = {}
    for one in found.values():
        if one.bits > 0 and (one.component not in best or one.bits > best[one.component].bits):
            best[one.component] = one
    if not best:
        return ranking
    made = [
        Scored(
            one.component, round(one.score + best[one.component].bits, 6), (best[one.component].reason, *one.reasons)
        )
        if one.component in best
        else one
        for one in ranking.components
    ]
    return replace(ranking, components=tuple(sorted(made, key=lambda one: (-one.score, one.component))))
