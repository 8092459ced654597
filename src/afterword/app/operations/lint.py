"""The linter for causal analyses and its questions: what is wrong with the graph, and what people answered."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from afterword.app.operations import graph
from afterword.model.answer import Answer, Says
from afterword.model.incident import Incident
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace
    from afterword.core.lint import Lint, Subject
    from afterword.core.lint.interview import Question

_INCIDENT = "id of the incident"


@dataclass(frozen=True, slots=True)
class LintReport:
    """Remarks, errors first. ``holds`` is false when strictness was asked for and an error or a warning stands unwaived."""

    problems: tuple[Lint, ...]
    holds: bool = True


@dataclass(frozen=True, slots=True)
class RuleWord:
    """One rule of the linter, as people read it."""

    id: str
    name: str
    severity: str
    decides: str
    says: str
    suggest: str
    source: str
    bad: str
    good: str
    asks: str


def check(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    strict: Annotated[bool, "answer with exit code 1 when an error or a warning stands"] = False,
) -> LintReport:
    """Check the causal analysis of an incident against the forty-four rules."""
    from afterword.core.lint import RULES, lint

    found = lint(subject(ws, incident), RULES)
    stands = [one for one in found if one.severity in ("error", "warning") and not one.waived]
    return LintReport(found, not (strict and stands))


def rules(ws: Workspace) -> tuple[RuleWord, ...]:
    """List the rules for causal analyses, each with its source, a bad and a good example and a fix."""
    from afterword.core.lint import RULES

    del ws
    return tuple(
        RuleWord(
            one.id, one.name, one.severity, one.decides, one.says, one.suggest, one.source, one.bad, one.good, one.asks
        )
        for one in RULES
    )


def ask(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    most: Annotated[int, "so many questions"] = 10,
) -> tuple[Question, ...]:
    """Ask what would strengthen the analysis or refute it, the weakest place first."""
    from afterword.core.lint.interview import questions

    if most < 1:
        raise InvalidError("most is at least 1", ("most: at least 1",))
    return questions(subject(ws, incident))[:most]


def answer(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    rule: Annotated[str, "the rule whose question it is, such as C12"],
    about: Annotated[str, "the node, the link as cause>effect, or graph"],
    says: Annotated[Says, "yes, no, unknown; or waived: the remark stands, and you answer for it"],
    text: Annotated[str, "what you saw, in your words"] = "",
    role: Annotated[str, "what you were in the incident: responder, author of the change, owner, …"] = "",
) -> tuple[Answer, ...]:
    """Answer a question about the analysis; what people say is testimony, by role."""
    from afterword.app.operations.incident import refresh
    from afterword.core.lint import RULES

    known = {one.id: one for one in RULES}
    if rule not in known:
        raise NotFoundError(f"There is no rule {rule!r}; there is C01 to C44.")
    found = subject(ws, incident)
    there = {*found.nodes, "graph", *(f"{one.cause}>{one.effect}" for one in found.explanation.links)}
    if about not in there and not about.startswith("set"):
        raise NotFoundError(f"There is no {about!r} in the graph of {incident}; a link is written cause>effect.")
    if says is Says.WAIVED and not text.strip():
        raise RefusalError("A remark is waived with a reason: say why it may stand.", code="lint-reason")
    record = ws.get("incident", incident, Incident)
    made = Answer(rule, about, says, text.strip(), role.strip(), ws.actor, ws.now())
    ws.keep([("incident", incident, replace(record, answers=(*record.answers, made)))], operation="cause.answer")
    # The document tells it; what was answered stands, also where the evidence is gone that it would be composed from.
    with suppress(NotFoundError):
        refresh(ws, incident)
    return (*record.answers, made)


def answers(ws: Workspace, *, incident: Annotated[str, _INCIDENT]) -> tuple[Answer, ...]:
    """List what people answered, in order."""
    return ws.get("incident", incident, Incident).answers


def subject(ws: Workspace, incident: str) -> Subject:
    """What the linter looks at: the graph as people have made it, today's actions, and the answers."""
    from afterword.app.operations.incident import actions_of
    from afterword.core.lint import Subject

    record = ws.get("incident", incident, Incident)
    postmortem = graph.of(ws, incident)
    took = {one.name: one.ns for one in postmortem.durations}
    gaps = {one.id for one in postmortem.moments} | {one.id for one in postmortem.findings}
    return Subject(
        postmortem.explanation, tuple(actions_of(ws, incident)), record.answers, took.get("time to detect"),
        took.get("time to mitigate"), frozenset(f"E{n}" for n in range(1, len(record.evidence) + 1)), frozenset(gaps),
    )  # fmt: skip
