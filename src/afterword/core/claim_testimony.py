"""Claims on what people said: who put a node into the graph or judged it, by role, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.core.cause.edit import identity
from afterword.model.edit import EditKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.model.answer import Answer
    from afterword.model.cause import Cause
    from afterword.model.edit import Edit

_NEW = (EditKind.ADD, EditKind.SPLIT)
_DID = {
    EditKind.ADD: "stated",
    EditKind.SPLIT: "split from another and stated",
    EditKind.RESTATE: "put into other words",
    EditKind.ACCEPT: "accepted",
    EditKind.REJECT: "rejected",
    EditKind.MERGE: "merged with others",
}
#: Where nobody said what they were in the incident.
NO_ROLE = "a person whose role is not given"


def stated(cause: Cause, edits: Sequence[Edit], answers: Sequence[Answer]) -> list[str] | None:
    """What people did to a node last, and the role of who did it; None: it is as the machine proposed it."""
    mine = [one for one in edits if not one.withdrawn and one.kind in _DID and _about(one, cause.id)]
    if not mine or cause.by == "afterword":
        return None
    return [_DID[mine[-1].kind], mine[-1].role or _role(mine[-1].by, answers)]


def _about(edit: Edit, node: str) -> bool:
    if edit.kind in _NEW:
        return node in [identity(edit, one) for one in edit.statements]
    return edit.about[:1] == (node,)


def _role(by: str, answers: Sequence[Answer]) -> str:
    """The role that the same person answered in last."""
    return next((one.role for one in reversed(answers) if one.by == by and one.role), "")


def answer(answers: Sequence[Answer], args: Mapping[str, Any]) -> list[str] | None:
    """One answer: yes, no, unknown or waived, in which words, in which role; None: there is no such answer."""
    number = int(args["number"])
    if not 1 <= number <= len(answers):
        return None
    one = answers[number - 1]
    return [one.says.value, one.text, one.role]


def phrase_stated(value: Sequence[str]) -> str:
    return f"{value[0]} by {_who(value[1])}"


def phrase_answer(value: Sequence[str]) -> str:
    says, text, role = value
    return f"{says}, says {_who(role)}" + (f": {text}" if text else "")


def _who(role: str) -> str:
    return f"the {role.removeprefix('the ')}" if role else NO_ROLE
