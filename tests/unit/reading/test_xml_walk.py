"""XML tag by tag."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.reading.strict_json import Malformed
from afterword.reading.xml_walk import Xml


def told(raw: bytes) -> list[tuple[bool, str]]:
    return [(step.opened, step.tag) for step in Xml(raw).steps()]


def test_tags_come_in_order_without_their_prefix_and_lead_to_their_bytes() -> None:
    raw = b'<?xml version="1.0"?>\n<x:a>\n <b c="1"/>\n</x:a>\n'
    xml = Xml(raw)
    steps = list(xml.steps())
    assert [(s.opened, s.tag) for s in steps] == [(True, "a"), (True, "b"), (False, "b"), (False, "a")]
    assert steps[1].attributes == {"c": "1"}
    whole, inner = xml.place(steps[0].at, steps[3].at), xml.place(steps[1].at, steps[2].at)
    assert raw[whole.start : whole.end] == b'<x:a>\n <b c="1"/>\n</x:a>'
    assert raw[inner.start : inner.end] == b'<b c="1"/>'
    assert (whole.first, whole.last, inner.first) == (2, 4, 3)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "xml-entity"),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><a/>', "xml-entity"),
        (b"<a><b></a>", "xml-syntax"),
        (b"<a>" * 100, "xml-deep"),
        ("<a/>".encode("utf-16"), "xml-encoding"),
        (b'<?xml version="1.0" encoding="shift_jis"?><a/>', "xml-encoding"),
    ],
)
def test_what_cannot_be_relied_on_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        told(raw)
    assert refused.value.code == code


def test_a_type_that_only_names_its_grammar_is_harmless() -> None:
    assert told(b'<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd"><a/>') == [(True, "a"), (False, "a")]


@given(st.binary(max_size=80))
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    with suppress(Malformed):
        assert all(step.at <= len(raw) for step in Xml(raw).steps())
