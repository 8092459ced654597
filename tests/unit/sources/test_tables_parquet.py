"""Tables in Parquet: the rules of CSV, places by series or by row."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_laws import check, events, problems, shared

from afterword.model.event import Kind
from afterword.sources.tables_parquet import SOURCE

T = 1_700_000_000


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def values(raw: bytes) -> list[tuple[str, str, float | None, int | None]]:
    return [(one.subject, one.name, one.value, one.at) for one in events(SOURCE, raw)]


WIDE = parquet(
    {"time": [T, T + 60, T + 120], "cart_cpu": [1.5, None, 3.0], "queue-master_lat_50": [2.0, float("nan"), 4.0]},
    row_group_size=2,
)


def test_a_wide_table_has_a_series_a_column() -> None:
    assert SOURCE.sniff(WIDE) > 0.9
    assert values(WIDE) == [
        ("cart", "cpu", 1.5, T * 10**9),
        ("queue-master", "lat_50", 2.0, T * 10**9),
        ("cart", "cpu", 3.0, (T + 120) * 10**9),
        ("queue-master", "lat_50", 4.0, (T + 120) * 10**9),
    ]


def test_a_place_is_all_the_data_and_the_series() -> None:
    """Columns lie apart in the file: nothing smaller than a row group holds a row."""
    first, second, third, _ = (one.place for one in events(SOURCE, WIDE))
    assert {(one.start, one.first, one.last) for one in (first, second, third)} == {(4, 1, 1)}
    assert first.end == third.end < len(WIDE) - 8
    assert (first.part, second.part) == ("cart_cpu", "queue-master_lat_50")


def test_a_long_table_names_the_series_as_the_part() -> None:
    raw = parquet(
        {
            "timestamp": [datetime(2024, 5, 1, tzinfo=UTC)],
            "service": ["cart"],
            "metric": ["cpu"],
            "value": [Decimal("1.5")],
        }
    )
    assert values(raw) == [("cart", "cpu", 1.5, 1714521600 * 10**9)]
    assert events(SOURCE, raw)[0].place.part == "cart cpu"
    assert events(SOURCE, raw)[0].offset == 0


@pytest.mark.parametrize(
    ("column", "at", "offset"),
    [
        (pa.array([1714521600_123456789], pa.timestamp("ns")), 1714521600_123456789, None),
        (pa.array([1714521600123], pa.timestamp("ms", "UTC")), 1714521600_123000000, 0),
        (pa.array([1714521600123], pa.int64()), 1714521600_123000000, 0),
        (pa.array(["2024-05-01T00:00:00+02:00"]), 1714514400 * 10**9, 120),
    ],
)
def test_times_of_arrow(column: Any, at: int, offset: int | None) -> None:
    [one] = events(SOURCE, parquet({"time": column, "cart_cpu": [1.0]}))
    assert (one.at, one.offset) == (at, offset)


def test_a_wall_clock_is_read_by_the_rule_where_there_is_one() -> None:
    raw = parquet({"time": pa.array([1714521600], pa.timestamp("s")), "cart_cpu": [1.0]})
    [one] = events(SOURCE, raw, zone="Europe/Berlin")
    assert one.at == (1714521600 - 7200) * 10**9


def test_an_index_of_pandas_may_be_the_time() -> None:
    raw = parquet({"cart_cpu": [1.0], "__index_level_0__": pa.array([T * 10**9], pa.timestamp("ns", "UTC"))})
    assert values(raw) == [("cart", "cpu", 1.0, T * 10**9)]


def test_spans_are_cited_by_row() -> None:
    raw = parquet({
        "TraceId": ["aa", "aa"], "SpanId": ["01", "02"], "ParentSpanId": ["", "01"], "SpanName": ["get", "load"], "ServiceName": ["web", "cart"],
        "Timestamp": pa.array([T * 10**9, T * 10**9 + 1], pa.timestamp("ns", "UTC")), "Duration": [250, 9], "StatusCode": ["Unset", "Error"],
    })  # fmt: skip
    one, two = events(SOURCE, raw)
    assert (one.kind, one.subject, one.name, one.at, one.took) == (Kind.SPAN, "web", "get", T * 10**9, 250)
    assert (two.severity, two.attributes["parent"], two.place.part) == ("error", "01", "row 2")


def test_logs_are_cited_by_row() -> None:
    raw = parquet({
        "timestamp": pa.array([T * 1000], pa.timestamp("ms", "UTC")), "level": ["ERROR"], "service": ["cart"], "message": ["pool exhausted"],
        "attributes": [{"pool": "5"}],
    })  # fmt: skip
    [one] = events(SOURCE, raw)
    assert (one.kind, one.subject, one.text, one.severity, one.at) == (
        Kind.LOG,
        "cart",
        "pool exhausted",
        "error",
        T * 10**9,
    )
    assert one.place.part == "row 1"


def test_labels_in_a_map() -> None:
    labels = pa.array(
        [[("service", "cart"), ("pod", "a")], [("service", "cart"), ("pod", "b")]], pa.map_(pa.string(), pa.string())
    )
    raw = parquet({"time": [T, T], "metric": ["cpu", "cpu"], "labels": labels, "value": [1.0, 2.0]})
    assert [one[:3] for one in values(raw)] == [("cart", 'cpu{pod="a"}', 1.0), ("cart", 'cpu{pod="b"}', 2.0)]


@pytest.mark.parametrize("columns", [{"a": [1]}, {"time": [T], "what": ["x"]}, {"time": [], "cart_cpu": []}])
def test_tables_of_something_else_and_of_nothing(columns: dict[str, Any]) -> None:
    check(SOURCE, parquet(columns))
    assert not events(SOURCE, parquet(columns))


def test_truncation() -> None:
    """Without its footer a file of Parquet cannot be read at all, and that is said of all its bytes."""
    for length in range(0, len(WIDE), 37):
        check(SOURCE, WIDE[:length])
    [one] = problems(SOURCE, WIDE[:-9])
    assert (one.code, one.place.start, one.place.end) == ("parquet", 0, len(WIDE) - 9)


@settings(max_examples=200, deadline=None)
@given(st.integers(4, len(WIDE) - 1), st.binary(min_size=1, max_size=4))
def test_damage(at: int, piece: bytes) -> None:
    check(SOURCE, WIDE[:at] + piece + WIDE[at + len(piece) :])


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)
    check(SOURCE, b"PAR1" + raw + b"PAR1")


@pytest.mark.shared
def test_a_true_table_says_the_same_in_parquet() -> None:
    path = shared("rca", "sockshop", "carts-cpu", "1", "normal.csv")
    out = io.BytesIO()
    pq.write_table(pyarrow.csv.read_csv(path), out)
    found = events(SOURCE, out.getvalue())
    assert len(found) == 11_096
    assert {(one.subject, one.name) for one in found} >= {
        ("carts", "cpu"),
        ("queue-master", "mem"),
        ("carts", "lat_90"),
    }


def bomb(rows: int) -> bytes:
    """A text of 10,000 characters that a dictionary says once for all rows."""
    said = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["e" * 10_000]))
    made = io.BytesIO()
    pq.write_table(pa.table({"timestamp": pa.array([1_714_558_830_000] * rows), "service": pa.array(["shop"] * rows), "message": said}), made)  # fmt: skip
    return made.getvalue()


def test_a_text_that_stands_in_every_row_is_no_way_around_the_bound() -> None:
    """A few kilobytes that become gigabytes: what was read stays, the rest is refused with its place."""
    raw = bomb(300_000)
    assert len(raw) < 100_000
    made = problems(SOURCE, raw)
    (problem,) = made
    assert (problem.code, problem.place.part) == ("table-bomb", "row 1")
    assert len(events(SOURCE, bomb(2_000))) == 2_000, "the same shape, within the bound"
