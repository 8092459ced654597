"""Which alerts need not be told while another fires: proposals for Alertmanager's ``inhibit_rules``, tried on the history."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from afterword.model.alert import InhibitRule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.alert.history import History
    from afterword.core.alert.proof import Proof
    from afterword.model.alert import AlertLink

#: How sure of a link and of its direction one has to be to keep an alert quiet for it.
_SURE = 0.95
#: Of the alerts that a rule hides so many have to be consequences, and it has to hide so many at all.
_RIGHT, _FEWEST = 0.9, 5


def rules(
    history: History,
    behind: Mapping[tuple[int, int], Proof],
    links: Mapping[tuple[str, str], AlertLink],
    labels: Sequence[Mapping[str, str]] = (),
) -> tuple[InhibitRule, ...]:
    """The rules that hide enough, and little in vain; what hides the most comes first."""
    made = []
    for (cause, effect), proof in behind.items():
        link = links.get((history.kinds[cause], history.kinds[effect]))
        if link is not None and (link.given or min(link.confidence, link.direction) >= _SURE):
            rule = _rule(history, cause, effect, proof, labels)
            if rule is not None:
                made.append(rule)
    return tuple(sorted(made, key=lambda one: (-one.hides, one.source, one.target)))


def _rule(
    history: History, cause: int, effect: int, proof: Proof, labels: Sequence[Mapping[str, str]]
) -> InhibitRule | None:
    """Alertmanager hides a target while a source fires whose equal labels have the same values: the same component."""
    hidden = _hidden(history, cause, effect)
    firing = proof.same & (history.at[proof.later] < np.nan_to_num(history.until[proof.earlier], nan=-np.inf))
    owed = np.bincount(proof.later[firing], weights=proof.doing[firing], minlength=len(history))
    hides, right = len(hidden), float(np.minimum(owed[hidden], 1).sum())
    if hides < _FEWEST or right < _RIGHT * hides:
        return None
    equal = _equal(history, proof, firing, labels)
    number = int((history.kind == effect).sum())
    return InhibitRule(history.kinds[cause], history.kinds[effect], equal, hides, number, round(hides - right, 2))


def _hidden(history: History, cause: int, effect: int) -> NDArray[np.int64]:
    """Alerts of the effect that begin while one of the cause fires on the same component."""
    sources, targets = np.flatnonzero(history.kind == cause), np.flatnonzero(history.kind == effect)
    found = []
    for component in np.intersect1d(history.component[sources], history.component[targets]):
        of = sources[(history.component[sources] == component) & ~np.isnan(history.until[sources])]
        to = targets[history.component[targets] == component]
        last = np.maximum.accumulate(history.until[of]) if len(of) else np.zeros(0)
        before = np.searchsorted(history.at[of], history.at[to], "right")
        some = before > 0
        found.append(to[some][last[before[some] - 1] > history.at[to[some]]])
    return np.concatenate([np.zeros(0, np.int64), *found])


def _equal(
    history: History, proof: Proof, firing: NDArray[np.bool_], labels: Sequence[Mapping[str, str]]
) -> tuple[str, ...]:
    """Labels whose values both alerts share and that tell one component from another, those called as it first."""
    if not labels:
        return ()
    shared: Counter[str] = Counter()
    naming: Counter[str] = Counter()
    values: dict[str, set[str]] = {}
    rows = np.flatnonzero(firing)
    for n in rows:
        one, other = labels[int(history.row[proof.earlier[n]])], labels[int(history.row[proof.later[n]])]
        component = history.components[int(history.component[proof.later[n]])]
        for key in one.keys() & other.keys():
            shared[key] += one[key] == other[key]
            naming[key] += one[key] == other[key] == component
            values.setdefault(key, set()).add(other[key])
    always = [key for key in shared if shared[key] == len(rows)]
    named = sorted(key for key in always if naming[key] == len(rows))
    return tuple(named[:1] or sorted(key for key in always if len(values[key]) > 1))
