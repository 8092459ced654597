"""Commits as scripts export them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.core import diff
from afterword.model.event import Kind
from afterword.sources.commits_json import SOURCE

COMMITS: list[dict[str, Any]] = [
    {
        "sha": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        "author": "nora",
        "timestamp": "2026-03-02T08:00:00Z",
        "message": "mailer: send in batches\n\nReviewed-by: Sam",
        "files_changed": ["mailer/send.py", "mailer/send_test.py"],
        "diff": "@@ mailer/send.py @@\n-    batch = 10\n+    batch = 10000",
    },
    {"sha": "1111111111111111111111111111111111111111", "author": {"name": "Sam", "email": "sam@x.example"}, "date": "2026-03-02 09:00:00 +0200", "subject": "docs", "service": "docs"},
]  # fmt: skip
SAMPLE = json.dumps(COMMITS, indent=2).encode()


def test_a_commit_with_its_files_and_its_diff() -> None:
    first, second = events(SOURCE, SAMPLE)
    assert (first.kind, first.name, first.subject) == (Kind.CHANGE, COMMITS[0]["sha"], "")
    assert first.attributes["who"] == "nora"
    assert first.attributes["files"].split("\n") == ["mailer/send.py", "mailer/send_test.py"]
    assert first.text.startswith("mailer: send in batches")
    assert (second.attributes["who"], second.subject, second.offset) == ("sam@x.example", "docs", 120)
    assert json.loads(said(SAMPLE, first)) == COMMITS[0]
    assert SOURCE.sniff(SAMPLE) == 0.9


def test_the_diff_can_be_judged() -> None:
    first = events(SOURCE, SAMPLE)[0]
    judged = diff.judge(first.attributes["diff"], tuple(first.attributes["files"].split("\n")), first.text)
    assert any(effect.kind == "batch" for effect in judged.effects)


def test_patches_of_files_become_one_diff_that_names_each_file() -> None:
    one = {**COMMITS[0], "diff": None, "files": [{"path": "a.py", "patch": "@@ -1 +1 @@\n-a\n+b"}, {"path": "b.py", "patch": "@@ -1 +1 @@\n-c\n+d"}]}  # fmt: skip
    [event] = events(SOURCE, json.dumps([one]).encode())
    assert (
        event.attributes["diff"]
        == "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-c\n+d"
    )


def test_a_diff_that_was_not_exported_is_absent() -> None:
    [event] = events(SOURCE, json.dumps([{**COMMITS[0], "diff": None}]).encode())
    assert "diff" not in event.attributes


def test_what_landed_counts_before_what_was_written() -> None:
    one = {**COMMITS[1], "authored_at": "2026-03-01T00:00:00Z", "committed_at": "2026-03-02T00:00:00Z"}
    [event] = events(SOURCE, json.dumps([one]).encode())
    assert event.at == 1_772_409_600 * 10**9


def test_an_unreadable_date_leaves_the_commit_undated() -> None:
    raw = json.dumps([{**COMMITS[0], "timestamp": "yesterday"}]).encode()
    assert events(SOURCE, raw)[0].at is None
    assert [p.code for p in problems(SOURCE, raw)] == ["time"]


def test_log_lines_and_deploys_that_name_a_commit_are_left_to_others() -> None:
    for raw in (
        b'{"time":"2026-01-01T00:00:00Z","level":"info","message":"started","commit":"0a1b2c3d","author":"x"}\n',
        b'[{"timestamp":"2026-01-01T00:00:00Z","service":"a","commit_sha":"0a1b2c3d4e5f","version":"v1"}]',
        b'{"ts":"2026-01-01T00:00:00Z","message":"hi","author":"x","id":"12345678"}\n',
    ):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=3)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@given(st.dictionaries(st.sampled_from(["author", "timestamp", "message", "files", "diff", "service", "reviewers"]), st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none() | st.text(max_size=3) | st.dictionaries(st.sampled_from(["path", "patch"]), st.none() | st.text(max_size=3) | st.integers())), max_size=6))  # fmt: skip
def test_values_of_any_type_never_raise(value: dict[str, Any]) -> None:
    check(SOURCE, json.dumps([{"sha": "0a1b2c3d", **value}]).encode())


@pytest.mark.shared
def test_commits_of_whole_incidents() -> None:
    for path in sorted(shared("rca", "rootcausebench").glob("*/evidence/context/commits.json")):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw[: 1 << 16]) == 0.9
        check(SOURCE, raw)
        made = events(SOURCE, raw)
        assert len(made) == len(json.loads(raw))
        assert all(e.at is not None and e.attributes.get("files") for e in made)
