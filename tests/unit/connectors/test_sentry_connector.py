"""Sentry: issues and releases; a Link header always names a next page, and says whether there is anything on it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driver import ask, checks, drive, events, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.sentry import CONNECTOR
from afterword.ports import Response

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://sentry.test"
ISSUE = {"id": "1", "shortId": "PAY-1", "title": "PoolError: dry", "culprit": "pay.pool", "level": "error", "status": "resolved", "project": {"slug": "pay"}, "count": "150", "userCount": 3, "firstSeen": "2026-03-02T09:05:00.000000Z", "lastSeen": "2026-03-02T09:50:00Z"}  # fmt: skip
RELEASE = {
    "version": "pay@2",
    "ref": "6ba09a7c5323",
    "dateReleased": None,
    "dateCreated": "2026-03-02T09:01:00.000Z",
    "projects": [{"slug": "pay"}],
}


def server(issues: list[Any], releases: list[Any], page: int = 2) -> Any:
    def answer(request: Request) -> Response:
        items = issues if "/issues/" in request.url else releases
        at = int(query(request).get("cursor", "0:0:0").split(":")[1])
        more = "true" if at + page < len(items) else "false"
        base = request.url.split("&cursor=")[0]
        link = f'<{base}&cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", <{base}&cursor=0:{at + page}:0>; rel="next"; results="{more}"; cursor="0:{at + page}:0"'
        return Response(200, {"link": link}, json.dumps(items[at : at + page]).encode())

    return answer


def test_issues_and_releases_are_read() -> None:
    talked = drive(CONNECTOR, ask(URL, organization="acme", projects=[2]), server([ISSUE], [RELEASE]))
    checks(CONNECTOR, talked)
    first = talked.requests[0].url
    assert "/api/0/organizations/acme/issues/?" in first
    assert first.endswith("&query="), "without it only unresolved issues are answered"
    assert [(one.kind.value, one.subject) for one in events(talked, "sentry")] == [
        ("pattern", "pay"),
        ("change", "pay"),
    ]


@given(st.integers(0, 9), st.integers(1, 4))
def test_every_issue_comes_once_and_no_page_is_asked_in_vain(count: int, page: int) -> None:
    talked = drive(
        CONNECTOR,
        ask(URL, organization="acme", releases=False),
        server([{**ISSUE, "id": i} for i in range(count)], [], page),
    )
    assert [one["id"] for value in talked.values() for one in value] == list(range(count))
    assert len(talked.requests) == max(1, -(-count // page))


def test_releases_end_with_the_first_page_that_is_older() -> None:
    old = {**RELEASE, "dateCreated": "2026-03-01T09:01:00.000Z"}
    talked = drive(CONNECTOR, ask(URL, organization="acme"), server([], [RELEASE, old, old, old]))
    assert len([one for one in talked.urls() if "releases" in one]) == 1
