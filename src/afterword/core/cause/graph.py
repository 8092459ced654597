"""The graph of causes and links of one incident: proposed from the ranking, the changes and the weaknesses."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core import indicator, weakness
from afterword.core.cause import change as changes
from afterword.core.cause import delay, lane, other
from afterword.core.cause.candidate import short
from afterword.core.entity import UNNAMED
from afterword.core.indicator import Family
from afterword.model.cause import (
    Cause,
    Explanation,
    Grade,
    Held,
    Link,
    LinkKind,
    Needs,
    NodeKind,
    Reason,
    Role,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.cause.alternative import Alternative
    from afterword.core.cause.change import Suspect, Symptoms
    from afterword.core.cause.rank import Ranking
    from afterword.core.window import Found
    from afterword.model.cause import Finding
    from afterword.model.incident import Point
    from afterword.model.postmortem import Signal

#: A component with less than this share of the best one's score is not told as part of the failure.
_SHARE = 0.3
_MOST_COMPONENTS, _MOST_RULED_OUT = 6, 12
#: So many changes are told as suspects while nothing is proved.
_MOST_SUSPECTED = 3
#: What speaks against a suspect may be worth so many bits more than what speaks for it: two to one is no acquittal.
_LEAST_SUSPECTED = -1.0

#: What a failing component's own words say about the object at fault and how it is defective.
_CATEGORIES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("capacity", "exhausted", re.compile(r"pool (is )?(exhausted|timeout|full)|(couldn'?t|could not) get a connection|too many (open|connections|clients)|queuepool|no (free|available) (connection|slot)|connection pool", re.IGNORECASE)),
    ("storage", "exhausted", re.compile(r"no space left|disk (is )?full|read-only file ?system|quota exceeded|disk_used", re.IGNORECASE)),
    ("compute", "exhausted", re.compile(r"out of memory|oom(killed)?|cannot allocate|heap space|memory limit", re.IGNORECASE)),
    ("certificate/secret/identity", "stale/expired", re.compile(r"certificate.*expir|x509|token.*expired|expired.*(token|credential)", re.IGNORECASE)),
    ("code", "unhandled error", re.compile(r"nil pointer|null pointer|nonetype|panic|segfault|traceback|unhandled|undefined is not|keyerror|indexerror|typeerror|attributeerror", re.IGNORECASE)),
    ("code", "racing", re.compile(r"concurrent map|data race|deadlock|race condition", re.IGNORECASE)),
    ("data/schema", "incompatible", re.compile(r"deserial|unmarshal|missing required field|schema|unknown field|parse error|decode|invalid (json|format|message|record|event|coordinate)", re.IGNORECASE)),
    ("certificate/secret/identity", "incorrect", re.compile(r"invalid (audience|issuer|signature|token)|unauthori[sz]ed|permission denied|access denied|jwt", re.IGNORECASE)),
    ("network", "unhandled error", re.compile(r"connection (refused|reset)|no route to host|unreachable|no such host|dns", re.IGNORECASE)),
    ("dependency", "unhandled error", re.compile(r"deadline exceeded|timed? ?out|upstream|503|504|circuit", re.IGNORECASE)),
)  # fmt: skip


def categorise(text: str, indicators: Sequence[str]) -> tuple[str, str]:
    """Object at fault and defect, from what the component says and measures; empty when nothing tells."""
    for category, defect, pattern in _CATEGORIES:
        if pattern.search(text):
            return category, defect
    joined = " ".join(indicators)
    if re.search(r"pool|queue|conn", joined, re.IGNORECASE):
        return "capacity", "exhausted"
    if re.search(r"disk|storage", joined, re.IGNORECASE):
        return "storage", "exhausted"
    if re.search(r"cpu|mem|heap", joined, re.IGNORECASE):
        return "compute", "contended"
    return "", ""


def identity(*parts: str) -> str:
    """A cause's id: a hash of what it is about, so that judgements survive a re-read."""
    return "c" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:10]


