"""Stable codes out of the source text: what a request can be refused with, and what evidence can be set aside for."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What makes a Problem of the evidence, and which of its arguments is the code.
_ASIDE = {"Problem": 3, "RefusedError": 0, "Malformed": 0}


@dataclass
class Code:
    """One code: the files that use it, and the sentences that come with it."""

    name: str
    files: set[str] = field(default_factory=set)
    sentences: set[str] = field(default_factory=set)


def modules(root: Path) -> dict[str, ast.Module]:
    """The syntax trees of a package by file name, in the order of the names."""
    found = sorted(root.rglob("*.py"))
    return {path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in found}


def refusals(trees: dict[str, ast.Module], kinds: frozenset[str]) -> dict[str, Code]:
    """Codes given where a refusal is raised, or that a refusal of its own kind has, wherever that is defined."""
    codes: dict[str, Code] = {}
    for file, tree in trees.items():
        raisers = dict(_raisers(tree))
        for node in ast.walk(tree):
            for code, sentence in _given(node, kinds, raisers):
                one = codes.setdefault(code, Code(code))
                one.files.add(file)
                one.sentences |= {sentence} if sentence else set()
    return dict(sorted(codes.items()))


def _given(node: ast.AST, kinds: frozenset[str], raisers: dict[str, int]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.ClassDef) and any(ast.unparse(base) in kinds for base in node.bases):
        for line in node.body:
            if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code" and _text(line.value):
                yield _text(line.value), (ast.get_docstring(node) or "").partition("\n")[0]
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func)
    code = next((_text(one.value) for one in node.keywords if one.arg == "code"), "")
    if name in kinds and code:
        yield code, sentence_of(node.args[0]) if node.args else ""
    elif name in raisers and len(node.args) > raisers[name] and _text(node.args[raisers[name]]):
        yield _text(node.args[raisers[name]]), ""


def _raisers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions of a file that are given the code to refuse with, and which argument it is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("_refuse"):
            names = [one.arg for one in node.args.args]
            if "code" in names:
                yield node.name, names.index("code")


def aside(trees: dict[str, ast.Module]) -> dict[str, Code]:
    """Codes of problems with the bytes of the evidence."""
    codes: dict[str, Code] = {}
    for file, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or (name := ast.unparse(node.func).rpartition(".")[2]) not in _ASIDE:
                continue
            place = _ASIDE[name]
            given = node.args[place] if len(node.args) > place else _keyword(node, "code")
            for code in _texts(given):
                one = codes.setdefault(code, Code(code))
                one.files.add(file)
                said = node.args[1 if place == 0 else 0] if len(node.args) > 1 else None
                one.sentences |= {sentence_of(said)} - {""} if said is not None else set()
    return dict(sorted(codes.items()))


def _keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in node.keywords if one.arg == name), None)


def _texts(node: ast.expr | None) -> Iterator[str]:
    """Every text that an argument can be: a constant, or one of two."""
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif node is not None and _text(node):
        yield _text(node)


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def sentence_of(node: ast.expr) -> str:
    """A message as it is written, with … where a value stands; empty when it is put together elsewhere."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one) if isinstance(one, ast.Constant) else "…" for one in node.values)
    return _text(node)
