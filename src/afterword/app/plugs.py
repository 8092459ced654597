"""Finds plug-ins: every module of a room that has the typed constant, and the entry points of third parties."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterword.app.bench.trial import Layout
    from afterword.ports import Analysis, Connector, Source
    from afterword.queries.question import Query


def _found(room: str, constant: str) -> dict[str, Any]:
    """Plug-ins by name, sorted: the order of files or of installation decides nothing."""
    package = importlib.import_module(f"afterword.{room}")
    modules = (
        importlib.import_module(f"afterword.{room}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
    )
    ours = [getattr(module, constant) for module in modules if hasattr(module, constant)]
    theirs = [point.load() for point in entry_points(group=f"afterword.{room}")]
    return {plug.name: plug for plug in sorted([*theirs, *ours], key=lambda plug: str(plug.name))}


@cache
def sources() -> tuple[Source, ...]:
    return tuple(_found("sources", "SOURCE").values())


@cache
def analyses() -> tuple[Analysis, ...]:
    return tuple(_found("analyses", "ANALYSIS").values())


@cache
def connectors() -> tuple[Connector, ...]:
    return tuple(_found("connectors", "CONNECTOR").values())


@cache
def queries() -> tuple[Query, ...]:
    return tuple(_found("queries", "QUERY").values())


@cache
def layouts() -> tuple[Layout, ...]:
    """How sets of cases with answers lie in folders."""
    return tuple(_found("app.bench.layouts", "LAYOUT").values())
