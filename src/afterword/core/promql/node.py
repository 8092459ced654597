"""PromQL as a tree: what stands in an expression, each kind of node with what it is made of. Lengths are in ns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afterword.core import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator


class UnsupportedError(Exception):
    """The expression needs more than is offered here, or Prometheus would refuse it; the message names what."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """``label op "value"``; a label that a series lacks is an empty text, as in Prometheus."""

    label: str
    op: str
    value: str

    def holds(self, value: str) -> bool:
        if self.op in ("=", "!="):
            return (value == self.value) is (self.op == "=")
        return bool(_anchored(self.value).search(value)) is (self.op == "=~")


def _anchored(expression: str) -> Any:
    """The pattern as Prometheus reads it: RE2, the whole value, a dot for any character."""
    try:
        return pattern.compiled(f"^(?s:{expression})$")
    except ValueError as error:
        raise UnsupportedError(f"the pattern {expression[:40]!r} cannot be used: {error}") from None


@dataclass(frozen=True, slots=True)
class Selector:
    """Series by name and labels; with a range their samples of that stretch."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    range: int = 0
    offset: int = 0
    #: It has ``@``: a fixed moment, which only Prometheus evaluates.
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Subquery:
    """An expression evaluated again and again over a range. ``step`` 0: as often as rules are evaluated."""

    inner: Node
    range: int
    step: int = 0
    offset: int = 0
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``labels`` with ``without``: all but these. ``parameter``: the k of topk, the φ of quantile, a label."""

    op: str
    inner: Node
    labels: tuple[str, ...] = ()
    without: bool = False
    parameter: Node | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """How two vectors are joined. ``many``: the side that may have several, with the labels it takes from the other."""

    on: bool = False
    labels: tuple[str, ...] = ()
    many: str = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Node
    right: Node
    returns_bool: bool = False
    matching: Matching = Matching()


@dataclass(frozen=True, slots=True)
class Negative:
    inner: Node


Node = Selector | Subquery | Number | Text | Call | Aggregate | Binary | Negative


def parts(node: Node) -> tuple[Node, ...]:
    """What stands directly below a node."""
    if isinstance(node, Subquery | Negative):
        return (node.inner,)
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Aggregate):
        return (node.inner,) if node.parameter is None else (node.parameter, node.inner)
    return (node.left, node.right) if isinstance(node, Binary) else ()


def selectors(node: Node) -> Iterator[Selector]:
    """Every selector of an expression, from left to right."""
    if isinstance(node, Selector):
        yield node
    for part in parts(node):
        yield from selectors(part)


def looks_ahead(node: Node) -> bool:
    """Whether it asks for samples after the moment of its evaluation."""
    return (isinstance(node, Selector | Subquery) and node.offset < 0) or any(map(looks_ahead, parts(node)))


def longest(node: Node) -> int:
    """How far it looks back at most, in ns, without the look-back of a single sample."""
    own = node.range + node.offset if isinstance(node, Selector | Subquery) else 0
    return own + max(map(longest, parts(node)), default=0)


def label_names(node: Node) -> Iterator[str]:
    """Every label that an expression names."""
    if isinstance(node, Selector):
        yield from (matcher.label for matcher in node.matchers)
    elif isinstance(node, Aggregate):
        yield from node.labels
    elif isinstance(node, Binary):
        yield from (*node.matching.labels, *node.matching.include)
    elif isinstance(node, Call) and node.function in ("label_replace", "label_join"):
        yield from (one.value for one in node.arguments if isinstance(one, Text))
    for part in parts(node):
        yield from label_names(part)
