"""Size: many log rows and spans through the way in, then what the analysis asks of them, each step in a process of its own.

The logs are JSON lines and the spans OTLP, both made up from a seed: twelve services, some hundred sentences with numbers, ids
and words in them, a stretch of trouble in which sentences appear, vanish, burst and dip. Beside each step stands what DuckDB
needs to read the same raw files in the same run, since seconds of one machine say little on another.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from afterword.app import engine, intake
from afterword.app.operations import evidence, incident
from afterword.app.workspace import make_blobs, make_lake, open_workspace
from afterword.model.time import Span
from afterword.queries.question import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

START = 1_773_475_200  # 2026-03-14T08:00:00Z
HOURS = 4
BAD_FROM, BAD_TO = START + 2 * 3600, START + 2 * 3600 + 2400
SERVICES = (
    "gateway",
    "catalog",
    "cart",
    "checkout",
    "payment",
    "inventory",
    "pricing",
    "search",
    "mail",
    "auth",
    "stock",
    "ledger",
)
VERBS = ("opened", "closed", "refreshed", "skipped", "stored", "dropped", "queued", "merged", "expired", "resent")
THINGS = ("connection", "session", "basket", "price list", "index", "token", "batch", "lock", "cache entry", "cursor")
#: Sentences of trouble: one is new, one bursts; ``SHY`` are the usual ones that vanish or dip.
NEW, BURST = "no connection was free within {a} ms, {b} waiting", "retry {c} of request {d}"
SHY = ("opened connection", "closed session")


def _stamp(nanos: int) -> str:
    whole, rest = divmod(nanos, 10**9)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{rest // 1000:06d}Z"


def logs(rows: int, *, plain: bool = False) -> Iterator[str]:
    """JSON lines, or plain text, in the order of time."""
    rng = random.Random(7)
    sentences = [f"{verb} {thing}" for verb in VERBS for thing in THINGS]
    forms = (" {a} in {c} ms", " {d} for user {e}", " {a} of {b}: id={d}", " from 10.0.{c}.{c}:{b}", " {d}")
    step = HOURS * 3600 * 10**9 // rows
    stamp, second = "", -1
    for n in range(rows):
        nanos = START * 10**9 + n * step
        if nanos // 10**9 != second:
            second = nanos // 10**9
            stamp = _stamp(second * 10**9)[:20]
        r = rng.getrandbits(64)
        bad = BAD_FROM <= second < BAD_TO
        service = SERVICES[r % 12]
        number = (r >> 8) % len(sentences)
        sentence = sentences[number]
        if bad and service in ("checkout", "payment") and r >> 60 < 6:
            sentence = NEW if r >> 59 & 1 else BURST
            text, level = sentence, "error"
        else:
            if bad and sentence == SHY[0]:
                sentence = sentences[50]
            if bad and sentence == SHY[1] and r >> 62:
                sentence = sentences[51]
            text, level = sentence + forms[number % 5], "info" if r >> 58 & 31 else "warn"
        text = text.format(
            a=r >> 20 & 4095, b=r >> 30 & 65535, c=r >> 40 & 127, d=f"{r:016x}", e=f"u{r >> 16 & 0xFFFFF}"
        )
        if plain:
            yield f"{stamp}{nanos % 10**9 // 1000:06d}Z {level.upper()} {service}: {text}\n"
            continue
        yield (
            f'{{"timestamp":"{stamp}{nanos % 10**9 // 1000:06d}Z","level":"{level}","service":"{service}","message":"{text}",'
            f'"trace_id":"{r * 0x9E3779B97F4A7C15 & (1 << 128) - 1:032x}"}}\n'
        )


def spans(rows: int) -> Iterator[str]:
    """OTLP, one span a line, in the order of time."""
    rng = random.Random(11)
    step = HOURS * 3600 * 10**9 // rows
    for n in range(rows):
        begin = START * 10**9 + n * step
        r = rng.getrandbits(64)
        service = SERVICES[r % 12]
        bad = BAD_FROM <= begin // 10**9 < BAD_TO and service in ("checkout", "payment")
        took = (2_000_000_000 if bad and r >> 62 else 4_000_000) + (r >> 20 & 0x3FFFFFF)
        code = 500 if bad and r >> 63 else 200
        yield (
            f'{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{service}"}}}}]}},'
            f'"scopeSpans":[{{"spans":[{{"traceId":"{r * 0x9E3779B97F4A7C15 & (1 << 128) - 1:032x}","spanId":"{r:016x}",'
            f'"name":"{("GET", "POST", "PUT")[r >> 8 & 1]} /{service}/{r >> 10 & 3}","kind":2,"startTimeUnixNano":"{begin}",'
            f'"endTimeUnixNano":"{begin + took}","status":{{"code":{2 if code == 500 else 0}}},'
            f'"attributes":[{{"key":"http.response.status_code","value":{{"intValue":"{code}"}}}}]}}]}}]}}]}}\n'
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What one step cost, and one line about what it gave."""

    name: str
    cpu: float
    wall: float
    peak: int
    said: str