def explain(
    found: Found,
    signals: Sequence[Signal],
    symptoms: Symptoms,
    ranking: Ranking,
    suspects: Sequence[Suspect],
    guilty: Suspect | None,
    others: Sequence[Alternative],
    started: Point | None,
) -> Explanation:
    """Impact, proximate causes, trigger and what was ruled out, joined by graded links."""
    troubled = troubled_components(ranking, signals)
    impact = _impact(found, troubled, ranking, signals, started)
    proximate = [_proximate(name, place, ranking, signals, symptoms, found) for place, name in enumerate(troubled)]
    trigger = _from_suspect(guilty, Role.TRIGGER) if guilty else None
    if trigger is None and others and others[0].bits >= changes.CONVICTION and others[0].grade >= Grade.MECHANISM:
        trigger = _from_alternative(others[0])
    links = _spread(impact, proximate, ranking)
    causes = [*proximate]
    if trigger is not None and proximate:
        hit = _hit(trigger, proximate, ranking)
        links.append(_trigger_link(trigger, hit, guilty))
        links += _asked_more(trigger, proximate, ranking, signals)
        causes.insert(0, trigger)
    others_judged = [_survived(s, guilty) for s in suspects if s is not guilty]
    asked = _suspected(others_judged) if trigger is None else ()
    at = started.at if started else found.window.start
    # What took effect nearest to the start is what a reader asks about first.
    others_judged.sort(key=lambda s: (_role(s, asked) is Role.RULED_OUT, abs(s.candidate.at - at), s.candidate.ref))
    causes += [_from_suspect(s, _role(s, asked)) for s in others_judged][:_MOST_RULED_OUT]
    causes += [
        made
        for made in (_from_alternative(one, Role.CONTRIBUTING) for one in others)
        if trigger is None or made.id != trigger.id
    ][:3]
    causes += other.ruled_out(found, identity)
    # What cannot be dated cannot be told to have followed from anything.
    explained = trigger is not None and bool(proximate) and trigger.grade >= Grade.MECHANISM and started is not None
    verdict = Verdict.EXPLAINED if explained else Verdict.INCONCLUSIVE
    none = bool(suspects) and guilty is None
    return Explanation(
        impact.id, ranked([impact, *causes]), tuple(links), ranking.components, verdict, none,
        _would_decide(verdict, suspects, others, proximate, started, guilty),
    )  # fmt: skip


def concerned(ranking: Ranking, signals: Sequence[Signal]) -> list[Signal]:
    """Signals of the failing components and of whatever calls them, however far away; all of them when that is none."""
    told = set(troubled_components(ranking, signals))
    while more := {caller for caller, callees in ranking.graph.callees.items() if callees & told} - told:
        told |= more
    return [signal for signal in signals if signal.component in told] or list(signals)


def troubled_components(ranking: Ranking, signals: Sequence[Signal]) -> list[str]:
    """The components that are told as part of the failure, worst first."""
    best = ranking.components[0].score if ranking.components else 0.0
    seen = {signal.component for signal in signals}
    chosen = [one.component for one in ranking.components if one.score > 0 and one.score >= _SHARE * best]
    return [name for name in chosen if name in seen or ranking.score(name) >= 0.6 * best][:_MOST_COMPONENTS]


def _impact(
    found: Found, troubled: Sequence[str], ranking: Ranking, signals: Sequence[Signal], started: Point | None
) -> Cause:
    edge = _edge(troubled, ranking, signals)
    felt = [
        s for s in signals if s.component in edge and indicator.family(s.indicator) in (Family.ERRORS, Family.LATENCY)
    ]
    what = (
        "errors"
        if any(indicator.family(s.indicator) is Family.ERRORS for s in felt)
        else "slowness"
        if felt
        else "trouble"
    )
    cites = tuple(dict.fromkeys(s.cite for s in felt[:3])) or (started.cites if started else ())
    at = started.at if started else found.window.start
    return Cause(
        identity("impact", *edge[:3]), f"Users{users_of(edge)} met {what}", Role.IMPACT, edge[0] if edge else "", cites,
        layer="service", at=at, earliest=started.earliest if started else at, latest=started.latest if started else at,
    )  # fmt: skip


#: What keeps data or hands it on, by the names that such things go by.
_STORE = re.compile(
    r"(?<![a-z])(db\d*|[a-z]*sql|database|postgres|redis|mongo(db)?|memcached?|cassandra|etcd|kafka|rabbitmq|elasticsearch|opensearch)(?![a-z])",
    re.IGNORECASE,
)


def users_of(edge: Sequence[str]) -> str:
    """`` of gateway``. What no evidence names has users all the same; a store has those of what asks it."""
    named = [name for name in edge[:3] if name != UNNAMED and not _STORE.search(name)]
    return f" of {' and '.join(named)}" if named else ""


