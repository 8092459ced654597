"""Facts that several answers of a system tell in parts, or twice, told once.

GitHub lists deployments without their statuses, and the statuses without the commit; a workflow run and its jobs are one
change; a message that began a thread stands in the channel and in the thread.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afterword.model.event import Fact

#: A workflow and the deployment that it made end within so much time.
_NEAR = 15 * MINUTE


def changes(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Deployments at the time when they took effect, with what their creation says of them; runs as their jobs."""
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.event.name and fact.event.attributes.get("change") == "deploy":
            groups[fact.event.subject, fact.event.name].append(fact)
    instead: dict[int, Fact | None] = {}
    for group in groups.values():
        if len(group) > 1:
            instead |= _of_one(group)
    told = [one for fact in facts if (one := instead.get(id(fact), fact)) is not None]
    deployed = [fact for fact in told if fact.event.attributes.get("environment") and not _is_run(fact)]
    return tuple(fact for fact in told if not (_is_run(fact) and any(_told_by(fact, one) for one in deployed)))


def _is_run(fact: Fact) -> bool:
    """A workflow, or a job of one, that deployed."""
    return "workflow" in fact.event.attributes or "job" in fact.event.attributes


def _told_by(run: Fact, deployment: Fact) -> bool:
    """The deployment that a workflow made is told by both; the deployment knows where to."""
    if run.event.at is None or deployment.event.at is None or abs(run.event.at - deployment.event.at) > _NEAR:
        return False
    commit = run.event.attributes.get("commit", "")
    return run.event.subject == deployment.event.subject and commit == deployment.event.attributes.get("commit") != ""


def _of_one(group: Sequence[Fact]) -> dict[int, Fact | None]:
    """What stands in the place of each fact of one deployment or run; None: nothing."""
    jobs = [fact for fact in group if fact.event.attributes.get("job")]
    if jobs:
        return {id(fact): None for fact in group if not fact.event.attributes.get("job")}
    opened = [fact for fact in group if _is_opened(fact)]
    ended = _first_of_each([fact for fact in group if not _is_opened(fact) and "commit" not in fact.event.attributes])
    if not opened or not ended:
        return {}
    kept = {id(fact) for fact in ended}
    made: dict[int, Fact | None] = {id(fact): None for fact in group if id(fact) not in kept}
    return made | {id(fact): _with(fact, opened[0]) for fact in ended}


def _is_opened(fact: Fact) -> bool:
    """The creation of a deployment: it knows the commit, and not how it ended."""
    return "commit" in fact.event.attributes and "state" not in fact.event.attributes


def _first_of_each(facts: Iterable[Fact]) -> list[Fact]:
    """The first of each state; where it was a success at last, what failed before did not take effect."""
    by_state: dict[str, Fact] = {}
    for fact in sorted((one for one in facts if one.event.at is not None), key=lambda one: one.event.at or 0):
        by_state.setdefault(fact.event.attributes.get("state", ""), fact)
    return [by_state["success"]] if "success" in by_state else list(by_state.values())


def _with(fact: Fact, opened: Fact) -> Fact:
    known = {**opened.event.attributes, **fact.event.attributes}
    return replace(fact, event=replace(fact.event, text=opened.event.text or fact.event.text, attributes=known))


def messages(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """The same words of the same person at the same moment, told by two answers, are one message."""
    told_by: dict[tuple[object, ...], str] = {}
    kept = []
    for fact in facts:
        event = fact.event
        first = told_by.setdefault((event.at, event.subject, event.name, event.text), fact.cite.evidence)
        if event.at is None or first == fact.cite.evidence:
            kept.append(fact)
    return tuple(kept)
