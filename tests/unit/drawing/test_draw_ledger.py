"""The bar of the ledger: parts to scale, what is avoidable filled, every stage named below, also those not known."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from story import HOSTILE, POINTS

from afterword.core import ledger
from afterword.drawing import ledger as drawing
from afterword.drawing import svg
from afterword.model.cause import Explanation, Verdict
from afterword.model.ledger import Stage
from afterword.testing import case_from

GRAPH = Explanation("impact", (), (), (), Verdict.INCONCLUSIVE, none_of_the_changes=False, would_decide=())
LEDGER = ledger.build(case_from([]), POINTS, GRAPH)


def words(drawn: str) -> str:
    return " ".join("".join(one.itertext()) for one in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"))


def test_every_stage_and_the_largest_part_are_named() -> None:
    said = words(drawing.draw(LEDGER))
    assert all(stage.value in said for stage in Stage)
    assert "largest avoidable part" in said
    assert "not known" in said
    assert LEDGER.largest is not None
    assert LEDGER.largest.value in said


def test_the_parts_fill_the_bar_in_proportion() -> None:
    bars = drawing.bars(LEDGER)
    total = sum(one.took or 0 for one in LEDGER.entries)
    assert bars[0].left + sum(one.right - one.left for one in bars) == bars[-1].right
    for one in bars:
        assert abs((one.right - one.left) / (bars[-1].right - bars[0].left) - (one.entry.took or 0) / total) < 1e-9
    assert sum(one.largest for one in bars) == 1


def test_it_is_well_formed_ours_and_the_same_each_time() -> None:
    hostile = replace(LEDGER, entries=tuple(replace(one, basis=HOSTILE) for one in LEDGER.entries))
    drawn = drawing.draw(hostile)
    assert drawn == drawing.draw(hostile)
    assert svg.only_ours(drawn)
    assert "<script" not in drawn
    ET.fromstring(drawn)


def test_without_a_part_there_is_nothing_to_draw() -> None:
    assert drawing.has_parts(LEDGER)
    assert not drawing.has_parts(ledger.build(case_from([]), POINTS[1:2], GRAPH))
