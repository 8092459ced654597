"""JSON values with their places."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.model.evidence import Problem, Skipped
from afterword.reading import json_value
from afterword.reading.json_value import Node

JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8), lambda s: st.lists(s, max_size=4) | st.dictionaries(st.text(max_size=4), s, max_size=4), max_leaves=12)  # fmt: skip


def read(raw: bytes) -> list[Node | Problem | Skipped]:
    return list(json_value.values(io.BytesIO(raw)))


def nodes(raw: bytes) -> list[Node]:
    return [one for one in read(raw) if isinstance(one, Node)]


@given(
    st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=3), min_size=1, max_size=5),
    st.sampled_from([None, 1, 4]),
    st.booleans(),
)
def test_each_value_stands_where_its_place_says(
    values: list[dict[str, object]], indent: int | None, ascii_: bool
) -> None:
    """One document, written in any of the ways in which programs write JSON."""
    raw = json.dumps(values, indent=indent, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    try:
        raw.decode()
    except UnicodeDecodeError:
        return
    found = nodes(raw)
    assert [one.value for one in found] == values
    for one in found:
        place = one.place()
        assert json.loads(raw[place.start : place.end]) == one.value
        assert place.first == raw[: place.start].count(b"\n") + 1
        for name, inner in one.members():
            where = inner.place()
            assert json.loads(raw[where.start : where.end]) == one.value[name]


def test_one_value_a_line_has_the_line_as_its_place() -> None:
    raw = b'{"a": 1}\r\n\n{"a": 2}'
    places = [one.place() for one in read(raw) if isinstance(one, Node)]  # type: ignore[union-attr]
    assert [(p.start, p.end, p.first) for p in places] == [(0, 10, 1), (11, 19, 3)]
    assert not any(p.inline for p in places)


def test_a_bad_line_is_set_aside_and_reading_goes_on() -> None:
    """The disk was full for a moment: one line is cut in the middle."""
    found = read(b'{"a": 1}\n{"a": \n{"a": 3}\n')
    assert [one.value if isinstance(one, Node) else one.code for one in found] == [{"a": 1}, "json-truncated", {"a": 3}]  # type: ignore[union-attr]
    problem = found[1]
    assert isinstance(problem, Problem)
    assert (problem.place.start, problem.place.end, problem.place.first) == (9, 16, 2)


def test_a_first_line_that_is_bad_does_not_lose_the_others() -> None:
    assert [one.value for one in nodes(b'garbage\n{"a": 1}\n{"a": 2}\n')] == [{"a": 1}, {"a": 2}]


def test_several_pretty_documents_in_a_row() -> None:
    assert [one.value for one in nodes(b'{\n "a": 1\n}\n{\n "a": 2\n}\n')] == [{"a": 1}, {"a": 2}]


def test_a_document_that_is_cut_off_is_one_problem_over_all_its_bytes() -> None:
    [problem] = read(b'{\n "a": [1,\n')
    assert isinstance(problem, Problem)
    assert (problem.code, problem.place.end) == ("json-truncated", 12)


@given(st.binary(max_size=300))
def test_no_bytes_raise(raw: bytes) -> None:
    for one in read(raw):
        place = one.place() if isinstance(one, Node) else one.place
        assert 0 <= place.start <= place.end <= len(raw)
    json_value.samples(raw)


@pytest.mark.parametrize("cut", range(10, 75))
def test_a_sample_of_a_document_that_is_cut_off(cut: int) -> None:
    """A source sees the first 64 KiB only: what is whole in them can still be recognised."""
    raw = json.dumps(
        {"status": "success", "data": {"result": [{"metric": {"a": "b"}}, {"metric": {"a": "c"}}]}}
    ).encode()
    [sample] = json_value.samples(raw[:cut]) or ({},)
    assert sample == {} or sample["status"] == "success"
    if cut > 62:
        assert sample["data"]["result"][0] == {"metric": {"a": "b"}}
