"""Where teams write down what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.core.objective import number, objectives
from afterword.core.promql.track import Track, labels_of
from afterword.core.rule import AlertRule, RecordRule


def of(labels) -> str:
    return labels.get("service", "")


@pytest.mark.parametrize(
    ("text", "share"),
    [("99.9", 0.999), ("99.9 %", 0.999), ("0.995", 0.995), (".99", 0.99), ("95%", 0.95), ("100", None), ("page", None), ("0.1", None), ("-3", None)],
)  # fmt: skip
def test_one_share_is_written_in_several_ways(text: str, share: float | None) -> None:
    found = number(text)
    assert found == pytest.approx(share) if share else found is None


def test_rules_state_it_in_a_label_or_in_the_budget_that_they_multiply() -> None:
    rules = [
        AlertRule("A", "x > 1", labels=(("service", "shop"), ("objective", "99.5"))),
        AlertRule("B", "ratio > (14.4 * (1 - 0.999))", labels=(("service", "cart"),)),
        AlertRule("C", "ratio > 14.4 * 0.01 and other > 14.4 * 0.01"),
        AlertRule("D", "rate(x[5m]) > 0.05", annotations=(("slo", "checkout"),)),
        RecordRule("r", "x / 2"),
    ]
    assert objectives(rules, [], of) == {"shop": 0.995, "cart": 0.999, "": 0.99}


def test_a_recorded_series_states_it_too_and_the_strictest_counts() -> None:
    track = Track(
        labels_of({"__name__": "slo:objective:ratio", "service": "shop"}), np.array([0, 1]), np.array([0.99, 0.999])
    )
    assert objectives([AlertRule("A", "x", labels=(("service", "shop"), ("slo", "99")))], [track], of) == {
        "shop": 0.999
    }
