"""LaunchDarkly: the audit log, twenty entries at once, by links that are only paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driver import ask, checks, drive, events, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.launchdarkly import CONNECTOR

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://app.launchdarkly.test"
ENTRY = {
    "_id": "1", "date": 1772442300000, "kind": "flag", "name": "Fast checkout", "member": {"email": "nora@acme.test"}, "titleVerb": "turned on the flag",
    "title": "Nora turned on the flag Fast checkout in Production", "target": {"name": "Fast checkout", "resources": ["proj/default:env/production:flag/fast-checkout"]},
}  # fmt: skip


def server(count: int) -> Any:
    def answer(request: Request) -> Any:
        at = int(query(request).get("at", 0))
        some = [{**ENTRY, "_id": str(i)} for i in range(at, min(count, at + 20))]
        more = (
            {"next": {"href": f"/api/v2/auditlog?limit=20&at={at + 20}", "type": "application/json"}}
            if at + 20 < count
            else {}
        )
        return {"_links": {"self": {"href": "/api/v2/auditlog"}, **more}, "items": some}

    return answer


def test_a_flag_that_was_turned_is_a_change() -> None:
    talked = drive(CONNECTOR, ask(URL, secrets={"api_key": "api-1"}), server(1))
    checks(CONNECTOR, talked)
    assert talked.requests[0].secret == {"authorization": "api-1"}
    assert [(one.name, one.attributes["state"], one.attributes["who"]) for one in events(talked, "flags")] == [
        ("fast-checkout", "off->on", "nora@acme.test")
    ]


@given(st.integers(0, 90))
def test_every_entry_comes_once(count: int) -> None:
    talked = drive(CONNECTOR, ask(URL), server(count))
    assert [one["_id"] for value in talked.values() for one in value["items"]] == [str(i) for i in range(count)]


def test_a_link_to_another_host_is_not_followed() -> None:
    away = {"_links": {"next": {"href": "https://evil.test/x"}}, "items": [ENTRY]}
    talked = drive(CONNECTOR, ask(URL, secrets={"api_key": "api-1"}), [(r".", away)])
    assert len(talked.requests) == 1
    assert "another host" in talked.short
