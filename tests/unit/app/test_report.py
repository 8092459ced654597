"""The shape that scripts rely on: every point named, null where nobody knows it, every problem with its place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from filled import CAUSE, CITE, LOG, SHA, START, postmortem

from afterword.app import wire
from afterword.app.report import report
from afterword.model.cause import Grade, Reason, Role
from afterword.model.evidence import Evidence, Gravity, Place, Problem
from afterword.model.incident import By, Point, PointName
from afterword.model.postmortem import Signal
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from analysed import Analysed

EVIDENCE = Evidence(SHA, len(LOG), "app.log", "text", counted=4)


def signal(indicator: str) -> Signal:
    return Signal("shop", indicator, 1.0, 9.0, 12.0, START, START, START, None, CITE)


def test_every_point_is_named_and_null_where_nobody_knows_it() -> None:
    points = report(postmortem(), [EVIDENCE], {}, "Pool").incident["points"]
    assert list(points) == [name.value for name in PointName]
    assert [name for name, point in points.items() if point] == ["started"]
    assert points["started"]["at"] == "2026-03-14T09:12:00Z"
    assert points["started"]["cites"] == [str(CITE)]


def test_what_a_person_stated_stands_beside_the_estimate_and_never_over_it() -> None:
    stated = Point(PointName.STARTED, START + MINUTE, START + MINUTE, START + MINUTE, By.STATED, "Maria", (), None)
    pm = postmortem()
    both = report(replace(pm, points=(stated, *pm.points)), [], {}, "").incident["points"]["started"]
    assert (both["by"], both["at"]) == ("estimate", "2026-03-14T09:12:00Z")
    assert (both["stated"]["by"], both["stated"]["at"]) == ("stated", "2026-03-14T09:13:00")
    assert both["stated"]["zone"] is None, "no zone was stated, none is made up"
    alone = report(replace(pm, points=(stated,)), [], {}, "").incident["points"]["started"]
    assert alone["by"] == "stated"
    assert "stated" not in alone


def test_a_component_has_a_line_for_each_of_its_indicators() -> None:
    """The pool and the latency of the shop both left their range: a script that looks for either finds it, once."""
    cause = replace(CAUSE, indicator="pool_in_use", score=0.8)
    pm = postmortem()
    pm = replace(
        pm,
        explanation=replace(pm.explanation, causes=(cause,)),
        signals=(signal("pool_in_use"), signal("latency"), signal("latency")),
    )
    causes = report(pm, [], {}, "").causes
    assert [(c["rank"], c["indicator"]) for c in causes] == [(1, "pool_in_use"), (2, "latency")]
    assert (causes[1]["role"], causes[1]["grade"]) == ("contributing", int(Grade.PRECEDES))
    assert causes[1]["score"] < causes[0]["score"]


def test_what_was_ruled_out_is_no_cause() -> None:
    out = replace(CAUSE, id="c2", role=Role.RULED_OUT, reasons_against=(Reason("it came after", -1.0, ()),))
    pm = postmortem()
    found = report(replace(pm, explanation=replace(pm.explanation, causes=(CAUSE, out))), [], {}, "")
    assert [one["id"] for one in found.causes] == ["c1"]
    assert [(one["id"], one["against"]) for one in found.ruled_out] == [("c2", ["it came after"])]


def test_problems_have_a_place_and_those_that_are_not_listed_are_counted() -> None:
    problem = Problem("broken", Place(4, 9, 2, 2), Gravity.WARNING, "torn")
    found = report(postmortem(), [EVIDENCE, replace(EVIDENCE, problems=(problem,), more_problems=7)], {}, "").problems
    assert [(one["cite"], one["code"]) for one in found] == [("E2:2", "torn"), ("E2:1", "more")]
    assert "7 more" in found[1]["message"]


def test_it_is_json_and_nothing_but_json(small: Analysed) -> None:
    made = json.loads(wire.dumps(small.report))
    assert made["incident"]["id"] == small.id
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    ranks = [one["rank"] for one in made["causes"]]
    assert ranks == list(range(1, len(ranks) + 1))
    scores = [one["score"] for one in made["components"]]
    assert scores == sorted(scores, reverse=True)