def measured(name: str, function: Callable[..., str], *args: Any) -> Step:
    """Run in a process of its own; CPU seconds and peak memory (MB) are the child's."""
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    begin = time.perf_counter()
    child = context.Process(target=_run, args=(queue, function, args))
    child.start()
    said, cpu, peak = queue.get()
    child.join()
    step = Step(name, cpu, time.perf_counter() - begin, peak, said)
    print(f"{step.name:<42}{step.cpu:>9.1f}{step.wall:>9.1f}{step.peak:>8}  {step.said}", flush=True)
    return step


def _run(queue: Any, function: Callable[..., str], args: Sequence[Any]) -> None:
    try:
        said = function(*args)
    except Exception as error:
        queue.put((f"failed: {error!r}", 0.0, 0))
        raise
    used = resource.getrusage(resource.RUSAGE_SELF)
    queue.put((said, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024))


def make(path: str, rows: int, kind: str) -> str:
    with Path(path).open("w") as file:
        file.writelines(spans(rows) if kind == "spans" else logs(rows, plain=kind == "plain"))
    return f"{Path(path).stat().st_size / 1e9:.2f} GB"


def take_in(path: str, root: str) -> str:
    """The way in as ``afterword analyze`` walks it: bytes kept, read, secrets looked for, templates, Parquet."""
    blobs, lake = make_blobs(Path(root, "objects")), make_lake(Path(root, "lake"))
    taken = intake.collect([path], blobs, lake)
    [one] = taken.evidence
    Path(root, f"{Path(path).stem}.json").write_text(json.dumps([one.sha256]))
    size = sum(file.stat().st_size for file in Path(root, "lake").rglob("*.parquet"))
    return f"{one.counted} events, {one.more_problems + len(one.problems)} problems, lake {size / 1e9:.2f} GB"


def analysed(path: str, root: str) -> str:
    """All of ``afterword analyze``, from the file to the document."""
    report = incident.analyze(open_workspace(root, face="bench"), evidence=(path,))
    return f"{report.causes[0]['statement'] if report.causes else 'no cause found'}"


def shown(root: str, line: int) -> str:
    """A citation near the end of the file."""
    opened = open_workspace(root, face="bench")
    [found] = opened.records.all("incident")
    begin = time.perf_counter()
    made = evidence.show(opened, incident=found.id, citation=f"E1:{line}")
    return f"{time.perf_counter() - begin:.2f} s for {made.lines[3].text[:40]!r}"


def _files(root: str, signal: str, reach: tuple[int, int] | None = None) -> list[str]:
    """The files of the lake, by the manifests."""
    lake = Path(root, "lake")
    found = [
        file for one in sorted((lake / "artefacts").glob("*.json")) for file in json.loads(one.read_bytes())["files"]
    ]
    inside = [
        f
        for f in found
        if f["signal"] == signal and (reach is None or (f["first"] <= reach[1] and f["last"] >= reach[0]))
    ]
    return [str(lake / file["path"]) for file in inside]


