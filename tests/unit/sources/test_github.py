"""Changes as GitHub's API answers them and its webhooks post them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, shared, skipped, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Kind
from afterword.reading import inbox_item
from afterword.sources.github import SOURCE

SHA = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
API = "https://api.github.com/repos/acme/mailer"


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def raw(*values: Any) -> bytes:
    return json.dumps(list(values), indent=1).encode()


def commit(**more: Any) -> dict[str, Any]:
    return {
        "sha": SHA,
        "commit": {
            "author": {"name": "Nora", "date": "2026-03-01T10:00:00Z"},
            "committer": {"name": "GitHub", "date": "2026-03-02T08:00:00Z"},
            "message": "Send in batches",
        },
        "author": {"login": "nora"},
        "files": [{"filename": "send.py", "status": "modified", "patch": "@@ -1 +1 @@\n-a\n+b"}, {"filename": "x.png", "status": "added"}],
        **more,
    }  # fmt: skip


def deployment(**more: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "url": f"{API}/deployments/7",
        "sha": SHA,
        "ref": "main",
        "task": "deploy",
        "environment": "production",
        "description": "Send in batches",
        "creator": {"login": "sam"},
        "created_at": "2026-03-02T08:10:00Z",
        "payload": {},
        **more,
    }


STATUSES = [
    {"state": "success", "created_at": "2026-03-02T08:15:00Z"},
    {"state": "in_progress", "created_at": "2026-03-02T08:11:00Z"},
]
SAMPLE = raw(commit(), deployment(statuses=STATUSES), deployment(id=8, payload={"service": "mailer-worker"}))


def test_a_commit_counts_when_it_was_committed_and_carries_its_patch() -> None:
    one = events(SOURCE, SAMPLE)[0]
    assert (one.at, one.name, one.subject, one.text) == (ns("2026-03-02T08:00:00Z"), SHA, "", "Send in batches")
    assert one.attributes == {
        "change": "commit",
        "who": "nora",
        "files": "send.py\nx.png",
        "diff": "--- a/send.py\n+++ b/send.py\n@@ -1 +1 @@\n-a\n+b",
    }
    assert json.loads(said(SAMPLE, one)) == commit()


def test_a_deployment_took_effect_when_a_status_says_success() -> None:
    _, one, other = events(SOURCE, SAMPLE)
    assert (one.at, one.subject, one.name) == (ns("2026-03-02T08:15:00Z"), "mailer", "7")
    assert {k: one.attributes[k] for k in ("change", "who", "commit", "state", "environment")} == {
        "change": "deploy", "who": "sam", "commit": SHA, "state": "success", "environment": "production",
    }  # fmt: skip
    assert other.subject == "mailer-worker"


def test_a_deployment_without_statuses_has_the_time_of_its_creation_and_a_remark() -> None:
    found = [p for p in problems(SOURCE, SAMPLE) if p.code == "deployment-created"]
    assert len(found) == 1
    assert not found[0].quarantined
    assert events(SOURCE, SAMPLE)[2].at == ns("2026-03-02T08:10:00Z")


def test_a_deployment_that_is_inactive_now_was_active_once() -> None:
    """GitHub marks a deployment inactive when the next one succeeds: that is not when it took effect."""
    statuses = [{"state": "inactive", "created_at": "2026-03-03T00:00:00Z"}, *STATUSES]
    assert events(SOURCE, raw(deployment(statuses=statuses)))[0].at == ns("2026-03-02T08:15:00Z")


def test_the_payload_of_a_status_says_when() -> None:
    status = {"state": "success", "created_at": "2026-03-02T08:15:00Z", "creator": {"login": "bot"}}
    hook = {
        "action": "created",
        "deployment_status": status,
        "deployment": deployment(),
        "repository": {"name": "mailer"},
    }
    [one] = events(SOURCE, json.dumps(hook).encode())
    assert (one.at, one.subject, one.name, one.attributes["who"]) == (ns("2026-03-02T08:15:00Z"), "mailer", "7", "bot")
    status["state"] = "pending"
    assert not events(SOURCE, json.dumps(hook).encode())


def test_a_release_counts_when_it_was_published_and_a_draft_does_not() -> None:
    release = {"tag_name": "v2", "name": "Two", "body": "All new", "draft": False, "created_at": "2026-02-01T00:00:00Z", "published_at": "2026-03-02T08:00:00Z", "author": {"login": "sam"}, "url": f"{API}/releases/1"}  # fmt: skip
    [one] = events(SOURCE, raw(release))
    assert (one.at, one.name, one.subject) == (ns("2026-03-02T08:00:00Z"), "v2", "mailer")
    assert skipped(SOURCE, raw({**release, "draft": True}))


def test_a_workflow_that_deploys_is_a_change_and_one_that_tests_is_a_check_of_its_commit() -> None:
    run = {"id": 5, "name": "Deploy to production", "path": ".github/workflows/x.yml", "head_sha": SHA, "head_branch": "main", "conclusion": "success", "updated_at": "2026-03-02T08:20:00Z", "run_started_at": "2026-03-02T08:12:00Z", "actor": {"login": "sam"}, "repository": {"name": "mailer"}}  # fmt: skip
    body = json.dumps({"total_count": 3, "workflow_runs": [run, {**run, "name": "Tests"}, {**run, "conclusion": "cancelled"}]}).encode()  # fmt: skip
    one, tests = events(SOURCE, body)
    assert (tests.kind, tests.name, tests.attributes["check"], tests.attributes["commit"]) == (
        Kind.CHECK,
        "Tests",
        "run",
        SHA,
    )
    assert (one.at, one.subject, one.attributes["commit"]) == (ns("2026-03-02T08:20:00Z"), "mailer", SHA)
    assert len(skipped(SOURCE, body)) == 1
    red = {**run, "name": "Tests", "path": "ci.yml", "conclusion": "cancelled", "run_attempt": 2}
    (red_one,) = events(SOURCE, json.dumps([red]).encode())
    assert (red_one.attributes["state"], red_one.attributes["attempt"]) == ("cancelled", "2")


def test_a_review_is_a_check_of_its_pull_request_and_those_who_were_only_asked_reviewed_nothing() -> None:
    """GitHub takes a reviewer off the list of the requested ones when the review is there."""
    review = {"id": 80, "user": {"login": "sam"}, "body": "", "state": "APPROVED", "pull_request_url": f"{API}/pulls/3", "submitted_at": "2026-03-02T07:00:00Z", "commit_id": "b" * 40}  # fmt: skip
    (made,) = events(SOURCE, json.dumps([review]).encode())
    assert (made.kind, made.attributes["check"], made.attributes["state"], made.attributes["pull"]) == (Kind.CHECK, "review", "approved", "3")  # fmt: skip
    pull = {"number": 3, "title": "B", "body": None, "merged_at": "2026-03-02T08:00:00Z", "merge_commit_sha": SHA, "user": {"login": "nora"}, "head": {"sha": "b" * 40}, "base": {}, "requested_reviewers": [{"login": "ada"}]}  # fmt: skip
    (landed,) = events(SOURCE, json.dumps(pull).encode())
    assert (landed.attributes["pull"], landed.attributes["head"], landed.attributes["asked"]) == ("3", "b" * 40, "ada")
    assert "reviewers" not in landed.attributes


def test_a_push_tells_its_commits() -> None:
    inner = {"id": SHA, "message": "m", "timestamp": "2026-03-02T10:00:00+02:00", "author": {"name": "Nora", "username": "nora"}, "added": ["a"], "removed": ["b"], "modified": ["c"]}  # fmt: skip
    push = {"ref": "refs/heads/main", "before": "0" * 40, "after": SHA, "commits": [inner], "head_commit": inner, "repository": {"name": "mailer"}}  # fmt: skip
    body = json.dumps(push).encode()
    [one] = events(SOURCE, body)
    assert (one.name, one.offset, one.attributes["who"], one.attributes["files"]) == (SHA, 120, "nora", "a\nc\nb")
    assert json.loads(said(body, one)) == inner


def test_a_merged_pull_request_is_its_merge_commit() -> None:
    pull = {"number": 3, "title": "Batches", "body": None, "merged_at": "2026-03-02T08:00:00Z", "merge_commit_sha": SHA, "user": {"login": "nora"}, "head": {}, "base": {}}  # fmt: skip
    [one] = events(SOURCE, raw(pull))
    assert (one.name, one.text, one.attributes["change"]) == (SHA, "Batches (#3)", "commit")
    assert not events(SOURCE, raw({**pull, "merged_at": None}))


def test_lists_of_other_deploy_tools_and_logs_are_left_to_others() -> None:
    for body in (
        b'[{"timestamp":"2026-01-01T00:00:00Z","service":"a","commit_sha":"0a1b2c3d4e5f","version":"v1"}]',
        b'{"ts":"2026-01-01T00:00:00Z","msg":"x","sha":"0a1b2c3d"}\n',
    ):
        assert SOURCE.sniff(body) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=3)


def test_jobs_that_deploy_are_changes_under_the_number_of_their_run() -> None:
    job = {"id": 9, "run_id": 7, "run_url": f"{API}/actions/runs/7", "head_sha": SHA, "conclusion": "success", "status": "completed", "name": "deploy production", "workflow_name": "CD", "completed_at": "2026-03-02T09:04:00Z", "steps": []}  # fmt: skip
    answer = json.dumps({"total_count": 2, "jobs": [job, {**job, "name": "lint"}]}).encode()
    assert SOURCE.sniff(answer) > 0.9
    assert [(e.name, e.subject, e.at, e.attributes["job"]) for e in events(SOURCE, answer)] == [("7", "mailer", ns("2026-03-02T09:04:00Z"), "deploy production")]  # fmt: skip
    assert len(skipped(SOURCE, answer)) == 1


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


ANY = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
FORMS = [commit(), deployment(statuses=STATUSES), {"tag_name": 1, "published_at": 1}, {"head_sha": 1, "conclusion": 1}, {"ref": 1, "before": 1, "after": 1, "commits": []}, {"number": 1, "merged_at": 1, "head": 1, "base": 1}, {"deployment_status": {"state": "success"}}]  # fmt: skip


@given(st.sampled_from(FORMS), st.dictionaries(st.sampled_from(sorted({k for f in FORMS for k in f})), ANY | st.lists(ANY | st.dictionaries(st.sampled_from(["state", "login", "filename", "patch"]), ANY), max_size=2)))  # fmt: skip
def test_values_of_any_type_never_raise(form: dict[str, Any], odd: dict[str, Any]) -> None:
    check(SOURCE, raw({**form, **odd}))


@pytest.mark.shared
def test_a_push_as_github_posts_it() -> None:
    body = shared("formats", "github", "payload.json").read_bytes()
    assert SOURCE.sniff(body) > 0.9
    check(SOURCE, body)


def test_our_own_recordings() -> None:
    for path in recordings("*/evidence/changes/*.json"):
        body = path.read_bytes()
        if path.stem == "flags":
            continue
        assert SOURCE.sniff(body[: 1 << 16]) > 0.9
        check(SOURCE, body)
        made = events(SOURCE, body)
        assert len(made) == len(json.loads(body))
        assert all(e.at is not None for e in made)
        if path.stem == "deployments":
            assert all(e.subject and e.attributes["commit"] for e in made)


def test_a_webhook_that_was_received() -> None:
    """``X-GitHub-Event`` is kept; the shape says the same."""
    status = {
        "action": "created",
        "deployment_status": {"id": 1, "state": "success", "created_at": "2026-03-14T09:00:30Z", "creator": {"login": "maria"}},
        "deployment": {"id": 7, "sha": "a" * 40, "ref": "v7", "task": "deploy", "environment": "production", "created_at": "2026-03-14T08:59:00Z"},
        "repository": {"name": "shop"},
    }  # fmt: skip
    raw = inbox_item.line(
        "github", 1773478980_000000000, {"x-github-event": "deployment_status"}, json.dumps(status).encode()
    )
    assert SOURCE.sniff(raw) > 0.9
    [one] = events(SOURCE, raw)
    assert (one.subject, one.name, one.attributes["state"]) == ("shop", "7", "success")
    assert one.at == 1773478830_000000000
    check(SOURCE, raw * 2)
    truncated(SOURCE, raw, 7)


def test_webhooks_of_all_kinds_in_one_segment() -> None:
    """Somebody chose "send me everything": what tells of no change is no problem either."""
    merged = {
        "number": 7,
        "merged_at": "2026-03-14T09:00:00Z",
        "merge_commit_sha": "a" * 40,
        "title": "Pool of 4",
        "head": {},
        "base": {},
    }
    payloads = [
        {"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {}},
        {"action": "opened", "number": 7, "pull_request": {**merged, "merged_at": None}, "repository": {}, "sender": {}},
        {"action": "closed", "number": 7, "pull_request": merged, "repository": {}, "sender": {}},
        {"action": "created", "issue": {}, "comment": {}, "repository": {}, "sender": {}},
        {"action": "created", "deployment": {"id": 1}, "repository": {}, "sender": {}},
    ]  # fmt: skip
    raw = b"".join(inbox_item.line("github", 1773478980_000000000, {}, json.dumps(one).encode()) for one in payloads)
    assert SOURCE.sniff(raw) > 0.9
    [one] = events(SOURCE, raw)
    assert (one.name, one.text) == ("a" * 40, "Pool of 4 (#7)")
    assert not problems(SOURCE, raw)
    assert len(skipped(SOURCE, raw)) == 4
    check(SOURCE, raw)
