"""Labels of series: whose they are, and what distinguishes one from another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.reading import label


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"job": "node", "instance": "10.0.0.1:9100"}, "node"),
        ({"service": "cart", "pod": "cart-7d9f-x2k", "job": "shop"}, "cart"),
        # What scrapes for others is not what is measured.
        ({"service": "kube-state-metrics", "job": "kube-state-metrics", "pod": "cart-1", "container": "cart"}, "cart"),
        ({"job": "kubelet", "pod": "cart-1", "container": "POD"}, "cart-1"),
        ({"job": "kubernetes-pods", "pod": "cart-1"}, "cart-1"),
        ({"job": "default/cart", "pod": "cart-1"}, "default/cart"),
        ({"app": "web", "destination_workload": "cart", "reporter": "source"}, "cart"),
        ({"service.name": "unknown_service:java", "k8s.pod.name": "cart-1"}, "cart-1"),
        ({"mode": "idle"}, ""),
    ],
)
def test_the_component_is_what_is_measured(labels: dict[str, str], expected: str) -> None:
    assert label.component(labels) == expected


def test_labels_that_say_what_stay_and_those_that_say_where_only_if_they_differ() -> None:
    """Two replicas of cart, one of web: the pod is needed for the one and noise for the other."""
    series = [
        {"__name__": "errors_total", "service": "cart", "pod": "cart-a", "job": "shop", "code": "500"},
        {"__name__": "errors_total", "service": "cart", "pod": "cart-b", "job": "shop", "code": "500"},
        {"__name__": "errors_total", "service": "web", "pod": "web-a", "job": "shop", "code": "500"},
        {"service": "web"},
    ]
    assert [tuple(one) for one in label.named(series)] == [
        ("cart", 'errors_total{code="500",pod="cart-a"}'),
        ("cart", 'errors_total{code="500",pod="cart-b"}'),
        ("web", 'errors_total{code="500"}'),
        ("web", "value"),
    ]


def test_a_result_without_a_name_is_called_by_the_query_or_by_its_labels() -> None:
    series = [{"service": "cart", "outcome": "error"}]
    assert label.named(series)[0].indicator == '{outcome="error"}'
    assert (
        label.named(series, "sum by (service, outcome) (x)")[0].indicator
        == 'sum by (service, outcome) (x){outcome="error"}'
    )


def test_a_label_that_only_some_series_have_tells_them_apart() -> None:
    series = [{"__name__": "x", "service": "a", "pod": "p"}, {"__name__": "x", "service": "a"}]
    assert len({one.indicator for one in label.named(series)}) == 2


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), st.text(min_size=1, max_size=8), min_size=1, max_size=4
    )
)
def test_what_is_written_is_read_back(labels: dict[str, str]) -> None:
    assert label.parse(label.text("m", labels)) == {"__name__": "m", **labels}


@pytest.mark.parametrize("text", ["", "plain", "a_b", "{", '{a="b"', "{a=b}", 'x{a="b"}y', '{a="b",,}'])
def test_what_is_no_series_is_none(text: str) -> None:
    assert label.parse(text) is None


def test_names_in_quotes() -> None:
    assert label.parse('{"my.metric", a="b", "c.d"="e"}') == {"__name__": "my.metric", "a": "b", "c.d": "e"}
