"""The SQL of engines that are not here: Trino, BigQuery and Snowflake; and that of ClickHouse, for what must not be in it.

Nobody here can execute it. It is compiled, read back by the grammar of its dialect, and what was read is executed by
DuckDB: the rows have to be the same ones.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pytest
import sqlglot
from ibis.backends.sql import compilers
from sqlglot import exp

sys.path.insert(0, str(Path(__file__).resolve().parent))

import hard

from afterword.app import answer, reference
from afterword.app import engine as engines
from afterword.model.refusal import InvalidError
from afterword.queries import gaps
from afterword.queries.portable import EVENTS
from afterword.stores import otel_layout
from afterword.stores.engine_duckdb import EngineDuckdb
from afterword.stores.lake_columns import STORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.queries.question import Question

DIALECTS = ("trino", "bigquery", "snowflake")
#: Functions that mean the same on all of them.
FUNCTIONS = {
    "And", "Case", "Cast", "Coalesce", "Concat", "Contains", "Count", "If", "Max", "Min", "Or", "RegexpLike", "RowNumber", "StrPosition", "Sum",
}  # fmt: skip


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineDuckdb]:
    engine = EngineDuckdb(tmp_path_factory.mktemp("spill"), 500_000_000)
    engine.table(pa.Table.from_pylist(hard.rows(3, 600), schema=STORED))
    yield engine
    engine.close()


def compiled(dialect: str, query: str, question: Question) -> tuple[str, Any]:
    """The SQL, and what the grammar of the dialect reads in it. Raises where the dialect cannot say it."""
    expression = engines.query(query).build(ibis.table(EVENTS, name="events"), question)
    compiler = getattr(compilers, dialect).compiler
    sql = compiler.to_sqlglot(expression).sql(compiler.dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
    return sql, sqlglot.parse_one(sql, read=compiler.dialect)


def as_duckdb(tree: Any) -> str:
    """What was read, in the words of DuckDB. NUMERIC of BigQuery has 38 digits, 9 of them behind the point."""

    def whole(node: Any) -> Any:
        bare = isinstance(node, exp.DataType) and node.this == exp.DataType.Type.DECIMAL and not node.expressions
        return exp.DataType.build("DECIMAL(38, 9)", dialect="duckdb") if bare else node

    return str(tree.transform(whole).sql("duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("case", "query", "question"), hard.CASES, ids=[case for case, _, _ in hard.CASES])
def test_the_sql_means_the_same(duck: EngineDuckdb, dialect: str, case: str, query: str, question: Question) -> None:
    del case
    sql, tree = compiled(dialect, query, question)
    gap = gaps.of(query, dialect, question)
    if gap is not None:
        assert gap.sign in sql, "the gap is declared, and there is none"
        return
    assert not any(one.sign in sql for one in gaps.GAPS), "a gap that is not declared"
    used = {type(one).__name__ for one in tree.find_all(exp.Func)}
    assert used <= FUNCTIONS, f"functions that nobody has looked at: {used - FUNCTIONS}"
    found = answer.made(query, dialect, duck.run(as_duckdb(tree)), sql)
    events = ibis.table(EVENTS, name="events")
    assert found.sha256 == engines.ask(duck, events, engines.query(query), question).sha256


@pytest.mark.parametrize(("case", "query", "question"), hard.CASES, ids=[case for case, _, _ in hard.CASES])
def test_clickhouse_is_asked_for_no_estimate(case: str, query: str, question: Question) -> None:
    """Its ``uniq``, ``quantile`` and ``median`` are samples, its ``lag`` gives 0 for nothing, ``any`` whatever comes first."""
    del case
    sql, _ = compiled("clickhouse", query, question)
    assert not any(f"{name}(" in sql for name in ("uniq", "quantile", "median", "lag", "lagInFrame", "any"))


def test_the_check_finds_a_distinct_count_of_clickhouse() -> None:
    """A control: this is what Ibis makes of a count of distinct values."""
    events = ibis.table(EVENTS, name="events")
    compiler = compilers.clickhouse.compiler
    assert "uniq(" in compiler.to_sqlglot(events.agg(n=events.subject.nunique())).sql(compiler.dialect)


def test_the_comparison_finds_a_minute_that_was_cut_otherwise(duck: EngineDuckdb) -> None:
    """A control: SQL that differs in one constant gives other rows."""
    question = hard.Question()
    _, tree = compiled("trino", "error-minutes", question)
    sql = as_duckdb(tree)
    events = ibis.table(EVENTS, name="events")
    expected = engines.ask(duck, events, engines.query("error-minutes"), question).sha256
    assert answer.made("error-minutes", "trino", duck.run(sql), sql).sha256 == expected
    other = sql.replace("60000000000", "60000000001")
    assert answer.made("error-minutes", "trino", duck.run(other), other).sha256 != expected


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Arrow output:UserWarning")  # of Ibis, about DuckDB
def test_a_warehouse_is_asked_through_ibis(duck: EngineDuckdb, tmp_path: Path) -> None:
    """The way to Trino, BigQuery and Snowflake, with a database file of DuckDB at its end: nothing is made on the warehouse."""
    import duckdb

    from afterword.stores.engine_warehouse import EngineWarehouse

    path = tmp_path / "house.duckdb"
    with duckdb.connect(str(path)) as made:
        rows = pa.Table.from_pylist(hard.rows(3, 600), schema=STORED)
        made.register("rows", rows)
        made.execute("CREATE TABLE lake_events AS SELECT * FROM rows")
    house = EngineWarehouse("duckdb", "house", f"duckdb://{path}", "lake_events")
    own, ours = house.lake([]), ibis.table(EVENTS, name="events")
    for case, query, question in hard.CASES:
        found = engines.ask(house, own, engines.query(query), question)
        assert found.sha256 == engines.ask(duck, ours, engines.query(query), question).sha256, case
    with pytest.raises(InvalidError, match="only those of ClickHouse and Spark"):
        reference.found(house, otel_layout.TABLES)
    house.close()
    with duckdb.connect(str(path), read_only=True) as looked:
        assert looked.execute("SELECT table_name FROM information_schema.tables").fetchall() == [("lake_events",)]


def test_the_gaps_are_told_to_people() -> None:
    """The page on engines lists each gap with its reason, and no other."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "howto" / "engines.md").read_text(encoding="utf-8")
    told = page.partition("## Gaps")[2].partition("\n## ")[0]
    rows = [line for line in told.splitlines() if line.startswith("| `")]
    assert len(rows) == len(gaps.GAPS)
    for gap in gaps.GAPS:
        assert any(f"`{gap.query}`" in row and gap.reason in row and gap.dialect in row.lower() for row in rows)
