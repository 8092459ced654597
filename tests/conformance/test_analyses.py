"""What every analysis of the package must keep."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import afterword.analyses
from afterword.model.cause import Finding, Role
from afterword.model.event import Kind
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, SECOND, Span
from afterword.ports import Analysis
from afterword.testing import case_from, cause, cite, event, point, scene_from, signal

AREAS = {"tests", "monitoring", "ownership", "change control", "resilience", "knowledge", "recovery"}
MODULES = sorted(found.name for found in pkgutil.iter_modules(afterword.analyses.__path__))


def module(name: str):
    return importlib.import_module(f"afterword.analyses.{name}")


def incident():
    """A whole incident with something of each kind: most analyses find something in it."""
    t = 1_700_000_000 * SECOND  # a Tuesday, 22:13 UTC
    events = [
        event(Kind.CHANGE, t - 5 * MINUTE, "cart", name="abc123", change="commit", files="cart/pool.go", text="tidy [skip ci]"),
        event(Kind.CHANGE, t, "cart", name="d1", change="deploy", commit="abc123", version="v2", offset=120),
        event(Kind.CHANGE, t + MINUTE, "search", name="d2", change="deploy", commit="def456"),
        event(Kind.CHANGE, t + 2 * MINUTE, "pay", name="new_pay", change="flag", state="off->on"),
        event(Kind.RULE, None, "cart", name="CartErrors", text="rate(http_requests_total[5m]) > 1"),
        event(Kind.OWNER, None, "/web/", name="@web"),
        event(Kind.MESSAGE, t + 8 * MINUTE, "#support", name="u1", text="customers can't check out, many tickets"),
        event(Kind.ALERT, t + 30 * MINUTE, "cart", name="CartErrors", text="errors"),
        event(Kind.PAGE, t + 31 * MINUTE, "cart", name="CartErrors", state="triggered"),
        event(Kind.PAGE, t + 35 * MINUTE, "cart", name="CartErrors", state="escalated"),
        event(Kind.PAGE, t + 39 * MINUTE, "cart", name="CartErrors", state="escalated"),
        event(Kind.PAGE, t + 41 * MINUTE, "cart", name="CartErrors", state="acknowledged"),
        *(event(Kind.MESSAGE, t + (42 + i) * MINUTE, "#inc", name="u2", text=text) for i, text in enumerate((
            "I suspect the database replication", "checking", "still broken", "hm", "more logs", "ok", "who has access to prod?",
            "no idea", "next", "next", "next", "the database replication is ruled out", "found it, it's the deploy",
            "restarted pods one by one",
        ))),
        *(event(Kind.METRIC, t + i * MINUTE - 60 * MINUTE, "cart", name="db_pool_waiting", value=float(i > 66)) for i in range(120)),
        *(event(Kind.LOG, t + i * MINUTE, "cart", text="pool exhausted", severity="error") for i in range(7, 50)),
    ]  # fmt: skip
    case = case_from(events)
    causes = [
        cause(Role.TRIGGER, "cart", cite(2), cite(1), ref="abc123", at=t, category="code", layer="act"),
        cause(Role.PROXIMATE, "cart", cite(20), category="capacity", defect="exhausted", layer="component"),
        cause(Role.IMPACT, "web", at=t + 7 * MINUTE),
    ]
    points = [
        point(PointName.STARTED, t + 7 * MINUTE, cite(20)),
        point(PointName.DETECTABLE, t + 7 * MINUTE, cite(20)),
        point(PointName.DETECTED, t + 30 * MINUTE, cite(8)),
        point(PointName.IDENTIFIED, t + 54 * MINUTE, cite(25)),
        point(PointName.MITIGATION_EFFECTIVE, t + 80 * MINUTE, cite(30)),
    ]
    signals = [signal("cart", "db_pool_waiting", t + 7 * MINUTE, cited=cite(30))]
    window, baseline = Span(t + 6 * MINUTE, t + 59 * MINUTE), Span(t - 60 * MINUTE, t)
    return scene_from(case, causes, signals=signals, points=points, window=window, baseline=baseline)


def test_there_are_analyses_in_every_area() -> None:
    found = {f.area for name in MODULES for f in module(name).ANALYSIS.run(incident())}
    assert found == AREAS


@pytest.mark.parametrize("name", MODULES)
def test_one_file_one_analysis_of_the_same_name(name: str) -> None:
    one = module(name).ANALYSIS
    assert isinstance(one, Analysis)
    assert one.name == name.replace("_", "-")
    assert one.about
    assert module(name).__doc__


@pytest.mark.parametrize("name", MODULES)
def test_an_empty_case_has_no_weakness(name: str) -> None:
    assert list(module(name).ANALYSIS.run(scene_from(case_from([])))) == []


@pytest.mark.parametrize("name", MODULES)
def test_without_window_baseline_and_points_nothing_is_raised(name: str) -> None:
    scene = incident()
    bare = type(scene)(scene.case, None, None, {}, (), scene.explanation)
    assert all(isinstance(f, Finding) for f in module(name).ANALYSIS.run(bare))


@pytest.mark.parametrize("name", MODULES)
def test_undated_facts_are_survived(name: str) -> None:
    kinds = [k for k in Kind if k not in (Kind.METRIC, Kind.SPAN)]
    scene = scene_from(
        case_from([event(k, None, "a", name="n", text="customers suspect access by hand") for k in kinds])
    )
    assert list(module(name).ANALYSIS.run(scene)) is not None


@pytest.mark.parametrize("name", MODULES)
def test_deterministic_with_stable_ids(name: str) -> None:
    first, second = (list(module(name).ANALYSIS.run(incident())) for _ in range(2))
    assert first == second
    assert len({f.id for f in first}) == len(first)


@pytest.mark.parametrize("name", MODULES)
def test_every_finding_cites_states_its_limits_and_blames_nobody(name: str) -> None:
    for finding in module(name).ANALYSIS.run(incident()):
        assert finding.cites
        assert finding.limits
        assert finding.area in AREAS
        assert finding.analysis == module(name).ANALYSIS.name
        assert 0 < finding.weight <= 1
        assert finding.says.endswith(".")
        assert not re.search(r"\bu[12]\b|should have|failed to|fault of|careless|human error", finding.says)


def response(*texts: str) -> dict[str, object]:
    """An incident that was noticed, and what was written in its channel afterwards."""
    return {
        "events": [
            event(Kind.MESSAGE, AT + (n + 1) * MINUTE, "#inc", name="u2", text=text) for n, text in enumerate(texts)
        ],
        "points": [point(PointName.STARTED, AT), point(PointName.DETECTED, AT)],
        "window": Span(AT, AT + 60 * MINUTE),
    }


@pytest.mark.parametrize(
    ("name", "says", "harmless"),
    [
        ("lone_expert", "only Ann knows how the ledger is sharded", "only one pod can take writes"),
        ("lone_expert", "nobody else has access to the vault", "the primary is the only one that is slow"),
        (
            "wrong_runbook",
            "the runbook is outdated, step 3 does not exist any more",
            "the runbook says to drain first, doing it",
        ),
        ("wrong_runbook", "couldn't find the playbook for this", "I wrote a runbook last week"),
        ("broken_backup", "the restore failed with a checksum error", "restore finished, 12 min"),
        ("broken_backup", "failover did not happen, the standby was behind", "no need to restore from a backup"),
    ],
)
def test_what_the_channel_says_of_knowledge_and_recovery(name: str, says: str, harmless: str) -> None:
    for text, weak in ((says, True), (harmless, False)):
        told = response("looking", text)
        assert bool(found(name, told.pop("events"), **told)) is weak, text


def test_a_pipeline_that_passed_at_the_third_attempt_is_told_and_one_at_the_first_is_not() -> None:
    for attempt, weak in (({"attempt": "3"}, True), ({}, False)):
        events = [event(Kind.CHANGE, AT, "cart", name="run1", change="deploy", commit="bbb", **attempt)]
        causes = [cause(Role.TRIGGER, "cart", cite(1), ref="bbb", at=AT), cause(Role.IMPACT, "web", at=AT)]
        assert bool(found("retried_checks", events, causes=causes)) is weak


@pytest.mark.parametrize(
    ("desired", "category", "weak"), [("1", "compute", True), ("3", "compute", False), ("1", "config", False)]
)
def test_a_component_that_runs_once_is_told(desired: str, category: str, weak: bool) -> None:
    """A second copy would have had the same wrong configuration."""
    events = [event(Kind.STATE, AT, "deployment/cart", name="Described", desired=desired, available="0")]
    causes = [cause(Role.PROXIMATE, "cart", cite(1), category=category), cause(Role.IMPACT, "web", at=AT)]
    assert bool(found("single_instance", events, causes=causes)) is weak


# ------------------------------------------------------------------------------------------------- noise

AT = 1_700_000_000 * SECOND


def found(name: str, events: list, **more: object) -> list[Finding]:
    return list(module(name).run(scene_from(case_from(events), **more)))


def test_many_alerts_without_a_runbook_are_one_weakness() -> None:
    """Nobody reads the same sentence five times, and five actions to write one runbook are noise."""
    names = ["A", "B", "C", "D", "E"]
    events = [
        *(event(Kind.RULE, None, "", name=name, text="up == 0") for name in names),
        *(event(Kind.ALERT, AT + n * SECOND, "cart", name=name) for n, name in enumerate(names)),
    ]
    (one,) = found("alert_without_runbook", events)
    assert one.says == "5 alerts fired whose rules name no runbook: A, B, C, D and 1 more."
    (single,) = found("alert_without_runbook", [events[0], events[5]])
    assert single.says == "The alert A fired, and its rule names no runbook."


@pytest.mark.parametrize(("alert", "weak"), [("CartPoolExhausted", False), ("CartErrors", True)])
def test_a_pool_that_an_alert_spoke_of_is_a_symptom_and_no_weakness(alert: str, weak: bool) -> None:
    events = [
        event(Kind.ALERT, AT + 70 * MINUTE, "cart", name=alert),
        *(event(Kind.METRIC, AT + n * MINUTE, "cart", name="db_pool_waiting", value=float(n > 66)) for n in range(120)),
    ]
    assert bool(found("saturated_pool", events)) is weak


@pytest.mark.parametrize(("seconds", "weak"), [(10, False), (300, True)])
def test_a_report_some_seconds_before_the_alert_says_nothing_about_monitoring(seconds: int, weak: bool) -> None:
    events = [
        event(Kind.MESSAGE, AT + 600 * SECOND, "#support", name="u1", text="customers complain, checkout fails"),
        event(Kind.ALERT, AT + (600 + seconds) * SECOND, "cart", name="CartErrors"),
    ]
    assert bool(found("reported_first", events, points=[point(PointName.STARTED, AT + 500 * SECOND)])) is weak


def test_one_version_for_many_services_is_one_change_and_a_rollback_is_none() -> None:
    """A release of seven services, then the change that did it, then the way back: two changes are no crowd."""
    events = [
        *(event(Kind.CHANGE, AT + n * SECOND, f"s{n}", name=f"d{n}", change="deploy", commit="aaa") for n in range(7)),
        event(Kind.CHANGE, AT + MINUTE, "cart", name="e1", change="deploy", commit="bbb"),
        event(Kind.CHANGE, AT + 3 * MINUTE, "cart", name="e2", change="deploy", commit="ccc"),
    ]
    causes = [
        cause(Role.TRIGGER, "cart", cite(8), ref="bbb", at=AT + MINUTE),
        cause(Role.IMPACT, "web", at=AT + MINUTE),
    ]
    assert found("crowded_changes", events, causes=causes) == []
