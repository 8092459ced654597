"""Literals that a change replaces, each with the name that says what it is for."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from afterword.core.diff.call import CALLS, FUNCTIONS, ancestors, callee, last_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Node, Syntax

_LITERALS = re.compile(r"(?i)(?:^|_)(?:integer|int|float|number|decimal|real|true|false|boolean|duration)(?:_|$)|int_literal|float_literal|^string$|string_literal|interpreted_string")  # fmt: skip
_NAMED = {
    "keyword_argument": "name", "pair": "key", "assignment": "left", "assignment_expression": "left", "variable_declarator": "name",
    "short_var_declaration": "left", "var_spec": "name", "const_spec": "name", "keyed_element": "key", "default_parameter": "name",
    "typed_default_parameter": "name", "field_initializer": "field", "init_declarator": "declarator", "let_declaration": "pattern",
    "const_item": "name", "static_item": "name", "property_declaration": "", "named_argument": "", "value_argument": "",
    "argument": "name", "assignment_statement": "left", "property_assignment": "", "hash_element": "", "val_definition": "pattern",
    "array_element_initializer": "", "element_value_pair": "key", "public_field_definition": "name", "literal_element": "",
}  # fmt: skip


class Literal(NamedTuple):
    name: str
    value: str
    row: int
    changed: bool


def replaced(read: Read) -> Iterator[tuple[Literal, Literal]]:
    """Literals with the same name before and after, and another value."""
    assert read.old is not None
    assert read.new is not None
    before, after = _literals(read.old), _literals(read.new)
    for name, old in before.items():
        new = after.get(name, [])
        if len(old) == len(new):
            yield from (
                (a, b) for a, b in zip(old, new, strict=True) if a.value != b.value and (a.changed or b.changed)
            )


def _literals(side: Syntax) -> Mapping[str, list[Literal]]:
    above, found = side.above(), defaultdict[str, list[Literal]](list)
    for node in side.root.walk():
        if (_LITERALS.search(node.type) or _constant(node, above)) and len(node.text) < 200 and "\n" not in node.text:
            parent = above.get(id(node))
            if parent is not None and _LITERALS.search(parent.type):
                continue
            whole = _product(node, above)
            name = _name(whole, above)
            if name:
                found[name].append(Literal(name, whole.text, node.row, node.changed))
    return found


def _constant(node: Node, above: Mapping[int, Node]) -> bool:
    """Whether a node is one of several fixed values, given to a name: ``MinVersion: tls.VersionTLS12``."""
    parent = above.get(id(node))
    # In Go the value of a key stands in a node of its own.
    owner = above.get(id(parent)) if parent is not None and parent.type == "literal_element" else parent
    named = owner is not None and owner.type in {"keyed_element", "pair", "keyword_argument", "field_initializer", "named_argument"}  # fmt: skip
    return named and bool(re.fullmatch(r"[A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)+", node.text)) and owner is not None and owner.children[0] is not parent  # fmt: skip


def _product(node: Node, above: Mapping[int, Node]) -> Node:
    """The whole expression of a number with its unit: ``5 * time.Second``."""
    parent = above.get(id(node))
    return (
        parent
        if parent is not None
        and parent.type.startswith("binary")
        and re.search(r"\*", parent.text)
        and len(parent.text) < 80
        else node
    )


def _name(node: Node, above: Mapping[int, Node]) -> str:
    below = node
    for one in ancestors(node, above):
        if one.type in _NAMED:
            named = one.child(_NAMED[one.type]) if _NAMED[one.type] else None
            named = named or next((c for c in one.children if c.named and c is not below), None)
            if named is not None and named is not below and len(named.text) < 100:
                return ".".join(re.findall(r"[A-Za-z_][\w\-]*", named.text)[-2:])
        if one.type in CALLS:
            name = last_name(callee(one))
            if re.match(r"(?i)of(millis|seconds|minutes|hours|days)$|from_\w+$|timedelta$|duration$", name):
                below = one
                continue
            place = next(
                (
                    i
                    for i, c in enumerate(c for a in one.children for c in a.children if c.named)
                    if below.text == c.text
                ),
                0,
            )
            whole = "_".join(re.findall(r"[A-Za-z_]\w*", callee(one))[-2:])
            return whole if place == 0 else f"{whole}.{place + 1}"
        if one.type in FUNCTIONS or "block" in one.type or "statement" in one.type:
            return ""
        below = one
    return ""
