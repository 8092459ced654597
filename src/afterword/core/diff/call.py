"""Calls in a syntax tree, alike in all languages: who is called, with what, inside of what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.diff.syntax import Node

CALLS = frozenset(
    ["call", "call_expression", "method_invocation", "invocation_expression", "function_call_expression",
     "member_call_expression", "nullsafe_member_call_expression", "scoped_call_expression", "macro_invocation", "new_expression",
     "object_creation_expression", "instance_expression", "command"]
)  # fmt: skip
ARGUMENTS = frozenset(
    ["argument_list", "arguments", "value_arguments", "call_suffix", "token_tree", "annotated_lambda", "lambda_literal", "block", "do_block"]
)  # fmt: skip
FUNCTIONS = frozenset(
    ["function_definition", "function_declaration", "method_declaration", "method_definition", "method", "singleton_method",
     "function_item", "constructor_declaration", "local_function_statement", "generator_function_declaration",
     "function_expression", "arrow_function", "lambda", "lambda_expression", "lambda_literal", "func_literal",
     "closure_expression", "anonymous_function", "anonymous_method_expression", "secondary_constructor", "do_block"]
)  # fmt: skip
LOOPS = frozenset(
    ["for_statement", "while_statement", "do_statement", "for_in_statement", "enhanced_for_statement", "foreach_statement",
     "for_each_statement", "for_range_loop", "for_expression", "while_expression", "loop_expression", "for", "while",
     "until", "do_while_statement", "list_comprehension", "set_comprehension", "dictionary_comprehension",
     "generator_expression", "c_style_for_statement"]
)  # fmt: skip
#: Calls that run their function for each item.
_EACH = re.compile(
    r"(?:\.|->|\?\.|::)(?:forEach|each|each_with_index|map|flatMap|flat_map|for_each|filter_map|Select|ForEach|mapNotNull|collect)$"
)


def callee(node: Node) -> str:
    """Who is called, as it is written, without spaces: ``self.session.get``, ``fmt.Errorf``."""
    parts = [c.text for c in node.children if c.field != "arguments" and c.type not in ARGUMENTS and c.text != "new"]
    return re.sub(r"\s+", "", "".join(parts))[:200]


def arguments(node: Node) -> tuple[Node, ...]:
    held = next((c for c in node.children if c.field == "arguments" or c.type in ARGUMENTS), None)
    if held is None:
        return ()
    if held.type == "call_suffix":
        held = next((c for c in held.children if c.type == "value_arguments"), held)
    return tuple(c for c in held.children if c.named)


def last_name(called: str) -> str:
    """The method or function itself: ``get`` of ``self.session.get``."""
    found = re.findall(r"[A-Za-z_$]\w*", called)
    return found[-1] if found else ""


def ancestors(node: Node, above: Mapping[int, Node]) -> Iterator[Node]:
    at = above.get(id(node))
    while at is not None:
        yield at
        at = above.get(id(at))


def in_loop(node: Node, above: Mapping[int, Node]) -> Node | None:
    """The innermost loop over items that runs this node again and again, inside of its function."""
    below = node
    for one in ancestors(node, above):
        if one.type in LOOPS and not (
            below.field in {"right", "iterable", "value", "collection"} and below is not node
        ):
            return one
        if one.type in CALLS and _EACH.search(callee(one)) and _in_arguments(below, one):
            return one
        if one.type in FUNCTIONS and not _handed_over(one, above):
            return None
        below = one
    return None


def _in_arguments(below: Node, call: Node) -> bool:
    return any(c is below and (c.field == "arguments" or c.type in ARGUMENTS) for c in call.children)


def _handed_over(function: Node, above: Mapping[int, Node]) -> bool:
    """Whether a function without a name is an argument of a call, which may run it for each item."""
    return any(one.type in CALLS for _, one in zip(range(3), ancestors(function, above), strict=False))


def where(node: Node, above: Mapping[int, Node]) -> str:
    """The function and class that a node stands in: ``RateClient.fetch``."""
    names = []
    for one in ancestors(node, above):
        if one.type in FUNCTIONS or one.type.startswith(
            ("class", "impl_item", "object_declaration", "trait", "module")
        ):
            name = one.child("name", "declarator", "type")
            found = re.search(r"[A-Za-z_]\w*", name.text) if name else None
            if found:
                names.append(found.group(0))
    return ".".join(reversed(names[:2]))
