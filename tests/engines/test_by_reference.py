"""Telemetry stays in its tables; what was asked of them and what they answered is evidence that holds without them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import otel_tables
import servers

from afterword.app import asked as beside
from afterword.app import desk
from afterword.app.operations import reference
from afterword.app.workspace import open_workspace
from afterword.model.refusal import ForbiddenError, InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.workspace import Workspace

pytestmark = pytest.mark.engines
SECRET = "it's 'hush-hush' 7"
ASKED = {"window": otel_tables.WINDOW, "baseline": otel_tables.BASELINE}


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("AFTERWORD_ENGINE_PASSWORD", SECRET)
    return open_workspace(tmp_path / "workspace", actor="maria")


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[str]:
    """``clickhouse://…`` of an engine that has the tables of the incident."""
    why = servers.lacking("chdb", "clickhouse_connect")
    if why:
        pytest.skip(why)
    with servers.clickhouse(tmp_path, "reader", SECRET) as address:
        for name, found in otel_tables.rows().items():
            servers.execute(
                address, SECRET, f"CREATE TABLE {name} ({otel_tables.DDL[name]}) ENGINE = MergeTree ORDER BY tuple()"
            )
            servers.execute(address, SECRET, f"INSERT INTO {name} FORMAT JSONEachRow {otel_tables.lines(found)}")
        yield address


def ask(ws: Workspace, operation: str, /, **arguments: Any) -> Any:
    return desk.ask(ws, operation, arguments)


def analysed(ws: Workspace, tables: str, folder: Path) -> str:
    """The incident that the answers of the tables make."""
    reference.refer(ws, engine=tables, out=str(folder / "answers"), **ASKED)
    made = ask(
        ws,
        "incident.analyze",
        evidence=[str(folder / "answers")],
        window=otel_tables.WINDOW,
        out=str(folder / "report"),
    )
    return str(made.incident["id"])


def test_an_incident_out_of_tables_is_verified_without_them_and_asked_again_with_them(
    ws: Workspace, tables: str, tmp_path: Path
) -> None:
    incident = analysed(ws, tables, tmp_path)
    listed = ask(ws, "evidence.list", incident=incident)
    assert {one.evidence.source for one in listed} == {"metrics-csv", "patterns-json", "json-lines", "edges-csv"}
    assert all(one.evidence.accounting.balanced and not one.evidence.problems for one in listed)

    document = (tmp_path / "report" / "postmortem.md").read_text()
    assert "payment was slow" in document
    assert "2026-03-14 08:40:00" in document
    verified = ask(ws, "incident.verify", path=str(tmp_path / "report"))
    assert verified.holds
    assert verified.claims > 100

    again = ask(ws, "evidence.requery", incident=incident, engine=tables)
    assert len(again) == 7
    assert {one.state for one in again} == {"holds"}

    # A line that arrives late changes what is said of logs, and nothing else.
    late = {**otel_tables.rows()["otel_logs"][-1], "Timestamp": otel_tables.START, "Body": "a line that came late"}
    servers.execute(tables, SECRET, f"INSERT INTO otel_logs FORMAT JSONEachRow {otel_tables.lines([late])}")
    changed = {one.query: one.state for one in ask(ws, "evidence.requery", incident=incident, engine=tables)}
    assert {query for query, state in changed.items() if state == "changed"} == {
        "error-minutes",
        "template-minutes",
        "template-changes",
    }
    assert ask(ws, "incident.verify", path=str(tmp_path / "report")).holds

    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "tables" not in path.parts)
    assert b"hush-hush" not in kept


def test_questions_are_put_only_to_the_engine_that_a_person_names(ws: Workspace, tables: str, tmp_path: Path) -> None:
    """Evidence may come from anybody: an address that stands in it is not called."""
    incident = analysed(ws, tables, tmp_path)
    found = ask(ws, "evidence.requery", incident=incident)
    assert {one.state for one in found} == {"not asked"}
    assert all(tables in one.why for one in found)
    other = ask(ws, "evidence.requery", incident=incident, engine="clickhouse://127.0.0.1:9/default")
    assert {one.state for one in other} == {"not asked"}


