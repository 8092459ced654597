"""Five whys as a Markdown list: an answer stands under its question, and branches where there are several.

    - Why did users meet errors?
      - Because: the pool was full
        - Why was the pool full?
          - Because: version 12 leaks connections

A plain numbered list of questions and answers, as people write it, is read as one chain.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from afterword.model.cause import LinkKind, NodeKind, Role
from afterword.model.drawn import DrawnGraph, DrawnLink, DrawnNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,2}[.)])\s+(?P<text>.+)")
_ANSWER = re.compile(r"(?:\*\*|__)?(?:because|answer|a)(?:\*\*|__)?\s*:\s*", re.IGNORECASE)
_WHY = re.compile(r"(?:\*\*|__)?(?:why|q)\b", re.IGNORECASE)
_IMPACT = re.compile(r"^(?:\*\*|__)?why (?:did|was|were|is|are|do|does|had|has) (?:it happen that )?", re.IGNORECASE)
_DEEPEST = 24


def write(drawn: DrawnGraph) -> str:
    """The list from the impact on; a node that two branches lead to is written out once."""
    nodes = {one.id: one for one in drawn.nodes}
    above: dict[str, list[DrawnLink]] = {}
    for link in drawn.links:
        if nodes[link.cause].role != Role.RULED_OUT.value and link.kind not in (LinkKind.UNDOES, LinkKind.LIMITS):
            above.setdefault(link.effect, []).append(link)
    if drawn.top not in nodes:
        return ""
    return "\n".join(_written(drawn.top, nodes, above, 0, set())) + "\n"


def _written(
    name: str, nodes: Mapping[str, DrawnNode], above: Mapping[str, list[DrawnLink]], depth: int, seen: set[str]
) -> Iterator[str]:
    if name in seen or depth > _DEEPEST or not above.get(name):
        return
    seen.add(name)
    pad = "  " * depth
    yield f"{pad}- Why: {_line(nodes[name].statement)}?"
    for link in above[name]:
        cites = f" [{', '.join(link.cites)}]" if link.cites else ""
        yield f"{pad}  - Because: {_line(nodes[link.cause].statement)}{cites}"
        yield from _written(link.cause, nodes, above, depth + 2, seen)


def _line(text: str) -> str:
    return " ".join(text.split())


def read(text: str) -> DrawnGraph:
    """The chain or the tree that a list holds: each answer leads to what its question asks about."""
    nodes: dict[str, DrawnNode] = {}
    links: list[DrawnLink] = []
    #: Open answers by their indent: the one above a question is what it asks about.
    stack: list[tuple[int, str]] = []
    last_question = ""
    for found in filter(None, (_ITEM.fullmatch(line.rstrip()[:4000]) for line in text.splitlines())):
        indent, said = len(found["indent"].expandtabs(4)), found["text"].strip()
        question, _, same_line = said.partition("?")
        if _WHY.match(said) and not _ANSWER.match(said):
            last_question = question.strip() + "?"
            stack = [one for one in stack if one[0] < indent] if indent else stack
            if not stack:
                stack = [(-1, _added(nodes, _asked(question), Role.IMPACT.value))]
            said = same_line.strip(" *_:—–-")
            if not said:
                continue
        statement = re.sub(r"\s*\[E\d[^\]]*\]$", "", _ANSWER.sub("", said)).strip().rstrip(".")
        if not stack or not last_question:
            continue
        while indent and len(stack) > 1 and stack[-1][0] >= indent:
            stack.pop()
        id_ = _added(nodes, statement, "")
        if id_ != stack[-1][1]:
            links.append(DrawnLink(id_, stack[-1][1], LinkKind.PRODUCES))
            stack.append((indent, id_))
    top = next((one.id for one in nodes.values() if one.role == Role.IMPACT.value), "")
    return DrawnGraph(top, tuple(nodes.values()), tuple(dict.fromkeys(links)))


def _asked(question: str) -> str:
    """What a question asks about: ``Why did the checkout fail`` is about the checkout's failing."""
    return _IMPACT.sub("", re.sub(r"^(?:\*\*|__)?why\s*:\s*", "", question, flags=re.IGNORECASE)).strip(" *_")


def _added(nodes: dict[str, DrawnNode], statement: str, role: str) -> str:
    id_ = "n" + hashlib.sha256(statement.casefold().encode()).hexdigest()[:10]
    nodes.setdefault(id_, DrawnNode(id_, statement, NodeKind.CONDITION, role))
    return id_
