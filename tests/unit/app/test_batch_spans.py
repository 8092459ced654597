"""Spans of a table in columns say what they say row by row, whatever stands in their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from both_ways import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.reading.bulk import rows
from afterword.sources import spans_csv

if TYPE_CHECKING:
    from pathlib import Path

LAW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEAD = "trace_id,span_id,parent_id,service,operation,start_time_unix_nano,end_time_unix_nano,duration,status,http_status,kind,message\n"
FIRST = "a1,b1,root,cart,GET /,1700000000000000000,1700000000500000000,500,,,server,\n" * 2
CELLS = st.tuples(
    st.sampled_from(("a1", "a2", "", "null", "Straße")), st.sampled_from(("b1", "b2", "")), st.sampled_from(("root", "b1", "", "0", "null")),
    st.sampled_from(("cart", " web ", "", '"a ""b"""', "n/a")), st.sampled_from(("GET /", "", '"x, y"')),
    st.sampled_from(("1700000000000000000", "1700000001000000007", "soon", "")),
    st.sampled_from(("1700000000500000000", "1600000000000000000", "", "1700000009000000000")), st.sampled_from(("500", "", "-1", "12.5", "x")),
    st.sampled_from(("", "200", "500", "ERROR", "2", "false")), st.sampled_from(("", "200", "503", "404.0")), st.sampled_from(("", "server", "3", "SPAN_KIND_CLIENT")),
    st.sampled_from(("", "true", "it broke", '"quote """')),
)  # fmt: skip


@LAW
@given(
    body=st.lists(
        st.one_of(CELLS.map(",".join), st.sampled_from(("", "a,b", '"a1', "a1,b1,,,,,,,,,,,,,"))), max_size=25
    ),
    size=st.sampled_from([80, 400, 1 << 20]),
)
def test_spans_say_the_same_both_ways(tmp_path_factory: pytest.TempPathFactory, body: list[str], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_BLOCK", size)
        raw = (HEAD + FIRST + "\n".join(body)).encode()
        same(spans_csv.SOURCE, raw, tmp_path_factory.mktemp("lake"))


def test_spans_without_an_end_say_the_same_both_ways(tmp_path: Path) -> None:
    head = "traceID,spanID,serviceName,operationName,startTime,duration\n"
    body = "".join(f"a{n},b{n},cart,GET,{1700000000000000 + n},{n}\n" for n in range(50))
    same(spans_csv.SOURCE, (head + body).encode(), tmp_path)


def test_most_of_a_plain_table_goes_in_columns(tmp_path: Path) -> None:
    """Negative control: the law above would hold as well if nothing ever went in columns."""
    same(spans_csv.SOURCE, (HEAD + FIRST * 50).encode(), tmp_path, some=True)