def _edge(troubled: Sequence[str], ranking: Ranking, signals: Sequence[Signal]) -> list[str]:
    """Where users meet the failure: what nothing calls, among what failed and what calls it; worst first."""
    hurt = {s.component for s in _hurting(signals)}
    told = {s.component for s in concerned(ranking, signals)}
    called = {callee for callees in ranking.graph.callees.values() for callee in callees}
    ordered = [one.component for one in ranking.components if one.component in told]
    entries = [name for name in ordered if name not in called and (name in hurt or name in troubled)]
    if ranking.graph.callees:
        # Who is seen to call others serves users; a host or an exporter that stands alone does not.
        entries = [name for name in entries if name in ranking.graph.callees]
    return entries or [name for name in troubled if name not in called] or list(troubled[:1])


def _hurting(signals: Sequence[Signal]) -> list[Signal]:
    """Errors and latency that moved for the worse."""
    felt = (Family.ERRORS, Family.LATENCY)
    return [s for s in signals if indicator.family(s.indicator) in felt and indicator.worse(s.indicator) * s.shift > 0]


def _proximate(
    name: str, place: int, ranking: Ranking, signals: Sequence[Signal], symptoms: Symptoms, found: Found
) -> Cause:
    mine = sorted((s for s in signals if s.component == name), key=lambda s: (-abs(s.shift), s.indicator))
    scored = next(one for one in ranking.components if one.component == name)
    words = " ".join(reason.says for reason in scored.reasons)
    category, defect = categorise(words, [s.indicator for s in mine])
    through = _through(name, ranking) if place else ""
    if through:
        category, defect = "dependency", "unhandled error"
    top = _deepest(mine)
    onset = next((s for s in sorted(mine, key=lambda s: s.onset or 2**62) if s.onset is not None), None)
    at = onset.onset if onset else found.window.start
    del symptoms
    return Cause(
        identity("proximate", name), _failing(name, top, category, defect, mine, through), Role.PROXIMATE if place == 0 else Role.CONTRIBUTING, name,
        tuple(dict.fromkeys(c for reason in scored.reasons for c in reason.cites)),
        category=category, defect=defect, layer="component", indicator=top.indicator if top else "",
        score=scored.score, grade=Grade.MECHANISM if scored.reasons else Grade.ASSERTED, at=at,
        earliest=onset.earliest if onset else at, latest=onset.latest if onset else at,
        reasons_for=scored.reasons, reasons_against=ranking.against.get(name, ()), kind=NodeKind.CONDITION,
    )  # fmt: skip


#: Taking memory costs work, work takes no memory: where both rose, memory is what ran out.
_MEMORY = re.compile(r"(?<![a-z])(mem(ory)?|heap|rss|working_set)(?![a-z])", re.IGNORECASE)
_WORK = re.compile(r"cpu|(?<![a-z])(gc|load|lod)(?![a-z])", re.IGNORECASE)
#: And it rose to so many times what is usual: some memory always goes with more work.
_CLEAR = 2.5


def _deepest(mine: Sequence[Signal]) -> Signal | None:
    """The strongest signal of a component; instead of work, the memory that it was spent on."""
    if not mine or not _WORK.search(mine[0].indicator):
        return mine[0] if mine else None
    memory = (s for s in mine if _MEMORY.search(s.indicator.replace("_", " ")) and s.peak >= _CLEAR * s.baseline > 0)
    return next(memory, mine[0])


_WENT = {
    Family.ERRORS: "answered with errors",
    Family.LATENCY: "was slow",
    Family.SATURATION: "was short of a resource",
}


def _through(name: str, ranking: Ranking) -> str:
    """What a component calls that accounts for most of its errors; empty when nothing does."""
    account = ranking.explained.get((name, Family.ERRORS)) or ranking.explained.get((name, Family.LATENCY))
    return account.most if account is not None and account.share >= 0.5 else ""


def _failing(name: str, top: Signal | None, category: str, defect: str, mine: Sequence[Signal], through: str) -> str:
    if through:
        return f"{name} failed when {through}, which it calls, did"
    if category == "code" and defect == "unhandled error":
        return f"{name} met an error that its code does not handle"
    how = {
        "exhausted": "ran out of a resource",
        "racing": "met a race",
        "incompatible": "could not read what it was sent",
        "stale/expired": "met something that had expired",
    }.get(defect)
    if how:
        full = next((s.indicator for s in mine if indicator.family(s.indicator) is Family.SATURATION), "")
        return f"{name} {how}" + (f" ({full})" if full and defect == "exhausted" else "")
    if top is None:
        return f"{name} failed"
    if indicator.family(top.indicator) is Family.LATENCY and top.shift < 0:
        # What refuses answers sooner than what works.
        return f"{name} answered sooner than usual, as what refuses does ({top.indicator})"
    return f"{name} {_WENT.get(indicator.family(top.indicator), 'left its usual range')} ({top.indicator})"


