"""What is known: the summary, the impact, the points and the durations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.document.cost import lost
from afterword.core.document.teller import Teller, p, w
from afterword.core.harm import harm_signals
from afterword.core.indicator import Family, family
from afterword.model.cause import Role, Verdict
from afterword.model.document import Block, Inline, Table
from afterword.model.incident import DURATIONS, By, PointName
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.cause import Cause
    from afterword.model.postmortem import Signal

_GIST = {
    PointName.TRIGGER: "Trigger",
    PointName.STARTED: "Impact started",
    PointName.DETECTABLE: "Detectable",
    PointName.DETECTED: "Detected",
    PointName.PAGED: "Paged",
    PointName.ACKNOWLEDGED: "Acknowledged",
    PointName.ENGAGED: "Engaged",
    PointName.DECLARED: "Declared",
    PointName.IDENTIFIED: "Cause identified",
    PointName.MITIGATION_APPLIED: "Mitigation applied",
    PointName.MITIGATION_EFFECTIVE: "Mitigation effective",
    PointName.RECOVERED: "Recovered",
    PointName.RESOLVED: "Resolved",
    PointName.CLOSED: "Closed",
}


def summary(t: Teller) -> Iterator[Block]:
    yield p(t.ledger.say("report", {"part": "title"}, t.impact_cites(), strong=True), w("."))
    if t.pm.window is None:
        said = "No signal in this evidence leaves its usual range, so there is no incident to describe."
        if t.pm.explanation.causes:
            said = "No series in this evidence shows when it began; what is wrong is told by states and alerts alone."
        yield p(w(said))
        return
    yield p(*_lasted(t), *_worst(t))
    yield p(*_why(t))
    detected = _detected(t)
    if detected:
        yield p(*detected)
    yield p(*_ended(t))
    yield from _undecided(t)


def _lasted(t: Teller) -> list[Inline]:
    started, recovered = t.point(PointName.STARTED), t.point(PointName.RECOVERED, by=By.ESTIMATE)
    if started is None:
        says = (
            "The signals differ from their baseline during "
            if t.pm.signals
            else "What people and monitors wrote about it is of "
        )
        return [w(f"The evidence does not date the start of the impact. {says}"),
                t.ledger.say("window", {"span": "window"}, t.impact_cites()), w(".")]  # fmt: skip
    made: list[Inline] = [w("Users were first harmed at "), started]
    if recovered is None:
        return [*made, w(", and the evidence does not show the end of it.")]
    by_requests = any(one.name is PointName.RECOVERED and one.basis.startswith("the last of ") for one in t.pm.points)
    ended = (
        " and last harmed at "
        if by_requests
        else " and the signals that shifted most were back inside their baselines at "
    )
    made += [w(ended), recovered]
    took = t.duration("time to recover")
    return [*made, w(", which is "), took, w(" later.")] if took else [*made, w(".")]


def _why(t: Teller) -> list[Inline]:
    trigger, proximate = t.of_role(Role.TRIGGER), t.of_role(Role.PROXIMATE)
    made: list[Inline] = []
    if trigger:
        made += [w("It was set off by this: "), t.cause(trigger[0], strong=True), w(". ")]
    elif t.pm.explanation.none_of_the_changes:
        made += [w("Changes were examined, and none of them explains what was seen. ")]
    if proximate:
        made += [w("What failed first: "), t.cause(proximate[0]), w(".")]
        made += _own_words(t, proximate[0])
    return made or [w("The evidence does not say what failed first.")]


def _own_words(t: Teller, proximate: Cause) -> list[Inline]:
    """The first error of a new kind that the component which failed logged itself."""
    cited = set(proximate.cites)
    said = [m for m in t.pm.moments if m.kind is MomentKind.SYMPTOM and m.quote and m.component == proximate.component]
    mine = next((m for m in said if cited & set(m.cites)), None)
    if mine is None:
        return []
    quote = t.ledger.say("moment", {"id": mine.id, "part": "quote"}, mine.cites, code=True)
    return [w(" In the words of its log: "), quote]


def _detected(t: Teller) -> list[Inline]:
    detected = t.point(PointName.DETECTED)
    if detected is None:
        return [w("No alert and no message in the evidence shows that anybody noticed.")] if t.pm.window else []
    made: list[Inline] = [w("It was noticed at "), detected]
    basis = t.point(PointName.DETECTED, "basis")
    made += [w(" ("), basis, w(")")] if basis else []
    took = t.duration("time to detect")
    return [*made, w(", "), took, w(" after users were first harmed.")] if took else [*made, w(".")]


def _ended(t: Teller) -> list[Inline]:
    if t.pm.not_over:
        return [w("The incident is not over in this evidence", strong=True), w(": these signals are still outside their baseline at its end: "),
                t.ledger.say("report", {"part": "not_over"}, t.impact_cites()), w(".")]  # fmt: skip
    applied, basis = t.point(PointName.MITIGATION_APPLIED), t.point(PointName.MITIGATION_APPLIED, "basis")
    if applied is None or basis is None:
        return [w("The evidence holds no record of what ended it.")]
    return [w("The mitigation was applied at "), applied, w(" ("), basis, w(").")]


def _undecided(t: Teller) -> Iterator[Block]:
    if t.pm.explanation.verdict is Verdict.INCONCLUSIVE:
        yield p(w("The analysis is inconclusive", strong=True), w(": no cause reaches the grade at which it may be called one. What would decide: "),
                t.ledger.say("report", {"part": "would_decide"}, t.impact_cites()), w("."))  # fmt: skip


def _felt(t: Teller) -> list[Signal]:
    """Harmful signals, most shifted first, but before all of them the errors of the component that users meet."""
    every = harm_signals(t.pm.signals)
    # A signal whose departure has no date shows little to a reader beside those that have one.
    felt = [one for one in every if one.onset is not None] or list(every)
    edge = next((c.component for c in t.pm.explanation.causes if c.role is Role.IMPACT), "")
    return sorted(felt, key=lambda s: s.component != edge or not _is_error(s))


def _is_error(signal: Signal) -> bool:
    return family(signal.indicator) is Family.ERRORS


def _worst(t: Teller) -> list[Inline]:
    """How bad it was where users meet the system, in one figure."""
    edge = next((c.component for c in t.pm.explanation.causes if c.role is Role.IMPACT), "")
    signal = next((one for one in _felt(t) if one.component == edge and edge), None)
    if signal is None:
        return []
    row = _signal_row(t, signal)
    return [w(" At worst "), row[1][0], w(" of "), row[0][0], w(" stood at "), row[3][0], w("; usually it is "), row[2][0], w(".")]  # fmt: skip


def impact(t: Teller) -> Iterator[Block]:
    felt = _felt(t)
    if not felt:
        yield p(w("No harmful signal is in the evidence."))
        return
    yield p(w("Components in trouble: "), t.ledger.say("report", {"part": "affected"}, t.impact_cites()), w("."))
    yield from lost(t)
    yield Table(
        ("Component", "Signal", "Usual", "Worst", "Left its baseline", "Came back", "Evidence"),
        tuple(_signal_row(t, s) for s in felt[:10]),
    )


def _signal_row(t: Teller, signal: Signal) -> tuple[tuple[Inline, ...], ...]:
    key = {"component": signal.component, "indicator": signal.indicator}
    cites = (signal.cite,)
    say = t.ledger.say
    onset = say("signal", {**key, "part": "onset"}, cites) if signal.onset is not None else w("not dated")
    back = say("signal", {**key, "part": "back"}, cites)
    return (
        (say("signal", {**key, "part": "component"}, cites),),
        (say("signal", {**key, "part": "indicator"}, cites),),
        (_measure(t, signal, "series.median", "baseline"),),
        (_measure(t, signal, "series.max" if signal.shift > 0 else "series.min", "window"),),
        (onset,),
        (back,),
        t.cites(cites),
    )


def _measure(t: Teller, signal: Signal, op: str, span: str) -> Inline:
    stretch = getattr(t.pm, span)
    args = {
        "component": signal.component,
        "indicator": signal.indicator,
        "start": stretch.start,
        "end": stretch.end,
    }
    return t.ledger.say(op, args, (signal.cite,))


def points(t: Teller) -> Iterator[Block]:
    rows = [_point_row(t, name) for name in PointName if any(x.name is name for x in t.pm.points)]
    if rows:
        yield Table(
            (
                "Point",
                "Estimated from telemetry",
                "Not before",
                "Not after",
                "Stated by people",
                "Rests on",
                "Evidence",
            ),
            tuple(rows),
        )
    missing = [gist for name, gist in _GIST.items() if not any(x.name is name for x in t.pm.points)]
    if missing:
        yield p(w("Not known, and not filled in from anything else: " + ", ".join(missing).lower() + "."))
    yield Table(
        ("Duration", "From", "To", "Value"),
        tuple(_duration_row(t, name, start, end) for name, start, end in DURATIONS),
    )
    yield p(w("An estimate never overwrites what a person stated; where the two differ, both stand above."))


def _point_row(t: Teller, name: PointName) -> tuple[tuple[Inline, ...], ...]:
    cites = [c for x in t.pm.points if x.name is name for c in x.cites]
    blank: tuple[Inline, ...] = (w("–"),)

    def cell(part: str, by: By) -> tuple[Inline, ...]:
        found = t.point(name, part, by)
        return (found,) if found else blank

    by = By.ESTIMATE if t.point(name, by=By.ESTIMATE) else By.STATED
    return (
        (w(_GIST[name], strong=True),), cell("at", By.ESTIMATE), cell("earliest", By.ESTIMATE), cell("latest", By.ESTIMATE),
        cell("at", By.STATED), cell("basis", by), t.cites(list(dict.fromkeys(cites))),
    )  # fmt: skip


def _duration_row(t: Teller, name: str, start: PointName, end: PointName) -> tuple[tuple[Inline, ...], ...]:
    value = t.ledger.say(
        "duration", {"name": name}, [c for x in t.pm.points if x.name in (start, end) for c in x.cites]
    )
    return (
        (w(name[0].upper() + name[1:], strong=True),),
        (w(_GIST[start].lower()),),
        (w(_GIST[end].lower()),),
        (value,),
    )
