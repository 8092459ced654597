"""Silence as evidence: nothing of what a change brought is ever heard, while what it did not reach goes on reporting.

How much that tells is read off the other changes: the share of what they brought that is not heard either. Where the older
instances are asked no more, nobody asks the new ones: then silence tells nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core import indicator
from afterword.core.indicator import Family
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.cause.rollout import Rollout, Strand
    from afterword.model.evidence import Citation
    from afterword.model.time import Span

#: An instance that has had so long and never reported anything does not work.
_SETTLED = 5 * MINUTE
#: So many samples after the change make sure that the older instances still report something.
_GOES_ON = 5
#: However many are silent, one reason may hide them all from the monitor.
_MOST = 8.0
#: What is answered shows that somebody asks.
_ASKED = (Family.ERRORS, Family.LATENCY, Family.TRAFFIC)


@dataclass(frozen=True, slots=True)
class Silence:
    """That nothing is heard of a change: the bits and the sentence."""

    bits: float
    says: str
    cites: tuple[Citation, ...]


def silence(rollout: Rollout, all_of: Sequence[Rollout], mine: Sequence[Strand], covered: Span) -> Silence | None:
    """None where something was heard, where nothing could have been, and where nobody else is heard either."""
    if covered.end - rollout.began < _SETTLED:
        return None
    others = [one for one in all_of if one.component != rollout.component]
    if rollout.silent:
        named, heard = sum(len(one.named) for one in others), sum(len(one.named & one.brought) for one in others)
        many, what = len(rollout.named), f"none of the {len(rollout.named)} instances that the change brought has"
        by = f"{heard} of {named} of those of other changes have"
    elif not rollout.named and not rollout.brought and rollout.stayed:
        named, heard = len(others), sum(bool(one.brought) for one in others)
        many, what = 1, "no instance that came with the change has"
        by = f"{heard} of {named} other changes brought some that have"
    else:
        return None
    if not heard:
        return None
    bits = min(_MOST, -many * math.log2((named - heard + 1) / (named + 2))) * _kept_up(rollout, mine)
    says = f"{what} reported anything, though {by}"
    return Silence(bits, says, tuple(fact.cite for fact in rollout.steps[:2]))


def missing(rollout: Rollout, all_of: Sequence[Rollout], by: Mapping[str, Sequence[Strand]]) -> Silence | None:
    """What the change brought reports, but not all that the older ones go on to report; None where it reports all."""
    lost, kinds = _lost(rollout, by)
    others = [_lost(one, by) for one in all_of if one.component != rollout.component and one.brought]
    if not lost or not others:
        return None
    chance = (sum(bool(other) for other, _ in others) + 1) / (len(others) + 2)
    bits = min(_MOST, -math.log2(chance)) * len(lost) / len(kinds)
    says = (
        f"the instances that the change brought report nothing of {len(lost)} of the {len(kinds)} measurements of calls "
        f"that those it did not reach go on to report, such as {lost[0]}"
    )
    return Silence(bits, says, tuple(fact.cite for fact in rollout.steps[:2]))


def _lost(rollout: Rollout, by: Mapping[str, Sequence[Strand]]) -> tuple[list[str], set[str]]:
    """Measurements of calls that the older instances go on to report and the newer ones never did, and all of them."""
    mine = [one for one in by.get(rollout.component, ()) if indicator.family(one.name) in _ASKED]
    newer = [one for one in by.get(rollout.component, ()) if one.instance in rollout.brought]
    reports = sum(len(one.series.at) > 1 for one in newer)
    since = min((int(one.series.at[0]) for one in newer), default=2**62)
    kept = {
        one.name
        for one in mine
        if (until := rollout.stayed.get(one.instance)) is not None
        and int(((one.series.at >= since) & (one.series.at < until)).sum()) >= _GOES_ON
    }
    return (sorted(kept - {one.name for one in newer}), kept) if reports else ([], kept)


def _kept_up(rollout: Rollout, mine: Sequence[Strand]) -> float:
    """The share of their samples that the older instances still report after the change; 1 where there are none.

    A latency that nobody adds to may be repeated for ever: what counts is the indicator that kept up least.
    """
    old = [one for one in mine if one.instance in rollout.stayed]
    last: dict[str, int] = {}
    for one in old:
        last[one.instance] = max(last.get(one.instance, 0), int(one.series.at[-1]))
    names = sorted({one.name for one in old if indicator.family(one.name) in _ASKED})
    return min((_share([one for one in old if one.name == name], rollout.began, last) for name in names), default=1.0)


def _share(same: Sequence[Strand], began: int, last: Mapping[str, int]) -> float:
    """Samples a second after the change, as long as each was there, over those before it."""
    before = sum(int((one.series.at < began).sum()) for one in same)
    after = sum(int((one.series.at >= began).sum()) for one in same)
    was = sum(max(0, began - int(one.series.at[0])) for one in same)
    there = sum(max(0, last[one.instance] - began) for one in same)
    return min(1.0, after / there * was / before) if before and was and there else 1.0
