"""The one way from artefacts to a document; ``analyze`` and ``verify`` walk it alike, so they cannot disagree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.app import backtesting, casebook, intake, plugs
from afterword.core import analyse, document, ledger, point, rule_action
from afterword.core.cause import edit
from afterword.core.claim import Ground
from afterword.drawing import graph as draw_graph
from afterword.drawing import ledger as draw_ledger
from afterword.drawing import timeline as draw_timeline
from afterword.drawing import tree as draw_tree
from afterword.model.document import Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from afterword.app.content import Bytes
    from afterword.core.case import Case, Series
    from afterword.model.action import ActionItem
    from afterword.model.document import Document
    from afterword.model.evidence import Citation, Evidence
    from afterword.model.incident import Incident
    from afterword.model.lesson import Fingerprint
    from afterword.model.postmortem import Postmortem
    from afterword.ports import Blobs, Lake


@dataclass(frozen=True, slots=True)
class Worked:
    """What the thinking made of the evidence."""

    case: Case
    series: tuple[Series, ...]
    postmortem: Postmortem
    ground: Ground


def work(
    incident: Incident, evidence: Sequence[Evidence], lake: Lake, blobs: Blobs, earlier: Sequence[Fingerprint] = ()
) -> Worked:
    """Assemble the case and analyse it; events that the lake has lost are read again from their bytes."""
    intake.restore(evidence, blobs, lake)
    case = casebook.build(incident.id, evidence, lake.sized(evidence), incident.options)
    series = analyse.all_series(case)
    postmortem = analyse.analyse(case, [one.run for one in plugs.analyses()], incident.options.objectives, earlier)
    tried = backtesting.told(case, postmortem, blobs)
    if tried:
        could = backtesting.could_fire(case, tried)
        made = ledger.build(case, postmortem.points, postmortem.explanation, could)
        postmortem = replace(postmortem, ledger=made)
    ours = [one.trial for one in tried if one.proposed]
    if ours:
        postmortem = rule_action.carrying(postmortem, ours)
    ground = Ground(case, series, postmortem, line_reader(evidence, blobs), tried=tried)
    return Worked(case, series, postmortem, ground)


def line_reader(evidence: Sequence[Evidence], blobs: Blobs) -> Callable[[Citation], str]:
    """Reads the text at a citation from the bytes as they came."""
    from afterword.app import content, passage  # noqa: PLC0415 - decompressors are only needed here

    kept: dict[str, Bytes] = {}

    def read(citation: Citation) -> str:
        index = int(citation.evidence[1:]) - 1
        sha = evidence[index].sha256
        if sha not in kept:
            kept.clear()
            kept[sha] = content.of(blobs, evidence[index])
        place = citation.place
        return passage.told(evidence[index], kept[sha], place.start, place.end, place.part)

    return read


def draw(worked: Worked) -> dict[str, Picture]:
    """The pictures of a postmortem; a picture that has nothing to show is left out."""
    pm = worked.postmortem
    made: dict[str, Picture] = {}
    if pm.window is not None:
        svg = draw_timeline.draw(pm, worked.series)
        made["timeline"] = Picture(
            "timeline",
            svg,
            "The signals that matter over time, with the points of the incident and the gaps between them",
        )
    if draw_ledger.has_parts(pm.ledger):
        says = "Where the time went from the first harm to its end, and which part of it was avoidable"
        made["ledger"] = Picture("ledger", draw_ledger.draw(pm.ledger), says)
    if pm.explanation.links:
        svg = draw_graph.draw(pm.explanation)
        made["graph"] = Picture(
            "graph", svg, "The graph of causes: what led to what, and how well each link is supported"
        )
    if pm.tree is not None:
        made["tree"] = Picture("tree", draw_tree.draw(pm.tree), "The same graph as a fault tree")
    return made


def write(
    worked: Worked, incident: Incident, actions: Sequence[ActionItem], earlier: Sequence[Fingerprint]
) -> tuple[Document, Ground]:
    """Compose the document on the ground of the evidence and of the records given."""
    stated = edit.upon(point.with_stated(worked.postmortem, incident.stated), incident.edits)
    ground = Ground(
        worked.case, worked.series, stated, worked.ground.line, tuple(actions), tuple(earlier), tried=worked.ground.tried,
        edits=incident.edits, answers=incident.answers,
    )  # fmt: skip
    return document.compose(ground, incident, draw(replace(worked, postmortem=stated)), actions), ground


def quotes(doc: Document) -> Mapping[str, str]:
    """The quoted line of each citation that the document shows, for the page to show in its place."""
    return {claim.text: str(claim.value) for claim in doc.claims if claim.op == "line"}
