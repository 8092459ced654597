"""Names of metrics, and selectors that ask for several together."""

from __future__ import annotations

import pytest

from afterword.asking import selector


@pytest.mark.parametrize("found", [None, 1, {}, {"data": 1}, {"data": {"a": 1}}, {"data": [1, None, ""]}])
def test_of_garbage_no_names(found: object) -> None:
    assert selector.names(found) == []


def test_selectors() -> None:
    assert selector.names({"data": ["b", "a", "b", 1]}) == ["a", "b"]
    assert selector.of(["a.b", "c"]) == '{__name__=~"a\\\\.b|c"}'
    assert selector.of(["a"], '{job="x",}') == '{__name__=~"a",job="x"}'
    assert selector.of(["a"], "{}") == '{__name__=~"a"}'
