"""The benchmark's scripts without the peers themselves: how their answers count, are kept, and how it is all written down."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.app.bench.tally import Tally, Turn
from afterword.app.operations.bench import CauseBench

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


def _scripts(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[4] / "benchmarks"))
    return importlib.import_module("peer"), importlib.import_module("rca_written")


def test_what_ties_stands_before_the_right_answer_where_a_peer_gives_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list has no ties, to its favour; a score that another shares is no first place."""
    peer, _ = _scripts(monkeypatch)
    assert peer._rank(["cart", "front"], None, "cart") == 1
    assert peer._rank(["cart", "front"], [2.0, 2.0], "cart") == 2
    assert peer._rank(["cart"], [2.0], "ghost") > 5


def test_an_answer_is_asked_for_once_and_no_longer_than_allowed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No time at all: one case is answered in each run, those that were answered before come from the file."""
    peer, _ = _scripts(monkeypatch)
    asked: list[list[str]] = []

    def ask(cases: list[str]) -> Iterator[dict[str, Any]]:
        asked.append(cases)
        yield from ({"method": "m", "case": case} for case in cases)

    for _ in range(3):
        said = list(peer.Kept(tmp_path / "kept.jsonl", 0.0).answers("mine", "by", ["a", "b"], ask))
    assert asked == [["a", "b"], ["b"]]
    assert [one["case"] for one in said] == ["a", "b"]


def test_the_figures_say_who_hurts_and_who_was_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that hurts is named with its trial; a peer that was not asked about a group has a dash there; no folder is named."""
    peer, written = _scripts(monkeypatch)
    found = CauseBench(
        (
            Tally("mine", "all", "", 2, {"component@1": 0.5}, 0.4, 0.5, 150_000_000, 160_000_000),
            Tally("mine", "cpu", "", 1, {"component@1": 1.0}, 0.4, 0.4, 150_000_000, 150_000_000),
            Tally("mine", "all", "logs off", 2, {"component@1": 1.0}),
        ),
        (),
        (Turn("mine", "cart/2", "logs off", ("component@1",), ()),),
    )
    standing = peer.Standing([((), (1.0, 1.0, 1.0))], [2.0])
    one = written.Measured("mine", "a layout", found, {"BARO": standing})
    text = written.document([one], ["--data", "/somewhere/cases"], datetime(2026, 3, 14, tzinfo=UTC))
    assert "- cart/2: logs off (component@1)" in text
    assert "| cpu | 1 | 1.000 | – |" in text
    assert "| mine | 2 | component@1 | 0.500 | 1.000 BARO | 0.40 | 0.50 | 150 | 160 |" in text
    assert "somewhere" not in text
    stopped = written.Measured("theirs", "a layout", None, "", "KeyError: 'x'")
    assert "Stopped: KeyError" in written.document([stopped], [], datetime(2026, 3, 14, tzinfo=UTC))
