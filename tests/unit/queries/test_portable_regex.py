"""Patterns that engines read alike are let through, all others are refused with the place and the reason."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from afterword.model.refusal import InvalidError
from afterword.queries.portable_regex import checked


@pytest.mark.parametrize(
    "pattern",
    [
        "timeout",
        r"^took \d+ ms",
        r"(GET|POST) /[a-z_]+/\d{1,5}",
        r"\d+\.\d+\.\d+\.\d+",
        r"[A-Za-z0-9_.-]+@[a-z.]+",
        "日本",
        r"\[error\]",
        "a{2,}b?",
    ],
)
def test_portable(pattern: str) -> None:
    assert checked(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "place", "why"),
    [
        ("a.b", 2, "line feeds"),
        ("end$", 4, "last line feed"),
        (r"a\sb", 2, r"\d, \w"),
        (r"\bword", 1, r"\d, \w"),
        ("[^a]", 1, "no negation"),
        ("(?i)a", 1, "plain groups"),
        ("(?=a)", 1, "plain groups"),
        (r"(a)\1", 4, r"\d, \w"),
        ("a*?", 2, "not in the portable subset"),
        ("a++", 2, "not in the portable subset"),
        ("(a+)+", 5, "exponential"),
        ("((a|b*)c){2,9}", 10, "exponential"),
        ("a{2000}", 2, "at most 1000"),
        ("a{3,2}", 2, "upwards"),
        ("*a", 1, "nothing to repeat"),
        ("a|*", 3, "nothing to repeat"),
        ("(a", 3, "not closed"),
        ("a)", 2, "not opened"),
        ("a^b", 2, "beginning"),
        ("[z-a]", 2, "bad character range"),
        ("a\nb", 2, "not in the portable subset"),
        ("[é]", 1, "ASCII"),
        ("", 1, "1 to 500"),
        ("a" * 501, 1, "1 to 500"),
    ],
)
def test_refused_with_place_and_reason(pattern: str, place: int, why: str) -> None:
    with pytest.raises(InvalidError, match=f"at character {place}: .*{re.escape(why)}"):
        checked(pattern)


PIECES = (
    "a",
    "b",
    "é",
    "_",
    "-",
    "]",
    "}",
    r"\d",
    r"\w",
    r"\.",
    "[ab]",
    "(",
    ")",
    "|",
    "^",
    "*",
    "+",
    "?",
    "{2}",
    "{0,2}",
    "{1,}",
)


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join),
    st.lists(st.text("ab0é_-.]}\n\u2028\x0b\U0001f600", max_size=6), min_size=1, max_size=5),
)
def test_what_is_let_through_matches_alike(pattern: str, texts: list[str]) -> None:
    """RE2 as DuckDB has it, against Python's engine, which searches as Java does."""
    try:
        checked(pattern)
    except InvalidError:
        assume(False)
    found = duckdb.execute("SELECT list_transform(?, lambda t: regexp_matches(t, ?))", [texts, pattern]).fetchone()
    assert found == ([bool(re.search(pattern, text, re.ASCII)) for text in texts],)


def test_the_law_finds_what_engines_read_differently() -> None:
    """A control: a blank is no blank to both."""
    found = duckdb.execute(r"SELECT regexp_matches(chr(11), '\s')").fetchone()
    assert found != (bool(re.search(r"\s", "\x0b", re.ASCII)),)
