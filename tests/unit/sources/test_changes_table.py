"""Records of deploys and other changes, as JSON or as a table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Kind
from afterword.sources.changes_table import SOURCE

SHA = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
DEPLOYS: list[dict[str, Any]] = [
    {"timestamp": "2026-03-02T09:00:00Z", "service": "mailer", "commit_sha": SHA, "version": "v12"},
    {"timestamp": "2026-03-02T09:40:00Z", "service": "mailer", "version": "v11", "description": "Roll back to v11", "deployed_by": "sam"},
]  # fmt: skip
SAMPLE = json.dumps(DEPLOYS, indent=1).encode()
TABLE = b"""\xef\xbb\xbfdate,component,what,who,version\r
2026-03-02 09:00:00,mailer,"Batches of 10,000",nora,v12\r
2026-03-02 09:40:00,mailer,Roll back,sam,v11\r
too,few\r
"""


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def one(value: Any) -> Any:
    [found] = events(SOURCE, json.dumps(value).encode())
    return found


def test_a_deploy_says_what_where_and_when() -> None:
    first, back = events(SOURCE, SAMPLE)
    assert (first.kind, first.subject, first.name, first.at) == (
        Kind.CHANGE,
        "mailer",
        "v12",
        ns("2026-03-02T09:00:00Z"),
    )
    assert first.attributes == {"change": "deploy", "commit": SHA, "version": "v12"}
    assert (back.text, back.attributes["who"]) == ("Roll back to v11", "sam")
    assert json.loads(said(SAMPLE, back)) == DEPLOYS[1]
    assert SOURCE.sniff(SAMPLE) == 0.8


def test_a_table_of_changes_without_zones() -> None:
    first, back = events(SOURCE, TABLE)
    assert (first.subject, first.text, first.attributes["who"]) == ("mailer", "Batches of 10,000", "nora")
    assert (first.at, first.offset) == (ns("2026-03-02T09:00:00Z"), None)
    assert said(TABLE, back) == "2026-03-02 09:40:00,mailer,Roll back,sam,v11\r\n"
    assert [p.code for p in problems(SOURCE, TABLE)] == ["table-fields"]
    assert SOURCE.sniff(TABLE) == 0.75
    assert events(SOURCE, TABLE, zone="Europe/Berlin")[0].offset == 60


def test_a_change_ticket_counts_from_when_the_work_was_begun() -> None:
    """ServiceNow: the record was opened days before, and closed a day later."""
    ticket = {"number": "CHG0030", "short_description": "Move the queue", "cmdb_ci": {"display_value": "mailer"}, "opened_at": "2026-02-20 08:00:00", "work_start": "2026-03-02 09:00:00", "work_end": "2026-03-02 10:00:00", "closed_at": "2026-03-03 08:00:00", "assigned_to": {"display_value": "Sam"}, "risk": "Low", "type": "normal"}  # fmt: skip
    found = one({"result": [ticket]})
    assert (found.name, found.subject, found.text, found.at) == (
        "CHG0030",
        "mailer",
        "Move the queue",
        ns("2026-03-02T09:00:00Z"),
    )
    assert {k: found.attributes[k] for k in ("change", "who", "risk")} == {
        "change": "ticket",
        "who": "Sam",
        "risk": "Low",
    }
    assert SOURCE.sniff(json.dumps({"result": [ticket]}).encode()) == 0.8


def test_an_issue_of_jira_keeps_its_fields_inside() -> None:
    issue = {"id": "1", "key": "OPS-7", "fields": {"summary": "Deploy mailer v12", "created": "2026-03-02T09:00:00.000+0000", "assignee": {"displayName": "Sam"}, "change_type": "standard change"}}  # fmt: skip
    found = one({"issues": [issue]})
    assert (found.name, found.text, found.at, found.attributes["who"]) == ("OPS-7", "Deploy mailer v12", ns("2026-03-02T09:00:00Z"), "Sam")  # fmt: skip


def test_the_history_of_argo_cd() -> None:
    history = [{"id": 4, "revision": SHA, "deployedAt": "2026-03-02T09:00:00Z", "source": {"targetRevision": "main"}, "initiatedBy": {"automated": True}}]  # fmt: skip
    raw = json.dumps({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "mailer"}, "status": {"history": history}}).encode()  # fmt: skip
    [found] = events(SOURCE, raw)
    assert (found.subject, found.name, found.at, found.attributes["commit"]) == ("mailer", "mailer-4", ns("2026-03-02T09:00:00Z"), SHA)  # fmt: skip
    assert json.loads(said(raw, found)) == history[0]
    assert SOURCE.sniff(raw) == 0.8


def test_the_kind_of_a_change_is_what_the_record_says() -> None:
    base = {"timestamp": "2026-03-02T09:00:00Z", "service": "mailer", "who": "sam"}
    assert one([{**base, "type": "config", "what": "pool 10 to 5"}]).attributes["change"] == "config"
    assert one([{**base, "what": "raise the ConfigMap limit"}]).attributes["change"] == "config"
    assert one([{**base, "what": "rolled out"}]).attributes["change"] == "ticket"
    assert one([{**base, "what": "deployed by hand"}]).attributes["change"] == "deploy"


def test_files_diff_and_review_go_with_it() -> None:
    found = one([{**DEPLOYS[0], "files": ["a.py", "b.py"], "diff": "-a\n+b", "approved_by": "nora"}])
    assert (found.attributes["files"], found.attributes["diff"], found.attributes["approved_by"]) == ("a.py\nb.py", "-a\n+b", "nora")  # fmt: skip


def test_logs_metrics_and_spans_are_left_to_others() -> None:
    for raw in (
        b'{"timestamp":"2026-01-01T00:00:00Z","service":"a","version":"v1","message":"started"}\n',
        b'{"timestamp":"2026-01-01T00:00:00Z","service":"a","version":"v1","path":"/x","status":200,"latency_ms":3,"method":"GET"}\n',
        b'{"time":"2026-01-01T00:00:00Z","app":"a","commit":"0a1b2c3d","level":"info","msg":"x"}\n',
        b"timestamp,service,level,message\n2026-01-01T00:00:00Z,a,info,hi\n",
        b"timestamp,service,indicator,value\n2026-01-01T00:00:00Z,a,cpu,1\n",
        b"time,cart-cpu,cart-mem\n2026-01-01T00:00:00Z,1,2\n",
    ):
        assert SOURCE.sniff(raw) == 0.0


@pytest.mark.parametrize("sample", [SAMPLE, TABLE])
def test_no_prefix_breaks_it(sample: bytes) -> None:
    truncated(SOURCE, sample)


def test_a_list_of_applications_leaves_their_kind_out() -> None:
    app = {"metadata": {"name": "pay"}, "spec": {"destination": {"namespace": "shop"}}, "status": {"history": [{"revisions": ["abc123def"], "deployedAt": "2026-03-02T09:05:00Z", "id": 3}]}}  # fmt: skip
    raw = json.dumps({"metadata": {}, "items": [app]}).encode()
    assert SOURCE.sniff(raw) >= 0.8
    assert [(e.subject, e.name, e.attributes["commit"]) for e in events(SOURCE, raw)] == [("pay", "pay-3", "abc123def")]


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_deploys_of_whole_incidents() -> None:
    for path in sorted(shared("rca", "rootcausebench").glob("*/evidence/context/deploys.json")):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw) == 0.8
        made = events(SOURCE, raw)
        assert len(made) == len(json.loads(raw))
        assert all(e.at and e.subject and e.attributes["commit"] and e.attributes["change"] == "deploy" for e in made)
