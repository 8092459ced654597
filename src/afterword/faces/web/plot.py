"""Geometry of the small pictures: where things stand, in units of the drawing. Templates draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.faces.web.wording import POINTS, TONES
from afterword.model.time import DAY, HOUR, MINUTE, SECOND, iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afterword.model.incident import Point
    from afterword.model.lesson import Trend
    from afterword.model.timeline import Moment

WIDTH = 1000.0
LANES = ("moved", "called", "spoke", "hurt", "helped")
_STEPS = (
    *(n * SECOND for n in (1, 5, 10, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14, 30, 91, 182, 365, 730, 1825)),
)
#: Width of a letter in units of the drawing: as near as it gets without measuring glyphs.
_LETTER = 6.7
#: Points nearer to each other than this share one label.
_NEAR = 9.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a place: a dot, a bar (``width``), a line with its label in row ``y``."""

    x: float
    y: float
    label: str
    to: str = ""
    tone: str = ""
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Plot:
    height: float
    dots: tuple[Mark, ...] = ()
    bars: tuple[Mark, ...] = ()
    lines: tuple[Mark, ...] = ()
    ticks: tuple[Mark, ...] = ()
    #: Dots that lie outside of the picture and are kept at its edge.
    out: int = 0


def timeline(moments: Sequence[Moment], points: Iterable[Point], window: Sequence[int] = ()) -> Plot | None:
    """Moments in lanes by tone, gaps as bars behind them, points as lines with labels.

    The picture looks at the incident itself; what lies far outside of its points and
    of its ``window`` (start and end in ns) is kept at the edge.
    """
    named = sorted(points, key=lambda p: p.at)
    times = [*(p.at for p in named), *window]
    if len(set(times)) < 2:
        times += [m.at for m in moments] + [m.until for m in moments if m.until]
    if len(set(times)) < 2:
        return None
    room = (max(times) - min(times)) // 12
    low, high = min(times) - room, max(times) + room
    lines = _labels(named, low, high)
    top = max((one.y for one in lines), default=0) + 10
    dots = [
        Mark(_x(m.at, low, high), top + 12 + 20 * LANES.index(TONES[m.kind]), _said(m), m.id, TONES[m.kind])
        for m in moments
        if TONES[m.kind] in LANES
    ]
    bars = [
        Mark(_x(m.at, low, high), top, _said(m), m.id, "gap", max(2.0, _x(m.until, low, high) - _x(m.at, low, high)))
        for m in moments
        if m.kind == "gap" and m.until is not None
    ]
    out = sum(not low <= m.at <= high for m in moments)
    return Plot(top + 20 * len(LANES) + 22, tuple(dots), tuple(bars), lines, ticks(low, high), out)


def strip(started: Sequence[tuple[str, str, int, str]]) -> Plot | None:
    """Incidents (id, title, start, tone) along time; those that would cover each other are stacked."""
    if not started:
        return None
    low, high = min(one[2] for one in started), max(one[2] for one in started)
    room = max((high - low) // 20, HOUR)
    low, high = low - room, high + room
    taken: dict[int, int] = {}
    dots = []
    for id_, title, at, tone in sorted(started, key=lambda one: one[2]):
        x = _x(at, low, high)
        column = round(x / 14)
        level = taken[column] = taken.get(column, -1) + 1
        dots.append(Mark(x, 50.0 - 13 * min(level, 3), f"{iso(at)[:16].replace('T', ' ')} {title}", id_, tone))
    return Plot(84, tuple(dots), ticks=ticks(low, high))


def dots(trend: Trend) -> Plot | None:
    """The values of one duration in the order of the incidents; the band is the interval of the median."""
    if not trend.values:
        return None
    most = max(value for _, value in trend.values) or 1.0
    shown = [(at, value, incident) for at, (incident, value) in enumerate(trend.values)]
    step = WIDTH / (len(shown) + 1)
    marks = [
        Mark(step * (at + 1), _y(value, most), f"{incident}: {value:.3g} min", incident)
        for at, value, incident in shown
    ]
    lines = (
        [Mark(0, _y(trend.median, most), f"median {trend.median:.3g} min", tone="median")]
        if trend.median is not None
        else []
    )
    bars = []
    if trend.low is not None and trend.high is not None:
        bars = [
            Mark(
                0, _y(trend.high, most), "95 % interval of the median", width=_y(trend.low, most) - _y(trend.high, most)
            )
        ]
    scale = tuple(Mark(0, _y(part * most, most), f"{part * most:.2g} min") for part in (0, 0.5, 1))
    return Plot(150, tuple(marks), tuple(bars), tuple(lines), scale)


def ticks(low: int, high: int, most: int = 8) -> tuple[Mark, ...]:
    """Round moments of UTC between two others."""
    step = next((one for one in _STEPS if (high - low) / one <= most), _STEPS[-1])
    first = -(-low // step) * step
    cut = slice(0, 10) if step >= DAY else slice(11, 19) if step < MINUTE else slice(11, 16)
    return tuple(Mark(_x(at, low, high), 0, iso(at)[cut]) for at in range(first, high + 1, step))


def _x(at: int, low: int, high: int) -> float:
    """Never outside of the drawing."""
    return round(min(1.0, max(0.0, (at - low) / max(1, high - low))) * WIDTH, 1)


def _y(value: float, most: float) -> float:
    return round(130 - 115 * value / most, 1)


def _said(moment: Moment) -> str:
    return f"{iso(moment.at, zoned=moment.offset is not None)} {moment.kind.value}: {moment.title}"


def _labels(named: Sequence[Point], low: int, high: int) -> tuple[Mark, ...]:
    """A line for each point. Near ones share a label; no label stands on another. ``width`` < 0: it ends at the line."""
    groups: list[list[Point]] = []
    for one in named:
        near = groups and _x(one.at, low, high) - _x(groups[-1][0].at, low, high) < _NEAR
        if near:
            groups[-1].append(one)
        else:
            groups.append([one])
    ends: list[float] = []
    made = []
    for group in groups:
        x = _x(group[0].at, low, high)
        label = " · ".join(POINTS[one.name] for one in group)
        width = _LETTER * len(label) + 6
        left = x if x + width <= WIDTH + 10 else x - width
        row = next((n for n, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [left + width]
        made.append(Mark(x, 12 + 15.0 * row, label, tone=group[0].by.value, width=width if left == x else -width))
    return tuple(made)
