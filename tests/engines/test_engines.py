"""One question, one answer: every query on every engine gives the rows of DuckDB, bit for bit.

Spark in this machine's process and chDB are asked wherever they are installed. ``make test-engines`` also asks a Spark
cluster with two workers and a Spark Connect server.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import hard
import servers

from afterword.app import answer
from afterword.app import engine as engines
from afterword.queries import gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).resolve().parent
FULL = os.environ.get("AFTERWORD_TEST_ENGINES") == "full"
_NOT_FULL = "asked by `make test-engines`"

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    # Engines give a meaning to some characters of a path, and leave out what begins with a dot.
    folder = tmp_path_factory.mktemp("place") / ".afterword" / "it's a [lake] of 50%"
    return hard.write(folder, hard.rows(7, 800))


@pytest.fixture(scope="module")
def ask(files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """Asks an engine everything, in a process of its own."""

    def run(setting: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("asked")
        listed, out = folder / "files.json", folder / "answers.json"
        listed.write_text(json.dumps(files))
        call = [sys.executable, str(HERE / "asking.py"), setting, str(listed), str(out)]
        environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
        made = subprocess.run(call, capture_output=True, text=True, cwd=folder, env=environment, check=False)
        assert made.returncode == 0, made.stderr[-3000:]
        found = json.loads(out.read_text())
        return dict(found["answers"])

    return run


@pytest.fixture(scope="module")
def expected(files: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, Any]]:
    from afterword.stores.engine_duckdb import EngineDuckdb

    engine = EngineDuckdb(tmp_path_factory.mktemp("spill"), 500_000_000)
    events = engine.lake(files)
    found = {case: engines.ask(engine, events, engines.query(query), question) for case, query, question in hard.CASES}
    engine.close()
    return {case: (one.sha256, one.rows) for case, one in found.items()}


def compare(dialect: str, found: dict[str, Any], expected: dict[str, tuple[str, Any]]) -> None:
    """Row by row, then by the hash of all bytes; a declared gap has to be one, and all others must be declared."""
    same_patterns(found.pop("patterns"))
    assert len(found) == len(hard.CASES)
    for case, query, question in hard.CASES:
        one, (sha256, rows) = found[case], expected[case]
        if gaps.of(query, dialect, question) is not None:
            assert one.get("sha256") != sha256, f"{case}: this gap is declared, and there is none"
            continue
        assert "error" not in one, f"{case}: {one.get('error')}"
        for number, (theirs, ours) in enumerate(zip(one["rows"], rows, strict=True)):
            assert tuple(theirs) == ours, f"{case}: row {number} differs"
        assert one["sha256"] == sha256, case


def same_patterns(found: list[list[Any]]) -> None:
    """Patterns of the portable subset match what Python's own engine matches."""
    patterns = hard.patterns(5, 120)
    assert len(found) == len({text or "" for text in hard.TEXTS})
    for text, *matched in found:
        for pattern, one in zip(patterns, matched, strict=True):
            assert one == bool(re.search(pattern, text, re.ASCII)), f"{pattern!r} in {text!r}"


def by_python() -> list[list[Any]]:
    texts = sorted({text or "" for text in hard.TEXTS})
    return [[text, *(int(bool(re.search(p, text, re.ASCII))) for p in hard.patterns(5, 120))] for text in texts]


def test_most_cases_have_rows(expected: dict[str, tuple[str, Any]]) -> None:
    """Nothing equals nothing: the comparison would hold without saying anything."""
    assert sum(bool(rows) for _, rows in expected.values()) >= len(hard.CASES) - 3


def test_duckdb_in_another_process(ask: Callable[[str], dict[str, Any]], expected: dict[str, tuple[str, Any]]) -> None:
    compare("duckdb", ask("duckdb?memory=200MB"), expected)


def test_chdb(ask: Callable[[str], dict[str, Any]], expected: dict[str, tuple[str, Any]]) -> None:
    _need("chdb")
    compare("clickhouse", ask("chdb"), expected)


def test_clickhouse_over_http(
    ask: Callable[[str], dict[str, Any]],
    expected: dict[str, tuple[str, Any]],
    files: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The client and the dialect of a ClickHouse server, with chDB behind its HTTP interface."""
    _need("chdb", "clickhouse_connect")
    from afterword.stores import engine_clickhouse

    monkeypatch.setenv("AFTERWORD_ENGINE_PASSWORD", "it's secret")
    with servers.clickhouse(tmp_path, "reader", "it's secret") as address:
        servers.execute(address, "it's secret", f"CREATE VIEW lake_view AS {engine_clickhouse.lake(files)}")
        compare("clickhouse", ask(f"{address}?table=lake_view"), expected)


def test_spark_in_one_process(ask: Callable[[str], dict[str, Any]], expected: dict[str, tuple[str, Any]]) -> None:
    _need("pyspark", java=True)
    compare("pyspark", ask("local-spark?cores=2"), expected)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    if not FULL:
        pytest.skip(_NOT_FULL)
    _need("pyspark", java=True)
    with servers.cluster(tmp_path_factory.mktemp("cluster")) as found:
        yield found


def test_spark_cluster_with_two_workers(
    ask: Callable[[str], dict[str, Any]], expected: dict[str, tuple[str, Any]], cluster: tuple[str, int]
) -> None:
    address, web = cluster
    assert servers.workers(web) == 2
    compare("pyspark", ask(f"{address}?spark.executor.memory=512m&spark.sql.shuffle.partitions=4"), expected)


def test_spark_connect(
    ask: Callable[[str], dict[str, Any]], expected: dict[str, tuple[str, Any]], tmp_path: Path
) -> None:
    if not FULL:
        pytest.skip(_NOT_FULL)
    _need("pyspark", "grpc_status", java=True)
    with servers.connect(tmp_path) as address:
        compare("pyspark", ask(address), expected)


def test_a_number_that_is_off_by_one_is_found(expected: dict[str, tuple[str, Any]]) -> None:
    """A control: answers that are close are not the same."""
    found: dict[str, Any] = {
        case: {"sha256": sha256, "rows": [list(row) for row in rows]} for case, (sha256, rows) in expected.items()
    }
    compare("duckdb", {**found, "patterns": by_python()}, expected)
    found["span-minutes"]["rows"][0][-1] = (found["span-minutes"]["rows"][0][-1] or 0) + 1
    with pytest.raises(AssertionError, match="span-minutes: row 0 differs"):
        compare("duckdb", {**found, "patterns": by_python()}, expected)


def test_a_gap_that_is_none_is_found(expected: dict[str, tuple[str, Any]]) -> None:
    """A control: what is declared as a gap and works has to be taken out of the table."""
    found = {case: {"sha256": sha256, "rows": rows} for case, (sha256, rows) in expected.items()}
    with pytest.raises(AssertionError, match="declared, and there is none"):
        compare("snowflake", {**found, "patterns": by_python()}, expected)


def test_a_pattern_that_engines_read_differently_is_found() -> None:
    """A control: one text that matches elsewhere and not here."""
    found = by_python()
    same_patterns(found)
    found[3][7] = 1 - found[3][7]
    with pytest.raises(AssertionError):
        same_patterns(found)


def test_zero_is_not_minus_zero_in_an_answer() -> None:
    assert answer.canonical(("x",), [(0.0,)]) != answer.canonical(("x",), [(-0.0,)])
    assert answer.canonical(("x",), [(1,)]) != answer.canonical(("x",), [(1.0,)])


def _need(*modules: str, java: bool = False) -> None:
    why = servers.lacking(*modules, java=java)
    if why:
        pytest.skip(why)
