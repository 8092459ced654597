"""A history of alerts with the links that are known: ``alarm.csv`` beside ``true_graph.npy`` or ``DAG.npy``. Given: the alerts.
Told: which components touch (``topology.npy``) and what is known of links (``causal_prior.npy``), where they are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.app import matrix
from afterword.app.bench.trial import Layout, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: As the challenges on causal structure of alarms call their files; the case of letters differs between them.
_ALERTS, _LINKS = "alarm.csv", ("true_graph.npy", "dag.npy")
_TOLD = {"topology": "topology.npy", "prior": "causal_prior.npy"}


def _files(folder: Path) -> dict[str, Path]:
    return {one.name.lower(): one for one in folder.iterdir() if one.is_file()}


def _links(folder: Path) -> Path | None:
    files = _files(folder)
    return next((files[name] for name in _LINKS if name in files), None)


def _holds(folder: Path) -> bool:
    return _links(folder) is not None and _ALERTS in _files(folder)


def _trials(folder: Path) -> Iterator[Trial]:
    if (links := _links(folder)) is not None:
        files, found = _files(folder), matrix.read(links)
        yield Trial(
            folder.name,
            (files[_ALERTS],),
            links=frozenset(pair for value in set(found[found > 0].tolist()) for pair in matrix.cells(found, value)),
            known={option: files[name] for option, name in _TOLD.items() if name in files},
        )


LAYOUT = Layout("histories of alerts", _holds, _trials)
