"""Alert rules as YAML."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.rules_yaml import SOURCE

SAMPLE = """# Überwachung
groups:
  - name: mail
    rules:
      - record: mail:rate
        expr: rate(mail_total[1m])
      - alert: QueueFull
        expr: |
          queue_size
            > 10
        for: 2m
        labels: {severity: critical, team: mail}
        annotations:
          summary: The queue is full
          runbook_url: https://runbooks.example/queue

      - {alert: Down, expr: up == 0}
  - name: empty
    rules: []
""".encode()


def test_each_alert_is_a_rule_at_its_place() -> None:
    first, second = events(SOURCE, SAMPLE)
    assert (first.kind, first.subject, first.name) == (Kind.RULE, "mail", "QueueFull")
    assert first.text == "queue_size\n  > 10\n"
    assert first.attributes == {"for": "2m", "severity": "critical", "team": "mail", "summary": "The queue is full", "runbook": "https://runbooks.example/queue"}  # fmt: skip
    assert said(SAMPLE, first).startswith("alert: QueueFull\n")
    assert said(SAMPLE, first).endswith("runbook_url: https://runbooks.example/queue")
    assert said(SAMPLE, second) == "{alert: Down, expr: up == 0}"
    assert (first.place.first, second.place.first) == (7, 17)
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_recording_rules_are_skipped_with_a_reason() -> None:
    assert [one.reason for one in skipped(SOURCE, SAMPLE)] == ["a recording rule", "a group without rules"]


def test_a_prometheusrule_keeps_its_groups_in_its_spec() -> None:
    raw = b"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules:\n    - alert: A\n      expr: up == 0\n"  # fmt: skip
    assert [e.name for e in events(SOURCE, raw)] == ["A"]
    assert SOURCE.sniff(raw) > 0.9


def test_rules_of_a_ruler_stand_below_their_namespace() -> None:
    raw = b"team-a:\n  - name: g\n    rules:\n    - alert: A\n      expr: up == 0\n"
    assert [(e.subject, e.name) for e in events(SOURCE, raw)] == [("g", "A")]


def test_the_provisioning_of_grafana_has_queries() -> None:
    raw = b"apiVersion: 1\ngroups:\n  - name: g\n    rules:\n      - uid: x\n        title: Slow\n        condition: C\n        for: 5m\n        data:\n          - refId: A\n            model: {expr: 'p99 > 1'}\n"  # fmt: skip
    [one] = events(SOURCE, raw)
    assert (one.name, one.text, one.attributes["for"]) == ("Slow", "p99 > 1", "5m")
    assert SOURCE.sniff(raw) > 0.9


@pytest.mark.parametrize(("raw", "code"), [(b"groups: &a [*a]\n", "yaml-alias"), (b"groups:\n- name: a\n  rules: [\n", "yaml-syntax"), (b"groups:\n- rules:\n  - expr: x\n", "rule-shape"), (b"groups: 1\ngroups: 2\n", "yaml-repeated-key")])  # fmt: skip
def test_what_cannot_be_relied_on_is_set_aside_with_a_code(raw: bytes, code: str) -> None:
    assert [p.code for p in problems(SOURCE, raw)] == [code]
    check(SOURCE, raw)


def test_other_yaml_and_texts_are_left_to_others() -> None:
    for raw in (b"a: 1\n", b"rules:\n- apiGroups: ['']\n  verbs: [get]\n", b"groups: the rules say alert: x\n", b"groups:\n- rules:\n  - host: x\n", b'{"groups":[{"rules":[]}]}'):  # fmt: skip
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


def test_the_rules_of_the_example() -> None:
    raw = (Path(__file__).resolve().parents[3] / "examples/shop/rules.yml").read_bytes()
    assert SOURCE.sniff(raw) > 0.9
    made = events(SOURCE, raw)
    assert [e.name for e in made if "runbook" not in e.attributes] == ["DbPoolExhausted", "ServiceErrorRatioHigh", "PricingSlotsSaturated"]  # fmt: skip
    assert all(e.text and e.attributes["for"] for e in made)


def test_our_own_recordings() -> None:
    for path in recordings("*/evidence/alerts/rules.yml"):
        check(SOURCE, path.read_bytes())
        assert events(SOURCE, path.read_bytes())
