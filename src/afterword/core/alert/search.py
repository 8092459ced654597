"""The search for links among all kinds: shape and links in turn, until they do not change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.alert import lost, shape
from afterword.core.alert.acyclic import reachable, without_circles
from afterword.core.alert.background import around, background
from afterword.core.alert.fit import Design, Fitted, alone, select

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.alert.background import Background
    from afterword.core.alert.pairs import Pairs

#: A given link outbids any gain that data can make.
GIVEN = 1e12
_ROUNDS = 4
#: Of all influence; the rest is as long again as chance allows.
_NEARLY_ALL = 0.95
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before: links that hold, and links that do not. Square matrices over the kinds."""

    holds: NDArray[np.bool_]
    fails: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """Links between kinds, rows lead to columns.

    ``gain``: nats that the likelihood loses without the link. ``back``: nats that the reverse link would win in its place.
    ``strength``: alerts of the effect per alert of the cause. ``price``: nats that a link had to win. ``shape`` is per
    cell of the pairs; ``base`` is the share of the alerts of a kind that each background rate explains.
    """

    pairs: Pairs
    shape: NDArray[np.float64]
    links: NDArray[np.bool_]
    gain: NDArray[np.float64]
    back: NDArray[np.float64]
    strength: NDArray[np.float64]
    base: NDArray[np.float64]
    price: float


def search(pairs: Pairs, known: Known, rounds: int = _ROUNDS) -> Found:
    """Each round allows only what closes no circle with the links of the round before."""
    behind = background(pairs.history, pairs.watched)
    price = _price(pairs)
    form, allowed = shape.learn(pairs), ~known.fails
    seen: list[bytes] = []
    while True:
        found = _fitted(pairs, behind, form, Known(known.holds, ~allowed), price)
        seen.append(found.links.tobytes())
        if len(seen) == rounds or seen[-1] in seen[:-1]:
            break
        allowed = ~known.fails & ~(reachable(found.links).T & ~np.eye(len(allowed), dtype=np.bool_))
        form = shape.refine(pairs, form, found.links)
    found = _without_lost(found, behind, Known(known.holds, ~allowed))
    return replace(found, back=_back(found, behind))


def _price(pairs: Pairs) -> float:
    """BIC for one more weight, and for having had the choice among all kinds."""
    return 0.5 * float(np.log(max(len(pairs.history), 2))) + float(np.log(max(len(pairs.history.kinds), 2)))


def _fitted(pairs: Pairs, behind: Background, form: NDArray[np.float64], known: Known, price: float) -> Found:
    kinds = len(pairs.history.kinds)
    gain, strength, base = np.zeros((kinds, kinds)), np.zeros((kinds, kinds)), np.zeros((kinds, behind.rates.shape[1]))
    for design in _designs(pairs, behind, form):
        effect = design.effect
        chosen = select(design, ~known.fails[:, effect], known.holds[:, effect], price)
        _note(chosen, design, gain, strength, base, known.holds[:, effect])
    strength /= np.maximum(pairs.history.counts, 1)[:, None]
    links = without_circles(gain)
    return Found(pairs, form, links, gain, np.zeros_like(gain), strength, base, price)


