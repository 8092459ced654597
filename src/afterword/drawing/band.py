"""The upper part of the timeline: points with their bounds, where the time went, and what was done when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.drawing import svg
from afterword.model.incident import By, PointName
from afterword.model.time import clock, minutes
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from afterword.drawing.axis import Axis
    from afterword.model.incident import Point
    from afterword.model.postmortem import Postmortem
    from afterword.model.timeline import Moment

#: What a point is called, and the class of its colour.
NAMES = {
    PointName.TRIGGER: ("Trigger", "moved"),
    PointName.STARTED: ("Impact started", "bad"),
    PointName.DETECTABLE: ("Detectable", "bad"),
    PointName.DETECTED: ("Detected", "warn"),
    PointName.PAGED: ("Paged", "warn"),
    PointName.ACKNOWLEDGED: ("Acknowledged", "accent"),
    PointName.ENGAGED: ("Engaged", "accent"),
    PointName.DECLARED: ("Declared", "accent"),
    PointName.IDENTIFIED: ("Cause identified", "accent"),
    PointName.MITIGATION_APPLIED: ("Mitigation applied", "good"),
    PointName.MITIGATION_EFFECTIVE: ("Mitigation effective", "good"),
    PointName.RECOVERED: ("Recovered", "good"),
    PointName.RESOLVED: ("Resolved", "good"),
    PointName.CLOSED: ("Closed", "good"),
}
#: The few whose lines go down through the signals.
_THROUGH = (PointName.STARTED, PointName.DETECTED, PointName.MITIGATION_APPLIED, PointName.RECOVERED)
_ROW, _BAR, _LANE, _BELOW = 17.0, 24.0, 22.0, 15.0
#: Room in which words still say something, the most they get below the line, and the weight that earns it.
_ENOUGH, _LONGEST, _WEIGHTY = 90.0, 420.0, 0.7


@dataclass(frozen=True, slots=True)
class Flag:
    """A point with the words beside it; ``row`` counts upwards from the line on which the marks stand."""

    point: Point
    x: float
    words: str
    row: int = 0

    @property
    def right(self) -> float:
        return self.x + 8 + svg.text_width(self.words, 13)


def flags(points: Iterable[Point], axis: Axis) -> list[Flag]:
    """Rows in which no words overlap.

    Laid from right to left, so that no leader runs through words: whatever stands in a lower row begins to the right.
    """
    made: list[Flag] = []
    free: list[float] = []
    order = sorted(points, key=lambda p: (p.at, list(PointName).index(p.name), p.by), reverse=True)
    for point in order:
        flag = Flag(point, axis.x(point.at), _words(point, axis))
        row = next((n for n, left in enumerate(free) if flag.right + 6 < left), len(free))
        # A row below may not be used again once a leader has gone through it.
        free[row : row + 1] = [flag.x]
        free = [min(left, flag.x) if n < row else left for n, left in enumerate(free)]
        made.append(Flag(point, flag.x, flag.words, row))
    return made[::-1]


def _words(point: Point, axis: Axis) -> str:
    name = NAMES[point.name][0] + (" (stated)" if point.by is By.STATED else "")
    if axis.shows(point.at):
        return f"{name} {clock(point.at)}"
    if point.at < axis.start:
        return f"◂ {name} {clock(point.at)}, {minutes(axis.start - point.at)} before"
    return f"{name} {clock(point.at)} ▸"


def points(made: Sequence[Flag], axis: Axis, top: float, bottom: float) -> tuple[list[str], float]:
    """The flags and their marks, and the y below them. ``bottom`` is where the lines end that go through."""
    base = top + _ROW * (1 + max((flag.row for flag in made), default=0)) + 8
    parts = [svg.tag("line", x1=axis.left, x2=axis.right, y1=base, y2=base, cls="rule")]
    for flag in made:
        if flag.point.name in _THROUGH and flag.point.by is By.ESTIMATE and axis.shows(flag.point.at):
            line = svg.tag("line", x1=flag.x, x2=flag.x, y1=base, y2=bottom, cls=f"through {NAMES[flag.point.name][1]}")
            parts.append(line)
    parts += [_flag(flag, axis, base) for flag in made]
    return parts, base + 14


def _flag(flag: Flag, axis: Axis, base: float) -> str:
    point, colour = flag.point, NAMES[flag.point.name][1]
    y = base - 8 - _ROW * flag.row
    low, high = axis.x(point.earliest), axis.x(point.latest)
    name, _, rest = flag.words.rpartition(" ") if axis.shows(point.at) else (flag.words, "", "")
    parts = [svg.tag("line", x1=flag.x, x2=flag.x, y1=y - 9, y2=base, cls=f"leader {colour}")]
    if high - low > 1:
        parts.append(
            svg.tag(
                "path", d=f"M{svg.num(low)} {svg.num(base - 4)}v8m0-4H{svg.num(high)}m0-4v8", cls=f"whisker {colour}"
            )
        )
    parts.append(
        svg.tag("circle", cx=flag.x, cy=base, r=4, cls=f"{'hollow' if point.by is By.STATED else 'solid'} {colour}")
    )
    parts.append(svg.spans(flag.x + 5, y, ((name, f"name {colour}"), (rest, "clock"))))
    told = f"{NAMES[point.name][0]}: {clock(point.at)} UTC, not before {clock(point.earliest)}, not after {clock(point.latest)}. {point.basis}"
    return svg.group(parts, title=told)


@dataclass(frozen=True, slots=True)
class Stretch:
    start: int
    end: int
    took: str
    words: str
    cls: str


def stretches(pm: Postmortem) -> list[Stretch]:
    """The harm as a whole, then each gap in which something could have happened and did not."""
    made: list[Stretch] = []
    best: dict[PointName, Point] = {}
    for point in sorted(pm.points, key=lambda p: p.by is By.STATED):
        best.setdefault(point.name, point)
    started, recovered = best.get(PointName.STARTED), best.get(PointName.RECOVERED)
    if started is not None:
        end = recovered.at if recovered else pm.covered.end
        words = _harm(recovered)
        made.append(Stretch(started.at, max(end, started.at), minutes(max(end - started.at, 0)), words, "harm"))
    gaps = [m for m in pm.moments if m.kind is MomentKind.GAP and m.until is not None]
    longest = max(((m.until or m.at) - m.at for m in gaps), default=0)
    for gap in gaps:
        until = gap.until or gap.at
        took = minutes(until - gap.at)
        words = gap.title.removeprefix(took).rpartition(" (")[0].strip()
        made.append(Stretch(gap.at, until, took, words, "longest" if until - gap.at == longest else "gap"))
    return made


def _harm(recovered: Point | None) -> str:
    if recovered is None:
        return "and not over in this evidence"
    stated = recovered.by is By.STATED
    return "until people called it recovered" if stated else "in which users were harmed"


def bars(made: Sequence[Stretch], axis: Axis, top: float, hatch: str) -> tuple[list[str], float]:
    """One row each, so that they read like stairs; the words stand where there is room for them."""
    parts: list[str] = []
    for row, one in enumerate(made):
        y = top + _BAR * row
        left, right = axis.x(one.start), max(axis.x(one.end), axis.x(one.start) + 2)
        shape = svg.tag("rect", x=left, y=y, width=right - left, height=_BAR - 7, rx=2, cls=f"bar {one.cls}")
        lined = svg.tag(
            "rect", x=left, y=y, width=right - left, height=_BAR - 7, rx=2, fill=f"url(#{hatch})", cls="hatched"
        )
        parts.append(svg.group([shape, lined if one.cls != "harm" else "", *_beside(one, left, right, y, axis)]))
    return parts, top + _BAR * len(made)


def _beside(one: Stretch, left: float, right: float, y: float, axis: Axis) -> Iterator[str]:
    words = svg.text_width(f"{one.took} {one.words}", 12.5)
    both = ((one.took, "took"), (one.words, "small12"))
    if right + 8 + words < axis.right + 100:
        yield svg.spans(right + 8, y + 13, both, cls="halo")
    elif left - 8 - words > 4:
        yield svg.spans(left - 8, y + 13, both, cls="halo end")
    else:
        yield svg.text(left + 8, y + 13, svg.shorten(f"{one.took} {one.words}", right - left - 16), "took")


_LANES: tuple[tuple[str, str, tuple[MomentKind, ...]], ...] = (
    ("Changes", "moved", (MomentKind.TRIGGER, MomentKind.CHANGE, MomentKind.MITIGATION)),
    ("Alerts and pages", "warn", (MomentKind.ALERT, MomentKind.PAGE)),
    (
        "People",
        "accent",
        (
            MomentKind.ACKNOWLEDGEMENT,
            MomentKind.DECLARATION,
            MomentKind.ESCALATION,
            MomentKind.COMMUNICATION,
            MomentKind.DIAGNOSIS,
            MomentKind.RESOLUTION,
        ),
    ),
)


def _lane_of(moment: Moment) -> MomentKind:
    """What somebody says that they do is a message; only a recorded change is one."""
    said = moment.kind is MomentKind.MITIGATION and moment.quote
    return MomentKind.COMMUNICATION if said else moment.kind


def lanes(moments: Sequence[Moment], axis: Axis, top: float) -> tuple[list[str], float]:
    """Marks for what was changed, what fired and what people did; words for the weightiest, where there is room."""
    parts: list[str] = []
    y = top
    for name, colour, kinds in _LANES:
        mine = [m for m in moments if _lane_of(m) in kinds and axis.shows(m.at)]
        if mine:
            parts.append(svg.text(axis.left - 14, y + 4, name, "component12 end"))
            parts.append(svg.tag("line", x1=axis.left, x2=axis.right, y1=y, y2=y, cls="rule"))
            labels = _labels(mine, axis, quoted=colour == "accent")
            parts += [svg.text(label.x, y + 4 + _BELOW * label.row, label.words, "small halo") for label in labels]
            parts += [_mark(m, axis.x(m.at), y, colour) for m in mine]
            y += _LANE + _BELOW * max((label.row for label in labels), default=0)
    return parts, y


def _mark(moment: Moment, x: float, y: float, colour: str) -> str:
    colour = "good" if _lane_of(moment) is MomentKind.MITIGATION else colour
    if colour in ("moved", "good"):
        shape = svg.tag("path", d=f"M{svg.num(x)} {svg.num(y - 5)}l5 5-5 5-5-5z", cls=f"solid {colour}")
    elif colour == "warn":
        shape = svg.tag("path", d=f"M{svg.num(x)} {svg.num(y - 5)}l5 9h-10z", cls=f"solid {colour}")
    else:
        shape = svg.tag("circle", cx=x, cy=y, r=3.5, cls=f"solid {colour}")
    return svg.group(
        [shape], title=f"{clock(moment.at)} {moment.title}" + (f": {moment.quote}" if moment.quote else "")
    )


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    words: str
    #: 0: on the line of the marks, 1: below it.
    row: int

    @property
    def right(self) -> float:
        return self.x + svg.text_width(self.words, 11) + 8


def _labels(mine: Sequence[Moment], axis: Axis, *, quoted: bool) -> list[Label]:
    """Words up to the next mark; where too few fit there, the weightiest stand below. What does not fit is a tooltip."""
    xs = sorted(axis.x(m.at) for m in mine)
    made: list[Label] = []
    for moment in sorted(mine, key=lambda m: (-m.weight, m.at, m.id)):
        x = axis.x(moment.at) + 9
        words = f"“{moment.quote}”" if moment.quote and quoted else moment.title
        after = [other - 12 for other in xs if other > x - 8] + [
            one.x - 12 for one in made if one.row == 0 and one.x > x
        ]
        room = min(after, default=axis.right + 100) - x
        covered = any(one.x <= x < one.right for one in made if one.row == 0)
        if room >= _ENOUGH and not covered:
            made.append(Label(x, svg.shorten(words, room, 11), 0))
        elif moment.weight >= _WEIGHTY:
            below = Label(x, svg.shorten(words, min(_LONGEST, axis.right + 100 - x), 11), 1)
            if all(below.right < one.x or one.right < below.x for one in made if one.row == 1):
                made.append(below)
    return made
