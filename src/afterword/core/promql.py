"""A small part of PromQL, read exactly; every other word of the language is refused by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afterword.core import pattern
from afterword.model.time import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_TOKENS = 400
DEEPEST = 40
FUNCTIONS = frozenset(
    {"rate", "increase", "avg_over_time", "max_over_time", "min_over_time", "sum_over_time", "count_over_time"}
)
#: Labels that name the component, whatever a fleet calls it.
_COMPONENT_LABELS = frozenset({"component", "service", "app", "job", "container", "service_name", "deployment"})
_UNITS = {"ms": 1_000_000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_TOKEN = re.compile(
    r"\s*(?:(?P<comment>#[^\n]*)|(?P<duration>\[\s*(?:\d+(?:ms|[smhdwy]))+\s*(?::[^\]]*)?\])|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_:]*)|(?P<string>\"[^\"\\]*\"|'[^'\\]*')|(?P<op>==|!=|>=|<=|=~|!~|[-+*/%^<>(){},=@]))"
)


class UnsupportedError(Exception):
    """The expression needs more than is offered here; the message names what."""


@dataclass(frozen=True, slots=True)
class Matcher:
    label: str
    op: str
    value: str

    def value_in(self, labels: Mapping[str, str]) -> str:
        if self.label in labels:
            return labels[self.label]
        if self.label in _COMPONENT_LABELS:
            return labels["component"]
        raise UnsupportedError(f"the recorded series have no label {self.label!r}")

    def holds(self, value: str) -> bool:
        if self.op in {"=", "!="}:
            return (value == self.value) is (self.op == "=")
        return bool(_anchored(self.value).search(value)) is (self.op == "=~")


@dataclass(frozen=True, slots=True)
class Selector:
    name: str
    matchers: tuple[Matcher, ...] = ()
    #: Length of the range in ns; 0 for an instant.
    range: int = 0


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    argument: Node


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Node
    right: Node


Node = Selector | Number | Call | Binary


def _anchored(expression: str) -> Any:
    """The pattern as Prometheus reads it: RE2, the whole value, a dot for any character."""
    try:
        return pattern.compiled(f"^(?s:{expression})$")
    except ValueError as error:
        raise UnsupportedError(f"the pattern {expression[:40]!r} cannot be used: {error}") from None


def duration(text: str) -> int:
    """``1h30m`` in ns. Raises UnsupportedError."""
    parts = re.findall(r"(?<!\d)(\d++)(ms|[smhdw])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise UnsupportedError(f"the duration {text[:20]!r} is not understood")
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def parse(expr: str) -> Node:
    """The expression as a tree. Raises UnsupportedError with the word that is not supported."""
    parser = _Parser(_tokens(expr))
    node = parser.either()
    if parser.kind:
        raise UnsupportedError(f"{parser.text!r} needs a PromQL engine")
    return node


def _tokens(expr: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while expr[at:].strip():
        match = _TOKEN.match(expr, at)
        if not match or len(found) > MOST_TOKENS:
            raise UnsupportedError(f"{expr[at:].strip()[:20]!r} needs a PromQL engine")
        if match.lastgroup and match.lastgroup != "comment":
            found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Parser:
    """Recursive descent by precedence: or, and/unless, comparison, sum, product. Depth is bounded."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    @property
    def text(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        text = self.text
        if not self.kind or (expected and text != expected):
            raise UnsupportedError(f"{text or 'the end'!r} stands where {expected or 'more'!r} is expected")
        self.at += 1
        return text

    def either(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnsupportedError(f"it is nested deeper than {DEEPEST}")
        left = self.both()
        while self.text.lower() == "or":
            self.take()
            left = Binary("or", left, self.both())
        self.depth -= 1
        return left

    def both(self) -> Node:
        left = self.comparison()
        while self.text.lower() in {"and", "unless"}:
            op = self.take().lower()
            left = Binary(op, left, self.comparison())
        return left

    def comparison(self) -> Node:
        left = self.sum()
        while self.text in {">", "<", ">=", "<=", "==", "!="}:
            left = Binary(self.take(), left, self.sum())
        return left

    def sum(self) -> Node:
        left = self.product()
        while self.kind == "op" and self.text in {"+", "-"}:
            left = _folded(self.take(), left, self.product())
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.kind == "op" and self.text in {"*", "/"}:
            left = _folded(self.take(), left, self.unary())
        return left

    def unary(self) -> Node:
        if self.text == "-":
            self.take()
            inner = self.unary()
            return Number(-inner.value) if isinstance(inner, Number) else Binary("*", inner, Number(-1.0))
        if self.text == "(":
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        if self.kind == "number":
            return Number(float(self.take()))
        if self.kind == "name":
            return self.named()
        raise UnsupportedError(f"{self.text or 'the end'!r} needs a PromQL engine")

    def named(self) -> Node:
        name = self.take()
        if self.text == "(":
            if name not in FUNCTIONS:
                raise UnsupportedError(f"{name}() needs a PromQL engine")
            self.take()
            argument = self.either()
            self.take(")")
            return Call(name, argument)
        if (
            name.lower()
            in {"on", "ignoring", "by", "without", "bool", "offset", "group_left", "group_right"} | _AGGREGATIONS
        ):
            raise UnsupportedError(f"{name} needs a PromQL engine")
        matchers = self.matchers() if self.text == "{" else ()
        width = 0
        if self.kind == "duration":
            text = self.take()[1:-1].strip()
            if ":" in text:
                raise UnsupportedError("a subquery needs a PromQL engine")
            width = duration(text)
        return Selector(name, matchers, width)

    def matchers(self) -> tuple[Matcher, ...]:
        found: list[Matcher] = []
        self.take("{")
        while self.text != "}":
            label = self.take()
            op = self.take()
            if op not in {"=", "!=", "=~", "!~"} or self.kind != "string":
                raise UnsupportedError(f"the label matcher at {label!r} is not understood")
            found.append(Matcher(label, op, self.take()[1:-1]))
            if self.text == ",":
                self.take()
        self.take("}")
        return tuple(found)


_AGGREGATIONS = {"sum", "avg", "min", "max", "count", "topk", "bottomk", "quantile", "stddev", "group", "count_values"}


def _folded(op: str, left: Node, right: Node) -> Node:
    """Arithmetic on two numbers is a number: thresholds are often written as 5 * 60."""
    if isinstance(left, Number) and isinstance(right, Number):
        a, b = left.value, right.value
        if op == "/" and b == 0:
            raise UnsupportedError("a division by zero")
        return Number({"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[op])
    return Binary(op, left, right)
