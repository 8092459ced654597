"""Guards of calls are given for other dependencies, and none for the one that failed its callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause import topology
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, LinkKind, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact
    from afterword.model.evidence import Citation

NAME = "unguarded-dependency"
LIMITS = "A guard may stand in code, in a library or in a file that is not given; a proxy has defaults that are not written down."
#: What each guard is, in words. A bound on tries alone guards nothing.
_GUARDS = {"breaker": "a circuit breaker", "pool": "a bound on what runs at once", "timeout": "a timeout"}


def run(scene: Scene) -> Iterator[Finding]:
    guards = [one for one in scene.case.policies if one.event.attributes.get("policy") in (*_GUARDS, "none")]
    used = {one.event.attributes["policy"] for one in guards} - {"none"}
    if not used:
        return
    for name, cite in _failing(scene):
        mine = [one for one in guards if _is(one, name)]
        lacks = [kind for kind in ("breaker", "pool", "timeout") if kind in used and not any(one.event.attributes["policy"] == kind for one in mine)]  # fmt: skip
        # One of the others has it, so that it is used here; that all lack it says nothing about this one.
        if lacks and not ({one.event.attributes["policy"] for one in mine} & {"breaker", "pool"}):
            others = sorted(
                {one.event.subject for one in guards if one.event.attributes["policy"] == lacks[0]} - {name}
            )
            says = f"The configuration gives {_GUARDS[lacks[0]]} to calls of {', '.join(others[:3])} and none to calls of {name}."
            example = next(one for one in guards if one.event.attributes["policy"] == lacks[0])
            cites = (cite, example.cite, *(one.cite for one in mine[:1]))
            yield Finding(identity(NAME, name, lacks[0]), NAME, "resilience", says, name, cites, LIMITS, 0.6)


def _failing(scene: Scene) -> Iterator[tuple[str, Citation]]:
    """What failed first and has callers that failed with it, as the graph links them or as they say themselves."""
    causes = {cause.id: cause for cause in scene.explanation.causes}
    started = scene.window.start if scene.window is not None else scene.case.covered.end
    blamed = {one.named for one in topology.blames(scene.case, scene.case.logs.components, started)}
    handed = {link.cause for link in scene.explanation.links if link.kind is LinkKind.PROPAGATES}
    seen = set()
    for cause in causes.values():
        failed = cause.id in handed or cause.component in blamed
        if cause.role not in (Role.PROXIMATE, Role.TRIGGER) or not failed or not cause.cites or cause.component in seen:
            continue
        seen.add(cause.component)
        yield cause.component, cause.cites[0]


def _is(guard: Fact, name: str) -> bool:
    said = {guard.event.subject.lower(), guard.event.name.lower(), guard.event.attributes.get("host", "").lower()}
    plain = name.lower()
    return plain in said or any(
        one.split(".")[0].removesuffix("-service") == plain.removesuffix("-service") for one in said if one
    )


ANALYSIS = Analysis(NAME, "a dependency without the guard that others have", run)
