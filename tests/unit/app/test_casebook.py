"""The case: what the lake gives back is what was put in, in an order that no file decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.app import casebook
from afterword.core import entity
from afterword.core.case import FACTS
from afterword.model.event import Event, Kind
from afterword.model.evidence import Citation, Evidence
from afterword.model.incident import Options
from afterword.model.time import SECOND, Span
from afterword.stores.lake_parquet import LakeParquet
from afterword.testing import case_from, cite, event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from afterword.core.case import Case, Series

AT = 1_773_479_520 * SECOND
NAMES = st.sampled_from(["shop", "cart", "db", ""])
TIMES = st.integers(0, 50).map(lambda second: AT + second * SECOND)


def placed(events: Sequence[Event]) -> list[Event]:
    """Events with the places that ``case_from`` gives them: a line each, in the order given."""
    made = []
    for row, one in enumerate(events, 1):
        fields = {name: getattr(one, name) for name in Event.__slots__}
        made.append(Event(**{**fields, "place": cite(row).place}))
    return made


def built(root: Path, *artefacts: Sequence[Event]) -> Case:
    lake = LakeParquet(root)
    evidence = [Evidence(f"{number:064d}", 1, f"{number}.log", "text") for number in range(len(artefacts))]
    for one, events in zip(evidence, artefacts, strict=True):
        lake.write(one, [events] if events else [])
    return casebook.build("INC-1", evidence, lake.tables(evidence), Options())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


def series(found: Sequence[Series]) -> list[Any]:
    return [(s.component, s.indicator, s.statistic, s.at.tolist(), s.value.tolist()) for s in found]


def logs(case: Case) -> list[Any]:
    rows = case.logs
    return [
        (int(rows.at[i]), rows.components[rows.component[i]], int(rows.severity[i]), rows.text[i], rows.rows.cite(i))
        for i in range(len(rows))
    ]


def spans(case: Case) -> list[Any]:
    rows = case.spans
    return [
        (int(rows.at[i]), int(rows.took[i]), rows.components[rows.component[i]], rows.operations[rows.operation[i]],
         bool(rows.failed[i]), int(rows.parent[i]), rows.rows.cite(i))
        for i in range(len(rows))
    ]  # fmt: skip


LOGS = st.builds(
    lambda at, who, text, level: event(Kind.LOG, at, who, text=text, severity=level),
    TIMES, NAMES, st.sampled_from(["took 5 ms", "took 7 ms", "no pool", ""]), st.sampled_from(["info", "error", ""]),
)  # fmt: skip
METRICS = st.builds(
    lambda at, who, value, kind: event(Kind.METRIC, at, who, name="cpu", value=value, statistic=kind),
    TIMES, NAMES, st.floats(-1e9, 1e9), st.sampled_from(["", "max"]),
)  # fmt: skip
FACT = st.builds(
    lambda kind, at, who, text: event(kind, at, who, name="n", text=text),
    st.sampled_from(sorted(set(FACTS.values()) - {Kind.STATE})), st.one_of(st.none(), TIMES), NAMES, st.sampled_from(["a", "b"]),
)  # fmt: skip


@settings(max_examples=50)
@given(st.lists(st.one_of(LOGS, METRICS, FACT), min_size=1, max_size=25))
def test_columns_from_the_lake_are_those_of_the_events(root: Path, events: list[Event]) -> None:
    """The case that authors of plug-ins test with and the case that is analysed are the same."""
    made, wanted = built(root, placed(events)), entity.merged(case_from(events))
    assert logs(made) == logs(wanted)
    assert series(made.series) == series(wanted.series)
    for name in FACTS:
        if name != "states":
            assert sorted(map(repr, getattr(made, name))) == sorted(map(repr, getattr(wanted, name)))
    assert made.covered == wanted.covered


@settings(max_examples=50)
@given(st.lists(st.one_of(LOGS, FACT), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(root: Path, events: list[Event], random: Any) -> None:
    forth = placed(events)
    shuffled = random.sample(forth, len(forth))
    one, other = built(root, forth), built(root, shuffled)
    assert logs(one) == logs(other)
    assert one.logs.templates == other.logs.templates
    for name in FACTS:
        assert getattr(one, name) == getattr(other, name)


def test_parents_are_found_within_their_trace_and_nowhere_else(root: Path) -> None:
    """Two traces use the same ids for their spans, and a span that names itself has no parent."""

    def span(at: int, who: str, trace: str, id_: str, parent: str = "") -> Event:
        return event(Kind.SPAN, AT + at, who, name="GET", took=5, trace=trace, span=id_, parent=parent)

    case = built(root, placed([
        span(1, "shop", "t1", "a"), span(2, "cart", "t1", "b", "a"), span(3, "db", "t2", "b", "a"),
        span(4, "db", "t2", "c", "c"), span(5, "db", "t2", "d", "gone"), span(6, "db", "t2", "e", "d"),
    ]))  # fmt: skip
    assert [row[5] for row in spans(case)] == [-1, 0, -1, -1, -1, 4]


def test_rows_of_several_artefacts_keep_the_artefact_that_they_cite(root: Path) -> None:
    early, late = event(Kind.LOG, AT, "shop", text="first"), event(Kind.LOG, AT + 5, "shop", text="last")
    case = built(root, placed([late]), placed([early]))
    assert [(row[3], row[4].evidence) for row in logs(case)] == [("first", "E2"), ("last", "E1")]


def test_values_that_are_no_numbers_are_no_samples(root: Path) -> None:
    values = [1.0, float("nan"), float("inf"), 4.0]
    case = built(root, placed([event(Kind.METRIC, AT + i, "db", name="cpu", value=v) for i, v in enumerate(values)]))
    assert series(case.series) == [("db", "cpu", "", [AT, AT + 3], [1.0, 4.0])]


def test_a_series_in_two_files_is_one_and_cites_the_file_that_holds_its_end(root: Path) -> None:
    first = [event(Kind.METRIC, AT + i, "db", name="cpu", value=1.0) for i in range(3)]
    second = [event(Kind.METRIC, AT + i, "db", name="cpu", value=9.0) for i in range(2, 6)]
    (one,) = built(root, placed(first), placed(second)).series
    assert one.value.tolist() == [1.0, 1.0, 1.0, 9.0, 9.0, 9.0], "where both have a value the first artefact counts"
    assert (one.cite.evidence, one.cite.place.first, one.cite.place.last) == ("E2", 1, 4)
    assert np.all(np.diff(one.at) > 0)


def test_names_of_people_are_kept_apart_from_what_happened(root: Path) -> None:
    """A chat export carries its list of users: no states of the system."""
    user = event(Kind.STATE, None, "user/U1", name="Kim")
    state = event(Kind.STATE, AT, "pod/shop-1", name="Running")
    case = built(root, placed([user, state]))
    assert dict(case.people) == {"U1": "Kim"}
    assert [fact.event.subject for fact in case.states] == ["pod/shop-1"]


def test_nothing_at_all_is_a_case_too(root: Path) -> None:
    case = built(root, [])
    assert (case.covered, len(case.logs), len(case.spans), case.series) == (Span(0, 0), 0, 0, ())
    assert case.changes == ()


def test_what_is_only_dated_by_facts_covers_those(root: Path) -> None:
    case = built(root, placed([event(Kind.ALERT, AT, "shop"), event(Kind.CHANGE, AT + 9, "shop")]))
    assert case.covered == Span(AT, AT + 9)
    assert case.alerts[0].cite == Citation("E1", cite(1).place)


def test_answers_without_a_name_are_not_one_series(tmp_path: Path) -> None:
    """Two saved queries, CPU and commits, each ``sum by (service)``: both are called ``value``, and are not the same."""
    cpu = [event(Kind.METRIC, AT + n * SECOND, "shop", name="value", value=0.1) for n in range(3)]
    commits = [event(Kind.METRIC, AT + n * SECOND, "shop", name="value", value=90.0) for n in range(3)]
    found = built(tmp_path, placed(cpu), placed(commits)).series
    assert [(s.indicator, s.value.tolist()) for s in found] == [("value in E1", [0.1] * 3), ("value in E2", [90.0] * 3)]


def test_a_named_series_goes_on_in_the_next_file(tmp_path: Path) -> None:
    """The control of the test above: one indicator, exported day by day, is one series."""
    one = [event(Kind.METRIC, AT + n * SECOND, "shop", name="cpu", value=0.1) for n in range(3)]
    two = [event(Kind.METRIC, AT + n * SECOND, "shop", name="cpu", value=0.2) for n in range(3, 6)]
    [found] = built(tmp_path, placed(one), placed(two)).series
    assert (found.indicator, len(found.at)) == ("cpu", 6)
