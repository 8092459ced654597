"""Answers of Prometheus, saved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, shared, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.prometheus_json import SOURCE

T = 1_700_000_000


def answer(*result: Any, kind: str = "matrix", **more: Any) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": list(result)}, **more}).encode()


def series(values: list[Any], **labels: str) -> dict[str, Any]:
    return {"metric": {k.removeprefix("x_"): v for k, v in labels.items()}, "values": values}


def test_values_are_strings_and_those_that_are_no_number_are_no_sample() -> None:
    raw = answer(
        series([[T, "1.5"], [T + 15, "NaN"], [T + 30, "+Inf"], [T + 45.25, "2e3"]], x___name__="rps", service="cart")
    )
    assert [(one.subject, one.name, one.value, one.at) for one in events(SOURCE, raw)] == [
        ("cart", "rps", 1.5, T * 10**9),
        ("cart", "rps", 2000.0, T * 10**9 + 45_250_000_000),
    ]
    assert not problems(SOURCE, raw)


def test_samples_share_the_place_of_their_series() -> None:
    raw = answer(
        series([[T, "1"], [T + 1, "2"]], x___name__="up", job="a"), series([[T, "3"]], x___name__="up", job="b")
    )
    one, two, three = events(SOURCE, raw)
    assert one.place == two.place != three.place
    assert json.loads(said(raw, one))["metric"]["job"] == "a"
    assert json.loads(said(raw, three))["metric"]["job"] == "b"


def test_the_nanoseconds_of_a_time_in_seconds_survive() -> None:
    raw = answer(series([[1700000000.123456789, "1"]], x___name__="up", job="a")).replace(
        b"1700000000.1234567", b"1700000000.123456789"
    )
    assert events(SOURCE, raw)[0].at is not None
    exact = b'{"resultType":"matrix","result":[{"metric":{"job":"a"},"values":[[1700000000.123456789,"1"]]}]}'
    assert events(SOURCE, exact)[0].at == 1700000000_123456789


def test_an_instant_vector_and_a_scalar() -> None:
    raw = answer({"metric": {"__name__": "up", "job": "a"}, "value": [T, "1"]}, kind="vector")
    assert [(one.subject, one.name, one.value) for one in events(SOURCE, raw)] == [("a", "up", 1.0)]
    scalar = b'{"status":"success","data":{"resultType":"scalar","result":[1700000000,"4"]}}'
    assert [(one.name, one.value) for one in events(SOURCE, scalar)] == [("value", 4.0)]


def test_an_expression_is_called_by_its_query_where_that_was_saved() -> None:
    one = series([[T, "1"]], service="cart", outcome="error")
    assert events(SOURCE, answer(one))[0].name == '{outcome="error"}'
    assert (
        events(SOURCE, answer(one, query="sum by (service, outcome) (x)"))[0].name
        == 'sum by (service, outcome) (x){outcome="error"}'
    )
    assert events(SOURCE, answer(series([[T, "1"]], service="cart")))[0].name == "value"


def test_answers_by_query_in_one_document() -> None:
    inner = json.loads(answer(series([[T, "1"]], service="cart")))
    raw = json.dumps({"sum by (service) (a)": inner, "sum by (service) (b)": inner}).encode()
    assert SOURCE.sniff(raw) > 0.9
    assert [one.name for one in events(SOURCE, raw)] == ["sum by (service) (a)", "sum by (service) (b)"]


def test_a_list_of_series_without_an_envelope() -> None:
    raw = json.dumps([series([[T, "1"]], x___name__="up", job="a")]).encode()
    assert SOURCE.sniff(raw) >= 0.8
    assert len(events(SOURCE, raw)) == 1


def test_buckets_of_histograms_are_left_out_and_native_histograms_give_their_count() -> None:
    raw = answer(
        series([[T, "1"]], x___name__="took_seconds_bucket", le="0.5", job="a"),
        {"metric": {"__name__": "took", "job": "a"}, "histograms": [[T, {"count": "7", "sum": "3", "buckets": []}]]},
    )
    assert [(one.name, one.value) for one in events(SOURCE, raw)] == [("took_count", 7.0)]
    assert len(skipped(SOURCE, raw)) == 1


def test_alerts_are_stretches_of_firing() -> None:
    """Pending says nothing happened yet; a gap ends one alert; what fires at the end of the answer is not over."""
    about = {"x___name__": "ALERTS", "alertname": "CartErrors", "severity": "critical", "service": "cart"}
    firing = [[T + s, "1"] for s in (0, 15, 30, 300, 315)]
    raw = answer(
        series(firing, **about, alertstate="firing"),
        series([[T - 60, "1"]], **about, alertstate="pending"),
        series([[T + 400, "1"]], x___name__="up", job="a"),
        series(
            [[T + 385, "1"], [T + 400, "1"]],
            x___name__="ALERTS",
            alertname="WebDown",
            alertstate="firing",
            service="web",
        ),
    )
    alerts = [one for one in events(SOURCE, raw) if one.kind is Kind.ALERT]
    assert [(one.subject, one.name, one.at, one.until, one.severity) for one in alerts] == [
        ("cart", "CartErrors", T * 10**9, (T + 30) * 10**9, "fatal"),
        ("cart", "CartErrors", (T + 300) * 10**9, (T + 315) * 10**9, "fatal"),
        ("web", "WebDown", (T + 385) * 10**9, None, ""),
    ]
    assert all(one.attributes["state"] == "firing" for one in alerts)


def test_samples_that_are_none_are_said_once_a_series() -> None:
    raw = answer(series([[T, "1"], [T], None, ["x", "1"], [T, "y"], {}], x___name__="up", job="a"))
    assert len(events(SOURCE, raw)) == 1
    [remark] = problems(SOURCE, raw)
    assert not remark.quarantined


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"metric":"cpu","value":1}',
        b'{"status":"success","data":{"alerts":[]}}',
        b'{"metric":{},"values":[1],"timestamps":[2]}',
    ],
)
def test_what_is_no_answer_is_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0
    check(SOURCE, raw)


SAMPLE = answer(
    series([[T, "1"], [T + 15, "2"]], x___name__="rps", service="ü"),
    series([[T, "1"]], x___name__="ALERTS", alertname="A", alertstate="firing"),
)


def test_truncation() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


@settings(max_examples=80)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(["metric", "values", "value", "data", "result", "resultType", "histograms"]), s, max_size=4), max_leaves=15))  # fmt: skip
def test_any_json(value: object) -> None:
    check(SOURCE, json.dumps(value).encode())


@pytest.mark.shared
def test_a_true_answer() -> None:
    raw = shared("formats", "prometheus_query_range.json").read_bytes()
    assert SOURCE.sniff(raw) > 0.9
    found = events(SOURCE, raw)
    assert len(found) == 208
    assert {one.subject for one in found} == {"node"}
    assert len({one.name for one in found}) == 16


def test_our_recordings() -> None:
    for path in recordings("*/evidence/metrics/*.json"):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw[: 1 << 16]) > 0.9, path.name
        assert events(SOURCE, raw), path.name
        assert not problems(SOURCE, raw), path.name
