"""Opsgenie: alerts of the window, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driver import ask, checks, drive, events, ns, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.opsgenie import CONNECTOR

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://api.opsgenie.test"
ALERT = {
    "id": "70413a06", "tinyId": "1791", "alias": "pool", "message": "Pool is dry", "status": "closed", "acknowledged": False, "count": 1, "createdAt": "2026-03-02T09:05:00Z",
    "updatedAt": "2026-03-02T09:50:00Z", "source": "prom", "owner": "a@acme.test", "priority": "P1", "entity": "pay", "report": {"ackTime": 60000, "closeTime": 600000, "acknowledgedBy": "a@acme.test", "closedBy": "a@acme.test"},
}  # fmt: skip


def server(count: int) -> Any:
    def answer(request: Request) -> Any:
        said = query(request)
        at, limit = int(said["offset"]), int(said["limit"])
        assert at + limit <= 20_000, "answered with 422"
        some = [{**ALERT, "id": str(i)} for i in range(at, min(count, at + limit))]
        return {
            "data": some,
            "paging": {"next": f"{URL}/v2/alerts?offset={at + limit}"} if at + limit < count else {},
            "took": 0.1,
        }

    return answer


def test_an_alert_says_when_it_was_opened_taken_and_closed() -> None:
    talked = drive(CONNECTOR, ask(URL, query="teams: payments", secrets={"api_key": "k3y"}), server(1))
    checks(CONNECTOR, talked)
    assert talked.requests[0].secret == {"authorization": "GenieKey k3y"}
    assert (
        query(talked.requests[0])["query"]
        == "createdAt >= 1772442000000 AND createdAt < 1772445600000 AND (teams: payments)"
    )
    assert [(one.attributes["state"], one.at, one.subject) for one in events(talked, "opsgenie")] == [
        ("triggered", ns("2026-03-02T09:05:00Z"), "pay"), ("acknowledged", ns("2026-03-02T09:06:00Z"), "pay"), ("resolved", ns("2026-03-02T09:15:00Z"), "pay"),
    ]  # fmt: skip


@given(st.integers(0, 450))
def test_every_alert_comes_once(count: int) -> None:
    talked = drive(CONNECTOR, ask(URL), server(count))
    assert [one["id"] for value in talked.values() for one in value["data"]] == [str(i) for i in range(count)]


def test_what_lies_too_deep_is_told() -> None:
    assert "beyond the first 20000" in drive(CONNECTOR, ask(URL), server(20_001)).short