def _suspected(judged: Sequence[Suspect]) -> tuple[Suspect, ...]:
    """Where nothing explains the failure: the changes to look at first, best first."""
    standing = [one for one in judged if not one.ruled_out and not _harmless(one) and one.bits >= _LEAST_SUSPECTED]
    return tuple(sorted(standing, key=lambda one: (-one.bits, one.candidate.ref))[:_MOST_SUSPECTED])


def _harmless(suspect: Suspect) -> bool:
    return suspect.candidate.judgement is not None and bool(suspect.candidate.judgement.harmless)


def _role(suspect: Suspect, asked: Sequence[Suspect] = ()) -> Role:
    """Several that may each have done it contribute; so do those that are suspected while nothing is proved."""
    if suspect.ruled_out or _harmless(suspect):
        return Role.RULED_OUT
    proved = suspect.bits >= changes.CONVICTION and suspect.grade >= Grade.MECHANISM
    return Role.CONTRIBUTING if proved or suspect in asked else Role.RULED_OUT


def _survived(suspect: Suspect, guilty: Suspect | None) -> Suspect:
    """Rules out what was still in effect when taking back the guilty change had ended the trouble."""
    undo = guilty.candidate.undone_by if guilty is not None and guilty.grade >= Grade.INTERVENTION else None
    if undo is None or suspect.candidate.undone_by is not None:
        return suspect
    says = "the trouble ended while it was still in effect"
    return replace(suspect, ruled_out=True, against=(*suspect.against, Reason(says, -5.0, (undo.cite,))))


def _from_suspect(suspect: Suspect, role: Role) -> Cause:
    candidate = suspect.candidate
    kind = candidate.event.attributes.get("change", "deploy")
    named = f"“{candidate.what[:120]}”" if candidate.what else ""
    verb = {"flag": "The flag", "config": "The configuration change", "commit": "The commit"}.get(kind, "The deploy")
    where = f" of {candidate.component}" if candidate.component else ""
    effect = _effect(suspect)
    if role is Role.CONTRIBUTING and (suspect.grade < Grade.MECHANISM or suspect.bits < changes.CONVICTION):
        effect += " (suspected, not proved)"
    statement = f"{verb} {short(candidate.ref)}{where} {named}{effect}".strip()
    return Cause(
        identity("change", candidate.ref, candidate.component, str(candidate.at)), statement, role, candidate.component,
        candidate.cites, category=_change_category(kind, suspect), defect="incorrect" if role is Role.TRIGGER else "", layer="act",
        ref=candidate.ref, score=suspect.bits, grade=suspect.grade if role is not Role.RULED_OUT else Grade.ASSERTED,
        at=candidate.at, earliest=candidate.at, latest=candidate.at,
        reasons_for=suspect.reasons, reasons_against=suspect.against,
    )  # fmt: skip


def _effect(suspect: Suspect) -> str:
    judgement = suspect.candidate.judgement
    if judgement is None or not judgement.effects or suspect.mechanism < changes.MECHANISM:
        return ""
    return f": {judgement.effects[0].says}"


def _change_category(kind: str, suspect: Suspect) -> str:
    if kind == "flag":
        return "feature flag"
    if kind == "config":
        return "config"
    files = suspect.candidate.commit.event.attributes.get("files", "") if suspect.candidate.commit else ""
    configs = [f for f in files.split("\n") if re.search(r"\.(ya?ml|toml|ini|conf|env|properties|json|tf|hcl)$", f)]
    return "config" if configs and len(configs) == len([f for f in files.split("\n") if f]) else "code"


def _from_alternative(other: Alternative, role: Role = Role.TRIGGER) -> Cause:
    return Cause(
        identity("alternative", other.category, other.component), other.statement, role, other.component, other.cites,
        category=other.category, defect="exhausted" if other.category == "load" else other.defect, layer="external" if other.category in ("load", "dependency") else "component",
        ref=None, score=other.bits, grade=other.grade, at=other.at, earliest=other.at, latest=other.at, reasons_for=other.reasons,
    )  # fmt: skip


