"""Answers for people, one of each kind: what they say, and that nothing in them steers."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from filled import action, postmortem

from afterword.app.operations.demo import Demo
from afterword.app.operations.evidence import Artefact, Line, Passage
from afterword.app.operations.logs import LogReport, TemplateCount
from afterword.app.operations.review import ReviewReport
from afterword.app.operations.tree import CutSets, TreeReport
from afterword.app.report import report
from afterword.core.backtest import Backtest
from afterword.core.remark import Remark
from afterword.faces.cli.render import Page, _bounds, show
from afterword.model.cause import Grade, Why
from afterword.model.claim import Contradiction, Verification
from afterword.model.collection import Collection, Failure, Fetched
from afterword.model.evidence import Asked, Evidence, Gravity, Place, Problem
from afterword.model.lesson import Lesson, Similar, Trend
from afterword.model.time import Span
from afterword.model.tree import Importance

EVIL = "\x1b[2J\u202e\x9b31m"
PROBLEM = Problem("no date " + EVIL, Place(0, 3), Gravity.WARNING)
EVIDENCE = Evidence("a" * 64, 10, "app.log" + EVIL, "text", problems=(PROBLEM,) * 6, more_problems=3)
GOOD = Verification(2, 2, (), (), ())
BAD = Verification(2, 0, (Contradiction("k1", "12", "13" + EVIL, ("E1:2",)),), ("k2" + EVIL,), ("a sentence",))
REPORT = report(postmortem(), [EVIDENCE], {"markdown": "/out/pm.md"}, "Pool" + EVIL)
TREE = TreeReport(
    "t", "top", 1, 2, None, CutSets("25", {"2": "25"}, (("a", "b"),) * 25), (), "exact", True, (("a",),), ("x",)
)
IMPORTANT = Importance("a", 0.5, 0.5, None, 1.0, None)

ASKED = Asked("metrics", "prometheus", "http://h/?query=up", at="2026-03-02T10:00:00Z", says="series" + EVIL)
FETCHED = Fetched(
    "metrics", "prometheus", "http://h/", 4, 1, 2, 2_500_000, (), (Failure("rules" + EVIL, "answered 404"),) * 3, ("buckets" + EVIL,)
)  # fmt: skip
COLLECTION = Collection("col-0123456789", Span(0, 3_600 * 10**9), (FETCHED,), "/answers")

WORDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (REPORT, ("Pool", "started", "would decide: a heap dump", "7 problems", "pm.md")),
    (GOOD, ("2 of 2 claims hold.",)),
    (BAD, ("0 of 2", "contradicted: k1", "[E1:2]", "missing: k2", "unsupported: a sentence")),
    (Demo(REPORT, GOOD, ("another one",), ("open it",)), ("2 of 2 claims hold.", "Look further:", "open it")),
    (Passage("E1:2", "app.log", "b" * 64, (Line(1, "x", False), Line(2, EVIL, True)), "piece", True), (">       2", "cited of it: piece", "more was cited")),
    (Artefact("E1", EVIDENCE, "names"), ("E1", "names", "9")),
    (Artefact("E1", replace(EVIDENCE, asked=ASKED)), ("asked of live systems", "2026-03-02 10:00:00Z  GET http://h/?query=up")),
    (COLLECTION, ("2.4 MiB", "not got  metrics: rules", "answered 404 (3 times)", "left out  metrics: buckets", "next: afterword analyze /answers")),
    ((COLLECTION,), ("col-0123456789", "1970-01-01 01:00:00Z", "metrics")),
    ((Lesson("l1", "pool", ("inc-1", "inc-2"), "It came again" + EVIL, ("A-1: verified",)),), ("It came again", "inc-1, inc-2", "A-1: verified")),
    ((Similar("inc-2", "again" + EVIL, 0.5, ("mechanism: pool",), True),), ("inc-2", "0.5", "yes")),
    ((Trend("time to detect", "started", "detected", 3, (), 4.0, 1.0, 9.0, "up", (("inc-9", "no point"),)),), ("1 to 9",)),
    ((Trend("time to detect", "started", "detected", 0, (), None, None, None, "nothing"),), ("–",)),
    (
        (Backtest("A", "x", 0, 5.0, None, (), 2), Backtest("B", "y", 0, -5.0), Backtest("C", "z", cannot="no label" + EVIL), Backtest("D", "w")),
        ("5 min earlier", "5 min later", "no label", "1970-01-01 00:00:00Z"),
    ),
    (TREE, ("not stated", "a · b", "5 more with --json", "No importance")),
    (TreeReport("t", "top", 1, 2, 0.25, CutSets("1", {"1": "1"}, (("a",),)), (IMPORTANT,), "exact", True, (), ()), ("0.25", "Birnbaum")),
    (ReviewReport((Remark("blame.person", 3, "Bob" + EVIL, "says", "suggest", "error"),)), ("line 3", "1 errors, 0 warnings")),
    (LogReport(100, tuple(TemplateCount(f"t{n}", "x <*>" + EVIL, n) for n in range(60)), "/out/a.csv"), ("60 templates", "10 more", "/out/a.csv")),
    ({"a": {"b": [1, {"c": True}, EVIL]}, "d": [], "e": None}, ("a:", "b:", "c: yes", "e: –")),
    ([{"a": 1}, {"a": 2}], ("a: 1", "a: 2")),
    ((), ("Nothing found.",)),
    (("x", "y"), ("- x", "- y")),
    ("text" + EVIL + "\n", ("text",)),
    (5, ("5",)),
    (action(title="Add " + EVIL), ("A-1", "done when")),
)  # fmt: skip


@pytest.mark.parametrize(("word", "says"), WORDS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("local", [False, True])
def test_an_answer_for_people(
    word: Any, says: tuple[str, ...], local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.delenv("COLUMNS", raising=False)
    stream = io.StringIO()
    show(word, stream, local=local)
    text = stream.getvalue()
    assert not {c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"}
    assert "\u202e" not in text
    if not local:
        for one in says:
            assert one in text


def shown(word: Any) -> str:
    stream = io.StringIO()
    show(word, stream)
    return stream.getvalue()


def test_bounds_of_one_day_say_the_day_once() -> None:
    """A table with three full times in a cell is read by nobody."""
    at, low, high = "2026-03-14T09:12:03.123456789Z", "2026-03-14T09:11:00Z", "2026-03-14T09:13:00Z"
    point = {"at": at, "earliest": low, "latest": high}
    page = Page(io.StringIO(), local=False)
    assert _bounds(page, point) == "2026-03-14 09:12:03.123Z (09:11:00 to 09:13:00)"
    late = {**point, "latest": "2026-03-15T00:00:01Z"}
    assert _bounds(page, late).endswith("(2026-03-14 09:11:00Z to 2026-03-15 00:00:01Z)")


def test_what_is_gone_is_told_before_what_it_contradicts_and_long_lists_are_cut() -> None:
    """One byte of the traces was changed: what happened must not drown in a hundred claims that rest on it."""
    wrong = tuple(Contradiction(f"c{n}", "1", "2", ("E1:2",)) for n in range(80))
    found = shown(
        Verification(100, 20, wrong, ("evidence traces.json is gone or changed",), ('a <a id="c1">word</a>',))
    )
    assert found.index("traces.json is gone") < found.index("contradicted: c0")
    assert "unsupported: a word\n" in found
    assert found.count("contradicted:") < 10
    assert "74 more, which --json lists" in found


def test_a_question_that_several_causes_answer_is_asked_once() -> None:
    why = Why("Why was it not stopped sooner?", "no owner", "c1", Grade.PRECEDES, (), (), "a standing weakness: …")
    assert shown((why, replace(why, answer="no runbook"))).count("Why was it") == 1
