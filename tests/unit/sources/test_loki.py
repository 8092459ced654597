"""Answers of Loki: labels around the lines, and whatever the lines themselves are written in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_checks import check, cut_everywhere, events, everything

from afterword.model.evidence import Problem
from afterword.sources import loki

AT = 1714558830000000001


def answer(values: list, **labels: str) -> str:
    return json.dumps(
        {
            "status": "success",
            "data": {"resultType": "streams", "result": [{"stream": labels, "values": values}], "stats": {"bytes": 1}},
        }
    )


@pytest.mark.parametrize(
    ("line", "severity", "text"),
    [
        ('level=error msg="no stock" took=3ms', "error", "no stock"),
        ('{"level":"warn","msg":"low"}', "warn", "low"),
        ("2024-05-01 10:20:30,123 ERROR shop.cart: no stock", "error", "no stock"),
        ("no stock left", "info", "no stock left"),
    ],
)
def test_what_a_line_is_written_in(line: str, severity: str, text: str):
    """The line's own level counts; the stream's only where the line names none. The time is Loki's, to the nanosecond."""
    raw = answer([[str(AT), line]], app="cart", level="info", pod="cart-1")
    assert loki.sniff(raw.encode()) > 0.9
    (event,) = events(loki, raw)
    assert (event.at, event.severity, event.subject, event.text) == (AT, severity, "cart", text)
    assert json.loads(raw[event.place.start : event.place.end]) == [str(AT), line]


def test_structured_metadata():
    (event,) = events(
        loki,
        answer(
            [[str(AT), "x", {"trace_id": "0af7651916cd43dd", "detected_level": "error", "order": "7"}]],
            service_name="cart",
        ),
    )
    assert event.severity == "error"
    assert event.attributes == {"trace": "0af7651916cd43dd", "order": "7"}


def test_the_form_that_is_pushed():
    raw = json.dumps({"streams": [{"stream": {"job": "cart"}, "values": [[str(AT), "a"], [str(AT + 1), "b"]]}]})
    assert [one.text for one in events(loki, raw)] == ["a", "b"]


def test_several_answers_one_a_line():
    raw = answer([[str(AT), "a"]], app="cart") + "\n" + answer([[str(AT), "b"]], app="pay") + "\n"
    assert [(one.subject, one.text) for one in events(loki, raw)] == [("cart", "a"), ("pay", "b")]


def test_what_is_no_pair_is_set_aside():
    found = everything(loki, answer([["x"], [str(AT), "good"], [1, 2], None], app="cart"))
    assert [one.code for one in found if isinstance(one, Problem)] == ["loki-shape"] * 3


def test_matrices_are_left_to_others():
    raw = json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "2"]]}]}}
    )
    assert loki.sniff(raw.encode()) == 0.0


def test_cut_anywhere():
    cut_everywhere(loki, answer([[str(AT), "a", {"t": "u"}], [str(AT), "é"]], app="cart").encode())


@given(st.binary(max_size=200))
def test_garbage(raw: bytes):
    check(loki, raw)
    check(loki, b'{"data":{"resultType":"streams","result":' + raw)
