"""Action items that the evidence suggests: each answers a cause, a weakness or a gap; people decide and assign."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.model.action import ActionCategory, ActionItem, ActionKind, ActionState, Priority, Strength
from afterword.model.cause import LinkKind, Role
from afterword.model.time import MINUTE
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.model.cause import Cause, Explanation, Finding
    from afterword.model.timeline import Moment

#: More than this nobody follows up; the strongest stay, and what they leave open is named.
MOST = 10
#: A shorter gap asks for no work: alerts wait on purpose, and people need a moment.
_LONG = 5 * MINUTE
#: Roles of causes that want an answer.
_WANTS = (Role.TRIGGER, Role.PROXIMATE, Role.CONTRIBUTING, Role.AMPLIFIER)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to do about one kind of weakness. ``{c}`` is the component."""

    kind: ActionKind
    category: ActionCategory
    strength: Strength
    title: str
    done: str


@dataclass(frozen=True, slots=True)
class _Draft:
    """A plan with what it answers, how much it matters and the mechanism that it is against."""

    plan: _Plan
    component: str
    answers: tuple[str, ...]
    score: float
    pattern: str
    reason: str
    detail: str = ""
    #: Drafts of one group are one thing to do.
    group: str = ""


_K, _C, _S = ActionKind, ActionCategory, Strength

