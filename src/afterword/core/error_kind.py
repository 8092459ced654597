"""Kinds of errors: lines that differ in nothing but the status of HTTP are not of one kind, though it stands where values stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

#: Statuses have three digits.
_STATUSES = 1000


class Kinds(NamedTuple):
    """Codes of the lines, and the masked text and id of each code."""

    template: NDArray[np.int32]
    templates: tuple[str, ...]
    ids: tuple[str, ...]


def split(kinds: Kinds, status: NDArray[np.int16], identity: Callable[[str], str]) -> Kinds:
    """The kinds with each template parted by the statuses of its lines; 0 is none. What states none keeps its code."""
    some = np.flatnonzero(status)
    if not len(some):
        return kinds
    key = kinds.template[some].astype(np.int64) * _STATUSES + status[some]
    found, place = np.unique(key, return_inverse=True)
    texts = [_said(kinds.templates, int(one)) for one in found.tolist()]
    template = kinds.template.copy()
    template[some] = len(kinds.templates) + place
    return Kinds(template, (*kinds.templates, *texts), (*kinds.ids, *map(identity, texts)))


def _said(templates: Sequence[str], key: int) -> str:
    template, status = divmod(key, _STATUSES)
    return f"{templates[template]} (status {status})"
