"""Published classifications of what lies behind an incident, and the class of each analysis in them.

Sources: Google, The Site Reliability Workbook, appendix C (root causes of thousands of postmortems, 2010 to 2017, shares in
percent); Wiegmann and Shappell, the Human Factors Analysis and Classification System (names only: its shares are of
aviation); Ghosh et al., How to Fight Production Incidents, SoCC 2022 (why monitoring did not tell, what delayed the
mitigation; no shares are given here, since none could be confirmed); IBM, Orthogonal Defect Classification (qualifier).
HFACS speaks of supervision; in operations its third level is the practice of a team, and an act is never a class here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.vocabulary import Share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.model.cause import Finding

HFACS, GOOGLE, DETECTION, MITIGATION, QUALIFIER = (
    "HFACS", "Google SRE workbook, root causes", "SoCC 2022, detection failure", "SoCC 2022, mitigation failure", "ODC, qualifier",
)  # fmt: skip
#: Classes of each classification, with the published share where there is one that compares.
CLASSES: Mapping[str, Mapping[str, float | None]] = {
    HFACS: dict.fromkeys((
        "technological environment", "crew resource management", "inadequate supervision", "planned inappropriate operations",
        "failed to correct known problem", "resource management", "organisational process",
    )),
    GOOGLE: {
        "software": 41.35, "development process failure": 20.23, "complex system behaviours": 16.90, "deployment planning": 6.74,
        "network failure": 2.75,
    },
    DETECTION: dict.fromkeys(("no monitors", "monitor bug", "telemetry coverage")),
    MITIGATION: dict.fromkeys(("documents and procedures", "deployment delay", "manual effort", "complex root cause", "external dependency")),
    QUALIFIER: dict.fromkeys(("missing", "incorrect", "extraneous")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weakness:
    """One analysis by the facets of a cause (object, defect, layer) and by the classifications; empty where one has no class."""

    object: str
    defect: str
    layer: str
    hfacs: str
    google: str = ""
    detection: str = ""
    mitigation: str = ""

    @property
    def qualifier(self) -> str:
        """Something was missing, or there and wrong, or there and too much."""
        if self.defect == "extraneous":
            return "extraneous"
        return "missing" if self.defect in ("missing", "exhausted", "unhandled error") else "incorrect"

    def classes(self) -> tuple[tuple[str, str], ...]:
        """Classification and class, in the order of ``CLASSES``; without those that have no class for it."""
        mine = (self.hfacs, self.google, self.detection, self.mitigation, self.qualifier)
        return tuple((name, one) for name, one in zip(CLASSES, mine, strict=True) if one)


_TECH, _CREW, _OVERSEE, _PLANNED, _KNOWN, _RESOURCE, _PROCESS = CLASSES[HFACS]
_SOFTWARE, _DEVELOPMENT, _COMPLEX, _DEPLOYMENT, _NETWORK = CLASSES[GOOGLE]
_TEAM, _SERVICE, _ORGANISATION = "team practice", "service", "organisation"
#: By the name of the analysis, and by the area behind it where one analysis speaks of several.
WEAKNESSES: Mapping[str, Weakness] = {
    # tests
    "untested-change": Weakness("code", "missing", _TEAM, _OVERSEE, _DEVELOPMENT),
    "uncovered-change": Weakness("code", "missing", _TEAM, _OVERSEE, _DEVELOPMENT),
    "skipped-checks": Weakness("build/deploy pipeline", "missing", _TEAM, _PLANNED, _DEVELOPMENT),
    "red-checks": Weakness("build/deploy pipeline", "incorrect", _TEAM, _PLANNED, _DEVELOPMENT),
    "retried-checks": Weakness("build/deploy pipeline", "incorrect", _TEAM, _KNOWN, _DEVELOPMENT),
    "flaky-test": Weakness("build/deploy pipeline", "racing", _TEAM, _KNOWN, _DEVELOPMENT),
    # monitoring
    "late-detection": Weakness("observability", "missing", _TEAM, _TECH, detection="telemetry coverage"),
    "slow-alert": Weakness("observability", "incorrect", _TEAM, _TECH, detection="monitor bug"),
    "unwatched-signal": Weakness("observability", "missing", _TEAM, _TECH, detection="no monitors"),
    "foreseeable-exhaustion": Weakness("observability", "missing", _TEAM, _TECH, detection="no monitors"),
    "reported-first": Weakness("observability", "missing", _TEAM, _TECH, detection="no monitors"),
    "silenced-alert": Weakness("observability", "incorrect", _TEAM, _TECH, detection="monitor bug"),
    "inhibited-alert": Weakness("observability", "incorrect", _TEAM, _TECH, detection="monitor bug"),
    "unrouted-alert": Weakness("observability", "incorrect", _TEAM, _TECH, detection="monitor bug"),
    "alert-noise": Weakness("observability", "extraneous", _TEAM, _TECH, detection="monitor bug"),
    # ownership
    "unowned-component": Weakness("automation/runbook", "missing", _ORGANISATION, _PROCESS),
    "departed-owner": Weakness("automation/runbook", "stale/expired", _ORGANISATION, _PROCESS),
    "escalation-chain": Weakness("automation/runbook", "incorrect", _ORGANISATION, _CREW, mitigation="documents and procedures"),
    "lone-expert": Weakness("automation/runbook", "missing", _ORGANISATION, _RESOURCE, mitigation="documents and procedures"),
    # change control
    "unreviewed-change": Weakness("code", "missing", _TEAM, _OVERSEE, _DEVELOPMENT),
    "odd-hours": Weakness("build/deploy pipeline", "incorrect", _TEAM, _PLANNED, _DEPLOYMENT),
    "all-at-once": Weakness("build/deploy pipeline", "missing", _TEAM, _PLANNED, _DEPLOYMENT),
    "crowded-changes": Weakness("build/deploy pipeline", "mis-ordered", _TEAM, _PLANNED, _DEPLOYMENT),
    "slow-rollback": Weakness("build/deploy pipeline", "incorrect", _TEAM, _PROCESS, _DEPLOYMENT, mitigation="deployment delay"),
    # resilience
    "unbounded-wait": Weakness("code", "missing", _SERVICE, _TECH, _SOFTWARE),
    "retry-amplification": Weakness("load", "extraneous", _SERVICE, _TECH, _COMPLEX),
    "endless-redelivery": Weakness("data/schema", "unhandled error", _SERVICE, _TECH, _SOFTWARE),
    "unbroken-calls": Weakness("dependency", "missing", _SERVICE, _TECH, _COMPLEX),
    "unguarded-dependency": Weakness("dependency", "missing", _SERVICE, _TECH, _COMPLEX),
    "cascade": Weakness("dependency", "unhandled error", _SERVICE, _TECH, _COMPLEX),
    "shared-dependency": Weakness("dependency", "contended", _SERVICE, _TECH, _COMPLEX),
    "single-dependency": Weakness("dependency", "missing", _SERVICE, _TECH, _COMPLEX, mitigation="external dependency"),
    "single-instance": Weakness("compute", "missing", _SERVICE, _RESOURCE, _DEPLOYMENT),
    "single-point": Weakness("compute", "missing", _SERVICE, _RESOURCE, _DEPLOYMENT),
    "no-headroom": Weakness("capacity", "exhausted", _SERVICE, _RESOURCE, _COMPLEX),
    "slow-scaling": Weakness("capacity", "exhausted", _SERVICE, _RESOURCE, _COMPLEX),
    "saturated-pool": Weakness("capacity", "exhausted", _SERVICE, _RESOURCE, _COMPLEX),
    # what people said themselves, by the area of which they spoke
    "stated-weakness/tests": Weakness("code", "missing", _TEAM, _OVERSEE, _DEVELOPMENT),
    "stated-weakness/monitoring": Weakness("observability", "missing", _TEAM, _TECH, detection="no monitors"),
    "stated-weakness/ownership": Weakness("automation/runbook", "missing", _ORGANISATION, _PROCESS),
    "stated-weakness/change control": Weakness("build/deploy pipeline", "missing", _TEAM, _OVERSEE, _DEPLOYMENT),
    "stated-weakness/resilience": Weakness("dependency", "missing", _SERVICE, _TECH, _COMPLEX),
    "stated-weakness/knowledge": Weakness("automation/runbook", "missing", _TEAM, _PROCESS, mitigation="documents and procedures"),
    # knowledge
    "alert-without-runbook": Weakness("automation/runbook", "missing", _TEAM, _PROCESS, mitigation="documents and procedures"),
    "no-runbook": Weakness("automation/runbook", "missing", _TEAM, _PROCESS, mitigation="documents and procedures"),
    "wrong-runbook": Weakness("automation/runbook", "stale/expired", _TEAM, _PROCESS, mitigation="documents and procedures"),
    "wrong-hypothesis": Weakness("observability", "missing", _TEAM, _CREW, mitigation="complex root cause"),
    "known-cause": Weakness("automation/runbook", "missing", _ORGANISATION, _KNOWN, _DEVELOPMENT),
    # recovery
    "broken-backup": Weakness("storage", "incorrect", _SERVICE, _TECH, mitigation="documents and procedures"),
    "manual-recovery": Weakness("automation/runbook", "missing", _TEAM, _PROCESS, mitigation="manual effort"),
    "missing-access": Weakness("certificate/secret/identity", "missing", _ORGANISATION, _PROCESS, mitigation="documents and procedures"),
    "refused-access": Weakness("certificate/secret/identity", "missing", _ORGANISATION, _PROCESS, mitigation="documents and procedures"),
    "slow-mitigation": Weakness("automation/runbook", "missing", _TEAM, _PROCESS, mitigation="deployment delay"),
}  # fmt: skip


def of(finding: Finding) -> Weakness | None:
    """None for an analysis that is not of this package."""
    return WEAKNESSES.get(finding.analysis) or WEAKNESSES.get(f"{finding.analysis}/{finding.area}")


def named(finding: Finding) -> tuple[str, ...]:
    """``HFACS: inadequate supervision`` and so on."""
    found = of(finding)
    return tuple(f"{name}: {one}" for name, one in found.classes()) if found else ()


def shares(incidents: Sequence[Sequence[Finding]]) -> tuple[Share, ...]:
    """Every class: in how many of the incidents a weakness of it was found, beside the published share."""
    counts: Counter[tuple[str, str]] = Counter()
    for findings in incidents:
        known = (found for one in findings if (found := of(one)) is not None)
        counts.update({pair for one in known for pair in one.classes()})
    total = len(incidents)
    return tuple(
        Share(name, one, counts[name, one], round(100 * counts[name, one] / total, 1) if total else None, published)
        for name, classes in CLASSES.items()
        for one, published in classes.items()
    )
