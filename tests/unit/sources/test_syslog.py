"""Syslog in the forms that files and collectors keep."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_checks import check, cut_everywhere, events, everything, ns

from afterword.model.evidence import Problem
from afterword.sources import syslog

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data"
AT = "2024-05-01T10:20:30"

LINES = [
    ("rfc 5424", '<11>1 2024-05-01T10:20:30.123456+00:00 web-1 cart 7 ID47 [ex@1 order="7" trace_id="0af7651916cd43dd"] \ufeffno stock', AT + ".123456", "error", "cart", "no stock", {"order": "7", "trace": "0af7651916cd43dd", "message_id": "ID47"}),
    ("rfc 5424, escapes", r'<14>1 2024-05-01T10:20:30Z web-1 cart - - [a b="x\"]y"][c d="e"] m', AT, "info", "cart", "m", {"b": 'x"]y', "d": "e"}),
    ("rfc 5424, nothing known", "<14>1 2024-05-01T10:20:30Z - - - - - m", AT, "info", "", "m", {}),
    ("rfc 5424, no message", "<14>1 2024-05-01T10:20:30Z web-1 cart - - -", AT, "info", "cart", "", {}),
    ("rfc 5424, counted", "58 <14>1 2024-05-01T10:20:30Z web-1 cart - - - m", AT, "info", "cart", "m", {}),
    ("rfc 3164", "<34>May  1 10:20:30 web-1 cart[7]: no stock", AT, "fatal", "cart", "no stock", {"host": "web-1"}),
    ("rfc 3164, no priority", "May  1 10:20:30 web-1 cart[7]: ERROR no stock", AT, "error", "cart", "ERROR no stock", {"host": "web-1"}),
    ("rfc 3164, with a path", "May  1 10:20:30 web-1 /usr/sbin/cron[7]: job", AT, "", "cron", "job", {}),
    ("rfc 3164, two words", "May  1 10:20:30 mac Setup Assistant[7]: go", AT, "", "Setup Assistant", "go", {}),
    ("rfc 3164, pam", "May  1 10:20:30 web-1 sshd(pam_unix)[7]: check pass", AT, "", "sshd(pam_unix)", "check pass", {}),
    ("rfc 3164, kernel", "May  1 10:20:30 web-1 kernel: [12.5] eth0 down", AT, "", "kernel", "[12.5] eth0 down", {}),
    ("rfc 3164, no tag", "May  1 10:20:30 web-1 something happened", AT, "", "", "something happened", {}),
    ("facility and level by name", "May  1 10:20:30 gw daemon.err dnsmasq[7]: no lease", AT, "error", "dnsmasq", "no lease", {}),
    ("iso time", "2024-05-01T12:20:30.5+02:00 web-1 cart[7]: no stock", AT + ".5", "", "cart", "no stock", {"host": "web-1"}),
    ("journalctl, full", "Wed 2024-05-01 10:20:30 UTC web-1 cart[7]: no stock", AT, "", "cart", "no stock", {"host": "web-1"}),
    ("journalctl, unix", "1714558830.500000 web-1 cart[7]: no stock", AT + ".5", "", "cart", "no stock", {}),
    ("cisco", "<189>99: *May  1 2024 10:20:30.123: %LINK-3-UPDOWN: Interface down", AT + ".123", "error", "LINK", "Interface down", {"code": "UPDOWN"}),
    ("haproxy", "May  1 10:20:30 lb haproxy[7]: 192.0.2.7:80 [01/May/2024:10:20:30.123] web app/s1 0/0/1/2/3 504 0 - - sH-- 1/1/0/0/0 0/0", AT, "error", "haproxy", None, {"status": "504", "backend": "app/s1"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "at", "severity", "component", "text", "some"), [row[1:] for row in LINES], ids=[row[0] for row in LINES]
)
def test_lines(line: str, at: str, severity: str, component: str, text: str | None, some: dict[str, str]):
    (event,) = events(syslog, line + "\n", year=2024)
    assert (event.at, event.severity, event.subject) == (ns(at), severity, component)
    assert text is None or event.text == text
    assert some.items() <= event.attributes.items()
    assert syslog.sniff((line + "\n").encode() * 5) >= 0.8


def test_a_date_without_a_year():
    """It needs the year of the reading; without one the event is undated, and the remark says so."""
    event, remark = everything(syslog, "May  1 10:20:30 web-1 cart[7]: x\n")
    assert event.at is None
    assert isinstance(remark, Problem)
    assert "no year stated" in remark.message
    (dated,) = events(syslog, "May  1 10:20:30 web-1 cart[7]: x\n", year=2023, zone="Europe/Berlin")
    assert (dated.at, dated.offset) == (ns("2023-05-01T08:20:30"), 120)


def test_the_29th_of_february_needs_a_leap_year():
    assert events(syslog, "Feb 29 10:20:30 web-1 cart[7]: x\n", year=2023)[0].at is None
    assert events(syslog, "Feb 29 10:20:30 web-1 cart[7]: x\n", year=2024)[0].at == ns("2024-02-29T10:20:30")


@pytest.mark.parametrize(
    "head", [b"", b"2024-05-01 10:20:30 ERROR cart: x\n", b"2024-05-01T10:20:30Z INFO cart: x\n", b"words\n", b"{}\n"]
)
def test_other_logs_are_left_to_others(head: bytes):
    assert syslog.sniff(head * 5) == 0.0


def test_cut_anywhere():
    cut_everywhere(syslog, "\n".join(row[1] for row in LINES[:6]).encode())


@given(st.binary(max_size=200))
def test_garbage(raw: bytes):
    check(syslog, raw)
    check(syslog, b"<34>May  1 10:20:30 web-1 cart[7]: " + raw)


@pytest.mark.shared
def test_what_a_true_server_wrote():
    file = SAMPLES / "formats" / "syslog5424_from_rsyslog.log"
    if not file.is_file():
        pytest.skip("the research data is not beside the project")
    raw = file.read_bytes()
    assert syslog.sniff(raw) > 0.8
    assert [(one.subject, one.severity, one.at is not None) for one in events(syslog, raw)] == [
        ("checkout", "notice", True),
        ("nginx", "notice", True),
    ]
