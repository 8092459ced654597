"""The life of an action item: which step follows which, what a step needs, and when an item is overdue.

The states and the default days are those of the house's vocabulary. A refusal is a sentence that says what is missing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from afterword.model.action import ActionItem, ActionState, Priority
from afterword.model.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DUE_DAYS: Mapping[Priority, int] = {Priority.P0: 7, Priority.P1: 30, Priority.P2: 56}

_S = ActionState
#: What a person may move an item to. Effective and ineffective are shown by later incidents, never typed.
STEPS: Mapping[ActionState, tuple[ActionState, ...]] = {
    _S.PROPOSED: (_S.ACCEPTED, _S.DECLINED, _S.ACCEPTED_RISK),
    _S.ACCEPTED: (_S.IN_PROGRESS, _S.IMPLEMENTED, _S.DECLINED, _S.ACCEPTED_RISK),
    _S.IN_PROGRESS: (_S.IMPLEMENTED, _S.ACCEPTED, _S.DECLINED, _S.ACCEPTED_RISK),
    _S.IMPLEMENTED: (_S.VERIFIED, _S.IN_PROGRESS),
    _S.VERIFIED: (_S.IN_PROGRESS,),
    _S.EFFECTIVE: (_S.IN_PROGRESS,),
    _S.INEFFECTIVE: (_S.IN_PROGRESS, _S.DECLINED, _S.ACCEPTED_RISK),
    _S.DECLINED: (_S.PROPOSED,),
    _S.ACCEPTED_RISK: (_S.PROPOSED,),
}
#: States in which somebody still has to do something.
OPEN = frozenset({_S.PROPOSED, _S.ACCEPTED, _S.IN_PROGRESS, _S.INEFFECTIVE})
_PROMISED = frozenset({_S.ACCEPTED, _S.IN_PROGRESS})
_SHOWN_BY_LESSONS = frozenset({_S.EFFECTIVE, _S.INEFFECTIVE})
_NEEDS_REASON = frozenset({_S.DECLINED, _S.ACCEPTED_RISK})

#: First words that are no verb; what a title begins with when it names a wish or a lack.
_NO_VERBS = frozenset(
    re.findall(
        r"\w+",
        "a an the this that these those our we i it there no not never missing lack insufficient please should must "
        "need needs better more less new improved some all every someone somebody everyone people team alerts",
    )
)
_NOUN_ENDINGS = ("tion", "sion", "ness", "ity", "ment", "ance", "ence", "ing", "ship", "ism")
#: Verbs that end like nouns.
_VERBS = frozenset(
    re.findall(
        r"\w+",
        "bring provision partition version position condition question mention function commission decommission "
        "implement document instrument experiment supplement augment segment comment complement fragment ring balance "
        "rebalance enhance reference sequence silence fence influence ping string section transition auction",
    )
)


def objections(item: ActionItem) -> tuple[str, ...]:
    """What is wrong with an item as such, one sentence each; none for a good one."""
    found = []
    if not item.title.strip():
        found.append("An action needs a title.")
    elif not starts_with_verb(item.title):
        found.append(
            f"The title does not start with a verb: “{item.title.split(maxsplit=1)[0]}”. "
            "Say what will be done, such as “Add”, “Limit”, “Remove”."
        )
    if not item.answers:
        found.append("The action answers nothing: name the cause, the finding or the gap that it answers.")
    if not item.done_when.strip():
        found.append("Nobody could tell when the action is finished: say what will be true then.")
    return tuple(found)


def starts_with_verb(title: str) -> bool:
    """A small heuristic: it knows openings that are surely no verb, and lets everything else pass."""
    word = title.split(maxsplit=1)[0].strip("“”\"'`*_-–—:.,").lower() if title.split() else ""
    if not word or not word[0].isalpha() or word in _NO_VERBS:
        return False
    return word in _VERBS or not (len(word) > 4 and word.endswith(_NOUN_ENDINGS))


def propose(item: ActionItem) -> ActionItem:
    """An item as a person adds it. Refused with everything that is wrong with it."""
    _refuse_all(objections(item), "action-unclear")
    return replace(item, state=ActionState.PROPOSED)


def accept(
    item: ActionItem, *, owner: str, due: str, today: str, days: Mapping[Priority, int] = DUE_DAYS
) -> ActionItem:
    """Somebody takes it on, until a day; without a day the default of its priority holds."""
    _allow(item, ActionState.ACCEPTED)
    owner = owner.strip() or item.owner
    wrong = list(objections(item))
    if not owner:
        wrong.append("An accepted action has one owner: say who.")
    _refuse_all(wrong, "action-unclear")
    due = due or item.due or (_day(today) + timedelta(days=days[item.priority])).isoformat()
    if _day(due) < _day(today):
        raise RefusalError(f"The due date {due} has already passed.", code="action-due")
    return replace(item, state=ActionState.ACCEPTED, owner=owner, due=due, reason="")


def decline(item: ActionItem, reason: str, *, risk: bool = False) -> ActionItem:
    """Not to be done, with a reason; as an accepted risk the reason is signed by who says it."""
    return move(item, ActionState.ACCEPTED_RISK if risk else ActionState.DECLINED, reason=reason)


def verify(item: ActionItem, proof: Sequence[str]) -> ActionItem:
    """Done, and shown to be done."""
    return move(item, ActionState.VERIFIED, proof=proof)


def move(item: ActionItem, state: ActionState, *, reason: str = "", proof: Sequence[str] = ()) -> ActionItem:
    """One step by a person. Accepting has its own function: it needs an owner and a day."""
    _allow(item, state)
    if state is ActionState.ACCEPTED and not (item.owner and item.due):
        raise RefusalError("An action is accepted by an owner, until a day: accept it with both.", code="action-owner")
    if state in _NEEDS_REASON and not reason.strip():
        raise RefusalError(f"An action that is {_said(state)} needs a reason.", code="action-reason")
    kept = tuple(dict.fromkeys((*item.proof, *(one.strip() for one in proof if one.strip()))))
    if state is ActionState.VERIFIED and not kept:
        raise RefusalError(
            "Verified means shown: give proof, such as a citation, a commit or the log of a drill.", code="action-proof"
        )
    return replace(item, state=state, reason=reason.strip(), proof=kept)


def judge(item: ActionItem, state: ActionState, says: str) -> ActionItem:
    """What later incidents show of an item that was done; only lessons may say it."""
    if state not in _SHOWN_BY_LESSONS:
        raise RefusalError(f"Later incidents show effective or ineffective, not {state.value}.", code="action-step")
    if item.state not in {ActionState.IMPLEMENTED, ActionState.VERIFIED, *_SHOWN_BY_LESSONS}:
        raise RefusalError(
            f"{item.id} is {item.state.value}: only what was implemented can prove effective or not.",
            code="action-step",
        )
    return replace(item, state=state, reason=says)


def edit(item: ActionItem, changes: Mapping[str, str | Priority | tuple[str, ...]]) -> ActionItem:
    """The item with other words. A finished item is history: it is moved back to work first."""
    if item.state not in OPEN:
        raise RefusalError(
            f"{item.id} is {item.state.value} and can no longer be edited; move it back first.", code="action-step"
        )
    changed = replace(item, **changes)  # type: ignore[arg-type]
    _refuse_all(objections(changed), "action-unclear")
    if changed.due:
        _day(changed.due)
    if changed.state in _PROMISED and not (changed.owner and changed.due):
        raise RefusalError(f"{item.id} is {item.state.value}: it keeps an owner and a due date.", code="action-owner")
    return changed


def overdue(items: Iterable[ActionItem], today: str) -> tuple[ActionItem, ...]:
    """Promised items whose day has passed, the longest waiting first. On its day an item is not overdue."""
    late = [item for item in items if item.state in _PROMISED and item.due and item.due < today]
    return tuple(sorted(late, key=lambda item: (item.due, item.priority, item.id)))


def _allow(item: ActionItem, state: ActionState) -> None:
    if state in _SHOWN_BY_LESSONS:
        raise RefusalError(
            f"Whether an action is {state.value} is shown by later incidents; nobody can set it.", code="action-step"
        )
    if state not in STEPS[item.state]:
        steps = " or ".join(step.value for step in STEPS[item.state])
        raise RefusalError(
            f"{item.id} is {item.state.value}: it cannot become {state.value}, only {steps}.", code="action-step"
        )


def _refuse_all(sentences: Sequence[str], code: str) -> None:
    if sentences:
        raise RefusalError(" ".join(sentences), code=code)


def _said(state: ActionState) -> str:
    return "an accepted risk" if state is ActionState.ACCEPTED_RISK else state.value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusalError(f"“{text}” is not a date; write it as 2026-12-24.", code="action-due") from None
