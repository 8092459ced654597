"""What several incidents teach, told of three outages of one shop."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import trend
from afterword.core.lesson import family_of, fingerprint, ineffective, lessons, similar, trends
from afterword.model.action import ActionCategory, ActionItem, ActionKind, ActionState, Strength
from afterword.model.cause import Cause, Explanation, Link, LinkKind, Role, Scored, Verdict
from afterword.model.evidence import Citation, Place
from afterword.model.incident import By, Duration, Measured, Point, PointName
from afterword.model.postmortem import Impact, Postmortem, Signal
from afterword.model.time import DAY, MINUTE, Span
from afterword.model.timeline import Moment, MomentKind

#: 2026-03-01T00:00:00Z
MARCH = 1_772_323_200_000_000_000
CITE = Citation("E1", Place(0, 1))


def incident(
    name: str,
    day: int,
    *,
    component: str = "orders",
    indicator: str = "db_pool_in_use",
    defect: str = "exhausted",
    category: str = "code",
    trigger: str = "code",
    minutes: float | None = 30.0,
    felt: tuple[str, ...] = ("checkout",),
    alert_after: int | None = 0,
    stated: bool = False,
    links: tuple[Link, ...] = (),
) -> Postmortem:
    at = MARCH + day * DAY
    causes = (
        Cause(
            "C1",
            "the pool ran out: TimeoutError by ann in pool.py",
            Role.PROXIMATE,
            component,
            (CITE,),
            category,
            defect,
            indicator=indicator,
        ),
        Cause("C2", "release 4.2", Role.TRIGGER, component, (CITE,), trigger, ref="abc123"),
    )
    moments = (
        [Moment("m1", at + MINUTE, "checkout is down, says ann", MomentKind.COMMUNICATION, "", (CITE,))]
        if stated
        else []
    )
    if alert_after is not None:
        moments.append(
            Moment(
                "m2",
                at + MINUTE + alert_after * MINUTE,
                "PoolExhausted on orders-7f9c4",
                MomentKind.ALERT,
                component,
                (CITE,),
            )
        )
    by = By.STATED if stated else By.ESTIMATE
    state = Measured.PENDING if minutes is None else Measured.RECORDED
    return Postmortem(
        incident=name,
        title=f"Incident {name}",
        covered=Span(at - DAY, at + DAY),
        baseline=None,
        window=Span(at, at + 60 * MINUTE),
        points=(
            Point(PointName.STARTED, at, at, at, By.ESTIMATE, "", (CITE,)),
            Point(PointName.DETECTED, at + MINUTE, at, at + MINUTE, by, "", (CITE,)),
        ),
        durations=(
            Duration(
                "time to recover",
                PointName.STARTED,
                PointName.RECOVERED,
                state,
                None if minutes is None else int(minutes * MINUTE),
            ),
            Duration("time to detect", PointName.STARTED, PointName.DETECTED, Measured.INVALID),
        ),
        signals=(Signal(component, indicator, 1, 9, 8.0, at, at, at, None, CITE),),
        moments=tuple(moments),
        explanation=Explanation(
            "top",
            causes,
            links,
            (Scored(component, 1.0),),
            Verdict.EXPLAINED,
            none_of_the_changes=False,
            would_decide=(),
        ),
        findings=(),
        whys=(),
        tree=None,
        actions=(),
        not_over=(),
        impact=Impact((), felt),
    )


def action(
    id_: str = "A-3", of: str = "INC-1", *, state: ActionState = ActionState.IN_PROGRESS, **fields: str
) -> ActionItem:
    return ActionItem(
        id_, of, "Return the connection on every path", ActionKind.CODE_FIX, ActionCategory.REPAIR, Strength.ELIMINATE, ("C1",), "test passes",
        state, opened=fields.pop("opened", "2026-03-02"), **fields,
    )  # fmt: skip


def says(found, kind: str) -> list[str]:
    return [one.says for one in found if one.id.startswith(kind)]


# ------------------------------------------------------------------------------------------------ fingerprint, similar


def test_a_fingerprint_holds_mechanism_and_no_names() -> None:
    """Ann, pool.py, the commit and the pod id are not part of how it failed."""
    one = fingerprint(incident("INC-1", 0), ("t9", "t1", "t9"))
    assert one.mechanism == ("category code", "defect exhausted", "exception TimeoutError", "indicator db_pool")
    assert one.templates == ("t1", "t9")
    assert one.alerts == ("PoolExhausted on",)
    everything = str(one)
    assert not any(word in everything for word in ("ann", "pool.py", "abc123", "7f9c4"))


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("db_pool_in_use_max", "db_pool"),
        ("dbPoolWaiting", "db_pool"),
        ('http_errors_total{code="500"}', "http_errors"),
        ("in_use", "in_use"),
        ("", ""),
    ],
)
def test_families_of_indicators(name: str, family: str) -> None:
    assert family_of(name) == family


def test_the_same_mechanism_in_the_same_place_is_a_repeat() -> None:
    one, again = fingerprint(incident("INC-1", 0)), fingerprint(incident("INC-2", 20))
    elsewhere = fingerprint(
        incident(
            "INC-3", 30, component="mail", indicator="disk_used", defect="missing", category="storage", trigger="load"
        )
    )
    found = similar(again, [elsewhere, one, again])
    assert found[0].incident == "INC-1"
    assert found[0].repeat
    assert "mechanism: indicator db_pool" in found[0].shared
    assert "component: orders" in found[0].shared
    assert not any(one.repeat for one in found[1:])


@pytest.mark.parametrize(
    "other",
    [
        incident("X", 5, component="mail", trigger="load"),
        incident("X", 5, indicator="disk_used", defect="missing"),
        incident("X", 5, indicator="cpu", defect="contended", category="capacity"),
    ],
    ids=["same mechanism elsewhere", "other mechanism in the same place", "nothing but the place"],
)
def test_half_a_likeness_is_no_repeat(other: Postmortem) -> None:
    """Precision before recall: calling it a repeat says that somebody's fix did not work."""
    assert not any(found.repeat for found in similar(fingerprint(incident("INC-1", 0)), [fingerprint(other)]))