#: By object at fault and defect; an empty defect stands for any.
_BY_CAUSE: Mapping[tuple[str, str], _Plan] = {
    ("capacity", "exhausted"): _Plan(_K.CODE_FIX, _C.REPAIR, _S.ENGINEER_OUT, "Release the exhausted resource of {c} on every path, and bound how long it is held", "a test takes every way out of the code that holds it and finds none held afterwards; the pool of {c} shows no waiting under the load of this incident"),
    ("storage", "exhausted"): _Plan(_K.CODE_FIX, _C.PREVENT, _S.AUTOMATIC_GUARD, "Bound what {c} may write to its volume, by rotation or quota", "a test fills the volume of {c}, and {c} keeps serving"),
    ("compute", "exhausted"): _Plan(_K.CODE_FIX, _C.REPAIR, _S.ENGINEER_OUT, "Bound the memory that {c} keeps, and set its limit from a measurement", "a load test of {c} as long as this incident ends below its limit"),
    ("code", "unhandled error"): _Plan(_K.CODE_FIX, _C.REPAIR, _S.ELIMINATE, "Handle the input that made {c} fail, at its border", "a test sends that input to {c} and receives a proper answer"),
    ("code", "racing"): _Plan(_K.CODE_FIX, _C.REPAIR, _S.ELIMINATE, "Guard the state that {c} shares between requests", "a test with parallel requests passes under the race detector"),
    ("data/schema", "incompatible"): _Plan(_K.TEST, _C.PREVENT, _S.AUTOMATIC_GUARD, "Check the data contract between {c} and what feeds it before each deploy", "the pipeline refuses a change of the contract that the version in production cannot read"),
    ("data/schema", "contended"): _Plan(_K.CODE_FIX, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Bound how long a session of {c} may hold locks, and how long others wait for them", "a test holds a lock of {c} in an idle session: the session is ended, and nobody waits longer than the bound"),
    ("time", ""): _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Alert on the clock of {c} when it is off by more than those who check its times allow", "a clock set apart in a drill fires the alert before a request is refused"),
    ("data/schema", ""): _Plan(_K.CODE_FIX, _C.MITIGATE, _S.ENGINEER_OUT, "Set input that {c} cannot read aside, and go on with the rest", "a test sends one bad item to {c}: it is set aside with its reason, and the next one is processed"),
    ("certificate/secret/identity", "stale/expired"): _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Alert on everything of {c} that expires, well before it does", "a certificate or secret with a near end fires the alert in a drill"),
    ("certificate/secret/identity", ""): _Plan(_K.TEST, _C.PREVENT, _S.AUTOMATIC_GUARD, "Test valid and invalid credentials against {c} before each deploy", "the pipeline refuses a version that rejects a valid credential or accepts an invalid one"),
    ("dependency", ""): _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Isolate {c} from the failure of what it depends on: time limit, circuit breaker, an answer without it", "a drill takes the dependency away, and {c} answers within its time limit"),
    ("network", ""): _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Let {c} survive a loss of the path it lost here", "a drill cuts that path, and {c} goes on or recovers by itself"),
    ("load", ""): _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Limit the requests that {c} admits to what it can carry, and scale before that", "a load test with the peak of this incident keeps {c} inside its objective, or sheds load by plan"),
    ("feature flag", ""): _Plan(_K.CODE_FIX, _C.REPAIR, _S.ELIMINATE, "Repair or remove what the flag on {c} switches on", "the flag is on for everyone without the symptom, or it is gone from the code"),
    ("config", ""): _Plan(_K.CHANGE_CONTROL, _C.PREVENT, _S.AUTOMATIC_GUARD, "Validate the configuration of {c} against stated bounds before it is applied", "the pipeline refuses the value of this incident"),
    ("code", ""): _Plan(_K.CODE_FIX, _C.REPAIR, _S.ELIMINATE, "Repair the change to {c} before it goes out again", "the repaired version runs in production, and the indicator of this incident stays inside its baseline"),
    ("storage", ""): _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Let {c} survive the loss of the storage it lost here", "a drill takes it away, and {c} goes on or recovers by itself"),
    ("compute", ""): _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Give {c} the compute that it lacked here, or let it do with less", "a load test at the peak of this incident keeps {c} inside its objective"),
}  # fmt: skip

#: By analysis: what answers its finding.
_BY_FINDING: Mapping[str, _Plan] = {
    "untested-change": _Plan(_K.TEST, _C.PREVENT, _S.AUTOMATIC_GUARD, "Add a test to {c} that fails on the change that set this off", "the test is red on that change and green on its repair"),
    "skipped-checks": _Plan(_K.CHANGE_CONTROL, _C.PREVENT, _S.AUTOMATIC_GUARD, "Require green checks before {c} can be deployed", "a change with skipped or red checks is refused in a drill"),
    "late-detection": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Tighten the alert on {c} so that it fires when the signal stands out", "replaying the evidence of this incident fires the alert near the moment at which the signal stood out"),
    "unwatched-signal": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Add an alert on the signal of {c} that showed this first", "replaying the evidence of this incident fires the alert"),
    "silenced-alert": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Give silences on alerts of {c} an end and a reason", "a silence without an end is refused or reported"),
    "alert-noise": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Remove or group the alerts that fired here without cause", "replaying the evidence of this incident fires mainly alerts that belong to it"),
    "reported-first": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Alert on what users of {c} feel", "replaying the evidence of this incident fires the alert before the first report"),
    "alert-without-runbook": _Plan(_K.RUNBOOK, _C.PROCESS, _S.DOCUMENT, "Write the runbook of the alert on {c} and link it in its rule", "the rule carries the link, and somebody new to {c} followed it in a drill"),
    "no-runbook": _Plan(_K.RUNBOOK, _C.PROCESS, _S.DOCUMENT, "Write the runbook of the alert on {c} and link it in its rule", "the rule carries the link, and somebody new to {c} followed it in a drill"),
    "wrong-hypothesis": _Plan(_K.RUNBOOK, _C.INVESTIGATE, _S.DOCUMENT, "Describe in the runbook how to rule out the suspicion that was followed here", "the runbook names the one observation that rules it out"),
    "unowned-component": _Plan(_K.OWNERSHIP, _C.PROCESS, _S.AUTOMATIC_GUARD, "Name an owner for {c} where pages and reviews look it up", "the list of owners covers {c}, and a test page reaches them"),
    "escalation-chain": _Plan(_K.OWNERSHIP, _C.PROCESS, _S.AUTOMATIC_GUARD, "Route alerts of {c} to those who can act on them first", "a test page reaches them without being passed on"),
    "unreviewed-change": _Plan(_K.CHANGE_CONTROL, _C.PREVENT, _S.AUTOMATIC_GUARD, "Require a second pair of eyes before changes of {c} take effect", "a change without review is refused in a drill"),
    "crowded-changes": _Plan(_K.CHANGE_CONTROL, _C.PREVENT, _S.AUTOMATIC_GUARD, "Keep changes near {c} apart until each has been watched", "the pipeline holds a second change back while the first is being watched"),
    "all-at-once": _Plan(_K.CHANGE_CONTROL, _C.PREVENT, _S.AUTOMATIC_GUARD, "Roll changes of {c} out in steps that stop by themselves when its indicators shift", "a bad version in a drill stops at the first step"),
    "odd-hours": _Plan(_K.CHANGE_CONTROL, _C.PREVENT, _S.AUTOMATIC_GUARD, "Hold changes of {c} that are not urgent until people are at work", "the pipeline holds such a change in a drill"),
    "unbounded-wait": _Plan(_K.CODE_FIX, _C.MITIGATE, _S.ENGINEER_OUT, "Set a time limit on the calls of {c} that waited here", "a test with a callee that never answers ends within the limit"),
    "retry-amplification": _Plan(_K.CODE_FIX, _C.MITIGATE, _S.ENGINEER_OUT, "Bound the retries of {c} by a budget, with growing waits and jitter", "a test with a failing callee shows no more calls than the budget allows"),
    "saturated-pool": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Alert on requests that wait for a place in the pool of {c}", "replaying the evidence of this incident fires the alert"),
    "cascade": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Isolate the callers of {c} from its failure: circuit breaker, bulkhead or an answer without it", "a drill makes {c} fail, and its callers stay inside their objectives"),
    "single-dependency": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Decide what stands in when {c} is away, and build it", "a drill takes {c} away, and users can go on"),
    "no-headroom": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Scale {c} before its measured capacity is used up", "a load test with the peak of this incident leaves headroom"),
    "slow-mitigation": _Plan(_K.RUNBOOK, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Shorten the way back of {c} to one step, and rehearse it", "a rehearsed rollback of {c} takes no more than a few minutes"),
    "manual-recovery": _Plan(_K.RUNBOOK, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Script the steps that were done by hand here", "a drill recovers with the script alone"),
    "missing-access": _Plan(_K.OWNERSHIP, _C.PROCESS, _S.AUTOMATIC_GUARD, "Give those who are on call the access that was missing here, and test it", "a person on call uses it in a drill"),
    "uncovered-change": _Plan(_K.TEST, _C.PREVENT, _S.AUTOMATIC_GUARD, "Cover the lines of {c} that failed here with a test that checks what they do", "the report of coverage shows them, and the test is red on the change that set this off"),
    "red-checks": _Plan(_K.CHANGE_CONTROL, _C.PREVENT, _S.AUTOMATIC_GUARD, "Require green checks before {c} can be deployed", "a change with skipped or red checks is refused in a drill"),
    "retried-checks": _Plan(_K.TEST, _C.PREVENT, _S.AUTOMATIC_GUARD, "Find out why the checks of {c} had to be run again, and repair them", "the checks of {c} pass at the first attempt for a month"),
    "flaky-test": _Plan(_K.TEST, _C.PREVENT, _S.AUTOMATIC_GUARD, "Repair or take out the flaky tests of {c}", "they give one answer in a hundred runs of the same code"),
    "slow-alert": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Shorten the time for which the alert on {c} waits", "replaying the evidence of this incident fires the alert within minutes of its threshold"),
    "foreseeable-exhaustion": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Alert on the time that is left before what {c} uses up is gone", "replaying the evidence of this incident fires the alert when half of it is left"),
    "inhibited-alert": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.DETECT, "Narrow what held the alert on {c} back", "replaying the evidence of this incident delivers the alert"),
    "unrouted-alert": _Plan(_K.ALERT_THRESHOLD, _C.DETECT, _S.AUTOMATIC_GUARD, "Route the alerts of {c} to somebody who is told", "a check of the configuration refuses a route that ends at nobody"),
    "wrong-runbook": _Plan(_K.RUNBOOK, _C.PROCESS, _S.DOCUMENT, "Correct the runbook that was of no use here", "somebody new to it followed it in a drill"),
    "known-cause": _Plan(_K.CHANGE_CONTROL, _C.PROCESS, _S.AUTOMATIC_GUARD, "Finish the work on {c} that the earlier incident left open, or sign its risk", "its items are verified, or accepted as a risk by name"),
    "departed-owner": _Plan(_K.OWNERSHIP, _C.PROCESS, _S.AUTOMATIC_GUARD, "Name present owners for {c}, and check the list against the members", "the check reports an owner who is no member"),
    "lone-expert": _Plan(_K.OWNERSHIP, _C.PROCESS, _S.DOCUMENT, "Let a second person do by themselves what only one could do here", "the second person did it alone in a drill"),
    "slow-rollback": _Plan(_K.CHANGE_CONTROL, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Make the way back of {c} work, and rehearse it", "a rehearsed rollback of {c} takes no more than a few minutes"),
    "unbroken-calls": _Plan(_K.CODE_FIX, _C.MITIGATE, _S.ENGINEER_OUT, "Cut calls of {c} off while what it calls fails: circuit breaker", "a drill makes the callee fail, and the calls fall to probes within a minute"),
    "unguarded-dependency": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Give calls of {c} the guard that other dependencies have", "a drill makes {c} fail, and its callers answer within their limits"),
    "shared-dependency": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Keep the users of {c} apart: quotas, pools or copies of their own", "a drill in which one of them overloads {c} leaves the others inside their objectives"),
    "single-point": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Give {c} a second one that takes over by itself", "a drill takes the first one away, and users go on"),
    "single-instance": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.ENGINEER_OUT, "Run {c} more than once", "a drill takes one instance of {c} away, and users go on"),
    "slow-scaling": _Plan(_K.ARCHITECTURE, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Keep room for {c} to grow into, and scale it before it is full", "a load test with the peak of this incident gets its instances in time"),
    "endless-redelivery": _Plan(_K.CODE_FIX, _C.MITIGATE, _S.ENGINEER_OUT, "Bound the tries of {c} for one item, and set it aside after the last", "a test sends one bad item: it is set aside with its reason, and the next one is processed"),
    "broken-backup": _Plan(_K.RUNBOOK, _C.MITIGATE, _S.AUTOMATIC_GUARD, "Restore from the backup of {c} on a schedule, and check what comes back", "a scheduled restore reports its success and how old the data is"),
    "refused-access": _Plan(_K.OWNERSHIP, _C.PROCESS, _S.AUTOMATIC_GUARD, "Give those who are on call the access that was missing here, and test it", "a person on call uses it in a drill"),
    "stated-weakness": _Plan(_K.RUNBOOK, _C.INVESTIGATE, _S.DOCUMENT, "Decide what becomes of what the response itself said was missing", "each of these remarks has an item of its own, or is declined with a reason"),
}  # fmt: skip

#: By what a gap was made of: its words in the title.
_BY_GAP: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"visible and nobody knew|not (?:yet )?detected"), "late-detection", "monitoring"),
    (re.compile(r"taking it on|acknowledg"), "escalation-chain", "ownership"),
    (re.compile(r"looking for the cause"), "no-runbook", "knowledge"),
    (re.compile(r"knowing the cause and acting|the action and full recovery"), "slow-mitigation", "recovery"),
)
#: Different weaknesses that one and the same item answers.
_GROUPS = {"late-detection": "alert", "unwatched-signal": "alert", "reported-first": "alert", "alert-without-runbook": "runbook", "no-runbook": "runbook"}  # fmt: skip
_STRENGTHS = tuple(Strength)
#: A strong control is worth more than a weak one against the same cause.
_WORTH = {Strength.ELIMINATE: 1.0, Strength.ENGINEER_OUT: 0.95, Strength.AUTOMATIC_GUARD: 0.9, Strength.DETECT: 0.8, Strength.DOCUMENT: 0.55, Strength.TRAIN: 0.4}  # fmt: skip


