"""Guards of calls."""

from __future__ import annotations

from source_laws import check, events, problems, truncated

from afterword.sources.call_guards import SOURCE

SAMPLE = b"""apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: payment
spec:
  host: payment.shop.svc.cluster.local
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 5
    connectionPool:
      http: {http1MaxPendingRequests: 10}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: cart
spec:
  hosts: [cart]
  http:
    - route: [{destination: {host: cart}}]
      timeout: 2s
      retries: {attempts: 3}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: web
spec:
  host: web
"""


def guards(raw: bytes) -> list[tuple[str, str]]:
    return [(e.subject, e.attributes["policy"]) for e in events(SOURCE, raw)]


def test_a_mesh_says_what_guards_the_calls_to_each_host() -> None:
    assert guards(SAMPLE) == [
        ("payment", "breaker"),
        ("payment", "pool"),
        ("cart", "timeout"),
        ("cart", "retry"),
        ("web", "none"),
    ]
    assert SOURCE.sniff(SAMPLE) > 0.8


def test_clusters_of_a_proxy_and_the_section_of_a_library() -> None:
    envoy = b"static_resources:\n  clusters:\n    - name: pay\n      lb_policy: ROUND_ROBIN\n    - name: cart\n      circuit_breakers: {thresholds: [{max_connections: 9}]}\n      outlier_detection: {consecutive_5xx: 5}\n"
    library = b"resilience4j:\n  circuitbreaker:\n    instances:\n      pay: {slidingWindowSize: 10}\n  retry:\n    instances:\n      pay: {maxAttempts: 3}\n"
    assert guards(envoy) == [("pay", "none"), ("cart", "pool"), ("cart", "breaker")]
    assert guards(library) == [("pay", "breaker"), ("pay", "retry")]
    dotted = b"resilience4j.bulkhead:\n  instances:\n    pay: {maxConcurrentCalls: 5}\n"
    assert guards(dotted) == [("pay", "pool")]


def test_a_list_is_read_object_by_object_and_workloads_are_left_to_who_reads_them_all() -> None:
    rule = b"- apiVersion: networking.istio.io/v1\n  kind: DestinationRule\n  metadata: {name: pay}\n  spec: {host: pay, trafficPolicy: {outlierDetection: {interval: 1s}}}\n"
    raw = b"apiVersion: v1\nitems:\n" + rule + b"kind: List\n"
    assert guards(raw) == [("pay", "breaker")]
    assert SOURCE.sniff(raw) > 0.9
    mixed = (
        b"apiVersion: v1\nitems:\n"
        + rule
        + b"- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: pay}\nkind: List\n"
    )
    assert SOURCE.sniff(mixed) < 0.9


def test_aliases_are_refused() -> None:
    assert [p.code for p in problems(SOURCE, b"resilience4j: &a {x: *a}\n")] == ["yaml-alias"]


def test_the_laws() -> None:
    truncated(SOURCE, SAMPLE)
    check(SOURCE, b"kind: VirtualService\nspec: {hosts: [a], http: [{timeout: 1s}, {retries: x}]}\n")
