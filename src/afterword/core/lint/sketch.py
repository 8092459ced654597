"""Sketches: a small graph in a few lines, for the examples of the rules and their tests.

impact: users met errors
pool [proximate, condition, @-30s, E1:3]: the pool was full
pool -> impact [produces, grade 2]
action [engineer out] answers pool: widen the pool
answer C12 pool>impact no: it has happened with a small pool only
detect 20m
"""

from __future__ import annotations

import re
from typing import Any

from afterword.core.lint.subject import Subject
from afterword.model.action import ActionCategory, ActionItem, ActionKind, ActionState, Strength
from afterword.model.answer import Answer, Says
from afterword.model.cause import (
    Cause,
    Explanation,
    Grade,
    Held,
    Judgement,
    Link,
    LinkKind,
    Needs,
    NodeKind,
    Role,
    Verdict,
)
from afterword.model.evidence import Citation, Place
from afterword.model.time import DAY, HOUR, MINUTE, SECOND
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

START = 1_773_479_520 * SECOND
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_NODE = re.compile(r"(\w+)(?: \[([^\]]*)\])?: (.+)")
_LINK = re.compile(r"(\w+) -> (\w+)(?: \[([^\]]*)\])?")
_ACTION = re.compile(r"action(?: \[([^\]]*)\])?(?: answers ([\w ]+))?: (.+)")
_ANSWER = re.compile(r"answer (C\d\d) (\S+) (\w+)(?:: (.*))?")
_GATE = re.compile(r"gate (\w+) = (and|or) of ([\w ]+)")
_EVENT = re.compile(r"basic (\w+) (happened|not)")
_LENGTH = re.compile(r"(detect|mitigate) (\d+)([smhd])")
_AT = re.compile(r"@([+-]?)(\d+)([smhd])?")
_CITE = re.compile(r"(E\d+):(\d+)")


def sketch(text: str) -> Subject:
    """The subject that a sketch describes. Raises ValueError at a line that is none of the above."""
    causes: list[Cause] = []
    links: list[Link] = []
    more: dict[str, Any] = {"actions": [], "answers": []}
    gates: list[Gate] = []
    events: list[BasicEvent] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if found := _LINK.fullmatch(line):
            links.append(_link(found[1], found[2], _words(found[3])))
        elif found := _ACTION.fullmatch(line):
            more["actions"].append(_action(len(more["actions"]), _words(found[1]), found[2] or "", found[3]))
        elif found := _ANSWER.fullmatch(line):
            more["answers"].append(Answer(found[1], found[2], Says(found[3]), found[4] or "", "responder", "kim", ""))
        elif found := _GATE.fullmatch(line):
            gates.append(Gate(found[1], GateKind(found[2]), tuple(found[3].split())))
        elif found := _EVENT.fullmatch(line):
            events.append(BasicEvent(found[1], happened=found[2] == "happened"))
        elif found := _LENGTH.fullmatch(line):
            more[found[1]] = int(found[2]) * _UNITS[found[3]]
        elif found := _NODE.fullmatch(line):
            causes.append(_node(found[1], _words(found[2]), found[3]))
        else:
            raise ValueError(f"not a line of a sketch: {line!r}")
    top = next((one.id for one in causes if one.role is Role.IMPACT), "impact")
    graph = Explanation(
        top, tuple(causes), tuple(links), (), Verdict.EXPLAINED, none_of_the_changes=False, would_decide=()
    )
    drawn = FaultTree("sketch", gates[0].name, tuple(gates), tuple(events)) if gates else None
    return Subject(
        graph,
        tuple(more.pop("actions")),
        tuple(more.pop("answers")),
        evidence=frozenset({"E1", "E2"}),
        drawn=drawn,
        **more,
    )


def _words(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


def _cites(words: list[str]) -> tuple[Citation, ...]:
    found = [hit for word in words if (hit := _CITE.fullmatch(word))]
    return tuple(Citation(one[1], Place(int(one[2]), int(one[2]) + 1, int(one[2]), int(one[2]))) for one in found)


def _node(id_: str, words: list[str], statement: str) -> Cause:
    values: dict[str, Any] = {"role": Role.IMPACT if id_ == "impact" else Role.CONTRIBUTING}
    at = START if id_ == "impact" else None
    for word in words:
        if found := _AT.fullmatch(word):
            at = START + int(found[1] + found[2]) * _UNITS[found[3] or "s"]
        for kind, key in ((Role, "role"), (NodeKind, "kind"), (Held, "held"), (Needs, "needs"), (Judgement, "state")):
            if word in [one.value for one in kind]:
                values[key] = kind(word)
        key, _, value = word.partition("=")
        if key in ("category", "layer", "ref", "component", "indicator"):
            values[key] = value
    part = values.pop("role")
    component = values.pop("component", "")
    return Cause(id_, statement, part, component, _cites(words), at=at, earliest=at, latest=at, **values)


def _link(cause: str, effect: str, words: list[str]) -> Link:
    kind = next((LinkKind(word) for word in words if word in [one.value for one in LinkKind]), LinkKind.PRODUCES)
    grade = next((Grade(int(word[-1])) for word in words if word.startswith("grade")), Grade.MECHANISM)
    return Link(cause, effect, kind, grade, (), _cites(words))


def _action(number: int, words: list[str], answers: str, title: str) -> ActionItem:
    strength = next(
        (Strength(word) for word in words if word in [one.value for one in Strength]), Strength.ENGINEER_OUT
    )
    state = next(
        (ActionState(word) for word in words if word in [one.value for one in ActionState]), ActionState.ACCEPTED
    )
    category = next(
        (ActionCategory(word) for word in words if word in [one.value for one in ActionCategory]),
        ActionCategory.PREVENT,
    )
    return ActionItem(
        f"A-{number + 1}",
        "inc-1",
        title,
        ActionKind.CODE_FIX,
        category,
        strength,
        tuple(answers.split()),
        "it is done",
        state,
    )