def test_sql_in_evidence_is_never_executed(ws: Workspace, tables: str, tmp_path: Path) -> None:
    """The question beside an answer is made anew from its names; a name that is more than a name is refused."""
    reference.refer(ws, engine=tables, out=str(tmp_path / "answers"), **ASKED)
    path = tmp_path / "answers" / beside.FILE
    said = json.loads(path.read_text())
    for one in said["answers"]:
        body = json.loads(one["asked"]["body"])
        body["sql"] = body["events"] = "DROP TABLE otel_traces"
        one["asked"]["body"] = json.dumps(body)
    path.write_text(json.dumps(said))
    made = ask(
        ws, "incident.analyze", evidence=[str(path.parent)], window=otel_tables.WINDOW, out=str(tmp_path / "report")
    )
    assert {one.state for one in ask(ws, "evidence.requery", incident=made.incident["id"], engine=tables)} == {"holds"}

    body["tables"] = {"traces": "otel_traces; DROP TABLE otel_traces"}
    said["answers"][-1]["asked"]["body"] = json.dumps(body)
    path.write_text(json.dumps(said))
    (path.parent / "errors.ndjson").write_text(
        '{"timestamp": "2026-03-14T08:41:00Z", "level": "error", "message": "other"}\n'
    )
    made = ask(
        ws, "incident.analyze", evidence=[str(path.parent)], window=otel_tables.WINDOW, out=str(tmp_path / "report")
    )
    with pytest.raises(InvalidError):
        ask(ws, "evidence.requery", incident=made.incident["id"], engine=tables)
    assert reference.refer(ws, engine=tables, out=str(tmp_path / "more"), **ASKED).absent == ()


def test_what_is_not_there_is_said(ws: Workspace, tables: str, tmp_path: Path) -> None:
    servers.execute(tables, SECRET, "DROP TABLE otel_metrics_sum")
    servers.execute(tables, SECRET, "CREATE TABLE odd (Timestamp DateTime64(9), Body String) ENGINE = Memory")
    out = str(tmp_path / "answers")
    found = reference.refer(ws, engine=tables, out=out, **ASKED)
    assert found.absent == ("otel_metrics_sum",)
    assert "metrics.csv" in [one.file for one in found.parts]
    with pytest.raises(InvalidError, match="holds the answers of"):
        reference.refer(ws, engine=tables, out=out, tables=("logs=odd",), **ASKED)
    out = str(tmp_path / "others")
    with pytest.raises(InvalidError, match="no table of logs in the OpenTelemetry layout: it has no TraceId"):
        reference.refer(ws, engine=tables, out=out, tables=("logs=odd",), **ASKED)
    with pytest.raises(InvalidError, match="SIGNAL=TABLE"):
        reference.refer(ws, engine=tables, out=out, tables=("logs=a b",), **ASKED)
    nowhere = tuple(f"{signal}=nowhere" for signal in ("logs", "traces", "gauge", "sum"))
    with pytest.raises(NotFoundError, match="has none of the tables"):
        reference.refer(ws, engine=tables, out=out, tables=nowhere, **ASKED)


def test_a_wrong_password_is_refused_and_not_repeated(
    ws: Workspace, tables: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_ENGINE_PASSWORD", "a wrong secret")
    with pytest.raises(RefusalError, match="AUTHENTICATION_FAILED") as refused:
        reference.refer(ws, engine=tables, out=str(tmp_path / "answers"), **ASKED)
    assert refused.value.code == "engine-failed"
    assert "wrong secret" not in str(refused.value)


def test_only_the_person_at_the_terminal_names_an_engine(tmp_path: Path) -> None:
    """A server that calls whatever address a caller names can be sent to places that only it can reach."""
    served = open_workspace(tmp_path / "workspace", actor="agent", folders=(tmp_path,))
    with pytest.raises(ForbiddenError):
        reference.refer(served, engine="clickhouse://10.0.0.7/otel", out=str(tmp_path), **ASKED)
    with pytest.raises(ForbiddenError):
        ask(served, "query.ask", name="signal-hours", engine="spark://10.0.0.7:7077")


def test_spark_gives_the_same_bytes_as_clickhouse(ws: Workspace, tables: str, tmp_path: Path) -> None:
    """The same rows in Parquet for Spark: every file is the same, to the byte. In a process of its own."""
    why = servers.lacking("pyspark", java=True)
    if why:
        pytest.skip(why)
    import os
    import subprocess

    one = reference.refer(ws, engine=tables, out=str(tmp_path / "clickhouse"), **ASKED)
    names = otel_tables.into_parquet(tmp_path / "parquet")
    signals = {"logs": "otel_logs", "traces": "otel_traces", "gauge": "otel_metrics_gauge", "sum": "otel_metrics_sum"}
    said = [part for signal, name in signals.items() for part in ("--tables", f"{signal}={names[name]}")]
    call = [
        sys.executable,
        "-m",
        "afterword.faces.cli.main",
        "evidence",
        "refer",
        "local-spark?cores=2",
        otel_tables.WINDOW,
    ]
    call += [
        str(tmp_path / "spark"),
        "--baseline",
        otel_tables.BASELINE,
        *said,
        "--json",
        "--workspace",
        str(tmp_path / "other"),
    ]
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    made = subprocess.run(call, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    other = json.loads(made.stdout)
    assert [part["answer"] for part in other["parts"]] == [part.answer for part in one.parts]
    for part in one.parts:
        assert (tmp_path / "spark" / part.file).read_bytes() == (tmp_path / "clickhouse" / part.file).read_bytes()
