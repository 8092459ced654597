"""A release next to what it replaces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from test_state import PLACE, case

from afterword.core.case import Case, Series
from afterword.core.cause import canary
from afterword.model.event import Event, Fact, Kind
from afterword.model.evidence import Citation
from afterword.model.time import MINUTE, Span

OLD, NEW = "cart-v1-685f9dd56f-tpj7p", "cart-v2-654dcbd9f4-9nhhb"


def series(pod: str, name: str, since: int, *values: float) -> Series:
    at = (since + np.arange(len(values), dtype=np.int64)) * MINUTE
    return Series(pod.split("-", maxsplit=1)[0], name, at, np.array(values), Citation("E1", PLACE), pod)


def release(component: str, pod: str, minute: int = 10) -> Fact:
    event = Event(
        Kind.CHANGE,
        PLACE,
        minute * MINUTE,
        component,
        f"{component}-v2",
        f"release {pod}",
        attributes={"version": "v2"},
    )
    return Fact(event, Citation("E2", PLACE))


def evidence(*all_of: Series, changes: tuple[Fact, ...]) -> Case:
    return replace(case(), series=all_of, changes=changes, covered=Span(0, 40 * MINUTE))


def test_the_new_version_is_slower_in_the_same_minutes() -> None:
    made = evidence(
        series(OLD, "latency", 0, *[5.0, 5.1, 4.9, 5.0] * 8),
        series(NEW, "latency", 11, *[90.0] * 10),
        changes=(release("cart", NEW),),
    )
    reason = canary.contrast(made, "cart")
    assert reason is not None
    assert reason.weight > 3
    assert [str(cite) for cite in reason.cites]


def test_versions_that_suffer_alike_say_nothing_of_the_release() -> None:
    both = [5.0] * 11 + [90.0, 91.0, 89.0, 90.0] * 5
    made = evidence(
        series(OLD, "latency", 0, *both), series(NEW, "latency", 11, *both[11:]), changes=(release("cart", NEW),)
    )
    assert canary.contrast(made, "cart") is None


def test_a_faster_version_is_not_blamed() -> None:
    made = evidence(
        series(OLD, "latency", 0, *[50.0, 51.0] * 16),
        series(NEW, "latency", 11, *[5.0] * 10),
        changes=(release("cart", NEW),),
    )
    assert canary.contrast(made, "cart") is None


def test_instances_that_never_report_while_those_of_others_do() -> None:
    mailer = "mailer-v2-b97f4d764-zwhht"
    heard = (series(OLD, "latency", 0, *[5.0] * 30), series(mailer, "latency", 11, *[5.0] * 10))
    changes = (release("cart", NEW), release("mailer", mailer))
    reason = canary.contrast(evidence(*heard, changes=changes), "cart")
    assert reason is not None
    assert "has reported" in reason.says
    assert canary.contrast(evidence(heard[0], changes=changes), "cart") is None, (
        "nobody's instances report: nothing is known"
    )


def test_without_instances_or_changes_nothing_is_compared() -> None:
    assert canary.contrast(evidence(changes=(release("cart", NEW),)), "cart") is None
    assert canary.contrast(evidence(series(OLD, "latency", 0, 1.0, 2.0), changes=()), "cart") is None
