"""Gaps: the time from one line of a trace to the next, where no span tells how long anything took.

Between two lines of one component it is its own work; from the last line of who asks to the first of who is asked, and from
the last of that one back, it is the way between the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.heard import Waits
from afterword.core.cause.statement import statements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Case


def gaps(case: Case) -> Waits:
    """Gaps between the lines of each trace, in the terms of its visits."""
    logs, spans = case.logs, case.spans
    line = np.flatnonzero(logs.span >= 0)
    line = line[np.argsort(logs.trace[line], kind="stable")]
    one, other = line[:-1], line[1:]
    same = logs.trace[one] == logs.trace[other]
    one, other = one[same], other[same]
    code, texts = statements(logs, np.concatenate([one, other]))
    said, then = code[: len(one)], code[len(one) :]
    caller, callee, row = _ends(case, one, other)
    away = callee >= 0
    # A way is known by what it leads to, work by the two lines that it lies between.
    operation = np.where(away, np.where(row == logs.span[other], then, said), len(texts) + said * len(texts) + then)
    kinds, operation = np.unique(operation, return_inverse=True)
    names = tuple(_named(kind, texts) for kind in kinds.tolist())
    took = (logs.at[other] - logs.at[one]).astype(np.float64)
    order = np.argsort(logs.at[one], kind="stable")
    return Waits(
        logs.at[one][order], caller[order], callee[order], operation[order].astype(np.int64), took[order],
        logs.trace[one][order], row[order], spans.components, names,
    )  # fmt: skip


def _ends(
    case: Case, one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Who waits, for whom (-1: for nobody), and the visit that is waited for or works."""
    logs, spans = case.logs, case.spans
    begun, next_ = logs.span[one].astype(np.int64), logs.span[other].astype(np.int64)
    parent = spans.parent.astype(np.int64)
    returns = parent[begun] == next_
    waited = np.where(returns, begun, next_)
    asker = np.where(returns, next_, np.where(parent[next_] >= 0, parent[next_], begun))
    caller = spans.component[asker].astype(np.int64)
    within = spans.component[begun] == spans.component[next_]
    callee = np.where(within, -1, spans.component[waited]).astype(np.int64)
    return np.where(within, spans.component[begun], caller).astype(np.int64), callee, np.where(within, begun, waited)


def _named(kind: int, texts: list[str]) -> str:
    if kind < len(texts):
        return texts[kind]
    said, then = divmod(kind - len(texts), len(texts))
    return f"{texts[said]} to {texts[then]}"