def asked(root: str, name: str, signal: str, question: Question) -> str:
    query = engine.query(name)
    with engine.opened("duckdb", Path(root, "spill")) as opened:
        reach = engine.reach(query, question)
        span = None if reach is None else Span(*reach)
        files = _files(root, signal, None if span is None else (span.start, span.end))
        found = engine.ask(opened, opened.lake(files), query, question)
    kinds = Counter(str(row[found.columns.index("change")]) for row in found.rows) if "change" in found.columns else {}
    return f"{len(found.rows)} rows" + "".join(f", {count} {kind}" for kind, count in sorted(kinds.items()))


def raw_to_parquet(path: str, into: str, columns: str) -> str:
    """What DuckDB needs to read the same raw lines and write them as Parquet, with no thought about them."""
    duckdb.sql("set enable_progress_bar = false; set memory_limit = '700MB'; set preserve_insertion_order = false")
    duckdb.sql(
        f"copy (select * from read_json('{path}', format = 'newline_delimited', columns = {columns}, maximum_object_size = 1000000))"
        f" to '{into}' (format parquet, compression zstd)"
    )
    return f"{Path(into).stat().st_size / 1e9:.2f} GB"


_LOG_COLUMNS = (
    "{'timestamp': 'VARCHAR', 'level': 'VARCHAR', 'service': 'VARCHAR', 'message': 'VARCHAR', 'trace_id': 'VARCHAR'}"
)
_SPAN_COLUMNS = "{'resourceSpans': 'JSON'}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="log rows; the long form has 50000000")
    parser.add_argument("--spans", type=int, default=50_000, help="spans; the long form has 10000000")
    parser.add_argument(
        "--folder", default="", help="where the files are made and removed; needs about 600 bytes a row"
    )
    parser.add_argument(
        "--plain", type=int, default=0, help="instead: analyze a plain log of so many rows (10 GB have 90000000)"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="afterword-size-", dir=args.folder or None) as name:
        if args.plain:
            measure_plain(Path(name), args.plain)
        else:
            measure(Path(name), args.rows, args.spans)
    return 0


def measure(folder: Path, rows: int, count: int) -> None:
    window = (BAD_FROM * 10**9, (BAD_FROM + 2400) * 10**9)
    baseline = ((BAD_FROM - 3600) * 10**9, BAD_FROM * 10**9)
    root = str(folder / "workspace")
    print(f"{rows} log rows, {count} spans; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'step':<42}{'CPU s':>9}{'wall s':>9}{'MB':>8}")
    for kind, number, columns, signal in (("logs", rows, _LOG_COLUMNS, "log"), ("spans", count, _SPAN_COLUMNS, "span")):
        raw = str(folder / f"{kind}.jsonl")
        measured(f"{kind}: make the file", make, raw, number, kind)
        plain = measured(
            f"{kind}: DuckDB, raw lines to Parquet", raw_to_parquet, raw, str(folder / "plain.parquet"), columns
        )
        (folder / "plain.parquet").unlink()
        ours = measured(f"{kind}: afterword takes them in", take_in, raw, root)
        print(f"{'':<42}{number / ours.cpu:>9.0f} rows a CPU second, {ours.cpu / plain.cpu:.1f} times DuckDB's reading")
        Path(raw).unlink()
        shutil.rmtree(Path(root, "objects"))
        if signal == "log":
            measured(
                "logs: what changed, template by template",
                asked,
                root,
                "template-changes",
                "log",
                Question(window, baseline),
            )
        else:
            measured("spans: p50 p95 p99 a minute", asked, root, "span-minutes", "span", Question())


def measure_plain(folder: Path, rows: int) -> None:
    raw, root = str(folder / "plain.log"), str(folder / "workspace")
    print(f"{rows} rows of plain text; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'step':<42}{'CPU s':>9}{'wall s':>9}{'MB':>8}")
    measured("plain: make the file", make, raw, rows, "plain")
    ours = measured("plain: afterword analyzes it", analysed, raw, root)
    print(f"{'':<42}{rows / ours.cpu:>9.0f} rows a CPU second")
    measured("plain: a line near the end", shown, root, rows - 10)


if __name__ == "__main__":
    sys.exit(main())
