"""The graph as a Mermaid flowchart: effects above their causes. Read back: nodes of any shape, links with and without words."""

from __future__ import annotations

import html
import re

from afterword.model.cause import LinkKind, NodeKind
from afterword.model.drawn import DrawnGraph, DrawnLink, DrawnNode

_OPEN = {
    NodeKind.EVENT: ('["', '"]'), NodeKind.CONDITION: ('("', '")'), NodeKind.DECISION: ('{"', '"}'),
    NodeKind.DEFENCE: ('[/"', '"/]'), NodeKind.LUCK: ('(["', '"])'),
}  # fmt: skip
_LUCKY = {opening: kind for kind, (opening, _) in _OPEN.items()}
_ID = r"(?P<%s>[A-Za-z_][\w.-]{0,80})"
_SHAPE = r"(?P<%s>\(\[|\[\[|\[\(|\[/|\(\(|\{\{|[\[({>])\s*+(?P<%s>\"[^\"]*+\"|[^\"\])}]*+)\s*+(?:/?[\])}]{1,2})"
_END = rf"{_ID}(?:{_SHAPE})?(?::::\w+)?"
_NODE = re.compile(rf"\s*+{_END % ('id', 'open', 'text')}\s*+;?+\s*+")
_LINK = re.compile(
    rf"\s*+{_END % ('a', 'aopen', 'atext')}\s*+(?:(?:--+>|==+>|-\.+->)(?:\|\"?(?P<word>[^|\"]*)\"?\|)?|--\s++\"?(?P<mid>[^\">|\s-][^\">|-]*+)\"?+\s*+--+>)\s*+"
    rf"{_END % ('b', 'bopen', 'btext')}\s*+;?+\s*+"
)
_SKIP = re.compile(
    r"\s*(?:%%.*|```.*|flowchart\b.*|graph\b.*|classDef\b.*|class\b.*|style\b.*|linkStyle\b.*|subgraph\b.*|end|direction\b.*|click\b.*)?\s*"
)
_LONGEST = 4000


def write(drawn: DrawnGraph) -> str:
    lines = ["flowchart BT"]
    for one in drawn.nodes:
        opening, closing = _OPEN[one.kind]
        role = f"{one.role}: " if one.role else ""
        lines.append(f"  {one.id}{opening}{_quoted(role + one.statement)}{closing}")
    lines += [f"  {one.cause} -->|{one.kind.value}| {one.effect}" for one in drawn.links]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Entities for what would end the text or start markup; one line."""
    return html.escape(" ".join(text.split()), quote=True).replace("&#x27;", "'").replace("#", "&num;")


def read(text: str) -> DrawnGraph:
    """Nodes and links of a flowchart; lines that are neither, and no known directive, are told as problems."""
    nodes: dict[str, DrawnNode] = {}
    links: list[DrawnLink] = []
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LONGEST:
            problems.append(f"line {number}: longer than {_LONGEST} characters")
        elif found := _LINK.fullmatch(line):
            for end in "ab":
                _node(nodes, found[end], found[f"{end}open"], found[f"{end}text"])
            links.append(DrawnLink(found["a"], found["b"], _kind(found["word"] or found["mid"] or "")))
        elif _SKIP.fullmatch(line):
            continue
        elif found := _NODE.fullmatch(line):
            _node(nodes, found["id"], found["open"], found["text"])
        else:
            problems.append(f"line {number}: neither a node nor a link: {line.strip()[:80]}")
    top = next((one.id for one in nodes.values() if one.role == "impact"), "")
    return DrawnGraph(top, tuple(nodes.values()), tuple(links), tuple(problems))


def _node(nodes: dict[str, DrawnNode], id_: str, opening: str | None, text: str | None) -> None:
    if text is None and id_ in nodes:
        return
    said = html.unescape((text if text is not None else id_).strip().removesuffix("/").strip().strip('"')).replace(
        "#quot;", '"'
    )
    role, colon, rest = said.partition(": ")
    known = colon and role in (
        "impact",
        "trigger",
        "proximate",
        "contributing",
        "latent",
        "defence",
        "amplifier",
        "mitigator",
        "luck",
        "ruled out",
    )
    kind = next((kind for start, kind in _LUCKY.items() if start.rstrip('"') == opening), NodeKind.CONDITION)
    nodes[id_] = DrawnNode(id_, rest if known else said, kind, role if known else "")


def _kind(word: str) -> LinkKind:
    said = word.strip().lower()
    return LinkKind(said) if said in [one.value for one in LinkKind] else LinkKind.ENABLES
