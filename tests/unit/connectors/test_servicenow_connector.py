"""ServiceNow: change requests as they are stored and as they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driver import ask, checks, drive, events, ns, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.servicenow import CONNECTOR

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://acme.service-now.test"


def both(stored: str, shown: str = "") -> dict[str, str]:
    return {"value": stored, "display_value": shown or stored}


def request(number: int) -> dict[str, Any]:
    return {
        "number": both(f"CHG{number:07d}"), "short_description": both("Bigger pool"), "type": both("normal", "Normal"), "state": both("3", "Closed"), "cmdb_ci": both("a1b2", "pay"),
        "assigned_to": both("u1", "Nora Lind"), "work_start": both("2026-03-02 09:05:00", "2026-03-02 01:05:00"), "work_end": both("", ""),
    }  # fmt: skip


def server(count: int, most: int = 10_000) -> Any:
    def answer(asked: Request) -> Any:
        at, limit = int(query(asked)["sysparm_offset"]), min(most, int(query(asked)["sysparm_limit"]))
        return {"result": [request(i) for i in range(at, min(count, at + limit))]}

    return answer


def test_a_change_request_is_read_at_the_time_that_is_stored() -> None:
    talked = drive(CONNECTOR, ask(URL, query="type=normal"), server(1))
    checks(CONNECTOR, talked)
    assert (
        query(talked.requests[0])["sysparm_query"]
        == "work_start>=2026-02-28 09:00:00^work_start<=2026-03-03 10:00:00^type=normal^ORDERBYwork_start"
    )
    assert [(one.name, one.subject, one.at) for one in events(talked, "tickets-json")] == [
        ("CHG0000000", "pay", ns("2026-03-02T09:05:00Z"))
    ]


@given(st.integers(0, 650), st.sampled_from([50, 10_000]))
def test_every_request_comes_once(count: int, most: int) -> None:
    talked = drive(CONNECTOR, ask(URL), server(count, most))
    assert [one["number"]["value"] for value in talked.values() for one in value["result"]] == [
        f"CHG{i:07d}" for i in range(count)
    ]
