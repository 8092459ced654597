"""Guards: conditions that end a function early or wrap what follows, scopes that give back what they took."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core.diff.call import CALLS, FUNCTIONS, ancestors, arguments, callee, last_name
from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.logged import is_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Node, Syntax

_IFS = frozenset(["if_statement", "if_expression", "if", "unless", "if_modifier", "unless_modifier", "guard_statement", "when_entry"])  # fmt: skip
_LEAVES = re.compile(
    r"\b(?:return|raise|throw|continue|break|abort|panic|exit|redirect\w*|halt|render|head|fail|bail)\b|\?;"
)
_NULL = re.compile(r"\b(?:nil|null|None|undefined|nullptr|NULL)\b|^\(?\s*(?:!|not\s)\s*[\w.>\-]+\s*\)?$|\bnil\?|\bis_null\b|\bisset\b|\bempty\(|IsNullOrEmpty|\bblank\?|\bpresent\?|isEmpty\(\)")  # fmt: skip
_RIGHTS = re.compile(
    r"(?i)auth|permi|sign(?:ature|ed)?\b|hmac|token|verif|valid|role|owner|admin|forbid|allow|csrf|scope|expired?|digest|\bcan\w*\(|access|login|session|secret"
)
_SCOPES = frozenset(["with_statement", "try_with_resources_statement", "using_statement", "defer_statement", "lock_statement", "synchronized_statement", "fixed_statement"])  # fmt: skip
_TAKES_LOCK = re.compile(r"(?i)lock|mutex|semaphore|synchronized|latch")


def lost_guards(read: Read) -> Iterator[Effect]:
    """Conditions that stand before and not after: what they kept out comes in."""
    assert read.old is not None
    assert read.new is not None
    before, after = _guards(read.old), _guards(read.new)
    kept = Counter(text for text, _ in after)
    called = _fresh_calls(read.old, read.new)
    fresh = [condition for text, condition in after if text not in {t for t, _ in before}]
    for text, condition in before:
        kept[text] -= 1
        if kept[text] >= 0 or not condition.changed:
            continue
        names = _names(condition)
        # The same names in another condition: it is asked differently, not no longer.
        other = next((c for c in fresh if names and len(names & _names(c)) * 2 > len(names)), None)
        handed = any(names and names <= held for held in called)
        for effect in _lost(condition, other, names, read.new):
            yield replace(effect, weight=round(effect.weight * 0.5, 3)) if handed and other is None else effect


def _fresh_calls(old: Syntax, new: Syntax) -> list[set[str]]:
    """The names in calls that stand only after the change: what was asked here may be asked there now."""
    before = {callee(n) for n in old.root.walk() if n.type in CALLS}
    return [{leaf.text for leaf in n.leaves()} for n in new.root.walk() if n.type in CALLS and callee(n) not in before]


def _guards(side: Syntax) -> list[tuple[str, Node]]:
    found = []
    for node in side.root.walk():
        condition = node.child("condition") if node.type in _IFS else None
        if condition is not None and (_LEAVES.search(node.text[len(condition.text) :]) or "modifier" in node.type):
            found.append((re.sub(r"[\s()]", "", condition.text), condition))
    return found


def _names(condition: Node) -> set[str]:
    return {n.text for n in condition.leaves() if re.fullmatch(r"[A-Za-z_$@]\w*", n.text)} - {"nil", "null", "None", "not", "is", "and", "or", "undefined"}  # fmt: skip


def _lost(condition: Node, other: Node | None, names: set[str], new: Syntax) -> Iterator[Effect]:
    text = " ".join(condition.text.split())[:80]
    if other is not None:
        kind = "validation" if _RIGHTS.search(condition.text) else "logic"
        says = f"condition “{text}” became “{' '.join(other.text.split())[:80]}”"
        yield effect_of(kind, says, other.row, 0.55 if kind == "validation" else 0.3, condition.text + " " + other.text)
    elif _RIGHTS.search(condition.text):
        yield effect_of("validation", f"check removed: “{text}”", condition.row, 0.8, condition.text)
    elif names <= {"err", "error", "e"} or re.search(r"\.(?:ok|status\w*|success|[Ii]sSuccess\w*)\b", condition.text):
        yield effect_of("swallowed", f"check of an error removed: “{text}”", condition.row, 0.6, condition.text)
    elif _NULL.search(condition.text) or names & {"ok", "found", "exists"}:
        used = next((n for n in sorted(names) if _opened(n, new)), "")
        says = f"check “{text}” removed" + (f", and {used} is used unchecked" if used else "")
        yield effect_of("nil", says, condition.row, 0.85 if used else 0.55, condition.text)
    else:
        yield effect_of("validation", f"condition removed: “{text}”", condition.row, 0.45, condition.text)


def _opened(name: str, side: Syntax) -> bool:
    return any(
        bool(n.children) and n.children[0].text == name and len(n.children) > 1 and n.children[1].text in {".", "->", "[", "!!", "!"}
        for n in side.root.walk()
    )  # fmt: skip


def lost_scopes(read: Read) -> Iterator[Effect]:
    """Scopes that ended with what they held given back, where what they took is taken still."""
    assert read.old is not None
    assert read.new is not None
    before, after = (Counter(_scopes(side)) for side in (read.old, read.new))
    rows = {taken: node for node in read.old.root.walk() for taken in _scope(node)}
    for taken in sorted((before - after).keys()):
        node = rows[taken]
        still = any(n.type in CALLS and last_name(callee(n)) == taken for n in read.new.root.walk())
        closes = re.search(r"(?i)\.(?:close|dispose|release|shutdown)\w*\(", read.new.root.text) and not re.search(r"(?i)\.(?:close|dispose|release|shutdown)\w*\(", read.old.root.text)  # fmt: skip
        if not node.changed or not (still or _TAKES_LOCK.search(node.text.split("\n", 1)[0])):
            continue
        kind = "lock" if _TAKES_LOCK.search(node.text.split("\n", 1)[0].split("{")[0]) else "leak"
        if kind == "leak" and closes:
            continue
        head = " ".join(node.text.split("\n", 1)[0].split())[:78]
        yield effect_of(kind, f"no longer given back at the end of its scope: “{head}”", node.row, 0.8, head)


def _scopes(side: Syntax) -> Iterator[str]:
    for node in side.root.walk():
        yield from _scope(node)


def _scope(node: Node) -> Iterator[str]:
    """The names of the calls whose results a scope gives back."""
    declared = node.type == "local_declaration_statement" and node.text.startswith(("using", "await using"))
    if not (node.type in _SCOPES or declared):
        return
    head = [c for c in node.children if c.field != "body" and c.type not in {"block", "catch_clause", "finally_clause"}]
    calls = [n for part in head for n in part.walk() if n.type in CALLS]
    if calls and node.type != "defer_statement":
        yield last_name(callee(calls[0]))
    elif node.type in {"lock_statement", "synchronized_statement"}:
        yield "lock"


_BLOCKS = re.compile(
    r"^(?:requests\.\w+|time\.sleep|urllib\.\w+(?:\.\w+)*|subprocess\.\w+|os\.system|open|input|\w*\.?\w+Sync|Thread\.[Ss]leep|runBlocking|(?:std::)?thread::sleep|std::fs::\w+|sqlite3\.connect|psycopg2?\.connect|File\.ReadAll\w+|socket\.\w+)$"
)


def blocking(read: Read) -> Iterator[Effect]:
    """Calls that hold up the thread, new inside of a function that must not wait."""
    assert read.old is not None
    assert read.new is not None
    above = read.new.above()
    before = Counter(callee(n) for n in read.old.root.walk() if n.type in CALLS)
    for node in read.new.root.walk():
        if not node.changed or node.type not in CALLS or not _BLOCKS.match(callee(node)):
            continue
        before[callee(node)] -= 1
        waiting = _async(node, above, read.hunk.heading)
        if before[callee(node)] < 0 and (waiting or callee(node) == "runBlocking"):
            where = " in an asynchronous function" if waiting else ""
            yield effect_of("blocking", f"blocking call {callee(node)}{where}", node.row, 0.85, node.text[:200])


def _async(node: Node, above: Mapping[int, Node], heading: str) -> bool:
    for one in ancestors(node, above):
        if one.type in FUNCTIONS:
            return bool(re.match(r"(?:export\s+|public\s+|private\s+|static\s+|override\s+|pub\s+)*(?:async|suspend)\b", one.text)) or bool(re.search(r"\bsuspend\b", one.text.split("(", 1)[0]))  # fmt: skip
    return bool(re.match(r"(?:export |pub |public )*(?:async|suspend)\b", heading))


def lost_arguments(read: Read) -> Iterator[Effect]:
    """Checks that were handed to a call, and are not any more: a route without the one that asks for a login."""
    assert read.old is not None
    assert read.new is not None
    before, after = _handed(read.old), _handed(read.new)
    for called in before.keys() & after.keys():
        if len(before[called]) != len(after[called]):
            continue
        for old, new in zip(before[called], after[called], strict=True):
            gone = [a for a in arguments(old) if a.text not in new.text]
            if len(arguments(new)) < len(arguments(old)) and gone and old.changed and _RIGHTS.search(gone[0].text):
                says = f"{called} no longer asks for “{' '.join(gone[0].text.split())[:60]}”"
                yield effect_of("validation", says, new.row, 0.75, gone[0].text)


def _handed(side: Syntax) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in side.root.walk():
        if node.type in CALLS and not is_log(node):
            found.setdefault(callee(node), []).append(node)
    return found


def lost_defaults(read: Read) -> Iterator[Effect]:
    """Parameters that could be left out and cannot any more."""
    assert read.old is not None
    assert read.new is not None
    plain = {re.sub(r"\W.*", "", p.text, flags=re.DOTALL) for p in _parameters(read.new)} - set(_defaults(read.new))
    for name, node in _defaults(read.old).items():
        if node.changed and name in plain:
            yield effect_of("nil", f"parameter {name} has no default any more", node.row, 0.5, name)


def _parameters(side: Syntax) -> Iterator[Node]:
    lists = {"parameters", "formal_parameters", "parameter_list", "function_value_parameters", "method_parameters"}
    return (c for node in side.root.walk() if node.type in lists for c in node.children if c.named)


def _defaults(side: Syntax) -> dict[str, Node]:
    held = (p for p in _parameters(side) if any(c.text == "=" for c in p.children) or p.type == "optional_parameter")
    return {re.sub(r"\W.*", "", p.text, flags=re.DOTALL): p for p in held}
