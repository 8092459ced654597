"""Addresses are put together so that nothing in a value becomes a part of the address."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from afterword.asking import question
from afterword.ports import Ask


@given(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_value_stays_a_value(part: str, value: str) -> None:
    url = question.url("https://host.test/base/", "api", part, q=value)
    split = urlsplit(url)
    assert split.netloc == "host.test"
    assert split.path.count("/") == 3
    assert (
        dict(parse_qsl(split.query, encoding="utf-8", errors="surrogatepass")) == {"q": value} or max(value) >= "\ud800"
    )


def test_nothing_leaves_a_parameter_out_and_lists_repeat_it() -> None:
    assert question.url("http://h", "a", x=None, y="", z=["1", "2"], w=True, v=0) == "http://h/a?z=1&z=2&w=true&v=0"
    assert question.url("http://h", "a", **{"include[]": ("b",)}) == "http://h/a?include%5B%5D=b"


def test_a_key_makes_a_header_where_there_is_one() -> None:
    ask = Ask("", 0, 1, {}, {"api_key": "k"})
    assert question.key(ask, "api_key", "Token token=") == {"authorization": "Token token=k"}
    assert question.key(ask, "other") == {}


def test_a_body_is_the_same_bytes_each_time() -> None:
    assert question.body({"b": 1, "a": "ü"}) == '{"a":"ü","b":1}'.encode()
