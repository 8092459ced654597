"""The change that set it off carries no review, in evidence where others carry theirs; or it approved itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core import checked
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Event, Fact

NAME = "unreviewed-change"
LIMITS = "A review that is recorded in another place cannot be seen."
_KEYS = ("approved_by", "approver", "approvers", "reviewers", "reviewed_by", "review", "reviews", "approvals")
_TRAILER = re.compile(
    r"^(?:reviewed|approved|acked|signed-off-and-reviewed)-by:\s*(\S.*)$", re.IGNORECASE | re.MULTILINE
)
#: Reviews are visible in this evidence when at least so many changes, and so large a share of them, carry one.
LEAST, SHARE = 3, 0.6


def run(scene: Scene) -> Iterator[Finding]:
    commits = [f for f in scene.case.changes if f.event.attributes.get("change") in ("commit", "ticket")]
    given = {one.event.attributes.get("pull") for one in scene.case.checks if _approves(one)}
    shown = [f for f in commits if _review(f.event) or (f.event.attributes.get("pull") or "") in given]
    visible = len(shown) >= LEAST and len(shown) >= SHARE * len(commits)
    for cause, fact in scene.triggers():
        if fact not in commits:
            continue
        review, who = _reviewed(scene, fact), fact.event.attributes.get("who", "")
        cites = (fact.cite, *(f.cite for f in shown[:1] if f is not fact))
        if not review and visible:
            says = f"The change that set it off carries no review; {len(shown)} of the {len(commits)} changes given carry one."
        elif review and who and review.lower() == who.lower():
            says, cites = "The change that set it off was reviewed only by its author.", cites[:1]
        else:
            continue
        yield Finding(
            identity(NAME, cause.component, fact.event.name), NAME, "change control", says, cause.component, cites, LIMITS, 0.7
        )  # fmt: skip


def _approves(one: Fact) -> bool:
    return one.event.attributes.get("check") == "review" and one.event.attributes.get("state") == "approved"


def _reviewed(scene: Scene, fact: Fact) -> str:
    """Who approved a change; its author only where nobody else did."""
    who = fact.event.attributes.get("who", "").lower()
    people = [one.event.attributes.get("who", "") for one in checked.of(scene, fact, "review") if _approves(one)]
    return next((one for one in people if one.lower() != who), people[0] if people else _review(fact.event))


def _review(event: Event) -> str:
    """Who reviewed, or ``""``: from the record's own field, else from a trailer of the message."""
    stated = next((event.attributes[k].strip() for k in _KEYS if event.attributes.get(k, "").strip(" []0")), "")
    trailer = _TRAILER.search(event.text)
    return stated or (trailer.group(1).strip() if trailer else "")


ANALYSIS = Analysis(NAME, "the triggering change carries no review where others do", run)