def propose(
    incident: str, explanation: Explanation, findings: Sequence[Finding], moments: Sequence[Moment]
) -> tuple[tuple[ActionItem, ...], tuple[str, ...]]:
    """Items, strongest first, and the ids of causes, findings and gaps that none of them answers."""
    weak = {finding.id for finding in findings}
    causes = [c for c in explanation.causes if c.role in _WANTS and c.id not in weak]
    gaps = [m for m in moments if m.kind is MomentKind.GAP and (m.until or m.at) - m.at >= _LONG]
    drafts = [
        *(d for cause in causes for d in _for_cause(cause, explanation)),
        *(d for finding in findings for d in _for_finding(finding, explanation)),
        *(d for gap in gaps for d in _for_gap(gap, findings, explanation)),
    ]
    chosen = _merged(drafts)[:MOST]
    items = tuple(_item(incident, draft) for draft in chosen)
    answered = {answer for item in items for answer in item.answers}
    wanted = (*(c.id for c in causes), *(f.id for f in findings), *(g.id for g in gaps))
    return items, tuple(dict.fromkeys(one for one in wanted if one not in answered))


def pattern(cause: Cause) -> str:
    """The mechanism that later incidents are matched by: ``exhausted:capacity``; narrower where an indicator tells."""
    defect = cause.defect or "unclear"
    return f"{_slug(defect)}:{_slug(_narrow(cause.indicator) or cause.category or 'unclear')}"


