"""Annotations of our own source as types, where the interpreter has only their text.

Modules import what only annotations need under ``if TYPE_CHECKING:``; the schemas of the faces need those names at run
time. Each is imported when it is asked for, and not before.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType


def evaluated(annotation: Any, module: str) -> Any:
    """The type that an annotation in a module means."""
    if not isinstance(annotation, str):
        return annotation
    return eval(annotation, {}, _names(module))  # noqa: S307 - annotations of our own source, nobody's input


@cache
def fields_of(word: type) -> dict[str, Any]:
    """The fields of a dataclass with their types."""
    return {one.name: evaluated(one.type, word.__module__) for one in fields(word)}


def returned(called: Callable[..., Any]) -> Any:
    """The type that a function answers with."""
    return evaluated(inspect.signature(called).return_annotation, called.__module__)


class _Names(Mapping[str, Any]):
    """Names of a module, and those that it imports for the type checker only."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._deferred = _deferred(module)

    def __getitem__(self, name: str) -> Any:
        if hasattr(self._module, name):
            return getattr(self._module, name)
        source, original = self._deferred[name]
        return getattr(importlib.import_module(source), original)

    def __iter__(self) -> Iterator[str]:
        return iter((*vars(self._module), *self._deferred))

    def __len__(self) -> int:
        return len(vars(self._module)) + len(self._deferred)


@cache
def _names(module: str) -> _Names:
    return _Names(sys.modules[module])


def _deferred(module: ModuleType) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for one in node.body:
                if isinstance(one, ast.ImportFrom) and one.module:
                    found.update({alias.asname or alias.name: (one.module, alias.name) for alias in one.names})
    return found
