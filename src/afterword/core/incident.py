"""The end of an incident's life: what has to be true before it may be called closed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.model.action import ActionState
from afterword.model.incident import PointName, StatedPoint, Status
from afterword.model.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.model.action import ActionItem
    from afterword.model.incident import Incident
    from afterword.model.postmortem import Postmortem


def objections(postmortem: Postmortem, actions: Sequence[ActionItem]) -> tuple[str, ...]:
    """What stands against closing, one sentence each; none when it may be closed."""
    found = []
    if postmortem.not_over:
        found.append(
            "The evidence does not show the end of it: these signals are still outside their baseline: "
            + ", ".join(postmortem.not_over)
            + ". Add evidence from after the recovery."
        )
    undecided = [item.id for item in actions if item.state is ActionState.PROPOSED]
    if undecided:
        found.append(f"Nobody has accepted or declined {', '.join(undecided)}.")
    return tuple(found)


def close(
    incident: Incident, postmortem: Postmortem, actions: Sequence[ActionItem], *, at: str, by: str, note: str = ""
) -> Incident:
    """The incident with its review done and its actions handed over. Refused with everything that is open."""
    if incident.status is Status.CLOSED:
        raise RefusalError("It is closed already.", code="incident-closed")
    against = objections(postmortem, actions)
    if against:
        raise RefusalError(" ".join(against), code="incident-open")
    return replace(
        incident, status=Status.CLOSED, stated=(*incident.stated, StatedPoint(PointName.CLOSED, at, by, note))
    )