def _spread(impact: Cause, proximate: Sequence[Cause], ranking: Ranking) -> list[Link]:
    """Each failing component leads to a failing one that calls it, and what nothing else calls leads to the impact."""
    links: list[Link] = []
    by_name = {cause.component: cause for cause in proximate}
    for cause in proximate:
        callers = [
            other
            for name, other in by_name.items()
            if name != cause.component and cause.component in ranking.graph.callees.get(name, ())
        ]
        callers = [
            other for other in callers if cause.component not in _reaches(other.component, cause.component, ranking)
        ]
        for caller in callers:
            basis, cites = ranking.graph.basis[caller.component, cause.component]
            links.append(_propagates(cause, caller, f"path: {basis}", cites))
        if not callers:
            felt = cause is proximate[0] or cause.component == impact.component
            tests = ("path: users reach it, or what reaches it is not in the evidence",) if felt else (_BESIDE,)
            grade = _ordered_grade(cause, impact, seen=bool(cause.cites)) if felt else Grade.ASSERTED
            links.append(Link(cause.id, impact.id, LinkKind.PRODUCES, grade, tests, cause.cites[:2]))
    return links


#: What moved in the same minutes and that nothing joins to what users met.
_BESIDE = "path: none known; it changed at the same time"


def _reaches(start: str, avoid: str, ranking: Ranking) -> tuple[str, ...]:
    """Guards against a circle: where each calls the other, the one ranked higher is the cause."""
    back = start in ranking.graph.callees.get(avoid, ())
    return (avoid,) if back and ranking.place(start) < ranking.place(avoid) else ()


def _propagates(cause: Cause, effect: Cause, test: str, cites: Sequence) -> Link:  # type: ignore[type-arg]
    took = (effect.at or 0) - (cause.at or 0) if cause.at is not None and effect.at is not None else None
    seen = "trace" in test or "error line" in test
    grade = _ordered_grade(cause, effect, seen=seen)
    order = "precedes: yes" if grade else "precedes: no, the effect is seen first"
    return Link(cause.id, effect.id, LinkKind.PROPAGATES, grade, (order, test), tuple(cites), took)


def _ordered_grade(cause: Cause, effect: Cause, *, seen: bool) -> Grade:
    """Time is law: an effect that surely began before its cause is not its effect."""
    if cause.earliest is not None and effect.latest is not None and cause.earliest > effect.latest + 60_000_000_000:
        return Grade.ASSERTED
    return Grade.MECHANISM if seen else Grade.PRECEDES


def _hit(trigger: Cause, proximate: Sequence[Cause], ranking: Ranking) -> Cause:
    """The failing component that the trigger acts on first."""
    same = next((cause for cause in proximate if cause.component == trigger.component), None)
    if same is not None:
        return same
    callers = [cause for cause in proximate if trigger.component in ranking.graph.callees.get(cause.component, ())]
    return (callers or list(proximate))[0]


def _asked_more(trigger: Cause, proximate: Sequence[Cause], ranking: Ranking, signals: Sequence[Signal]) -> list[Link]:
    """What the changed component calls, and asked far more of since, was brought down by the change as well."""
    called = ranking.graph.callees.get(trigger.component, frozenset())
    more = {s.component: s for s in signals if lane.is_more_traffic(s)}
    return [
        Link(
            trigger.id, cause.id, LinkKind.TRIGGERS, Grade.PRECEDES,
            (f"path: {trigger.component} calls it", f"{more[cause.component].indicator} rose with the change"),
            (more[cause.component].cite, *trigger.cites[:1]),
        )
        for cause in proximate
        if cause.component in called and cause.component in more
    ]  # fmt: skip


def _trigger_link(trigger: Cause, hit: Cause, guilty: Suspect | None) -> Link:
    tests = guilty.tests if guilty else tuple(reason.says for reason in trigger.reasons_for)
    took = hit.at - trigger.at if hit.at is not None and trigger.at is not None else None
    return Link(trigger.id, hit.id, LinkKind.TRIGGERS, trigger.grade, tests, trigger.cites, took)


