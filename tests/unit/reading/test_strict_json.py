"""Strict JSON: what would be read in two ways is not read at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.reading.strict_json import Exact, Malformed, loads

SUITE = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "bad-input" / "jsontestsuite" / "test_parsing"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', "json-repeated-key"),
        ('{"n": NaN}', "json-number"),
        ('{"n": 1e999}', "json-number"),
        ('{"n": ' + "9" * 10_000 + "}", "json-number"),
        ("[" * 100_000, "json-deep"),
        ("[" * 65 + "]" * 65, "json-deep"),
        ('{"a": ', "json-truncated"),
        ('{"a": "b', "json-truncated"),
        ("[1] x", "json-syntax"),
        ('{"a": "\x01"}', "json-syntax"),
    ],
)
def test_it_says_why_a_value_cannot_be_relied_on(text: str, code: str) -> None:
    with pytest.raises(Malformed) as raised:
        loads(text)
    assert raised.value.code == code


def test_brackets_in_text_are_not_depth() -> None:
    assert loads(json.dumps(["[" * 1000])) == ["[" * 1000]


def test_a_float_keeps_the_digits_that_a_double_has_not() -> None:
    found = loads("1714521600.123456789")
    assert isinstance(found, Exact)
    assert found.text == "1714521600.123456789"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.text(),
        lambda s: st.lists(s) | st.dictionaries(st.text(), s),
        max_leaves=20,
    )
)
def test_what_is_json_is_read_as_json(value: object) -> None:
    assert loads(json.dumps(value)) == value


@pytest.mark.shared
@pytest.mark.skipif(not SUITE.is_dir(), reason="the JSON test suite lies beside the project, and is not here")
def test_the_json_test_suite() -> None:
    """y_ must be read, n_ must not, i_ may do either but never raise anything else."""
    wrong = []
    for path in sorted(SUITE.glob("*.json")):
        try:
            loads(path.read_bytes().decode("utf-8"))
            read = True
        except (Malformed, UnicodeDecodeError):
            read = False
        # Repeated keys are JSON, but cannot be relied on.
        if (path.name[0] == "y" and not read and "duplicated_key" not in path.name) or (path.name[0] == "n" and read):
            wrong.append(path.name)
    assert wrong == []
