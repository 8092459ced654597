"""Classes of weaknesses."""

from __future__ import annotations

from pathlib import Path

from afterword.app import plugs
from afterword.core import weakness
from afterword.core.weakness import CLASSES, GOOGLE, HFACS, WEAKNESSES
from afterword.model.cause import Finding

OBJECTS = {"code", "config", "feature flag", "data/schema", "dependency", "network", "compute", "storage", "capacity", "load", "certificate/secret/identity", "time", "build/deploy pipeline", "observability", "automation/runbook", "facility/power", "security event", "none"}  # fmt: skip
DEFECTS = {"missing", "incorrect", "extraneous", "incompatible", "stale/expired", "exhausted", "contended", "racing", "mis-ordered", "unhandled error"}  # fmt: skip
LAYERS = {"precondition", "component", "service", "team practice", "organisation", "external"}


def finding(analysis: str) -> Finding:
    return Finding("f", analysis, "tests", "It.", "cart", ())


def test_every_analysis_of_the_package_has_its_place_and_there_is_no_place_without_one() -> None:
    ours = {one.name for one in plugs.analyses() if one.run.__module__.startswith("afterword.analyses")}
    assert {name.partition("/")[0] for name in WEAKNESSES} == ours


def test_the_facets_are_the_words_of_the_house_and_no_weakness_is_an_act() -> None:
    for name, one in WEAKNESSES.items():
        assert one.object in OBJECTS, name
        assert one.defect in DEFECTS, name
        assert one.layer in LAYERS, name


def test_every_class_is_one_of_its_classification() -> None:
    for one in WEAKNESSES.values():
        assert dict(one.classes())[HFACS]
        assert all(value in CLASSES[name] for name, value in one.classes())
    assert all(any((name, value) in one.classes() for one in WEAKNESSES.values()) for name in CLASSES for value in CLASSES[name] if name != GOOGLE)  # fmt: skip


def test_an_incident_counts_once_for_each_class_whatever_the_number_of_its_findings() -> None:
    told = [[finding("untested-change"), finding("uncovered-change")], [finding("cascade")], []]
    found = {(one.classification, one.name): one for one in weakness.shares(told)}
    mine = found[GOOGLE, "development process failure"]
    assert (mine.incidents, mine.here, mine.published) == (1, 33.3, 20.23)
    assert found[HFACS, "technological environment"].published is None
    assert all(one.here is None for one in weakness.shares([]))


def test_an_analysis_from_elsewhere_has_no_class() -> None:
    assert weakness.named(finding("acme-own")) == ()
    assert weakness.named(finding("red-checks"))[:2] == (
        "HFACS: planned inappropriate operations",
        "Google SRE workbook, root causes: development process failure",
    )
    assert weakness.shares([[finding("acme-own")]])[0].incidents == 0


def test_the_page_says_of_every_analysis_what_it_needs() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "explanation" / "weaknesses.md").read_text()
    assert all(f"`{name.partition('/')[0]}`" in page for name in WEAKNESSES)
