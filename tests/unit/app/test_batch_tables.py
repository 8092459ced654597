"""Tables in columns say what they say row by row, whatever stands in their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from both_ways import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.reading.bulk import rows
from afterword.sources import metrics_csv

if TYPE_CHECKING:
    from pathlib import Path

LAW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TIMES = (
    "17000000{s:02}",
    "2026-03-14T09:00:{s:02}Z",
    "2026-03-14 09:00:{s:02}",
    "2026-03-14T09:00:{s:02}+02:00",
    "soon",
    "",
)
NUMBERS = (
    "1",
    "0.5",
    "-3e7",
    "",
    "NaN",
    "inf",
    "-",
    "n/a",
    "1_000",
    "12%",
    "1,000",
    "many",
    " 7 ",
    "1e400",
    "0x10",
    "+5",
    "nan",
)
#: Lines that are no rows, or rows that need a closer look.
ODD = (
    "",
    "  ",
    "a,b",
    "1,2,3,4,5,6,7",
    '"1700000000',
    '1700000000,"a',
    "\ufeff1700000000,1,2",
    "x\0y,1,2",
    '1700000001,"7","8"',
    "1700000002,1,2\r",
)


def wide(body: list[str], end: str = "\n") -> bytes:
    return ("time,cart_cpu,cart_mem\n1700000000,1,2\n1700000001,3,4\n" + end.join(body) + end).encode(
        "utf-8", "replace"
    )


@LAW
@given(
    lines=st.lists(
        st.one_of(
            st.sampled_from(ODD),
            st.builds(
                lambda time, s, one, two: f"{time.format(s=s)},{_cell(one)},{_cell(two)}",
                st.sampled_from(TIMES), st.integers(0, 59), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS),
            ),
        ),
        max_size=30,
    ),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.sampled_from([40, 200, 1 << 20]),
)  # fmt: skip
def test_wide_tables_say_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_BLOCK", size)
        same(metrics_csv.SOURCE, wide(lines, end), tmp_path_factory.mktemp("lake"))


def _cell(number: str) -> str:
    return f'"{number}"' if "," in number else number


NAMES = ("cart", "web 1", "", '"a ""b"""', '"x,y"', "Straße", "db\u2028")


@LAW
@given(
    lines=st.lists(
        st.one_of(
            st.sampled_from(ODD),
            st.builds(
                lambda s, of, host, metric, value: f"17000000{s:02},{of},{host},{metric},{_cell(value)}",
                st.integers(0, 59), st.sampled_from(NAMES), st.sampled_from(("h1", "h2", "")), st.sampled_from(("cpu", "mem")),
                st.sampled_from(NUMBERS),
            ),
        ),
        max_size=30,
    ),
    size=st.sampled_from([60, 300, 1 << 20]),
)  # fmt: skip
def test_long_tables_say_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], size: int
) -> None:
    head = "time,service,host,metric,value\n1700000000,cart,h1,cpu,1\n1700000000,cart,h2,cpu,2\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_BLOCK", size)
        raw = (head + "\n".join(lines)).encode("utf-8", "replace")
        same(metrics_csv.SOURCE, raw, tmp_path_factory.mktemp("lake"))


def test_stacked_headers_say_the_same_both_ways(tmp_path: Path) -> None:
    head = "service,cart,cart,web\nstatistic,Average,p90,Average\ntime,,,\n"
    body = "".join(f"2026-03-14T09:{n // 60:02}:{n % 60:02}Z,{n},{n + 0.5},\n" for n in range(600))
    same(metrics_csv.SOURCE, (head + body).encode(), tmp_path, some=True)


def test_bytes_that_are_no_text_say_the_same_both_ways(tmp_path: Path) -> None:
    same(metrics_csv.SOURCE, wide(["1700000003,1,2"]) + b"1700000004,\xff,3\n1700000005,4,\xc3\n", tmp_path)


def test_a_quoted_line_feed_is_one_record_both_ways(tmp_path: Path) -> None:
    same(metrics_csv.SOURCE, wide(["1700000003,1,2", '1700000004,"\n7",3', "1700000005,4,5"]), tmp_path)


def test_most_of_a_plain_table_goes_in_columns(tmp_path: Path) -> None:
    """Negative control: the law above would hold as well if nothing ever went in columns."""
    same(metrics_csv.SOURCE, wide([f"17000001{n:02},{n},{n}" for n in range(100)]), tmp_path, some=True)
