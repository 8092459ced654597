"""Alertmanager: one question, for all alerts whatever their state."""

from __future__ import annotations

from driver import ask, checks, drive, events

from afterword.connectors.alertmanager import CONNECTOR

URL = "http://alertmanager.test:9093"
ALERT = {
    "labels": {"alertname": "HighErrors", "service": "cart", "severity": "page"},
    "annotations": {"summary": "cart fails"},
    "startsAt": "2026-03-02T09:12:00Z",
    "endsAt": "2026-03-02T10:12:00Z",
    "updatedAt": "2026-03-02T10:08:00Z",
    "fingerprint": "abc",
    "status": {"state": "suppressed", "silencedBy": ["s-1"], "inhibitedBy": []},
}


def test_silenced_and_inhibited_alerts_are_asked_for_too() -> None:
    talked = drive(
        CONNECTOR, ask(URL, filter=['team="shop"', "severity=page"]), [(r"/api/v2/alerts", [ALERT]), (r"/silences", [])]
    )
    url, silences = talked.urls()
    assert silences == f'{URL}/api/v2/silences?filter=team="shop"&filter=severity=page'
    for part in ("silenced=true", "inhibited=true", "active=true", 'filter=team="shop"', "filter=severity=page"):
        assert part in url
    (one,) = events(talked)
    assert (one.subject, one.name, one.attributes["state"]) == ("cart", "HighErrors", "silenced")
    checks(CONNECTOR, talked)
