"""Who waits for whom: answers that nobody waits for, loops that never rest, locks taken in another order."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from afterword.core.diff.call import CALLS, LOOPS, ancestors, callee, last_name
from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.repeat import LOCKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Node, Syntax

_AWAITS = frozenset(["await", "await_expression"])
_RESTS = re.compile(r"(?i)^(?:\w*sleep\w*|delay|usleep|wait|yield|park\w*|after|tick)$")
_ENDLESS = re.compile(r"^(?:while\s*\(?\s*(?:true|True|1|!\w|not\s)|for\s*(?:\{|\(;;\))|loop\b|until\b|do\b)")


def unwaited(read: Read) -> Iterator[Effect]:
    """Calls that were waited for, and still are made."""
    assert read.old is not None
    assert read.new is not None
    before, after = (Counter(_waited(side)) for side in (read.old, read.new))
    for node in read.new.root.walk():
        called = callee(node) if node.type in CALLS else ""
        if called and node.changed and before[called] > after[called] and not _waits(node, read.new.above()):
            before[called] -= 1
            if read.language in {"javascript", "typescript", "tsx", "python", "c_sharp"} and "Sync" not in called and not _taken(node, read.new.above()):  # fmt: skip
                yield effect_of("swallowed", f"nobody waits for {called} any more", node.row, 0.6, node.text[:200])


def _waited(side: Syntax) -> Iterator[str]:
    above = side.above()
    return (callee(n) for n in side.root.walk() if n.type in CALLS and _waits(n, above))


def _waits(node: Node, above: Mapping[int, Node]) -> bool:
    parent = above.get(id(node))
    return parent is not None and parent.type in _AWAITS


def _taken(node: Node, above: Mapping[int, Node]) -> bool:
    """Whether something is done with what the call gives, as with a task that is waited for later."""
    parent = above.get(id(node))
    return parent is not None and parent.type not in {"expression_statement", "block", "statement_block"}


def spinning(read: Read) -> Iterator[Effect]:
    """Endless loops that rested between two rounds, and do not any more."""
    assert read.old is not None
    assert read.new is not None
    old, new = (Counter(_rests(side)) for side in (read.old, read.new))
    gone = next((n for n in read.old.root.walk() if n.changed and n.type in CALLS and _rest_of(n, read.old)), None)
    if gone is not None and sum(old.values()) > sum(new.values()):
        yield effect_of("cpu", f"an endless loop no longer rests: “{gone.text[:60]}”", gone.row, 0.6, gone.text)


def _rests(side: Syntax) -> Iterator[str]:
    return (callee(n) for n in side.root.walk() if n.type in CALLS and _rest_of(n, side))


def _rest_of(node: Node, side: Syntax) -> bool:
    loop = next((one for one in ancestors(node, side.above()) if one.type in LOOPS), None)
    return bool(_RESTS.match(last_name(callee(node)))) and loop is not None and bool(_ENDLESS.match(loop.text))


def lock_order(read: Read) -> Iterator[Effect]:
    """The same locks in another order: two that go opposite ways wait for each other for ever."""
    assert read.old is not None
    assert read.new is not None
    old, new = ([n for n in side.root.walk() if _locks(n)] for side in (read.old, read.new))
    names = [[_locks(n) for n in side] for side in (old, new)]
    if len(names[0]) > 1 and names[0] != names[1] and Counter(names[0]) == Counter(names[1]):
        at = next(i for i, (a, b) in enumerate(zip(*names, strict=True)) if a != b)
        says = f"locks are taken in another order: {names[1][at]} before {names[0][at]}"
        yield effect_of("contention", says, new[at].row, 0.75, " ".join(names[1]))


def _locks(node: Node) -> str:
    """The lock that a node takes, or empty."""
    if node.type in {"synchronized_statement", "lock_statement"}:
        return next((c.text for c in node.children if c.named), "")
    return callee(node) if node.type in CALLS and LOCKS.search(callee(node)) else ""
