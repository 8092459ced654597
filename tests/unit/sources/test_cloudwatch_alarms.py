"""An alarm of CloudWatch went off and came back."""

from __future__ import annotations

import json
from typing import Any

from source_laws import check, events, skipped, truncated

from afterword.sources.cloudwatch_alarms import SOURCE


def item(new: str, old: str, at: float, **more: Any) -> dict[str, Any]:
    data = {
        "version": "1.0",
        "oldState": {"stateValue": old},
        "newState": {"stateValue": new, "stateReason": f"cpu is {new}"},
    }
    return {
        "AlarmName": "orders-db-cpu", "AlarmType": "MetricAlarm", "Timestamp": at, "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {old} to {new}", "HistoryData": json.dumps(data), **more,
    }  # fmt: skip


SAMPLE = json.dumps(
    {
        "AlarmHistoryItems": [
            item("ALARM", "OK", 1772442300.125),
            item("OK", "ALARM", 1772443300),
            item("INSUFFICIENT_DATA", "OK", 1772443400),
            item("ALARM", "OK", 1772443500, HistoryItemType="ConfigurationUpdate"),
        ]
    },
    indent=1,
).encode()


def test_changes_of_state_are_alerts_at_their_time() -> None:
    check(SOURCE, SAMPLE)
    made = events(SOURCE, SAMPLE)
    assert [(one.at, one.name, one.attributes["state"], one.text) for one in made] == [
        (1772442300125000000, "orders-db-cpu", "firing", "cpu is ALARM"),
        (1772443300000000000, "orders-db-cpu", "resolved", "cpu is OK"),
    ]
    assert len(skipped(SOURCE, SAMPLE)) == 2


def test_details_that_are_no_json_leave_the_summary() -> None:
    raw = json.dumps([item("ALARM", "OK", 1772442300, HistoryData="{")]).encode()
    assert [(one.text, one.attributes["state"]) for one in events(SOURCE, raw)] == [
        ("Alarm updated from OK to ALARM", "firing")
    ]


def test_cut_off_answers_are_survived() -> None:
    truncated(SOURCE, SAMPLE)
