"""Claims: operations over the frozen evidence, how their values are phrased, and the ledger of a document.

``execute`` makes a value again from the evidence; ``phrase`` makes the words from the value. A document says
nothing in figures, times or causes that did not come through the two, so ``verify`` can do it all over again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.core import asked as questions
from afterword.core import claim_impact, claim_testimony, claim_tree, claim_trial, lesson
from afterword.core.cause.lane import number
from afterword.model.claim import Claim
from afterword.model.document import Said
from afterword.model.evidence import Citation, Place
from afterword.model.incident import Measured
from afterword.model.time import Span, iso, minutes, zone_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from afterword.core.case import Case, Series
    from afterword.core.claim_trial import Tried
    from afterword.model.action import ActionItem
    from afterword.model.answer import Answer
    from afterword.model.cause import Cause
    from afterword.model.edit import Edit
    from afterword.model.lesson import Fingerprint
    from afterword.model.postmortem import Postmortem, Signal

#: Longest stretch of a line that is quoted.
QUOTE = 300


class UnfoundedError(LookupError):
    """The evidence holds nothing that the operation asks for."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What claims stand on: the case, its series, the postmortem worked out from it, its very lines, and records."""

    case: Case
    series: Sequence[Series]
    postmortem: Postmortem
    #: Text of the bytes at a citation.
    line: Callable[[Citation], str]
    actions: Sequence[ActionItem] = ()
    earlier: Sequence[Fingerprint] = ()
    #: How many claims the document has, where that is known already.
    claims: int = 0
    #: Alert rules tried on the recording.
    tried: Sequence[Tried] = ()
    #: What people decided about the graph, and what they answered.
    edits: Sequence[Edit] = ()
    answers: Sequence[Answer] = ()


def _series(ground: Ground, args: Mapping[str, Any]) -> np.ndarray:
    for one in ground.series:
        if one.component == args["component"] and named(one) == args["indicator"]:
            return one.within(Span(args["start"], args["end"]))
    raise UnfoundedError(f"no series {args['component']} {args['indicator']}")


def named(series: Series) -> str:
    return series.indicator + (f" {series.statistic}" if series.statistic else "")


def _statistic(of: Callable[[np.ndarray], Any]) -> Callable[[Ground, Mapping[str, Any]], Any]:
    def execute(ground: Ground, args: Mapping[str, Any]) -> Any:
        values = _series(ground, args)
        if not len(values):
            raise UnfoundedError("no samples in that stretch")
        return float(of(values))

    return execute


def _point(ground: Ground, args: Mapping[str, Any]) -> Any:
    for point in ground.postmortem.points:
        if point.name.value == args["name"] and point.by.value == args["by"]:
            if args["part"] == "basis":
                return point.basis
            return iso(getattr(point, args["part"]), zoned=point.offset is not None)
    raise UnfoundedError(f"no point {args['name']} by {args['by']}")


def _duration(ground: Ground, args: Mapping[str, Any]) -> Any:
    for one in ground.postmortem.durations:
        if one.name == args["name"]:
            if one.state is not Measured.RECORDED:
                return [one.state.value, None, None]
            return [one.ns, one.shortest, one.longest]
    raise UnfoundedError(f"no duration {args['name']}")


def _signal(ground: Ground, args: Mapping[str, Any]) -> Any:
    signal = _find_signal(ground, args)
    found = getattr(signal, args["part"])
    if args["part"] in ("onset", "earliest", "latest", "back"):
        return None if found is None else iso(found)
    return found


def _find_signal(ground: Ground, args: Mapping[str, Any]) -> Signal:
    for one in ground.postmortem.signals:
        if one.component == args["component"] and one.indicator == args["indicator"]:
            return one
    raise UnfoundedError(f"no signal {args['component']} {args['indicator']}")


def _moment(ground: Ground, args: Mapping[str, Any]) -> Any:
    for one in ground.postmortem.moments:
        if one.id == args["id"]:
            if args["part"] == "at":
                return iso(one.at, zoned=one.offset is not None)
            return getattr(one, args["part"])
    raise UnfoundedError(f"no moment {args['id']}")


