"""From text to tree: recursive descent by the precedence of PromQL. Depth and length are bounded: rules are untrusted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core.promql.node import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Matching,
    Negative,
    Number,
    Selector,
    Subquery,
    Text,
    UnsupportedError,
)
from afterword.core.promql.token import Token, duration, number, tokens, unquoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterword.core.promql.node import Node

DEEPEST = 40
AGGREGATIONS = frozenset(
    ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile", "count_values")
)
_WITH_PARAMETER = frozenset(("topk", "bottomk", "quantile", "count_values"))
COMPARISONS = frozenset(("==", "!=", ">", "<", ">=", "<="))
SETS = frozenset(("and", "or", "unless"))
#: From the weakest to the strongest; the power binds to the right and is read on its own.
_LEVELS = (frozenset(("or",)), frozenset(("and", "unless")), COMPARISONS, frozenset("+-"), frozenset(("*", "/", "%")))
_END = Token("", "")


def parse(expr: str) -> Node:
    """The expression as a tree. Raises UnsupportedError with what is not understood."""
    parser = _Parser(tokens(expr))
    node = parser.level(0)
    if parser.now.kind:
        raise UnsupportedError(f"{parser.now.text!r} is not understood where it stands")
    return node


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.at = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.found[self.at] if self.at < len(self.found) else _END

    @property
    def word(self) -> str:
        """The operator or word that comes next, in small letters."""
        return self.now.text.lower() if self.now.kind in ("op", "name") else ""

    def take(self, expected: str = "") -> str:
        token = self.now
        if not token.kind or (expected and token.text != expected):
            raise UnsupportedError(f"{token.text or 'the end'!r} stands where {expected or 'more'!r} is expected")
        self.at += 1
        return token.text

    def deeper(self, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnsupportedError(f"it is nested deeper than {DEEPEST}")
        node = read()
        self.depth -= 1
        return node

    # ------------------------------------------------------------------------------------------- operators

    def level(self, at: int) -> Node:
        if at == len(_LEVELS):
            return self.unary()
        left = self.level(at + 1)
        while self.word in _LEVELS[at]:
            left = self.binary(left, lambda: self.level(at + 1))
        return left

    def binary(self, left: Node, read: Callable[[], Node]) -> Node:
        op = self.take().lower()
        returns_bool = self.word == "bool" and op in COMPARISONS
        if returns_bool:
            self.take()
        matching = self.matching()
        right = read()
        if op in SETS and (isinstance(left, Number) or isinstance(right, Number) or matching.many):
            raise UnsupportedError(f"{op!r} stands between vectors only")
        return Binary(op, left, right, returns_bool, matching)

    def matching(self) -> Matching:
        if self.word not in ("on", "ignoring"):
            return Matching()
        on = self.take().lower() == "on"
        labels = self.labels()
        if self.word not in ("group_left", "group_right"):
            return Matching(on, labels)
        many = self.take().lower().removeprefix("group_")
        return Matching(on, labels, many, self.labels() if self.word == "(" else ())

    def unary(self) -> Node:
        if self.word not in ("-", "+"):
            return self.power()
        sign = self.take()
        inner = self.deeper(self.unary)
        if sign == "+":
            return inner
        return Number(-inner.value) if isinstance(inner, Number) else Negative(inner)

    def power(self) -> Node:
        left = self.ranged()
        if self.word != "^":
            return left
        return self.binary(left, lambda: self.deeper(self.unary))

    # ------------------------------------------------------------------------------------------- operands

    def ranged(self) -> Node:
        """An operand with what may follow it: a range or a subquery, an offset."""
        node = self.operand()
        while self.now.kind == "range" or self.word in ("offset", "@"):
            read = {"@": self.pinned, "offset": self.shifted}.get(self.word, self.over)
            node = read(node)
        return node

    def pinned(self, node: Node) -> Node:
        self.take()
        if not isinstance(node, Selector | Subquery):
            raise UnsupportedError("'@' follows a selector or a subquery")
        if self.word in ("start", "end"):
            self.take()
            self.take("(")
            self.take(")")
        elif self.now.kind == "number" or self.word == "-":
            self.unary()
        else:
            raise UnsupportedError("'@' needs a moment")
        return replace(node, pinned=True)

    def over(self, node: Node) -> Node:
        text = self.take()
        length, colon, step = (one.strip() for one in text.partition(":"))
        if colon:
            return Subquery(node, duration(length), duration(step) if step else 0)
        if not isinstance(node, Selector) or node.range or node.offset:
            raise UnsupportedError("a range follows a selector only")
        return replace(node, range=duration(length))

    def shifted(self, node: Node) -> Node:
        self.take()
        sign = -1 if self.word == "-" else 1
        if self.word in ("-", "+"):
            self.take()
        if self.now.kind != "length" or not isinstance(node, Selector | Subquery) or node.offset:
            raise UnsupportedError("'offset' needs a selector and a length")
        by = sign * duration(self.take())
        return replace(node, offset=by)

    def operand(self) -> Node:
        kind, text = self.now
        if text == "(" and kind == "op":
            self.take()
            inner = self.deeper(lambda: self.level(0))
            self.take(")")
            return inner
        if kind == "number":
            return Number(number(self.take()))
        if kind == "text":
            return Text(unquoted(self.take()))
        if text == "{" and kind == "op":
            return self.selector("")
        if kind != "name":
            raise UnsupportedError(f"{text or 'the end'!r} is not understood where it stands")
        return self.named()

    def named(self) -> Node:
        name = self.take()
        small = name.lower()
        if small in AGGREGATIONS and self.word in ("(", "by", "without"):
            return self.aggregate(small)
        if self.word == "(":
            return Call(name, self.arguments())
        if small in ("inf", "nan"):
            return Number(float(small))
        return self.selector(name)

    def arguments(self) -> tuple[Node, ...]:
        made: list[Node] = []
        self.take("(")
        while self.word != ")":
            made.append(self.deeper(lambda: self.level(0)))
            if self.word != ")":
                self.take(",")
        self.take(")")
        return tuple(made)

    def aggregate(self, op: str) -> Node:
        labels, without = self.grouping()
        arguments = self.arguments()
        if self.word in ("by", "without") and not labels and not without:
            labels, without = self.grouping()
        if len(arguments) != (2 if op in _WITH_PARAMETER else 1):
            raise UnsupportedError(f"{op}() has another number of arguments")
        return Aggregate(op, arguments[-1], labels, without, arguments[0] if len(arguments) == 2 else None)

    def grouping(self) -> tuple[tuple[str, ...], bool]:
        if self.word not in ("by", "without"):
            return (), False
        without = self.take().lower() == "without"
        return self.labels(), without

    def labels(self) -> tuple[str, ...]:
        made: list[str] = []
        self.take("(")
        while self.word != ")":
            if self.now.kind != "name":
                raise UnsupportedError(f"{self.now.text!r} is no label")
            made.append(self.take())
            if self.word != ")":
                self.take(",")
        self.take(")")
        return tuple(made)

    def selector(self, name: str) -> Selector:
        matchers = list(self.matchers()) if self.word == "{" else []
        named = next((m for m in matchers if m.label == "__name__" and m.op == "="), None)
        if not name and named is not None:
            name = named.value
            matchers.remove(named)
        if not name and not any(not m.holds("") for m in matchers):
            raise UnsupportedError("a selector without a name needs a label")
        return Selector(name, tuple(matchers))

    def matchers(self) -> tuple[Matcher, ...]:
        found: list[Matcher] = []
        self.take("{")
        while self.word != "}":
            label, op = self.take(), self.take()
            if op not in ("=", "!=", "=~", "!~") or self.now.kind != "text":
                raise UnsupportedError(f"the label matcher at {label!r} is not understood")
            found.append(Matcher(label, op, unquoted(self.take())))
            if self.word != "}":
                self.take(",")
        self.take("}")
        return tuple(found)
