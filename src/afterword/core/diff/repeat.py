"""What happens for every item of a loop, and what happens while a lock is held or for ever after."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from afterword.core.diff.call import CALLS, ancestors, callee, in_loop, last_name
from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.logged import is_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Node, Syntax

_REMOTE_OWNER = re.compile(
    r"(?i)(?:^|[.>:$])(?:\w{0,40}(?:repository|repo|dao|client|session|stub|gateway|api|db|database|conn|connection|cursor|redis|http|requests|axios|rpc|svc|service|queries|prisma|tx|store|storage|s3|kafka|producer|mongo|collection|objects))(?:\(\))?(?:\.|->|::|\?\.)(?:\w+(?:\.|->))*\w+!?$"
)
_REMOTE_NAME = re.compile(
    r"(?i)^(?:fetch|fetch_?one|fetch_?row|query|query_?row\w*|exec|execute\w*|find_?one|find_?by\w*|find_?unique|find_?first|load_?by\w*|request|invoke|http_?get|get_?by_?id|select_?one|urlopen|httpGet)$"
)
_LOCAL = re.compile(r"(?i)^(?:next|scan|append|push|add|close|err|set_?header|header|is\w+|has\w*|with\w*|to\w+|len|size|on|off|emit|lock|unlock|r?unlock|rlock|begin|commit|rollback|new\w*)$")  # fmt: skip
_NEXT_ONE = re.compile(
    r"(?i)retr|attempt|\bpages?\b|cursor|while\s*\(?\s*true|rows\.next|scanner|range\(\d|chunk|batch"
)
LOCKS = re.compile(r"(?i)(?:^|[._>$])\w*(?:mu|mutex|lock|rwlock|guard)\w*(?:\.|->|::|\.read|\.write)*\.?(?:r?lock|acquire|enter)$|(?:\.|->)R?[lL]ock$|^(?:pthread_mutex_lock|Monitor\.Enter)$")  # fmt: skip
_UNLOCKS = re.compile(r"(?i)(?:r?unlock|release|exit)$")


def remote(node: Node) -> bool:
    """Whether a call leaves the process, as far as names tell."""
    if node.type not in CALLS or is_log(node):
        return False
    called = callee(node)
    name = last_name(called)
    return not _LOCAL.match(name) and bool(_REMOTE_OWNER.search(called) or _REMOTE_NAME.match(name))


def for_each(read: Read) -> Iterator[Effect]:
    """Remote calls and new threads of work that a loop repeats now and did not before."""
    assert read.old is not None
    assert read.new is not None
    for kind, says, weight, wanted in (
        ("n+1", "remote call or query for every item of a loop", 0.85, _asks),
        ("concurrency", "more work at the same time for every item of a loop, without a bound", 0.7, _starts),
    ):
        was = _looped(read.old, wanted)
        before, above = Counter(callee(n) for n in was), read.new.above()
        side_by_side = {callee(n) for n in was if _gathered(n, read.old.above())}
        for node in _looped(read.new, wanted):
            before[callee(node)] -= 1
            one_by_one = callee(node) in side_by_side and not _gathered(node, above)
            if (before[callee(node)] < 0 or one_by_one) and _fresh(node, read.new):
                yield effect_of(
                    kind, f"{says}: “{' '.join(node.text.split())[:78]}”", node.row, weight, node.text[:300]
                )


def _asks(node: Node, above: Mapping[int, Node]) -> bool:
    parent = above.get(id(node))
    return remote(node) or (node.type in CALLS and parent is not None and parent.type in {"await", "await_expression"})


def _starts(node: Node, _: Mapping[int, Node]) -> bool:
    return node.type == "go_statement" or (node.type in CALLS and bool(re.match(r"(?i)(?:new)?thread$|^tokio::spawn$|^asyncio\.create_task$|^(?:\w+\.)?launch$|^Task\.Run$", callee(node))))  # fmt: skip


def _looped(side: Syntax, wanted: object) -> list[Node]:
    above, found = side.above(), []
    for node in side.root.walk():
        if not wanted(node, above):  # type: ignore[operator]
            continue
        loop = in_loop(node, above)
        if loop is not None and not _NEXT_ONE.search(loop.text.split("\n", 1)[0][:200]):
            found.append(node)
    return found


def _gathered(node: Node, above: Mapping[int, Node]) -> bool:
    """Whether it is asked side by side with the others, and waited for together."""
    return any(one.type in CALLS and re.search(r"(?i)gather|Promise\.all|allSettled|WhenAll|join_all|awaitAll|chunk|batch", callee(one)) for one in ancestors(node, above))  # fmt: skip


def _fresh(node: Node, side: Syntax) -> bool:
    loop = in_loop(node, side.above())
    return node.changed or (loop is not None and loop.changed)


def under_lock(read: Read) -> Iterator[Effect]:
    """Remote calls and waits that happen now while a lock is held."""
    assert read.old is not None
    assert read.new is not None
    before = {callee(n) for n in _held(read.old)}
    for node in _held(read.new):
        if callee(node) not in before:
            before.add(callee(node))
            yield effect_of("contention", f"a lock is held during “{' '.join(node.text.split())[:78]}”", node.row, 0.75, node.text[:300])  # fmt: skip


def _held(side: Syntax) -> list[Node]:
    """Remote calls and awaits between taking a lock and giving it back, in the order of the text."""
    found: list[Node] = []
    above, depth = side.above(), 0
    for node in side.root.walk():
        if node.type not in CALLS:
            continue
        deferred = any(one.type == "defer_statement" for one in ancestors(node, above))
        if LOCKS.search(callee(node)):
            # `{ lock(); … }` and `lock().drain()`: held to the end of the block or of the statement only.
            bound = any(one.type in {"let_declaration", "expression_statement", "with_statement", "with_item", "lock_statement", "declaration"} for _, one in zip(range(4), ancestors(node, above), strict=False))  # fmt: skip
            depth += bound and not _within_chain(node, above)
        elif _UNLOCKS.search(last_name(callee(node))) and not deferred:
            depth = max(0, depth - 1)
        elif (depth or _in_lock(node, above)) and (remote(node) or _awaited(node, above)):
            found.append(node)
    return found


def _in_lock(node: Node, above: Mapping[int, Node]) -> bool:
    return any(
        one.type in {"lock_statement", "synchronized_statement"}
        or (one.type == "with_statement" and re.match(r"(?:async\s+)?with\s+[\w.]*lock\b", one.text))
        for one in ancestors(node, above)
    )


def _within_chain(lock: Node, above: Mapping[int, Node]) -> bool:
    """Whether more is called on what the lock gives, so that it is let go at the end of the statement."""
    names = {last_name(callee(one)) for one in ancestors(lock, above) if one.type in CALLS}
    return bool(names - {"unwrap", "expect", "lock", "read", "write", "acquire"})


def _awaited(node: Node, above: Mapping[int, Node]) -> bool:
    parent = above.get(id(node))
    return parent is not None and parent.type in {"await", "await_expression"}


_GROWS = re.compile(
    r"(?i)(?:\.|->)(?:append|push|push_back|add|put|set|setdefault|insert|Add|TryAdd|Enqueue|push!|<<)$"
)
_LASTS = re.compile(
    r"^(?:self|this|\$this|s|c|h|m|r|p|srv|@\w+|@@\w+|[A-Z_][A-Z0-9_]{2,}|_[A-Z0-9_]{2,}|\w*(?:[cC]ache|CACHE)\w*)\b"
)
_SHRINKS = re.compile(r"(?i)evict|delete\b|\.pop|remove|clear|expire|ttl|maxsize|max_size|limit|discard|shift\(|dequeue|len\(.*\)\s*[<>]|size\(\)\s*[<>]")  # fmt: skip


def keeps(read: Read) -> Iterator[Effect]:
    """Entries put into something that lives as long as the process, where nothing in view takes one out."""
    assert read.old is not None
    assert read.new is not None
    if _SHRINKS.search(read.new.root.text):
        return
    before = Counter(_kept(read.old))
    for target, node in _kept_nodes(read.new):
        before[target] -= 1
        if before[target] < 0 and node.changed:
            yield effect_of(
                "memory", f"{target} only grows: “{' '.join(node.text.split())[:78]}”", node.row, 0.6, node.text[:200]
            )


def _kept(side: Syntax) -> list[str]:
    return [target for target, _ in _kept_nodes(side)]


def _kept_nodes(side: Syntax) -> Iterator[tuple[str, Node]]:
    indexed = {
        "subscript",
        "index_expression",
        "subscript_expression",
        "element_reference",
        "element_access_expression",
    }
    for node in side.root.walk():
        left = (
            node.child("left") if node.type in {"assignment", "assignment_expression", "assignment_statement"} else None
        )
        target = ""
        if left is not None:
            inner = next((n for n in left.walk() if n.type in indexed), None)
            # A number or a text between the brackets names one of a few places.
            if inner is not None and not re.search(r"\[\s*(?:\d+|[\"'][^\"']*[\"'])\s*\]", inner.text):
                target = inner.children[0].text
        elif node.type in CALLS and _GROWS.search(callee(node)) and re.search(r"(?i)cache|seen|history|buffer|pending|sessions|listeners|registry", callee(node)):  # fmt: skip
            target = callee(node).rpartition(".")[0]
        if (
            target
            and _LASTS.match(target)
            and not re.match(r"(?i)(?:self|this)\.(?:headers?|params|config|options|state|props)\b", target)
        ):
            yield re.sub(r"\s+", "", target)[:60], node
