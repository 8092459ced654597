"""An incident of usual size for the drawings: a deploy at 15:01 exhausts a pool, the alert comes ten minutes later."""

from __future__ import annotations

import numpy as np

from afterword.core.case import Series
from afterword.core.timeline import gaps, moment
from afterword.model.cause import Cause, Explanation, Grade, Link, LinkKind, Role, Verdict
from afterword.model.evidence import Citation, Place
from afterword.model.incident import By, Point, PointName
from afterword.model.postmortem import Impact, Postmortem, Signal
from afterword.model.time import MINUTE, SECOND, Span
from afterword.model.timeline import MomentKind

T0 = 1_795_532_400 * SECOND
CITE = Citation("E1", Place(0, 10))
HOSTILE = "</text></svg><script>alert(1)</script>\u202e\x00\ud800 & \"'"


def at(minute: float) -> int:
    return T0 + int(minute * MINUTE)


def point(name: PointName, minute: float, *, early: float = 0, late: float = 0, by: By = By.ESTIMATE) -> Point:
    return Point(name, at(minute), at(minute - early), at(minute + late), by, "because", (CITE,))


POINTS = (
    point(PointName.TRIGGER, 61),
    point(PointName.STARTED, 62, early=1, late=1),
    point(PointName.DETECTABLE, 62.2),
    point(PointName.DETECTED, 71),
    point(PointName.PAGED, 71.5),
    point(PointName.ACKNOWLEDGED, 76),
    point(PointName.ACKNOWLEDGED, 76.5, by=By.STATED),
    point(PointName.IDENTIFIED, 86, by=By.STATED),
    point(PointName.MITIGATION_APPLIED, 90),
    point(PointName.MITIGATION_EFFECTIVE, 93, early=1, late=1),
    point(PointName.RECOVERED, 96, early=1),
    point(PointName.RESOLVED, 104, by=By.STATED),
)


def series(component: str, indicator: str, *, count: int = 520, peak: float = 40.0) -> Series:
    """A sample each 15 s over 130 minutes, ``peak`` times its usual value during the incident."""
    times = T0 + np.arange(count, dtype=np.int64) * 15 * SECOND
    usual = 1 + 0.05 * np.sin(np.arange(count))
    inside = (times >= at(62)) & (times <= at(95))
    return Series(component, indicator, times, np.where(inside, usual * peak, usual), CITE)


def signal(component: str, indicator: str, *, shift: float = 50.0, onset: float | None = 62) -> Signal:
    when = None if onset is None else at(onset)
    return Signal(component, indicator, 1.0, 40.0, shift, when, when, when, at(95), CITE)


NAMES = tuple(
    (component, indicator)
    for component in ("checkout", "orders-db", "frontend", "cart")
    for indicator in ("http_5xx_rate", "duration_p99_ms", "cpu_pct")
)


def explanation(count: int = 4) -> Explanation:
    causes = [Cause("impact", "Users met errors", Role.IMPACT, "checkout", (), at=at(62))]
    causes.append(Cause("pool", "checkout ran out of connections", Role.PROXIMATE, "checkout", (), at=at(62)))
    causes.append(Cause("deploy", "The deploy 559e94ce of checkout", Role.TRIGGER, "checkout", (), at=at(61)))
    causes.append(Cause("cart", "Cart was slow", Role.RULED_OUT, "cart", ()))
    causes += [Cause(f"weak{n}", f"Weakness number {n}", Role.LATENT, "", ()) for n in range(count)]
    links = [
        Link("pool", "impact", LinkKind.PRODUCES, Grade.MECHANISM, ("seen",), ()),
        Link("deploy", "pool", LinkKind.TRIGGERS, Grade.INTERVENTION, ("undone",), ()),
        Link("cart", "impact", LinkKind.PRODUCES, Grade.ASSERTED, (), ()),
    ]
    links += [Link(f"weak{n}", "impact", LinkKind.FAILS_TO_STOP, Grade.PRECEDES, (), ()) for n in range(count)]
    return Explanation(
        "impact", tuple(causes), tuple(links), (), Verdict.EXPLAINED, none_of_the_changes=False, would_decide=()
    )


def postmortem(points: tuple[Point, ...] = POINTS, title: str = "Users of checkout met errors") -> Postmortem:
    moments = (
        moment(MomentKind.TRIGGER, at(61), "Deploy of checkout (559e94ce)", (CITE,), component="checkout", weight=1.0),
        moment(MomentKind.ALERT, at(71), "Alert HighErrorRate fired", (CITE,), weight=0.85),
        moment(MomentKind.DECLARATION, at(77), "The incident is declared", (CITE,), quote=HOSTILE),
        *gaps(points),
    )
    return Postmortem(
        "INC-1", title, Span(at(0), at(130)), Span(at(0), at(55)), Span(at(62), at(96)), points, (),
        tuple(signal(*name) for name in NAMES), moments, explanation(), (), (), None, (), (), Impact((), ("checkout",)),
    )  # fmt: skip


def all_series() -> tuple[Series, ...]:
    return tuple(series(*name) for name in NAMES)
