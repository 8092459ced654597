"""A component that is tested every so often: the chance that it is not available at a time, by the tests of Open-PSA.

With four inputs a test repairs at once; with five it finds the failure and a repair begins; with eleven the test itself takes
time, may cause failures, may miss them, and a repair may leave the component failed. All inputs are floats or arrays of draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Number = Any

#: Tests followed one after the other at most.
_MOST_TESTS = 100_000


def failed(rate: Number, time: Number) -> Number:
    return -np.expm1(-rate * time)


def failed_again(repair: Number, rate: Number, time: Number) -> Number:
    """Both within the time, the repair first and then another failure."""
    apart = np.where(np.isclose(repair, rate, rtol=1e-7, atol=0.0), 1.0, repair - rate)
    differ = 1.0 - (repair * np.exp(-rate * time) - rate * np.exp(-repair * time)) / apart
    same = 1.0 - (1.0 + rate * time) * np.exp(-rate * time)
    return np.where(np.isclose(repair, rate, rtol=1e-7, atol=0.0), same, np.maximum(differ, 0.0))


def repaired_at_once(rate: Number, between: Number, first: Number, time: Number) -> Number:
    """At the time of a test itself: just before it, when it is worst."""
    since = np.mod(time - first, between)
    return failed(rate, np.where(time <= first, time, np.where(since == 0, between, since)))


def repaired_in_time(rate: Number, repair: Number, between: Number, first: Number, time: Number) -> Number:
    """Each test begins a repair, and so does one that finds another still going on: nothing remembers how long it took."""
    after = np.maximum(time - first, 0.0)
    tests = np.floor(after / between)

    def stays(length: Number) -> Number:
        """Not available at the start of a period, nor at its end, beyond the chance of those that were available."""
        return np.exp(-repair * length) + failed_again(repair, rate, length) - failed(rate, length)

    share = stays(between)
    many = share**tests
    sum_ = np.where(share == 1.0, tests, (1.0 - many) / np.where(share == 1.0, 1.0, 1.0 - share))
    gone = failed(rate, first) * many + failed(rate, between) * sum_
    left = after - tests * between
    return np.where(time <= first, failed(rate, time), gone * stays(left) + failed(rate, left))


def complete(
    rate: Number,
    rate_at_test: Number,
    repair: Number,
    between: Number,
    first: Number,
    by_test: Number,
    duration: Number,
    at_hand: Number,
    found: Number,
    bad_repair: Number,
    time: Number,
) -> Number:
    """``by_test``: the test makes it fail; ``at_hand``: available while tested; ``found``: a failure is seen."""
    after = np.maximum(time - first, 0.0)
    tests = np.floor(after / between)
    left = after - tests * between
    state = _State(rate, rate_at_test, repair, by_test, found, bad_repair, failed(rate, first))
    for number in range(int(min(np.max(tests), _MOST_TESTS))):
        still = number < tests
        state.test(np.where(still, duration, 0.0), still)
        state.wait(np.where(still, between - duration, 0.0))
    state.test(np.minimum(left, duration), True)
    idle = np.where(np.asarray(at_hand, bool) | (left > duration), 0.0, state.untouched)
    state.wait(np.maximum(left - duration, 0.0))
    return np.where(time <= first, failed(rate, time), np.clip(state.broken + state.mending + idle, 0.0, 1.0))


class _State:
    """Chances that it is broken and nobody knows, being mended, or available."""

    def __init__(
        self, rate: Number, rate_at_test: Number, repair: Number, by_test: Number, found: Number, bad_repair: Number,
        broken: Number,
    ) -> None:  # fmt: skip
        self.rate, self.rate_at_test, self.repair = rate, rate_at_test, repair
        self.by_test, self.found, self.bad_repair = by_test, found, bad_repair
        self.broken, self.mending = broken, np.zeros_like(broken)
        #: Available before a test, and still at its end.
        self.untouched = np.zeros_like(broken)

    def _mended_and_broken(self, length: Number) -> Number:
        badly = failed(self.repair, length) * self.bad_repair
        return badly + (1.0 - self.bad_repair) * failed_again(self.repair, self.rate, length)

    def test(self, length: Number, takes_place: Number) -> None:
        available = 1.0 - self.broken - self.mending
        harmed = self.by_test + (1.0 - self.by_test) * failed(self.rate_at_test, length)
        seen = self.broken + available * harmed
        broken = self.mending * self._mended_and_broken(length) + (1.0 - self.found) * seen
        mending = self.mending * np.exp(-self.repair * length) + self.found * seen
        self.untouched = available * (1.0 - harmed)
        self.broken = np.where(takes_place, broken, self.broken)
        self.mending = np.where(takes_place, mending, self.mending)

    def wait(self, length: Number) -> None:
        available = 1.0 - self.broken - self.mending
        self.broken = (
            self.broken + available * failed(self.rate, length) + self.mending * self._mended_and_broken(length)
        )
        self.mending = self.mending * np.exp(-self.repair * length)


def periodic_test(*inputs: Number) -> Number:
    """Four, five or eleven inputs, as Open-PSA has them."""
    if len(inputs) == 4:
        return repaired_at_once(*inputs)
    return repaired_in_time(*inputs) if len(inputs) == 5 else complete(*inputs)
