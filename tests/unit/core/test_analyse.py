"""The whole of the thinking: the same case gives the same answer, and where nothing is wrong it says so."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import pool
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.core import analyse
from afterword.model.cause import Finding, Verdict
from afterword.model.event import Event, Kind
from afterword.model.evidence import Citation
from afterword.model.incident import Options
from afterword.model.time import SECOND
from afterword.testing import case_from, cite, event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

EVENTS = pool.events()
CASE = pool.case()
PM = analyse.analyse(CASE)


def citations(word: Any) -> Iterator[Citation]:
    """Every citation in a word of the model, however deep."""
    if isinstance(word, Citation):
        yield word
    elif is_dataclass(word):
        for one in fields(word):
            yield from citations(getattr(word, one.name))
    elif isinstance(word, tuple):
        for one in word:
            yield from citations(one)


def test_the_same_case_gives_the_same_postmortem() -> None:
    assert analyse.analyse(pool.case()) == PM


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_series_and_facts_decides_nothing(random: Any) -> None:
    mixed = replace(CASE, series=tuple(random.sample(CASE.series, len(CASE.series))), edges=tuple(random.sample(CASE.edges, len(CASE.edges))))  # fmt: skip
    assert analyse.analyse(mixed) == PM


def test_every_citation_leads_to_a_line_of_the_evidence() -> None:
    starts = {cite(row + 1).place.start for row in range(len(EVENTS))}
    ends = {cite(row + 1).place.end for row in range(len(EVENTS))}
    found = set(citations(PM))
    assert len(found) > 10
    for one in found:
        assert one.evidence == "E1"
        assert one.place.start in starts
        assert one.place.end in ends


LOOSE = st.builds(
    lambda kind, at, who, name, text, value, level, more: event(
        kind, at, who, name=name, text=text, value=value, took=1000, severity=level, **more
    ),
    st.sampled_from(Kind),
    st.one_of(st.none(), st.integers(0, 3600).map(lambda n: pool.ZERO + n * SECOND)),
    st.sampled_from(["shop", "db", ""]),
    st.sampled_from(["error_rate", "requests_total", "abcd1234", ""]),
    st.sampled_from(["rolled back", "declaring SEV1", "pool exhausted", "x" * 50, ""]),
    st.one_of(st.none(), st.floats()),
    st.sampled_from(["", "info", "error"]),
    st.dictionaries(st.sampled_from(["state", "change", "commit", "diff", "files", "span", "parent", "trace"]), st.sampled_from(["firing", "deploy", "commit", "flag", "abcd1234", pool.DIFF, ""]), max_size=3),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(LOOSE, max_size=40))
def test_no_events_make_it_fail(events: list[Event]) -> None:
    """Whatever fits the words, in whatever mixture, is thought through to the end."""
    pm = analyse.analyse(case_from(events))
    known = {one.id for one in pm.explanation.causes}
    assert all({one.cause, one.effect} <= known for one in pm.explanation.links)


@settings(max_examples=40)
@given(st.lists(LOOSE, max_size=15))
def test_nor_among_the_events_of_a_real_incident(events: list[Event]) -> None:
    pm = analyse.analyse(case_from([*EVENTS, *events]))
    assert [one.at for one in pm.moments] == sorted(one.at for one in pm.moments)
    assert all(one.earliest <= one.at <= one.latest for one in pm.points)


def test_where_nothing_is_wrong_nothing_is_found_and_it_is_said() -> None:
    calm = analyse.analyse(case_from(pool.metric("shop", "error_rate", lambda _: 0.01)))
    assert (calm.window, calm.points, calm.moments, calm.actions, calm.tree) == (None, (), (), (), None)
    assert calm.explanation.verdict is Verdict.INCONCLUSIVE
    assert calm.title == "No incident found in this evidence"
    assert analyse.analyse(case_from([])).window is None


def test_what_was_stated_is_where_it_looks() -> None:
    stated = Options(window=(pool.minute(42), pool.minute(50)))
    assert analyse.analyse(case_from(EVENTS, stated)).window is not None
    window = analyse.analyse(case_from(EVENTS, stated)).window
    assert window is not None
    assert (window.start, window.end) == stated.window


def test_analyses_look_at_the_scene_and_twins_are_one() -> None:
    seen: list[Scene] = []

    def look(scene: Scene) -> Iterator[Finding]:
        seen.append(scene)
        one = Finding("f1", "a", "tests", "said", "shop", (cite(1),), "limits", 0.4)
        yield from (one, one, replace(one, id="f2", weight=0.9))

    pm = analyse.analyse(CASE, [look])
    assert [one.id for one in pm.findings] == ["f2", "f1"]
    assert seen[0].window == PM.window
    assert {one.name for one in PM.points} == set(seen[0].points)


@pytest.mark.parametrize(
    ("said", "severity"), [(["SEV3", "now SEV1"], "SEV1"), (["a p2 incident"], "P2"), (["fine"], ""), ([], "")]
)
def test_the_severity_is_the_last_one_that_was_stated(said: list[str], severity: str) -> None:
    messages = [event(Kind.MESSAGE, n, "inc", name="kim", text=text) for n, text in enumerate(said)]
    assert analyse.severity(case_from(messages)) == severity
