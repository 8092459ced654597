"""A public status page: fifty incidents and no more."""

from __future__ import annotations

from typing import Any

from driver import ask, checks, drive, events, problems

from afterword.connectors.statuspage import CONNECTOR

URL = "https://status.cloud.test"


def page(count: int, created: str = "2026-03-02T09:05:00Z") -> dict[str, Any]:
    update = {"status": "investigating", "body": "looking", "created_at": created, "display_at": created}
    incident = {"id": "p31", "name": "Errors", "status": "investigating", "created_at": created, "impact": "major", "incident_updates": [update], "components": []}  # fmt: skip
    return {
        "page": {"id": "y2", "name": "Cloud", "time_zone": "Etc/UTC", "updated_at": "2026-03-02T10:00:00Z"},
        "incidents": [incident] * count,
    }


NONE = {"page": {"id": "y2", "name": "Cloud", "updated_at": "2026-03-02T10:00:00Z"}, "scheduled_maintenances": []}


def test_what_a_provider_said_is_read() -> None:
    talked = drive(CONNECTOR, ask(URL), [(r"/incidents.json", page(1)), (r"/scheduled-maintenances.json", NONE)])
    checks(CONNECTOR, talked)
    assert [(one.subject, one.name) for one in events(talked, "statuspage")] == [("Cloud", "investigating")]
    assert not problems(talked)
    assert not talked.short


def test_a_page_that_does_not_reach_back_to_the_window_is_told() -> None:
    late = [(r"/incidents.json", page(50, "2026-03-02T09:50:00Z")), (r".", NONE)]
    assert "incidents before the newest 50" in drive(CONNECTOR, ask(URL), late).short
    early = [(r"/incidents.json", page(50, "2026-02-02T09:50:00Z")), (r".", NONE)]
    assert not drive(CONNECTOR, ask(URL), early).short