def ranked(causes: Sequence[Cause]) -> tuple[Cause, ...]:
    """Trigger and proximate causes first; then by score; what was ruled out last; the impact at the very end."""
    order = {
        Role.TRIGGER: 0,
        Role.PROXIMATE: 1,
        Role.CONTRIBUTING: 2,
        Role.LATENT: 3,
        Role.DEFENCE: 3,
        Role.AMPLIFIER: 3,
        Role.RULED_OUT: 8,
        Role.IMPACT: 9,
    }
    unique = {cause.id: cause for cause in causes}
    return tuple(sorted(unique.values(), key=lambda c: (order.get(c.role, 5), -c.score, c.id)))


def _would_decide(
    verdict: Verdict,
    suspects: Sequence[Suspect],
    others: Sequence[Alternative],
    proximate: Sequence[Cause],
    started: Point | None,
    guilty: Suspect | None,
) -> tuple[str, ...]:
    if verdict is Verdict.EXPLAINED:
        return () if guilty is not None or not others[0].asks else (others[0].asks,)
    wanted = [] if started else ["a series, a log or traces that show since when users were hurt"]
    standing = [s for s in suspects if not s.ruled_out and s.bits > 0][:2]
    for suspect in standing:
        name = short(suspect.candidate.ref)
        if suspect.candidate.judgement is None:
            wanted.append(f"the diff of {name}: whether it can do what was seen")
        if suspect.candidate.undone_by is None:
            wanted.append(f"taking {name} back and watching whether the trouble goes")
    if not suspects:
        wanted.append("a record of deploys, flags and configuration changes around the start: none is in the evidence")
    wanted += [
        f"evidence from {a.component} itself: whether it failed before we did"
        for a in others[:1]
        if a.category == "dependency"
    ]
    if proximate and not any(
        r.says.startswith(("“", "error")) or "error lines" in r.says for r in proximate[0].reasons_for
    ):
        wanted.append(
            f"logs or traces of {proximate[0].component} from the minutes around the start: what is here of it names no mechanism"
        )
    return tuple(dict.fromkeys(wanted))


#: Areas of weakness that let the trigger through, and those that only made it longer.
#: Looked at by the same area, but nothing that the failure needed.
_NOT_NEEDED = frozenset(
    {"crowded-changes", "slow-rollback", "stated-weakness", "retried-checks", "flaky-test", "single-point"}
)
#: Tell how a failure that was there went on to others.
_SPREADS = frozenset({"cascade", "shared-dependency", "unguarded-dependency", "unbroken-calls"})
_ENABLING = ("tests", "change control", "resilience")
#: What should have stopped it, or told of it, and was not there.
_DEFENCES = ("tests", "change control", "monitoring")


def _defends(finding: Finding) -> bool:
    return finding.area in _DEFENCES and finding.analysis not in _NOT_NEEDED


def _let_it_happen(finding: Finding, proximate: Cause) -> bool:
    """Whether the first failure needed it: what concerns another component let it spread or last, not begin."""
    if finding.area not in _ENABLING or finding.analysis in _NOT_NEEDED:
        return False
    return finding.area != "resilience" or (
        finding.about in ("", proximate.component) and finding.analysis not in _SPREADS
    )


def with_findings(explanation: Explanation, findings: Sequence[Finding]) -> Explanation:
    """The graph with every weakness in it: what let it happen joins the proximate cause, what prolonged it the impact."""
    proximate = next((c for c in explanation.causes if c.role is Role.PROXIMATE), None)
    causes, links = list(explanation.causes), list(explanation.links)
    for finding in findings:
        known = weakness.of(finding)
        node = Cause(
            finding.id, finding.says, Role.LATENT, finding.about, finding.cites, category=finding.area,
            defect=known.defect if known else "missing", layer=known.layer if known else "team practice", score=finding.weight, grade=Grade.PRECEDES if finding.cites else Grade.ASSERTED,
            kind=NodeKind.DEFENCE if _defends(finding) else NodeKind.CONDITION,
            held=Held.ABSENT if _defends(finding) else None,
        )  # fmt: skip
        enabling = proximate is not None and _let_it_happen(finding, proximate)
        target = proximate.id if enabling and proximate is not None else explanation.top
        kind = LinkKind.ENABLES if enabling else LinkKind.FAILS_TO_STOP
        causes.append(node)
        links.append(Link(node.id, target, kind, node.grade, (f"weakness in {finding.area}",), finding.cites))
    if proximate is not None:
        causes = [replace(c, needs=Needs.ALL) if c.id == proximate.id else c for c in causes]
    return delay.bounded(replace(explanation, causes=ranked(causes), links=tuple(links)))
