"""Logs as tables."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_checks import check, cut_everywhere, events, everything, ns

from afterword.model.event import Event
from afterword.model.evidence import Problem
from afterword.sources import logs_csv

NEZHA = Path(__file__).resolve().parents[4] / "shared" / "data" / "rca" / "nezha-trainticket" / "dev.tar.xz"
AT = "2024-05-01T10:20:30"
HEAD = "timestamp,service,level,message,trace_id\n"


def test_a_table():
    """Time, component, level and message under their usual names; the rest are attributes; the header is no event."""
    raw = HEAD + f'{AT}.5Z,cart,ERROR,"no stock, again",0af7651916cd43dd\n'
    assert logs_csv.sniff(raw.encode()) >= 0.7
    (event,) = events(logs_csv, raw)
    assert (event.at, event.severity, event.subject, event.text) == (ns(AT + ".5"), "error", "cart", "no stock, again")
    assert event.attributes == {"trace": "0af7651916cd43dd"}
    assert raw[event.place.start : event.place.end].startswith(AT)


@pytest.mark.parametrize(
    "raw",
    [
        "Date;Service;Message\n{at}Z;cart;no stock\n",
        "time\tpod\tlog\n1714558830\tcart\tno stock\n",
        "ts,msg,app\n1714558830000,no stock,cart\n",
        "TimeUnixNano,Container,Log\n1714558830000000000,cart,no stock\n",
        "date,time,component,message\n2024-05-01,10:20:30,cart,no stock\n",
        "\ufeffTimestamp,Component,Message\r\n{at}Z,cart,no stock\r\n",
    ],
)
def test_other_names_and_delimiters(raw: str):
    raw = raw.format(at=AT)
    assert logs_csv.sniff(raw.encode()) >= 0.5
    (event,) = events(logs_csv, raw)
    assert (event.at, event.subject, event.text) == (ns(AT), "cart", "no stock")


def test_a_message_that_is_a_log_line_itself():
    """Level, logger and trace come out of the cell; the time stays that of the table."""
    raw = 'time,pod,log\n{0}Z,cart-1,"{{""log"":""10:20:29.1 ERROR c.s.Pay#7 TraceID: 0af7651916cd43dd SpanID: b7ad6b7169203331 no stock\\n"",""stream"":""stdout"",""time"":""{0}Z""}}"\n'
    (event,) = events(logs_csv, raw.format(AT))
    assert (event.at, event.severity, event.subject) == (ns(AT), "error", "cart-1")
    assert event.attributes["trace"] == "0af7651916cd43dd"
    assert event.text.endswith("no stock")


def test_a_message_of_several_lines():
    raw = HEAD + f'{AT}Z,cart,ERROR,"failed\n  at x\n  at y",\n{AT}Z,cart,INFO,next,\n'
    first, second = events(logs_csv, raw)
    assert first.text == "failed\n  at x\n  at y"
    assert (first.place.first, first.place.last, second.place.first) == (2, 4, 5)


def test_commas_that_nobody_escaped():
    """More fields than the header has are the rest of the message, and a remark says so."""
    raw = "time,service,message\n" + f"{AT}Z,cart,no stock, for a, or b\n{AT}Z,cart,fine\n"
    found = everything(logs_csv, raw)
    assert [one.text for one in found if isinstance(one, Event)] == ["no stock, for a, or b", "fine"]
    assert [(one.code, one.quarantined) for one in found if isinstance(one, Problem)] == [("table-fields", False)]


def test_a_comma_in_a_message_that_is_not_the_last_column():
    raw = "time,message,service\n" + f"{AT}Z,no stock, for a,cart\n{AT}Z,fine,cart\n"
    assert [(one.text, one.subject) for one in events(logs_csv, raw)] == [("no stock, for a", "cart"), ("fine", "cart")]


def test_a_quote_that_nobody_closed_costs_its_own_line_only():
    """Negative control: a quote that is closed two lines below joins the three."""
    rows = "".join(f"{AT}Z,cart,INFO,row {i},\n" for i in range(3000))
    found = events(logs_csv, HEAD + f'{AT}Z,cart,INFO,"open,\n' + rows)
    assert len(found) >= 3000
    assert len(events(logs_csv, HEAD + f'{AT}Z,cart,INFO,"a\nb\nc",\n' + rows)) == 3001


def test_too_few_fields_are_set_aside():
    (aside,) = [
        one for one in everything(logs_csv, HEAD + f"{AT}Z,cart,INFO,x,\n{AT}Z,cart\n") if isinstance(one, Problem)
    ]
    assert (aside.code, aside.quarantined) == ("table-fields", True)


def test_a_row_without_a_time():
    found = everything(logs_csv, HEAD + ",cart,INFO,x,\n")
    assert next(one for one in found if isinstance(one, Event)).at is None
    assert [one.code for one in found if isinstance(one, Problem)] == ["time"]


@pytest.mark.parametrize(
    "raw",
    [
        "time,cart_cpu,cart_mem\n1714558830,1,2\n",
        "time,component,indicator,value\n1714558830,cart,cpu,2\n",
        "time,message\n1714558830,7\n1714558831,8\n",
        "caller,callee\na,b\n",
        f"{AT} INFO cart: a, b\n" * 3,
        "",
    ],
)
def test_other_tables_are_left_to_others(raw: str):
    assert logs_csv.sniff(raw.encode()) <= 0.3


def test_cut_anywhere():
    cut_everywhere(logs_csv, (HEAD + f'{AT}Z,cart,ERROR,"a\nb, ""c""",\n{AT}Z,cart,INFO,d,\n').encode())


@given(st.binary(max_size=200))
def test_garbage(raw: bytes):
    check(logs_csv, raw)
    check(logs_csv, (HEAD + f"{AT}Z,cart,INFO,").encode() + raw)


@pytest.mark.shared
def test_a_true_table_with_a_torn_row():
    """One row of the recording was written over by another: it is kept with a remark, and all others are whole."""
    if not NEZHA.is_file():
        pytest.skip("the research data is not beside the project")
    with tarfile.open(NEZHA) as archive:
        member = next(one for one in archive if one.name.endswith("2023-01-29/log/10_06_log.csv"))
        raw = archive.extractfile(member).read()
    found = everything(logs_csv, raw)
    kept = [one for one in found if isinstance(one, Event)]
    assert len(kept) == raw.count(b"\n") - 1
    assert all(one.at is not None and one.subject.startswith("ts-") for one in kept)
    assert [one.code for one in found if isinstance(one, Problem)] == ["table-fields"]
