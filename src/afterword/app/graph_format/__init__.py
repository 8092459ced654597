"""Formats of the graph of causes: one file each, which writes it and reads it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.app.graph_format import dot, graphml, json, mermaid, whys
from afterword.model.refusal import InvalidError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from afterword.model.drawn import DrawnGraph

WRITERS: Mapping[str, Callable[[DrawnGraph], str]] = {
    "json": json.write,
    "mermaid": mermaid.write,
    "dot": dot.write,
    "graphml": graphml.write,
    "whys": whys.write,
}
READERS: Mapping[str, Callable[[str], DrawnGraph]] = {
    "json": json.read,
    "mermaid": mermaid.read,
    "dot": dot.read,
    "graphml": graphml.read,
    "whys": whys.read,
}
#: Larger than any graph that people argue about.
MOST_BYTES, MOST_NODES = 4 << 20, 2_000


def read(data: bytes) -> DrawnGraph:
    """The drawn graph in a file, recognised by content. Raises InvalidError, UnreadableError."""
    if len(data) > MOST_BYTES:
        raise InvalidError(f"the graph is larger than {MOST_BYTES >> 20} MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"this is no text: {error}") from error
    drawn = READERS[recognised(text)](text)
    if len(drawn.nodes) > MOST_NODES or len(drawn.links) > 5 * MOST_NODES:
        raise InvalidError(f"the graph has more than {MOST_NODES} nodes or {5 * MOST_NODES} links")
    return drawn


def recognised(text: str) -> str:
    """The name of the format. Raises InvalidError where it is none of them."""
    start = text.lstrip()[:400]
    first = next(
        (line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith(("%%", "//", "#"))),
        "",
    )
    if start.startswith("{"):
        return "json"
    if start.startswith("<"):
        return "graphml"
    if first.startswith(("flowchart", "graph TB", "graph BT", "graph LR", "graph TD", "graph RL", "```mermaid")):
        return "mermaid"
    if first.startswith(("digraph", "strict digraph")):
        return "dot"
    if first.startswith(("-", "*", "1.")) or "Why" in start:
        return "whys"
    raise InvalidError(
        "this is no graph: JSON, Mermaid (flowchart), DOT (digraph), GraphML, or five whys as a Markdown list"
    )
