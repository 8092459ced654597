"""Changes of feature flags."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, shared, truncated

from afterword.core.cause.candidate import is_undo
from afterword.model.event import Kind
from afterword.sources.flags import SOURCE

FLAGS: list[dict[str, Any]] = [
    {"timestamp": "2026-03-02T09:00:00Z", "flag": "batch-mail", "service": "mailer", "change": "off->on", "actor": "nora"},
    {"time": "2026-03-02T09:30:00Z", "flag": "batch-mail", "service": "mailer", "from": "on", "to": "off", "actor": "sam", "comment": "take it back", "environment": "production"},
]  # fmt: skip
SAMPLE = json.dumps(FLAGS, indent=1).encode()
NS = 1_772_442_000 * 10**9


def one(value: Any) -> Any:
    [found] = events(SOURCE, json.dumps(value).encode())
    return found


def test_a_flag_that_was_turned_on_and_taken_back() -> None:
    on, off = events(SOURCE, SAMPLE)
    assert (on.kind, on.subject, on.name, on.at, on.text) == (Kind.CHANGE, "mailer", "batch-mail", NS, "off->on")
    assert on.attributes == {"change": "flag", "who": "nora", "state": "off->on"}
    assert off.attributes["state"] == "on->off"
    assert off.text == "on->off: take it back"
    assert (is_undo(on), is_undo(off)) == (False, True)
    assert json.loads(said(SAMPLE, off)) == FLAGS[1]
    assert SOURCE.sniff(SAMPLE) > 0.8


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"change": "false → true"}, "off->on"),
        ({"change": "enabled"}, "off->on"),
        ({"action": "turned off"}, "on->off"),
        ({"old_value": False, "new_value": True}, "off->on"),
        ({"from": "10%", "to": "50%"}, "10%->50%"),
        ({"enabled": True}, "->on"),
        ({"change": "targeting rules edited"}, ""),
    ],
)  # fmt: skip
def test_the_ways_of_saying_what_changed(said: dict[str, Any], state: str) -> None:
    found = one([{"flag_key": "x", "date": "2026-03-02T09:00:00Z", **said}])
    assert found.attributes.get("state", "") == state


def test_an_entry_of_launchdarkly() -> None:
    entry = {"_id": "1", "date": NS // 10**6, "kind": "flag", "name": "Batch mail", "titleVerb": "turned on the flag", "title": "Nora turned on the flag Batch mail in Production", "member": {"email": "nora@x.example"}, "target": {"name": "Batch mail", "resources": ["proj/mailer:env/production:flag/batch-mail;tag"]}, "comment": "go"}  # fmt: skip
    raw = json.dumps({"items": [entry]}).encode()
    [found] = events(SOURCE, raw)
    assert (found.name, found.subject, found.at) == ("batch-mail", "mailer", NS)
    assert {k: found.attributes[k] for k in ("who", "state", "environment")} == {"who": "nora@x.example", "state": "off->on", "environment": "production"}  # fmt: skip
    assert SOURCE.sniff(raw) > 0.9


def test_an_event_of_unleash() -> None:
    entry = {"id": 3, "type": "feature-environment-disabled", "createdBy": "sam", "createdAt": "2026-03-02T09:00:00.000Z", "data": None, "featureName": "batch-mail", "project": "default", "environment": "production"}  # fmt: skip
    raw = json.dumps({"version": 1, "events": [entry]}).encode()
    [found] = events(SOURCE, raw)
    assert (found.name, found.subject, found.at, found.attributes["state"]) == ("batch-mail", "", NS, "on->off")
    assert SOURCE.sniff(raw) > 0.9


def test_a_flag_without_a_time_is_kept_undated() -> None:
    raw = json.dumps([{"flag": "x", "change": "off->on", "timestamp": "soon"}]).encode()
    assert events(SOURCE, raw)[0].at is None
    assert [p.code for p in problems(SOURCE, raw)] == ["time"]


def test_logs_and_the_configuration_of_flags_are_left_to_others() -> None:
    for raw in (
        b'{"time":"2026-01-01T00:00:00Z","level":"info","msg":"evaluated","flag":"x","value":true}\n',
        b'{"timestamp":"2026-01-01T00:00:00Z","service":"a","message":"flag x is on","flag":"x","state":"on"}\n',
        b'{"flags":{"x":{"enabled":true,"variants":[]}}}',
        b'[{"flag":"x","enabled":true}]',
    ):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_flags_of_whole_incidents() -> None:
    for path in sorted(shared("rca", "rootcausebench").glob("*/evidence/context/flags.json")):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw) > 0.8
        assert all(
            e.at and e.subject and e.attributes["state"] == "off->on" and e.attributes["who"]
            for e in events(SOURCE, raw)
        )


def test_our_own_recordings() -> None:
    for path in recordings("*/evidence/changes/flags.json"):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw) > 0.8
        assert [e.attributes["state"] for e in check(SOURCE, raw)] == ["off->on", "on->off"]  # type: ignore[union-attr]
