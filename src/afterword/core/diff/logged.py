"""Text for people: log lines and the wording of errors."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from afterword.core.diff.call import CALLS, LOOPS, ancestors, arguments, callee, in_loop, last_name
from afterword.core.diff.shape import shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.diff.syntax import Node, Syntax

_LOGGER = re.compile(
    r"(?i)^(?:(?:this|self|cls|rails|[a-z]\w{0,20})(?:\.|->|::))?[$@_]*(?:\w+[_.])?(?:log|logger|logging|slog|zap|glog|klog|logrus|sugar|logs|logg?er_|spdlog|tracing)\b"
)
_LEVEL = re.compile(
    r"(?i)^(?:log)?(?:trace|debug|info|information|notice|warn|warning|error|critical|exception|log|print|println|printf|verbose|msg|msgf|send|write|fine)(?:f|w|ln|context|ctx)?$"
)
_PRINT = re.compile(
    r"^(?:print|println!?|eprintln!?|eprint!?|fmt\.Print\w*|System\.(?:out|err)\.print\w*|Console\.(?:Error\.)?Write\w*|(?:log::|tracing::)?(?:info|warn|error|debug|trace)!|error_log|syslog|LOG_\w+|warnings\.warn|console\.\w+|puts|printf|fprintf)$"
)
_ALWAYS_LOG = re.compile(
    r"^(?:(?:log::|tracing::)?(?:info|warn|error|debug|trace)!|eprintln!|error_log|syslog|LOG_\w+|warnings\.warn|console\.(?:log|info|warn|error|debug|trace)|System\.err\.print\w*)$"
)
_QUIET = re.compile(r"(?i)(?:trace|debug|verbose|fine)(?:f|w|ln|context|ctx|!)?$")
_FAILS = re.compile(
    r"(?i)(?:exception|error|panic|fail\w*|^err|^expect)!?$|^(?:errors\.(?:new|wrap\w*|errorf)|fmt\.errorf|anyhow!|bail!|ensure!|assert\w*!?|raise|require|check|panic!?|invalid_argument|runtime_error|xerrors\.\w+|abort)$"
)
#: What makes one text out of others; who is handed that text decides.
_MADE = re.compile(r"^(?:format!|fmt\.Sprintf|String\.format|string\.Format|sprintf|util\.format)$|[\"']\.format$")
_RAISES = frozenset(["raise_statement", "throw_statement", "throw_expression", "throw"])
_STRINGS = frozenset(
    ["string_content", "string_fragment", "interpreted_string_literal_content", "interpreted_string_literal",
     "string_literal_content", "string_literal_fragment", "multiline_string_fragment", "string_literal", "string_value",
     "encapsed_string", "string", "raw_string_literal_content", "gap", "template_string", "escape_sequence"]
)  # fmt: skip
_HOLES = re.compile(r"%[-+ #0]*[\d.*]*[a-zA-Z]|\{[^{}]{0,80}\}|\$\{?\w+|#\{[^}]{0,80}\}")
_ROOTS = frozenset(["source_file", "program", "module", "translation_unit", "compilation_unit"])
_MEANS = re.compile(r"(?i)\b(select|insert|update|delete|create|alter|drop|from|where|limit|set|join)\b|[/=<>{}\[\]]")
_BODIES = re.compile(
    r"block|body|statements|program|source_file|module|translation_unit|compilation_unit|then|else|function_body|case"
)
_REACHES = frozenset(
    ["attribute", "selector_expression", "member_expression", "field_access", "member_access_expression",
     "navigation_expression", "field_expression"]
)  # fmt: skip
_INDEXES = frozenset(["subscript", "subscript_expression", "index_expression", "element_access_expression", "array_access", "element_reference"])  # fmt: skip
_CHANGES = frozenset(["update_expression", "assignment", "assignment_expression", "named_expression", "await", "await_expression", "augmented_assignment", "inc_statement", "postfix_unary_expression", "non_null_expression"])  # fmt: skip
#: Calls that a log line may make without anybody noticing.
_SMALL = re.compile(
    r"(?i)^(?:len|str|repr|int|float|bool|type|string|size|length|count|id|name|tostring|to_string|to_s|getmessage|message|error|now|since|sub|elapsed\w*|sprintf|format|fmt|join|round|field|any|err|int64|duration|stringify|strconv|itoa|value|valueof|inspect|hex|\w*id|str\w*|msg|msgf|info|warn|debug|with\w*|bytes)!?$"
)
_NULL_FREE = frozenset(["rust", "kotlin"])


def is_log(node: Node) -> bool:
    """Whether a call writes a line for people, to a log or to the output of the program."""
    return node.type in CALLS and (bool(_PRINT.match(callee(node))) or _to_log(node))


def _to_log(node: Node) -> bool:
    """Whether it goes to a log, which nothing but people and their tools read; a program's output may be its result."""
    called = callee(node)
    return bool(_ALWAYS_LOG.match(called) or (_LOGGER.match(called) and _LEVEL.match(last_name(called))))


def _statements(side: Syntax) -> list[Node]:
    """Statements that do nothing but log."""
    above, found = side.above(), []
    for node in side.root.walk():
        parent = above.get(id(node))
        if side.language == "bash" or node.type not in CALLS or not _to_log(node) or parent is None:
            continue
        if parent.type == "expression_statement" and len([c for c in parent.children if c.named]) == 1:
            found.append(parent)
        elif _BODIES.search(parent.type):
            found.append(node)
    return found


