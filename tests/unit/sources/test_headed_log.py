"""Logs whose comments name their columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_checks import check, cut_everywhere, events, everything, ns

from afterword.model.evidence import Problem, Skipped
from afterword.sources import headed_log

IIS = """\
#Software: Microsoft Internet Information Services 10.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip sc-status time-taken
2024-05-01 10:20:30 10.0.0.1 GET /pay - 443 192.0.2.7 503 9012
2024-05-01 10:20:31 10.0.0.1 GET /cart a=b 443 192.0.2.7 200 12
"""
ZEEK = "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tproto\n#types\ttime\tstring\taddr\tenum\n1714558830.123456\tC1\t192.0.2.7\ttcp\n#close\t2024\n"


def test_w3c():
    """Times are UTC by the format's own word; a status of the server's is an error."""
    first, second = events(headed_log, IIS)
    assert (first.at, first.offset, first.severity, first.text) == (
        ns("2024-05-01T10:20:30"),
        0,
        "error",
        "GET /pay 503",
    )
    assert (second.severity, second.attributes["cs-uri-query"], second.attributes["time_taken"]) == (
        "info",
        "a=b",
        "12",
    )
    assert headed_log.sniff(IIS.encode()) > 0.9


def test_zeek():
    (event,) = events(headed_log, ZEEK)
    assert (event.at, event.subject) == (ns("2024-05-01T10:20:30.123456"), "conn")
    assert event.attributes["uid"] == "C1"
    assert headed_log.sniff(ZEEK.encode()) > 0.9


def test_columns_may_change_within_a_file():
    raw = IIS + "#Fields: date time sc-status cs-uri-stem\n2024-05-01 10:20:32 500 /x\n"
    assert events(headed_log, raw)[-1].text == "/x 500"


def test_a_line_with_another_number_of_fields():
    found = everything(headed_log, IIS + "2024-05-01 10:20:32 10.0.0.1\n")
    assert [one.code for one in found if isinstance(one, Problem)] == ["table-fields"]
    assert sum(isinstance(one, Skipped) for one in found) == 2


@pytest.mark.parametrize(
    "head", [b"", b"# a comment\nwords\n", b"2024-05-01 10:20:30 x\n", b"# HELP a b\n# TYPE a counter\na 1\n"]
)
def test_other_files_are_left_to_others(head: bytes):
    assert headed_log.sniff(head) == 0.0


def test_cut_anywhere():
    cut_everywhere(headed_log, IIS.encode())
    cut_everywhere(headed_log, ZEEK.encode())


@given(st.binary(max_size=200))
def test_garbage(raw: bytes):
    check(headed_log, raw)
    check(headed_log, IIS.encode() + raw)
