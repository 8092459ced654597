"""Blocks: evidence that does not hang together in time, such as an hour of trouble and a healthy day of another month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.model.time import HOUR, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.case import Series
    from afterword.model.incident import Options

#: A silence of so many usual steps, and at least an hour, separates two blocks.
_STEPS = 20


def blocks(series: Sequence[Series]) -> tuple[Span, ...]:
    """The stretches in which samples follow each other, in order; one where nothing is missing in between."""
    if not series:
        return ()
    times = np.unique(np.concatenate([one.at for one in series]))
    if len(times) < 3:
        return (Span(int(times[0]), int(times[-1])),)
    gaps = np.diff(times)
    wide = max(HOUR, _STEPS * int(np.median(gaps)))
    cuts = np.flatnonzero(gaps > wide)
    starts = [0, *(cuts + 1).tolist()]
    ends = [*cuts.tolist(), len(times) - 1]
    return tuple(Span(int(times[a]), int(times[b])) for a, b in zip(starts, ends, strict=True))


def choose(parts: Sequence[Span], options: Options) -> tuple[Span, Span]:
    """The block of the incident and the healthy one.

    As stated; else the shortest one (of about equal ones the latest: trouble is recorded after health) and the longest
    of the others.
    """
    stated = options.window[0] if options.window else options.at
    if stated is not None:
        mine = min(parts, key=lambda span: (_away(span, stated), span.start))
    else:
        healthy = options.baseline
        others = [span for span in parts if healthy is None or not span.start <= healthy[0] <= span.end]
        least = min(span.length for span in others or parts)
        mine = max((span for span in others or parts if span.length <= 2 * least), key=lambda span: span.start)
    rest = [span for span in parts if span != mine]
    return mine, Span(*options.baseline) if options.baseline else max(rest, key=lambda span: (span.length, -span.start))


def _away(span: Span, at: int) -> int:
    return 0 if at in span else min(abs(at - span.start), abs(at - span.end))
