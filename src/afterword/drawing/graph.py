"""The graph of causes: Graphviz says where things stand, the drawing is ours."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pygraphviz

from afterword.core.claim import phrase
from afterword.core.timeline import clock
from afterword.drawing import svg
from afterword.model.cause import Cause, Grade, LinkKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.model.cause import Explanation, Link

_SCOPE = "aw-graph"
_MOST = 60
#: More links than this carry the number of their grade alone; the legend has the words.
_WORDY = 24
#: Causes of one effect that stand side by side; more of them go a row lower.
_ABREAST = 4
_WIDTH, _PAD, _LINE, _MARGIN, _LEGEND = 236.0, 12.0, 16.0, 16.0, 56.0
_POINTS_AN_INCH = 72
#: The library keeps state between calls.
_ONE_AT_A_TIME = threading.Lock()

#: What a role is called, and the class of its colour.
_ROLES = {
    Role.IMPACT: ("Impact", "bad"),
    Role.TRIGGER: ("Trigger", "moved"),
    Role.PROXIMATE: ("Proximate cause", "warn"),
    Role.CONTRIBUTING: ("Contributing factor", "accent"),
    Role.LATENT: ("Systemic weakness", "gap"),
    Role.DEFENCE: ("Defence", "good"),
    Role.AMPLIFIER: ("Amplifier", "warn"),
    Role.MITIGATOR: ("Mitigator", "good"),
    Role.LUCK: ("Luck", "good"),
}
_RULES = """
text{unicode-bidi:isolate}
.bad{--c:var(--bad)}
.warn{--c:var(--warn)}
.accent{--c:var(--accent)}
.good{--c:var(--good)}
.moved{--c:var(--moved)}
.gap{--c:var(--gap)}
.box{fill:$paper;stroke:var(--c);stroke-width:1.2px}
.tint{fill:var(--c);fill-opacity:.07}
.edge{fill:var(--c)}
.role{fill:var(--c);font-weight:600;font-size:11px}
.role.gap{fill:$soft}
.says{font-size:13px}
.small{font-size:11px;fill:$soft}
.end{text-anchor:end}
.middle{text-anchor:middle}
.link{fill:none;stroke:$ink;stroke-opacity:.75}
.head{fill:$ink;fill-opacity:.8}
.bar{fill:none;stroke:$ink;stroke-width:2.5px}
.grade0{stroke-dasharray:1.5 4;stroke-width:1.4px}
.grade1{stroke-dasharray:7 5;stroke-width:1.4px}
.grade2{stroke-width:1.6px}
.grade3{stroke-width:2.8px}
.grade4{stroke-width:4px}
"""


@dataclass(frozen=True, slots=True)
class _Box:
    cause: Cause
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return 2 * _PAD + 14 + _LINE * len(self.lines)


_Curve = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Laid:
    """Centres of the boxes, and of each link its curve below and above its words and their place; y goes downwards."""

    width: float
    height: float
    at: Mapping[str, tuple[float, float]]
    curves: Mapping[int, tuple[_Curve, _Curve, tuple[float, float]]]


def draw(explanation: Explanation) -> str:
    """The picture as SVG text, the impact on top; what was ruled out is not in it."""
    causes = _kept(explanation)
    boxes = {one.id: _Box(one, tuple(svg.wrap(one.statement, _WIDTH - 2 * _PAD - 6, 5, 13))) for one in causes}
    links = [link for link in explanation.links if link.cause in boxes and link.effect in boxes]
    laid = _lay(explanation.top, boxes, links)
    parts = [_link(link, laid, n, words=len(links) <= _WORDY) for n, link in enumerate(links)]
    parts += [_node(box, *laid.at[name]) for name, box in boxes.items()]
    width = max(laid.width, 720)
    parts = [svg.group(parts, transform=f"translate({svg.num((width - laid.width) / 2)} 0)")]
    hidden = sum(1 for one in explanation.causes if one.role is not Role.RULED_OUT) - len(boxes)
    parts += _legend(laid.height + 26, hidden, links)
    return svg.picture(
        _SCOPE, width, laid.height + _LEGEND, "Graph of causes", _about(boxes, links), _RULES, parts, least=width * 0.8
    )


def _kept(explanation: Explanation) -> list[Cause]:
    """The impact, then what is linked, then the rest, as far as one picture can hold them."""
    linked = {end for link in explanation.links for end in (link.cause, link.effect)}
    nodes = [one for one in explanation.causes if one.role is not Role.RULED_OUT]
    order = sorted(nodes, key=lambda one: (one.id != explanation.top, one.id not in linked))
    return order[:_MOST]


def _lay(top: str, boxes: Mapping[str, _Box], links: Sequence[Link]) -> _Laid:
    """Places from Graphviz, which is told numbers only: no word of the evidence reaches it, and no font is needed.

    The words of a link are a small box of their own between cause and effect, so that there is room for them.
    """
    graph = pygraphviz.AGraph(strict=False, directed=True, rankdir="BT", nodesep="0.3", ranksep="0.22")
    names = {name: f"n{n}" for n, name in enumerate(boxes)}
    for name, box in boxes.items():
        graph.add_node(names[name], **_size(_WIDTH, box.height))
    for n, (link, lower) in enumerate(zip(links, _rows(links), strict=True)):
        graph.add_node(f"w{n}", **_size(*_words_size(link, wordy=len(links) <= _WORDY)))
        graph.add_edge(names[link.cause], f"w{n}", minlen=str(1 + 2 * lower))
        graph.add_edge(f"w{n}", names[link.effect])
    linked = {end for link in links for end in (link.cause, link.effect)}
    for n, name in enumerate(one for one in boxes if one not in linked and one != top and top in names):
        graph.add_edge(names[name], names[top], style="invis", minlen=str(2 + 2 * (n // _ABREAST)))
    with _ONE_AT_A_TIME:
        graph.layout(prog="dot")
    return _read(graph, names, links)


def _size(width: float, height: float) -> dict[str, str]:
    w, h = (f"{size / _POINTS_AN_INCH:.4f}" for size in (width, height))
    return {"shape": "box", "fixedsize": "true", "width": w, "height": h, "label": ""}


def _words_size(link: Link, *, wordy: bool) -> tuple[float, float]:
    lines = _words(link, wordy=wordy)
    return max(svg.text_width(line, 11) for line in lines) + 6, 13.0 * len(lines) + 4


def _words(link: Link, *, wordy: bool) -> list[str]:
    grade = f"grade {int(link.grade)}"
    return [link.kind.value, grade] if wordy else [grade]


def _rows(links: Sequence[Link]) -> list[int]:
    """How many rows lower each cause stands: a cause that nothing leads to may, when its effect has many."""
    out, fed = Counter(link.cause for link in links), {link.effect for link in links}
    seen = Counter(link.effect for link in links if link.cause in fed or out[link.cause] > 1)
    made = []
    for link in links:
        lone = out[link.cause] == 1 and link.cause not in fed
        made.append(seen[link.effect] // _ABREAST if lone else 0)
        seen[link.effect] += lone
    return made


def _read(graph: pygraphviz.AGraph, names: Mapping[str, str], links: Sequence[Link]) -> _Laid:
    _, _, width, height = map(float, graph.graph_attr["bb"].split(","))

    def place(text: str) -> tuple[float, float]:
        x, y = map(float, text.split(","))
        return x + _MARGIN, height - y + _MARGIN

    def curve(start: str, end: str) -> list[tuple[float, float]]:
        """The knots of a spline, the tip of the arrow last."""
        tip, *rest = graph.get_edge(start, end).attr["pos"].replace("\\\n", "").removeprefix("e,").split()
        return [*map(place, rest), place(tip)]

    at = {name: place(graph.get_node(node).attr["pos"]) for name, node in names.items()}
    curves = {}
    for n, link in enumerate(links):
        words = f"w{n}"
        halves = curve(names[link.cause], words), curve(words, names[link.effect])
        curves[n] = (*halves, place(graph.get_node(words).attr["pos"]))
    return _Laid(width + 2 * _MARGIN, height + 2 * _MARGIN, at, curves)


def _node(box: _Box, x: float, y: float) -> str:
    cause, height = box.cause, box.height
    name, colour = _ROLES[cause.role]
    left, top = x - _WIDTH / 2, y - height / 2
    parts = [
        svg.tag("rect", x=left, y=top, width=_WIDTH, height=height, rx=4, cls="box"),
        svg.tag("rect", x=left, y=top, width=_WIDTH, height=height, rx=4, cls="tint"),
        svg.tag("rect", x=left, y=top, width=5, height=height, rx=2, cls="edge"),
        svg.text(left + _PAD + 4, top + _PAD + 8, name, f"role {colour}"),
    ]
    if cause.at is not None:
        parts.append(svg.text(left + _WIDTH - _PAD, top + _PAD + 8, f"{clock(cause.at)} UTC", "small end"))
    for n, line in enumerate(box.lines):
        parts.append(svg.text(left + _PAD + 4, top + _PAD + 27 + _LINE * n, line, "says"))
    return svg.group(parts, title=f"{name}: {cause.statement}", cls=colour)


def _link(link: Link, laid: _Laid, number: int, *, words: bool) -> str:
    """The curve, its head, and the words for how well it is supported."""
    lower, upper, (x, y) = laid.curves[number]
    path = _path(lower, tip=True) + _path(upper, tip=False)
    parts = [svg.tag("path", d=path, cls=f"link grade{int(link.grade)}"), _head(upper[-2], upper[-1], link.kind)]
    lines = _words(link, wordy=words)
    for n, line in enumerate(lines):
        parts.append(svg.text(x, y + 4 + 13 * (n - (len(lines) - 1) / 2), line, "small middle"))
    return svg.group(parts, title=f"{link.kind.value}, {_grade(link.grade)}. {' '.join(link.tests)}")


def _grade(grade: Grade) -> str:
    """``grade 2: mechanism seen``, from the words of the document."""
    words = phrase("link", {}, [int(grade), []]).rpartition(" (")[0]
    return f"grade {int(grade)}: {words}"


def _path(curve: _Curve, *, tip: bool) -> str:
    first, *middle, end = curve
    return f"M{_pair(first)}C{' '.join(map(_pair, middle))}" + (f"L{_pair(end)}" if tip else "")


def _pair(point: tuple[float, float]) -> str:
    return f"{svg.num(point[0])},{svg.num(point[1])}"


def _head(start: tuple[float, float], end: tuple[float, float], kind: LinkKind) -> str:
    """An arrow; a bar across for what undoes or fails to stop."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    if kind in (LinkKind.UNDOES, LinkKind.FAILS_TO_STOP):
        near = (end[0] - 3 * dx, end[1] - 3 * dy)
        ends = [(near[0] + side * dy, near[1] - side * dx) for side in (7, -7)]
        return svg.tag("path", d=f"M{_pair(start)}L{_pair(near)}M{_pair(ends[0])}L{_pair(ends[1])}", cls="bar")
    back = (end[0] - 10 * dx, end[1] - 10 * dy)
    sides = [(back[0] + side * dy, back[1] - side * dx) for side in (4.5, -4.5)]
    return svg.tag("path", d=f"M{_pair(end)}L{_pair(sides[0])}L{_pair(sides[1])}z", cls="head")


def _legend(y: float, hidden: int, links: Sequence[Link]) -> Iterator[str]:
    """The grades that occur; a reader has to tell them apart without colour."""
    x = _MARGIN
    for grade in sorted({link.grade for link in links}):
        words = _grade(grade)
        yield svg.tag("path", d=f"M{svg.num(x)} {svg.num(y - 4)}h30", cls=f"link grade{int(grade)}")
        yield svg.text(x + 36, y, words, "small")
        x += 36 + svg.text_width(words, 11) + 22
    said = "Read from below: each arrow leads from a cause to what it led to."
    more = f" {hidden} more are in the list of causes." if hidden > 0 else ""
    yield svg.text(_MARGIN, y + 18, said + more, "small")


def _about(boxes: Mapping[str, _Box], links: Sequence[Link]) -> str:
    """The picture in words, for those who cannot see it."""
    said = [
        f"{boxes[link.cause].cause.statement} {link.kind.value} {boxes[link.effect].cause.statement} ({_grade(link.grade)})."
        for link in links
    ]
    return " ".join(said)
