"""Every regular expression of the package, and texts that are made to take it long."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import re._constants as sre  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import time
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import afterword

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(afterword.__file__).parent
METHODS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
#: Methods that try every position of a text.
SEEKING = {"search", "sub", "subn", "split", "findall", "finditer"}
UNBOUNDED = 200
GENERIC = ["a", "A", "0", " ", "\t", "\n", "-", ".", "/", ":", ",", "=", '"', "'", "\\", "(", "[", "{", "<", "|", "*", "#", "_", "a ", "0:", "0.", "a.", "a/", "a,", "a=", "a:", '"a', "a-", "0 ", "ab ", "é", "(a", "[a", "{}", "a\n", "a:a ", "a=b ", '\\"', "1h", "x1", "@a", "%20", "a@", "::"]  # fmt: skip


class Used(NamedTuple):
    """A pattern, where it stands, and whether it is tried at every position of a text."""

    pattern: re.Pattern[Any]
    where: str
    seeking: bool


def modules() -> Iterator[ModuleType]:
    for one in pkgutil.walk_packages(afterword.__path__, "afterword."):
        if not one.name.endswith("__main__"):
            yield importlib.import_module(one.name)


def patterns() -> dict[tuple[Any, int, bool], Used]:
    """Those that modules hold, in tables and objects too, and those written where they are used."""
    found: dict[tuple[Any, int, bool], Used] = {}
    for module in modules():
        if module.__file__ is None:
            continue
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        for one in (*_held(module), *_written(module, tree)):
            found.setdefault((one.pattern.pattern, one.pattern.flags, one.seeking), one)
    return found


def _held(module: ModuleType) -> Iterator[Used]:
    for name, value in list(vars(module).items()):
        for path, pattern, owner in _inside(value, name, 0, module.__name__):
            # A pattern in a field is used where the class of its holder is defined, else where it stands.
            calls = _calls(owner)
            last = path.rpartition(".")[2].partition("[")[0]
            anyhow = any(methods & SEEKING for of, methods in calls.items() if of != "re")
            own = calls.get(last)
            yield Used(
                pattern,
                f"{module.__name__}.{path}",
                bool(own & SEEKING) if own and "[" not in path.rpartition(".")[2] else anyhow,
            )


@cache
def _calls(module: str) -> dict[str, set[str]]:
    """Which methods are called on what, by the last name: ``x.pattern.search()`` is ``pattern: search``."""
    tree = ast.parse(Path(importlib.import_module(module).__file__ or "").read_text(encoding="utf-8"))
    calls: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            owner = getattr(node.value, "id", getattr(node.value, "attr", ""))
            calls.setdefault(owner, set()).add(node.attr)
    return calls


def _inside(value: Any, path: str, depth: int, owner: str) -> Iterator[tuple[str, re.Pattern[Any], str]]:
    if isinstance(value, re.Pattern):
        yield path, value, owner
    elif depth < 6 and isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "_fields"):
        for number, one in enumerate(value):
            yield from _inside(one, f"{path}[{number}]", depth + 1, owner)
    elif depth < 6 and isinstance(value, dict):
        for key, one in value.items():
            yield from _inside(one, f"{path}[{key!r:.30}]", depth + 1, owner)
            yield from _inside(key, f"{path}[{key!r:.30}]", depth + 1, owner)
    elif depth < 6 and type(value).__module__.startswith("afterword") and not isinstance(value, ModuleType | type):
        names = getattr(value, "_fields", None) or getattr(type(value), "__slots__", None) or list(vars(value))
        for name in names:
            yield from _inside(getattr(value, name, None), f"{path}.{name}", depth + 1, type(value).__module__)


def _written(module: ModuleType, tree: ast.Module) -> Iterator[Used]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner, method = node.func.value, node.func.attr
        if isinstance(owner, ast.Name) and owner.id == "re" and method in METHODS - {"compile"}:
            constant = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            if isinstance(constant, str | bytes):
                flags = [
                    one
                    for one in (*node.args[1:], *(k.value for k in node.keywords))
                    if re.fullmatch(r"re\.[A-Z]+( \| re\.[A-Z]+)*", ast.unparse(one))
                ]
                flag = eval(ast.unparse(flags[0]), {"re": re}) if flags else 0
                yield Used(re.compile(constant, flag), f"{module.__name__}:{node.lineno}", method in SEEKING)


# --------------------------------------------------------------------------------------------- adversaries


def attacks(pattern: re.Pattern[Any]) -> set[str]:
    """Beginnings and pieces that the pattern would repeat: ``(before, piece)`` joined by a mark."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    return {f"{before}\x01{piece}" for before, piece in _repeated(tree, "") if piece and len(piece) < 60}


