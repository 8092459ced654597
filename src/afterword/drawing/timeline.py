"""The incident in one picture: its points, where the time went, what was done, and the signals that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.claim import named
from afterword.core.harm import HARM
from afterword.core.indicator import family
from afterword.drawing import axis as axes
from afterword.drawing import band, panel, svg
from afterword.drawing.panel import Panel
from afterword.model.cause import Role
from afterword.model.time import clock, iso, minutes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.core.case import Series
    from afterword.drawing.axis import Axis
    from afterword.model.postmortem import Postmortem, Signal

_SCOPE = "aw-timeline"
_WIDTH, _LEFT, _RIGHT = 1130.0, 204.0, 1016.0
_MOST_PANELS, _MOST_HARM = 6, 4
_RULES = """
text{unicode-bidi:isolate;dominant-baseline:auto}
.end{text-anchor:end}
.middle{text-anchor:middle}
.small,.figure,.tick{font-size:11px}
.small,.small12,.tick,.clock{fill:$soft}
.clock{font-variant-numeric:tabular-nums}
.name,.took,.component,.component12{font-weight:600}
.component{font-size:13px}
.figure{font-weight:600}
.figure,.halo{paint-order:stroke;stroke:$paper;stroke-width:3px;stroke-linejoin:round}
.rule{stroke:$line}
.grid{stroke:$line;stroke-dasharray:1 3}
.window{fill:$bad;fill-opacity:.06}
.field{fill:none;stroke:$line}
.usual{fill:$good;fill-opacity:.2}
.curve{fill:none;stroke:$accent;stroke-width:1.4px;stroke-linejoin:round;stroke-linecap:round}
.worst{fill:$bad}
.behind{fill:$paper}
.moved{--c:var(--moved)}
.bad{--c:var(--bad)}
.warn{--c:var(--warn)}
.accent{--c:var(--accent)}
.good{--c:var(--good)}
.name{fill:var(--c)}
.solid{fill:var(--c)}
.hollow{fill:$paper;stroke:var(--c);stroke-width:1.6px}
.leader{stroke:var(--c);stroke-opacity:.7}
.through{stroke:var(--c);stroke-opacity:.55;stroke-dasharray:4 3}
.whisker{fill:none;stroke:var(--c);stroke-width:1.4px}
.bar.harm{fill:$bad;fill-opacity:.75}
.bar.gap{fill:$gap;fill-opacity:.22;stroke:$gap}
.bar.longest{fill:$warn;fill-opacity:.28;stroke:$warn}
.hatching{stroke:$soft;stroke-opacity:.45;stroke-width:1.2px}
"""


def draw(pm: Postmortem, series: Sequence[Series]) -> str:
    """The picture as SVG text. ``pm`` must have a window."""
    assert pm.window is not None
    axis = axes.around(pm.window, (point.at for point in pm.points), _LEFT, _RIGHT)
    shown = chosen(pm, {(one.component, named(one)): one for one in series})
    flags = band.flags(pm.points, axis)
    bottom = _below(pm, axis, flags, len(shown))
    parts, y = band.points(flags, axis, 14, bottom)
    bars, y = band.bars(band.stretches(pm), axis, y, f"{_SCOPE}-hatch")
    lanes, y = band.lanes(pm.moments, axis, y + 14)
    panels = [
        panel.draw(Panel(signal, one, pm.baseline, axis, y + 6 + n * _step())) for n, (signal, one) in enumerate(shown)
    ]
    behind = [*_ticks(axis, 14, bottom), _shade(pm, axis, y - 8, bottom)]
    foot = list(_legend(bottom + 48))
    every = [_hatch(), *behind, *panels, *lanes, *parts, *bars, *foot]
    return svg.picture(_SCOPE, _WIDTH, bottom + 60, "Timeline of the incident", _about(pm), _RULES, every, least=760)


def _step() -> float:
    return panel.HEIGHT + 16


def _below(pm: Postmortem, axis: Axis, flags: Sequence[band.Flag], panels: int) -> float:
    """Where the signals end: known before anything is drawn, since lines go down to it."""
    _, y = band.points(flags, axis, 14, 0)
    _, y = band.bars(band.stretches(pm), axis, y, "")
    _, y = band.lanes(pm.moments, axis, y + 14)
    return y + 6 + panels * _step() - 8


def chosen(pm: Postmortem, series: Mapping[tuple[str, str], Series]) -> list[tuple[Signal, Series]]:
    """At most six: what users felt first, then what the failing components show; told in the order in which they moved."""
    failing = {c.component for c in pm.explanation.causes if c.role in (Role.PROXIMATE, Role.TRIGGER, Role.IMPACT)}
    known = [
        (signal, series[signal.component, signal.indicator])
        for signal in pm.signals
        if (signal.component, signal.indicator) in series
    ]
    ranked = sorted(
        known,
        key=lambda pair: (
            pair[0].component not in failing,
            pair[0].onset is None,
            _nameless(pair[0]),
            -abs(pair[0].shift),
        ),
    )
    harm = _varied([p for p in ranked if family(p[0].indicator) in HARM])
    other = _varied([p for p in ranked if family(p[0].indicator) not in HARM and p[0].component in failing])
    rest = [p for p in ranked if p not in other]
    first = [*harm[:_MOST_HARM], *other[: _MOST_PANELS - _MOST_HARM]]
    picked = [*first, *(p for p in (*harm, *other, *rest) if p not in first)][:_MOST_PANELS]
    return sorted(picked, key=lambda p: (p[0].onset is None, p[0].onset or 0, p[0].component, p[0].indicator))


def _nameless(signal: Signal) -> bool:
    """A series that its export gave no name, or labels only: nobody can tell what such a panel shows."""
    return signal.indicator in ("", "value") or signal.indicator.startswith("{")


def _varied(pairs: Sequence[tuple[Signal, Series]]) -> list[tuple[Signal, Series]]:
    """One of each component and family before a second of any."""
    seen: set[tuple[str, str]] = set()
    first: list[tuple[Signal, Series]] = []
    later: list[tuple[Signal, Series]] = []
    for pair in pairs:
        key = (pair[0].component, family(pair[0].indicator).value)
        (later if key in seen else first).append(pair)
        seen.add(key)
    return first + later


def _ticks(axis: Axis, top: float, bottom: float) -> Iterator[str]:
    for at in axis.ticks():
        x = axis.x(at)
        yield svg.tag("line", x1=x, x2=x, y1=top, y2=bottom, cls="grid")
        yield svg.text(x, bottom + 16, axis.label(at), "tick middle")
    # On a line of its own: the first tick may stand at the very left.
    yield svg.text(axis.left - 14, bottom + 31, f"{iso(axis.start)[:10]}, UTC", "tick end")


def _shade(pm: Postmortem, axis: Axis, top: float, bottom: float) -> str:
    assert pm.window is not None
    left, right = axis.x(pm.window.start), axis.x(pm.window.end)
    return svg.tag("rect", x=left, y=top, width=right - left, height=bottom - top, cls="window")


def _hatch() -> str:
    line = svg.tag("line", x1=0, y1=0, x2=0, y2=6, cls="hatching")
    return f'<defs><pattern id="{_SCOPE}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">{line}</pattern></defs>'


def _legend(y: float) -> Iterator[str]:
    x = _LEFT
    marks = (
        (svg.tag("circle", cx=5, cy=-4, r=4, cls="solid accent"), 10, "estimated from telemetry"),
        (svg.tag("circle", cx=5, cy=-4, r=4, cls="hollow accent"), 10, "stated by people"),
        (svg.tag("path", d="M0 -8v8m0-4h14m0-4v8", cls="whisker accent"), 14, "not before, not after"),
        (svg.tag("rect", x=0, y=-9, width=14, height=10, cls="usual"), 14, "usual range"),
        (svg.tag("rect", x=0, y=-9, width=14, height=10, cls="window"), 14, "the incident"),
    )
    for mark, width, words in marks:
        yield svg.group(
            [mark, svg.text(width + 6, 0, words, "small")], transform=f"translate({svg.num(x)} {svg.num(y)})"
        )
        x += width + 28 + svg.text_width(words, 11)


def _about(pm: Postmortem) -> str:
    """The picture in words, for those who cannot see it."""
    assert pm.window is not None
    said = [f"From {iso(pm.window.start)} to {iso(pm.window.end)}, {minutes(pm.window.length)}."]
    said += [f"{band.NAMES[p.name][0]} at {clock(p.at)} ({p.by.value})." for p in sorted(pm.points, key=lambda p: p.at)]
    said += [f"{one.took} {one.words}." for one in band.stretches(pm)]
    return " ".join(said)
