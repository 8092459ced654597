"""Small diffs in many languages, each labelled by hand with what it can do or why it is harmless. None is from a data set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from afterword.core.diff import judge, symptom_match

sys.path.insert(0, str(Path(__file__).parent))

from labelled import Labelled, labelled

CASES = labelled()
#: Harmless, but the diff does not prove it: the function may go on below it.
UNPROVEN = "second: the variable of a loop, the function ends in view (ingest/window.py)"
#: A change outside of all others, that breaks something for sure.
GUILTY = "--- a/other/lock.go\n+++ b/other/lock.go\n@@ -5,3 +5,2 @@ func add()\n \tx := 1\n-\tmu.Lock()\n \tn += x\n"


def of(label: str) -> list[Labelled]:
    return [one for one in CASES if one.label == label and one.name != UNPROVEN]


def whole(one: Labelled) -> str:
    return f"--- a/{one.path}\n+++ b/{one.path}\n{one.diff}\n"


def test_there_are_enough_of_each() -> None:
    assert len(CASES) >= 200
    assert len({one.path.rpartition(".")[2] for one in CASES}) >= 15


@pytest.mark.parametrize("one", of("harmless"), ids=lambda one: one.name)
def test_harmless_is_exonerated_and_says_why(one: Labelled) -> None:
    judged = judge(one.diff, [one.path], "")
    assert judged.harmless, judged.effects
    assert symptom_match(judged, "panic timeout", ["error_rate"]) == (0.0, judged.harmless)


@pytest.mark.parametrize("one", of("harmless"), ids=lambda one: one.name)
def test_harmless_beside_a_guilty_hunk_is_not_exonerated(one: Labelled) -> None:
    """Negative control: one hunk that does something is enough, wherever it stands."""
    for diff in (whole(one) + GUILTY, GUILTY + whole(one)):
        judged = judge(diff, [], "")
        assert not judged.harmless
        assert judged.effects[0].kind == "lock"


@pytest.mark.parametrize("one", of("can"), ids=lambda one: one.name)
def test_its_mechanism_leads(one: Labelled) -> None:
    judged = judge(one.diff, [one.path], "")
    assert not judged.harmless
    assert judged.effects[0].kind in one.kinds, judged.effects


@pytest.mark.parametrize("one", of("real"), ids=lambda one: one.name)
def test_what_changes_behaviour_is_never_exonerated(one: Labelled) -> None:
    assert not judge(one.diff, [one.path], "").harmless


def test_a_renaming_that_is_not_proven_stays_possible() -> None:
    one = next(one for one in CASES if one.name == UNPROVEN)
    judged = judge(one.diff, [one.path], "")
    assert [(e.kind, e.weight) for e in judged.effects] == [("renaming", 0.15)]
    assert symptom_match(judged, "NameError: name w is not defined", [])[0] > 0


def test_an_effect_says_where_it_stands_and_what_was_there_before() -> None:
    one = next(one for one in CASES if "keyword argument of a call" in one.name)
    effect = judge(one.diff, [one.path], "").effects[0]
    assert (effect.kind, effect.language, effect.path, effect.number) == ("timeout", "python", "billing/rates.py", 15)
    assert (effect.before, effect.after) == ("timeout=20,", "timeout=0.2,")
    assert effect.place == "fetch, billing/rates.py:15"
    says = symptom_match(judge(one.diff, [one.path], ""), "request timed out", ["error_rate"])[1]
    assert "(fetch, billing/rates.py:15)" in says


@pytest.mark.parametrize("one", [one for one in CASES if one.label != "harmless"], ids=lambda one: one.name)
def test_every_effect_points_into_the_diff(one: Labelled) -> None:
    rows = one.diff.split("\n")
    for effect in judge(one.diff, [one.path], "").effects:
        assert 0 <= effect.line <= len(rows)
        assert 0 < effect.weight <= 1
        assert effect.says
