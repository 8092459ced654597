"""GitHub: what was changed in the window, page by page, in the shape of its OpenAPI description."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from driver import ask, checks, drive, events, ns, page, problems, query, read
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.github import CONNECTOR
from afterword.core import joined
from afterword.model.event import Event, Fact, Kind
from afterword.model.evidence import Citation
from afterword.model.refusal import InvalidError
from afterword.model.time import iso
from afterword.ports import GivenUpError, Response

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://api.github.test"
API = f"{URL}/repos/acme/shop"
SHA = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


def deployment(number: int, created: str, sha: str = SHA) -> dict[str, Any]:
    return {
        "url": f"{API}/deployments/{number}", "id": number, "sha": sha, "ref": "main", "task": "deploy", "payload": {}, "original_environment": "production",
        "environment": "production", "description": "Send in batches", "creator": {"login": "nora"}, "created_at": created, "updated_at": created,
        "statuses_url": f"{API}/deployments/{number}/statuses", "repository_url": API, "production_environment": True,
    }  # fmt: skip


def status(number: int, state: str, at: str) -> dict[str, Any]:
    return {
        "url": f"{API}/deployments/{number}/statuses/1", "id": 1, "state": state, "creator": {"login": "bot"}, "description": "", "environment": "production",
        "created_at": at, "updated_at": at, "deployment_url": f"{API}/deployments/{number}", "repository_url": API,
    }  # fmt: skip


def run(number: int) -> dict[str, Any]:
    return {
        "id": number, "name": "Deploy", "head_branch": "main", "head_sha": SHA, "status": "completed", "conclusion": "success", "event": "push",
        "url": f"{API}/actions/runs/{number}", "created_at": "2026-03-02T09:01:00Z", "updated_at": "2026-03-02T09:06:00Z", "repository": {"name": "shop"},
    }  # fmt: skip


def commit(sha: str = SHA) -> dict[str, Any]:
    return {
        "sha": sha, "url": f"{API}/commits/{sha}", "author": {"login": "nora"},
        "commit": {"author": {"name": "Nora", "date": "2026-03-02T08:00:00Z"}, "committer": {"name": "GitHub", "date": "2026-03-02T08:00:00Z"}, "message": "Send in batches"},
        "files": [{"filename": "send.py", "status": "modified", "patch": "@@ -1 +1 @@\n-SIZE = 10\n+SIZE = 10000"}],
    }  # fmt: skip


JOB = {
    "id": 1, "run_id": 7, "run_url": f"{API}/actions/runs/7", "head_sha": SHA, "url": f"{API}/actions/jobs/1", "status": "completed", "conclusion": "success",
    "name": "deploy production", "workflow_name": "Deploy", "started_at": "2026-03-02T09:02:00Z", "completed_at": "2026-03-02T09:05:30Z", "steps": [],
}  # fmt: skip
RELEASE = {"url": f"{API}/releases/1", "tag_name": "v2", "name": "v2", "draft": False, "author": {"login": "nora"}, "created_at": "2026-03-02T09:00:30Z", "published_at": "2026-03-02T09:01:00Z", "body": ""}  # fmt: skip
PULL = {
    "number": 12, "title": "Send in batches", "body": "", "user": {"login": "nora"}, "merged_at": "2026-03-02T09:00:20Z", "updated_at": "2026-03-02T09:00:20Z",
    "merge_commit_sha": SHA, "head": {"ref": "batches"}, "base": {"ref": "main"}, "url": f"{API}/pulls/12", "state": "closed",
}  # fmt: skip
RULES = [
    (r"/deployments/42/statuses", [status(42, "success", "2026-03-02T09:05:00Z"), status(42, "pending", "2026-03-02T09:02:00Z")]),
    (r"/deployments\?", [deployment(42, "2026-03-02T09:01:00Z")]),
    (r"/releases\?", [RELEASE]),
    (r"/actions/runs/7/jobs", {"total_count": 1, "jobs": [JOB]}),
    (r"/actions/runs\?.*created=2026-03-02T03:00:00Z\.\.2026-03-02T10:00:00Z", {"total_count": 2, "workflow_runs": [run(7), run(6) | {"updated_at": "2026-03-02T04:00:00Z"}]}),
    (r"/pulls\?.*state=closed", [PULL]),
    (r"/pulls/\d+/reviews", []),
    (r"/commits\?.*since=2026-03-02T09:00:00Z", [commit()]),
    (rf"/commits/{SHA}", commit()),
]  # fmt: skip


def test_what_was_changed_is_read_with_the_time_at_which_it_took_effect() -> None:
    talked = drive(CONNECTOR, ask(URL, repositories=["acme/shop"]), RULES)
    checks(CONNECTOR, talked)
    assert not talked.short
    assert not [one for one in talked.urls() if "runs/6/jobs" in one], "it was over before the window"
    made = [Fact(one, Citation("E1", one.place)) for one in events(talked, "github") if one.kind is Kind.CHANGE]
    told = {(f.event.name, f.event.attributes.get("change")): f.event for f in joined.changes(made)}
    effect = told["42", "deploy"]
    assert (effect.at, effect.subject, effect.attributes["commit"]) == (ns("2026-03-02T09:05:00Z"), "shop", SHA)
    assert ("7", "deploy") not in told, "the workflow made this deployment"
    assert told["v2", "deploy"].at == ns("2026-03-02T09:01:00Z")
    assert "+SIZE = 10000" in told[SHA, "commit"].attributes["diff"] + made[-1].event.attributes["diff"]
    assert told[SHA, "commit"].subject == "shop"


def test_the_commit_that_was_deployed_is_asked_for_though_it_is_older_than_the_window() -> None:
    old = "f" * 40
    rules = [(r"/deployments\?", [deployment(42, "2026-03-02T09:01:00Z", old)]), (r"/commits\?", []), (rf"/commits/{old}", commit(old)), (r"statuses", [])]  # fmt: skip
    talked = drive(CONNECTOR, ask(URL, repositories="acme/shop", what=["deployments", "commits"]), rules)
    assert any(old in one for one in talked.urls())


@given(st.lists(st.integers(-30 * 60, 30 * 60), max_size=30), st.integers(1, 7))
def test_every_deployment_of_the_window_is_kept_once_and_asking_ends(minutes: list[int], size: int) -> None:
    """Newest first; pages of any size; the window is an hour, and the day before it counts."""
    start, end = ns("2026-03-02T09:00:00Z"), ns("2026-03-02T10:00:00Z")
    all_ = [deployment(i, iso(start + m * 60 * 10**9)) for i, m in enumerate(sorted(minutes, reverse=True))]

    def server(request: Request) -> Response:
        if "statuses" in request.url:
            return page([], request)
        return page(all_, _sized(request, size))

    talked = drive(CONNECTOR, ask(URL, repositories="acme/shop", what="deployments"), server)
    kept = [one["id"] for value in talked.values() for one in value]
    assert len(kept) == len(set(kept))
    wanted = {one["id"] for one in all_ if start - 86_400 * 10**9 <= ns(one["created_at"]) < end}
    assert wanted <= set(kept)
    asked = {int(found[1]) for one in talked.urls() if (found := re.search(r"deployments/(\d+)/statuses", one))}
    assert asked == wanted
    before = [one for one in all_ if ns(one["created_at"]) < start - 86_400 * 10**9]
    assert len([one for one in kept if one in {b["id"] for b in before}]) <= size


def _sized(request: Request, size: int) -> Request:
    return type(request)(request.url.replace("per_page=100", f"per_page={size}"))


def test_pages_on_another_host_are_not_followed() -> None:
    """The token would go with them."""
    linked = Response(200, {"link": '<https://evil.test/repos/acme/shop/releases?page=2>; rel="next"'}, b"[]")
    talked = drive(CONNECTOR, ask(URL, repositories="acme/shop", what="releases"), [(r"releases", linked)])
    assert len(talked.requests) == 1
    assert "another host" in talked.short


def test_a_commit_with_more_files_than_a_page_says_so() -> None:
    more = Response(200, {"link": f'<{API}/commits/{SHA}?page=2>; rel="next"'}, b'{"files": [{}, {}]}')
    rules = [(r"/commits\?", [commit()]), (r"/commits/", more)]
    assert "beyond the first 2" in drive(CONNECTOR, ask(URL, repositories="acme/shop", what="commits"), rules).short


def test_a_repository_that_may_not_be_seen_does_not_stop_the_other() -> None:
    rules = [(r"/repos/acme/secret", GivenUpError("404 Not Found", 404)), *RULES]
    talked = drive(CONNECTOR, ask(URL, repositories=["acme/secret", "acme/shop"]), rules)
    assert len(talked.kept) == 8


def test_a_window_without_changes_holds_no_event() -> None:
    empty = [(r"/runs\?", {"total_count": 0, "workflow_runs": []}), (r".", [])]
    talked = drive(CONNECTOR, ask(URL, repositories="acme/shop"), empty)
    assert not [one for _, one in read(talked) if isinstance(one, Event)]
    assert not problems(talked)


def test_repositories_are_needed_with_their_owner() -> None:
    for wrong in ({}, {"repositories": ["shop"]}, {"repositories": "acme/shop", "what": "tags"}):
        with pytest.raises(InvalidError):
            drive(CONNECTOR, ask(URL, **wrong), [])


def test_a_name_is_quoted() -> None:
    talked = drive(CONNECTOR, ask(URL, repositories="acme/a b", what="releases", environment="x&y"), [(r".", [])])
    assert urlsplit(talked.requests[0].url).path == "/repos/acme/a%20b/releases"
    assert query(talked.requests[0])["per_page"] == "100"


def test_the_reviews_of_what_landed_are_asked_for() -> None:
    review = {"id": 80, "user": {"login": "sam"}, "body": "", "state": "APPROVED", "pull_request_url": f"{API}/pulls/12", "submitted_at": "2026-03-02T08:50:00Z", "commit_id": SHA}  # fmt: skip
    open_one = {**PULL, "number": 13, "merged_at": None}
    rules = [(r"/pulls\?", [open_one, PULL]), (r"/pulls/12/reviews", [review])]
    talked = drive(CONNECTOR, ask(URL, repositories="acme/shop", what=["pulls", "reviews"]), rules)
    assert not [one for one in talked.urls() if "pulls/13/reviews" in one], "it did not land"
    (made,) = [one for one in events(talked, "github") if one.kind is Kind.CHECK]
    assert (made.attributes["pull"], made.attributes["state"]) == ("12", "approved")
