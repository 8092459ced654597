"""Which service or shared library a change touches, by its paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.patch import HARMLESS_FILES, file_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Folders whose children are services or programs of their own.
_SERVICES = frozenset(["services", "service", "apps", "cmd", "microservices", "functions", "lambdas", "workers", "charts", "components"])  # fmt: skip
#: Folders whose children are used by more than one of them.
_SHARED = frozenset(["pkg", "lib", "libs", "packages", "shared", "common", "internal", "proto", "protos", "schema", "schemas", "vendor", "platform", "core"])  # fmt: skip
#: Folders that only lead to what is inside.
_WAYS = frozenset(["src", "main", "java", "kotlin", "deploy", "k8s", "helm", "infra", "terraform", "config"])


def scope(paths: Iterable[str]) -> tuple[str, ...]:
    """``service checkout``, ``library pkg/retry``, ``everything (go.mod)``, in the order of the paths, without repeats."""
    return tuple(dict.fromkeys(_part(path) for path in paths if path and file_kind(path) not in HARMLESS_FILES))


def _part(path: str) -> str:
    folders, name = path.split("/")[:-1], path.rsplit("/", 1)[-1]
    for at, folder in enumerate(folders):
        inner = folders[at + 1] if at + 1 < len(folders) else re.sub(r"\.\w+$", "", name)
        if folder in _SERVICES:
            return f"service {inner}"
        if folder in _SHARED:
            return f"library {folder}/{inner}"
    first = next((folder for folder in folders if folder not in _WAYS), "")
    return f"service {first}" if first else f"everything ({path})"
