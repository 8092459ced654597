"""One signal over time: its line, its usual range, and its extremes in figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.lane import number
from afterword.drawing import svg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.drawing.axis import Axis
    from afterword.model.postmortem import Signal
    from afterword.model.time import Span

#: Height of a panel, and the part of it above the line, where the figure of the worst value stands.
HEIGHT, HEAD = 66.0, 16.0
#: Two points a column keep the lowest and the highest of what falls into it.
_COLUMNS = 300
#: A silence of this many usual steps breaks the line.
_SILENCE = 5


@dataclass(frozen=True, slots=True)
class Panel:
    """A signal with its series, and where it stands: ``top`` is the y of its upper edge."""

    signal: Signal
    series: Series
    baseline: Span | None
    axis: Axis
    top: float


def draw(panel: Panel) -> str:
    at, value = _seen(panel)
    name = f"{panel.signal.component}: {panel.signal.indicator}"
    if not len(value):
        return svg.group([*_names(panel), _said(panel, "no samples in this stretch")], title=name)
    usual = _usual(panel)
    low, high = _range(value, usual)
    parts = [
        *_band(panel, usual, low, high),
        svg.tag("path", d=_path(panel, at, value, low, high), cls="curve"),
        *_extreme(panel, at, value, low, high),
        *_names(panel),
        *_scale(panel, low, high),
    ]
    return svg.group(parts, title=name)


def _seen(panel: Panel) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The samples inside the axis, without the infinities that no line can show."""
    low, high = np.searchsorted(panel.series.at, [panel.axis.start, panel.axis.end + 1])
    at, value = panel.series.at[low:high], panel.series.value[low:high]
    finite = np.isfinite(value)
    return at[finite], value[finite]


def _usual(panel: Panel) -> tuple[float, float, float] | None:
    """5th percentile, median and 95th percentile of the baseline."""
    if panel.baseline is None:
        return None
    value = panel.series.within(panel.baseline)
    value = value[np.isfinite(value)]
    if not len(value):
        return None
    low, middle, high = np.percentile(value, [5, 50, 95])
    return float(low), float(middle), float(high)


def _range(value: NDArray[np.float64], usual: tuple[float, float, float] | None) -> tuple[float, float]:
    """From zero where the values come near it, since a cut-off axis makes a small shift look large."""
    low, high = float(value.min()), float(value.max())
    if usual:
        low, high = min(low, usual[0]), max(high, usual[2])
    if 0 <= low <= high / 2:
        low = 0.0
    if high <= low:
        room = abs(high) / 2 or 1.0
        return low - room, high + room
    return low, high


def _y(panel: Panel, value: float, low: float, high: float) -> float:
    return panel.top + HEAD + (HEIGHT - HEAD) * (1 - (value - low) / (high - low))


def _band(panel: Panel, usual: tuple[float, float, float] | None, low: float, high: float) -> list[str]:
    left, right = panel.axis.left, panel.axis.right
    made = [svg.tag("rect", x=left, y=panel.top, width=right - left, height=HEIGHT, cls="field")]
    if usual:
        upper, lower = _y(panel, usual[2], low, high), _y(panel, usual[0], low, high)
        height = max(lower - upper, 2)
        made.append(
            svg.tag("rect", x=left, y=(upper + lower - height) / 2, width=right - left, height=height, cls="usual")
        )
    return made


def thin(at: NDArray[np.int64], value: NDArray[np.float64], columns: int = _COLUMNS) -> list[NDArray[np.intp]]:
    """Runs of rows to draw: lowest and highest of each column, first come first; a silence begins a new run."""
    steps = np.diff(at)
    silent = steps > _SILENCE * np.median(steps) if len(steps) else np.zeros(0, dtype=bool)
    if silent.sum() > columns // 10:
        silent[:] = False
    run = np.concatenate([[0], np.cumsum(silent)])
    if len(at) <= 2 * columns:
        rows = np.arange(len(at))
    else:
        room = columns - int(run[-1])
        column = ((at - at[0]) * room // (at[-1] - at[0] + 1)).astype(np.int64)
        starts = np.flatnonzero(np.diff(run * room + column, prepend=-1))
        ends = np.append(starts[1:], len(at))
        pairs = ((s + np.argmin(value[s:e]), s + np.argmax(value[s:e])) for s, e in zip(starts, ends, strict=True))
        rows = np.unique(np.fromiter((row for pair in pairs for row in pair), dtype=np.intp))
    return np.split(rows, np.flatnonzero(np.diff(run[rows])) + 1)


def _path(panel: Panel, at: NDArray[np.int64], value: NDArray[np.float64], low: float, high: float) -> str:
    made = []
    for rows in thin(at, value):
        dots = [f"{svg.num(panel.axis.x(int(at[r])))},{svg.num(_y(panel, float(value[r]), low, high))}" for r in rows]
        # A sample that stands alone is a dot: a line of no length with round ends.
        made.append(f"M{dots[0]}L{' '.join(dots[1:] or dots)}")
    return "".join(made)


def _extreme(panel: Panel, at: NDArray[np.int64], value: NDArray[np.float64], low: float, high: float) -> list[str]:
    """The worst value, in figures, where it was reached."""
    row = int(np.argmax(value) if panel.signal.shift >= 0 else np.argmin(value))
    x, y = panel.axis.x(int(at[row])), _y(panel, float(value[row]), low, high)
    words = number(float(value[row]))
    half = svg.text_width(words, 12) / 2
    place = min(max(x, panel.axis.left + half + 4), panel.axis.right - half - 4)
    beside = y - 6 if panel.signal.shift >= 0 or y > panel.top + HEIGHT - 14 else y + 14
    return [svg.tag("circle", cx=x, cy=y, r=3, cls="worst"), svg.text(place, beside, words, "figure middle")]


def _names(panel: Panel) -> list[str]:
    left = panel.axis.left - 14
    usual = _usual(panel)
    lines = svg.wrap(panel.signal.indicator, left - 8, 2, 11)
    made = [svg.text(left, panel.top + 12, svg.shorten(panel.signal.component, left - 16, 13), "component end")]
    made += [svg.text(left, panel.top + 27 + 13 * n, line, "small end") for n, line in enumerate(lines)]
    if usual:
        made.append(svg.text(left, panel.top + 27 + 13 * len(lines), f"usually {number(usual[1])}", "small end"))
    return made


def _scale(panel: Panel, low: float, high: float) -> list[str]:
    """Top and bottom of the scale, to the right of it."""
    right = panel.axis.right + 8
    return [
        svg.text(right, _y(panel, high, low, high) + 4, number(high), "small"),
        svg.text(right, panel.top + HEIGHT, number(low), "small"),
    ]


def _said(panel: Panel, words: str) -> str:
    return svg.text(panel.axis.left + 8, panel.top + HEIGHT / 2, words, "small")
