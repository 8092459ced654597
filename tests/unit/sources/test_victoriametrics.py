"""Series as VictoriaMetrics exports them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.sources.victoriametrics import SOURCE

SAMPLE = (
    b'{"metric":{"__name__":"rps","service":"cart","pod":"a"},"values":[1.5,null,3],"timestamps":[1700000000000,1700000001000,1700000002125]}\n'
    b'{"metric":{"__name__":"rps","service":"cart","pod":"b"},"values":[9],"timestamps":[1700000000000]}\n'
)


def test_a_series_a_line_and_its_gaps_are_no_samples() -> None:
    found = events(SOURCE, SAMPLE)
    assert [(one.subject, one.name, one.value, one.at) for one in found] == [
        ("cart", 'rps{pod="a"}', 1.5, 1700000000 * 10**9),
        ("cart", 'rps{pod="a"}', 3.0, 1700000002_125000000),
        ("cart", 'rps{pod="b"}', 9.0, 1700000000 * 10**9),
    ]
    assert said(SAMPLE, found[0]) == SAMPLE.split(b"\n")[0].decode() + "\n"
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_values_without_times_are_said() -> None:
    raw = b'{"metric":{"__name__":"a"},"values":[1,2],"timestamps":[1700000000000]}\n{"metric":{"__name__":"b"},"values":[1],"timestamps":[5]}\n'
    assert len(events(SOURCE, raw)) == 1
    assert [one.quarantined for one in problems(SOURCE, raw)] == [False, True]


@pytest.mark.parametrize(
    "raw",
    [b"", b'{"metric":{},"values":[[1,"2"]]}', b'{"timestamps":[1]}', b'{"metric":1,"values":[],"timestamps":[]}'],
)
def test_what_is_no_export_is_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0
    check(SOURCE, raw)


def test_truncation() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_a_true_export() -> None:
    raw = shared("formats", "victoriametrics_export.jsonl").read_bytes()
    assert len(events(SOURCE, raw)) == 60
    assert not problems(SOURCE, raw)
