"""The codec: what goes out comes back; what is wrong is said at once."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from filled import CITE, action, postmortem
from hypothesis import given
from hypothesis import strategies as st

from afterword.app import annotation, table, wire
from afterword.model.action import ActionItem, ActionState
from afterword.model.claim import Claim
from afterword.model.document import Bullets, Document, Note, Paragraph, Picture, Said, Section, Table, Words
from afterword.model.evidence import Citation, Place
from afterword.model.postmortem import Postmortem
from afterword.model.refusal import InvalidError, UnreadableError
from afterword.model.time import Instant

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_postmortem_comes_back_as_it_went() -> None:
    word = postmortem()
    assert wire.loads(Postmortem, wire.dumps(word)) == word
    assert wire.decode(Postmortem, wire.encode(word)) == word
    assert wire.dumps(word) == wire.dumps(wire.loads(Postmortem, wire.dumps(word)))


@given(TEXT, st.booleans())
def test_every_block_of_a_document_comes_back(text: str, strong: bool) -> None:
    inlines = (Words(text, strong), Said("c", text, strong))
    blocks = (
        Paragraph(inlines), Bullets((inlines,), ordered=strong, depths=(1,)), Table((text,), ((inlines,),)),
        Picture("p", "<svg/>", text), Note(text, "maria"),
    )  # fmt: skip
    claim = Claim("c", "count", {"a": [1, text]}, {"x": 1.5}, text, (CITE,))
    word = Document("inc", text, (Section("s", text, blocks),), (claim,))
    assert wire.loads(Document, wire.dumps(word)) == word


@given(st.builds(Place, *[st.integers(0, 2**60)] * 4, TEXT, st.booleans()))
def test_any_place_comes_back(place: Place) -> None:
    assert wire.loads(Place, wire.dumps(place)) == place


def test_all_reasons_are_told_at_once() -> None:
    with pytest.raises(InvalidError) as refused:
        wire.decode(ActionItem, {**wire.encode(action()), "id": 5, "state": "done", "answers": "c1"})
    assert len(refused.value.reasons) == 3
    with pytest.raises(InvalidError):
        wire.loads(ActionItem, b"{")
    with pytest.raises((InvalidError, UnreadableError)):
        wire.loads(ActionItem, b"\xff\xfe")


@pytest.mark.parametrize(
    ("type_", "value"), [(bool, "false"), (int, "5"), (int, 5.5), (str, 5), (bool, 1), (float, "1")]
)
def test_json_is_read_strictly(type_: Any, value: Any) -> None:
    with pytest.raises(InvalidError):
        wire.decode(type_, value)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (bool, "false", False), (bool, "False", False), (bool, "yes", True), (bool | None, "no", False), (int, "5", 5),
        (int | None, "5", 5), (float, "1e-3", 0.001), (str, "5", "5"), (str, "false", "false"),
        (ActionState, "in progress", ActionState.IN_PROGRESS),
    ],
)  # fmt: skip
def test_text_is_read_as_people_mean_it(type_: Any, text: str, value: Any) -> None:
    found = wire.decode_text(type_, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("type_", "text"), [(bool, "0"), (bool, ""), (bool, "falsch"), (int, "5.5"), (int, "x"), (ActionState, "done")]
)
def test_text_that_means_nothing_is_refused(type_: Any, text: str) -> None:
    with pytest.raises(InvalidError):
        wire.decode_text(type_, text)


def test_faces_see_citations_as_text_and_times_as_times() -> None:
    shown = wire.public(postmortem())
    assert shown["moments"][0]["cites"] == ["E1:2"]
    assert shown["moments"][0]["at"] == "2026-03-14T09:12:00Z"
    assert shown["moments"][0]["zone"] == "+00:00"
    assert shown["moments"][1]["at"] == "2026-03-14T09:13:00"
    assert shown["moments"][1]["zone"] is None
    assert shown["points"][0]["earliest"] == "2026-03-14T09:11:00Z"
    assert shown["window"] == {"start": "2026-03-14T09:12:00Z", "end": "2026-03-14T09:32:00Z"}
    assert wire.public(Place(4, 20)) == {"start": 4, "end": 20, "first": 1, "last": 1, "part": "", "inline": False}


@dataclasses.dataclass(frozen=True)
class Stamped:
    at: Instant | None


def test_an_instant_brings_its_zone() -> None:
    assert wire.public(Stamped(Instant(0, 120))) == {"at": "1970-01-01T00:00:00Z", "zone": "+02:00"}
    assert wire.public(Stamped(Instant(0, None))) == {"at": "1970-01-01T00:00:00", "zone": None}
    assert wire.public(Stamped(None)) == {"at": None}


def test_values_that_json_has_no_word_for() -> None:
    assert wire.public([float("nan"), float("inf"), np.float64(1.5), np.int64(2), Path("a/b"), {"b", "a"}]) == [
        None, None, 1.5, 2, "a/b", ["a", "b"],
    ]  # fmt: skip
    assert wire.plain({"a": (1, 2), 3: None}) == {"a": [1, 2], "3": None}
    with pytest.raises(TypeError, match="no word"):
        wire.encode(object())


def test_the_schema_of_an_answer_is_kept_by_the_answer() -> None:
    import jsonschema

    definitions: dict[str, Any] = {}
    schema = wire.public_schema(tuple[Postmortem, ...], definitions)
    whole = {**schema, "components": {"schemas": definitions}}
    jsonschema.validate(wire.public((postmortem(),)), whole)
    broken = wire.public((postmortem(),))
    broken[0]["moments"][0]["at"] = 5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, whole)


def words_of(type_: Any, seen: dict[str, type]) -> None:
    for part in get_args(type_):
        words_of(part, seen)
    if dataclasses.is_dataclass(type_) and isinstance(type_, type):
        if type_.__name__ in seen:
            assert seen[type_.__name__] is type_
            return
        seen[type_.__name__] = type_
        for one in annotation.fields_of(type_).values():
            words_of(one, seen)


def test_every_answer_of_the_table_has_a_schema_and_no_two_words_share_a_name() -> None:
    seen: dict[str, type] = {}
    for operation in table.OPERATIONS:
        definitions: dict[str, Any] = {}
        assert wire.public_schema(table.returns(operation), definitions), operation.name
        json.dumps(definitions)
        words_of(table.returns(operation), seen)
    assert seen["Citation"] is Citation


def test_what_cannot_be_described_stands_for_any_json() -> None:
    assert wire.schema(ActionState)["enum"][0] == "proposed"
    assert wire.public_schema(object, {}) == {}
