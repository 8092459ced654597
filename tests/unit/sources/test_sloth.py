"""Objectives of Sloth."""

from __future__ import annotations

from source_laws import check, events, problems, said, truncated

from afterword.sources.sloth import SOURCE

SAMPLE = b"""version: "prometheus/v1"
service: "checkout"
labels:
  owner: pay
slos:
  - name: "availability"
    objective: 99.9
    description: "Orders are taken."
    sli:
      events:
        error_query: sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{.window}}]))
    alerting:
      name: CheckoutErrors
      page_alert: {labels: {severity: page}}
  - name: "latency"
    objective: 99
    sli:
      events:
        error_query: |
          sum(rate(http_request_duration_seconds_count[{{.window}}]))
          - sum(rate(http_request_duration_seconds_bucket{le="0.4",verb!="WATCH"}[{{.window}}]))
        total_query: sum(rate(http_request_duration_seconds_count[{{.window}}]))
    alerting:
      page_alert: {disable: true}
"""

OBJECT = b"""apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: cart}
spec:
  service: cart
  slos:
    - name: ratio
      objective: 99.95
      sli: {raw: {errorRatioQuery: 'cart:errors:ratio'}}
"""


def test_each_objective_of_a_file() -> None:
    good, fast = events(SOURCE, SAMPLE)
    assert (good.subject, good.name, good.text) == ("checkout", "availability", "Orders are taken.")
    assert (good.attributes["policy"], good.attributes["objective"]) == ("objective", "99.9")
    assert "threshold" not in good.attributes
    assert (fast.attributes["objective"], fast.attributes["threshold"]) == ("99", "0.4")
    assert "availability" not in said(SAMPLE, fast)


def test_an_object_of_kubernetes_says_the_same() -> None:
    assert SOURCE.sniff(OBJECT) > 0.9
    (found,) = events(SOURCE, OBJECT)
    assert (found.subject, found.attributes["objective"], found.attributes["query"]) == (
        "cart",
        "99.95",
        "cart:errors:ratio",
    )


def test_without_a_name_or_a_share_it_is_a_problem() -> None:
    raw = b"version: prometheus/v1\nservice: x\nslos:\n  - objective: 99\n  - {name: a, objective: high}\n"
    assert [one.code for one in problems(SOURCE, raw)] == ["objective-shape", "objective-share"]


def test_other_documents_with_a_version_are_not_its_own() -> None:
    assert SOURCE.sniff(b"version: '3'\nservices:\n  web: {}\n") == 0.0


def test_laws() -> None:
    check(SOURCE, SAMPLE)
    truncated(SOURCE, SAMPLE)