_NARROW = (
    ("db_pool", r"(?:db|sql|hikari|pg|jdbc)\w*(?:pool|conn)|pool\w*(?:wait|in_use|conn)"),
    ("thread_pool", r"thread|worker|executor"),
    ("disk", r"disk|volume|storage"),
    ("memory", r"mem|heap|rss|oom"),
    ("cpu", r"cpu"),
    ("queue", r"queue|backlog|(?<![a-z])lag|oldest"),
    ("file_descriptors", r"(?<![a-z])fds?(?![a-z])|open_files|descriptor"),
)


def _narrow(name: str) -> str:
    return next((key for key, words in _NARROW if re.search(words, name.lower())), "")


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _reach(cause: Cause, explanation: Explanation) -> float:
    """How far a cause leads: 1 for the impact alone, more for each component that it reaches."""
    reached, frontier = {cause.id}, [cause.id]
    while frontier:
        here = frontier.pop()
        for link in explanation.links:
            if link.cause == here and link.effect not in reached and link.kind is not LinkKind.UNDOES:
                reached.add(link.effect)
                frontier.append(link.effect)
    return 1.0 + 0.1 * min(len(reached) - 1, 5)


def _for_cause(cause: Cause, explanation: Explanation) -> Iterator[_Draft]:
    # A caller that only passed a failure on is answered where the failure arose, unless its own object is known.
    plan = _BY_CAUSE.get((cause.category, cause.defect)) or _BY_CAUSE.get((cause.category, ""))
    if plan is None or (cause.role is Role.CONTRIBUTING and cause.layer == "act"):
        return
    if cause.category == "dependency" and not _depended(cause, explanation):
        return
    source = _passed_on(cause, explanation)
    if source is not None:
        yield _Draft(plan, source.component, (cause.id,), 0.0, pattern(source), source.statement)
        return
    weight = {Role.TRIGGER: 0.9, Role.PROXIMATE: 0.85, Role.AMPLIFIER: 0.6}.get(cause.role, 0.4)
    score = weight * (0.55 + 0.15 * min(int(cause.grade), 3)) * _reach(cause, explanation)
    detail = f" ({_short(cause.ref)})" if cause.role is Role.TRIGGER and cause.ref and cause.layer == "act" else ""
    yield _Draft(plan, cause.component, (cause.id,), score, pattern(cause), cause.statement, detail)


