"""The picture of alerts that lead to others."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "core" / "alert"))

from alert_world import alerts, learnt

from afterword.core.alert.graph import graph
from afterword.drawing import alert_graph, svg


def test_every_link_is_an_arrow_and_a_sentence() -> None:
    found = graph(learnt(alerts()))
    drawn = alert_graph.draw(found)
    assert svg.only_ours(drawn)
    assert "DiskFull leads to DbStalls." in drawn
    assert drawn.count("aw-head") == len(found.links) + 1
    assert drawn == alert_graph.draw(found)


def test_names_are_inert() -> None:
    found = graph(learnt(alerts()))
    evil = "<script>alert(1)</script>"
    renamed = replace(
        found,
        kinds=tuple(replace(one, name=evil) if one.name == "DiskFull" else one for one in found.kinds),
        links=tuple(replace(one, cause=evil) if one.cause == "DiskFull" else one for one in found.links),
    )
    assert svg.only_ours(alert_graph.draw(renamed))


def test_nothing_to_show_is_said() -> None:
    drawn = alert_graph.draw(graph(learnt([])))
    assert svg.only_ours(drawn)
    assert "no alert leads to another" in drawn
