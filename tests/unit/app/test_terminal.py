"""Nothing that steers a terminal gets through."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.app.terminal import clean, one_line

_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def steers(text: str) -> list[str]:
    """The characters of a text that a terminal would obey."""
    return [c for c in text if (unicodedata.category(c) == "Cc" and c not in "\n\t") or c in _BIDI]


@given(st.text())
def test_clean_text_steers_nothing_and_is_stable(text: str) -> None:
    assert steers(clean(text)) == []
    assert clean(clean(text)) == clean(text)
    assert "\n" not in one_line(text)
    clean(text).encode()


def test_every_character_alone() -> None:
    for code in (*range(0x20), *range(0x7F, 0xA0), *map(ord, _BIDI), 0xE0041, 0x200B):
        shown = clean(f"a{chr(code)}b")
        assert shown == f"a{chr(code)}b" if code in (9, 10) else chr(code) not in shown


@pytest.mark.parametrize("text", ["plain", "Umlaute äöü", "日本", "👩‍💻", "a\tb\nc", "–“”"])
def test_harmless_text_stays(text: str) -> None:
    assert clean(text) == text


def test_what_is_taken_out_is_shown() -> None:
    assert clean("\x1b[31m\u202e\U000e0041") == r"\x1b[31m\u202e\U000e0041"


def test_the_check_itself_finds_what_is_not_cleaned() -> None:
    assert steers("\x1b[31mred") == ["\x1b"]
    assert steers("a\u202eb") == ["\u202e"]
