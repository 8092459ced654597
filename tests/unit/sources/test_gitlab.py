"""Changes as GitLab's API answers them and its webhooks post them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.gitlab import SOURCE

SHA = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
NS = 1_772_442_000 * 10**9
COMMIT: dict[str, Any] = {"id": SHA, "short_id": SHA[:8], "title": "Batches", "message": "Batches\n\nmore\n", "author_name": "Nora", "authored_date": "2026-03-01T09:00:00.000+00:00", "committed_date": "2026-03-02T10:00:00.000+01:00"}  # fmt: skip
DEPLOYMENT: dict[str, Any] = {"id": 40, "iid": 3, "ref": "main", "sha": SHA, "created_at": "2026-03-02T08:50:00Z", "updated_at": "2026-03-02T09:00:00Z", "status": "success", "user": {"username": "sam"}, "environment": {"name": "production"}, "deployable": {"name": "deploy", "commit": {"title": "Batches"}, "web_url": "https://gitlab.example/acme/mailer/-/jobs/1"}}  # fmt: skip
SAMPLE = json.dumps([COMMIT, DEPLOYMENT, {**DEPLOYMENT, "iid": 4, "status": "running"}], indent=1).encode()


def one(value: Any) -> Any:
    [found] = [e for e in events(SOURCE, json.dumps(value).encode()) if e.kind is Kind.CHANGE]
    return found


def test_commits_and_deployments_of_the_api() -> None:
    commit, deployment = events(SOURCE, SAMPLE)
    assert (commit.name, commit.text, commit.at, commit.offset, commit.subject) == (SHA, "Batches\n\nmore", NS, 60, "")
    assert (deployment.subject, deployment.name, deployment.text, deployment.at) == ("mailer", "3", "Batches", NS)
    assert {k: deployment.attributes[k] for k in ("change", "commit", "who", "state", "environment")} == {"change": "deploy", "commit": SHA, "who": "sam", "state": "success", "environment": "production"}  # fmt: skip
    assert json.loads(said(SAMPLE, deployment)) == DEPLOYMENT
    assert [s.reason for s in skipped(SOURCE, SAMPLE)] == ["a deployment that has not taken effect: running"]
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_the_webhook_of_a_deployment_writes_its_own_kind_of_time() -> None:
    hook = {"object_kind": "deployment", "status": "success", "status_changed_at": "2026-03-02 10:00:00 +0100", "deployment_id": 15, "environment": "production", "project": {"name": "mailer"}, "short_sha": SHA[:8], "commit_url": f"https://gitlab.example/acme/mailer/-/commit/{SHA}", "commit_title": "Batches", "user": {"username": "sam"}}  # fmt: skip
    found = one(hook)
    assert (found.subject, found.at, found.attributes["commit"], found.attributes["environment"]) == ("mailer", NS, SHA, "production")  # fmt: skip
    assert SOURCE.sniff(json.dumps(hook).encode()) > 0.9


def test_a_pipeline_deploys_by_its_jobs() -> None:
    jobs = [{"id": 1, "stage": "test", "name": "unit", "status": "success", "finished_at": "2026-03-02 08:59:00 UTC"}, {"id": 2, "stage": "deploy", "name": "production", "status": "success", "finished_at": "2026-03-02 09:00:00 UTC", "user": {"username": "sam"}}, {"id": 3, "stage": "deploy", "name": "canary", "status": "failed", "finished_at": "2026-03-02 09:00:00 UTC"}]  # fmt: skip
    hook = {"object_kind": "pipeline", "object_attributes": {"id": 31, "ref": "main", "sha": SHA, "status": "success", "finished_at": "2026-03-02 09:01:00 UTC"}, "project": {"name": "mailer"}, "commit": {"title": "Batches"}, "builds": jobs}  # fmt: skip
    found = one(hook)
    assert (found.subject, found.name, found.at, found.attributes["commit"]) == ("mailer", "2", NS, SHA)
    assert found.text == "production: Batches"
    (unit,) = events(SOURCE, json.dumps({**hook, "builds": jobs[:1]}).encode())
    assert (unit.kind, unit.name, unit.attributes["state"], unit.attributes["commit"]) == (
        Kind.CHECK,
        "unit",
        "success",
        SHA,
    )
    bare = {"id": 1, "sha": SHA, "ref": "main", "status": "failed", "web_url": "https://gitlab.example/acme/mailer/-/pipelines/1", "source": "push", "updated_at": "2026-03-02T09:00:00Z"}  # fmt: skip
    (red,) = events(SOURCE, json.dumps([bare]).encode())
    assert (red.kind, red.attributes["state"], red.subject) == (Kind.CHECK, "failure", "mailer")
    assert skipped(SOURCE, json.dumps([{**bare, "status": "running"}]).encode())


def test_a_push_tells_its_commits() -> None:
    push = {"object_kind": "push", "project": {"name": "mailer"}, "commits": [{"id": SHA, "message": "m", "timestamp": "2026-03-02T09:00:00Z", "author": {"name": "Nora", "email": "n@x.example"}, "added": ["a"], "modified": [], "removed": []}]}  # fmt: skip
    found = one(push)
    assert (found.name, found.at, found.attributes["who"], found.attributes["files"]) == (SHA, NS, "n@x.example", "a")


def test_what_is_no_object_of_gitlab_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'[{"a": 1}]')] == ["gitlab-shape"]
    assert SOURCE.sniff(b'[{"id":1,"message":"x","status":"y"}]') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=2)


def test_a_comparison_with_the_parent_is_a_commit_with_its_diff() -> None:
    commit = {"id": "a" * 40, "short_id": "aaaa", "title": "Send in batches", "author_name": "Nora", "created_at": "2026-03-02T08:00:00.000Z"}  # fmt: skip
    raw = json.dumps({"commit": commit, "commits": [commit], "diffs": [{"old_path": "send.py", "new_path": "send.py", "diff": "@@ -1 +1 @@\n-a\n+b\n"}], "compare_timeout": False}).encode()  # fmt: skip
    assert SOURCE.sniff(raw) > 0.9
    (made,) = events(SOURCE, raw)
    assert (made.name, made.text, made.attributes["files"]) == ("a" * 40, "Send in batches", "send.py")
    assert "+b" in made.attributes["diff"]


def test_jobs_of_a_pipeline_that_deployed_and_releases_are_changes() -> None:
    job = {"id": 9, "status": "success", "stage": "deploy", "name": "deploy:prod", "ref": "main", "user": {"username": "nora"}, "commit": {"id": "a" * 40, "title": "Send"}, "pipeline": {"id": 36, "sha": "a" * 40}, "finished_at": "2026-03-02T09:04:00.000Z", "web_url": "https://gitlab.test/acme/shop/-/jobs/9"}  # fmt: skip
    release = {"tag_name": "v2", "name": "v2", "description": "", "created_at": "2026-03-02T09:00:00.000Z", "released_at": "2026-03-02T09:01:00.000Z", "author": {"username": "nora"}, "commit": {"id": "a" * 40}, "_links": {"self": "https://gitlab.test/acme/shop/-/releases/v2"}}  # fmt: skip
    raw = json.dumps([job, {**job, "stage": "test", "name": "unit"}, release]).encode()
    assert SOURCE.sniff(raw) > 0.9
    assert [(e.name, e.subject, e.text.partition("\n")[0]) for e in events(SOURCE, raw) if e.kind is Kind.CHANGE] == [("36", "shop", "deploy:prod: Send"), ("v2", "shop", "Release v2")]  # fmt: skip


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
