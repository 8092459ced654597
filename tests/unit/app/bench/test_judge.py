"""Strict ranks: a tie counts against us, and what is not named is not found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from afterword.app.bench.judge import judge, judge_links, refused, strict_rank
from afterword.app.bench.trial import Trial
from afterword.model.alert import AlertGraph, AlertLink


@dataclass
class Told:
    """What of a report is judged."""

    causes: list[dict[str, Any]]
    components: list[dict[str, Any]]
    incident: dict[str, Any] = field(default_factory=dict)
    timeline: list[dict[str, Any]] = field(default_factory=list)


def _link(cause: str, effect: str) -> AlertLink:
    return AlertLink(cause, effect, 1, 1, False, 1, 1, 9, 1, 9, 1, 1, 1, 1, None)


def _report(components: dict[str, float] | None = None, causes: list[dict[str, Any]] | None = None) -> Told:
    ranked = [{"rank": n, "component": c, "score": s} for n, (c, s) in enumerate((components or {}).items(), 1)]
    named = [
        {
            "component": "",
            "indicator": None,
            "role": "proximate",
            "ref": None,
            "grade": 1,
            "score": 1.0,
            "statement": "x",
        }
        | one
        for one in causes or []
    ]
    return Told(named, ranked)


def test_who_ties_with_the_right_one_stands_before_it() -> None:
    """Cart and front both have 2 bits: cart, the right one, is second, however they are listed."""
    listed = _report({"cart": 2.0, "front": 2.0, "db": 1.0}).components
    assert strict_rank(listed, "cart") == 2
    assert strict_rank(listed, "db") == 3
    assert strict_rank(listed, "ghost") > 100


def test_a_component_alone_in_front_is_first() -> None:
    verdict = judge(Trial("t", component="cart"), _report({"cart": 3.0, "front": 2.0}))
    assert verdict.marks == {"component@1": True, "component@3": True, "component@5": True}
    assert verdict.wrong == []


def test_the_first_cause_names_component_and_indicator() -> None:
    """An indicator may be longer than what is asked for: ``cpu`` of ``cpu_usage``, not of ``cpuset``."""
    trial = Trial("t", component="cart", indicator="cpu")
    right = judge(trial, _report({"cart": 1.0}, [{"component": "cart", "indicator": "cpu_usage"}]))
    wrong = judge(trial, _report({"cart": 1.0}, [{"component": "cart", "indicator": "cpuset"}]))
    assert right.marks["indicator@1"]
    assert not wrong.marks["indicator@1"]


def test_none_is_right_only_where_no_change_is_convicted() -> None:
    """A deploy in the list at grade 1 is a lead; at grade 2 it is convicted, and here that hits a decoy."""
    trial = Trial("t", commit="none", decoys=("abc",))
    lead = judge(trial, _report(causes=[{"role": "trigger", "ref": "abc", "grade": 1}]))
    convicted = judge(trial, _report(causes=[{"role": "trigger", "ref": "abc", "grade": 2}]))
    assert lead.marks == {"change": True, "no decoy": True}
    assert convicted.marks == {"change": False, "no decoy": False}


def test_changes_that_tie_stand_before_the_right_one() -> None:
    named = [{"ref": "a-v2", "score": 2.0}, {"ref": "b-v2", "score": 2.0}, {"ref": "b-v2", "score": 1.0}]
    verdict = judge(Trial("t", change="a-v2"), _report(causes=named))
    assert verdict.marks == {"change@1": False, "change@3": True, "change@5": True}


def test_object_and_class_must_stand_in_one_cause() -> None:
    """The right object with another class, the right class of another object: neither is right."""
    named = [
        {"component": "app/cart", "indicator": "crash_loop"},
        {"component": "app/pay", "indicator": "oom_killed"},
        {"component": "app/cart", "indicator": "oom_killed"},
    ]
    verdict = judge(Trial("t", fault=("app/cart", "oom_killed")), _report(causes=named))
    assert verdict.marks == {"fault@1": False, "fault@3": True, "fault@5": True, "object@1": True}


def test_a_healthy_case_is_right_when_nothing_is_put_forward() -> None:
    trial = Trial("t", healthy=True)
    assert judge(trial, _report()).marks == {"left alone": True}
    assert judge(trial, _report(causes=[{"component": "db"}])).marks == {"left alone": False}


def test_all_words_must_be_said_and_a_cause_be_named() -> None:
    trial = Trial("t", words=("Replica Lag", "write-heavy"))
    named = [{"component": "db", "statement": "replica lag under a write-heavy load"}]
    assert judge(trial, _report(causes=named)).marks == {"said": True}
    assert judge(trial, _report(causes=[{"component": "db"}])).wrong == ["not said: Replica Lag, write-heavy"]
    assert judge(trial, _report()).wrong == ["no cause is put forward"]


def test_links_that_are_wrong_count_against_those_that_are_right() -> None:
    """Three links are known; two are said, and one that is not there: g = (2 - 1) / 3."""
    said = AlertGraph(9, None, 2, 1, "given", 60.0, 1.0, (), tuple(_link(*pair) for pair in ("ab", "bc", "ac")))
    verdict = judge_links(Trial("t", links=frozenset({("a", "b"), ("b", "c"), ("c", "d")})), said)
    assert verdict.marks["g"] == pytest.approx(1 / 3)
    assert verdict.marks["links right"] == pytest.approx(2 / 3)
    assert verdict.wrong == ["1 of 3 links not found, 1 wrong"]


def test_what_could_not_be_read_is_wrong_in_all_that_was_asked() -> None:
    """Not even a healthy system was left alone: nobody looked at it."""
    assert refused(Trial("t", component="cart"), "no").marks == {
        "read": False, "component@1": False, "component@3": False, "component@5": False,
    }  # fmt: skip
    assert refused(Trial("t", healthy=True), "no").marks == {"read": False, "left alone": False}
