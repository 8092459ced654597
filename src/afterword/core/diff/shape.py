"""The shape of a syntax tree: equal shapes mean the same program, whatever its spaces, comments and line ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from afterword.core.diff.language import LINE_ENDS, TWO_QUOTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from afterword.core.diff.syntax import Node, Syntax

_CLOSING = frozenset([")", "]", "}"])
_WRAPPED = "parenthesized_expression"


class Step(NamedTuple):
    """One step through a tree: a node that opens or closes, or a leaf with its text."""

    says: str
    leaf: Node | None


def nothing(_: Node) -> bool:
    return False


def shape(syntax: Syntax, left_out: Callable[[Node], bool] = nothing) -> list[Step]:
    """The steps through a tree, without what means nothing: trailing commas, optional semicolons, doubled brackets."""
    found: list[Step] = []
    stack: list[Node | str] = [syntax.root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            found.append(Step(node, None))
        elif left_out(node):
            continue
        elif not node.children:
            found.append(Step(_written(node.text, syntax.language), node))
        else:
            inner = list(_kept(node, syntax))
            if node.type == _WRAPPED and not syntax.broken:
                stack += reversed(inner)
            else:
                found.append(Step("(" + node.type, None))
                stack += [")", *reversed(inner)]
    return found


def _written(text: str, language: str) -> str:
    return '"' if text == "'" and language in TWO_QUOTES else text


def _kept(node: Node, syntax: Syntax) -> Iterator[Node]:
    optional = syntax.language in LINE_ENDS and not node.type.startswith("for")
    quoted = node.type == "string" and _plain(node)
    for at, child in enumerate(node.children):
        after = node.children[at + 1].text if at + 1 < len(node.children) else ""
        if child.text == "," and after in _CLOSING and syntax.language != "bash":
            continue
        if optional and child.text in {";", "\n", ""} and not child.children:
            continue
        if node.type == _WRAPPED and not syntax.broken and child.text in {"(", ")"} and not child.named:
            continue
        yield child if quoted or child.text != "'" else _exactly(child)


def _plain(node: Node) -> bool:
    """Whether a text means the same in single and in double quotes."""
    return not set(node.text[1:-1]) & set("\\\"'$#{`")


def _exactly(node: Node) -> Node:
    """A quote that has to stay the quote that it is."""
    return type(node)(node.type, node.field, "' ", node.named, node.row, node.last, node.changed, ())
