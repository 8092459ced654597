"""A fault tree, read from the left: the top event, what it needs, and so on down to the basic events on the right.

It lies on its side because our statements are sentences: one below the other they can be read at any number.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afterword.core.cause.lane import number
from afterword.drawing import gate as gates
from afterword.drawing import svg
from afterword.model.tree import BasicEvent, Gate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.tree import FaultTree

_SCOPE = "aw-tree"
#: Shapes in one picture; what is below is counted.
_MOST = 60
_BOX, _GAP, _BUS, _LEAF, _LINE, _MARGIN = 190.0, 14.0, 30.0, 330.0, 15.0, 16.0
_STEP = _BOX + _GAP + gates.WIDTH + _BUS
_RULES = """
text{unicode-bidi:isolate}
.says,.top{font-size:12.5px}
.top{font-weight:600}
.small,.votes,.query{font-size:11px}
.small{fill:$soft}
.middle{text-anchor:middle}
.halo{paint-order:stroke;stroke:$paper;stroke-width:3px;stroke-linejoin:round}
.box{fill:$sunk;stroke:$line}
.box.first{stroke:$bad;stroke-width:1.6px}
.wire{fill:none;stroke:$soft}
.gate{fill:$paper;stroke:$ink;stroke-width:1.4px;stroke-linejoin:round}
.open{fill:none}
.votes,.query{font-weight:600}
.event{fill:$paper;stroke-width:1.5px}
.event.happened{fill:$bad;stroke:$bad}
.event.absent{stroke:$good}
.event.plain{stroke:$ink}
.event.unknown{stroke:$soft;stroke-dasharray:3 2.5}
.mark{fill:none;stroke-width:2px;stroke-linecap:round;stroke-linejoin:round}
.mark.happened{stroke:$paper}
.mark.absent{stroke:$good}
.more{fill:$accent;font-size:12px;font-weight:600}
"""


@dataclass(slots=True)
class _Node:
    """A shape with its words. ``kind``: gate, event, transfer (drawn elsewhere) or more (left out, counted)."""

    kind: str
    label: str
    gate: Gate | None = None
    event: BasicEvent | None = None
    below: list[_Node] = field(default_factory=list)
    depth: int = 0
    y: float = 0.0

    @property
    def lines(self) -> list[str]:
        # Bold letters of the top are wider.
        inner = (_BOX - 20) * (1 if self.depth else 0.9) if self.kind == "gate" else _LEAF - 40
        return svg.wrap(self.label, inner, 5 if self.kind == "gate" else 3, 12.5)

    @property
    def height(self) -> float:
        """Of the shape alone, with the room around it."""
        if self.kind == "gate":
            return max(_LINE * len(self.lines) + 18, 2 * gates.HALF + 18) + 12
        return max(_LINE * (len(self.lines) + (_stated(self) != "")), 2 * gates.RADIUS) + 14

    @property
    def room(self) -> float:
        return max(self.height, sum(one.room for one in self.below))


def draw(tree: FaultTree) -> str:
    """The picture as SVG text; beyond some sixty shapes the rest is counted."""
    top = _expand(tree)
    _place(top, _MARGIN)
    nodes = list(_walk(top))
    told = any(one.happened is not None for one in tree.events)
    parts = [wire for node in nodes for wire in _wires(node)]
    parts += [_shape(node, first=node is top, told=told) for node in nodes]
    right = max(_left(node) + (_STEP if node.kind == "gate" else _leaf_width(node)) for node in nodes)
    width, bottom = max(right + _MARGIN, 640), _MARGIN + top.room
    parts += _legend(nodes if told else [], bottom + 22)
    return svg.picture(
        _SCOPE, width, bottom + 38, "Fault tree", _about(top), _RULES, parts, least=min(width, max(width * 0.75, 640))
    )


def _expand(tree: FaultTree) -> _Node:
    """Breadth first, so that what is left out is what lies deepest. A gate met again points to where it is drawn."""
    known: dict[str, Gate | BasicEvent] = {one.name: one for one in tree.events}
    known.update((one.name, one) for one in tree.gates)
    top = _node(tree.top, known)
    queue, drawn, shown = deque([top] if top.gate else []), {tree.top}, 1
    while queue:
        node = queue.popleft()
        assert node.gate is not None
        inputs = node.gate.inputs
        room = max(_MOST - shown, 1)
        fits = inputs if len(inputs) <= room else inputs[: room - 1]
        for name in fits:
            again = name in drawn and isinstance(known.get(name), Gate)
            child = _Node("transfer", _label(name, known)) if again else _node(name, known)
            child.depth = node.depth + 1
            node.below.append(child)
            if child.gate:
                queue.append(child)
                drawn.add(name)
        if len(fits) < len(inputs):
            rest = _count(inputs[len(fits) :], known)
            node.below.append(_Node("more", f"+{rest} more", depth=node.depth + 1))
        shown += len(node.below)
    return top


def _node(name: str, known: Mapping[str, Gate | BasicEvent]) -> _Node:
    found = known.get(name)
    if isinstance(found, Gate):
        return _Node("gate", _label(name, known), gate=found)
    return _Node("event", _label(name, known), event=found)


def _label(name: str, known: Mapping[str, Gate | BasicEvent]) -> str:
    found = known.get(name)
    return (found.label if found else "") or name


def _count(names: tuple[str, ...], known: Mapping[str, Gate | BasicEvent]) -> int:
    """Gates and events at or below these, each counted once."""
    seen: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            found = known.get(name)
            stack += found.inputs if isinstance(found, Gate) else ()
    return len(seen)


def _place(node: _Node, top: float) -> None:
    """Every subtree has a strip of its own, so nothing overlaps; a shape stands in the middle of its strip."""
    node.y = top + node.room / 2
    y = top + (node.room - sum(one.room for one in node.below)) / 2
    for one in node.below:
        _place(one, y)
        y += one.room


def _walk(node: _Node) -> Iterator[_Node]:
    yield node
    for one in node.below:
        yield from _walk(one)


def _left(node: _Node) -> float:
    return _MARGIN + _STEP * node.depth


def _leaf_width(node: _Node) -> float:
    widths = [svg.text_width(line, 12.5) for line in (*node.lines, _stated(node))]
    return 2 * gates.RADIUS + 10 + max(widths, default=0)


def _wires(node: _Node) -> Iterator[str]:
    if node.kind != "gate":
        return
    n, left, y = svg.num, _left(node), node.y
    yield svg.tag("path", d=f"M{n(left + _BOX)} {n(y)}h{n(_GAP)}", cls="wire")
    start, bus = left + _BOX + _GAP + gates.WIDTH - 3, left + _STEP - _BUS / 2
    for one in node.below:
        yield svg.tag("path", d=f"M{n(start)} {n(y)}H{n(bus)}V{n(one.y)}H{n(left + _STEP)}", cls="wire")


def _shape(node: _Node, *, first: bool, told: bool) -> str:
    left, y = _left(node), node.y
    if node.kind == "gate":
        assert node.gate is not None
        height = node.height - 12
        box = svg.tag(
            "rect", x=left, y=y - height / 2, width=_BOX, height=height, rx=3, cls="box first" if first else "box"
        )
        words = _words(node.lines, left + 10, y, "top" if first else "says")
        return svg.group(
            [box, *words, gates.symbol(node.gate, left + _BOX + _GAP, y)],
            title=f"{gates.words(node.gate)}: {node.label}",
        )
    if node.kind == "more":
        return svg.text(left + 4, y + 4, node.label, "more")
    shape = gates.transfer(left, y) if node.kind == "transfer" else gates.event(node.event, left, y, told=told)
    stated = _stated(node)
    lines = [*node.lines, *([stated] if stated else [])]
    words = _words(lines, left + 2 * gates.RADIUS + 8, y, "says", last="small" if stated else "says")
    return svg.group([shape, *words], title=f"{node.label} ({_told(node)})")


def _words(lines: list[str], x: float, y: float, cls: str, *, last: str = "") -> Iterator[str]:
    top = y - _LINE * (len(lines) - 1) / 2 + 4
    for n, line in enumerate(lines):
        yield svg.text(x, top + _LINE * n, line, last if last and n == len(lines) - 1 else cls)


def _stated(node: _Node) -> str:
    """What stands below the words of an event: its probability, or where a gate is drawn."""
    if node.kind == "transfer":
        return "drawn elsewhere in this picture"
    if node.event is None or node.event.probability is None:
        return ""
    return f"probability {number(node.event.probability)}"


def _told(node: _Node) -> str:
    if node.kind == "transfer":
        return "drawn elsewhere in this picture"
    return {"happened": "happened", "absent": "did not happen", "unknown": "not known"}[gates.state_of(node.event)]


def _legend(nodes: list[_Node], y: float) -> Iterator[str]:
    """The kinds of events that occur, told apart by more than their colour."""
    x = _MARGIN
    seen = {gates.state_of(node.event) for node in nodes if node.kind == "event"}
    for state, words, happened in (
        ("happened", "happened", True),
        ("absent", "did not happen", False),
        ("unknown", "not known", None),
    ):
        if state in seen:
            yield svg.group(
                [gates.event(BasicEvent("", happened=happened), 0, 0)],
                transform=f"translate({svg.num(x)} {svg.num(y - 4)}) scale(.7)",
            )
            yield svg.text(x + 22, y, words, "small")
            x += 22 + svg.text_width(words, 11) + 22
    yield svg.text(x, y, "Read from the left: what stands there needs what stands to the right of it.", "small")


def _about(top: _Node) -> str:
    """The picture in words, for those who cannot see it."""
    said = [
        f"{node.label} needs {gates.words(node.gate)}: {'; '.join(one.label for one in node.below)}."
        for node in _walk(top)
        if node.gate is not None
    ]
    return " ".join(said) or top.label
