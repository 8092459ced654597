"""The graph of causes: roles in words, grades in words and lines, the impact on top."""

from __future__ import annotations

import random
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from story import HOSTILE, explanation

from afterword.drawing import graph, layout, svg
from afterword.model.cause import Cause, Explanation, Grade, Link, LinkKind, Role, Verdict


def test_roles_and_grades_are_said_in_words() -> None:
    drawn = graph.draw(explanation())
    for expected in (
        "Impact",
        "Proximate cause",
        "Trigger",
        "Systemic weakness",
        "grade 2: mechanism seen",
        "triggers",
        "16:01:00 UTC",
    ):
        assert expected in drawn
    assert "Cart was slow" not in drawn
    assert svg.only_ours(drawn)
    ET.fromstring(drawn)


def test_the_impact_stands_on_top() -> None:
    places = layout.lay({"a": (100, 40), "b": (100, 40)}, [layout.Edge("a", "b", (40, 20))], 10)
    assert places.at["b"][1] < places.at["a"][1]


def test_causes_alike_stand_in_a_stack_with_one_link() -> None:
    """Nine weaknesses failed to stop it: three stacks, each with one link that speaks for all of it."""
    drawn = graph.draw(explanation(9))
    assert drawn.count("each of these 4") == 2
    assert all(f"Weakness number {n}" in drawn for n in range(9))
    assert "each of these" not in graph.draw(explanation(1))


def test_boxes_do_not_overlap() -> None:
    rng = random.Random(5)
    boxes = {f"k{n}": (236.0, rng.choice([50.0, 66.0, 120.0])) for n in range(60)}
    edges = [layout.Edge(f"k{n}", f"k{rng.randrange(n)}", (60, 30)) for n in range(1, 60)]
    laid = layout.lay(boxes, edges, 16)
    for one, (x, y) in laid.at.items():
        for other, (ox, oy) in laid.at.items():
            if one < other:
                apart = abs(x - ox) >= 235.9 or abs(y - oy) >= (boxes[one][1] + boxes[other][1]) / 2 - 0.1
                assert apart, (one, other)


def test_the_largest_part_is_drawn_when_there_is_more() -> None:
    drawn = graph.draw(explanation(100))
    assert "43 more are in the list of causes" in drawn


def test_the_same_graph_gives_the_same_picture() -> None:
    assert graph.draw(explanation(20)) == graph.draw(explanation(20))


@pytest.mark.parametrize("top", ["impact", "", "somewhere else"])
def test_odd_graphs_are_drawn(top: str) -> None:
    """Circles, a link to itself, two links between the same, causes that nothing joins: all of it stays drawable."""
    causes = tuple(Cause(name, HOSTILE, role, "", ()) for name, role in zip("abcd", Role, strict=False))
    ends = [("a", "b"), ("b", "a"), ("c", "c"), ("a", "b")]
    links = tuple(
        Link(one, other, kind, Grade.ASSERTED, (), ()) for (one, other), kind in zip(ends, LinkKind, strict=False)
    )
    given = Explanation(top, causes, links, (), Verdict.INCONCLUSIVE, none_of_the_changes=False, would_decide=())
    drawn = graph.draw(given)
    assert svg.only_ours(drawn)
    ET.fromstring(drawn)


def test_long_statements_end_in_an_ellipsis_and_are_told_in_full() -> None:
    statement = "the pool of connections " * 30
    causes = (replace(explanation().causes[0], statement=statement), *explanation().causes[1:])
    drawn = graph.draw(replace(explanation(), causes=causes))
    assert "…</text>" in drawn
    assert f"<title>Impact: {statement}</title>" in drawn
