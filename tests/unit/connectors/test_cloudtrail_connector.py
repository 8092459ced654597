"""CloudTrail: changes of the account in the window, in pages of fifty."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driver import ask, checks, drive, events, ns

from afterword.connectors.cloudtrail import CONNECTOR

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://cloudtrail.eu-central-1.amazonaws.com"
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI"}
RECORD = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "IAMUser", "userName": "nora"},
    "eventTime": "2026-03-02T09:05:00Z",
    "eventSource": "rds.amazonaws.com",
    "eventName": "ModifyDBInstance",
    "awsRegion": "eu-central-1",
    "requestParameters": {"dBInstanceIdentifier": "orders-db", "allocatedStorage": 50},
    "eventID": "7d8c",
    "readOnly": False,
}


def looked_up(number: int) -> dict[str, Any]:
    return {
        "EventId": f"e{number}", "EventName": "ModifyDBInstance", "ReadOnly": "false", "EventTime": 1772442300, "EventSource": "rds.amazonaws.com",
        "Username": "nora", "CloudTrailEvent": json.dumps({**RECORD, "eventID": f"e{number}"}),
    }  # fmt: skip


def answer(request: Request) -> Any:
    said = json.loads(request.body)
    assert said["StartTime"] == ns("2026-03-02T09:00:00Z") // 10**9
    at = int(said.get("NextToken", 0))
    return {
        "Events": [looked_up(i) for i in range(at, min(at + 50, 120))],
        **({"NextToken": str(at + 50)} if at < 100 else {}),
    }


def test_every_change_is_read_once() -> None:
    talked = drive(CONNECTOR, ask(URL, secrets=KEYS), answer)
    checks(CONNECTOR, talked)
    assert json.loads(talked.requests[0].body)["LookupAttributes"] == [
        {"AttributeKey": "ReadOnly", "AttributeValue": "false"}
    ]
    assert [(one.name, one.subject) for one in events(talked, "cloudtrail")] == [
        (f"e{i}", "orders-db") for i in range(120)
    ]


def test_reads_are_asked_for_only_where_they_are_wanted() -> None:
    talked = drive(CONNECTOR, ask(URL, secrets=KEYS, reads=True), answer)
    assert "LookupAttributes" not in json.loads(talked.requests[0].body)
