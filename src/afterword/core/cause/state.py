"""The lane of platform states: what the objects of a cluster say, as ranked faults and as causes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core.cause import cluster as clusters
from afterword.core.cause import fault_node, fault_pod, fault_schedule, fault_service
from afterword.model.cause import Cause, Grade, Reason, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.case import Case
    from afterword.core.cause.fault import Fault

_MOST = 12
#: Below this a fault is told as a condition among others, not as what hurt.
_CLEAR = 5.0


def faults(case: Case) -> tuple[Fault, ...]:
    """Every fault that the states support, best first; one of each class and object."""
    if not case.states:
        return ()
    found = clusters.build(case.states)
    apps = found.apps()
    made = [*fault_node.faults(found), *fault_service.faults(apps, found)]
    for app in apps.values():
        made += [*fault_pod.faults(app), *fault_schedule.faults(app, found)]
    best: dict[tuple[str, str], Fault] = {}
    for one in sorted(made, key=lambda fault: (-fault.bits, fault.kind, fault.component)):
        known = best.setdefault((one.component, one.kind), one)
        if known is not one:
            best[one.component, one.kind] = replace(known, bits=known.bits + 0.25)
    ranked = sorted(best.values(), key=lambda fault: (-fault.bits, fault.kind, fault.component))
    return tuple(ranked[:_MOST])


def causes(found: Sequence[Fault]) -> tuple[Cause, ...]:
    """Faults as causes: the best clear one is proximate, the others contribute."""
    made = []
    for place, one in enumerate(found):
        clear = one.bits >= _CLEAR
        role = Role.PROXIMATE if place == 0 and clear else Role.CONTRIBUTING
        made.append(
            Cause(
                _identity(one), f"{one.component} {one.kind.replace('_', ' ')}: {one.says}", role, one.component, one.cites,
                category=one.category, defect=one.defect, layer="platform", indicator=one.kind, score=round(one.bits, 4),
                grade=Grade.MECHANISM if clear and one.cites else Grade.PRECEDES, reasons_for=(Reason(one.says, one.bits, one.cites),),
            )
        )  # fmt: skip
    return tuple(made)


def _identity(one: Fault) -> str:
    return "c" + hashlib.sha256(f"state|{one.component}|{one.kind}".encode()).hexdigest()[:10]
