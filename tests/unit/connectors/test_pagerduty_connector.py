"""PagerDuty: incidents lead to their log entries; pages by offset, as long as there is more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from driver import ask, checks, drive, events, ns, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.pagerduty import CONNECTOR
from afterword.model.event import Kind
from afterword.ports import GivenUpError

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://api.pagerduty.test"
SERVICE = {"id": "PIJ90N7", "type": "service_reference", "summary": "Mailer"}
USER = {"id": "PXPGF42", "type": "user_reference", "summary": "Earline Greenholt"}


def incident(number: int) -> dict[str, Any]:
    return {
        "id": f"PT{number}", "type": "incident", "summary": f"[#{number}] Mails are late", "incident_number": number, "title": "Mails are late",
        "created_at": "2026-03-02T09:05:00Z", "status": "resolved", "service": SERVICE, "urgency": "high", "assignments": [], "acknowledgements": [],
        "last_status_change_at": "2026-03-02T09:50:00Z", "resolved_at": "2026-03-02T09:50:00Z", "escalation_policy": {"id": "PT20", "summary": "Mail"},
    }  # fmt: skip


def entry(kind: str, at: str, number: int = 1) -> dict[str, Any]:
    """As the API answers it: the incident is a reference."""
    return {
        "id": f"R{kind}{at}", "type": f"{kind}_log_entry", "summary": kind, "created_at": at, "agent": USER, "channel": {"type": "web_ui"},
        "incident": {"id": f"PT{number}", "type": "incident_reference", "summary": f"[#{number}] Mails are late"},
    }  # fmt: skip


class Server:
    def __init__(
        self, incidents: list[Any], entries: list[Any], changes: list[Any] | None = None, page: int = 100
    ) -> None:
        self.lists = {"incidents": incidents, "log_entries": entries, "change_events": changes or []}
        self.page = page

    def __call__(self, request: Request) -> Any:
        said, what = query(request), urlsplit(request.url).path.rsplit("/", 1)[-1]
        assert request.headers["accept"] == "application/vnd.pagerduty+json;version=2"
        offset, limit = int(said["offset"]), min(int(said["limit"]), self.page)
        assert offset + limit <= 10_000, "answered with 400"
        found = self.lists[what]
        return {
            what: found[offset : offset + limit],
            "limit": limit,
            "offset": offset,
            "total": None,
            "more": offset + limit < len(found),
        }


def test_an_incident_is_told_by_its_entries_under_the_name_of_its_service() -> None:
    change = {
        "id": "01B",
        "type": "change_event",
        "summary": "Build 2",
        "timestamp": "2026-03-02T09:01:00Z",
        "source": "ci",
        "services": [SERVICE],
    }
    entries = [
        entry("trigger", "2026-03-02T09:05:00Z"),
        entry("acknowledge", "2026-03-02T09:09:00Z"),
        entry("resolve", "2026-03-02T09:50:00Z"),
    ]
    talked = drive(
        CONNECTOR, ask(URL, secrets={"api_key": "y_NbAkKc66ryYTWUXYEu"}), Server([incident(1)], entries, [change])
    )
    checks(CONNECTOR, talked)
    assert talked.requests[0].secret == {"authorization": "Token token=y_NbAkKc66ryYTWUXYEu"}
    made = events(talked, "pagerduty")
    assert [(one.subject, one.attributes.get("state"), one.at) for one in made if one.kind is Kind.PAGE] == [
        ("Mailer", "triggered", ns("2026-03-02T09:05:00Z")),
        ("Mailer", "acknowledged", ns("2026-03-02T09:09:00Z")),
        ("Mailer", "resolved", ns("2026-03-02T09:50:00Z")),
    ]
    assert [(one.subject, one.text) for one in made if one.kind is Kind.CHANGE] == [("Mailer", "Build 2")]
    assert not talked.requests[0].keep


def test_an_incident_whose_entries_may_not_be_read_stands_for_them() -> None:
    rules = [
        (r"log_entries", GivenUpError("403 Forbidden", 403)),
        (r"/incidents/PT1", {"incident": incident(1)}),
        (r".", Server([incident(1)], [])),
    ]
    made = events(drive(CONNECTOR, ask(URL, changes=False), rules), "pagerduty")
    assert [one.attributes["state"] for one in made] == ["triggered", "resolved"]


@given(st.integers(0, 350), st.sampled_from([25, 100]))
def test_every_entry_comes_once(count: int, page: int) -> None:
    entries = [entry("annotate", f"2026-03-02T09:{i // 60:02d}:{i % 60:02d}Z") for i in range(count)]
    talked = drive(CONNECTOR, ask(URL, changes=False), Server([incident(1)], entries, page=page))
    assert [one for value in talked.values() for one in value["log_entries"]] == entries


def test_beyond_ten_thousand_nothing_is_answered_and_that_is_said() -> None:
    changes = [
        {"id": str(i), "type": "change_event", "summary": "x", "timestamp": "2026-03-02T09:01:00Z"}
        for i in range(10_001)
    ]
    talked = drive(CONNECTOR, ask(URL), Server([], [], changes))
    assert len(talked.kept) == 100
    assert "beyond the first 10000" in talked.short


def test_a_window_of_a_year_is_asked_for_in_ranges_that_the_api_takes() -> None:
    talked = drive(
        CONNECTOR, ask(URL, start="2025-01-01T00:00:00.5Z", end="2026-01-01T00:00:00.5Z", changes=False), Server([], [])
    )
    ranges = [(query(one)["since"], query(one)["until"]) for one in talked.requests]
    assert ranges[0][0] == "2024-12-31T00:00:00Z"
    assert ranges[-1][1] == "2026-01-01T00:00:01Z"
    assert len(ranges) == 3
    assert all(re.fullmatch(r"[\d-]+T[\d:]+Z", one) for pair in ranges for one in pair)


def test_services_and_teams_narrow_the_list() -> None:
    talked = drive(CONNECTOR, ask(URL, services=["P1", "P2"], teams="T1", changes=False), Server([], []))
    assert "service_ids[]=P1&service_ids[]=P2&team_ids[]=T1" in talked.urls()[0]
