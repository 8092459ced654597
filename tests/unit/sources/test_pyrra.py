"""Objectives of Pyrra."""

from __future__ import annotations

import pytest
from source_laws import check, events, problems, truncated

from afterword.sources.pyrra import SOURCE

SAMPLE = b"""apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: checkout-latency
  namespace: monitoring
  labels:
    prometheus: k8s
    pyrra.dev/service: checkout
spec:
  target: '99'
  window: 2w
  description: Orders are taken at once.
  indicator:
    latency:
      success: {metric: 'http_request_duration_seconds_bucket{job="checkout",le="0.25"}'}
      total: {metric: 'http_request_duration_seconds_count{job="checkout"}'}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: cart-errors}
spec:
  target: "99.9"
  window: 28d
  indicator:
    ratio:
      errors: {metric: 'http_requests_total{job="cart",code=~"5.."}'}
      total: {metric: 'http_requests_total{job="cart"}'}
      grouping: [route]
"""


def test_the_service_is_that_of_the_labels_or_of_the_metric() -> None:
    slow, bad = events(SOURCE, SAMPLE)
    assert (slow.subject, slow.name, slow.attributes["threshold"]) == ("checkout", "checkout-latency", "0.25")
    assert (slow.attributes["objective"], slow.attributes["window"]) == ("99", "2w")
    assert (bad.subject, bad.attributes["objective"]) == ("cart", "99.9")
    assert "threshold" not in bad.attributes


@pytest.mark.parametrize(("latency", "seconds"), [("200ms", "0.2"), ("1s", "1"), ("1.5s", "1.5")])
def test_a_native_histogram_has_its_limit_beside_it(latency: str, seconds: str) -> None:
    raw = (
        "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: x}\nspec:\n  target: '99'\n"
        f"  indicator: {{latencyNative: {{latency: {latency}, total: {{metric: 'd_seconds{{service=\"web\"}}'}}}}}}\n"
    ).encode()
    (found,) = events(SOURCE, raw)
    assert (found.subject, found.attributes["threshold"]) == ("web", seconds)


def test_without_a_target_it_is_a_problem() -> None:
    raw = b"apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: x}\n"
    assert [one.code for one in problems(SOURCE, raw)] == ["objective-share"]


def test_laws() -> None:
    check(SOURCE, SAMPLE)
    truncated(SOURCE, SAMPLE)
