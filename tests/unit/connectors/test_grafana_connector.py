"""Annotations of Grafana: one answer, which says when it is full."""

from __future__ import annotations

from typing import Any

from driver import ask, checks, drive, events, ns, query

from afterword.connectors.grafana import CONNECTOR

URL = "https://grafana.test"
AT = ns("2026-03-02T09:05:00Z") // 10**6


def annotation(number: int) -> dict[str, Any]:
    return {
        "id": number, "alertId": 0, "dashboardUID": "", "panelId": 0, "newState": "", "prevState": "", "time": AT, "timeEnd": AT, "text": "v2 goes out",
        "tags": ["deploy", "service:pay"], "login": "nora", "email": "", "data": {},
    }  # fmt: skip


def test_what_was_marked_is_read() -> None:
    talked = drive(CONNECTOR, ask(URL, tags=["deploy", "config"]), [(r"/api/annotations\?", [annotation(1)])])
    checks(CONNECTOR, talked)
    assert "tags=deploy&tags=config&matchAny=true" in talked.urls()[0]
    assert int(query(talked.requests[0])["to"]) == ns("2026-03-02T10:00:00Z") // 10**6 - 1
    assert [(one.subject, one.at, one.text) for one in events(talked, "grafana-annotations")] == [
        ("pay", AT * 10**6, "v2 goes out")
    ]


def test_a_full_answer_is_told() -> None:
    rules = [(r".", [annotation(i) for i in range(3)])]
    assert "beyond the newest 3" in drive(CONNECTOR, ask(URL, limit=3), rules).short
    assert not drive(CONNECTOR, ask(URL, limit=4), rules).short
