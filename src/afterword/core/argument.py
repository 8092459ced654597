"""What the linter of graphs finds in the graph of a foreign postmortem: those of the forty-four rules that a text can decide.

A document that others wrote is not written for a machine: that a sentence was not found does not mean that it is not there. So
each rule looks at the graph first and then asks the whole text whether anything in it speaks against the remark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from afterword.core import completeness, foreign_graph, reasoning
from afterword.core.lint import structure
from afterword.core.lint.subject import Subject
from afterword.core.outline import Part
from afterword.core.remark import quote_of
from afterword.model.cause import NodeKind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from afterword.core.foreign_graph import ForeignGraph
    from afterword.core.remark import Draft
    from afterword.core.wording import Hit
    from afterword.model.cause import Cause

#: What stands as the cause itself, not as a step on the way.
ROOTS = (Role.TRIGGER, Role.PROXIMATE)
_LATE, _LONG = 30, 120


@dataclass(frozen=True)
class Argued:
    """A document with the graph that it argues for."""

    draft: Draft

    @cached_property
    def found(self) -> ForeignGraph:
        return foreign_graph.graph(self.draft)

    @cached_property
    def subject(self) -> Subject:
        return Subject(self.found.explanation)

    @cached_property
    def roots(self) -> tuple[Cause, ...]:
        return tuple(one for one in self.found.explanation.causes if one.role in ROOTS)

    @cached_property
    def leading(self) -> tuple[Cause, ...]:
        """What leads to the impact, over however many links."""
        joined = {self.found.explanation.top}
        while more := {one.cause for one in self.subject.leading if one.effect in joined} - joined:
            joined |= more
        return tuple(one for one in self.subject.factors if one.id in joined)

    @cached_property
    def story(self) -> str:
        """Everything but the action items."""
        return "\n".join(line.text for line in self.draft.lines if line.part is not Part.ACTIONS)

    @cached_property
    def aims(self) -> str:
        """Action items and lessons."""
        wanted = (Part.ACTIONS, Part.LESSONS)
        listed = [one.text for one in self.draft.stated.actions]
        return "\n".join([*listed, *(line.text for line in self.draft.lines if line.part in wanted)])

    def at(self, node: str) -> Hit:
        quoted = self.found.quotes.get(node)
        return (quoted.line, quote_of(quoted.quote)) if quoted else (1, "")


def _on(find: Callable[[Subject], Iterable[tuple[str, str]]]) -> Callable[[Argued], Iterator[Hit]]:
    """A rule of the graph, its hits as lines of the document."""

    def run(argued: Argued) -> Iterator[Hit]:
        for about, _ in find(argued.subject):
            yield argued.at(about)

    return run


cycle = _on(structure.cycle)
after_effect = _on(structure.after_effect)

_WHY_WORDS = re.compile(
    r"\bcaus(?:e|ed|es|ing)\b|\bbecause\b|\bdue to\b|\breasons?\b|\bresult(?:ed|s|ing)?\b|\bled to\b|\bleading to\b|\bbugs?\b|\bculprit|\btrigger|\bcontribut|\bsince\b|\bmisconfig|\bmis-config"
    r"|\bregression|\boverload|\bran out\b|\bexhaust|\bexpired?\b|\bas the\b|\bso (?:that )?the\b|\bwhich (?:made|broke|meant)\b|\bbroke\b|\bby (?:a|an|the) (?:\w+ )?(?:change|deploy|upgrade|patch|config)|\bblam(?:e|ed)\b"
    r"|\blimits?\b|\bchanges? to\b|\b[Ii]dentified that\b|\bwhen there\b|\bstuck when\b|\bwent (?:away|down|offline)\b|\bhad an outage\b|\bstarved|\b(?:immediately|shortly|right|just|directly) (?:after|following)\b|\bby enabling\b|\bunknown\b|\bhypothes|\bsaturat|\bused up\b|\bmaintenance|\bexecuted\b|\bphish|\battack|\bscrap(?:er|ing)|\bspam|\bpower\b|\bhardware\b|\bdied\b|\bfault|\bconflict|\bincompatib|\btoo (?:many|much|large|high|low|small)\b|\bwhy\b|\bcorrupt|\bfull\b|\bfilled\b|\bhuman error|\bmistake|\baccident|\bwrong|\bincorrect|\bissue was\b|\bproblem was\b|\btypo|\black of",
    re.IGNORECASE,
)


#: Shorter texts are announcements and stubs.
_SHORTEST = 90
_HARMED = re.compile(
    r"\bdown\b|outage|unavail|error|fail|slow|timeout|time out|unrespons|crash|degrad|disrupt|unable|inaccess|stuck|lost|loss|dropped|\b5\d\d\b|spike|saturat|lag",
    re.IGNORECASE,
)


def no_cause(argued: Argued) -> Iterator[Hit]:
    """No causal sentence, and no word anywhere that could make one."""
    stated = argued.draft.stated
    told = argued.found.explanation.links or stated.root_causes or stated.contributing_factors or stated.trigger
    incident = len(argued.draft.text.split()) >= _SHORTEST and _HARMED.search(argued.story)
    if incident and not told and not _WHY_WORDS.search(argued.story):
        yield 1, quote_of(stated.title or "")


def ends_at_act(argued: Argued) -> Iterator[Hit]:
    """An act stands as the cause, and neither a condition nor a defence stands beside it anywhere."""
    top = argued.found.explanation.top
    beside = [
        one
        for one in argued.subject.factors
        if one.layer != "act" and one.kind in (NodeKind.CONDITION, NodeKind.DEFENCE)
    ]
    causing = [one for one in beside if argued.subject.effects_of.get(one.id) or one.kind is NodeKind.DEFENCE]
    if causing or reasoning.speaks_of_defence(argued.draft):
        return
    for about, _ in structure.ends_at_act(argued.subject):
        if about != top and argued.subject.effects_of.get(about):
            yield argued.at(about)


def deviation(argued: Argued) -> Iterator[Hit]:
    leads = {one.id for one in argued.leading}
    for about, _ in structure.deviation(argued.subject):
        if about in leads:
            yield argued.at(about)


_GUESS = re.compile(
    r"\b(?:probably|most likely|likely|presumably|possibly|perhaps|seems? to|seemed to|appears? to|appeared to|we (?:think|believe|suspect|assume|guess)|it is (?:thought|believed|suspected)"
    r"|suspected|apparently|may have|might have|could have been)\b",
    re.IGNORECASE,
)
_CHECKED = re.compile(
    r"\b(?:confirm|verif|reproduc|prove[dn]|investigat|find out|root cause analysis|still (?:un|not)|unknown|unclear|not (?:yet )?known)",
    re.IGNORECASE,
)


def assumed(argued: Argued) -> Iterator[Hit]:
    """The cause is a guess by its own words, and nothing says that it was checked or is to be checked."""
    if _CHECKED.search(argued.draft.text):
        return
    seen = set()
    for one in argued.leading:
        line, quote = argued.at(one.id)
        if _GUESS.search(one.statement) and line not in seen:
            seen.add(line)
            yield line, quote


_SHOWN = re.compile(
    r"\breproduc|\bverified\b|\bconfirmed\b|\blogs? (?:show|say|tell|entr)|\bscreen ?shot|\baudit log|\bgraphs?\b|\bgrafana|\bgraphite|\banalysis of\b|\bstack trace|\btraceback",
    re.IGNORECASE,
)


def no_evidence(argued: Argued) -> Iterator[Hit]:
    """A root cause is stated, and the document holds no link, log, ticket or figure that could show it."""
    if argued.roots and not completeness.has_evidence(argued.draft.text) and not _SHOWN.search(argued.draft.text):
        yield argued.at(argued.roots[0].id)


_DOING = re.compile(
    r"\baction|\bfollow[- ]?up|\bnext steps?\b|\bto[- ]?do\b|\bwill\b|\bshould\b|\bneed(?:s|ed)? to\b|\bplan(?:s|ned|ning)?\b|\bticket|\bfuture\b|\bprevent|\bgoing to\b|\bmust\b|\bfixed\b|\bpatch|\bdone\b|\baddressed\b|\breleased\b|\bT\d{4,}\b|\bissues/\d+|/pull/\d+",
    re.IGNORECASE,
)


def cause_without_action(argued: Argued) -> Iterator[Hit]:
    """Causes are told; no action item is listed, and no sentence says that anything is to be done."""
    leads = argued.leading
    if leads and not argued.draft.stated.actions and not _DOING.search(argued.draft.text):
        yield argued.at(leads[0].id)


_SEEING = re.compile(
    r"alert|monitor|detect|alarm|page|paging|icinga|nagios|notif|notic|metric|probe|observ|check", re.IGNORECASE
)


def detection_late(argued: Argued) -> Iterator[Hit]:
    """By its own figures it took long to be noticed, and no action, lesson or section on detection asks why."""
    took, line = _took(argued, "detected", argued.draft.stated.stated.ttd_minutes, "stated.ttd_minutes")
    factors = " ".join(one.statement for one in argued.subject.factors)
    analysed = (
        _SEEING.search(argued.aims)
        or _SEEING.search(factors)
        or any(one.kind is NodeKind.DEFENCE for one in argued.subject.factors)
    )
    if took is not None and took > _LATE and not analysed:
        yield line, f"noticed after {took:g} minutes"


_SLOW = re.compile(
    r"\blonger\b|\bdelay|\bslow|\btook (?:\w+ ){0,3}(?:long|hours|time|a while)|\bdifficult|\bhard to\b|\bescalat|\bunavailable to\b|\bwait(?:ed|ing)\b|\bnobody\b|\bno one\b|\bweekend\b|\bholiday|\bovernight\b|\bnight\b|\basleep\b"
    r"|\bunfortunately\b|\bunclear\b|\bconfus|\bmisdiagnos|\bat first\b|\binitially\b|\baccess\b|\brecover|\brestor",
    re.IGNORECASE,
)


def recovery_long(argued: Argued) -> Iterator[Hit]:
    """By its own figures it lasted long, and nothing says why it could not be ended sooner."""
    took, line = _took(argued, "resolved", argued.draft.stated.stated.ttr_minutes, "stated.ttr_minutes")
    if took is not None and took > _LONG and not _SLOW.search(argued.story + argued.aims):
        yield line, f"ended after {took:g} minutes"


def _took(argued: Argued, end: str, stated: float | None, key: str) -> tuple[float | None, int]:
    if stated is not None:
        return stated, argued.draft.stated.lines.get(key, 1)
    start, stop = argued.draft.stated.points.get("started"), argued.draft.stated.points.get(end)
    if start and stop and start.at and stop.at and (start.at.offset is None) == (stop.at.offset is None):
        return (stop.at.ns - start.at.ns) / 6e10, stop.line
    return None, 1


_ENDED = re.compile(
    r"promot|fail(?:ed|ing)? ?over|heal|fix|resol|revert|roll|restor|recover|restart|mitigat|repair|solv|back (?:up|to|online)|normal|reboot|remov|disabl|patch|re-?enabl|deploy|replac|start(?:ed|ing) (?:it|again)|came back|clos|clear|delet|kill|switch|upgrad|increas|undo|stopp|turn|complet|reduc|scal|add|chang",
    re.IGNORECASE,
)


def recovery_not_told(argued: Argued) -> Iterator[Hit]:
    """Nothing says what ended it."""
    if not _ENDED.search(argued.story):
        yield 1, quote_of(argued.draft.stated.title or "")


_LET_THROUGH = re.compile(
    r"\btest|\bcanar|\breview|\bstaging\b|\bstaged\b|\bCI\b|\bQA\b|\bbeta\b|\bvalidat|\blint|\bgradual|\bsafeguard|\bdry[- ]?run|\bguard|\bprevent|\bcatch|\bcaught|\bfail-?safe|\bverif\w* (?:before|in)|\bsanity|\bchecks\b|\bpre-?check|\bcoordinat|\bannounc"
    r"|\bprocess(?:es)? for\b|\bprocedure|\bprotect|\bcareful|\bstagger|\bchecklist|\bsafe(?:ly|r)?\b|\bmake sure|\bensure|\bnot (?:be )?(?:deploy|merge)|\bFridays?\b|\bsplit\b|\bwarn",
    re.IGNORECASE,
)


def change_not_questioned(argued: Argued) -> Iterator[Hit]:
    """A change led to it, and nothing is said of what should have caught it before it reached users."""
    for one in argued.leading:
        if one.category and not _LET_THROUGH.search(argued.draft.text):
            yield argued.at(one.id)
            return


_MORE = re.compile(
    r"contribut|\balso\b|\baddition|\bfurther|\bcombin|\bworse\b|\bcompound|\bboth\b|\bsecond|\bmoreover|\bmultiple\b|\bseveral\b|\bbut\b|\bhowever\b|\balthough\b|\bunfortunately\b|\bunknown\b|\band then\b",
    re.IGNORECASE,
)


def one_cause(argued: Argued) -> Iterator[Hit]:
    """The whole graph has one cause at its end, and neither a lesson nor a word speaks of anything beside it."""
    leads = [one for one in argued.leading if not argued.subject.causes_of.get(one.id)]
    guarded = any(one.kind is NodeKind.DEFENCE for one in argued.subject.factors)
    if len(leads) == 1 and not guarded and not _MORE.search(argued.story) and not _beside(argued):
        yield argued.at(leads[0].id)


def _beside(argued: Argued) -> bool:
    """A section on what contributed or was learned that holds something."""
    wanted = (Part.LESSONS, Part.CONTRIBUTING)
    return any(line.part in wanted and line.text.strip() and not line.heading for line in argued.draft.lines)


_RECORD = re.compile(
    r"https?://|\bT\d{4,}\b|#\d{2,}|\b[0-9a-f]{7,40}\b|\bgerrit\b|\bv?\d+\.\d+(?:\.\d+|[.-]?wmf)|\b[A-Z]{2,8}-\d{2,}\b|\bversion\b|\]\(|\bRT ?\d+|\b\d{6}\b",
    re.IGNORECASE,
)


def change_without_record(argued: Argued) -> Iterator[Hit]:
    """A change stands as the cause, and nothing in the document leads to it: no commit, ticket, version, link."""
    changed = next((one for one in argued.roots if one.category), None)
    if changed is not None and not _RECORD.search(argued.draft.text):
        yield argued.at(changed.id)


_OTHERS = re.compile(
    r"\bruled? out\b|\bsuspect|\bhypothes|\bat first\b|\binitial(?:ly)? |\bfirst thought|\bthought (?:that|it|this|to)\b|\bbelieved\b|\bassum|\bmight (?:be|have)|\bmay (?:be|have)|\bpossibl[ey]|\bperhaps\b|\bred herring|\bunrelated"
    r"|\bturned out\b|\bnot the cause|\balternativ|\btheor(?:y|ies)\b|\binvestigat|\bseem|\blikely\b|\bprobabl|\bmisdiagnos|\bhowever\b|\balso\b.{0,40}\bcaus",
    re.IGNORECASE,
)


def no_alternatives(argued: Argued) -> Iterator[Hit]:
    """A root cause is stated as certain, and no other explanation is spoken of at all."""
    if argued.roots and not _OTHERS.search(argued.draft.text):
        yield argued.at(argued.roots[0].id)
