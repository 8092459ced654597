"""The detection ledger as one bar: each part as long as it took, what was avoidable of it in colour, the largest named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.drawing import svg
from afterword.model.time import clock, minutes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.ledger import DetectionLedger, Entry

_SCOPE = "aw-ledger"
_WIDTH, _LEFT, _RIGHT = 1130.0, 14.0, 1116.0
_TOP, _BAR, _ROW = 46.0, 34.0, 19.0
#: A part narrower than this carries no words of its own inside.
_NARROW = 46.0
_RULES = """
text{unicode-bidi:isolate;dominant-baseline:auto}
.end{text-anchor:end}
.middle{text-anchor:middle}
.small{font-size:11px;fill:$soft}
.name{font-weight:600}
.took{font-weight:600;font-variant-numeric:tabular-nums}
.part{fill:$gap;fill-opacity:.22;stroke:$gap}
.avoidable{fill:$warn;fill-opacity:.3}
.largest{fill:$bad;fill-opacity:.32}
.edge{stroke:$ink;stroke-width:1.4px}
.leader{stroke:$soft;stroke-opacity:.6}
.bad{fill:$bad}
.warn{fill:$warn}
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part: from one moment to the next that is known, in units of the drawing."""

    entry: Entry
    left: float
    right: float
    largest: bool


def bars(ledger: DetectionLedger) -> list[Bar]:
    """Every measured part that took time, beside one another and to scale."""
    parts = [one for one in ledger.entries if one.took]
    total = sum(one.took or 0 for one in parts)
    made: list[Bar] = []
    x = _LEFT
    for one in parts:
        width = (_RIGHT - _LEFT) * (one.took or 0) / total
        made.append(Bar(one, x, x + width, one.stage is ledger.largest))
        x += width
    return made


def draw(ledger: DetectionLedger) -> str:
    """The picture as SVG text; ``ledger`` must have a part that took time."""
    made = bars(ledger)
    parts = [*_headline(ledger), *(_bar(one) for one in made)]
    y = _TOP + _BAR + 24
    rows = list(_rows(ledger, y))
    bottom = y + _ROW * len(ledger.entries) + 4
    title = "Detection ledger"
    return svg.picture(_SCOPE, _WIDTH, bottom + 12, title, about(ledger), _RULES, [*parts, *rows], least=760)


def _headline(ledger: DetectionLedger) -> Iterator[str]:
    total = sum(one.took or 0 for one in ledger.entries)
    yield svg.text(_LEFT, 20, f"{minutes(total)} in all", "name")
    largest = next((one for one in ledger.entries if one.stage is ledger.largest), None)
    if largest is not None:
        words = f"largest avoidable part: {minutes(largest.avoidable or 0)} before “{largest.stage.value}”"
        yield svg.text(_RIGHT, 20, words, "name bad end")
    yield svg.text(_LEFT, 36, "each part to scale; what is avoidable of it is filled", "small")


def _bar(bar: Bar) -> str:
    one = bar.entry
    width = max(bar.right - bar.left, 1.0)
    shapes = [svg.tag("rect", x=bar.left, y=_TOP, width=width, height=_BAR, cls="part")]
    share = (one.avoidable or 0) / (one.took or 1)
    if share > 0:
        cls = "largest" if bar.largest else "avoidable"
        shapes.append(svg.tag("rect", x=bar.right - width * share, y=_TOP, width=width * share, height=_BAR, cls=cls))
    shapes.append(svg.tag("line", x1=bar.right, x2=bar.right, y1=_TOP - 3, y2=_TOP + _BAR + 3, cls="edge"))
    if width >= _NARROW:
        middle = (bar.left + bar.right) / 2
        shapes.append(svg.text(middle, _TOP + 14, minutes(one.took or 0), "took middle"))
        shapes.append(svg.text(middle, _TOP + 28, svg.shorten(one.stage.value, width - 6, 11), "small middle"))
    return svg.group(shapes, title=_told(one))


def _rows(ledger: DetectionLedger, top: float) -> Iterator[str]:
    for number, one in enumerate(ledger.entries):
        y = top + _ROW * number + 12
        yield svg.text(_LEFT, y, one.stage.value, "name")
        if one.at is None:
            yield svg.text(_LEFT + 200, y, "not known", "small")
            yield svg.text(_LEFT + 380, y, svg.shorten(one.basis, _RIGHT - _LEFT - 386, 11), "small")
            continue
        yield svg.text(_LEFT + 200, y, clock(one.at), "took")
        if one.took is not None and one.after is not None:
            yield svg.text(_LEFT + 374, y, f"+ {minutes(one.took)}", "took end")
        words = svg.shorten(one.basis, _RIGHT - _LEFT - 386, 11)
        yield svg.text(_LEFT + 380, y, words, "small bad" if one.stage is ledger.largest else "small")


def _told(one: Entry) -> str:
    after = one.after.value if one.after else ""
    avoidable = f", {minutes(one.avoidable)} of it avoidable by {one.lever}" if one.avoidable else ""
    return f"{after} → {one.stage.value}: {minutes(one.took or 0)}{avoidable}. {one.basis}"


def about(ledger: DetectionLedger) -> str:
    """The picture in words."""
    said = [f"{one.stage.value} at {clock(one.at)}." for one in ledger.entries if one.at is not None]
    said += [f"{one.stage.value}: not known." for one in ledger.entries if one.at is None]
    return " ".join([*said, *(_told(one) for one in ledger.entries if one.took)])


def has_parts(ledger: DetectionLedger) -> bool:
    """Whether there is anything to draw."""
    return any(one.took for one in ledger.entries)
