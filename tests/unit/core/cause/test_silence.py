"""Nothing is heard of what a change brought: how much that tells, and when it tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolled import NEW, OLD, errors, mail, minute, of, released, samples, told

from afterword.core.cause import silence
from afterword.model.time import Span

if TYPE_CHECKING:
    from afterword.core.cause.silence import Silence
    from afterword.model.event import Event

COVERED = Span(minute(0), minute(60))
RELEASE = [released("shop", f"{NEW[0]} {NEW[1]} in for {OLD[0]}")]


def heard(*groups: list[Event], covered: Span = COVERED) -> Silence | None:
    found, by = of(told(*groups))
    shop = next(one for one in found if one.component == "shop")
    return silence.silence(shop, found, by["shop"], covered)


def old(end: int = 60) -> list[Event]:
    return [e for pod in OLD for e in samples(pod, "error_ratio", 0.01, end=end)]


def test_none_of_the_new_ones_reports_though_those_of_others_do() -> None:
    found = heard(old(), RELEASE, mail())
    assert found is not None
    assert found.bits > 2
    assert "none of the 2 instances" in found.says
    assert found.cites


def test_where_nobody_is_heard_nothing_is_known() -> None:
    assert heard(old(), RELEASE) is None


def test_one_that_reports_is_enough() -> None:
    assert heard(errors(0.01), RELEASE, mail()) is None


def test_before_it_could_have_settled_silence_is_usual() -> None:
    assert heard(old(), RELEASE, mail(), covered=Span(minute(0), minute(22))) is None


def test_where_the_old_ones_are_asked_no_more_nobody_asks_the_new_ones() -> None:
    """Orders fail before anybody sends mail: the latency is repeated for ever, but answers come in no more."""
    stale = [e for pod in OLD for e in samples(pod, "latency_ms", 5.0)]
    found = heard(old(end=20), stale, RELEASE, mail())
    assert found is not None
    assert found.bits < 0.5


def test_a_change_that_names_nothing_and_after_which_nothing_new_comes() -> None:
    found = heard(old(), [released("shop", "it", version="")], mail())
    assert found is not None
    assert 0 < found.bits < 2, "one other change that brought something is little"
    assert "no instance that came with the change" in found.says


def test_new_ones_that_leave_out_what_the_old_ones_report() -> None:
    """The new version answers nobody: it reports what it uses, and no call."""
    every = ("error_ratio", "latency_ms", "cpu_usage")
    calls = [e for pod in OLD for name in every for e in samples(pod, name, 1.0)]
    mute = samples(NEW[0], "cpu_usage", 1.0, 21)
    found, by = of(told(calls, mute, RELEASE, mail()))
    shop = next(one for one in found if one.component == "shop")
    lost = silence.missing(shop, found, by)
    assert lost is not None
    assert lost.bits > 0
    assert "2 of the 2 measurements" in lost.says
    other = next(one for one in found if one.component == "mail")
    assert silence.missing(other, found, by) is None, "it reports all of them"