def test_likeness_is_symmetric_and_at_most_one() -> None:
    one, other = fingerprint(incident("INC-1", 0)), fingerprint(incident("INC-2", 5, component="mail"))
    assert similar(one, [other])[0].score == similar(other, [one])[0].score < 1
    assert similar(one, [fingerprint(incident("INC-2", 0))])[0].score == 1


# ------------------------------------------------------------------------------------------------ lessons


def test_a_repeat_names_the_action_that_was_open() -> None:
    """Opened on 2 March; it happened again on the 23rd: 21 days."""
    found = lessons([incident("INC-2", 22), incident("INC-1", 0)], [action()])
    (lesson,) = [one for one in found if one.id.startswith("repeat")]
    assert lesson.incidents == ("INC-1", "INC-2")
    assert lesson.actions == (
        "A-3 'Return the connection on every path' was open for 21 days when this happened again.",
    )
    assert "indicator db_pool" in lesson.pattern


def test_a_verified_action_that_did_not_help_is_ineffective() -> None:
    both = [incident("INC-1", 0), incident("INC-2", 22)]
    done = action(state=ActionState.VERIFIED)
    assert "it did not work; proposed state: ineffective" in says(lessons(both, [done]), "repeat")[0]
    assert ineffective(both, [done]) == (("A-3", "INC-2"),)


def test_an_action_verified_after_the_repeat_is_not_accused() -> None:
    """Negative control: it was verified on 30 March, a week after."""
    both = [incident("INC-1", 0), incident("INC-2", 22)]
    done = action(state=ActionState.VERIFIED)
    assert ineffective(both, [done], since={"A-3": "2026-03-30"}) == ()
    assert "was open for 21 days" in says(lessons(both, [done], since={"A-3": "2026-03-30"}), "repeat")[0]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ActionState.DECLINED, "was declined (too dear)"),
        (ActionState.ACCEPTED_RISK, "was accepted as a risk (too dear)"),
        (ActionState.INEFFECTIVE, "is known not to have worked"),
    ],
)
def test_other_fates_of_an_action(state: ActionState, words: str) -> None:
    both = [incident("INC-1", 0), incident("INC-2", 22)]
    assert words in says(lessons(both, [action(state=state, reason="too dear")]), "repeat")[0]


def test_a_repeat_without_an_answer_says_so() -> None:
    both = [incident("INC-1", 0), incident("INC-2", 22)]
    assert "No action item answered INC-1 (“Incident INC-1”)." in says(lessons(both, []), "repeat")[0]
    assert "No action item" in says(lessons(both, [action(opened="2026-04-30")]), "repeat")[0]


def test_what_was_only_proposed_was_not_accepted() -> None:
    both = [incident("INC-1", 0), incident("INC-2", 22)]
    other = replace(action(state=ActionState.PROPOSED), answers=("nothing else",), pattern="")
    assert "1 in all, none was accepted" in says(lessons(both, [other]), "repeat")[0]


def _unlike_any(name: str, day: int, indicator: str) -> Postmortem:
    """No exception and no defect tell how it failed."""
    one = incident(name, day, indicator=indicator, defect="")
    causes = tuple(replace(cause, statement="it failed") for cause in one.explanation.causes)
    return replace(one, explanation=replace(one.explanation, causes=causes))


def test_that_both_were_slow_is_no_same_way_to_fail() -> None:
    """A flag that overloads, a leak and a storm of retries all made something slow."""
    slow, full = "span_self_time_p90_ms", "db_pool_in_use"
    assert not says(lessons([_unlike_any("A", 0, slow), _unlike_any("B", 9, slow)], []), "repeat")
    assert says(lessons([_unlike_any("A", 0, full), _unlike_any("B", 9, full)], []), "repeat")
    # Control of the defect: the same pool that ran out for another one.
    assert not says(lessons([incident("A", 0), incident("B", 9, defect="racing")], []), "repeat")


