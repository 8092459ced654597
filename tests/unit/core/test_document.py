"""The document: every figure, time and causal sentence in it is a claim, and what is not known is said to be unknown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pool
import pytest

from afterword.core import analyse, document
from afterword.core.claim import Ground, execute, phrase
from afterword.model.action import ActionState
from afterword.model.document import Bullets, Document, Inline, Note, Paragraph, Picture, Said, Section, Table, Words
from afterword.model.evidence import Evidence
from afterword.model.incident import Incident, Options, Status
from afterword.testing import case_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.case import Case

CASE = replace(pool.case(), evidence=(Evidence("ab" * 32, 900, "all.jsonl", "made", counted=4),))
RECORD = Incident("INC-1", "", Status.ANALYSED, ("ab" * 32,), Options())
SECTIONS = (
    "summary", "impact", "points", "background", "timeline", "detection", "causes", "whys", "tree", "weaknesses", "went-well",
    "went-poorly", "luck", "recurrence", "lessons", "actions", "risks", "communications", "evidence", "verification",
)  # fmt: skip


def ground(case: Case) -> Ground:
    return Ground(case, analyse.all_series(case), analyse.analyse(case), lambda cited: f"line {cited.place.first}")


GROUND = ground(CASE)
DOC = document.compose(GROUND, RECORD, {})


def inlines(doc: Document) -> Iterator[Inline]:
    for section in doc.sections:
        for block in section.blocks:
            rows: list[tuple[Inline, ...]] = []
            if isinstance(block, Paragraph):
                rows = [block.inlines]
            elif isinstance(block, Bullets):
                rows = list(block.items)
            elif isinstance(block, Table):
                rows = [cell for row in block.rows for cell in row]
            for row in rows:
                yield from row


def text(doc: Document, section: str) -> str:
    one = next(s for s in doc.sections if s.id == section)
    return "".join(inline.text for inline in inlines(replace(doc, sections=(one,))))


def test_it_has_the_sections_of_the_house_in_their_order() -> None:
    assert tuple(one.id for one in DOC.sections) == SECTIONS


def test_every_word_that_is_said_is_a_claim_of_the_document() -> None:
    claims = {one.id: one.text for one in DOC.claims}
    said = [one for one in inlines(DOC) if isinstance(one, Said)]
    assert said
    assert all(claims[one.claim] == one.text for one in said)
    assert {one.claim for one in said} == set(claims), "and no claim is made that nobody reads"


def test_the_words_of_the_template_hold_no_figure() -> None:
    """What is no claim cannot be checked: so it must not say anything that could be wrong. ``E1`` names a row."""
    loose = [one.text for one in inlines(DOC) if isinstance(one, Words) and re.search(r"\d", one.text)]
    assert [one for one in loose if not re.fullmatch(r"E\d+", one)] == []


def test_nor_the_name_of_a_component_besides_the_ranking() -> None:
    loose = [one.text for one in inlines(DOC) if isinstance(one, Words)]
    assert not [
        one for one in loose if one not in ("shop", "db", "web", "mail") and re.search(r"\b(shop|db|mail)\b", one)
    ]


def test_every_claim_gives_its_text_again() -> None:
    counted = replace(GROUND, claims=len(DOC.claims))
    for one in DOC.claims:
        assert phrase(one.op, one.args, execute(counted, one.op, one.args)) == one.text


def test_it_says_how_many_claims_it_makes() -> None:
    assert f"{len(DOC.claims)}" in text(DOC, "verification")


def test_the_same_ground_gives_the_same_document() -> None:
    assert document.compose(ground(CASE), RECORD, {}) == DOC


def test_the_story_in_the_summary() -> None:
    told = text(DOC, "summary")
    for words in ("2026-03-14 09:39:4", "Shorten the order code", "alert ShopErrors fired", "2 min", "rollback to the version before"):  # fmt: skip
        assert words in told


def test_points_that_nobody_knows_are_named_as_not_known() -> None:
    told = text(DOC, "points")
    assert "not filled in from anything else: closed." in told


def test_what_was_examined_and_rejected_stands_with_its_reason() -> None:
    told = text(DOC, "causes")
    assert told.index("Examined and ruled out") < told.index("aaaa1111")


def test_without_an_incident_there_is_a_document_that_says_so() -> None:
    """All signals are calm: no cause, no blame, no figure made up; and it still says what it stands on."""
    calm = replace(case_from(pool.metric("shop", "error_rate", lambda _: 0.01)), evidence=CASE.evidence)
    doc = document.compose(ground(calm), RECORD, {})
    assert "no incident to describe" in text(doc, "summary")
    assert "nothing in the evidence leads to the impact" in text(doc, "whys")
    assert "no proof that there is none" in text(doc, "weaknesses")
    assert text(doc, "actions") == "None is proposed."
    assert "all.jsonl" in text(doc, "evidence")


def test_an_incident_that_is_not_over_says_so_first_of_all() -> None:
    cut = [one for one in pool.events() if one.at is None or one.at < pool.minute(55)]
    told = text(document.compose(ground(replace(case_from(cut), evidence=CASE.evidence)), RECORD, {}), "summary")
    assert "The incident is not over in this evidence" in told
    assert "shop: error_rate" in told


def test_what_people_wrote_is_a_note_of_theirs_and_no_claim() -> None:
    record = replace(RECORD, notes=(("background", "The shop sells 7 things."), ("lessons", "Watch the pool.")))
    doc = document.compose(GROUND, record, {})
    notes = {s.id: b for s in doc.sections for b in s.blocks if isinstance(b, Note)}
    assert notes["background"] == Note("The shop sells 7 things.", "the team")
    assert doc.claims == DOC.claims


def test_a_title_that_somebody_gave_stays() -> None:
    assert document.compose(GROUND, replace(RECORD, title="The night of the pool"), {}).title == "The night of the pool"
    assert DOC.title == GROUND.postmortem.title


def test_recorded_actions_stand_in_the_place_of_proposals_the_declined_last() -> None:
    first, second, *_ = GROUND.postmortem.actions
    recorded = (
        replace(first, id="A-1", state=ActionState.DECLINED, reason="too late"),
        replace(second, id="A-2", state=ActionState.ACCEPTED, owner="kim", due="2026-04-01"),
    )
    told = text(document.compose(replace(GROUND, actions=recorded), RECORD, {}, recorded), "actions")
    assert told.index(second.title) < told.index(first.title)
    assert "kim" in told
    assert "2026-04-01" in told
    assert GROUND.postmortem.actions[2].title not in told


@pytest.mark.parametrize(("name", "section"), [("timeline", "timeline"), ("graph", "causes"), ("tree", "tree")])
def test_pictures_stand_in_their_sections(name: str, section: str) -> None:
    picture = Picture(name, "<svg/>", "what it shows")
    doc = document.compose(GROUND, RECORD, {name: picture})
    (where,) = [one.id for one in doc.sections if picture in one.blocks]
    assert where == section


def test_a_causal_sentence_carries_the_place_that_it_came_from() -> None:
    causal = [one for one in DOC.claims if one.op in ("cause", "link", "moment", "signal", "point", "finding")]
    bare = [one.text for one in causal if not one.cites]
    assert bare == []
    assert isinstance(DOC.sections[0], Section)


def test_the_summary_says_how_bad_it_was_where_users_meet_the_system() -> None:
    """An error ratio that a user meets tells more than the largest shift of something deep inside."""
    rows = next(b for s in DOC.sections if s.id == "impact" for b in s.blocks if isinstance(b, Table)).rows
    component, signal, usual, worst = ("".join(one.text for one in cell) for cell in rows[0][:4])
    assert f"At worst {signal} of {component} stood at {worst}; usually it is {usual}." in text(DOC, "summary")


def test_things_that_were_enough_together_are_a_list_and_no_sentence_of_sentences() -> None:
    (tree,) = (s for s in DOC.sections if s.id == "tree")
    bullets = next(b for b in tree.blocks if isinstance(b, Bullets))
    assert len(bullets.depths) == len(bullets.items)
    assert not any(". and " in "".join(one.text for one in item) for item in bullets.items)
