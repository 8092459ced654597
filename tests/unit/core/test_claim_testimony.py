"""A person's node, a person's answer, and the tree at the facts: the document says who, by role, and verify says it again."""

from __future__ import annotations

from dataclasses import replace

import pool
import pytest

from afterword.core import analyse, document
from afterword.core.cause import edit
from afterword.core.claim import Ground, UnfoundedError, execute, phrase
from afterword.model.answer import Answer, Says
from afterword.model.cause import Held, LinkKind, NodeKind
from afterword.model.document import Bullets, Document, Paragraph
from afterword.model.edit import Edit, EditKind
from afterword.model.evidence import Evidence
from afterword.model.incident import Incident, Options, Status

CASE = replace(pool.case(), evidence=(Evidence("ab" * 32, 900, "all.jsonl", "made", counted=4),))
MACHINE = analyse.analyse(CASE)
TOP = MACHINE.explanation.top
ADDED = Edit(
    "g1", EditKind.ADD, (TOP,), "kim", "2026-03-14T12:00:00Z", "", ("No test takes a connection twice",),
    node=NodeKind.DEFENCE, held=Held.ABSENT, link=LinkKind.ENABLES, role="owner",
)  # fmt: skip
NODE = edit.identity(ADDED, ADDED.statements[0])
ENDS = Answer("C42", NODE, Says.YES, "known and accepted until May", "service owner", "kim", "2026-03-14T12:01:00Z")


def ground(*edits: Edit, answers: tuple[Answer, ...] = ()) -> Ground:
    return Ground(
        CASE, analyse.all_series(CASE), edit.upon(MACHINE, edits), lambda cited: f"line {cited.place.first}",
        edits=edits, answers=answers,
    )  # fmt: skip


def written(on: Ground) -> Document:
    record = Incident("INC-1", "", Status.ANALYSED, ("ab" * 32,), Options())
    return document.compose(on, record, {})


def text(doc: Document, section: str) -> str:
    one = next(s for s in doc.sections if s.id == section)
    rows = [
        row for block in one.blocks if isinstance(block, (Bullets, Paragraph))
        for row in (block.items if isinstance(block, Bullets) else (block.inlines,))
    ]  # fmt: skip
    return "\n".join("".join(inline.text for inline in row) for row in rows)


def test_a_node_that_a_person_stated_says_so_by_their_role() -> None:
    doc = written(ground(ADDED))
    assert "No test takes a connection twice (stated by the owner)" in text(doc, "whys")
    assert "kim" not in "".join(text(doc, one.id) for one in doc.sections)


def test_the_machines_nodes_are_nobodys_testimony() -> None:
    """The negative control: without edits nothing is said to be stated."""
    assert "stated by" not in text(written(ground()), "whys")


def test_without_a_role_in_the_edit_the_role_of_their_last_answer_stands() -> None:
    without = replace(ADDED, role="")
    assert execute(ground(without, answers=(ENDS,)), "stated", {"id": NODE}) == ["stated", "service owner"]
    words = phrase("stated", {}, execute(ground(without), "stated", {"id": NODE}))
    assert words == "stated by a person whose role is not given"


def test_a_branch_that_a_person_ended_says_why_and_who_said_so() -> None:
    doc = written(ground(ADDED, answers=(ENDS,)))
    assert "it ends here: yes, says the service owner: known and accepted until May" in text(doc, "whys")
    assert "What people answered" in text(doc, "causes")


def test_a_withdrawn_edit_stated_nothing() -> None:
    gone = ground(replace(ADDED, withdrawn="kim: it was the other pool"))
    with pytest.raises(UnfoundedError):
        execute(gone, "stated", {"id": NODE})


@pytest.mark.parametrize("number", [0, 2, -1])
def test_an_answer_that_nobody_gave_is_refused(number: int) -> None:
    with pytest.raises(UnfoundedError):
        execute(ground(answers=(ENDS,)), "answer", {"number": number})


def test_the_fault_tree_section_says_what_fired_and_every_word_of_it_is_executed_again() -> None:
    on = ground(ADDED)
    doc = written(on)
    assert "minimal cut set" in text(doc, "tree")
    assert "one event short" in text(doc, "tree")
    claims = [one for one in doc.claims if one.op in ("tree", "stated", "answer")]
    assert {one.args["part"] for one in claims if one.op == "tree"} >= {"says", "fired"}
    for one in claims:
        assert phrase(one.op, one.args, execute(on, one.op, one.args)) == one.text


def test_a_claim_that_was_tampered_with_is_told_apart() -> None:
    """The negative control of the re-execution: another number of sets is not what the evidence gives."""
    doc = written(ground(ADDED))
    fired = next(one for one in doc.claims if one.op == "tree" and one.args["part"] == "fired")
    assert execute(ground(ADDED), "tree", fired.args) != fired.value + 1


def test_a_near_miss_names_first_what_was_missing() -> None:
    told = phrase("tree", {"part": "near"}, ["the cache was cold", "the pool was full"])
    assert (
        told == "the cache was cold — it did not happen, or nobody knows that it did; what was there: the pool was full"
    )


def test_where_there_is_no_tree_nothing_is_said_of_it() -> None:
    bare = replace(ground(), postmortem=replace(MACHINE, tree=None))
    with pytest.raises(UnfoundedError):
        execute(bare, "tree", {"part": "fired"})