def test_components_that_fail_together_without_a_known_call() -> None:
    two = [incident("INC-1", 0), incident("INC-2", 22, indicator="cpu", defect="contended")]
    assert "checkout and orders failed together in 2 incidents" in says(lessons(two, []), "coupling")[0]
    assert says(lessons(two, [], edges=[("checkout", "orders")]), "coupling") == []
    drawn = (Link("C1", "C3", LinkKind.PROPAGATES, 1, (), ()),)  # type: ignore[arg-type]
    assert says(lessons([incident("INC-1", 0, felt=("orders",), links=drawn)], []), "coupling") == []


def test_what_people_noticed_first() -> None:
    """In one incident the message came with the detection and the alert five minutes later."""
    found = lessons([incident("INC-1", 0), incident("INC-2", 9, stated=True, alert_after=5, defect="stale")], [])
    assert says(found, "blind-spot") == ["People noticed 1 of 2 incidents before any alert fired: INC-2."]
    assert says(lessons([incident("INC-1", 0, stated=True, alert_after=0)], []), "blind-spot") == []


def test_work_that_was_overdue() -> None:
    late = action(due="2026-03-10")
    found = lessons([incident("INC-1", 0), incident("INC-2", 22, defect="stale", indicator="cpu")], [late])
    assert "was due on 2026-03-10 (in progress)" in says(found, "debt")[0]
    assert says(lessons([incident("INC-1", 0)], [action(due="2026-03-10")]), "debt") == []
    assert says(lessons([], [late]), "debt") == []


# ------------------------------------------------------------------------------------------------ trends


def recover(postmortems):
    return next(one for one in trends(postmortems) if one.name == "time to recover")


def test_every_duration_has_its_endpoints_and_its_n() -> None:
    found = trends([incident("INC-1", 0)])
    assert [one.name for one in found] == [
        "time to detect", "time to acknowledge", "time to engage", "time to mitigate", "time to recover", "time to resolve",
    ]  # fmt: skip
    assert all(one.start and one.end and f"n={one.n}" in one.says for one in found)


def test_an_incident_without_a_value_is_left_out_and_never_zero() -> None:
    one = recover([incident("INC-1", 0), incident("INC-2", 5, minutes=None)])
    assert (one.n, one.median, one.values) == (1, 30.0, (("INC-1", 30.0),))
    assert one.left_out == (("INC-2", "pending"),)
    detect = next(each for each in trends([incident("INC-1", 0)]) if each.name == "time to detect")
    assert (detect.n, detect.median, detect.left_out) == (0, None, (("INC-1", "invalid"),))
    resolve = next(each for each in trends([incident("INC-1", 0)]) if each.name == "time to resolve")
    assert resolve.left_out == (("INC-1", "not known"),)


def test_four_falling_values_are_no_trend() -> None:
    """60, 40, 30, 20 minutes looks like progress; by chance alone it happens one time in twelve."""
    one = recover([incident(f"I{i}", 10 * i, minutes=m) for i, m in enumerate([60, 40, 30, 20])])
    assert one.says.startswith("cannot be told from chance (n=4, p=0.083)")
    assert (one.low, one.high) == (None, None)


def test_eight_falling_values_are_one() -> None:
    """One minute less every ten days: three in thirty."""
    one = recover([incident(f"I{i}", 10 * i, minutes=60 - i) for i in range(8)])
    assert one.says.startswith("falls by about 3 minutes in 30 days")
    assert "n=8" in one.says
    assert (one.low, one.high) == (53, 60)


def test_values_stand_in_the_order_of_the_incidents() -> None:
    one = recover([incident("late", 9, minutes=1), incident("early", 0, minutes=2)])
    assert [name for name, _ in one.values] == ["early", "late"]


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=6, unique=True))
def test_the_exact_distribution_agrees_with_all_permutations(values: list[int]) -> None:
    s = abs(trend.score(values))
    every = [abs(trend.score(order)) for order in permutations(values)]
    assert trend.mann_kendall(values) == pytest.approx(sum(one >= s for one in every) / len(every))


def test_ties_many_values_and_constants() -> None:
    assert trend.mann_kendall([5, 5, 5, 5]) == 1.0
    assert trend.mann_kendall([1, 1, 2, 2, 3, 3]) < 0.05
    assert trend.mann_kendall([1] * 20) == 1.0
    assert trend.mann_kendall([float(i // 2) for i in range(30)]) < 1e-6


def test_the_interval_covers_the_median_as_often_as_it_says() -> None:
    """1,000 samples of nine values of a skewed distribution whose median is 1: at least 95 % (exactly 96.1 %)."""
    rng = np.random.default_rng(7)
    hits = 0
    for sample in np.exp(rng.normal(size=(1000, 9))):
        low, high = trend.interval(list(sample))
        hits += low is not None and high is not None and low <= 1 <= high
    assert 930 <= hits <= 985
    assert trend.interval([1.0] * 5) == (None, None)
    assert trend.interval([3.0, 1.0, 2.0, 6.0, 5.0, 4.0]) == (1.0, 6.0)
