"""GitLab: what was changed in the window, in the shape of its REST API."""

from __future__ import annotations

from typing import Any

import pytest
from driver import ask, checks, drive, events, ns, page, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.gitlab import CONNECTOR
from afterword.model.refusal import InvalidError

URL = "https://gitlab.test"
SHA, PARENT = "a" * 40, "b" * 40
COMMIT = {
    "id": SHA, "short_id": SHA[:8], "title": "Send in batches", "message": "Send in batches\n", "author_name": "Nora", "authored_date": "2026-03-02T08:59:00.000+00:00",
    "committed_date": "2026-03-02T09:00:30.000+00:00", "created_at": "2026-03-02T09:00:30.000+00:00", "parent_ids": [PARENT], "web_url": f"{URL}/acme/shop/-/commit/{SHA}",
}  # fmt: skip
JOB = {
    "id": 664, "status": "success", "stage": "deploy", "name": "deploy:prod", "ref": "main", "user": {"username": "nora"}, "commit": COMMIT, "pipeline": {"id": 36, "sha": SHA},
    "created_at": "2026-03-02T09:01:00.000Z", "finished_at": "2026-03-02T09:04:00.000Z", "web_url": f"{URL}/acme/shop/-/jobs/664",
}  # fmt: skip
DEPLOYMENT = {
    "id": 42, "iid": 2, "ref": "main", "sha": SHA, "created_at": "2026-03-02T09:01:00.000Z", "updated_at": "2026-03-02T09:05:00.000Z", "status": "success",
    "user": {"username": "nora"}, "environment": {"id": 9, "name": "production"}, "deployable": {**JOB, "pipeline": {"id": 37, "sha": SHA, "web_url": f"{URL}/acme/shop/-/pipelines/37"}},
}  # fmt: skip
RELEASE = {
    "tag_name": "v2", "name": "v2", "description": "", "created_at": "2026-03-02T09:01:00.000Z", "released_at": "2026-03-02T09:02:00.000Z", "author": {"username": "nora"},
    "commit": COMMIT, "_links": {"self": f"{URL}/acme/shop/-/releases/v2"},
}  # fmt: skip
DIFF = {"old_path": "send.py", "new_path": "send.py", "diff": "@@ -1 +1 @@\n-SIZE = 10\n+SIZE = 10000\n"}
PIPELINES = [{"id": number, "iid": number, "project_id": 1, "sha": SHA, "ref": "main", "status": "success", "source": "push", "web_url": ""} for number in (36, 37)]  # fmt: skip
RULES = [
    (r"/deployments\?.*updated_after=2026-03-02T09:00:00Z&updated_before=2026-03-02T10:00:00Z", [DEPLOYMENT]),
    (r"/pipelines/36/jobs", [JOB]),
    (r"/pipelines\?", PIPELINES),
    (r"/releases\?", [RELEASE]),
    (r"/repository/commits\?.*since=2026-03-02T09:00:00Z", [COMMIT]),
    (rf"/repository/compare\?from={PARENT}&to={SHA}", {"commit": COMMIT, "commits": [COMMIT], "diffs": [DIFF], "compare_timeout": False, "compare_same_ref": False, "web_url": ""}),
]  # fmt: skip


def test_what_was_changed_is_read() -> None:
    talked = drive(CONNECTOR, ask(URL, projects=["acme/shop"], secrets={"private_token": "glpat-x"}), RULES)
    checks(CONNECTOR, talked)
    assert talked.requests[0].secret == {"private-token": "glpat-x"}
    assert "/api/v4/projects/acme%2Fshop/deployments" in talked.requests[0].url
    made = events(talked, "gitlab")
    assert [(one.name, one.subject, one.at) for one in made] == [
        ("2", "shop", ns("2026-03-02T09:04:00Z")),
        ("36", "shop", ns("2026-03-02T09:04:00Z")),
        ("v2", "shop", ns("2026-03-02T09:02:00Z")),
        (SHA, "shop", ns("2026-03-02T09:00:30Z")),
    ]
    assert "+SIZE = 10000" in made[3].attributes["diff"]


def test_the_first_commit_of_all_has_no_parent_to_be_compared_with() -> None:
    root = {**COMMIT, "parent_ids": []}
    rules = [(r"/commits\?", [root]), (rf"/commits/{SHA}$", root)]
    talked = drive(
        CONNECTOR, ask(URL, projects="acme/shop", what="commits"), [(p.replace("$", " "), a) for p, a in rules]
    )
    assert [one.name for one in events(talked)] == [SHA]


@given(st.integers(0, 25), st.integers(1, 6))
def test_every_deployment_comes_once(count: int, size: int) -> None:
    all_ = [{**DEPLOYMENT, "iid": i} for i in range(count)]

    def server(request: Any) -> Any:
        return page(all_, type(request)(request.url.replace("per_page=100", f"per_page={size}")))

    talked = drive(CONNECTOR, ask(URL, projects="1", what="deployments"), server)
    assert [one["iid"] for value in talked.values() for one in value] == list(range(count))
    assert query(talked.requests[0])["order_by"] == "updated_at"


def test_more_than_is_asked_for_is_told() -> None:
    commits = [{**COMMIT, "id": f"{i:040x}"} for i in range(3)]
    rules = [(r"/commits\?", commits), (r"compare", {"commit": COMMIT, "diffs": []})]
    talked = drive(CONNECTOR, ask(URL, projects="acme/shop", what="commits", most_commits=2), rules)
    assert talked.short.startswith("1 of 3 commits of acme/shop")
    with pytest.raises(InvalidError):
        drive(CONNECTOR, ask(URL), [])
