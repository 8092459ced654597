"""Engines: every query on every engine over one lake, with CPU, wall time and whether the rows are the same; SQL by hand beside it.

``python benchmarks/engines.py --logs 1000000 --engines duckdb chdb local-spark cluster connect``; each engine is asked in a
process of its own. CPU is that of all processes of the engine, those of servers and of Java too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from afterword.app import answer
from afterword.app import engine as engines
from afterword.queries.question import Question
from afterword.stores.lake_columns import STORED

if TYPE_CHECKING:
    from collections.abc import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "engines"))

import servers

HOUR = 3_600 * 10**9
MINUTE = 60 * 10**9
START = 1_773_486_000 * 10**9  # 2026-03-14T11:00:00Z
HOURS = 2
WINDOW, BASELINE = (START + HOUR, START + HOUR + 20 * MINUTE), (START, START + HOUR)
ARTEFACT = "ab" * 32
CASES: dict[str, Question] = {
    "template-minutes": Question(),
    "template-changes": Question(window=WINDOW, baseline=BASELINE),
    "template-seen": Question(),
    "error-minutes": Question(),
    "error-samples": Question(most=3),
    "text-search": Question(text=", pool: 10.0.0.77", most=100),
    "neighbours": Question(artefact=ARTEFACT, line=5000, most=10),
    "span-minutes": Question(),
    "component-minutes": Question(),
    "call-edges": Question(),
    "metric-minutes": Question(),
    "signal-hours": Question(),
}
_MINUTE = '"at" - "at" % 60000000000 AS minute'
_BAD = "count(*) FILTER (severity IN ('error', 'fatal'))"
_RANKS = "quantile_disc(took, 0.5), quantile_disc(took, 0.95), quantile_disc(took, 0.99)"
_NEAR = f'"first", row, "last", "at", kind, subject, name, severity, text FROM every WHERE artefact = \'{ARTEFACT}\''
#: The same as somebody would write it for DuckDB alone.
BY_HAND: dict[str, str] = {
    "template-minutes": f"SELECT subject, template, {_MINUTE}, count(*), {_BAD} FROM log GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "template-changes": f"""
        WITH c AS (SELECT subject, template, count(*) FILTER ("at" < {BASELINE[1]}) b, count(*) FILTER ("at" >= {WINDOW[0]}) w,
          count(*) FILTER ("at" >= {WINDOW[0]} AND severity IN ('error', 'fatal')) e, min("at") f, max("at") l
          FROM log WHERE "at" >= {BASELINE[0]} AND "at" < {WINDOW[1]} GROUP BY 1, 2)
        SELECT subject, template, CASE WHEN b = 0 THEN 'new' WHEN w = 0 THEN 'vanished' WHEN w * 3600 >= 3 * b * 1200 AND w >= 10
          THEN 'burst' WHEN b * 1200 >= 3 * w * 3600 AND b >= 10 THEN 'dip' END AS change, b, w, e, f, l
        FROM c WHERE change IS NOT NULL ORDER BY 1, 2""",
    "template-seen": """SELECT template, count(*), count(DISTINCT subject), min("at"), max("at"), arg_min(artefact, ("at", row)),
        arg_min("first", ("at", row)) FROM log GROUP BY 1 ORDER BY 1""",
    "error-minutes": f"SELECT subject, {_MINUTE}, {_BAD}, count(*) FROM log GROUP BY 1, 2 ORDER BY 1, 2",
    "error-samples": """SELECT subject, template, "at", severity, text, '', '' FROM log WHERE severity IN ('error', 'fatal')
        QUALIFY row_number() OVER (PARTITION BY subject, template ORDER BY "at", severity, text) <= 3
        ORDER BY 1, 2, 3, 4, 5""",
    "text-search": """SELECT "at", artefact, row, "first", "last", kind, subject, severity, text FROM every
        WHERE contains(text, ', pool: 10.0.0.77') ORDER BY "at", artefact, row LIMIT 100""",
    "neighbours": f"""SELECT * FROM (SELECT {_NEAR} AND "first" < 5000 ORDER BY "first" DESC, row DESC LIMIT 10)
        UNION ALL SELECT * FROM (SELECT {_NEAR} AND "first" >= 5000 ORDER BY "first", row LIMIT 11) ORDER BY 1, 2""",
    "span-minutes": f"""SELECT subject, name, {_MINUTE}, count(*), {_BAD}, count(took), sum(took), {_RANKS} FROM span
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "component-minutes": f"""SELECT subject, {_MINUTE}, count(*), {_BAD}, count(took), sum(took), {_RANKS} FROM span
        GROUP BY 1, 2 ORDER BY 1, 2""",
    "call-edges": """SELECT p.subject, c.subject, count(*), count(*) FILTER (c.severity IN ('error', 'fatal')), count(c.took),
        sum(c.took) FROM span c JOIN span p ON c.trace = p.trace AND c.parent = p.span WHERE p.subject <> c.subject
        GROUP BY 1, 2 ORDER BY 1, 2""",
    "metric-minutes": f"""SELECT subject, name, {_MINUTE}, count(value), 0, min(value), max(value), arg_max(value, "at") FROM metric
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "signal-hours": 'SELECT kind, "at" - "at" % 3600000000000 AS hour, count(*), min("at"), max("at") FROM every GROUP BY 1, 2 ORDER BY 1, 2',
}


def make(folder: Path, logs: int) -> list[str]:
    """A lake of two hours: log lines, half as many spans, a fifth as many samples. Deterministic."""
    dice = np.random.default_rng(7)
    return [*_logs(folder, dice, logs), *_spans(folder, dice, logs // 2), *_samples(folder, dice, logs // 5)]


def _write(folder: Path, kind: str, count: int, at: Any, **columns: Any) -> list[str]:
    first = {"log": 0, "span": 1, "metric": 2}[kind] << 40
    rows = np.arange(first, first + count)
    made = {
        "artefact": pa.repeat(ARTEFACT, count), "reading": pa.repeat("0" * 12, count), "row": rows, "kind": pa.repeat(kind, count),
        "at": at, "first": rows - first + 1, "last": rows - first + 1, "start": rows * 100, "end": rows * 100 + 99, "part": pa.repeat("", count),
        "name": pa.repeat("", count), "text": pa.repeat("", count), "severity": pa.repeat("", count), **columns,
    }  # fmt: skip
    arrays = [pa.array(made[f.name]).cast(f.type) if f.name in made else pa.nulls(count, f.type) for f in STORED]
    table, paths = pa.table(arrays, schema=STORED), []
    for hour in range(HOURS):
        low, high = np.searchsorted(at, [START + hour * HOUR, START + (hour + 1) * HOUR])
        path = folder / f"signal={kind}" / f"hour=2026-03-14T{11 + hour}" / f"{ARTEFACT}-000000000000.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            table.slice(low, high - low), path, compression="zstd", compression_level=1, row_group_size=1 << 17
        )
        paths.append(str(path))
    return paths


def _services(dice: Any, count: int) -> Any:
    return pa.array([f"service-{i:02d}" for i in range(14)]).take(pa.array(dice.integers(0, 14, count)))


def _logs(folder: Path, dice: Any, count: int) -> list[str]:
    at = np.sort(dice.integers(START, START + HOURS * HOUR, count))
    kinds = np.minimum(dice.geometric(0.01, count), 1200)
    rare = (at >= WINDOW[0]) & (at < WINDOW[1]) & (dice.random(count) < 0.05)
    kinds = np.where(rare, 1201, kinds)
    numbers = dice.integers(0, 255, count)
    texts = [f"step {k} took {n} ms, pool: 10.0.0.{n}" for k, n in zip(kinds.tolist(), numbers.tolist(), strict=True)]
    severity = pa.array(["info", "error"]).take(pa.array((rare | (dice.random(count) < 0.01)).astype(np.int8)))
    templates = pa.array([f"{k:012x}" for k in range(1202)]).take(pa.array(kinds))
    return _write(
        folder, "log", count, at, subject=_services(dice, count), text=texts, severity=severity, template=templates
    )


def _spans(folder: Path, dice: Any, count: int) -> list[str]:
    """Chains of three: each span but the first of a trace has the one before it as its parent."""
    at = np.sort(dice.integers(START, START + HOURS * HOUR, count))
    number = np.arange(count)
    took = dice.lognormal(16, 1, count).astype(np.int64)
    failed = pa.array(["", "error"]).take(pa.array((dice.random(count) < 0.02).astype(np.int8)))
    names = pa.array([f"operation-{i}" for i in range(20)]).take(pa.array(dice.integers(0, 20, count)))
    ids = {
        "trace": [f"{n // 3:032x}" for n in number.tolist()],
        "span": [f"{n:016x}" for n in number.tolist()],
        "parent": [f"{n - 1:016x}" if n % 3 else None for n in number.tolist()],
    }
    return _write(
        folder, "span", count, at, subject=_services(dice, count), name=names, took=took, severity=failed, **ids
    )


def _samples(folder: Path, dice: Any, count: int) -> list[str]:
    at = np.sort(dice.choice(HOURS * HOUR // 1000, count, replace=False)) * 1000 + START
    names = pa.array([f"metric_{i}" for i in range(50)]).take(pa.array(dice.integers(0, 50, count)))
    return _write(folder, "metric", count, at, subject=_services(dice, count), name=names, value=dice.random(count))


# ------------------------------------------------------------------------------------------------------- measuring


def cpu(root: int) -> float:
    """CPU seconds of a process and of all below it, those that ended too."""
    found: dict[int, tuple[int, float]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(path.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"))
    below, total = {root}, 0.0
    for _ in range(8):
        below |= {pid for pid, (parent, _) in found.items() if parent in below}
    for pid in below:
        total += found[pid][1] if pid in found else 0.0
    return total


def asked(setting: str, files: list[str], root: int, folder: Path) -> dict[str, Any]:
    """Each query twice, the second time measured: the first loads classes and pages."""
    made: dict[str, Any] = {}
    with engines.opened(setting, folder) as engine:
        events = engine.lake(files)
        for name, question in CASES.items():
            mine = engines.query(name)
            kinds = [one for one in files if not mine.kinds or any(f"signal={kind}/" in one for kind in mine.kinds)]
            events = engine.lake(kinds)
            engines.ask(engine, events, mine, question)
            begun, used = time.perf_counter(), cpu(root)
            found = engines.ask(engine, events, mine, question)
            made[name] = _row(found, time.perf_counter() - begun, cpu(root) - used)
    return made


def by_hand(files: list[str], root: int, folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = {}
    engine = duckdb.connect(config={"memory_limit": "700MB", "temp_directory": str(folder)})
    for view in ("log", "span", "metric", "every"):
        mine = [one for one in files if view == "every" or f"signal={view}/" in one]
        engine.execute(f"CREATE TEMP VIEW {view} AS SELECT * FROM read_parquet({mine}, hive_partitioning = false)")
    for name, sql in BY_HAND.items():
        engine.sql(sql).to_arrow_table()
        begun, used = time.perf_counter(), cpu(root)
        table = engine.sql(sql).to_arrow_table()
        columns = [f"c{i}" for i in range(table.num_columns)]
        found = answer.made(name, "by hand", table.rename_columns(columns), sql)
        made[name] = _row(found, time.perf_counter() - begun, cpu(root) - used)
    engine.close()
    return made


def _row(found: answer.Answer, wall: float, used: float) -> dict[str, Any]:
    plain = answer.canonical(tuple(f"c{i}" for i in range(len(found.columns))), found.rows)
    return {"rows": len(found.rows), "wall": round(wall, 2), "cpu": round(used, 2), "same": hash_of(plain)}


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@contextmanager
def addressed(name: str, folder: Path) -> Iterator[str]:
    """The setting of an engine; servers are started for it."""
    folder.mkdir(exist_ok=True)
    if name == "cluster":
        with servers.cluster(folder) as (address, _):
            yield f"{address}?spark.executor.memory=768m&spark.sql.shuffle.partitions=4"
    elif name == "connect":
        with servers.connect(folder) as address:
            yield address
    else:
        yield f"{name}?cores=2" if name == "local-spark" else name


def run(name: str, files: list[str], folder: Path) -> dict[str, Any]:
    listed, out = folder / "files.json", folder / f"{name}.json"
    listed.write_text(json.dumps(files))
    with addressed(name, folder / name) as setting:
        call = [sys.executable, __file__, "--one", setting, str(listed), str(out), str(os.getpid())]
        subprocess.run(call, check=True, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"})
    return dict(json.loads(out.read_text()))


def table(found: dict[str, dict[str, Any]]) -> str:
    """Markdown: a row for each query, CPU s / wall s for each engine; ``≠`` where the rows are other ones."""
    names = list(found)
    lines = [
        "| query | rows | " + " | ".join(names) + " | DuckDB: by hand |",
        "| --- | ---: |" + " ---: |" * (len(names) + 1),
    ]
    for query in CASES:
        first = found[names[0]][query]
        cells = []
        for name in names:
            one = found[name][query]
            cells.append(f"{one['cpu']:.2f} / {one['wall']:.2f}" + ("" if one["same"] == first["same"] else " ≠"))
        ratio = found["by hand"][query]["cpu"] / first["cpu"] if first["cpu"] else float("nan")
        lines.append(
            f"| {query} | {first['rows']:,} | " + " | ".join(cells) + f" | × {1 / ratio if ratio else 0:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        setting, listed, out, root = sys.argv[2:]
        files, spill = json.loads(Path(listed).read_text()), Path(out).parent / "spill"
        made = by_hand(files, int(root), spill) if setting == "by hand" else asked(setting, files, int(root), spill)
        Path(out).write_text(json.dumps(made))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--logs", type=int, default=1_000_000, help="log lines; half as many spans, a fifth as many samples"
    )
    parser.add_argument(
        "--engines", nargs="+", default=["duckdb", "chdb", "local-spark"], help="also: cluster, connect"
    )
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="afterword-engines-") as folder:
        files = make(Path(folder) / "lake", said.logs)
        print(
            f"{said.logs:,} log lines, {said.logs // 2:,} spans, {said.logs // 5:,} samples; CPU s / wall s",
            file=sys.stderr,
        )
        found = {name: run(name, files, Path(folder)) for name in [*said.engines, "by hand"]}
    print(table(found))


if __name__ == "__main__":
    main()
