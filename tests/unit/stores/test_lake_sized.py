"""Evidence that is too large to be looked at whole: fewer rows, and the same counts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pytest

from afterword.app import casebook
from afterword.core import derive
from afterword.model.event import Event, Kind
from afterword.model.evidence import Evidence, Place
from afterword.model.incident import Options
from afterword.model.time import SECOND
from afterword.stores import lake_columns, lake_sized
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from pathlib import Path

AT = 1_773_479_520 * SECOND
_SQL = {"string": "varchar", "int64": "bigint", "int32": "integer", "double": "double", "bool": "boolean"}
EVIDENCE = [Evidence("a" * 64, 1, "a.log", "text"), Evidence("b" * 64, 1, "b.log", "text")]


def log(n: int, kind: int) -> Event:
    severity = "error" if n % 97 == 0 else ("warn", "info", "info")[n % 3]
    return Event(
        Kind.LOG, Place(n, n + 1, n, n), AT + n * SECOND // 20, ("cart", "pay")[n % 2], text=f"{('stored', 'read')[kind]} {n} of {('a', 'b')[n % 5 == 0]}",
        severity=severity,
    )  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LakeParquet:
    """Two artefacts of 12,000 lines in ten minutes each, of which 1,500 rows may be looked at; an alert, and some spans."""
    monkeypatch.setattr(lake_sized, "ALL", 5000)
    monkeypatch.setattr(lake_sized, "MOST", 1500)
    made = LakeParquet(tmp_path)
    for kind, one in enumerate(EVIDENCE):
        events = [log(n, kind) for n in range(12_000)]
        alert = Event(Kind.ALERT, Place(20_000, 20_001), AT, "cart", "slow")
        undated = Event(Kind.LOG, Place(20_001, 20_002), None, "cart", text="nobody knows when")
        made.write(one, [events, [alert, undated]])
    return made


def test_counts_by_the_minute_are_those_of_all_lines(lake: LakeParquet) -> None:
    whole = lake.tables(EVIDENCE)
    some = lake.sized(EVIDENCE)
    assert some.num_rows < 2000
    assert some.schema.names == [*whole.schema.names, "weight"]

    def counted(table: object, *, weighed: bool) -> Counter[tuple[object, ...]]:
        made: Counter[tuple[object, ...]] = Counter()
        for row in table.to_pylist():  # type: ignore[attr-defined]
            if row["kind"] == "log" and row["at"] is not None:
                key = row["subject"], row["template"], row["masked"], row["severity"], row["at"] // (60 * SECOND)
                made[key] += row["weight"] if weighed else 1
        return made

    assert counted(some, weighed=True) == counted(whole, weighed=False)
    errors = [row for row in some.to_pylist() if row["severity"] == "error"]
    assert {row["weight"] for row in errors} == {1}
    assert sum(row["kind"] == "alert" for row in some.to_pylist()) == 2


def test_the_series_that_an_analysis_looks_at_are_the_same(lake: LakeParquet) -> None:
    """Derived from some of the rows, and from all of them."""
    made = []
    for table in (lake.tables(EVIDENCE), lake.sized(EVIDENCE)):
        case = casebook.build("INC-1", EVIDENCE, table, Options())
        made.append({one.name: (one.at.tolist(), one.value.tolist()) for one in derive._from_logs(case, 60 * SECOND)})
    assert made[0].keys() == made[1].keys()
    assert made[0] == made[1]


def test_a_small_case_is_looked_at_whole(tmp_path: Path) -> None:
    """The control: nothing is left out, and nothing weighed, where everything can be looked at."""
    made = LakeParquet(tmp_path)
    made.write(EVIDENCE[0], [[log(n, 0) for n in range(300)]])
    assert made.sized(EVIDENCE[:1]) == made.tables(EVIDENCE[:1])


def test_traces_are_taken_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_sized, "ALL", 1000)
    monkeypatch.setattr(lake_sized, "MOST", 800)
    spans = [
        Event(
            Kind.SPAN, Place(n, n + 1, n, n), AT + n, "cart", "get", took=5,
            attributes={"trace": f"{n // 4:032x}", "span": f"{n:016x}", **({"parent": f"{n - 1:016x}"} if n % 4 else {})},
        )
        for n in range(4000)
    ]  # fmt: skip
    made = LakeParquet(tmp_path)
    made.write(EVIDENCE[0], [spans])
    table = made.sized(EVIDENCE[:1])
    assert 200 < table.num_rows < 1000
    assert set(table.column("weight").to_pylist()) == {8}
    case = casebook.build("INC-1", EVIDENCE[:1], table, Options())
    assert case.spans.weight == 8
    assert np.count_nonzero(case.spans.parent >= 0) == table.num_rows * 3 // 4


def test_more_groups_than_memory_holds_are_not_counted_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five weeks of a line a second: grouped by the second they would not fit into the memory that is allowed."""
    monkeypatch.setattr(lake_sized, "_MEMORY", "40MB")
    file = tmp_path / "part.parquet"
    names = ", ".join(
        f'null::{_SQL[str(field.type)]} as "{field.name}"'
        for field in lake_columns.EVENT
        if field.name not in ("at", "subject", "template", "severity", "row", "artefact")
    )
    duckdb.connect().execute(
        f"copy (select repeat('a', 64) as artefact, i as row, i * 1000000000 as \"at\", 'shop' as subject, repeat('t', 40) || i % 7 as template,"
        f" 'info' as severity, {names} from range(3000000) t(i)) to '{file}'"
    )
    sized = lake_sized.Sized(tmp_path / "spill")
    try:
        found = sized.logs([file], 200_000)
    finally:
        sized.close()
    assert sum(found.column("weight").to_pylist()) == 3_000_000
    assert found.num_rows <= 400_000


def test_counts_of_a_component_stay_exact_when_there_is_no_room_for_every_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three hundred kinds of lines, and errors without end: each kind is still seen, and every minute has its lines."""
    monkeypatch.setattr(lake_sized, "ALL", 1000)
    monkeypatch.setattr(lake_sized, "MOST", 400)
    made = LakeParquet(tmp_path)
    events = [
        Event(Kind.LOG, Place(n, n + 1, n, n), AT + n * SECOND // 4, "cart", text=f"{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]} stored", severity="error" if 4000 < n < 7000 else "info")
        for n in range(12_000)
    ]  # fmt: skip
    made.write(EVIDENCE[0], [events])
    whole, some = made.tables(EVIDENCE[:1]), made.sized(EVIDENCE[:1])
    assert some.num_rows < 1500

    def counted(table: object) -> Counter[tuple[object, ...]]:
        found: Counter[tuple[object, ...]] = Counter()
        for row in table.to_pylist():  # type: ignore[attr-defined]
            found[row["subject"], row["severity"], row["at"] // (60 * SECOND)] += row.get("weight") or 1
        return found

    assert counted(some) == counted(whole)
    assert {row["template"] for row in some.to_pylist()} == {row["template"] for row in whole.to_pylist()}
