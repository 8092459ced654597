"""From what was learnt to the words that people read: kinds, links with what speaks for them, and rules to keep quiet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.alert import inhibit
from afterword.core.alert.history import SECOND
from afterword.core.alert.proof import Proof, by_chance, proofs, window
from afterword.core.alert.search import GIVEN, directions
from afterword.model.alert import AlertGraph, AlertKind, AlertLink
from afterword.model.time import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.alert.history import History
    from afterword.core.alert.learn import Learnt
    from afterword.model.evidence import Citation

#: Pairs that a link cites.
_SHOWN = 3
#: Below this a link may as well lead the other way: it has to be twice as likely as its reverse.
DIRECTED = 2 / 3


@dataclass(frozen=True, slots=True)
class Told:
    """What each row that the history was made from says besides: where it stands, and its labels."""

    cites: Sequence[Citation] = ()
    labels: Sequence[Mapping[str, str]] = ()


def graph(learnt: Learnt, told: Told | None = None, notes: Sequence[str] = ()) -> AlertGraph:
    """The graph of what was learnt, the link that explains the most alerts first."""
    found, history = learnt.found, learnt.found.pairs.history
    behind = proofs(found) if len(history) else {}
    reach = window(found) if len(history) else 0.0
    said = told or Told()
    sure = directions(found)
    every = [
        _link(learnt, cause, effect, proof, reach, said, float(sure[cause, effect]))
        for (cause, effect), proof in behind.items()
    ]
    links = [one for one in every if one.given or one.direction >= DIRECTED]
    start = history.start
    last = start + round(float(history.at[-1]) * SECOND) if len(history) else start
    return AlertGraph(
        alerts=len(history),
        span=Span(start, last) if len(history) else None,
        components=len(history.components),
        touching=int(np.triu(learnt.touching, 1).sum()),
        topology=learnt.basis,
        window=reach,
        tick=history.tick,
        kinds=_kinds(learnt),
        links=_ordered(links),
        together=_ordered(one for one in every if not one.given and one.direction < DIRECTED),
        inhibit=inhibit.rules(history, behind, {(one.cause, one.effect): one for one in links}, said.labels),
        notes=tuple(notes),
    )


def _ordered(links: Iterable[AlertLink]) -> tuple[AlertLink, ...]:
    """What explains the most alerts first."""
    return tuple(sorted(links, key=lambda one: (-one.strength * one.pairs, one.cause, one.effect)))


def _link(learnt: Learnt, cause: int, effect: int, proof: Proof, reach: float, told: Told, sure: float) -> AlertLink:
    found, history = learnt.found, learnt.found.pairs.history
    gain, counts = found.gain[cause, effect], history.counts
    strength = float(found.strength[cause, effect])
    low, middle, high = proof.quartiles()
    number = int((proof.delay <= reach).sum())
    chance = by_chance(found, cause, effect, reach)
    return AlertLink(
        cause=history.kinds[cause],
        effect=history.kinds[effect],
        confidence=_chance(gain - found.price),
        direction=round(sure, 4),
        given=bool(gain >= GIVEN),
        strength=round(strength, 4),
        explains=round(strength * int(counts[cause]) / max(int(counts[effect]), 1), 4),
        pairs=number,
        chance=round(chance, 2),
        lift=round(number / max(chance, 1e-9), 2),
        delay=round(middle, 3),
        delay_low=round(low, 3),
        delay_high=round(high, 3),
        same_component=round(proof.share(proof.same), 4),
        while_firing=_while_firing(history, proof),
        cites=_cites(history, proof, told),
    )


def _chance(nats: float) -> float:
    """The probability that odds of so many nats stand for."""
    return round(1 / (1 + math.exp(-min(max(nats, -50.0), 50.0))), 4)


def _while_firing(history: History, proof: Proof) -> float | None:
    ends = history.until[proof.earlier]
    known = ~np.isnan(ends)
    weight = float(proof.doing[known].sum())
    return round(float(proof.doing[known & (history.at[proof.later] < ends)].sum()) / weight, 4) if weight > 0 else None


def _cites(history: History, proof: Proof, told: Told) -> tuple[Citation, ...]:
    if not told.cites:
        return ()
    best = np.argsort(-proof.doing, kind="stable")[:_SHOWN]
    rows = [history.row[end[n]] for n in best for end in (proof.earlier, proof.later)]
    return tuple(dict.fromkeys(told.cites[int(row)] for row in rows))


def _kinds(learnt: Learnt) -> tuple[AlertKind, ...]:
    """From what starts by itself down to what is led to, many before few."""
    found, history = learnt.found, learnt.found.pairs.history
    counts, levels = history.counts, _levels(found.links)
    brought = np.where(found.links, found.strength, 0.0).T @ counts
    made = []
    for number, name in enumerate(history.kinds):
        places = len(np.unique(history.component[history.kind == number]))
        share = min(float(brought[number]) / max(int(counts[number]), 1), 1.0)
        made.append(AlertKind(name, int(counts[number]), places, round(share, 4), levels[number]))
    return tuple(sorted(made, key=lambda one: (one.level, -one.count, one.name)))


def _levels(links: NDArray[np.bool_]) -> list[int]:
    """The longest way to each kind from one that nothing leads to."""
    levels = np.zeros(len(links), np.int64)
    for _ in range(len(links)):
        deeper = np.where(links, levels[:, None] + 1, 0).max(0, initial=0)
        if (deeper == levels).all():
            break
        levels = deeper
    return [int(one) for one in levels]
