"""The document: sections of words.md, every figure, time and causal sentence in them a claim."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core import chat, lesson
from afterword.core.cause.tree import solve
from afterword.core.claim import Ledger
from afterword.core.point import harm_signals
from afterword.model.action import ActionState
from afterword.model.cause import Role, Verdict
from afterword.model.document import Block, Bullets, Document, Inline, Note, Paragraph, Picture, Section, Table, Words
from afterword.model.incident import DURATIONS, By, Incident, Measured, PointName
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.core.claim import Ground
    from afterword.model.action import ActionItem
    from afterword.model.cause import Cause, Why
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Postmortem, Signal
    from afterword.model.timeline import Moment

_MOST_ROWS = 60

#: Sections that people write, with what is asked there.
WRITTEN = (
    ("background", "Background", "What a reader has to know of the system. Nobody has written it yet."),
    ("went-well", "What went well", "Nobody has written it yet."),
    ("went-poorly", "What went poorly", "Nobody has written it yet."),
    ("luck", "Where we were lucky", "Nobody has written it yet."),
    ("lessons", "Lessons", "Nobody has written it yet."),
    ("risks", "Accepted risks", "None is recorded."),
)
_GIST = {
    PointName.TRIGGER: "Trigger",
    PointName.STARTED: "Impact started",
    PointName.DETECTABLE: "Detectable",
    PointName.DETECTED: "Detected",
    PointName.PAGED: "Paged",
    PointName.ACKNOWLEDGED: "Acknowledged",
    PointName.ENGAGED: "Engaged",
    PointName.DECLARED: "Declared",
    PointName.IDENTIFIED: "Cause identified",
    PointName.MITIGATION_APPLIED: "Mitigation applied",
    PointName.MITIGATION_EFFECTIVE: "Mitigation effective",
    PointName.RECOVERED: "Recovered",
    PointName.RESOLVED: "Resolved",
    PointName.CLOSED: "Closed",
}


def w(text: str, *, strong: bool = False) -> Words:
    return Words(text, strong=strong)


def p(*inlines: Inline) -> Paragraph:
    return Paragraph(inlines)


class _Composer:
    """Holds the ledger while the sections are written; one method a section."""

    def __init__(
        self, ground: Ground, incident: Incident, pictures: Mapping[str, Picture], actions: Sequence[ActionItem]
    ) -> None:
        self.ground = ground
        self.pm: Postmortem = ground.postmortem
        self.ledger = Ledger(ground)
        self.incident = incident
        self.pictures = pictures
        self.actions = actions

    # -- small words -------------------------------------------------------------------------------------------

    def point(self, name: PointName, part: str = "at", by: By | None = None, *, strong: bool = False) -> Inline | None:
        """A part of a point: the estimate where there is one, else what was stated."""
        for wanted in (by,) if by else (By.ESTIMATE, By.STATED):
            for one in self.pm.points:
                if one.name is name and one.by is wanted:
                    return self.ledger.say(
                        "point", {"name": name.value, "by": wanted.value, "part": part}, one.cites, strong=strong
                    )
        return None

    def cause(self, cause: Cause, part: str = "statement", *, strong: bool = False) -> Inline:
        cites: Iterable[Citation] = cause.cites
        if ":" in part:
            reasons = cause.reasons_for if part.startswith("for") else cause.reasons_against
            cites = reasons[int(part.split(":")[1])].cites or cause.cites
        return self.ledger.say("cause", {"id": cause.id, "part": part}, cites, strong=strong)

    def duration(self, name: str) -> Inline | None:
        found = next((d for d in self.pm.durations if d.name == name), None)
        if found is None or found.state is not Measured.RECORDED:
            return None
        cites = [c for one in self.pm.points if one.name in (found.start, found.end) for c in one.cites]
        return self.ledger.say("duration", {"name": name}, cites, strong=True)

    def cites(self, citations: Sequence[Citation], most: int = 3) -> tuple[Inline, ...]:
        """Citations as links to their very lines."""
        made: list[Inline] = []
        for citation in citations[:most]:
            made += [w(" "), self.ledger.cite(citation)]
        return tuple(made[1:])

    def of_role(self, *roles: Role) -> list[Cause]:
        return [cause for cause in self.pm.explanation.causes if cause.role in roles]

    def notes(self, section: str) -> list[Block]:
        return [Note(text, "the team") for name, text in self.incident.notes if name == section]

    # -- sections ----------------------------------------------------------------------------------------------

    def summary(self) -> Iterator[Block]:
        yield p(self.ledger.say("report", {"part": "title"}, self._impact_cites(), strong=True), w("."))
        if self.pm.window is None:
            yield p(w("No signal in this evidence leaves its usual range, so there is no incident to describe."))
            return
        yield p(*self._lasted())
        yield p(*self._why())
        detected = self._detected()
        if detected:
            yield p(*detected)
        yield p(*self._ended())
        yield from self._undecided()

    def _impact_cites(self) -> tuple[Citation, ...]:
        return next((c.cites for c in self.pm.explanation.causes if c.role is Role.IMPACT), ())

    def _lasted(self) -> list[Inline]:
        started, recovered = self.point(PointName.STARTED), self.point(PointName.RECOVERED, by=By.ESTIMATE)
        if started is None:
            return [w("The evidence does not date the start of the impact. The signals differ from their baseline during "),
                    self.ledger.say("window", {"span": "window"}, self._impact_cites()), w(".")]  # fmt: skip
        made: list[Inline] = [w("Users were first harmed at "), started]
        if recovered is None:
            return [*made, w(", and the evidence does not show the end of it.")]
        made += [w(" and the last harmful signal was back inside its baseline at "), recovered]
        took = self.duration("time to recover")
        return [*made, w(", which is "), took, w(" later.")] if took else [*made, w(".")]

    def _why(self) -> list[Inline]:
        trigger, proximate = self.of_role(Role.TRIGGER), self.of_role(Role.PROXIMATE)
        made: list[Inline] = []
        if trigger:
            made += [w("It was set off by this: "), self.cause(trigger[0], strong=True), w(". ")]
        elif self.pm.explanation.none_of_the_changes:
            made += [w("Changes were examined, and none of them explains what was seen. ")]
        if proximate:
            made += [w("What failed first: "), self.cause(proximate[0]), w(".")]
        return made or [w("The evidence does not say what failed first.")]

    def _detected(self) -> list[Inline]:
        detected = self.point(PointName.DETECTED)
        if detected is None:
            return [w("No alert and no message in the evidence shows that anybody noticed.")] if self.pm.window else []
        made: list[Inline] = [w("It was noticed at "), detected]
        basis = self.point(PointName.DETECTED, "basis")
        made += [w(" ("), basis, w(")")] if basis else []
        took = self.duration("time to detect")
        return [*made, w(", "), took, w(" after users were first harmed.")] if took else [*made, w(".")]

    def _ended(self) -> list[Inline]:
        if self.pm.not_over:
            return [w("The incident is not over in this evidence", strong=True), w(": these signals are still outside their baseline at its end: "),
                    self.ledger.say("report", {"part": "not_over"}, self._impact_cites()), w(".")]  # fmt: skip
        applied, basis = self.point(PointName.MITIGATION_APPLIED), self.point(PointName.MITIGATION_APPLIED, "basis")
        if applied is None or basis is None:
            return [w("The evidence holds no record of what ended it.")]
        return [w("The mitigation was applied at "), applied, w(" ("), basis, w(").")]

    def _undecided(self) -> Iterator[Block]:
        if self.pm.explanation.verdict is Verdict.INCONCLUSIVE:
            yield p(w("The analysis is inconclusive", strong=True), w(": no cause reaches the grade at which it may be called one. What would decide: "),
                    self.ledger.say("report", {"part": "would_decide"}, self._impact_cites()), w("."))  # fmt: skip

    def impact(self) -> Iterator[Block]:
        felt = harm_signals(self.pm.signals)
        if not felt:
            yield p(w("No harmful signal is in the evidence."))
            return
        yield p(
            w("Components in trouble: "), self.ledger.say("report", {"part": "affected"}, self._impact_cites()), w(".")
        )
        yield Table(
            ("Component", "Signal", "Usual", "Worst", "Left its baseline", "Came back", "Evidence"),
            tuple(self._signal_row(s) for s in felt[:12]),
        )

    def _signal_row(self, signal: Signal) -> tuple[tuple[Inline, ...], ...]:
        key = {"component": signal.component, "indicator": signal.indicator}
        cites = (signal.cite,)
        say = self.ledger.say
        onset = say("signal", {**key, "part": "onset"}, cites) if signal.onset is not None else w("not dated")
        back = say("signal", {**key, "part": "back"}, cites)
        return (
            (say("signal", {**key, "part": "component"}, cites),),
            (say("signal", {**key, "part": "indicator"}, cites),),
            (self._measure(signal, "series.median", "baseline"),),
            (self._measure(signal, "series.max" if signal.shift > 0 else "series.min", "window"),),
            (onset,),
            (back,),
            self.cites(cites),
        )

    def _measure(self, signal: Signal, op: str, span: str) -> Inline:
        stretch = getattr(self.pm, span)
        args = {
            "component": signal.component,
            "indicator": signal.indicator,
            "start": stretch.start,
            "end": stretch.end,
        }
        return self.ledger.say(op, args, (signal.cite,))

    def points(self) -> Iterator[Block]:
        rows = [self._point_row(name) for name in PointName if any(x.name is name for x in self.pm.points)]
        if rows:
            yield Table(
                (
                    "Point",
                    "Estimated from telemetry",
                    "Not before",
                    "Not after",
                    "Stated by people",
                    "Rests on",
                    "Evidence",
                ),
                tuple(rows),
            )
        missing = [gist for name, gist in _GIST.items() if not any(x.name is name for x in self.pm.points)]
        if missing:
            yield p(w("Not known, and not filled in from anything else: " + ", ".join(missing).lower() + "."))
        yield Table(
            ("Duration", "From", "To", "Value"),
            tuple(self._duration_row(name, start, end) for name, start, end in DURATIONS),
        )
        yield p(w("An estimate never overwrites what a person stated; where the two differ, both stand above."))

    def _point_row(self, name: PointName) -> tuple[tuple[Inline, ...], ...]:
        cites = [c for x in self.pm.points if x.name is name for c in x.cites]
        blank: tuple[Inline, ...] = (w("–"),)

        def cell(part: str, by: By) -> tuple[Inline, ...]:
            found = self.point(name, part, by)
            return (found,) if found else blank

        by = By.ESTIMATE if self.point(name, by=By.ESTIMATE) else By.STATED
        return (
            (w(_GIST[name], strong=True),), cell("at", By.ESTIMATE), cell("earliest", By.ESTIMATE), cell("latest", By.ESTIMATE),
            cell("at", By.STATED), cell("basis", by), self.cites(list(dict.fromkeys(cites))),
        )  # fmt: skip

    def _duration_row(self, name: str, start: PointName, end: PointName) -> tuple[tuple[Inline, ...], ...]:
        value = self.ledger.say(
            "duration", {"name": name}, [c for x in self.pm.points if x.name in (start, end) for c in x.cites]
        )
        return (
            (w(name[0].upper() + name[1:], strong=True),),
            (w(_GIST[start].lower()),),
            (w(_GIST[end].lower()),),
            (value,),
        )

    def timeline(self) -> Iterator[Block]:
        if "timeline" in self.pictures:
            yield self.pictures["timeline"]
        shown = sorted(self.pm.moments, key=lambda m: (-m.weight, m.at, m.id))[:_MOST_ROWS]
        rows = [self._moment_row(m) for m in sorted(shown, key=lambda m: (m.at, m.id))]
        if rows:
            yield Table(("Time", "Kind", "What", "In their words", "Evidence"), tuple(rows))
        if len(self.pm.moments) > len(shown):
            yield p(w("The less weighty moments are left out here; the timeline page and the data have them all."))

    def _moment_row(self, m: Moment) -> tuple[tuple[Inline, ...], ...]:
        say = self.ledger.say
        quote: tuple[Inline, ...] = (
            (say("moment", {"id": m.id, "part": "quote"}, m.cites, code=True),) if m.quote else ()
        )
        return (
            (say("moment", {"id": m.id, "part": "at"}, m.cites),), (w(m.kind.value),),
            (say("moment", {"id": m.id, "part": "title"}, m.cites, strong=m.weight >= 0.95),), quote, self.cites(m.cites, 2),
        )  # fmt: skip

    def detection(self) -> Iterator[Block]:
        gaps = [m for m in self.pm.moments if m.kind is MomentKind.GAP]
        if gaps:
            yield p(w("Where the time went:"))
            yield Bullets(
                tuple(
                    (self.ledger.say("moment", {"id": g.id, "part": "title"}, g.cites), w(" "), *self.cites(g.cites, 2))
                    for g in gaps
                )
            )
            longest = max(gaps, key=lambda g: ((g.until or g.at) - g.at, g.id))
            yield p(
                w("What would have shortened it most: the longest of these, "),
                self.ledger.say("moment", {"id": longest.id, "part": "title"}, longest.cites),
                w("."),
            )
        else:
            yield p(w("The evidence does not hold enough of the response to say where the time went."))

    def causes(self) -> Iterator[Block]:
        if "graph" in self.pictures:
            yield self.pictures["graph"]
        headings = (
            ("Trigger", (Role.TRIGGER,)),
            ("Proximate cause", (Role.PROXIMATE,)),
            ("Contributing", (Role.CONTRIBUTING, Role.AMPLIFIER)),
        )
        for heading, roles in headings:
            found = self.of_role(*roles)
            if found:
                yield p(w(heading, strong=True))
                for cause in found[:6]:
                    yield from self._told(cause)
        if not self.of_role(Role.TRIGGER):
            says = (
                "None of the changes is convicted."
                if self.pm.explanation.none_of_the_changes
                else "No trigger is known."
            )
            yield p(w(says, strong=True), w(" What set it off is not shown by this evidence."))
        yield from self._ranking()
        yield from self._ruled_out()

    def _told(self, cause: Cause) -> Iterator[Block]:
        links = [link for link in self.pm.explanation.links if link.cause == cause.id]
        grade: list[Inline] = []
        for link in links[:1]:
            grade = [
                w(" Link: "),
                self.ledger.say("link", {"cause": link.cause, "effect": link.effect}, link.cites or cause.cites),
                w("."),
            ]
        yield p(self.cause(cause, strong=True), w("."), *grade, w(" "), *self.cites(cause.cites))
        reasons: list[tuple[Inline, ...]] = [
            (w("for: "), self.cause(cause, f"for:{i}"), w(" "), *self.cites(r.cites, 1))
            for i, r in enumerate(cause.reasons_for[:5])
        ]
        reasons += [(w("against: "), self.cause(cause, f"against:{i}")) for i in range(len(cause.reasons_against[:4]))]
        if reasons:
            yield Bullets(tuple(reasons))

    def _ranking(self) -> Iterator[Block]:
        ranked = [one for one in self.pm.explanation.components if one.score > 0][:8]
        if ranked:
            yield p(w("Components by evidence", strong=True))
            yield Table(
                ("Rank", "Component", "Strongest evidence"),
                tuple(
                    (
                        (
                            self.ledger.say(
                                "rank", {"component": one.component}, one.reasons[0].cites if one.reasons else ()
                            ),
                        ),
                        (w(one.component),),
                        (self._reason(one.component),),
                    )
                    for one in ranked
                ),
            )

    def _reason(self, component: str) -> Inline:
        cause = next(
            (
                c
                for c in self.pm.explanation.causes
                if c.component == component
                and c.role in (Role.PROXIMATE, Role.CONTRIBUTING)
                and c.reasons_for
                and c.ref is None
            ),
            None,
        )
        return self.cause(cause, "for:0") if cause else w("too little to be told as part of the failure")

    def _ruled_out(self) -> Iterator[Block]:
        out = self.of_role(Role.RULED_OUT)
        if out:
            yield p(w("Examined and ruled out", strong=True))
            yield Bullets(
                tuple(
                    (
                        self.cause(c),
                        w(" — "),
                        self.cause(c, "against:0") if c.reasons_against else w("too little speaks for it"),
                        w(" "),
                        *self.cites(c.cites, 1),
                    )
                    for c in out[:10]
                )
            )

    def whys(self) -> Iterator[Block]:
        items: list[tuple[Inline, ...]] = []
        depths: list[int] = []
        nodes = {c.id: c for c in self.pm.explanation.causes}

        def walk(why: Why, depth: int) -> None:
            cause = nodes[why.cause]
            stop: list[Inline] = [w(f" — it ends here: {why.stop}.")] if why.stop else []
            items.append(
                (
                    w("Why? Because: " if depth else "Because: "),
                    self.cause(cause),
                    w(" "),
                    *self.cites(why.cites, 1),
                    *stop,
                )
            )
            depths.append(depth)
            for then in why.then:
                walk(then, depth + 1)

        asked = ""
        for why in self.pm.whys:
            if why.question != asked:
                asked = why.question
                impact = nodes[self.pm.explanation.top]
                head = (
                    "Why was it not stopped sooner? The impact: "
                    if asked.startswith("Why was it not stopped")
                    else "Why did it happen? The impact: "
                )
                items.append((w(head, strong=True), self.cause(impact)))
                depths.append(0)
            walk(why, 1)
        yield (
            Bullets(tuple(items), depths=tuple(depths))
            if items
            else p(w("There is no chain of causes to read: nothing in the evidence leads to the impact."))
        )

    def tree(self) -> Iterator[Block]:
        if self.pm.tree is None:
            yield p(w("There is no tree: nothing in the evidence leads to the impact."))
            return
        if "tree" in self.pictures:
            yield self.pictures["tree"]
        nodes = {c.id: c for c in self.pm.explanation.causes}
        yield p(
            w("The same graph read downward. Each line below is a smallest set of things that, together, were enough:")
        )
        yield Bullets(tuple(self._cut_set(one, nodes) for one in self._cut_sets()))

    def _cut_sets(self) -> list[tuple[str, ...]]:
        assert self.pm.tree is not None
        return [tuple(one) for one in solve(self.pm.tree, limit=12).cut_sets]

    def _cut_set(self, names: tuple[str, ...], nodes: Mapping[str, Cause]) -> tuple[Inline, ...]:
        made: list[Inline] = []
        for name in names:
            joined = [w(" and ")] if made else []
            made += [
                *joined,
                self.cause(nodes[name]) if name in nodes else w("something that the evidence does not name"),
            ]
        return tuple(made)

    def weaknesses(self) -> Iterator[Block]:
        if not self.pm.findings:
            yield p(
                w("The analyses found no weakness that this evidence supports. That is no proof that there is none.")
            )
            return
        rows = []
        for one in self.pm.findings:
            says = self.ledger.say("finding", {"id": one.id, "part": "says"}, one.cites)
            limits = self.ledger.say("finding", {"id": one.id, "part": "limits"}, one.cites) if one.limits else w("–")
            rows.append(((w(one.area, strong=True),), (says,), (limits,), self.cites(one.cites, 2)))
        yield Table(("Area", "What the evidence shows", "What it cannot show", "Evidence"), tuple(rows))

    def recurrence(self) -> Iterator[Block]:
        mine = lesson.fingerprint(self.pm)
        found = lesson.similar(mine, self.ground.earlier) if self.ground.earlier else ()
        if not found:
            yield p(w("No earlier incident in this workspace resembles it."))
            return
        yield p(w("Earlier incidents that resemble it, nearest first:"))
        yield Bullets(tuple((self.ledger.say("similar", {"incident": one.incident}, ()),) for one in found[:5]))

    def action_items(self) -> Iterator[Block]:
        known = {a.id for a in self.actions}
        items = [*self.actions, *(a for a in self.pm.actions if a.id not in known and not self.actions)]
        if items:
            yield Table(
                ("Action", "Kind", "Priority", "State", "Owner", "Due", "Done when", "Answers"),
                tuple(self._action_row(a) for a in items),
            )
        else:
            yield p(w("None is proposed."))
        unanswered = [c for c in self.pm.explanation.causes if c.id in self.pm.unanswered]
        if unanswered:
            yield p(w("Causes and gaps that no action answers:"))
            yield Bullets(tuple((self.cause(c),) for c in unanswered))

    def _action_row(self, action: ActionItem) -> tuple[tuple[Inline, ...], ...]:
        def say(part: str, *, strong: bool = False) -> tuple[Inline, ...]:
            if not getattr(action, part):
                return (w("–"),)
            return (self.ledger.say("action", {"id": action.id, "part": part}, (), strong=strong),)

        nodes = {c.id: c for c in self.pm.explanation.causes}
        gaps = {m.id: m for m in self.pm.moments}
        answers: list[Inline] = []
        for id_ in action.answers[:3]:
            joined = [w("; ")] if answers else []
            if id_ in nodes:
                answers += [*joined, self.cause(nodes[id_])]
            elif id_ in gaps:
                answers += [*joined, self.ledger.say("moment", {"id": id_, "part": "title"}, gaps[id_].cites)]
        return (
            say("title", strong=True), say("kind"), say("priority"), say("state"), say("owner"), say("due"), say("done_when"),
            tuple(answers) or (w("–"),),
        )  # fmt: skip

    def communications(self) -> Iterator[Block]:
        told = [f for f in self.ground.case.messages if chat.informs_customers(f.event.text)]
        ids = {c for f in told for c in [f.cite]}
        shown = [
            m
            for m in self.pm.moments
            if set(m.cites) & ids
            or (m.kind is MomentKind.COMMUNICATION and m.quote != "" and m.title.startswith("Status page"))
        ]
        if not shown:
            yield p(w("The evidence holds no message to customers."))
            return
        yield Table(
            ("Time", "What", "In their words", "Evidence"),
            tuple((*row[:1], *row[2:]) for row in map(self._moment_row, shown[:20])),
        )

    def evidence_index(self) -> Iterator[Block]:
        rows = []
        for index in range(len(self.ground.case.evidence)):
            id_ = f"E{index + 1}"

            def say(part: str, id_: str = id_) -> tuple[Inline, ...]:
                return (self.ledger.say("evidence", {"id": id_, "part": part}, (), code=part == "sha256"),)

            rows.append(
                (
                    (w(id_, strong=True),),
                    say("name"),
                    say("source"),
                    say("size"),
                    say("counted"),
                    say("covers"),
                    say("problems"),
                    say("sha256"),
                )
            )
        yield Table(("Id", "Name", "Read as", "Bytes", "Events", "Covers", "Problems", "SHA-256 begins"), tuple(rows))

    def verification(self) -> Iterator[Block]:
        yield p(
            w("This document makes "), self.ledger.say("report", {"part": "claims"}, ()),
            w(" claims. Each was made by executing the operation that its entry names over the frozen evidence, and carries the place it came from. The command "),
            Words("afterword verify", code=True),
            w(" reads the evidence again from its bytes, executes every one of them again and compares the result, the words here and the hash of each artefact. "
              "Words outside the claims are the template's; what people wrote is marked as theirs."),
        )  # fmt: skip


def compose(
    ground: Ground, incident: Incident, pictures: Mapping[str, Picture], actions: Sequence[ActionItem] = ()
) -> Document:
    """Write the document. The count of its own claims needs a second pass, so the ledger is filled twice."""
    first = _sections(_Composer(ground, incident, pictures, _open_first(actions)))
    counted = replace(ground, claims=len(first[1].claims))
    sections, ledger = _sections(_Composer(counted, incident, pictures, _open_first(actions)))
    return Document(incident.id, incident.title or ground.postmortem.title, sections, tuple(ledger.claims.values()))


def _open_first(actions: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    shut = (ActionState.DECLINED, ActionState.ACCEPTED_RISK)
    return tuple(sorted(actions, key=lambda a: (a.state in shut, a.priority, a.id)))


def _sections(composer: _Composer) -> tuple[tuple[Section, ...], Ledger]:
    written = {name: Section(name, title, tuple(composer.notes(name)) or (p(w(ask)),)) for name, title, ask in WRITTEN}
    made = [
        Section("summary", "Summary", tuple(composer.summary())),
        Section("impact", "Impact", tuple(composer.impact())),
        Section("points", "Points and durations", tuple(composer.points())),
        written["background"],
        Section("timeline", "Timeline", tuple(composer.timeline())),
        Section("detection", "Detection and escalation", tuple(composer.detection())),
        Section("causes", "Causes", tuple(composer.causes())),
        Section("whys", "Five whys", tuple(composer.whys())),
        Section("tree", "Fault tree", tuple(composer.tree())),
        Section("weaknesses", "Systemic weaknesses", tuple(composer.weaknesses())),
        written["went-well"],
        written["went-poorly"],
        written["luck"],
        Section("recurrence", "Recurrence", tuple(composer.recurrence())),
        written["lessons"],
        Section("actions", "Action items", tuple(composer.action_items())),
        written["risks"],
        Section("communications", "Communications", tuple(composer.communications())),
        Section("evidence", "Evidence index", tuple(composer.evidence_index())),
        Section("verification", "Verification", tuple(composer.verification())),
    ]
    return tuple(made), composer.ledger