def _cause(ground: Ground, args: Mapping[str, Any]) -> Any:
    for one in ground.postmortem.explanation.causes:
        if one.id == args["id"]:
            return _cause_part(one, args["part"])
    raise UnfoundedError(f"no cause {args['id']}")


def _cause_part(cause: Cause, part: str) -> Any:
    if part.startswith(("for", "against")):
        reasons = cause.reasons_for if part.startswith("for") else cause.reasons_against
        index = int(part.split(":")[1])
        if index >= len(reasons):
            raise UnfoundedError(f"no reason {part}")
        return reasons[index].says
    if part == "score":
        return cause.score
    found = getattr(cause, part)
    return found.value if hasattr(found, "value") else found


def _link(ground: Ground, args: Mapping[str, Any]) -> Any:
    for one in ground.postmortem.explanation.links:
        if one.cause == args["cause"] and one.effect == args["effect"]:
            return [int(one.grade), list(one.tests)]
    raise UnfoundedError(f"no link {args['cause']} to {args['effect']}")


def _finding(ground: Ground, args: Mapping[str, Any]) -> Any:
    for one in ground.postmortem.findings:
        if one.id == args["id"]:
            return getattr(one, args["part"])
    raise UnfoundedError(f"no finding {args['id']}")


def _rank(ground: Ground, args: Mapping[str, Any]) -> Any:
    names = [one.component for one in ground.postmortem.explanation.components]
    if args["component"] not in names:
        raise UnfoundedError(f"no component {args['component']}")
    return names.index(args["component"]) + 1


def _evidence(ground: Ground, args: Mapping[str, Any]) -> Any:
    index = int(args["id"][1:]) - 1
    if index >= len(ground.case.evidence):
        raise UnfoundedError(f"no evidence {args['id']}")
    one = ground.case.evidence[index]
    if args["part"] == "problems":
        return len(one.problems) + one.more_problems
    if args["part"] == "covers":
        return [None if t is None else iso(t) for t in (one.first_at, one.last_at)]
    if args["part"] == "asked":
        return questions.told(one.asked)
    return getattr(one, args["part"])


def _line(ground: Ground, args: Mapping[str, Any]) -> Any:
    return ground.line(place_of(args))[:QUOTE]


def place_of(args: Mapping[str, Any]) -> Citation:
    """The citation in the arguments of a line claim."""
    place = Place(
        args["start"], args["end"], args["first"], args["last"], args.get("part", ""), args.get("inline", False)
    )
    return Citation(args["evidence"], place)


def _report(ground: Ground, args: Mapping[str, Any]) -> Any:
    pm = ground.postmortem
    parts: dict[str, Callable[[], Any]] = {
        "title": lambda: pm.title,
        "verdict": lambda: pm.explanation.verdict.value,
        "not_over": lambda: list(pm.not_over),
        "would_decide": lambda: list(pm.explanation.would_decide),
        "components": lambda: len(pm.explanation.components),
        "affected": lambda: list(pm.impact.components),
        "claims": lambda: ground.claims,
        "covered": lambda: [iso(pm.covered.start), iso(pm.covered.end)],
        "unanswered": lambda: list(pm.unanswered),
    }
    return parts[args["part"]]()


def _window(ground: Ground, args: Mapping[str, Any]) -> Any:
    span = getattr(ground.postmortem, args["span"])
    if span is None:
        raise UnfoundedError(f"no {args['span']}")
    return [iso(span.start), iso(span.end)]


def _action(ground: Ground, args: Mapping[str, Any]) -> Any:
    for one in (*ground.actions, *ground.postmortem.actions):
        if one.id == args["id"]:
            if args["part"].startswith("trial:"):
                row, column = map(int, args["part"].split(":")[1:])
                return one.trial[row][column]
            found = getattr(one, args["part"])
            return found.value if hasattr(found, "value") else list(found) if isinstance(found, tuple) else found
    raise UnfoundedError(f"no action {args['id']}")


def _similar(ground: Ground, args: Mapping[str, Any]) -> Any:
    mine = lesson.fingerprint(ground.postmortem)
    for one in lesson.similar(mine, ground.earlier):
        if one.incident == args["incident"]:
            return [one.title, one.repeat, list(one.shared)]
    raise UnfoundedError(f"no similar incident {args['incident']}")


