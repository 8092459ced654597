"""Which span a line was written in: told by the ids that both name, in whatever artefact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.app import casebook
from afterword.model.event import Event, Kind
from afterword.model.evidence import Evidence
from afterword.model.incident import Options
from afterword.model.time import SECOND
from afterword.stores.lake_parquet import LakeParquet
from afterword.testing import cite, event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from afterword.core.case import Case


def built(root: Path, *artefacts: Sequence[Event]) -> Case:
    lake = LakeParquet(root)
    evidence = [Evidence(f"{number:064d}", 1, f"{number}.log", "text") for number in range(len(artefacts))]
    for one, events in zip(evidence, artefacts, strict=True):
        fields = [{name: getattr(made, name) for name in Event.__slots__} for made in events]
        lake.write(one, [[Event(**{**own, "place": cite(row).place}) for row, own in enumerate(fields, 1)]])
    return casebook.build("INC-1", evidence, lake.tables(evidence), Options())


def span(at: int, who: str, trace: str, own: str) -> Event:
    return event(Kind.SPAN, at * SECOND, who, name="op", took=5, trace=trace, span=own)


def line(at: int, text: str, **ids: str) -> Event:
    return event(Kind.LOG, at * SECOND, "shop", text=text, **ids)


def test_a_line_knows_its_span_and_its_trace(tmp_path: Path) -> None:
    """Two traces use the same span id; a line names only a trace, one a trace that no span is of, one nothing."""
    lines = [line(1, "a", trace="t2", span="s"), line(2, "b", trace="t1"), line(3, "c", trace="t9"), line(4, "d")]
    case = built(tmp_path, lines, [span(0, "shop", "t1", "s"), span(1, "shop", "t2", "s")])
    assert case.logs.span.tolist() == [1, -1, -1, -1]
    assert case.logs.trace.tolist()[:2] == case.spans.trace.tolist()[::-1]
    assert case.logs.trace[2] > case.spans.trace.max()
    assert case.logs.trace[3] == -1


def test_a_span_that_two_exports_hold_counts_once(tmp_path: Path) -> None:
    """Negative control: the two sides of a call share an id and stay two."""
    sides = [span(0, "web", "t", "s"), span(0, "shop", "t", "s")]
    case = built(tmp_path, sides, [span(0, "web", "t", "s"), span(3, "web", "t", "u")])
    assert len(case.spans) == 3


def test_lines_without_ids_have_no_columns_for_them(tmp_path: Path) -> None:
    case = built(tmp_path, [line(1, "a")], [span(0, "shop", "t", "s")])
    assert (len(case.logs.span), len(case.logs.trace)) == (0, 0)
