"""Patterns from outside: what RE2 has, and nothing that could take for ever."""

from __future__ import annotations

import time

import pytest

from afterword.core.pattern import compiled, escaped
from afterword.core.promql.node import Matcher, UnsupportedError

SLOW = [
    "(a+)+$",
    "(a|aa)+$",
    "(.*a){20}$",
    r"(\w+\s?)*$",
    "([a-zA-Z]+)*$",
    "(a|a)*$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
]


@pytest.mark.parametrize("pattern", SLOW)
def test_patterns_that_take_for_ever_elsewhere(pattern: str) -> None:
    """Eight famous ones. In the engine of the standard library each takes more than a second on forty characters."""
    text = ("a" * 5_000 + "!") if "x" not in pattern else "x" * 5_000
    begun = time.process_time()
    compiled(pattern).search(text)
    Matcher("component", "=~", pattern).holds(text)
    assert time.process_time() - begun < 0.2


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "[z-a]", "a{1001}", "(((", "a" * 2000, "(a{1000}){1000}"])
def test_what_re2_does_not_have_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        compiled(pattern)
    with pytest.raises(UnsupportedError, match="pattern"):
        Matcher("component", "=~", pattern).holds("a")


@pytest.mark.parametrize(
    ("pattern", "value", "holds"),
    [("api|web", "web", True), ("api|web", "web2", False), ("web-[0-9]+", "web-12", True), (".*", "a\nb", True), ("", "", True), ("a.c", "abc", True)],
)  # fmt: skip
def test_matchers_mean_what_they_mean_in_prometheus(pattern: str, value: str, holds: bool) -> None:
    """The whole value, and a dot is any character."""
    assert Matcher("component", "=~", pattern).holds(value) is holds
    assert Matcher("component", "!~", pattern).holds(value) is not holds


def test_escaped_text_matches_itself() -> None:
    text = "a.b*c[d](e)\\f ä"
    assert compiled(f"^{escaped(text)}$").search(text)
    assert not compiled(f"^{escaped('a.b')}$").search("axb")
