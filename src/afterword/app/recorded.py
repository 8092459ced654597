"""The recorded series and rules of the evidence as a monitor had them, read again from the bytes.

The case keeps a component and an indicator of each series, which is what causes are found by; a rule of the team selects
by the very labels, needs the buckets of histograms, and must know where a series was not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.app import archive, plugs, seal
from afterword.core.promql.track import Track, labels_of
from afterword.core.rule import AlertRule, RecordRule
from afterword.reading import rule_file
from afterword.reading.strict_json import Malformed
from afterword.reading.track import merged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.case import Case
    from afterword.core.rule import Rule
    from afterword.model.evidence import Evidence
    from afterword.ports import Blobs, Source

#: More samples than this are not taken up again: a rule over them is tried on a smaller recording.
MOST = 20_000_000
_RULES = ("rules-yaml", "rules-json")


@dataclass(frozen=True, slots=True)
class Recording:
    """``exact``: the artefacts whose series are here with all their labels."""

    tracks: tuple[Track, ...] = ()
    rules: tuple[Rule, ...] = ()
    exact: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def recording(case: Case, blobs: Blobs) -> Recording:
    """What the sources of this evidence tell of series with labels, and the rules that lie beside them."""
    able = {source.name: source for source in plugs.sources() if source.tracks is not None}
    moved = {one.clock: one.applied for one in case.skews if one.applied}
    found: list[Track] = []
    rules: list[Rule] = []
    exact: set[str] = set()
    left: list[str] = []
    for number, one in enumerate(case.evidence, 1):
        artefact = f"E{number}"
        if one.source in able and sum(len(track.at) for track in found) < MOST:
            mine = list(_tracks(able[one.source], one, blobs, artefact, moved.get(artefact, 0)))
            found += mine
            exact |= {artefact} if mine else set()
        elif one.source in able:
            left.append(f"the series of {one.name} are left out: there are too many samples")
        elif one.source in _RULES:
            rules += _rules(one, blobs)
    return Recording(tuple(merged(found)), _unique(rules), frozenset(exact), tuple(left))


def _tracks(source: Source, one: Evidence, blobs: Blobs, artefact: str, moved: int) -> Iterator[Track]:
    assert source.tracks is not None
    redactor = seal.redactor(one.seal)
    with blobs.open(one.sha256) as raw, archive.peel(raw, archive.Budget.of(one.size)) as peeled:
        peeled.stream.seek(0)
        try:
            for track in source.tracks(peeled.stream):
                labels = track.labels
                if redactor is not None:
                    labels = labels_of({key: redactor.text(value) for key, value in labels})
                yield replace(track, labels=labels, at=track.at + moved, source=artefact)
        except Exception:  # noqa: BLE001 - the plug-in boundary: what a source cannot read again is not there
            return


def _rules(one: Evidence, blobs: Blobs) -> list[Rule]:
    with blobs.open(one.sha256) as raw, archive.peel(raw, archive.Budget.of(one.size)) as peeled:
        peeled.stream.seek(0)
        try:
            return rule_file.rules(peeled.stream.read())
        except Malformed:
            return []


def _unique(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """A rule that stands in a file and in an answer of the API is one; the file's says more and comes first."""
    made: dict[tuple[str, str, int], Rule] = {}
    for one in rules:
        held = one.held if isinstance(one, AlertRule) else 0
        made.setdefault((type(one).__name__ + one.name, _squeezed(one.expr), held), one)
    return tuple(sorted(made.values(), key=lambda one: not isinstance(one, RecordRule)))


def _squeezed(expr: str) -> str:
    return "".join(expr.split())
