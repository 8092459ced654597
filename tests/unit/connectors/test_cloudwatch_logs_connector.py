"""CloudWatch Logs: groups by name and by prefix, pages by token; the group names the component."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from driver import ask, checks, drive, events, ns
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.cloudwatch_logs import CONNECTOR

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://logs.eu-central-1.amazonaws.com"
AT = ns("2026-03-02T09:05:00Z") // 10**6
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI"}


def server(groups: dict[str, list[int]], page: int) -> Any:
    def answer(request: Request) -> Any:
        said, action = json.loads(request.body), request.headers["x-amz-target"].rsplit(".", 1)[-1]
        at = int(said.get("nextToken") or 0)
        if action == "DescribeLogGroups":
            names = [one for one in sorted(groups) if one.startswith(said.get("logGroupNamePrefix", ""))]
            found = {"logGroups": [{"logGroupName": one} for one in names[at : at + page]]}
            return {**found, "nextToken": str(at + page) if at + page < len(names) else None}
        inside = [
            (i, ms) for i, ms in enumerate(groups[said["logGroupName"]]) if said["startTime"] <= ms <= said["endTime"]
        ]
        some = [
            {
                "eventId": f"{said['logGroupName']}-{i}",
                "timestamp": ms,
                "message": f"ERROR no {i}",
                "logStreamName": "a",
            }
            for i, ms in inside[at : at + page]
        ]
        return {
            "events": some,
            "searchedLogStreams": [],
            **({"nextToken": str(at + page)} if at + page < len(inside) else {}),
        }

    return answer


def test_the_group_names_the_component() -> None:
    asked = ask(URL, secrets=KEYS, groups=["/aws/lambda/*"], filter="ERROR")
    talked = drive(CONNECTOR, asked, server({"/aws/lambda/pay": [AT], "/aws/lambda/cart": [AT + 1], "/ecs/x": [AT]}, 1))
    checks(CONNECTOR, talked)
    assert [(one.subject, one.text, one.at) for one in events(talked, "json-lines")] == [
        ("cart", "no 0", (AT + 1) * 10**6),
        ("pay", "no 0", AT * 10**6),
    ]
    assert json.loads(talked.requests[-1].body)["filterPattern"] == "ERROR"


@given(st.lists(st.integers(0, 20), max_size=20), st.integers(1, 5))
def test_no_event_is_lost_or_doubled(times: list[int], page: int) -> None:
    asked = ask(URL, start=5 * 10**6, end=15 * 10**6, secrets=KEYS, groups="/a")
    talked = drive(CONNECTOR, asked, server({"/a": times}, page))
    kept = Counter(one["eventId"] for value in talked.values() for one in value["events"])
    assert kept == Counter(f"/a-{i}" for i, ms in enumerate(times) if 5 <= ms < 15)
