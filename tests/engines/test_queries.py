"""Every query gives what plain loops give, on tables that are made to be read differently."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

import hard
import naive

from afterword.app import answer
from afterword.app import engine as engines
from afterword.queries.question import Question
from afterword.stores.engine_duckdb import EngineDuckdb
from afterword.stores.lake_columns import STORED

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE = hard.MINUTE


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineDuckdb]:
    engine = EngineDuckdb(tmp_path_factory.mktemp("spill"), 500_000_000)
    yield engine
    engine.close()


def same(engine: Any, events: Any, rows: list[dict[str, Any]], query: str, question: Question) -> None:
    found = engines.ask(engine, events, engines.query(query), question)
    expected = naive.answer(query, rows, question)
    assert answer.canonical(found.columns, found.rows) == answer.canonical(found.columns, expected)


@pytest.mark.parametrize("seed", range(3))
def test_hard_rows_give_what_loops_give(duck: EngineDuckdb, tmp_path: Path, seed: int) -> None:
    rows = hard.rows(seed, 600)
    events = duck.lake(hard.write(tmp_path, rows))
    for _, query, question in hard.CASES:
        same(duck, events, rows, query, question)


def test_an_empty_lake_gives_no_rows(duck: EngineDuckdb) -> None:
    events = duck.lake([])
    for _, query, question in hard.CASES:
        assert engines.ask(duck, events, engines.query(query), question).rows == ()


def test_every_query_has_a_case_and_a_loop() -> None:
    assert {query for _, query, _ in hard.CASES} == set(engines.queries()) == set(naive.QUERIES)


# ------------------------------------------------------------------------------------------------------------- laws

words = st.one_of(st.none(), st.sampled_from(hard.WORDS), st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
few = st.sampled_from(("a", "b", "", None))
times = st.one_of(
    st.none(),
    st.integers(0, 3 * MINUTE),
    st.sampled_from(hard.TIMES),
    st.integers(-(2**63) + 4 * 10**12, 2**63 - 1),
)
fields = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(("log", "span", "metric", "alert")),
        "at": times,
        "subject": st.one_of(few, words),
        "name": few,
        "text": words,
        "value": st.one_of(st.none(), st.floats(width=64), st.sampled_from(hard.VALUES)),
        "took": st.one_of(st.none(), st.sampled_from(hard.TOOK), st.integers(-(2**63), 2**63 - 1)),
        "severity": st.sampled_from(hard.SEVERITIES),
        "trace": few,
        "span": few,
        "parent": few,
        "template": st.one_of(few, words),
    }
)
tables = st.lists(fields, max_size=25).map(
    lambda found: [hard.row(i // 2, hard.ARTEFACTS[i % 2], **one) for i, one in enumerate([*found, *found[:3]])]
)
spans = st.tuples(st.integers(-MINUTE, 3 * MINUTE), st.integers(1, 4 * MINUTE)).map(lambda one: (one[0], sum(one)))
questions = st.builds(
    Question,
    window=spans,
    baseline=spans,
    component=st.sampled_from(("", "a")),
    template=st.sampled_from(("", "a", "b")),
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2),
    artefact=st.sampled_from(hard.ARTEFACTS),
    line=st.integers(1, 12),
    most=st.integers(1, 6),
    factor=st.integers(1, 4),
    least=st.integers(1, 3),
)


@pytest.mark.parametrize("query", sorted(naive.QUERIES))
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(rows=tables, question=questions, always=st.booleans())
def test_any_table_gives_what_loops_give(
    duck: EngineDuckdb, query: str, rows: list[dict[str, Any]], question: Question, always: bool
) -> None:
    asked = engines.query(query)
    if always and "window" not in asked.needs:
        question = replace(question, window=None)
    events = duck.table(pa.Table.from_pylist(rows, schema=STORED))
    same(duck, events, rows, query, question)


def test_the_laws_find_a_minute_that_passed_through_floats(duck: EngineDuckdb, monkeypatch: Any) -> None:
    """A control: cutting minutes with a division is off by one at the end of a minute, and the comparison says so."""
    from afterword.queries import portable

    late = [hard.row(0, kind="log", at=hard.NOON + MINUTE - 1, subject="a")]
    events = duck.table(pa.Table.from_pylist(late, schema=STORED))
    same(duck, events, late, "error-minutes", Question())
    monkeypatch.setattr(portable, "floored", lambda at, width: (at / width).floor().cast("int64") * width)
    with pytest.raises(AssertionError):
        same(duck, events, late, "error-minutes", Question())


def test_the_laws_find_a_percentile_that_is_interpolated(duck: EngineDuckdb, monkeypatch: Any) -> None:
    """A control: the quantile of an engine lies between two values, where the nearest rank is one of them."""
    from afterword.queries import portable

    rows = [hard.row(i, kind="span", at=0, took=took) for i, took in enumerate((1, 2))]
    events = duck.table(pa.Table.from_pylist(rows, schema=STORED))
    same(duck, events, rows, "span-minutes", Question())
    monkeypatch.setattr(portable, "nearest_rank", lambda found, column, p: found[column].quantile(p / 100))
    with pytest.raises(AssertionError):
        same(duck, events, rows, "span-minutes", Question())


def test_zero_has_one_sign_and_nan_is_no_sample(duck: EngineDuckdb) -> None:
    values = (-0.0, math.nan, math.inf)
    rows = [hard.row(i, kind="metric", at=0, value=value) for i, value in enumerate(values)]
    found = engines.ask(
        duck, duck.table(pa.Table.from_pylist(rows, schema=STORED)), engines.query("metric-minutes"), Question()
    )
    (only,) = found.rows
    assert only[3:5] == (1, 2)
    assert [str(one) for one in only[5:]] == ["0.0"] * 3
