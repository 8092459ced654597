"""A small world of alerts with known links, for the tests: seeded, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.alert.history import SECOND, Alert, history
from afterword.core.alert.learn import learn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.alert.learn import Learnt

#: A disk fills, the database stalls, the shop times out; on another way the shop reports a queue.
TRUE = {("DiskFull", "DbStalls"), ("DbStalls", "ShopTimesOut"), ("ShopTimesOut", "QueueGrows")}
#: What touches what: four pairs of a shop and its database, and one row of switches.
EDGES = [(f"shop-{n}", f"db-{n}") for n in range(4)]
DAY = 86400


def alerts(
    seed: int = 1,
    *,
    days: int = 40,
    a_day: float = 4,
    strength: float = 0.7,
    tick: int = 1,
    lost: float = 0.0,
    common: bool = False,
    firing: float = 600,
    also: str = "",
) -> list[Alert]:
    """``DiskFull`` and ``Unrelated`` start by themselves; each link brings about ``strength`` alerts after half a minute.

    ``also`` starts by itself on databases too.
    """
    draw = np.random.default_rng(seed)
    starts = [("DiskFull", "db"), ("Unrelated", "shop"), ("CertExpires", "db")]
    starts += [(also, "db")] if also else []
    todo = [
        (kind, f"{role}-{n}", at)
        for kind, role in starts
        for n in range(4)
        for at in draw.uniform(0, days * DAY, draw.poisson(a_day * days / 4)).tolist()
    ]
    if common:
        # A failed power supply that nobody has an alert for sets off four kinds, in no order, within the hour.
        for at in draw.uniform(0, days * DAY, days).tolist():
            kinds = ("Unrelated", "CertExpires", "FanStops", "ProbeFails")
            todo += [(kind, "shop-1", at + draw.uniform(0, 3000)) for kind in kinds]
    made = []
    while todo:
        kind, component, at = todo.pop()
        made.append((kind, component, at))
        for cause, effect in TRUE:
            if kind == cause and draw.random() < strength:
                number = component.partition("-")[2]
                role = "db" if effect == "DbStalls" else "shop"
                todo.append((effect, f"{role}-{number}", at + draw.exponential(30)))
    kept = [one for one in made if draw.random() >= lost]
    return [
        Alert(kind, component, int(at // tick) * tick * SECOND, int((at // tick) * tick + firing) * SECOND)
        for kind, component, at in sorted(kept, key=lambda one: one[2])
    ]


def learnt(found: Sequence[Alert], edges: list[tuple[str, str]] | None = EDGES) -> Learnt:
    return learn(history(found), edges)


def links(of: Learnt) -> set[tuple[str, str]]:
    kinds = of.found.pairs.history.kinds
    return {(kinds[cause], kinds[effect]) for cause, effect in np.argwhere(of.found.links).tolist()}
