"""The systemd journal as JSON: all values strings, bytes as numbers, microseconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_checks import check, cut_everywhere, events, everything

from afterword.model.evidence import Problem
from afterword.sources import journald

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats" / "journald.json"


def entry(**fields: object) -> str:
    known = {
        "__REALTIME_TIMESTAMP": "1714558830123456",
        "_HOSTNAME": "web-1",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "cart",
        "MESSAGE": "ready",
    }
    return json.dumps({key: value for key, value in {**known, **fields}.items() if value is not None}) + "\n"


def test_an_entry():
    """Microseconds as text, the priority of syslog, the identifier as component, host and unit beside it."""
    raw = entry(PRIORITY="3", _SYSTEMD_UNIT="cart.service")
    assert journald.sniff(raw.encode()) > 0.9
    (event,) = events(journald, raw)
    assert (event.at, event.severity, event.subject, event.text) == (1714558830123456000, "error", "cart", "ready")
    assert event.attributes == {"host": "web-1", "unit": "cart.service"}


@pytest.mark.parametrize(
    ("priority", "severity"),
    [
        ("0", "fatal"),
        ("1", "error"),
        ("2", "fatal"),
        ("3", "error"),
        ("4", "warn"),
        ("5", "notice"),
        ("6", "info"),
        ("7", "debug"),
        (None, ""),
    ],
)
def test_priorities(priority: str | None, severity: str):
    assert events(journald, entry(PRIORITY=priority))[0].severity == severity


def test_a_message_in_bytes():
    """What is no text comes as an array of numbers; it is the same message."""
    assert events(journald, entry(MESSAGE=list("naïve".encode())))[0].text == "naïve"
    assert events(journald, entry(MESSAGE=[255, 254]))[0].text == "\ufffd\ufffd"
    assert events(journald, entry(MESSAGE=["a", "b"]))[0].text == "a\nb"
    assert events(journald, entry(MESSAGE=None))[0].text == ""


@pytest.mark.parametrize(
    ("fields", "component"),
    [
        ({"SYSLOG_IDENTIFIER": "java", "_SYSTEMD_UNIT": "pay.service"}, "pay"),
        ({"SYSLOG_IDENTIFIER": None, "_SYSTEMD_UNIT": "pay.service"}, "pay"),
        ({"SYSLOG_IDENTIFIER": "kernel"}, "kernel"),
        ({"SYSLOG_IDENTIFIER": "abc123", "CONTAINER_NAME": "pay"}, "pay"),
        ({"SYSLOG_IDENTIFIER": None, "_COMM": "sshd", "_SYSTEMD_UNIT": "session-1.scope"}, "sshd"),
    ],
)
def test_whose_entry_it_is(fields: dict, component: str):
    assert events(journald, entry(**fields))[0].subject == component


def test_the_level_inside_a_message_that_was_only_printed():
    """What a program prints has the priority of its output, info: the level in the line says more. A stated priority stays."""
    assert events(journald, entry(MESSAGE='{"level":"error","msg":"no stock"}'))[0].severity == "error"
    assert events(journald, entry(MESSAGE="level=error msg=x", PRIORITY="4"))[0].severity == "warn"


def test_an_array_of_entries():
    raw = "[" + entry() + "," + entry(MESSAGE="two") + "]"
    assert [one.text for one in events(journald, raw)] == ["ready", "two"]


def test_an_entry_without_a_time():
    event, remark = everything(journald, entry(__REALTIME_TIMESTAMP=None))
    assert event.at is None
    assert isinstance(remark, Problem)
    assert not remark.quarantined


def test_other_json_is_left_to_others():
    assert journald.sniff(b'{"message":"x","time":"2024-05-01T10:20:30Z"}\n') == 0.0


def test_cut_anywhere():
    cut_everywhere(journald, (entry() + entry(MESSAGE=[1, 2])).encode())


@given(st.binary(max_size=200))
def test_garbage(raw: bytes):
    check(journald, raw)
    check(journald, entry().encode() + raw)


@pytest.mark.shared
def test_a_true_journal():
    if not SAMPLES.is_file():
        pytest.skip("the research data is not beside the project")
    raw = SAMPLES.read_bytes()
    found = events(journald, raw)
    assert len(found) == raw.count(b"\n")
    assert all(one.at and one.subject and one.severity and one.text for one in found)
