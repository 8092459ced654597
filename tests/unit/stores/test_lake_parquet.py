"""The lake: events as Parquet, derived and replaceable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from afterword.core.template import identity
from afterword.model.event import Event, Kind
from afterword.model.evidence import Evidence, Place
from afterword.model.refusal import NotFoundError
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ONE = Evidence("a" * 64, 10, "app.log", "text")
LOG = Event(
    Kind.LOG, Place(0, 10, 1, 1), 1_700_000_000_123_456_789, "cart", text="order 17 failed", severity="error",
    offset=None, attributes={"trace": "t1", "span": "s1"},
)  # fmt: skip
METRIC = Event(Kind.METRIC, Place(10, 20, 2, 2, "cart cpu"), 5, "cart", "cpu", value=0.5)


def test_an_event_comes_back_as_it_went_in(tmp_path: Path) -> None:
    lake = LakeParquet(tmp_path)
    lake.write(ONE, [[LOG], [METRIC]])
    rows = lake.tables([ONE]).to_pylist()
    assert [row["at"] for row in rows] == [1_700_000_000_123_456_789, 5]
    assert rows[0]["trace"] == "t1"
    assert rows[0]["offset"] is None
    assert rows[0]["template"] == identity(rows[0]["masked"])
    assert "17" not in rows[0]["masked"]
    assert rows[1]["masked"] is None
    assert (rows[1]["part"], rows[1]["value"], rows[1]["evidence"]) == ("cart cpu", 0.5, 0)


def test_a_newer_reader_does_not_find_the_old_events(tmp_path: Path) -> None:
    from dataclasses import replace

    lake = LakeParquet(tmp_path)
    lake.write(ONE, [[LOG]])
    assert lake.has(ONE)
    for other in (replace(ONE, reader=2), replace(ONE, zone="Europe/Berlin"), replace(ONE, year=2026)):
        assert not lake.has(other)
        with pytest.raises(NotFoundError):
            lake.tables([other])


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """The source fails in the middle: neither the target nor the part beside it is left."""

    def batches() -> Iterator[Sequence[Event]]:
        yield [LOG]
        raise OSError("no more")

    lake = LakeParquet(tmp_path)
    with pytest.raises(OSError, match="no more"):
        lake.write(ONE, batches())
    assert not lake.has(ONE)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["_columns.json"]


def test_half_a_character_from_the_world_is_no_exception(tmp_path: Path) -> None:
    lake = LakeParquet(tmp_path)
    lake.write(ONE, [[Event(Kind.LOG, Place(0, 1), 1, "\ud800", text="x\udfff", attributes={"a": "\ud83d"})]])
    assert lake.tables([ONE]).to_pylist()[0]["text"] == "x?"


def test_an_artefact_without_events_is_an_empty_table(tmp_path: Path) -> None:
    lake = LakeParquet(tmp_path)
    lake.write(ONE, ())
    assert lake.has(ONE)
    assert lake.tables([ONE]).num_rows == 0
    assert "evidence" in lake.tables([]).column_names
