"""No text makes a regular expression of ours run for long, and no pattern of anybody else runs in this engine at all."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hostile_patterns import METHODS, ROOT, Used, patterns, slowness

#: Patterns whose texts are bounded before they meet them, and by how much.
BOUNDED = {
    "afterword.core.diff.": 500,  # lines of code, patch.LONGEST
    "afterword.reading.log_head.": 0,  # matched at one place of a line, never searched
    "afterword.reading.bulk.layout._TOKEN": 0,  # a line that was read as JSON before: its quotes are closed
}
#: A pattern that takes time in the square of the length needs more than this for 3,000 characters.
SECONDS = 0.015


def bound(where: str) -> int:
    return next((most for name, most in BOUNDED.items() if where.startswith(name)), 3000)


def test_no_text_takes_a_pattern_long() -> None:
    """Each pattern meets its own pieces again and again, in sizes that grow, so that none of them can hang the test."""
    found = patterns()
    assert len(found) > 700
    slow = []
    for one in found.values():
        size = bound(one.where)
        sizes = tuple(n for n in (22, 200, 500, 1000, 3000) if n <= size)
        if took := slowness(one._replace(seeking=one.seeking and bool(size)), sizes or (22, 200, 1000, 3000), SECONDS):
            slow.append((one.where, f"{took[0]:.3f} s", took[1]))
    assert slow == []


@pytest.mark.parametrize(
    ("pattern", "seeking"),
    [(r"(a+)+$", False), (r"(\w+\s?)*$", False), (r"\w+=", True), (r"^\s*(.*?)\s*#*\s*$", False), (r"(x|xx)+y", False)],
)
def test_the_adversary_finds_what_is_slow(pattern: str, seeking: bool) -> None:
    """Negative control: exponential, cubic and quadratic ones."""
    assert slowness(Used(re.compile(pattern), "here", seeking), (22, 28, 3000), SECONDS)


@pytest.mark.parametrize(
    ("pattern", "seeking"), [(r"(?<!\w)(\w++)=", True), (r"\s*+[:=]", False), (r"[a-z]{1,20}x", True)]
)
def test_and_passes_what_is_not(pattern: str, seeking: bool) -> None:
    assert slowness(Used(re.compile(pattern), "here", seeking), (22, 200, 3000), SECONDS) is None


# ----------------------------------------------------------------------------- patterns of users and of data


#: Patterns put together in a function, out of our own tables and names that hold nothing but letters.
OURS = {
    "core/cause/familiar.py": {"'|'.join(map(re.escape, long))"},  # escaped names of components
    "core/cause/limit.py": {"text"},
    "core/diff/match.py": {"way.indicators"},
    "core/diff/mechanism.py": {"rf'\\b{n}\\b'", "f'\\\\b{n}\\\\b'"},
    "core/diff/patch.py": {"f'\\\\b{c}\\\\b'"},
    "core/diff/rule.py": {"pattern"},
    "core/proposal.py": {"words"},
    "queries/portable_regex.py": {"pattern"},  # only compiled, to see whether it can be; never run
    "reading/bulk/alike.py": {"self.format.id"},
    "reading/bulk/layout.py": {
        "''.join(pieces)"
    },  # escaped literals of a line, and slots without repeats around repeats
    "reading/kube_text.py": {"f'(\\\\d+) {name}'"},
    "reading/shape/shape.py": {"pattern", "unless"},
    "sources/flags.py": {"f'{kind}/([^/;:]+)'"},
}


def foreign(source: str) -> list[str]:
    """Patterns that a function hands to ``re`` and that are neither written there nor escaped."""
    tree = ast.parse(source)
    inside = {id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef | ast.Lambda) for node in ast.walk(function)}  # fmt: skip
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and id(node) in inside and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in METHODS
    ]  # fmt: skip
    return [ast.unparse(call.args[0]) for call in calls if not _ours(call.args[0])]


def _ours(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id.lstrip("_").isupper()
    if isinstance(node, ast.JoinedStr):
        return all(_ours(one.value if isinstance(one, ast.FormattedValue) else one) for one in node.values)
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        return called == "re.escape" or (called.endswith(".format") and all(map(_ours, node.args)))
    return False


def test_patterns_of_users_and_of_data_run_on_re2() -> None:
    """A rule file, an owner's glob and a filter are patterns from outside: RE2 answers in linear time."""
    strange = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        found = set(foreign(path.read_text(encoding="utf-8"))) - OURS.get(name, set())
        if found:
            strange[name] = found
    assert strange == {}


def test_a_pattern_from_outside_would_be_seen() -> None:
    """Negative control."""
    assert foreign("import re\ndef f(user, text):\n    return re.search(user, text)\n") == ["user"]
    assert foreign("import re\ndef f(user, text):\n    return re.search(rf'a{user}+', text)\n")
    assert not foreign("import re\ndef f(user, text):\n    return re.search(rf'a{re.escape(user)}', text)\n")
