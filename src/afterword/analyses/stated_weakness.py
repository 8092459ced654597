"""What people of the response said themselves was missing: a test, an alert, an owner, a guard, a runbook, work left open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "stated-weakness"
LIMITS = "It is what somebody wrote at the time; whether it is so, and whether it mattered, is not checked against anything else."
#: What follows a word until the sentence ends: enough to say what it is about.
_REST = r"[^.!?;,\n]{0,60}"
_LACK = r"(?:no|never (?:had|wrote)|without(?: a| any)?|lacks?(?: a| any)?|missing(?: a| any)?|(?:had|have|has|there(?:'s| is| was| are| were)) no|(?:did|do|does)(?:n'?t| not) have (?:a|any)|nobody (?:wrote|has written) (?:a|any))"
_KINDS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (area, what, re.compile(pattern, re.IGNORECASE))
    for area, what, pattern in (
        ("tests", "a missing test", rf"\b{_LACK} (?:unit |integration |regression |load |e2e |end-to-end )?tests? (?:for|of|on|that|cover|with|in|at all|case){_REST}|\b(?:is|was|were|are) (?:not|never) (?:covered by (?:a |any )?tests?|tested)\b{_REST}|\buntested\b{_REST}|\btests? (?:do|did|does)(?:n'?t| not) (?:cover|catch|check|exercise){_REST}|\b(?:lint|check) rule[^.!?\n]{{0,60}}not (?:written|there) yet"),
        ("monitoring", "a missing alert", rf"\b{_LACK} (?:alert(?:s|ing)?|monitor(?:s|ing)?|dashboards?) (?:for|on|of|that|about|at all){_REST}|\b(?:is|was|were|are)(?:n'?t| not) (?:monitored|alerted on)\b{_REST}|\balerts? (?:did|do|does)(?:n'?t| not) (?:fire|page|go off){_REST}|\bnobody (?:was|got) (?:paged|alerted)\b{_REST}|\balerts? (?:was|were|had been) (?:muted|silenced|snoozed|disabled)\b{_REST}"),
        ("ownership", "an owner who is missing", rf"\b(?:nobody|no one|no team) owns\b{_REST}|\b{_LACK} (?:clear )?owners?\b(?! of the)(?= (?:for|of|in|listed|named|at all)|[.,;]|$){_REST}|\b(?:unclear|not clear|unsure) who owns\b{_REST}"),
        ("change control", "a missing control of changes", rf"\b(?:nobody|no one) (?:was asked for a review|reviewed|approved){_REST}|\b(?:went out|merged|deployed|shipped) without (?:a |any )?(?:review|approval|canary){_REST}|\b{_LACK} (?:canary|(?:staged|gradual|progressive|phased) roll-?out|approval|announcements?|code review) (?:for|of|on|here|at all|there){_REST}|\b(?:did|do)(?:n'?t| not) (?:tell|announce it to) any(?:body|one)\b|\bonly knows? on (?:and|or) off\b|\bknows? only on (?:and|or) off\b"),
        ("resilience", "a missing guard", rf"\b{_LACK} (?:time-?outs?|circuit breakers?|fall-?backs?|rate limits?|retry (?:limits?|budgets?)|back-?off|bulkheads?|back-?pressure|dead[ -]letter queues?|limits?) (?:for|of|on|set|configured|in place|there|at all|around){_REST}|\bsingle point of failure\b|\bretries? (?:forever|without (?:a )?(?:limit|end))\b"),
        ("knowledge", "a missing runbook or work left open", rf"\b{_LACK} (?:run-?books?|play-?books?|documentation|docs)\b(?! (?:needed|necessary)){_REST}|\b(?:is|was)(?:n'?t| not) documented\b{_REST}|\b(?:action|ticket|task|follow-?up|fix){_REST}(?:is |are |was )?still (?:open|not done|pending)\b{_REST}|\b(?:we|I) (?:already )?knew (?:about|of) (?:this|that|it)\b{_REST}|\b(?:same|exact) (?:mistake|problem|cause|bug|issue|incident|failure) (?:as|again){_REST}|\ball over again\b"),
    )
)  # fmt: skip
_AREAS = {area: what for area, what, _ in _KINDS}


def run(scene: Scene) -> Iterator[Finding]:
    since = scene.points.get(PointName.DETECTED) or scene.points.get(PointName.STARTED)
    if since is None:
        return
    told: dict[str, list[tuple[Fact, str]]] = {}
    for fact in scene.case.messages:
        if fact.event.at is None or fact.event.at < since.earliest or fact.event.subject == "silences":
            continue
        for sentence in re.split(r"(?<=[.!?])\s|\n", fact.event.text[:4000]):
            for area, _, pattern in _KINDS if not sentence.rstrip().endswith("?") else ():
                if found := pattern.search(sentence):
                    told.setdefault(area, []).append((fact, found[0].strip(" ,:")))
    for area, said in sorted(told.items()):
        fact, words = said[0]
        more = f", and {len(said) - 1} more of the kind" if len(said) > 1 else ""
        says = f"At {clock(fact.event.at or 0)} somebody wrote of {_AREAS[area]}: “{words}”{more}."
        cites = tuple(dict.fromkeys(one.cite for one, _ in said[:4]))
        yield Finding(identity(NAME, area), NAME, area, says, "", cites, LIMITS, 0.6)


ANALYSIS = Analysis(NAME, "what the response itself said was missing", run)