def _repeated(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    so_far = before
    for op, argument in tree:
        for inner in _children(op, argument):
            yield from _repeated(inner, so_far)
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and argument[1] > UNBOUNDED:
            for piece in _examples(argument[2]):
                yield so_far, piece
        so_far = (so_far + _example([(op, argument)]))[-80:]


def _children(op: Any, argument: Any) -> list[Any]:
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return [argument[2]]
    if op is sre.SUBPATTERN:
        return [argument[3]]
    if op is sre.BRANCH:
        return list(argument[1])
    if op is sre.ATOMIC_GROUP:
        return [argument]
    return []


def _examples(tree: Any) -> list[str]:
    """Texts that the tree matches: one for each alternative, of classes several characters."""
    items = list(tree)
    if len(items) == 1 and items[0][0] is sre.BRANCH:
        return [_example(one) for one in items[0][1][1]]
    if len(items) == 1 and items[0][0] is sre.SUBPATTERN:
        return _examples(items[0][1][3])
    if len(items) == 1 and items[0][0] in (sre.IN, sre.NOT_LITERAL, sre.ANY):
        return [mark for mark in 'a0 ."\\-:,=/[({<|' if _fits(items[0], mark)][:6]
    return [_example(items)]


def _example(tree: Any) -> str:
    made = ""
    for op, argument in tree:
        if op is sre.LITERAL:
            made += chr(argument)
        elif op in (sre.IN, sre.NOT_LITERAL, sre.ANY):
            made += next((mark for mark in 'a0 ."-:,=/[({<|\n' if _fits((op, argument), mark)), "é")
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            made += _example(argument[2]) * max(1, min(argument[0], 30))
        elif op is sre.SUBPATTERN:
            made += _example(argument[3])
        elif op is sre.ATOMIC_GROUP:
            made += _example(argument)
        elif op is sre.BRANCH:
            made += _example(argument[1][0])
    return made


def _fits(item: Any, mark: str) -> bool:
    op, argument = item
    if op is sre.ANY:
        return mark != "\n"
    if op is sre.NOT_LITERAL:
        return ord(mark) != argument
    state = parser.State()
    state.str = ""
    compiled = re._compiler.compile(parser.SubPattern(state, [item]), 0)  # type: ignore[attr-defined]
    return bool(compiled.match(mark))


def slowness(used: Used, sizes: tuple[int, ...], most: float) -> tuple[float, str] | None:
    """Seconds and the text, where the pattern takes longer than it may on a text of one of these sizes."""
    apply = used.pattern.search if used.seeking else used.pattern.match
    for attack in sorted({*attacks(used.pattern), *(f"\x01{one}" for one in GENERIC)}):
        before, piece = attack.split("\x01")
        for size in sizes:
            for text in (before + piece * (size // len(piece)), before + piece * (size // len(piece)) + "\x00"):
                given: Any = text if isinstance(used.pattern.pattern, str) else text.encode("utf-8", "replace")
                # The machine may have been busy: what was slow once is tried again.
                if (took := _seconds(apply, given)) > most and min(_seconds(apply, given) for _ in range(2)) > most:
                    return took, f"{before!r} + {piece!r} * {size // len(piece)}"
    return None


def _seconds(apply: Any, text: Any) -> float:
    begun = time.thread_time()
    apply(text)
    return time.thread_time() - begun
