"""The graph in Graphviz' language. Read back by its own small grammar: nodes, edges, attributes; nothing is run or drawn."""

from __future__ import annotations

import re
from itertools import pairwise

from afterword.model.cause import LinkKind, NodeKind
from afterword.model.drawn import DrawnGraph, DrawnLink, DrawnNode
from afterword.model.refusal import InvalidError

_SHAPES = {
    NodeKind.EVENT: "box", NodeKind.CONDITION: "ellipse", NodeKind.DECISION: "diamond", NodeKind.DEFENCE: "hexagon", NodeKind.LUCK: "note",
}  # fmt: skip
_TOKEN = re.compile(
    r"\s*(?:(?P<skip>//[^\n]*|#[^\n]*|/\*.*?\*/)|(?P<string>\"(?:[^\"\\]|\\.)*\")|(?P<word>[A-Za-z_\x80-\uffff][\w.\x80-\uffff]*|-?\d[\d.]*)|(?P<op>->|[{}\[\];,=]))",
    re.DOTALL,
)
_MOST_TOKENS = 200_000
_KEYWORDS = {"node", "edge", "graph"}


def write(drawn: DrawnGraph) -> str:
    lines = ["digraph causes {", "  rankdir=BT;"]
    for one in drawn.nodes:
        said = {
            "label": one.statement,
            "kind": one.kind.value,
            "role": one.role,
            "held": one.held,
            "component": one.component,
            "at": one.at,
        }
        lines.append(f"  {_quoted(one.id)} [shape={_SHAPES[one.kind]}, {_attributes(said)}];")
    for link in drawn.links:
        said = {"label": link.kind.value, "grade": str(link.grade)}
        lines.append(f"  {_quoted(link.cause)} -> {_quoted(link.effect)} [{_attributes(said)}];")
    return "\n".join([*lines, "}"]) + "\n"


def _attributes(said: dict[str, str]) -> str:
    return ", ".join(f"{key}={_quoted(value)}" for key, value in said.items() if value)


def _quoted(text: str) -> str:
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def read(text: str) -> DrawnGraph:
    """Raises InvalidError where it is no digraph."""
    tokens = _tokens(text)
    nodes: dict[str, DrawnNode] = {}
    links: list[DrawnLink] = []
    at = tokens.index("{") + 1 if "{" in tokens else len(tokens)
    while at < len(tokens):
        at = _statement(tokens, at, nodes, links)
    return DrawnGraph(
        next((one.id for one in nodes.values() if one.role == "impact"), ""), tuple(nodes.values()), tuple(links)
    )


def _tokens(text: str) -> list[str]:
    made: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(made) > _MOST_TOKENS:
            line = text.count("\n", 0, at) + 1
            raise InvalidError(
                f"line {line}: this is no DOT that is read here (HTML labels, ports and subgraph edges are not)"
            )
        at = found.end()
        if found["skip"] is None and found.lastgroup is not None:
            piece = found[found.lastgroup]
            made.append(
                '"' + re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], piece[1:-1])
                if piece[0] == '"'
                else piece
            )
    return made


def _statement(tokens: list[str], at: int, nodes: dict[str, DrawnNode], links: list[DrawnLink]) -> int:
    """One statement from ``at`` on; answers where the next begins."""
    if tokens[at] in "{};,[]=->":
        return at + 1
    chain = [tokens[at].removeprefix('"')]
    word, at = tokens[at], at + 1
    while at + 1 < len(tokens) and tokens[at] == "->":
        chain.append(tokens[at + 1].removeprefix('"'))
        at += 2
    if at < len(tokens) and tokens[at] == "=":
        return at + 2
    said, at = _bracket(tokens, at)
    if word in _KEYWORDS or (word == "subgraph"):
        return at
    for one in chain:
        if len(chain) == 1 or one not in nodes:
            nodes[one] = _node(one, said if len(chain) == 1 else {})
    label = said.get("label", "").lower()
    kind = LinkKind(label) if label in [one.value for one in LinkKind] else LinkKind.ENABLES
    links += [DrawnLink(one, other, kind) for one, other in pairwise(chain)]
    return at


def _bracket(tokens: list[str], at: int) -> tuple[dict[str, str], int]:
    said: dict[str, str] = {}
    if at >= len(tokens) or tokens[at] != "[":
        return said, at
    at += 1
    while at < len(tokens) and tokens[at] != "]":
        if at + 2 < len(tokens) and tokens[at + 1] == "=":
            said[tokens[at].removeprefix('"')] = tokens[at + 2].removeprefix('"')
            at += 3
        else:
            at += 1
    return said, at + 1


def _node(id_: str, said: dict[str, str]) -> DrawnNode:
    by_shape = {shape: kind for kind, shape in _SHAPES.items()}
    kind = (
        NodeKind(said["kind"])
        if said.get("kind") in [one.value for one in NodeKind]
        else by_shape.get(said.get("shape", ""), NodeKind.CONDITION)
    )
    return DrawnNode(
        id_,
        said.get("label", id_),
        kind,
        said.get("role", ""),
        said.get("held", ""),
        said.get("component", ""),
        said.get("at", ""),
    )
