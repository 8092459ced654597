"""Rules out of the three places in which teams keep them."""

from __future__ import annotations

import json

import pytest

from afterword.core.rule import AlertRule, RecordRule
from afterword.model.time import MINUTE, SECOND
from afterword.reading.rule_file import rules
from afterword.reading.strict_json import Malformed

FILE = """
groups:
  - name: shop
    interval: 30s
    rules:
      - record: job:errors
        expr: sum by (job) (rate(errors[5m]))
      - alert: Errors
        expr: job:errors > 5
        for: 1m30s
        keep_firing_for: 2m
        labels: {severity: page}
        annotations: {summary: too many}
      - {record: nothing}
"""


def test_a_rule_file_with_its_intervals_and_lengths() -> None:
    record, alert = rules(FILE.encode())
    assert record == RecordRule("job:errors", "sum by (job) (rate(errors[5m]))", 30 * SECOND, group="shop")
    assert alert == AlertRule(
        "Errors", "job:errors > 5", 90 * SECOND, 2 * MINUTE, 30 * SECOND, (("severity", "page"),), (("summary", "too many"),), "shop"
    )  # fmt: skip


def test_an_object_of_kubernetes_holds_the_same() -> None:
    inner = "\n".join("  " + line for line in FILE.splitlines())
    assert rules(f"kind: PrometheusRule\nspec:{inner}".encode()) == rules(FILE.encode())


def test_what_the_api_answers_holds_the_same() -> None:
    answer = {"status": "success", "data": {"groups": [{"name": "shop", "interval": 30, "rules": [
        {"type": "recording", "name": "job:errors", "query": "sum by (job) (rate(errors[5m]))"},
        {"type": "alerting", "name": "Errors", "query": "job:errors > 5", "duration": 90, "keepFiringFor": 120,
         "labels": {"severity": "page"}, "annotations": {"summary": "too many"}},
    ]}]}}  # fmt: skip
    assert rules(json.dumps(answer).encode()) == rules(FILE.encode())


@pytest.mark.parametrize(
    "text", ["[1, 2]", "groups: 5", "{unclosed", "", "groups:\n- rules:\n  - {alert: A, expr: x, for: soon}"]
)
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(Malformed):
        rules(text.encode())