def _note(
    chosen: Fitted, design: Design, gain: NDArray[np.float64], strength: NDArray[np.float64], base: NDArray[np.float64],
    holds: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Into the columns of the effect: what each parent is worth, and how many alerts it brings about in all."""
    effect, background_rates = design.effect, design.base.shape[1]
    base[effect] = chosen.weights[:background_rates] * design.base_mass / max(len(design.base), 1)
    gain[:, effect] = np.where(holds, GIVEN, 0.0)
    strength[:, effect] = 0.0
    for n, parent in enumerate(chosen.parents):
        strength[parent, effect] = chosen.weights[background_rates + n] * design.mass[parent]
        if parent != effect and not holds[parent]:
            gain[parent, effect] = chosen.gains[n]
    gain[effect, effect] = 0.0


def designs(found: Found) -> list[Design]:
    """The columns of each effect under the shape that was found, for those who look closer."""
    behind = background(found.pairs.history, found.pairs.watched)
    return _designs(found.pairs, behind, found.shape)


def _designs(pairs: Pairs, behind: Background, form: NDArray[np.float64]) -> list[Design]:
    """One design per kind; what each kind adds to the rate at each alert, per unit of strength."""
    kind, kinds = pairs.history.kind, len(pairs.history.kinds)
    mass, counts = pairs.exposure @ form, pairs.history.counts.astype(np.float64)
    by_effect = np.argsort(kind[pairs.row], kind="stable")
    borders = np.searchsorted(kind[pairs.row][by_effect], np.arange(kinds + 1))
    made = []
    for effect in range(kinds):
        rows = np.flatnonzero(kind == effect)
        mine = by_effect[borders[effect] : borders[effect + 1]]
        place = np.searchsorted(rows, pairs.row[mine]) * kinds + pairs.cause[mine]
        added = np.bincount(place, weights=pairs.count[mine] * form[pairs.cell[mine]], minlength=len(rows) * kinds)
        causes = added.reshape(len(rows), kinds).astype(np.float64)
        near_by = around(pairs.history, rows)
        made.append(Design(effect, behind.rates[rows], behind.masses[effect], causes, mass, near_by, counts))
    return made


def _without_lost(found: Found, behind: Background, known: Known) -> Found:
    """Takes away, the flimsiest first, what alerts that were lost explain, and looks at their effects again."""
    counts = found.pairs.history.counts.astype(np.float64)
    links, fails = found.links.copy(), known.fails.copy()
    least = lost.limit(links, found.strength, counts)
    while links.any():
        times = np.where(known.holds, np.inf, lost.explained(links, found.strength, counts))
        flimsy = np.unravel_index(int(np.argmin(times)), times.shape)
        if times[flimsy] >= least:
            break
        links[flimsy] = False
        fails[flimsy] = True
    if (links == found.links).all():
        return found
    fails |= ~links & found.links
    again = _fitted(found.pairs, behind, found.shape, Known(known.holds, fails | ~links), found.price)
    return replace(again, links=links & again.links)


def _back(found: Found, behind: Background) -> NDArray[np.float64]:
    """What the link in the other direction would win, were the one that was chosen not there."""
    won = np.zeros_like(found.gain)
    for design in _designs(found.pairs, behind, found.shape):
        effects = np.flatnonzero(found.links[design.effect])
        if len(effects) and len(design.base):
            gains, _ = alone(rate_of(found, design), design.causes[:, effects], design.mass[effects])
            won[design.effect, effects] = gains
    return won


def directions(found: Found) -> NDArray[np.float64]:
    """How sure it is that each link leads this way and not the other, from 0 to 1.

    By the likelihoods of the two; and by how often each of the two kinds comes first, since what comes now first and now
    second has a cause that nobody sees: then both likelihoods are high, and their difference is an accident of few alerts.
    """
    odds = 1 / (1 + np.exp(-np.clip(found.gain - found.back, -50, 50)))
    first = _first(found)
    surplus = (first - first.T) / np.sqrt(np.maximum(first + first.T, 1))
    # The logistic curve that is nearest to the normal one.
    chance = 1 / (1 + np.exp(-np.clip(1.702 * surplus, -50, 50)))
    return np.where(found.gain >= GIVEN, 1.0, np.minimum(odds, chance))


def _first(found: Found) -> NDArray[np.float64]:
    """Pairs in which the one kind came before the other, as long as influence lasts; one tick of a coarse clock does not tell."""
    pairs, kinds = found.pairs, len(found.links)
    mass = (found.shape.reshape(pairs.most + 1, -1) * np.diff(pairs.edges)).sum(0)
    last = int(np.searchsorted(np.cumsum(mass), _NEARLY_ALL * mass.sum()))
    bin_ = pairs.cell % pairs.bins
    told = (bin_ <= last) & ((bin_ > 0) | (pairs.history.tick < pairs.edges[1]))
    link = pairs.cause[told] * kinds + pairs.history.kind[pairs.row[told]]
    return np.bincount(link, weights=pairs.count[told], minlength=kinds**2).reshape(kinds, kinds).astype(np.float64)


def influence(found: Found) -> NDArray[np.float64]:
    """The weight of each link, and of each kind on itself, per unit of the shape."""
    allowed = found.links | np.eye(len(found.links), dtype=np.bool_)
    brought = found.strength * found.pairs.history.counts[:, None]
    return np.asarray(np.where(allowed, brought / np.maximum(found.pairs.exposure @ found.shape, _TINY)[:, None], 0.0))


def rate_of(found: Found, design: Design) -> NDArray[np.float64]:
    """The rate at each alert of one effect, by the links that were found."""
    base = found.base[design.effect] * len(design.base) / np.maximum(design.base_mass, _TINY)
    return np.asarray(np.maximum(design.base @ base + design.causes @ influence(found)[:, design.effect], _TINY))
