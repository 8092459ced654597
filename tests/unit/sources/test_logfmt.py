"""key=value logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_checks import check, cut_everywhere, events, everything, ns

from afterword.model.evidence import Problem
from afterword.sources import logfmt

AT = "2024-05-01T10:20:30"

LINES = [
    ("go-kit", f'ts={AT}.123Z caller=pay.go:7 level=error component=pay msg="card \\"7\\" declined" err="read: EOF"', AT + ".123", "error", "pay", 'card "7" declined', {"err": "read: EOF", "caller": "pay.go:7"}),
    ("logrus", 'time="2024-05-01T12:20:30+02:00" level=warning msg=slow took=9ms', AT, "warn", "", "slow", {"took": "9ms"}),
    ("slog", f"time={AT}.123+00:00 level=INFO msg=ready service=cart", AT + ".123", "info", "cart", "ready", {}),
    ("logger", f"t={AT}Z level=dbug logger=shop.pay msg=x", AT, "", "shop.pay", "x", {"logger": "shop.pay"}),
    ("no message", f"ts={AT}Z level=info at=info method=GET path=/pay status=503", AT, "info", "", "GET /pay 503", {"status": "503"}),
    ("trace", f"ts={AT}Z level=info msg=x trace_id=0af7651916cd43dd span_id=b7ad6b7169203331", AT, "info", "", "x", {"trace": "0af7651916cd43dd", "span": "b7ad6b7169203331"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "at", "severity", "component", "text", "some"), [row[1:] for row in LINES], ids=[row[0] for row in LINES]
)
def test_lines(line: str, at: str, severity: str, component: str, text: str, some: dict[str, str]):
    (event,) = events(logfmt, line + "\n")
    assert (event.at, event.severity, event.subject, event.text) == (ns(at), severity, component, text)
    assert some.items() <= event.attributes.items()
    assert logfmt.sniff((line + "\n").encode() * 5) >= 0.8


def test_without_a_time():
    event, remark = everything(logfmt, "level=error msg=x\n")
    assert (event.at, event.severity, event.text) == (None, "error", "x")
    assert isinstance(remark, Problem)
    assert not remark.quarantined


def test_a_line_among_them_that_is_none():
    """It is read as text, with the time at its head, or kept as it is."""
    found = events(logfmt, f"level=info msg=a\n{AT}Z ERROR cart: b\nplain words\n")
    assert [(one.severity, one.text) for one in found] == [("info", "a"), ("error", "b"), ("", "plain words")]


@pytest.mark.parametrize(
    "head",
    [b"", b"x=1\n", b"a=1 b=2\n", b"the level=high of water\n", b"May  1 10:20:30 web cart: level=error msg=x\n"],
)
def test_other_text_is_left_to_others(head: bytes):
    assert logfmt.sniff(head * 5) == 0.0


def test_cut_anywhere():
    cut_everywhere(logfmt, "\n".join(row[1] for row in LINES).encode())


@given(st.binary(max_size=200))
def test_garbage(raw: bytes):
    check(logfmt, raw)
    check(logfmt, b"level=info msg=" + raw)
