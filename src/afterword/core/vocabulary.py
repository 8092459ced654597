"""Published classifications of causes, with their shares, and how the facets of a cause map to each.

Sources: Google, The Site Reliability Workbook, appendix C (thousands of postmortems, 2010 to 2017); Xie et al., Going through
the Life Cycle of Faults in Clouds, ISSRE 2022 (354 postmortems, several labels each); Ghosh et al., How to Fight Production
Incidents, SoCC 2022 (152 incidents). Shares are in percent, as published.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.model.cause import Role, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from afterword.model.cause import Cause, Explanation

GOOGLE, ISSRE, SOCC = "Google SRE workbook, triggers", "ISSRE 2022, causes", "SoCC 2022, causes"
#: Published shares by classification and class.
PUBLISHED: Mapping[str, Mapping[str, float]] = {
    GOOGLE: {
        "binary push": 37, "configuration push": 31, "user behaviour change": 9, "processing pipeline": 6, "service provider change": 5,
        "performance decay": 5, "capacity management": 5, "hardware": 2,
    },
    ISSRE: {
        "misconfiguration": 31.6, "code change": 13.3, "payload flood": 8.0, "resource contention": 3.1, "exception handling": 2.0,
        "incompatibility": 1.7, "other internal": 19.5, "hardware failures": 17.0, "insufficient resource": 9.3, "excessive flow": 6.2,
        "third-party failures": 2.8, "component removal": 2.0, "other external": 1.4, "unknown": 12.1,
    },
    SOCC: {
        "code bug": 27.0, "dependency failure": 16.4, "infrastructure": 15.8, "deployment error": 13.2, "config bug": 12.5,
        "database/network": 10.5, "auth failure": 4.6,
    },
}  # fmt: skip
_GOOGLE = {
    "code": "binary push", "config": "configuration push", "feature flag": "configuration push", "load": "user behaviour change",
    "data/schema": "processing pipeline", "dependency": "service provider change", "capacity": "capacity management",
    "storage": "capacity management", "compute": "performance decay", "network": "hardware", "facility/power": "hardware",
    "build/deploy pipeline": "binary push",
}  # fmt: skip
_ISSRE = {
    "config": "misconfiguration", "feature flag": "misconfiguration", "code": "code change", "load": "excessive flow",
    "capacity": "insufficient resource", "storage": "insufficient resource", "compute": "insufficient resource",
    "dependency": "third-party failures", "network": "hardware failures", "facility/power": "hardware failures",
    "certificate/secret/identity": "other internal", "time": "other internal", "data/schema": "incompatibility",
    "build/deploy pipeline": "other internal", "observability": "other internal", "automation/runbook": "other internal",
    "security event": "other external",
}  # fmt: skip
#: The defect says more than the object at fault.
_ISSRE_DEFECT = {
    "contended": "resource contention", "racing": "resource contention", "unhandled error": "exception handling",
    "incompatible": "incompatibility", "extraneous": "payload flood",
}  # fmt: skip
_SOCC = {
    "code": "code bug", "config": "config bug", "feature flag": "config bug", "dependency": "dependency failure",
    "compute": "infrastructure", "storage": "infrastructure", "capacity": "infrastructure", "facility/power": "infrastructure",
    "load": "infrastructure", "network": "database/network", "data/schema": "database/network",
    "certificate/secret/identity": "auth failure", "build/deploy pipeline": "deployment error",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """One class: how often it is here, and how often it was found there. Shares in percent; ``here`` None without incidents."""

    classification: str
    name: str
    incidents: int
    here: float | None
    published: float | None


def google(explanation: Explanation) -> str:
    """The class of what set it off."""
    cause = _first(explanation, Role.TRIGGER)
    return _GOOGLE.get(cause.category, "") if cause else ""


def issre(explanation: Explanation) -> str:
    cause = _first(explanation, Role.TRIGGER) or _first(explanation, Role.PROXIMATE)
    if cause is None or (cause.role is not Role.TRIGGER and explanation.verdict is not Verdict.EXPLAINED):
        return "unknown"
    return _ISSRE_DEFECT.get(cause.defect) or _ISSRE.get(cause.category, "unknown")


def socc(explanation: Explanation) -> str:
    cause = _first(explanation, Role.TRIGGER) or _first(explanation, Role.PROXIMATE)
    return _SOCC.get(cause.category, "") if cause else ""


_CLASSES: Mapping[str, Callable[[Explanation], str]] = {GOOGLE: google, ISSRE: issre, SOCC: socc}


def _first(explanation: Explanation, role: Role) -> Cause | None:
    return next((one for one in explanation.causes if one.role is role), None)


def shares(explanations: Sequence[Explanation]) -> tuple[Share, ...]:
    """Every class of every classification, with what is here beside what was published; unclassified incidents last."""
    made = []
    for classification, classify in _CLASSES.items():
        counts = Counter(classify(one) or "not classified" for one in explanations)
        names = [*PUBLISHED[classification], *(name for name in ("not classified",) if counts[name])]
        made += [
            Share(
                classification, name, counts[name], round(100 * counts[name] / len(explanations), 1) if explanations else None,
                PUBLISHED[classification].get(name),
            )
            for name in names
        ]  # fmt: skip
    return tuple(made)
