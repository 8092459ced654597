"""The benchmark of causes as a person reads it."""

from __future__ import annotations

import io

from afterword.app.bench.tally import Miss, Tally
from afterword.app.operations.bench import CauseBench
from afterword.faces.cli import render


def test_a_set_is_one_table_with_its_misses_below() -> None:
    """Groups are told for the whole evidence; with a lane off, the set as a whole. What was not asked is a dash."""
    found = CauseBench(
        (
            Tally("mine", "all", "", 2, {"component@1": 0.5}, 0.41, 0.5, 150_000_000, 160_000_000),
            Tally("mine", "cpu", "", 1, {"component@1": 1.0, "indicator@1": 1.0}, 0.4, 0.4, 150_000_000, 150_000_000),
            Tally("mine", "all", "metrics off", 2, {"component@1": 0.0}),
            Tally("mine", "cpu", "metrics off", 1, {"component@1": 0.0}),
        ),
        (Miss("mine", "cart/2", "cart is number 2, behind front"), Miss("theirs", "x", "not here")),
    )
    out = io.StringIO()
    render.show(found, out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "mine"
    assert lines[1].split() == [
        "group",
        "evidence",
        "n",
        "component@1",
        "indicator@1",
        "CPU",
        "s",
        "most",
        "MB",
        "most",
        "MB",
    ]
    assert lines[2].split() == ["all", "all", "2", "0.500", "–", "0.41", "0.50", "150", "160"]
    assert [line.split()[:2] for line in lines[3:5]] == [["cpu", "all"], ["all", "metrics"]]
    assert lines[5] == "  cart/2: cart is number 2, behind front"
    assert "not here" not in out.getvalue()
