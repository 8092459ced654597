"""Claims: a value out of the evidence, its words out of the value, and nothing said twice."""

from __future__ import annotations

from dataclasses import replace

import pool
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import analyse
from afterword.core.claim import OPERATIONS, QUOTE, Ground, Ledger, UnfoundedError, execute, phrase, place_of
from afterword.core.lesson import fingerprint
from afterword.model.evidence import Citation, Evidence, Place
from afterword.model.time import MINUTE
from afterword.testing import cite

CASE = replace(pool.case(), evidence=(Evidence("ab" * 32, 900, "all.jsonl", "made", counted=4),))
SERIES = analyse.all_series(CASE)
GROUND = Ground(CASE, SERIES, analyse.analyse(CASE), lambda cited: f"line {cited.place.first} " + "x" * 400, claims=7)
SPAN = {"start": pool.minute(40), "end": pool.minute(60)}
ERRORS = {"component": "shop", "indicator": "error_rate"}


def said(op: str, **args: object) -> str:
    return phrase(op, args, execute(GROUND, op, args))


@pytest.mark.parametrize("op", ["series.median", "series.max", "series.min"])
def test_a_figure_is_computed_from_the_samples_of_its_stretch(op: str) -> None:
    (one,) = [s for s in SERIES if (s.component, s.indicator) == ("shop", "error_rate")]
    inside = [v for at, v in zip(one.at.tolist(), one.value.tolist(), strict=True) if SPAN["start"] <= at <= SPAN["end"]]  # fmt: skip
    wanted = {"series.max": max(inside), "series.min": min(inside), "series.median": sorted(inside)[len(inside) // 2]}
    assert execute(GROUND, op, {**ERRORS, **SPAN}) == pytest.approx(wanted[op])


@pytest.mark.parametrize(
    ("op", "args"),
    [
        ("series.max", {"component": "shop", "indicator": "no such", **SPAN}),
        ("series.max", {**ERRORS, "start": 0, "end": 1}),
        ("point", {"name": "closed", "by": "estimate", "part": "at"}), ("duration", {"name": "time to lunch"}),
        ("signal", {"component": "x", "indicator": "y", "part": "onset"}), ("moment", {"id": "m0", "part": "at"}),
        ("cause", {"id": "c0", "part": "statement"}), ("link", {"cause": "c0", "effect": "c1"}), ("rank", {"component": "x"}),
        ("finding", {"id": "f0", "part": "says"}), ("evidence", {"id": "E9", "part": "name"}), ("action", {"id": "A-1", "part": "title"}),
        ("similar", {"incident": "inc-0"}), ("", {}), ("os.system", {"part": "x"}),
    ],
)  # fmt: skip
def test_what_the_evidence_does_not_hold_is_refused_and_never_zero(op: str, args: dict[str, object]) -> None:
    with pytest.raises(UnfoundedError):
        execute(GROUND, op, args)


def test_a_cause_has_as_many_reasons_as_it_has() -> None:
    cause = next(one for one in GROUND.postmortem.explanation.causes if one.reasons_for)
    assert said("cause", id=cause.id, part="for:0") == cause.reasons_for[0].says
    with pytest.raises(UnfoundedError):
        execute(GROUND, "cause", {"id": cause.id, "part": f"for:{len(cause.reasons_for)}"})


@pytest.mark.parametrize(
    ("op", "args", "words"),
    [
        ("point", {"name": "detected", "by": "estimate", "part": "at"}, "2026-03-14 09:42:00 UTC"),
        ("point", {"name": "detected", "by": "estimate", "part": "basis"}, "alert ShopErrors fired"),
        ("duration", {"name": "time to acknowledge"}, "1 min 30 s"), ("duration", {"name": "time to engage"}, "13 min 30 s"),
        ("rank", {"component": "shop"}, "1"), ("report", {"part": "not_over"}, "none"), ("report", {"part": "claims"}, "7"),
        ("report", {"part": "affected"}, "shop, db"), ("report", {"part": "verdict"}, "explained"),
        ("evidence", {"id": "E1", "part": "sha256"}, "abababababab"), ("evidence", {"id": "E1", "part": "covers"}, "undated to undated"),
        ("evidence", {"id": "E1", "part": "problems"}, "0"),
        ("window", {"span": "window"}, "2026-03-14 09:40:00 UTC to 2026-03-14 10:01:00 UTC"),
    ],
)  # fmt: skip
def test_values_in_words(op: str, args: dict[str, object], words: str) -> None:
    assert said(op, **args) == words


def test_the_start_has_the_length_of_its_bounds() -> None:
    """The sample before was half a minute earlier: nobody knows the time to detect to the second."""
    assert said("duration", name="time to detect") == "2 min 16 s (2 min to 2 min 30 s)"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-03-14T09:12:00Z", "2026-03-14 09:12:00 UTC"), ("2026-03-14T09:12:00", "2026-03-14 09:12:00 (no zone stated)"),
        ("2026-03-14T09:12:00.123456Z", "2026-03-14 09:12:00.123 UTC"), ("2026-03-14T09:12:00.0004Z", "2026-03-14 09:12:00 UTC"), (None, "not yet"),
    ],
)  # fmt: skip
def test_a_time_keeps_its_zone_and_gets_none_that_was_not_stated(value: str | None, words: str) -> None:
    assert phrase("point", {"part": "at"}, value) == words


