"""Prometheus and its kin: what is asked for when nothing is said, in which pieces, and what is left out and told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from driver import ask, checks, drive, events, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors import prometheus
from afterword.connectors.prometheus import CONNECTOR
from afterword.core.asked import query as query_of
from afterword.model.evidence import Asked
from afterword.model.refusal import InvalidError
from afterword.ports import GivenUpError

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "http://prometheus.test:9090"
EMPTY: dict[str, Any] = {"status": "success", "data": {"resultType": "matrix", "result": []}}


def vector(counts: dict[str, int]) -> Any:
    rows = [{"metric": {"__name__": name}, "value": [1772442000, str(count)]} for name, count in counts.items()]
    return {"status": "success", "data": {"resultType": "vector", "result": rows}}


def server(counts: dict[str, int], every: int = 15) -> Any:
    """A server with so many series of each metric, scraped every so many seconds."""
    raw = [{"metric": {"__name__": "up"}, "values": [[1772442000 + n * every, "1"] for n in range(20)]}]
    return [
        (r"query\?query=up\[", {"data": {"resultType": "matrix", "result": raw}}),
        (r"label/__name__/values", {"status": "success", "data": list(counts)}),
        (r"query\?query=count", vector(counts)),
        (r"query_range", EMPTY),
        (r"/rules", {"status": "success", "data": {"groups": []}}),
    ]


def asked_for(talked: Any) -> list[str]:
    """The PromQL of every range that was asked for, out of addresses and forms."""
    return [said(one)["query"] for one in talked.requests if "query_range" in one.url]


def said(request: Request) -> dict[str, str]:
    return query(request) or {key: values[0] for key, values in parse_qs(request.body.decode()).items()}


def test_all_series_of_the_window() -> None:
    talked = drive(CONNECTOR, ask(URL), server({"up": 3, "go_goroutines": 2, "http_seconds_bucket": 40, "ALERTS": 1}))
    assert asked_for(talked) == ['{__name__=~"go_goroutines|up"}', 'ALERTS{alertstate="firing"}']
    assert "buckets of 1 histograms" in talked.short
    (first, *_) = [one for one in talked.requests if "query_range" in one.url]
    assert (said(first)["start"], said(first)["end"], said(first)["step"]) == ("1772442000", "1772445600", "15")
    assert [one.says for one in talked.requests if one.keep] == [
        "series 1 of 1",
        "series of alerts",
        "rules and the alerts under them",
    ]


@pytest.mark.parametrize(("every", "step"), [(1, "5"), (5, "5"), (15, "15"), (30, "30"), (47, "60")])
def test_the_step_is_as_samples_are_taken(every: int, step: str) -> None:
    """An hour has 3600 seconds, and a step of one would be more points than anybody looks at."""
    talked = drive(CONNECTOR, ask(URL), server({"up": 1}, every))
    assert {said(one)["step"] for one in talked.requests if "query_range" in one.url} == {step}


def test_moments_lie_inside_of_the_window() -> None:
    talked = drive(
        CONNECTOR, ask(URL, start="2026-03-02T09:00:07Z", queries=["up"], step="15s", alerts=False), server({})
    )
    assert said(talked.requests[0])["start"] == "1772442015"


def test_the_rarest_metrics_come_first_up_to_the_limit() -> None:
    """Two metrics with thousands of series each would crowd out everything else."""
    talked = drive(
        CONNECTOR, ask(URL, limit=100, alerts=False), server({"many": 9000, "few": 3, "some": 60, "more": 5000})
    )
    assert asked_for(talked) == ['{__name__=~"few|some"}']
    assert "14000 series of 2 metrics beyond the limit of 100 series: many, more" in talked.short


def test_a_window_that_ends_after_the_last_sample() -> None:
    """Nothing is left at the end of the window; in its middle there were nine thousand series."""
    rules = [(r"query=count.*time=1772445600", vector({})), *server({"many": 9000, "few": 3})]
    talked = drive(CONNECTOR, ask(URL, limit=100, alerts=False), rules)
    assert asked_for(talked) == ['{__name__=~"few"}']


def test_many_series_are_asked_for_in_pieces_of_bounded_size() -> None:
    counts = {f"metric_{n:03d}": 50 for n in range(90)}
    talked = drive(CONNECTOR, ask(URL, alerts=False), server(counts))
    names = [one for text in asked_for(talked) for one in text[12:-2].split("|")]
    assert sorted(names) == sorted(counts)
    assert len(asked_for(talked)) > 1
    for text in asked_for(talked):
        assert (text.count("|") + 1) * 50 * 241 <= 400_000


def test_a_long_question_travels_as_a_form() -> None:
    talked = drive(
        CONNECTOR, ask(URL, alerts=False), server({f"a_rather_long_name_of_a_metric_{n}": 1 for n in range(60)})
    )
    (one,) = [one for one in talked.requests if "query_range" in one.url]
    assert (one.method, one.url, one.headers) == (
        "POST",
        f"{URL}/api/v1/query_range",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    stored = Asked("m", "prometheus", one.url, "POST", body=one.body.decode())
    assert query_of(stored).startswith('{__name__=~"a_rather')


@given(st.integers(1, 60_000), st.sampled_from([1, 5, 15, 60]))
def test_stretches_cover_every_moment_once(seconds: int, step: int) -> None:
    """However long the window, each answer has at most 11,000 points, and no moment is asked for twice or never."""
    end = 1_772_442_000 + seconds
    asks = ask(URL, end=end * 10**9, queries=["up"], step=f"{step}s", alerts=False)
    moments: list[int] = []
    for one in drive(CONNECTOR, asks, server({})).requests:
        low, high = int(said(one)["start"]), int(said(one)["end"])
        assert (high - low) // step + 1 <= prometheus.MOST_POINTS
        moments += range(low, high + 1, step)
    assert moments == list(range(1_772_442_000, end + 1, step))


def test_a_server_that_knows_only_queries() -> None:
    """No rules, no counts: what it does answer is taken."""
    rules = [
        (r"/rules", GivenUpError("answered 404", 404)),
        (r"query=count", GivenUpError("no", 422)),
        *server({"up": 1}),
    ]
    talked = drive(CONNECTOR, ask(URL), rules)
    assert asked_for(talked) == ['{__name__=~"up"}', 'ALERTS{alertstate="firing"}']
    assert talked.short == ""


def test_one_query_that_is_refused_does_not_stop_the_others() -> None:
    rules = [(r"query=bad", GivenUpError("parse error", 400)), *server({})]
    talked = drive(CONNECTOR, ask(URL, queries=["bad", "good"], step="15s", alerts=False), rules)
    assert asked_for(talked) == ["bad", "good"]
    assert len(talked.kept) == 1


def test_a_server_that_does_not_answer_is_not_asked_on() -> None:
    talked = drive(CONNECTOR, ask(URL, queries=["a", "b"], step="15s"), lambda _: GivenUpError("no connection"))
    assert len(talked.requests) == 1
    assert talked.short == "no connection"


def test_a_selector_and_its_names() -> None:
    talked = drive(CONNECTOR, ask(URL, match='{namespace="shop"}', alerts=False), server({"up": 1, 'odd"name\\': 1}))
    assert 'match[]={namespace="shop"}' in talked.urls()[1]
    assert asked_for(talked) == ['{__name__=~"odd\\"name\\\\\\\\|up",namespace="shop"}']


@pytest.mark.parametrize(
    "options", [{"step": "soon"}, {"match": "up"}, {"limit": 0}, {"buckets": "maybe"}, {"queries": [{}]}]
)
def test_options_that_cannot_be_used(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidError):
        drive(CONNECTOR, ask(URL, **options), server({"up": 1}))


def test_what_it_gets_is_read() -> None:
    series = {"metric": {"__name__": "up", "job": "cart"}, "values": [[1772442000, "1"], [1772442015, "0"]]}
    rules = [
        (r"query_range\?query=\{", {"status": "success", "data": {"resultType": "matrix", "result": [series]}}),
        *server({"up": 1}),
    ]
    talked = drive(CONNECTOR, ask(URL, alerts=False), rules)
    assert [(one.subject, one.name, one.value) for one in events(talked, "prometheus-json")] == [
        ("cart", "up", 1.0),
        ("cart", "up", 0.0),
    ]


def test_what_holds_for_every_connector() -> None:
    checks(CONNECTOR, drive(CONNECTOR, ask(URL), server({"up": 1})))
