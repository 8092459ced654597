"""Asks an engine every case about a folder of the lake and prints the answers as JSON; run as a program.

A program of its own, because a process can be a client of Spark in one way only, and because what Java prints is no
matter of the tests.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src")]

import hard  # noqa: E402

from afterword.app import answer  # noqa: E402
from afterword.app import engine as engines  # noqa: E402
from afterword.queries import portable  # noqa: E402


def ask(setting: str, files: list[str], folder: Path) -> dict[str, Any]:
    """The answer to each case; a case that the engine cannot answer has an ``error``."""
    made: dict[str, Any] = {}
    with engines.opened(setting, folder / "spill") as engine:
        events = engine.lake(files)
        for case, query, question in hard.CASES:
            begun = time.perf_counter()
            try:
                found = engines.ask(engine, events, engines.query(query), question)
                made[case] = {"sha256": found.sha256, "columns": found.columns, "rows": found.rows}
            except Exception as error:  # noqa: BLE001 - what an engine cannot do is what is looked for
                made[case] = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
            made[case]["seconds"] = round(time.perf_counter() - begun, 3)
        made["patterns"] = [list(row) for row in matches(engine, events)]
    return made


def matches(engine: Any, events: Any) -> tuple[tuple[Any, ...], ...]:
    """Each text, and 1 or 0 for each of many patterns that are declared to mean the same everywhere."""
    text = portable.known(events.text)
    found = {f"p{i}": text.re_search(one).ifelse(1, 0).cast("int64") for i, one in enumerate(hard.patterns(5, 120))}
    rows = events.select(text=text, **found)
    # Not ``distinct``: Ibis cannot order by an expression behind it on Spark.
    grouped = rows.group_by("text").agg(**{name: rows[name].max() for name in found})
    expression = portable.ordered(grouped, "text")
    return answer.made("patterns", "", engine.rows(expression, engine.sql(expression)), "").rows


def main() -> None:
    setting, listed, out = sys.argv[1:4]
    begun = time.perf_counter()
    found = ask(setting, json.loads(Path(listed).read_text()), Path(out).parent)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    took = {"wall": round(time.perf_counter() - begun, 1), "cpu": round(cpu, 1)}
    Path(out).write_text(json.dumps({"answers": found, **took}))


if __name__ == "__main__":
    main()
