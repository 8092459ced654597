"""Answers that hold nothing, and those that do."""

from __future__ import annotations

import pytest

from afterword.reading.hollow import is_hollow


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b" [ ]\n",
        b'{"items": []}',
        b'{"status": "success", "data": {"groups": []}}',
        b'{"a": {"b": []}, "n": 0, "c": []}',
    ],
)
def test_nothing_is_in_these(raw: bytes) -> None:
    assert is_hollow(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"1",
        b"[1]",
        b'{"items": [{}]}',
        b'{"a": [], "b": [1]}',
        b"[",
        b"\xff[]",
        b"[]" + b" " * 5000,
        b'{"error": "no"}',
        b"[" * 900,
    ],
)
def test_something_is_in_these_or_they_are_no_answers(raw: bytes) -> None:
    assert not is_hollow(raw)
