"""Where boxes and lines of a graph stand, from Graphviz. It is told sizes only: no word reaches it, no font is needed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pygraphviz

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Place = tuple[float, float]
_POINTS_AN_INCH = 72
#: The library keeps state between calls.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Edge:
    """From a box up to another, with room of ``size`` for words in the middle; ``lower``: rows further apart."""

    start: str
    end: str
    size: Place
    lower: int = 0
    #: Keeps its place, and is not drawn.
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    """Centres of boxes; of each edge its curve below and above its words, and their centre. y goes downwards."""

    width: float
    height: float
    at: Mapping[str, Place]
    curves: Sequence[tuple[list[Place], list[Place], Place]]


def lay(boxes: Mapping[str, Place], edges: Sequence[Edge], margin: float) -> Laid:
    """The words of an edge are a small box of their own between its ends, so that there is room for them."""
    graph = pygraphviz.AGraph(strict=False, directed=True, rankdir="BT", nodesep="0.3", ranksep="0.22")
    names = {name: f"n{n}" for n, name in enumerate(boxes)}
    for name, size in boxes.items():
        graph.add_node(names[name], **_size(size))
    for n, edge in enumerate(edges):
        style = {"style": "invis", "weight": "20"} if edge.hidden else {"style": "solid"}
        graph.add_node(f"w{n}", **_size(edge.size))
        graph.add_edge(names[edge.start], f"w{n}", minlen=str(1 + 2 * edge.lower), **style)
        graph.add_edge(f"w{n}", names[edge.end], **style)
    with _ONE_AT_A_TIME:
        graph.layout(prog="dot")
    return _read(graph, names, edges, margin)


def _size(size: Place) -> dict[str, str]:
    width, height = (f"{one / _POINTS_AN_INCH:.4f}" for one in size)
    return {"shape": "box", "fixedsize": "true", "width": width, "height": height, "label": ""}


def _read(graph: pygraphviz.AGraph, names: Mapping[str, str], edges: Sequence[Edge], margin: float) -> Laid:
    _, _, width, height = map(float, graph.graph_attr["bb"].split(","))

    def place(text: str) -> Place:
        x, y = map(float, text.split(","))
        return x + margin, height - y + margin

    def centre(node: str) -> Place:
        return place(graph.get_node(node).attr["pos"])

    def curve(start: str, end: str) -> list[Place]:
        """The knots of a spline, the tip of the arrow last."""
        tip, *rest = graph.get_edge(start, end).attr["pos"].replace("\\\n", "").removeprefix("e,").split()
        return [*map(place, rest), place(tip)]

    curves = [
        ([], [], (0.0, 0.0))
        if edge.hidden
        else (curve(names[edge.start], f"w{n}"), curve(f"w{n}", names[edge.end]), centre(f"w{n}"))
        for n, edge in enumerate(edges)
    ]
    return Laid(width + 2 * margin, height + 2 * margin, {name: centre(node) for name, node in names.items()}, curves)
