"""The graph as GraphML (graphml.graphdrawing.org), as yEd, Gephi and NetworkX read and write it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from afterword.app.xml_reader import parse_xml
from afterword.model.cause import LinkKind, NodeKind
from afterword.model.drawn import DrawnGraph, DrawnLink, DrawnNode
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.xml_reader import Element

_NODE = ("label", "kind", "role", "held", "component", "at", "needs")
_EDGE = ("kind", "grade")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
#: Characters that XML 1.0 cannot hold.
_BARE = {code: None for code in range(32) if code not in (9, 10, 13)}


def write(drawn: DrawnGraph) -> str:
    keys = [
        f'  <key id="{_key(kind, one)}" for="{kind}" attr.name="{one}" attr.type="string"/>'
        for kind, names in (("node", _NODE), ("edge", _EDGE))
        for one in names
    ]
    lines = [*keys, '  <graph id="causes" edgedefault="directed">']
    for one in drawn.nodes:
        said = (one.statement, one.kind.value, one.role, one.held, one.component, one.at, one.needs)
        lines += [f"    <node id={quoteattr(one.id)}>", *_data("node", _NODE, said), "    </node>"]
    for link in drawn.links:
        lines += [
            f"    <edge source={quoteattr(link.cause)} target={quoteattr(link.effect)}>",
            *_data("edge", _EDGE, (link.kind.value, str(link.grade))),
            "    </edge>",
        ]
    return _HEAD + "\n".join([*lines, "  </graph>", "</graphml>"]) + "\n"


def _key(kind: str, name: str) -> str:
    return f"{kind[0]}_{name}"


def _data(kind: str, names: tuple[str, ...], values: tuple[str, ...]) -> Iterator[str]:
    for name, value in zip(names, values, strict=True):
        if value:
            yield f'      <data key="{_key(kind, name)}">{escape(value.translate(_BARE))}</data>'


def read(text: str) -> DrawnGraph:
    """Raises InvalidError where it is no GraphML, or holds what may not be read (entities, other documents)."""
    root = parse_xml(text.encode())
    if _tag(root) != "graphml":
        raise InvalidError(f"line {root.line}: <{root.tag[:40]}> is no GraphML document")
    names = {one.attributes.get("id", ""): one.attributes.get("attr.name", "") for one in _all(root, "key")}
    nodes = tuple(_node(one, _said(one, names)) for one in _all(root, "node"))
    links = tuple(
        DrawnLink(one.attributes.get("source", ""), one.attributes.get("target", ""), _kind(_said(one, names)))
        for one in _all(root, "edge")
    )
    return DrawnGraph(next((one.id for one in nodes if one.role == "impact"), ""), nodes, links)


def _tag(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1]


def _all(element: Element, tag: str) -> Iterator[Element]:
    for one in element.children:
        if _tag(one) == tag:
            yield one
        yield from _all(one, tag)


def _said(element: Element, names: dict[str, str]) -> dict[str, str]:
    return {
        names.get(one.attributes.get("key", ""), one.attributes.get("key", "")): one.text.strip()
        for one in element.children
        if _tag(one) == "data"
    }


def _node(element: Element, said: dict[str, str]) -> DrawnNode:
    id_ = element.attributes.get("id", "")
    kind = NodeKind(said["kind"]) if said.get("kind") in [one.value for one in NodeKind] else NodeKind.CONDITION
    statement = said.get("label") or said.get("description") or id_
    return DrawnNode(
        id_,
        statement,
        kind,
        said.get("role", ""),
        said.get("held", ""),
        said.get("component", ""),
        said.get("at", ""),
        needs=said.get("needs", "any"),
    )


def _kind(said: dict[str, str]) -> LinkKind:
    value = said.get("kind", said.get("label", "")).lower()
    return LinkKind(value) if value in [one.value for one in LinkKind] else LinkKind.ENABLES