def _skew(ground: Ground, args: Mapping[str, Any]) -> Any:
    if args["part"] == "agreeing":
        kept = [one for one in ground.postmortem.skews if not one.applied and one.steady]
        return [len(kept), max((max(abs(one.least), abs(one.most)) for one in kept), default=0)]
    for one in ground.postmortem.skews:
        if one.clock == args["clock"]:
            return [
                one.reference,
                one.least,
                one.most,
                one.applied,
                one.agreeing,
                one.pairs,
                list(one.by),
                one.zone,
                one.steady,
            ]
    raise UnfoundedError(f"nothing ties the clock {args['clock']} to another")


def _ledger(ground: Ground, args: Mapping[str, Any]) -> Any:
    found = claim_impact.ledger(ground.postmortem, args)
    if found is None:
        raise UnfoundedError(f"the ledger does not know {args['part']} of {args.get('stage', 'any stage')}")
    return found


def _trial(ground: Ground, args: Mapping[str, Any]) -> Any:
    try:
        return claim_trial.trial(ground.tried, args)
    except LookupError as error:
        raise UnfoundedError(str(error)) from None


def _loss(ground: Ground, args: Mapping[str, Any]) -> Any:
    found = claim_impact.loss(ground.postmortem, args)
    if found is None:
        raise UnfoundedError(f"{args['part']} of what was lost is not known")
    return found


def _tree(ground: Ground, args: Mapping[str, Any]) -> Any:
    found = claim_tree.at_facts(ground.postmortem, args)
    if found is None:
        raise UnfoundedError(f"the tree does not know {args['part']}")
    return found


def _stated(ground: Ground, args: Mapping[str, Any]) -> Any:
    for one in ground.postmortem.explanation.causes:
        if one.id == args["id"] and (found := claim_testimony.stated(one, ground.edits, ground.answers)):
            return found
    raise UnfoundedError(f"nobody stated {args['id']}")


def _answer(ground: Ground, args: Mapping[str, Any]) -> Any:
    found = claim_testimony.answer(ground.answers, args)
    if found is None:
        raise UnfoundedError(f"no answer {args['number']}")
    return found


OPERATIONS: Mapping[str, Callable[[Ground, Mapping[str, Any]], Any]] = {
    "series.median": _statistic(np.median),
    "series.max": _statistic(np.max),
    "series.min": _statistic(np.min),
    "point": _point,
    "duration": _duration,
    "signal": _signal,
    "moment": _moment,
    "cause": _cause,
    "link": _link,
    "finding": _finding,
    "rank": _rank,
    "evidence": _evidence,
    "line": _line,
    "report": _report,
    "window": _window,
    "action": _action,
    "similar": _similar,
    "skew": _skew,
    "trial": _trial,
    "ledger": _ledger,
    "loss": _loss,
    "tree": _tree,
    "stated": _stated,
    "answer": _answer,
}


def execute(ground: Ground, op: str, args: Mapping[str, Any]) -> Any:
    """The value of a claim, made from the evidence. Raises UnfoundedError where it holds nothing of the kind."""
    if op not in OPERATIONS:
        raise UnfoundedError(f"no operation {op}")
    return OPERATIONS[op](ground, args)


#: So many things that two incidents share are said; the rest is counted.
_MOST_SHARED = 8
_GRADES = ("asserted", "precedes, and a path joins them", "mechanism seen", "undoing it undid it", "reproduced")


def phrase(op: str, args: Mapping[str, Any], value: Any) -> str:
    """The words of a claim: a function of its value, so that they can be made again."""
    part = args.get("part", "")
    if op == "line":
        return str(place_of(args))
    if op == "duration":
        return _phrase_duration(value)
    if op == "link":
        return f"{_GRADES[value[0]]} (grade {value[0]})"
    if op == "stated":
        return claim_testimony.phrase_stated(value)
    if op == "answer":
        return claim_testimony.phrase_answer(value)
    if op == "tree" and (told := claim_tree.phrase_at_facts(part, value)) is not None:
        return told
    if op == "window" or part in ("covered", "covers"):
        return " to ".join(_time(one) if one else "undated" for one in value)
    if op == "skew":
        return _phrase_skew(part, value)
    if op == "trial" and (told := claim_trial.phrase_trial(part, value)) is not None:
        return told
    if op == "loss" and (lost := claim_impact.phrase_loss(part, value)) is not None:
        return lost
    if op == "ledger" and (told := claim_impact.phrase_ledger(part, value)) is not None:
        return told
    if op == "similar":
        said = value[2][:_MOST_SHARED]
        more = f" and {len(value[2]) - len(said)} more" if len(value[2]) > len(said) else ""
        both = f"; both have {', '.join(said)}{more}" if said else ""
        return f"{value[0]}" + (" (a repeat)" if value[1] else "") + both
    return _phrase_plain(part, value)


