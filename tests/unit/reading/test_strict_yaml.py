"""YAML as plain texts with their places; bombs are refused before they are built."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.reading import strict_yaml
from afterword.reading.strict_json import Malformed


def code(raw: bytes) -> str:
    try:
        list(strict_yaml.documents(raw))
    except Malformed as error:
        return error.code
    return ""


def test_values_are_the_texts_that_stand_there_and_know_where() -> None:
    raw = "\ufeff# ü\na:\n  b: [no, 010]\n  c: 'ö'\n---\nd: >-\n  one\n  two\n".encode()
    first, second = strict_yaml.documents(raw)
    inner = first.get("a", "b")
    assert inner is not None
    assert [one.value for one in inner.items()] == ["no", "010"]
    place = inner.place()
    assert raw[place.start : place.end] == b"[no, 010]"
    assert (place.first, place.last) == (3, 3)
    assert first.said("a", "c") == "ö"
    assert second.said("d") == "one two"
    assert second.said("x", "y") == ""


BOMB = "a0: &a0 [x,x,x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1},*a{i - 1}]\n" for i in range(1, 9))


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (BOMB.encode(), "yaml-alias"),
        (b"a: &a [*a]\n", "yaml-alias"),
        (b"!!python/object/apply:os.system ['id']\n", "yaml-tag"),
        (b"!!python/name:os.system\n", "yaml-tag"),
        (b"[" * 100 + b"]" * 100, "yaml-deep"),
        (b"[" * 20_000 + b"]" * 20_000, "yaml-syntax"),
        (b"sev: 1\nsev: 4\n", "yaml-repeated-key"),
        (b"a:\n\t- b\n", "yaml-syntax"),
        (b"a: [1\n", "yaml-syntax"),
        (b"\xff\xfe", "json-encoding"),
        (b"a: \0\n", "yaml-syntax"),
    ],
)
def test_what_is_refused_has_a_code(raw: bytes, says: str) -> None:
    assert code(raw) == says


def test_a_plain_document_is_not_refused() -> None:
    """The negative control of the test above."""
    assert code(b"a: [1, 2]\nb: {c: d}\n") == ""


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    code(raw)
