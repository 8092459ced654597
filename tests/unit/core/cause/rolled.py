"""A rollout as events: three instances of the shop, one of which gives way to a new one at minute 20, in an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core import entity
from afterword.core.cause import rollout
from afterword.model.event import Event, Kind
from afterword.model.time import MINUTE, SECOND
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.rollout import Rollout, Strand

ZERO = 1_773_478_800 * SECOND
OLD = ("shop-v1-685f9dd56f-tpj7p", "shop-v1-685f9dd56f-fnj2n", "shop-v1-685f9dd56f-kcz4d")
NEW = ("shop-v2-654dcbd9f4-9nhhb", "shop-v2-654dcbd9f4-vlwvw")
MAIL = ("mail-v1-7bb89585b4-pzc7x", "mail-v1-7bb89585b4-h9f7f", "mail-v2-655cc95547-cdfwh")


def minute(number: float) -> int:
    return ZERO + round(number * MINUTE)


def samples(pod: str, name: str, value: float | Callable[[int], float], start: int = 0, end: int = 60) -> list[Event]:
    """One a minute, give or take a hundredth."""
    chance = np.random.default_rng(sum(map(ord, pod + name)))
    say = value if callable(value) else lambda _: value
    return [
        event(Kind.METRIC, minute(at), pod, name=name, value=float(say(at) * (1 + 0.01 * chance.standard_normal())))
        for at in range(start, end)
    ]


def released(component: str, pods: str, at: float = 20, **more: str) -> Event:
    said = {"change": "deploy", "version": "v2", **more}
    return event(Kind.CHANGE, minute(at), component, name=f"{component}-v2", text=f"release v2: {pods}", **said)


def told(*groups: Iterable[Event]) -> Case:
    """The case with pods under the name of their workload."""
    return entity.merged(case_from([one for group in groups for one in group]))


def of(case: Case) -> tuple[tuple[Rollout, ...], dict[str, list[Strand]]]:
    by = rollout.strands(case.series)
    return rollout.rollouts(case, by), by


def one_of(case: Case, component: str = "shop") -> tuple[Rollout, Sequence[Strand]]:
    found, by = of(case)
    return next(one for one in found if one.component == component), by.get(component, ())


def errors(new: float | Callable[[int], float], old: float | Callable[[int], float] = 0.01) -> list[Event]:
    """The share of errors of every instance; the first of the old ones is replaced by the first of the new ones."""
    stay = [e for pod in OLD[1:] for e in samples(pod, "error_ratio", old)]
    return [*samples(OLD[0], "error_ratio", old, end=20), *stay, *samples(NEW[0], "error_ratio", new, 21)]


def mail(new: float = 0.01) -> list[Event]:
    """Another component that is rolled out in the same hour."""
    stay = [e for pod in MAIL[:2] for e in samples(pod, "error_ratio", 0.01)]
    return [*stay, *samples(MAIL[2], "error_ratio", new, 17), released("mail", MAIL[2], 16)]
