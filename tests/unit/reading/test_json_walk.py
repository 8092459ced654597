"""Elements deep inside JSON, with their places."""

from __future__ import annotations

import io
import json

from hypothesis import given
from hypothesis import strategies as st

from afterword.reading import json_value, json_walk
from afterword.reading.json_value import Node

LEVELS = (frozenset({"a", "x"}), frozenset({"b"}), frozenset({"c"}))
VALUES = st.recursive(st.none() | st.integers(0, 9) | st.text(max_size=3), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c", "x", "é"]), s, max_size=4), max_leaves=20)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "x", "é"]), VALUES), st.sampled_from([None, 1]), st.booleans())
def test_each_element_stands_where_its_place_says(
    value: dict[str, object], indent: int | None, ascii_only: bool
) -> None:
    raw = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    for node in json_value.values(io.BytesIO(raw)):
        assert isinstance(node, Node)
        found = list(json_walk.elements(node, LEVELS))
        assert len(found) == json_walk.count(node.value, LEVELS)
        assert [one.value for _, one in found] == [one for _, one in json_walk.plain(node.value, LEVELS)]
        for trail, one in found:
            place = one.place()
            assert json.loads(raw[place.start : place.end]) == one.value
            assert len(trail) == 3
