"""The lane of platform states: what the objects of a cluster say, as ranked faults and as causes."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause import cluster as clusters
from afterword.core.cause import fault_load, fault_node, fault_pod, fault_schedule, fault_service, fault_words
from afterword.model.cause import Cause, Grade, Reason, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.cluster import App
    from afterword.core.cause.fault import Fault

_MOST = 12
#: So many of the last lines of an app are looked through.
_MOST_LINES = 2000
_HOST = re.compile(r"(?<![\w.-])[a-z][a-z0-9-]{1,62}(?=[.:/]|$)")
#: Below this a fault is told as a condition among others, not as what hurt.
_CLEAR = 5.0


def faults(case: Case) -> tuple[Fault, ...]:
    """Every fault that the states support, best first; one of each class and object."""
    if not case.states:
        return ()
    found = clusters.build(case.states)
    apps = found.apps()
    made = [*fault_node.faults(found), *fault_service.faults(apps, found)]
    made += fault_words.faults(apps, _words(case, apps))
    for app in apps.values():
        made += [*fault_pod.faults(app), *fault_schedule.faults(app, found)]
    made += fault_load.faults(case.alerts, apps, found, _calls(case) or _addressed(apps))
    best: dict[tuple[str, str], Fault] = {}
    for one in sorted(made, key=lambda fault: (-fault.bits, fault.kind, fault.component)):
        known = best.setdefault((one.component, one.kind), one)
        if known is not one:
            best[one.component, one.kind] = replace(known, bits=known.bits + 0.25)
    ranked = sorted(best.values(), key=lambda fault: (-fault.bits, fault.kind, fault.component))
    return tuple(ranked[:_MOST])


def _words(case: Case, apps: Mapping[str, App]) -> dict[str, str]:
    """What the containers of each app wrote of trouble: its lines, and summaries of such lines."""
    made: dict[str, list[str]] = defaultdict(list)
    names = {code: name for code, name in enumerate(case.logs.components) if name in apps}
    for code, name in names.items():
        rows = np.flatnonzero(case.logs.component == code)[-_MOST_LINES:]
        made[name] += [case.logs.text[row] for row in rows.tolist()]
    for fact in (*case.patterns, *case.undated):
        if fact.event.subject in apps:
            made[fact.event.subject].append(fact.event.text)
    return {name: "\n".join(lines) for name, lines in made.items()}


def _calls(case: Case) -> dict[str, frozenset[str]]:
    made: dict[str, set[str]] = defaultdict(set)
    for fact in case.edges:
        made[fact.event.subject].add(fact.event.name)
    return {caller: frozenset(callees) for caller, callees in made.items()}


def _addressed(apps: Mapping[str, App]) -> dict[str, frozenset[str]]:
    """Who calls whom by the addresses in their environments, where nothing states it."""
    made = {name: frozenset((_hosts(app) & apps.keys()) - {name}) for name, app in apps.items()}
    return {name: callees for name, callees in made.items() if callees}


def _hosts(app: App) -> set[str]:
    """What may be a host in the values of its environment: ``cart`` of ``http://cart.shop.svc:80/``."""
    values = (line.partition("=")[2] for line in app.facts("env"))
    return {word for value in values for word in _HOST.findall(value)}


def clear(found: Sequence[Fault]) -> list[Fault]:
    """Those that are sure enough to be told as what hurt."""
    return [one for one in found if one.bits >= _CLEAR]


def causes(found: Sequence[Fault]) -> tuple[Cause, ...]:
    """Faults as causes: the best clear one is proximate, the others contribute."""
    made = []
    for place, one in enumerate(found):
        clear = one.bits >= _CLEAR
        role = Role.PROXIMATE if place == 0 and clear else Role.CONTRIBUTING
        made.append(
            Cause(
                _identity(one), f"{one.component.rpartition('/')[2]}: {one.kind.replace('_', ' ')}", role, one.component, one.cites,
                category=one.category, defect=one.defect, layer="platform", indicator=one.kind, score=round(one.bits, 4),
                grade=Grade.MECHANISM if clear and one.cites else Grade.PRECEDES, reasons_for=(Reason(one.says, one.bits, one.cites), *(Reason(says, 0.5, (cite,)) for says, cite in one.besides)),
            )
        )  # fmt: skip
    return tuple(made)


def _identity(one: Fault) -> str:
    return "c" + hashlib.sha256(f"state|{one.component}|{one.kind}".encode()).hexdigest()[:10]
