"""The contrast test of a change: what it brought against what it did not reach, in the same minutes.

The null are the older instances themselves, among each other and over time, before the change and beside it: whatever they
show is everyday difference. A contrast is worth the bits that its size allows, and no more than the number of its samples
does: the Bayes factor of two rates of bad samples against one (beta-binomial, uniform priors), doubled since only the harmful
way counts. Concurrent control as in "Canarying Releases", The Site Reliability Workbook, chapter 16.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator, statistics
from afterword.core.cause.lane import number
from afterword.core.derive import rated
from afterword.core.indicator import Family

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.cause.rollout import Rollout, Strand
    from afterword.model.evidence import Citation

#: A Bayes factor of twenty to one is strong evidence (Kass and Raftery 1995).
STRONG = math.log2(20.0)
#: Fewer samples than this, on either side, say nothing.
_LEAST = 3
#: So far apart, in the spread of the usual, everything is as clear as it can be.
_MOST_SHIFT = 60.0
#: Bits for a change when the trouble is there without it as well: only through something shared can it be the cause.
_WITHOUT = 2.0
#: A shift below three spreads is everyday difference between two machines.
PLAIN = 3.0
_HARM = {Family.ERRORS: 1.0, Family.LATENCY: 0.9, Family.SATURATION: 0.5}
#: What users feel: only there the absence of a difference speaks for a change.
_FELT = (Family.ERRORS, Family.LATENCY)
#: Names of what is counted one by one, and therefore only where there is one to count.
_COUNTED = re.compile(r"_(total|count)(?![a-z])|count$|errors?$|failures$|exceptions$", re.IGNORECASE)
#: What the machine measures is not the instance's.
_HOST = re.compile(r"^(node|host)(?![a-z])|^(Node|Host)[A-Z]")


@dataclass(frozen=True, slots=True)
class Contrast:
    """What one indicator shows of one change. ``bits`` above 0 speak against the change, below 0 for it."""

    name: str
    bits: float
    new: float
    old: float
    many: int
    beside: int
    #: How many of the instances that the change brought show it.
    hit: int
    brought: int
    cites: tuple[Citation, ...]
    #: The bits before the kind of the indicator is taken into account.
    plain: float = 0.0
    #: What the change did not reach is in trouble as well.
    suffered: bool = False

    def says(self) -> str:
        """One sentence, with the numbers."""
        if self.bits > 0:
            some = f", in {self.hit} of {self.brought}" if self.brought > 1 else ""
            return (
                f"{self.name} of the instances that the change brought is {number(self.new)}{some}, "
                f"of those it did not reach {number(self.old)} in the same time"
            )
        how = "failed no more than those it did not reach" if self.suffered else "did as well as those it did not reach"
        if self.bits > -1.0:
            how = "differ from those it did not reach no more than such instances do among each other"
        return (
            f"the instances that it brought {how}: {self.name} is {number(self.new)} "
            f"and {number(self.old)}, in {self.many} and {self.beside} samples"
        )


def contrasts(rollout: Rollout, mine: Sequence[Strand], machines: frozenset[int]) -> tuple[Contrast, ...]:
    """One for each indicator that both sides report, most harmful first. ``machines``: ids of series of the machine."""
    groups: dict[str, tuple[list[Strand], list[Strand]]] = defaultdict(lambda: ([], []))
    for one in mine:
        if not _concerns(one.name) or id(one.series) in machines:
            continue
        if one.instance in rollout.brought:
            groups[one.name][0].append(one)
        elif one.instance in rollout.stayed:
            groups[one.name][1].append(one)
    made = [
        found
        for name, (new, old) in sorted(groups.items())
        for found in _compared(name, new, old or _never(name, new, mine, rollout), rollout)
    ]
    return tuple(sorted(made, key=lambda one: (-one.bits, one.name)))


def _never(name: str, new: Sequence[Strand], mine: Sequence[Strand], rollout: Rollout) -> list[Strand]:
    """Counted errors that no older instance reports were none there: a counter first appears when it first counts."""
    if indicator.family(name) is not Family.ERRORS or indicator.worse(name) < 0 or not _COUNTED.search(name):
        return []
    longest: dict[str, Strand] = {}
    for one in mine:
        if one.instance in rollout.stayed and not one.series.derived:
            best = longest.get(one.instance)
            longest[one.instance] = one if best is None or len(one.series.at) > len(best.series.at) else best
    return [
        replace(
            one,
            name=name,
            series=replace(one.series, value=np.zeros(len(one.series.at)), indicator=new[0].series.indicator),
        )
        for _, one in sorted(longest.items())
    ]


def _concerns(name: str) -> bool:
    return (
        indicator.family(name) in _HARM
        and bool(indicator.worse(name))
        and not _HOST.match(name)
        and not indicator.is_setting(name)
    )


def _compared(name: str, new: Sequence[Strand], old: Sequence[Strand], rollout: Rollout) -> Iterator[Contrast]:
    worse = indicator.worse(name)
    now = [_warm(rated(one.series)) for one in new]
    if not old or not sum(len(value) for _, value in now):
        return
    since = min(int(at[0]) for at, _ in now if len(at))
    until = max(int(at[-1]) for at, _ in now if len(at))
    before, beside = [], []
    for one in old:
        series = rated(one.series)
        gone = rollout.stayed[one.instance]
        before.append(series.value[(series.at < rollout.began) & (series.at < gone)])
        beside.append(series.value[(series.at >= since) & (series.at <= until) & (series.at < gone)])
    usual, there = np.concatenate(before), np.concatenate(beside)
    here = np.concatenate([value for _, value in now])
    if len(here) < _LEAST or len(there) < _LEAST:
        return
    least = statistics.least_spread(rated(old[0].series))
    suffered = False
    found = _weighed(worse, here, there, usual if len(usual) >= 2 * _LEAST else there, least)
    family = indicator.family(name)
    if found > 0:
        bits = _HARM[family] * found
    elif family in _FELT:
        bits = found
        if suffered := _suffered(worse, there, usual, least):
            bits -= _WITHOUT
    else:
        return
    hit = sum(len(value) > 0 and 2 * int(_bad(worse, value, there, least).sum()) > len(value) for _, value in now)
    yield Contrast(
        name, bits, _typical(here, worse), _middle(there), len(here), len(there), hit, len(now),
        (new[0].series.cite, old[0].series.cite), found, suffered,
    )  # fmt: skip


def _suffered(worse: int, there: NDArray[np.float64], usual: NDArray[np.float64], least: statistics.Least) -> bool:
    """What the change did not reach is in trouble, compared with before the change."""
    bad, were = _bad(worse, there, usual, least), _bad(worse, usual, usual, least)
    return two_rates(int(bad.sum()), len(there), int(were.sum()), len(usual)) >= STRONG


def _warm(series: Series) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Times and values without the first sample: what has just started is slow and idle whatever its version."""
    first = 1 if len(series.at) > 1 else 0
    return series.at[first:], series.value[first:]


