"""Jira: by tokens in the cloud, by counting on a server of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from driver import ask, checks, drive, events, ns, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.jira import CONNECTOR
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://acme.atlassian.test"


def issue(number: int) -> dict[str, Any]:
    return {
        "id": str(number), "key": f"CHG-{number}",
        "fields": {"summary": "Bigger pool", "status": {"name": "Done"}, "created": "2026-03-02T10:05:00.000+0100", "resolutiondate": None, "assignee": {"displayName": "Nora"}, "components": [{"name": "pay"}], "project": {"key": "CHG", "name": "Changes"}},
    }  # fmt: skip


def server(count: int, page: int = 100) -> Any:
    def answer(asked: Request) -> Any:
        said = query(asked)
        if urlsplit(asked.url).path == "/rest/api/2/search":
            at = int(said.get("startAt", 0))
            return {
                "startAt": at,
                "maxResults": 100,
                "total": count,
                "issues": [issue(i) for i in range(at, min(count, at + 100))],
            }
        at = int(said.get("nextPageToken", "t0")[1:])
        last = at + page >= count
        return {"issues": [issue(i) for i in range(at, min(count, at + page))], "isLast": last, **({} if last else {"nextPageToken": f"t{at + page}"})}  # fmt: skip

    return answer


def test_issues_are_read() -> None:
    talked = drive(CONNECTOR, ask(URL, jql="project = CHG"), server(1))
    checks(CONNECTOR, talked)
    assert (
        query(talked.requests[0])["jql"]
        == '(project = CHG) AND updated >= "2026-03-01 09:00" AND created <= "2026-03-03 10:00" ORDER BY created ASC'
    )
    assert [(one.name, one.subject, one.at) for one in events(talked, "tickets-json")] == [
        ("CHG-0", "pay", ns("2026-03-02T09:05:00Z"))
    ]
    with pytest.raises(InvalidError):
        drive(CONNECTOR, ask(URL), [])


@given(st.integers(0, 250), st.integers(1, 90), st.booleans())
def test_every_issue_comes_once(count: int, page: int, own: bool) -> None:
    talked = drive(CONNECTOR, ask(URL, jql="project = CHG", server=own), server(count, page))
    assert [one["key"] for value in talked.values() for one in value["issues"]] == [f"CHG-{i}" for i in range(count)]