#: A machine calls nothing by itself.
_HOST = re.compile(r"(?i)(node|host|machine|vm|instance|ip)([-_. ]?\d+)*")


def _depended(cause: Cause, explanation: Explanation) -> bool:
    """Whether it failed by something that it depends on, which is all that isolation helps against."""
    if cause.role is Role.TRIGGER:
        return not _HOST.fullmatch(cause.component)
    if _HOST.fullmatch(cause.component):
        return False
    other = {one.id for one in explanation.causes if one.component != cause.component}
    spread = (one for one in explanation.links if one.effect == cause.id and one.kind is LinkKind.PROPAGATES)
    return any(one.cause in other for one in spread) or "which it calls" in cause.statement


def _passed_on(cause: Cause, explanation: Explanation) -> Cause | None:
    """The proximate cause whose very failure this caller only passed on: what repairs the one repairs the other."""
    if cause.role is not Role.CONTRIBUTING:
        return None
    above = {link.cause for link in explanation.links if link.effect == cause.id and link.kind is LinkKind.PROPAGATES}
    for one in explanation.causes:
        same = (one.category, one.defect) == (cause.category, cause.defect)
        if one.role is Role.PROXIMATE and one.id in above and same:
            return one
    return None


def _short(ref: str) -> str:
    """A commit by its first letters, the name of a flag whole."""
    return ref[:8] if re.fullmatch(r"[0-9a-f]{12,}", ref) else ref


