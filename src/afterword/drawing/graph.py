"""The graph of causes: Graphviz says where things stand, the drawing is ours."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from afterword.core.claim import phrase
from afterword.drawing import svg
from afterword.drawing.layout import Edge, Laid, Place, lay
from afterword.model.cause import Cause, Grade, Held, LinkKind, Role
from afterword.model.time import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.model.cause import Explanation, Link

_SCOPE = "aw-graph"
_MOST = 60
#: More links than this carry the number of their grade alone; the legend has the words.
_WORDY = 24
#: Causes of one effect that stand side by side; more of them go a row lower.
_ABREAST = 4
_WIDTH, _PAD, _LINE, _MARGIN, _LEGEND = 236.0, 12.0, 16.0, 16.0, 56.0
#: Causes in one stack.
_TALL = 4

#: What a role is called, and the class of its colour.
_ROLES = {
    Role.IMPACT: ("Impact", "bad"),
    Role.TRIGGER: ("Trigger", "moved"),
    Role.PROXIMATE: ("Proximate cause", "warn"),
    Role.CONTRIBUTING: ("Contributing factor", "accent"),
    Role.LATENT: ("Systemic weakness", "gap"),
    Role.DEFENCE: ("Defence", "good"),
    Role.AMPLIFIER: ("Amplifier", "warn"),
    Role.MITIGATOR: ("Mitigator", "good"),
    Role.LUCK: ("Luck", "good"),
}
_RULES = """
text{unicode-bidi:isolate}
.bad{--c:var(--bad)}
.warn{--c:var(--warn)}
.accent{--c:var(--accent)}
.good{--c:var(--good)}
.moved{--c:var(--moved)}
.gap{--c:var(--gap)}
.box{fill:$paper;stroke:var(--c);stroke-width:1.2px}
.tint{fill:var(--c);fill-opacity:.07}
.edge{fill:var(--c)}
.role{fill:var(--c);font-weight:600;font-size:11px}
.role.gap{fill:$soft}
.says{font-size:13px}
.small{font-size:11px;fill:$soft}
.end{text-anchor:end}
.middle{text-anchor:middle}
.link{fill:none;stroke:$ink;stroke-opacity:.75}
.bracket{fill:none;stroke:$gap;stroke-width:1.4px}
.head{fill:$ink;fill-opacity:.8}
.bar{fill:none;stroke:$ink;stroke-width:2.5px}
.grade0{stroke-dasharray:1.5 4;stroke-width:1.4px}
.grade1{stroke-dasharray:7 5;stroke-width:1.4px}
.grade2{stroke-width:1.6px}
.grade3{stroke-width:2.8px}
.grade4{stroke-width:4px}
"""


@dataclass(frozen=True, slots=True)
class _Card:
    cause: Cause
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return 2 * _PAD + 14 + _LINE * len(self.lines)


def draw(explanation: Explanation) -> str:
    """The picture as SVG text, the impact on top; what was ruled out is not in it."""
    causes = {one.id: one for one in _kept(explanation)}
    every = [link for link in explanation.links if link.cause in causes and link.effect in causes]
    stacks = _stacked(causes, every)
    below = {one for stack in stacks.values() for one in stack[1:]}
    links = [link for link in every if link.cause not in below]
    words = [_words(link, len(stacks.get(link.cause, ())), wordy=len(links) <= _WORDY) for link in links]
    edges = [*_edges(links, words), *_hidden(explanation.top, causes, stacks, every)]
    cards = {name: _card(cause) for name, cause in causes.items()}
    laid = lay({name: (_WIDTH, card.height) for name, card in cards.items()}, edges, _MARGIN)
    parts = [_link(link, laid, n, words[n]) for n, link in enumerate(links)]
    parts += [_bracket([laid.at[one] for one in stack]) for stack in stacks.values()]
    parts += [_drawn(card, *laid.at[name]) for name, card in cards.items()]
    width = max(laid.width, 720)
    parts = [svg.group(parts, transform=f"translate({svg.num((width - laid.width) / 2)} 0)")]
    left_out = sum(1 for one in explanation.causes if one.role is not Role.RULED_OUT) - len(causes)
    parts += _legend(
        laid.height + 26, left_out, every, loose=any(edge.hidden and edge.end == explanation.top for edge in edges)
    )
    return svg.picture(
        _SCOPE,
        width,
        laid.height + _LEGEND,
        "Graph of causes",
        _about(causes, every),
        _RULES,
        parts,
        least=width * 0.72,
    )


def _kept(explanation: Explanation) -> list[Cause]:
    """The impact, then what is linked, then the rest, as far as one picture can hold them."""
    linked = {end for link in explanation.links for end in (link.cause, link.effect)}
    nodes = [one for one in explanation.causes if one.role is not Role.RULED_OUT]
    order = sorted(nodes, key=lambda one: (one.id != explanation.top, one.id not in linked))
    return order[:_MOST]


def _stacked(causes: Mapping[str, Cause], links: Sequence[Link]) -> dict[str, list[str]]:
    """Causes of one kind that led to the same in the same way stand one below the other, and one link speaks for them.

    By the first of each stack; only causes that nothing leads to, and that lead to one thing, are stacked.
    """
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for link in _ends(links):
        alike[link.effect, link.kind, str(link.grade), causes[link.cause].role].append(link.cause)
    chunks = (group[n : n + _TALL] for group in alike.values() for n in range(0, len(group), _TALL))
    return {chunk[0]: chunk for chunk in chunks if len(chunk) > 1}


def _card(cause: Cause) -> _Card:
    return _Card(cause, tuple(svg.wrap(cause.statement, _WIDTH - 2 * _PAD - 6, 5, 13)))


def _ends(links: Sequence[Link]) -> list[Link]:
    """Links of causes that lead to one thing and that nothing leads to."""
    out, fed = Counter(link.cause for link in links), {link.effect for link in links}
    return [link for link in links if out[link.cause] == 1 and link.cause not in fed]


def _edges(links: Sequence[Link], words: Sequence[Sequence[str]]) -> list[Edge]:
    """What many lead to keeps a few of them in the row below it; the other ends stand lower."""
    ends = {link.cause for link in _ends(links)}
    seen = Counter(link.effect for link in links if link.cause not in ends)
    made = []
    for link, lines in zip(links, words, strict=True):
        size = max(svg.text_width(line, 11) for line in lines) + 6, 13.0 * len(lines) + 4
        made.append(Edge(link.cause, link.effect, size, seen[link.effect] // _ABREAST if link.cause in ends else 0))
        seen[link.effect] += link.cause in ends
    return made


def _hidden(
    top: str, causes: Mapping[str, Cause], stacks: Mapping[str, Sequence[str]], links: Sequence[Link]
) -> Iterator[Edge]:
    """What keeps a stack in its column, and causes without a link below the impact."""
    for stack in stacks.values():
        for upper, lower in pairwise(stack):
            yield Edge(lower, upper, (4.0, 4.0), hidden=True)
    linked = {end for link in links for end in (link.cause, link.effect)} | {top}
    loose = [name for name in causes if name not in linked] if top in causes else []
    for n, name in enumerate(loose):
        yield Edge(name, top, (4.0, 4.0), n // _ABREAST, hidden=True)


def _words(link: Link, stacked: int, *, wordy: bool) -> list[str]:
    grade = f"grade {int(link.grade)}"
    lines = [link.kind.value, grade] if wordy else [grade]
    return [*lines, f"each of these {stacked}"] if stacked > 1 else lines


def _bracket(places: Sequence[Place]) -> str:
    """A line beside the causes of a stack, for which one link speaks, with a tick to each."""
    side = min(x for x, _ in places) - _WIDTH / 2 - 7
    ticks = "".join(f"M{svg.num(side)} {svg.num(y)}H{svg.num(x - _WIDTH / 2)}" for x, y in places)
    return svg.tag("path", d=f"M{svg.num(side)} {svg.num(places[0][1])}V{svg.num(places[-1][1])}{ticks}", cls="bracket")


def _drawn(card: _Card, x: float, y: float) -> str:
    cause, height = card.cause, card.height
    top = y - height / 2
    name, colour = _called(cause)
    left = x - _WIDTH / 2
    parts = [
        svg.tag("rect", x=left, y=top, width=_WIDTH, height=height, rx=4, cls="box"),
        svg.tag("rect", x=left, y=top, width=_WIDTH, height=height, rx=4, cls="tint"),
        svg.tag("rect", x=left, y=top, width=5, height=height, rx=2, cls="edge"),
        svg.text(left + _PAD + 4, top + _PAD + 8, name, f"role {colour}"),
    ]
    if cause.at is not None:
        parts.append(svg.text(left + _WIDTH - _PAD, top + _PAD + 8, f"{clock(cause.at)} UTC", "small end"))
    for n, line in enumerate(card.lines):
        parts.append(svg.text(left + _PAD + 4, top + _PAD + 27 + _LINE * n, line, "says"))
    return svg.group(parts, title=f"{name}: {cause.statement}", cls=colour)


def _called(cause: Cause) -> tuple[str, str]:
    """What the card is headed with, and its colour: a defence by what became of it."""
    if cause.role is Role.DEFENCE and cause.held is not None:
        return f"Defence, {cause.held.value}", "good" if cause.held is Held.HELD else "gap"
    return _ROLES[cause.role]


def _link(link: Link, laid: Laid, number: int, lines: Sequence[str]) -> str:
    """The curve, its head, and the words for how well it is supported."""
    lower, upper, (x, y) = laid.curves[number]
    path = _path(lower, tip=True) + _path(upper, tip=False)
    parts = [svg.tag("path", d=path, cls=f"link grade{int(link.grade)}"), _head(upper[-2], upper[-1], link.kind)]
    for n, line in enumerate(lines):
        parts.append(svg.text(x, y + 4 + 13 * (n - (len(lines) - 1) / 2), line, "small middle"))
    return svg.group(parts, title=f"{link.kind.value}, {_grade(link.grade)}. {' '.join(link.tests)}")


def _grade(grade: Grade) -> str:
    """``grade 2: mechanism seen``, from the words of the document."""
    words = phrase("link", {}, [int(grade), []]).rpartition(" (")[0]
    return f"grade {int(grade)}: {words}"


def _path(curve: list[Place], *, tip: bool) -> str:
    first, *middle, end = curve
    return f"M{_pair(first)}C{' '.join(map(_pair, middle))}" + (f"L{_pair(end)}" if tip else "")


def _pair(point: Place) -> str:
    return f"{svg.num(point[0])},{svg.num(point[1])}"


def _head(start: Place, end: Place, kind: LinkKind) -> str:
    """An arrow; a bar across for what undoes or fails to stop."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    if kind in (LinkKind.UNDOES, LinkKind.FAILS_TO_STOP):
        near = (end[0] - 3 * dx, end[1] - 3 * dy)
        ends = [(near[0] + side * dy, near[1] - side * dx) for side in (7, -7)]
        return svg.tag("path", d=f"M{_pair(start)}L{_pair(near)}M{_pair(ends[0])}L{_pair(ends[1])}", cls="bar")
    back = (end[0] - 10 * dx, end[1] - 10 * dy)
    sides = [(back[0] + side * dy, back[1] - side * dx) for side in (4.5, -4.5)]
    return svg.tag("path", d=f"M{_pair(end)}L{_pair(sides[0])}L{_pair(sides[1])}z", cls="head")


def _legend(y: float, hidden: int, links: Sequence[Link], *, loose: bool) -> Iterator[str]:
    """The grades that occur; a reader has to tell them apart without colour."""
    x = _MARGIN
    for grade in sorted({link.grade for link in links}):
        words = _grade(grade)
        yield svg.tag("path", d=f"M{svg.num(x)} {svg.num(y - 4)}h30", cls=f"link grade{int(grade)}")
        yield svg.text(x + 36, y, words, "small")
        x += 36 + svg.text_width(words, 11) + 22
    said = "Read from below: each arrow leads from a cause to what it led to"
    said += "; where there is none, nothing in the evidence joins them." if loose else "."
    more = f" {hidden} more are in the list of causes." if hidden > 0 else ""
    yield svg.text(_MARGIN, y + 18, said + more, "small")


def _about(causes: Mapping[str, Cause], links: Sequence[Link]) -> str:
    """The picture in words, for those who cannot see it."""
    said = [
        f"{causes[link.cause].statement} {link.kind.value} {causes[link.effect].statement} ({_grade(link.grade)})."
        for link in links
    ]
    return " ".join(said)