def test_a_quoted_line_is_as_long_as_people_read() -> None:
    assert len(execute(GROUND, "line", LINE)) == QUOTE


LINE = {"evidence": "E1", "start": 100, "end": 199, "first": 1, "last": 1}
PLACES = st.builds(
    Place, *[st.integers(0, 10**9)] * 2, *[st.integers(1, 10**6)] * 2, st.text(max_size=5), st.booleans()
)


@given(st.integers(1, 99), PLACES)
def test_a_citation_comes_back_out_of_its_claim(number: int, place: Place) -> None:
    ledger, cited = Ledger(GROUND), Citation(f"E{number}", place)
    made = ledger.claims[ledger.cite(cited).claim]
    assert place_of(made.args) == cited
    assert (made.text, made.cites) == (str(cited), (cited,))


def test_the_same_claim_is_made_once_and_has_one_number() -> None:
    ledger = Ledger(GROUND)
    one = ledger.say("rank", {"component": "shop"}, (cite(1), cite(1), cite(2)))
    other = ledger.say("rank", {"component": "shop"}, strong=True)
    third = ledger.say("rank", {"component": "db"})
    assert (one.claim, other.claim, third.claim) == ("c1", "c1", "c2")
    assert other.strong
    assert ledger.claims["c1"].cites == (cite(1), cite(2))


@given(st.sampled_from(sorted(OPERATIONS)), st.dictionaries(st.sampled_from(["id", "part", "name", "by", "component", "indicator", "start", "end", "span", "evidence"]), st.one_of(st.integers(), st.text(max_size=4), st.none()), max_size=6))  # fmt: skip
def test_no_arguments_end_in_anything_but_an_answer_or_an_error_of_the_arguments(
    op: str, args: dict[str, object]
) -> None:
    """Arguments come out of files: verification names what it catches, so nothing else may be raised."""
    try:
        phrase(op, args, execute(GROUND, op, args))
    except (LookupError, ValueError, TypeError, AttributeError):
        return


def test_what_is_known_of_earlier_incidents_is_executed_too() -> None:
    mine = fingerprint(GROUND.postmortem)
    before = replace(mine, incident="inc-0", title="The pool again", started=(mine.started or 0) - MINUTE)
    ground = replace(GROUND, earlier=(before,))
    value = execute(ground, "similar", {"incident": "inc-0"})
    assert value[:2] == ["The pool again", True]
    assert phrase("similar", {}, value).startswith("The pool again (a repeat)")