def _for_finding(finding: Finding, explanation: Explanation) -> Iterator[_Draft]:
    plan = _BY_FINDING.get(finding.analysis)
    if plan is None:
        return
    about = finding.about or next((c.component for c in explanation.causes if c.role is Role.PROXIMATE), "")
    yield _Draft(
        plan, about, (finding.id,), 0.75 * finding.weight, f"{_slug(finding.area)}:{_slug(finding.analysis)}", finding.says,
        group=_GROUPS.get(finding.analysis, ""),
    )  # fmt: skip


def _for_gap(gap: Moment, findings: Sequence[Finding], explanation: Explanation) -> Iterator[_Draft]:
    for words, analysis, area in _BY_GAP:
        if words.search(gap.title):
            plan = _BY_FINDING[analysis]
            failed = next((c.component for c in explanation.causes if c.role is Role.PROXIMATE), "")
            about = gap.component or next((f.about for f in findings if f.analysis == analysis), failed)
            pattern_of = f"{area}:{_slug(analysis)}"
            yield _Draft(
                plan, about, (gap.id,), 0.5 * gap.weight, pattern_of, gap.title, group=_GROUPS.get(analysis, "")
            )
            return


def _merged(drafts: Sequence[_Draft]) -> list[_Draft]:
    """One item for each thing to do: drafts of the same plan and component answer together; strongest first."""
    together: dict[tuple[str, str], _Draft] = {}
    for draft in sorted(drafts, key=lambda d: (-d.score, d.answers)):
        group = draft.group or draft.plan.title
        named = [component for name, component in together if name == group]
        # A draft without a component joins the one that has one.
        key = (group, draft.component if draft.component or not named else min(named))
        first = together.get(key)
        if first is None:
            together[key] = draft
            continue
        answers = tuple(dict.fromkeys((*first.answers, *draft.answers)))
        score = min(1.2, first.score + 0.1 * draft.score)
        together[key] = replace(first, answers=answers, score=score)
    rank = {strength: place for place, strength in enumerate(_STRENGTHS)}
    return sorted(
        together.values(), key=lambda d: (-d.score * _WORTH[d.plan.strength], rank[d.plan.strength], d.plan.title, d.component)
    )  # fmt: skip


def _item(incident: str, draft: _Draft) -> ActionItem:
    plan, name = draft.plan, draft.component or "the affected service"
    key = "|".join((incident, plan.kind.value, *draft.answers))
    return ActionItem(
        id="a" + hashlib.sha256(key.encode()).hexdigest()[:10],
        incident=incident,
        title=plan.title.format(c=name) + draft.detail,
        kind=plan.kind,
        category=plan.category,
        strength=plan.strength,
        answers=draft.answers,
        done_when=plan.done.format(c=name),
        state=ActionState.PROPOSED,
        priority=_priority(draft.score),
        reason=draft.reason,
        component=draft.component,
        pattern=draft.pattern,
    )


def _priority(score: float) -> Priority:
    return Priority.P0 if score >= 0.85 else Priority.P1 if score >= 0.4 else Priority.P2
