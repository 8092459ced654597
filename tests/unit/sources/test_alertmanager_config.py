"""The configuration of Alertmanager."""

from __future__ import annotations

from source_laws import check, events, problems, said, truncated

from afterword.model.event import Kind
from afterword.sources.alertmanager_config import SOURCE

SAMPLE = b"""global:
  resolve_timeout: 5m
route:
  receiver: nobody
  group_by: [alertname]
  routes:
    - matchers: [team="pay", 'severity=~"critical|page"']
      receiver: pay
      continue: true
    - match: {severity: critical}
      mute_time_intervals: [nights]
      routes:
        - match_re: {service: "cart|web"}
          receiver: cart
receivers:
  - name: nobody
  - name: pay
    slack_configs: [{channel: "#pay"}]
  - name: cart
    webhook_configs: []
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [cluster]
time_intervals:
  - name: nights
"""


def test_the_tree_of_routes_keeps_its_order_and_passes_receivers_on() -> None:
    routes = [e for e in events(SOURCE, SAMPLE) if e.attributes["policy"] == "route"]
    assert all(e.kind is Kind.POLICY for e in routes)
    assert [(e.name, e.subject) for e in routes] == [
        ("0", "nobody"),
        ("0.0", "pay"),
        ("0.1", "nobody"),
        ("0.1.0", "cart"),
    ]
    assert routes[1].attributes["matchers"] == 'team="pay"\nseverity=~"critical|page"'
    assert (routes[1].attributes["continue"], routes[2].attributes["mute"]) == ("true", "nights")
    assert "0.1.0" not in said(SAMPLE, routes[2])


def test_a_receiver_says_by_what_it_is_told_and_one_that_is_told_by_nothing_says_so() -> None:
    receivers = {
        e.name: e.attributes.get("ways", "") for e in events(SOURCE, SAMPLE) if e.attributes["policy"] == "receiver"
    }
    assert receivers == {"nobody": "", "pay": "slack_configs", "cart": ""}


def test_what_inhibits_and_when_nothing_is_told() -> None:
    (inhibit,) = [e for e in events(SOURCE, SAMPLE) if e.attributes["policy"] == "inhibit"]
    assert (inhibit.attributes["source"], inhibit.attributes["target"], inhibit.attributes["equal"]) == ('severity="critical"', 'severity="warning"', "cluster")  # fmt: skip
    assert [e.name for e in events(SOURCE, SAMPLE) if e.attributes["policy"] == "interval"] == ["nights"]


def test_the_operators_object_says_the_same() -> None:
    raw = b"""apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
spec:
  route:
    receiver: a
    routes:
      - receiver: b
        matchers: [{name: team, value: pay, matchType: "="}]
  receivers:
    - name: a
    - name: b
      pagerdutyConfigs: [{routingKey: {name: x}}]
"""
    made = events(SOURCE, raw)
    assert [(e.attributes["policy"], e.subject) for e in made] == [
        ("route", "a"),
        ("route", "b"),
        ("receiver", "a"),
        ("receiver", "b"),
    ]
    assert made[1].attributes["matchers"] == 'team="pay"'
    assert made[3].attributes["ways"] == "pagerdutyConfigs"


def test_aliases_and_other_files_are_refused() -> None:
    assert [p.code for p in problems(SOURCE, b"route: &a {receiver: x}\nreceivers: [*a]\n")] == ["yaml-alias"]
    assert [p.code for p in problems(SOURCE, b"name: x\n")] == ["alertmanager-config-shape"]


def test_the_laws() -> None:
    truncated(SOURCE, SAMPLE)
    check(SOURCE, b"route: [1]\nreceivers: {a: b}\n")
