"""Objectives of OpenSLO."""

from __future__ import annotations

import pytest
from source_laws import check, events, problems, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.openslo import SOURCE

SAMPLE = b"""apiVersion: openslo/v1
kind: Service
metadata: {name: shop}
---
apiVersion: openslo/v1
kind: SLI
metadata:
  name: fast-answers
spec:
  ratioMetric:
    counter: true
    total:
      metricSource:
        type: Prometheus
        spec: {query: 'sum(rate(http_request_duration_seconds_count{service="checkout"}[5m]))'}
    good:
      metricSource:
        type: Prometheus
        spec: {query: 'sum(rate(http_request_duration_seconds_bucket{service="checkout",le="0.4"}[5m]))'}
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: checkout-fast
  displayName: Checkout answers at once
spec:
  description: Checkout answers within 400 ms
  service: checkout
  indicatorRef: fast-answers
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - displayName: good
      targetPercent: 99.5
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: cart-latency}
spec:
  service: cart
  indicator:
    metadata: {name: p95}
    spec:
      thresholdMetric:
        metricSource:
          type: Prometheus
          spec: {query: 'histogram_quantile(0.95, rate(cart_request_ms_bucket[5m]))'}
  timeWindow: [{duration: 4w, isRolling: true}]
  objectives:
    - {displayName: usual, op: lte, value: 250, target: 0.95}
    - {displayName: worst, op: lte, value: 1000, target: 0.999}
"""


def test_an_objective_says_of_what_how_much_and_what_is_too_slow() -> None:
    first, usual, worst = events(SOURCE, SAMPLE)
    assert {one.kind for one in (first, usual, worst)} == {Kind.POLICY}
    assert (first.subject, first.name, first.text) == ("checkout", "checkout-fast", "Checkout answers within 400 ms")
    assert first.attributes["policy"] == "objective"
    assert (first.attributes["objective"], first.attributes["window"]) == ("99.5%", "28d")
    assert first.attributes["threshold"] == "0.4"
    assert "le=" in first.attributes["query"].splitlines()[0]
    assert (usual.name, usual.attributes["threshold"], worst.attributes["threshold"]) == (
        "cart-latency usual",
        "0.25",
        "1",
    )
    assert "worst" in said(SAMPLE, worst)
    assert "usual" not in said(SAMPLE, worst)


def test_what_is_no_objective_is_skipped() -> None:
    assert len(skipped(SOURCE, SAMPLE)) == 2


@pytest.mark.parametrize(
    ("version", "spec", "service"),
    [
        (
            "openslo/v1alpha",
            "{service: web, objectives: [{target: 0.98, ratioMetrics: {good: {source: p, query: 'a_seconds_bucket{le=\"1\"}'}}}]}",
            "web",
        ),
        (
            "openslo.com/v2alpha1",
            "{service: web, sli: {spec: {ratioMetric: {total: {spec: b}}}}, objectives: [{target: 0.98}]}",
            "web",
        ),
    ],
)
def test_other_versions(version: str, spec: str, service: str) -> None:
    raw = f"apiVersion: {version}\nkind: SLO\nmetadata: {{name: x}}\nspec: {spec}\n".encode()
    assert SOURCE.sniff(raw) > 0.9
    (found,) = events(SOURCE, raw)
    assert (found.subject, found.attributes["objective"]) == (service, "0.98")


@pytest.mark.parametrize("spec", ["{service: web}", "{objectives: [{target: often}]}", "{objectives: [{}]}"])
def test_what_states_no_share_is_a_problem(spec: str) -> None:
    raw = f"apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: x}}\nspec: {spec}\n".encode()
    assert not events(SOURCE, raw)
    assert len(problems(SOURCE, raw)) == 1


def test_other_manifests_are_not_its_own() -> None:
    assert SOURCE.sniff(b"apiVersion: v1\nkind: Service\nmetadata: {name: x}\n") == 0.0


def test_laws() -> None:
    check(SOURCE, SAMPLE)
    truncated(SOURCE, SAMPLE)