def only_logged(old: Syntax, new: Syntax) -> bool:
    """Whether two sides differ in log statements alone, which read nothing that could fail and repeat nothing."""
    before, after = _statements(old), _statements(new)
    if not before and not after:
        return False
    left_out = {id(n) for n in (*before, *after)}
    a, b = ([s.says for s in shape(side, lambda n: id(n) in left_out)] for side in (old, new))
    return a == b and _harmless(before, after, new)


def _harmless(before: Sequence[Node], after: Sequence[Node], new: Syntax) -> bool:
    above = new.above()
    known = _reached(new, {id(n) for n in after})
    texts = Counter(n.text for n in before)
    fresh = [n for n in after if texts[n.text] < 1]
    gone = [n for n in before if n.text not in {m.text for m in after}]
    louder = sum(not _quiet(n) for n in after) > sum(not _quiet(n) for n in before)
    repeated = any(in_loop(n, above) for n in fresh if not _quiet(n))
    if louder and (len(before) == len(after) or repeated):
        return False
    if any(_formats(n, new.language) for n in fresh) and _holes(fresh) != _holes(gone):
        return False
    # A log line that goes must not have done anything else.
    return all(_reads_only(n, known, new.language) for n in fresh) and not any(_acts(n) for n in gone)


def _acts(statement: Node) -> bool:
    """Whether what is logged is done by being logged: an item taken from a queue, a counter moved."""
    return any(
        c.type in _CHANGES or (c.type in CALLS and not is_log(c) and not _SMALL.match(last_name(callee(c))))
        for c in statement.walk()
    )


def _quiet(statement: Node) -> bool:
    call = next((n for n in statement.walk() if is_log(n)), statement)
    return bool(_QUIET.search(last_name(callee(call)))) or bool(re.search(r"(?i)\.(?:debug|trace)\(", call.text))


def _formats(statement: Node, language: str) -> bool:
    return language in {"c", "cpp"} or bool(re.search(r"[\"']\s*%\s*[\w(]|\.format\(", statement.text))


def _holes(nodes: Sequence[Node]) -> Counter[str]:
    return Counter(hole for n in nodes for hole in _HOLES.findall(n.text))


def _reached(side: Syntax, without: set[int]) -> set[str]:
    """What the code itself reads a member of, apart from its log lines."""
    found, stack = {"self", "this", "cls", "$this"}, [side.root]
    while stack:
        node = stack.pop()
        if id(node) in without:
            continue
        if node.type in _REACHES or node.type in CALLS or node.type in _INDEXES:
            found |= {"".join(c.text.split()) for c in node.children[:1]}
            found |= {"".join(node.text.split())} if node.type in _INDEXES else set()
        stack += node.children
    return found


def _reads_only(statement: Node, known: set[str], language: str) -> bool:
    for node in (n for call in statement.walk() if is_log(call) for a in arguments(call) for n in a.walk()):
        if node.type in _CHANGES:
            return False
        if node.type in CALLS and not is_log(node) and not _SMALL.match(last_name(callee(node))):
            return False
        if node.type in _INDEXES and "".join(node.text.split()) not in known:
            return False
        if node.type in _REACHES and language not in _NULL_FREE and not _there(node, known):
            return False
    return True


def _there(node: Node, known: set[str]) -> bool:
    owner = "".join(node.children[0].text.split())
    return (
        owner in known
        or owner[:1].isupper()
        or owner.startswith(("self.", "this.", "err", "e."))
        or owner in {"e", "ex"}
    )


def wording(leaves: Sequence[tuple[Node, Node]], old: Syntax, new: Syntax) -> str:
    """Whether nothing but texts differ that a person reads in a log or an error."""
    above, over = old.above(), new.above()
    told = bool(leaves) and all(
        a.type in _STRINGS
        and b.type in _STRINGS
        and _prose(a.text, b.text)
        and _for_people(a, above)
        and _for_people(b, over)
        for a, b in leaves
    )
    return "changes only the wording of a message" if told else ""


def _prose(before: str, after: str) -> bool:
    if "\n" in before + after or "://" in before + after:
        return False
    return Counter(_HOLES.findall(before)) == Counter(_HOLES.findall(after)) and all(re.search(r"[A-Za-z]{2,}", t) for t in (before, after)) and (" " in before.strip() or " " in after.strip())  # fmt: skip


def _for_people(leaf: Node, above: Mapping[int, Node]) -> bool:
    bare = True
    for one in ancestors(leaf, above):
        if one.type in CALLS and _MADE.search(callee(one)):
            continue
        if one.type in CALLS and one.children and one.children[0].text != leaf.text:
            return is_log(one) or bool(_FAILS.search(last_name(callee(one)))) or bool(_FAILS.search(callee(one))) or _raised(one, above)  # fmt: skip
        if one.type in _RAISES or one.type == "assert_statement":
            return True
        if one.row == 0 or one.type in _ROOTS:
            break
        bare = bare and (one.type in _STRINGS or one.type in {"expression_statement", "ERROR", "global_statement"})
        if (
            (_BODIES.search(one.type) and one.type != "expression_statement")
            or one.type in LOOPS
            or "assignment" in one.type
            or "declarator" in one.type
        ):
            return False
    # Out of view what it is handed to: only whole sentences are taken for something that a person reads.
    return bare and len(re.findall(r"[A-Za-z]{2,}", leaf.text)) > 2 and not _MEANS.search(leaf.text)


def _raised(call: Node, above: Mapping[int, Node]) -> bool:
    parent = above.get(id(call))
    return parent is not None and parent.type in _RAISES
