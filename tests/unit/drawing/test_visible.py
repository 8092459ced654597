"""Unseen characters are shown, and read back exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.drawing import visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("safe\u202egnp.exe", "safe⟨U+202E⟩gnp.exe"),
        ("\x1b[31mred\x00", "␛[31mred␀"),
        ("a\nb\r", "a⏎b␍"),
        ("del\x7f", "del␡"),
        ("pass\u200dword \u200b", "pass⟨U+200D⟩word ⟨U+200B⟩"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a mark ␛ and ⟨U+202E⟩", "a mark ⟨U+241B⟩ and ⟨U+27E8⟩U+202E⟩"),
        ("⟨angle⟩ שלום tab\t", "⟨angle⟩ שלום tab\t"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_what_a_reader_sees(text: str, seen: str) -> None:
    assert visible.shown(text) == seen
    assert visible.read(seen) == text


@given(st.text(alphabet=st.characters(), max_size=60))
def test_law_reading_back_is_exact(text: str) -> None:
    for lines in (True, False):
        assert visible.read(visible.shown(text, lines=lines)) == text


@given(st.text(max_size=40))
def test_law_every_text_can_be_written_to_a_file(text: str) -> None:
    made = visible.shown(text + "\ud83d\u2028\r")
    assert made.encode()
    assert made.splitlines() == [made]


def test_lines_stay_where_they_are_wanted() -> None:
    assert visible.shown("a\nb\x00", lines=True) == "a\nb␀"


def test_pictures_keep_marks_as_they_are() -> None:
    assert visible.marked(visible.marked("x\u202e␛ ⟨U+202E⟩")) == "x⟨U+202E⟩␛ ⟨U+202E⟩"


def test_a_number_beyond_the_last_character_stays() -> None:
    assert visible.read("⟨U+FFFFFF⟩") == "⟨U+FFFFFF⟩"
