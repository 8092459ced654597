"""The syntax of one side of a hunk, as a tree of ours: comments are gone, each node knows its lines in the diff."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from afterword.core.diff.grammar import tree
from afterword.core.diff.hunk import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node as Parsed

    from afterword.core.diff.hunk import Excerpt
    from afterword.core.diff.patch import Line

#: Nodes of one side and levels below its root; a hunk that somebody wrote stays far below both.
MOST, DEEPEST = 20_000, 220
_DOCUMENTED = ("function_definition", "class_definition", "module")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One node. ``type`` is the grammar's name, ``field`` its part in its parent, ``text`` all that it spans."""

    type: str
    field: str
    text: str
    named: bool
    #: First and last line in the diff.
    row: int
    last: int
    changed: bool
    children: tuple[Node, ...]

    def child(self, *fields: str) -> Node | None:
        return next((c for c in self.children if c.field in fields), None)

    def walk(self) -> Iterator[Node]:
        """The node and all below it, in the order of the text."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += reversed(node.children)

    def leaves(self) -> Iterator[Node]:
        return (n for n in self.walk() if not n.children)


@dataclass(frozen=True, eq=False)
class Syntax:
    language: str
    root: Node
    #: Whether the parser met something that it could not place.
    broken: bool
    #: Where comments stand: line in the diff, first and last column of it in characters.
    comments: tuple[tuple[int, int, int], ...]

    def above(self) -> Mapping[int, Node]:
        """The parent of each node, by ``id``."""
        return self._above

    @cached_property
    def _above(self) -> Mapping[int, Node]:
        return {id(child): node for node in self.root.walk() for child in node.children}


def syntax(lines: Sequence[Line], language: str) -> Syntax | None:
    """The tree of one side, or None where it is too large, too deep, or no text."""
    held = excerpt(lines, language)
    source = held.text.encode("utf-8", "replace")
    parsed = tree(source, language)
    if parsed is None or parsed.root_node.descendant_count > MOST:
        return None
    return _Reader(source, held, language).read(parsed.root_node)


class _Reader:
    """Copies a parsed tree bottom up, without recursion."""

    def __init__(self, source: bytes, held: Excerpt, language: str) -> None:
        self.source, self.held, self.language = source, held, language
        self.comments: list[tuple[int, int, int]] = []

    def read(self, root: Parsed) -> Syntax | None:
        cursor, made = root.walk(), [list[Node]()]
        while True:
            node = cursor.node
            assert node is not None
            if self._comment(node, cursor.field_name or ""):
                self._note(node)
            elif cursor.goto_first_child():
                made.append([])
                if len(made) > DEEPEST:
                    return None
                continue
            else:
                made[-1].append(self._node(node, cursor.field_name or "", []))
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return Syntax(self.language, made[0][0], root.has_error, tuple(self.comments))
                node = cursor.node
                assert node is not None
                children = made.pop()
                made[-1].append(self._node(node, cursor.field_name or "", children))

    def _comment(self, node: Parsed, field: str) -> bool:
        if "comment" in node.type and "content" not in node.type:
            return True
        if self.language != "python" or node.type != "expression_statement" or field:
            return False
        inner = node.named_children
        if len(inner) != 1 or inner[0].type != "string" or inner[0].has_error or b"{" in (node.text or b"")[:3]:
            return False
        return self._documents(node)

    def _documents(self, node: Parsed) -> bool:
        """Whether a text is the first statement of a function, of a class, or of a file that the hunk shows from line 1."""
        parent, before = node.parent, node.prev_named_sibling
        while before is not None and before.type == "comment":
            before = before.prev_named_sibling
        if before is not None or parent is None:
            return False
        if parent.type == "module":
            return bool(self.held.rows) and self.held.rows[0] == 1 and not self.source[: node.start_byte].strip()
        return parent.type == "block" and parent.parent is not None and parent.parent.type in _DOCUMENTED

    def _note(self, node: Parsed) -> None:
        (first, start), (last, end) = node.start_point, node.end_point
        for line in range(first, min(last + 1, len(self.held.rows))):
            self.comments.append((self.held.rows[line], start if line == first else 0, end if line == last else 10**6))

    def _node(self, node: Parsed, field: str, children: list[Node]) -> Node:
        rows = self.held.rows
        first, last = (min(point[0], len(rows) - 1) for point in (node.start_point, node.end_point))
        if node.end_point[1] == 0 and last > first:
            last -= 1
        row, end = (rows[first], rows[last]) if rows else (0, 0)
        text = self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        if not children and node.child_count:
            text = ""  # nothing but comments
        changed = not self.held.changed.isdisjoint(rows[first : last + 1])
        kept = tuple(self._with_gaps(node, children)) if children else ()
        return Node(node.type, field, text, node.is_named, row, end, changed, kept)

    def _with_gaps(self, node: Parsed, children: list[Node]) -> Iterator[Node]:
        """Text between two children that no node covers is kept as a leaf, so that nothing is lost."""
        at = node.start_byte
        for child, made in self._paired(node, children):
            yield from self._gap(at, child.start_byte, child.start_point[0])
            if made is not None:
                yield made
            at = child.end_byte
        yield from self._gap(at, node.end_byte, node.end_point[0])

    def _paired(self, node: Parsed, children: list[Node]) -> Iterator[tuple[Parsed, Node | None]]:
        left = iter(children)
        for child in node.children:
            skipped = self._comment(child, "")
            yield child, None if skipped else next(left, None)

    def _gap(self, start: int, end: int, line: int) -> Iterator[Node]:
        text = self.source[start:end].decode("utf-8", "replace").strip()
        if text:
            row = self.held.rows[min(line, len(self.held.rows) - 1)]
            yield Node("gap", "", text, False, row, row, row in self.held.changed, ())
