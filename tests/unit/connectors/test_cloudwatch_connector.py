"""CloudWatch: metrics that name themselves, alarms; in the shape of the service model (the real server: tests/live)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from driver import ask, checks, drive, events, ns

from afterword.connectors.cloudwatch import CONNECTOR
from afterword.model.refusal import InvalidError, RefusalError

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://monitoring.eu-central-1.amazonaws.com"
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI"}
AT = ns("2026-03-02T09:05:00Z") // 10**9
ALARM = {
    "AlarmName": "orders-db-cpu",
    "AlarmType": "MetricAlarm",
    "Timestamp": AT,
    "HistoryItemType": "StateUpdate",
    "HistorySummary": "Alarm updated from OK to ALARM",
}


def server(metrics: int, page: int = 2) -> Any:
    """Metrics in pages; each has one value a query, and answers of GetMetricData come in pages too."""

    def answer(request: Request) -> Any:
        said, action = json.loads(request.body), request.headers["x-amz-target"].rsplit(".", 1)[-1]
        at = int(said.get("NextToken", 0))
        token = {"NextToken": str(at + page)}
        if action == "ListMetrics":
            names = [
                {
                    "Namespace": said["Namespace"],
                    "MetricName": f"M{i}",
                    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "orders-db"}],
                }
                for i in range(metrics)
            ]
            return {"Metrics": names[at : at + page], **(token if at + page < metrics else {})}
        if action == "DescribeAlarmHistory":
            assert said["StartDate"] <= AT < said["EndDate"]
            return {"AlarmHistoryItems": [ALARM]}
        asked = said["MetricDataQueries"]
        assert len(asked) <= 500
        found = [
            {"Id": one["Id"], "Label": one["Label"], "Timestamps": [AT], "Values": [7], "StatusCode": "Complete"}
            for one in asked
        ]
        return {"MetricDataResults": found[at : at + page], **(token if at + page < len(found) else {})}

    return answer


def test_metrics_and_alarms_are_read_with_their_names() -> None:
    talked = drive(CONNECTOR, ask(URL, secrets=KEYS, metrics=["AWS/RDS"], statistics=["Sum"]), server(5))
    checks(CONNECTOR, talked)
    assert len(talked.kept) == 4
    made = events(talked)
    assert [(one.subject, one.name) for one in made[:5]] == [("orders-db", f"M{i}") for i in range(5)]
    assert (made[5].name, made[5].attributes["state"], made[5].at) == ("orders-db-cpu", "firing", AT * 10**9)


def test_more_than_500_series_are_asked_in_several_requests() -> None:
    talked = drive(CONNECTOR, ask(URL, secrets=KEYS, metrics="AWS/RDS", alarms=False, most=300), server(301, 100_000))
    sizes = [len(json.loads(one.body).get("MetricDataQueries", ())) for one in talked.requests[1:]]
    assert sizes == [500, 100]
    assert talked.short == "1 of 301 metrics of AWS/RDS: more than the option most says"


def test_the_signature_is_hidden_and_what_stays_is_the_same_each_time() -> None:
    """So a collection that goes on finds its answers again."""
    asked = ask(URL, secrets={**KEYS, "session_token": "T0KEN"})
    first, second = (drive(CONNECTOR, asked, server(0)).requests[0] for _ in range(2))
    assert set(first.secret) == {"authorization", "x-amz-date", "x-amz-security-token"}
    assert first.secret["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-central-1/monitoring/aws4_request" in first.secret["authorization"]
    assert (first.url, first.headers, first.body) == (second.url, second.headers, second.body)


def test_keys_and_a_region_are_needed() -> None:
    with pytest.raises(InvalidError, match="access_key"):
        drive(CONNECTOR, ask(URL), [])
    with pytest.raises(InvalidError, match="region"):
        drive(CONNECTOR, ask("http://127.0.0.1:5000", secrets=KEYS), [])


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "botocore.auth", None)
    with pytest.raises(RefusalError, match=r"afterword\[aws\]"):
        drive(CONNECTOR, ask(URL, secrets=KEYS), [])