def _phrase_skew(part: str, value: Sequence[Any]) -> str:
    if part == "agreeing":
        return f"{value[0]} clocks agree to within {_apart(value[1])}"
    reference, least, most, applied, agreeing, pairs, by, zone, steady = value
    if not steady:
        return f"was moved or drifted: against {reference} it ran {_apart(abs(least))} {_side(least)} to {_apart(abs(most))} {_side(most)}"
    seen = f"{agreeing} of {pairs} {' and '.join(by)} say so"
    if zone is not None:
        return f"states no zone and keeps UTC{zone_text(zone)} ({seen}, against {reference})"
    way = "ahead of" if applied < 0 else "behind"
    bounds = sorted((abs(least), abs(most)))
    return f"runs {_apart(abs(applied))} {way} {reference} ({_apart(bounds[0])} to {_apart(bounds[1])}; {seen})"


def _side(ahead: int) -> str:
    return "ahead" if ahead >= 0 else "behind"


def _apart(ns: int) -> str:
    """A short length of time: ``4.2 s``, ``850 ms``; longer ones as people say them."""
    if ns >= 60_000_000_000:
        return minutes(ns)
    return f"{ns / 1e9:.5g} s" if ns >= 1_000_000_000 else f"{ns / 1e6:.3g} ms"


def _phrase_plain(part: str, value: Any) -> str:
    if value is None:
        return "not yet"
    if part in ("at", "earliest", "latest", "onset", "back"):
        return _time(value)
    if part == "grade":
        return f"{_GRADES[value]} (grade {value})"
    if part == "sha256":
        return str(value)[:12]
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _time(text: str) -> str:
    """``2026-11-24 14:03:12 UTC``; without the zone where none was stated. Fractions of a second to the millisecond."""
    zoned = text.endswith("Z")
    day, _, rest = text.removesuffix("Z").partition("T")
    whole, _, fraction = rest.partition(".")
    shown = whole + (f".{fraction[:3]}" if fraction[:3].strip("0") else "")
    return f"{day} {shown}" + (" UTC" if zoned else " (no zone stated)")


def _phrase_duration(value: Sequence[Any]) -> str:
    at, shortest, longest = value
    if isinstance(at, str):
        return at
    if shortest is None or longest is None or minutes(shortest) == minutes(longest):
        return minutes(at)
    return f"{minutes(at)} ({minutes(shortest)} to {minutes(longest)})"


@dataclass(slots=True)
class Ledger:
    """Collects the claims of one document; the same claim said twice is one claim."""

    ground: Ground
    claims: dict[str, Claim] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def say(
        self,
        op: str,
        args: Mapping[str, Any],
        cites: Iterable[Citation] = (),
        *,
        strong: bool = False,
        code: bool = False,
    ) -> Said:
        """State something: execute it, phrase it, keep it."""
        key = f"{op}|{sorted(args.items())}"
        if key not in self._known:
            value = execute(self.ground, op, args)
            id_ = f"c{len(self.claims) + 1}"
            self.claims[id_] = Claim(id_, op, dict(args), value, phrase(op, args, value), tuple(dict.fromkeys(cites)))
            self._known[key] = id_
        claim = self.claims[self._known[key]]
        return Said(claim.id, claim.text, strong=strong, code=code)

    def cite(self, citation: Citation) -> Said:
        """The citation itself, as a claim on the very text that stands there."""
        place = citation.place
        args: dict[str, Any] = {
            "evidence": citation.evidence,
            "start": place.start,
            "end": place.end,
            "first": place.first,
            "last": place.last,
        }
        if place.part:
            args["part"] = place.part
        if place.inline:
            args["inline"] = True
        return self.say("line", args, (citation,), code=True)
