"""JSON: the whole document for other tools, readable by any of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from paper import HOSTILE, document

from afterword.exporters.json import EXPORTER, render
from afterword.model.claim import Claim
from afterword.model.incident import By


def test_blocks_say_what_they_are_and_citations_are_text() -> None:
    found = json.loads(EXPORTER.render(document("said", note="theirs")).body)
    blocks = found["sections"][0]["blocks"]
    assert [block["is"] for block in blocks] == [
        "paragraph",
        "paragraph",
        "bullets",
        "table",
        "paragraph",
        "picture",
        "note",
    ]
    assert blocks[0]["inlines"][0] == {"is": "claim", "claim": "c1", "text": "said", "strong": False, "code": False}
    assert found["claims"][1]["cites"] == ["E3:12-14"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back(text: str) -> None:
    found = json.loads(render(document(text)).body)
    assert found["claims"][0]["text"] == text


def test_values_that_json_has_no_word_for() -> None:
    claim = Claim("c1", "x", {"by": By.ESTIMATE, "n": (1, None)}, float("inf"), "t", ())
    found = json.loads(render(replace(document(), claims=(claim,))).body)
    assert found["claims"][0]["value"] == "inf"
    assert found["claims"][0]["args"] == {"by": "estimate", "n": [1, None]}


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render(document("x")) == render(document("x"))