def _weighed(
    worse: int, here: NDArray[np.float64], there: NDArray[np.float64], usual: NDArray[np.float64],
    least: statistics.Least,
) -> float:  # fmt: skip
    """Bits that one side is worse, or, below 0, that both are alike."""
    alike = _rates(worse, here, there, usual, least)
    apart = max(alike, _rates(worse, here, there, there, least))
    return min(_size(worse, here, there, usual, least), apart) if apart > 0 else alike


def _middle(values: NDArray[np.float64]) -> float:
    return float(np.mean(values)) if _each(values) else float(np.median(values))


def _size(
    worse: int, here: NDArray[np.float64], there: NDArray[np.float64], ground: NDArray[np.float64],
    least: statistics.Least,
) -> float:  # fmt: skip
    """Bits that the distance of the two allows, in the spread of the ground; none for everyday distances."""
    apart = worse * (_typical(here, worse) - _typical(there, worse))
    if _each(here, there):
        shift = apart / max(float(np.mean(there)), 1 / len(there), statistics.SHARE_FLOOR)
    else:
        shift = apart / statistics.scale(ground, least)
    return math.log2(1 + min(shift, _MOST_SHIFT)) if shift >= PLAIN else 0.0


def _each(*sides: NDArray[np.float64]) -> bool:
    """Every sample is one answer, right or wrong, not a share of them."""
    return all(bool(np.isin(values, (0.0, 1.0)).all()) for values in sides)


def _typical(values: NDArray[np.float64], worse: int) -> float:
    """The middle; or, where it is worse there, what a fifth of the samples exceed, as trouble comes and goes."""
    if _each(values):
        return float(np.mean(values))
    middle, far = float(np.median(values)), float(np.percentile(values, 80 if worse > 0 else 20))
    return middle if worse * (far - middle) <= 0 else 0.3 * middle + 0.7 * far


def _rates(
    worse: int, here: NDArray[np.float64], there: NDArray[np.float64], ground: NDArray[np.float64],
    least: statistics.Least,
) -> float:  # fmt: skip
    """Bits for two rates of samples that are worse than the usual, over one rate for both."""
    bad, worst = _bad(worse, here, ground, least), _bad(worse, there, ground, least)
    return two_rates(int(bad.sum()), len(here), int(worst.sum()), len(there))


def _bad(
    worse: int, values: NDArray[np.float64], ground: NDArray[np.float64], least: statistics.Least
) -> NDArray[np.bool_]:
    """Which samples are worse than what is usual on the ground."""
    if _each(values, ground):
        return worse * (values - 0.5) > 0
    middle, wide = statistics.usual_range(ground, least)
    return worse * (values - middle) > wide


def two_rates(bad: int, many: int, worst: int, beside: int) -> float:
    """log2 of the Bayes factor that ``bad`` of ``many`` comes from a higher rate than ``worst`` of ``beside``."""
    if bad * beside < worst * many:
        return min(0.0, _two(bad, many, worst, beside))
    return _two(bad, many, worst, beside)


def _two(bad: int, many: int, worst: int, beside: int) -> float:
    apart = _beta(bad, many) + _beta(worst, beside)
    return (apart - _beta(bad + worst, many + beside)) / math.log(2) + 1.0


def _beta(bad: int, many: int) -> float:
    """The logarithm of the chance of just these outcomes, whatever the rate."""
    return math.lgamma(bad + 1) + math.lgamma(many - bad + 1) - math.lgamma(many + 2)
