"""All trials of sets, each in a process of its own, so that time and memory are those of one case."""

from __future__ import annotations

import multiprocessing
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from afterword.app.bench.carry import carry_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from afterword.app.bench.carry import Outcome
    from afterword.app.bench.trial import Trial

#: Loaded once into the process that all others are split from.
_LOADED = ["afterword.app.bench.preload"]


def outcomes(
    trials: Iterable[Trial], *, jobs: int, ablate: bool, told: bool, progress: Callable[[int], None]
) -> list[Outcome]:
    """In the order of the trials; so many at once as there are jobs, and no more trials made ahead than needed."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    made: list[Outcome] = []
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        work = partial(carry_out, ablate=ablate, told=told)
        for done, found in enumerate(_in_order(pool, work, iter(trials), 2 * jobs), 1):
            made += found
            progress(done)
    return made


def _in_order(
    pool: ProcessPoolExecutor, work: Callable[[Trial], list[Outcome]], trials: Iterator[Trial], ahead: int
) -> Iterator[list[Outcome]]:
    waiting: deque[Future[list[Outcome]]] = deque(pool.submit(work, one) for one in islice(trials, ahead))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(work, one) for one in islice(trials, 1))
