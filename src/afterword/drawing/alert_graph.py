"""The graph of alerts that lead to others: what starts by itself at the bottom, what it leads to above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.drawing import svg
from afterword.drawing.layout import Edge, Laid, Place, lay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.model.alert import AlertGraph, AlertKind, AlertLink

_SCOPE = "aw-alerts"
_WIDTH, _HEIGHT, _PAD, _MARGIN, _LEGEND = 190.0, 46.0, 10.0, 16.0, 44.0
#: More links than this no picture makes clear; the table has them all.
_MOST = 120
#: More links than this carry no words.
_WORDY = 40
_TITLE, _NONE = "Alerts that lead to others", "In this history no alert leads to another, as far as it can tell."
_RULES = """
text{unicode-bidi:isolate}
.box{fill:$paper;stroke:$accent;stroke-width:1.2px}
.root{stroke:$warn;stroke-width:2px}
.says{font-size:13px}
.small{font-size:11px;fill:$soft}
.middle{text-anchor:middle}
.link{fill:none;stroke:$ink;stroke-opacity:.7}
.thin{stroke-width:1.2px}
.plain{stroke-width:2px}
.thick{stroke-width:3.4px}
.unsure{stroke-dasharray:5 4}
.head{fill:$ink;fill-opacity:.8}
"""


def draw(graph: AlertGraph) -> str:
    """The picture as SVG text; the links that explain the most, as far as one picture can hold them."""
    shown = (*graph.links, *graph.together)[:_MOST]
    if not shown:
        return svg.picture(_SCOPE, 560, 60, _TITLE, _NONE, _RULES, [svg.text(_MARGIN, 34, _NONE, "small")])
    linked = {end for one in shown for end in (one.cause, one.effect)}
    kinds = {one.name: one for one in graph.kinds if one.name in linked}
    words = [_words(one) if len(shown) <= _WORDY else "" for one in shown]
    edges = [
        Edge(one.cause, one.effect, (max(svg.text_width(said, 11) + 6, 4.0), 17.0 if said else 4.0))
        for one, said in zip(shown, words, strict=True)
    ]
    laid = lay(dict.fromkeys(kinds, (_WIDTH, _HEIGHT)), edges, _MARGIN)
    width = max(laid.width, 560.0)
    unsure = {id(one) for one in graph.together}
    parts = [_link(one, laid, n, words[n], unsure=id(one) in unsure) for n, one in enumerate(shown)]
    parts += [_box(one, *laid.at[name]) for name, one in kinds.items()]
    parts = [svg.group(parts, transform=f"translate({svg.num((width - laid.width) / 2)} 0)")]
    parts.append(svg.text(_MARGIN, laid.height + 22, _legend(graph, len(shown)), "small"))
    about = " ".join(f"{one.cause} leads to {one.effect}." for one in shown)
    return svg.picture(_SCOPE, width, laid.height + _LEGEND, _TITLE, about, _RULES, parts, least=width * 0.72)


def _legend(graph: AlertGraph, shown: int) -> str:
    left = len(graph.links) + len(graph.together) - shown
    said = "Read from below: an arrow leads from an alert to what it led to; dashed: which way is not told."
    return f"{said} {left} weaker links are not shown." if left > 0 else said


def _words(link: AlertLink) -> str:
    return f"{link.explains:.0%} after {link.delay:.3g} s"


def _box(kind: AlertKind, x: float, y: float) -> str:
    left, top = x - _WIDTH / 2, y - _HEIGHT / 2
    told = f"{kind.count} alerts, {kind.led_to:.0%} led to by others" if kind.led_to else f"{kind.count} alerts"
    parts = [
        svg.tag("rect", x=left, y=top, width=_WIDTH, height=_HEIGHT, rx=4, cls="box" if kind.level else "box root"),
        svg.text(left + _PAD, top + 19, svg.shorten(kind.name, _WIDTH - 2 * _PAD, 13), "says"),
        svg.text(left + _PAD, top + 36, told, "small"),
    ]
    return svg.group(parts, title=f"{kind.name}: {told}")


def _link(link: AlertLink, laid: Laid, number: int, said: str, *, unsure: bool) -> str:
    lower, upper, (x, y) = laid.curves[number]
    style = f"link {_thick(link)}{' unsure' if unsure else ''}"
    path = _path(lower, tip=True) + _path(upper, tip=False)
    parts = [svg.tag("path", d=path, cls=style)]
    if not unsure:
        parts.append(_head(upper[-2], upper[-1]))
    if said:
        parts.append(svg.text(x, y + 4, said, "small middle"))
    return svg.group(parts, title=f"{link.cause} leads to {link.effect}: {_words(link)}")


def _thick(link: AlertLink) -> str:
    """By how many alerts one alert brings about."""
    return "thick" if link.strength >= 0.6 else "plain" if link.strength >= 0.2 else "thin"


def _path(curve: Sequence[Place], *, tip: bool) -> str:
    first, *middle, end = curve
    return f"M{_pair(first)}C{' '.join(map(_pair, middle))}" + (f"L{_pair(end)}" if tip else "")


def _pair(point: Place) -> str:
    return f"{svg.num(point[0])},{svg.num(point[1])}"


def _head(start: Place, end: Place) -> str:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    back = (end[0] - 9 * dx, end[1] - 9 * dy)
    sides = [(back[0] + side * dy, back[1] - side * dx) for side in (4.0, -4.0)]
    return svg.tag("path", d=f"M{_pair(end)}L{_pair(sides[0])}L{_pair(sides[1])}z", cls="head")
