"""One setting names the engine; whatever is wrong with it is said before anything is waited for."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest

from afterword.app import engine
from afterword.app.engine import where
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError
from afterword.queries.question import Question

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_are_taken_apart() -> None:
    assert where("duckdb").kind == "duckdb"
    assert where("duckdb?memory=2GB").options == {"memory": "2GB"}
    spark = where("spark://master:7077?lake=s3a://bucket/lake&spark.executor.memory=2g")
    assert (spark.kind, spark.host, spark.port) == ("spark", "master", 7077)
    assert spark.options == {"lake": "s3a://bucket/lake", "spark.executor.memory": "2g"}
    assert where("sc://connect").port == 15002
    click = where("clickhouse://reader@tables/otel?table=lake.events")
    assert (click.user, click.host, click.port, click.path) == ("reader", "tables", 8123, "otel")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("postgres://host/db", "is no engine"),
        ("spark", "is no engine"),
        ("duckdb://host", "is no engine"),
        ("", "is no engine"),
        ("clickhouse://reader:hush@tables/otel", "AFTERWORD_ENGINE_PASSWORD"),
        ("sc://host:15002/;token=hush", "AFTERWORD_ENGINE_PASSWORD"),
        ("duckdb?memry=2GB", "knows no option memry"),
        ("duckdb?spark.executor.memory=2g", "knows no option"),
        ("clickhouse://tables/otel?table=a;DROP TABLE b", "table is a name"),
        ("spark://host:99999", "ort"),
    ],
)
def test_what_is_no_setting_is_refused_without_its_secret(setting: str, says: str) -> None:
    with pytest.raises(InvalidError, match=says) as refused:
        where(setting)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("memory", ["1KB", "much", "-5GB", "49MB"])
def test_too_little_memory_is_no_setting(tmp_path: Path, memory: str) -> None:
    with pytest.raises(InvalidError, match="memory is a size"), engine.opened(f"duckdb?memory={memory}", tmp_path):
        pytest.fail("opened")


def test_an_engine_that_is_not_installed_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_there", lambda module: module != "clickhouse_connect")
    with (
        pytest.raises(RefusalError, match=r"pip install 'afterword\[clickhouse\]'") as refused,
        engine.opened("clickhouse://127.0.0.1", tmp_path),
    ):
        pytest.fail("opened")
    assert refused.value.code == "engine-missing"


def test_spark_without_java_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_there", lambda _: True)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusalError, match="needs Java 17"), engine.opened("local-spark", tmp_path):
        pytest.fail("opened")


@pytest.mark.parametrize(
    "setting", ["spark://127.0.0.1", "sc://127.0.0.1", "clickhouse://127.0.0.1", "trino://127.0.0.1"]
)
def test_an_engine_that_does_not_answer_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setattr(engine, "_there", lambda _: True)
    with socket.socket() as bound:  # bound and not listening: nobody else gets the port meanwhile
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with (
            pytest.raises(RefusalError, match="cannot be reached") as refused,
            engine.opened(f"{setting}:{port}", tmp_path),
        ):
            pytest.fail("opened")
    assert refused.value.code == "engine-unreachable"


def test_what_an_engine_fails_with_is_a_sentence_without_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_ENGINE_PASSWORD", "hush-hush")
    failed = pytest.raises(RefusalError, match="The engine duckdb failed: ValueError: login hush")
    with failed as refused, engine.opened("duckdb", tmp_path):
        raise ValueError("login hush, hush-hush was wrong\nat line 7")
    assert "hush-hush" not in str(refused.value)
    assert refused.value.code == "engine-failed"


def test_the_default_loads_no_other_engine() -> None:
    """Asking DuckDB must not cost the start of a Java machine."""
    import subprocess

    code = (
        "import sys, pathlib, tempfile; from afterword.app import engine\n"
        "with engine.opened('duckdb', pathlib.Path(tempfile.mkdtemp())) as one: one.lake([])\n"
        "print(sorted({'pyspark', 'chdb', 'clickhouse_connect'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_queries_are_named_in_refusals(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is call-edges, "):
        engine.query("span-weeks")
    with engine.opened("duckdb", tmp_path) as opened, pytest.raises(InvalidError, match="needs window and baseline"):
        engine.ask(opened, opened.lake([]), engine.query("template-changes"), Question())


def test_only_rows_that_can_matter_are_read() -> None:
    question = Question(window=(100, 200), baseline=(10, 90))
    assert engine.reach(engine.query("error-minutes"), question) == (100, 199)
    assert engine.reach(engine.query("template-changes"), question) == (10, 199)
    assert engine.reach(engine.query("call-edges"), question) is None
    assert engine.reach(engine.query("error-minutes"), Question()) is None


def test_gaps_are_told(tmp_path: Path) -> None:
    with engine.opened("duckdb", tmp_path) as opened:
        opened.dialect = "snowflake"
        with pytest.raises(RefusalError, match="stops at a line feed") as refused:
            engine.ask(opened, opened.lake([]), engine.query("text-search"), Question(text="a", regex=True))
    assert refused.value.code == "engine-gap"
