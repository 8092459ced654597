"""The shapes of a fault tree, lying on their side: the output to the left, the inputs to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.drawing import svg
from afterword.model.tree import GateKind

if TYPE_CHECKING:
    from afterword.model.tree import BasicEvent, Gate

#: Width and half the height of a gate.
WIDTH, HALF = 34.0, 17.0
RADIUS = 11.0


def symbol(gate: Gate, x: float, y: float) -> str:
    """The shape of a gate with its output at ``x``, and the words for what it needs below it."""
    n = svg.num
    right, bubble = x + WIDTH, gate.kind in (GateKind.NAND, GateKind.NOR, GateKind.NOT)
    left = x + 7 if bubble else x
    if gate.kind in (GateKind.AND, GateKind.NAND):
        middle = right - 13
        shape = f"M{n(right)} {n(y - HALF)}H{n(middle)}C{n(left)} {n(y - HALF)} {n(left)} {n(y + HALF)} {n(middle)} {n(y + HALF)}H{n(right)}z"
    elif gate.kind is GateKind.NOT:
        shape = f"M{n(right)} {n(y - 13)}L{n(left)} {n(y)}L{n(right)} {n(y + 13)}z"
    elif gate.kind in (GateKind.ATLEAST, GateKind.CARDINALITY):
        shape = f"M{n(left)} {n(y)}l9 {n(-HALF)}H{n(right - 9)}l9 {n(HALF)}l-9 {n(HALF)}H{n(left + 9)}z"
    else:
        shape = (
            f"M{n(right)} {n(y - HALF)}C{n(right - 16)} {n(y - HALF)} {n(left + 8)} {n(y - 11)} {n(left)} {n(y)}"
            f"C{n(left + 8)} {n(y + 11)} {n(right - 16)} {n(y + HALF)} {n(right)} {n(y + HALF)}C{n(right - 8)} {n(y + 8)} {n(right - 8)} {n(y - 8)} {n(right)} {n(y - HALF)}z"
        )
    parts = [svg.tag("path", d=shape, cls="gate")]
    if bubble:
        parts.append(svg.tag("circle", cx=x + 3.5, cy=y, r=3.5, cls="gate"))
    if gate.kind is GateKind.XOR:
        curve = f"M{n(right + 5)} {n(y - HALF)}C{n(right - 3)} {n(y - 8)} {n(right - 3)} {n(y + 8)} {n(right + 5)} {n(y + HALF)}"
        parts.append(svg.tag("path", d=curve, cls="gate open"))
    if gate.kind is GateKind.ATLEAST:
        parts.append(svg.text(x + WIDTH / 2, y + 4, f"{gate.k}/{len(gate.inputs)}", "votes middle"))
    parts.append(svg.text(x + WIDTH / 2, y + HALF + 13, words(gate), "small middle halo"))
    return "".join(parts)


def words(gate: Gate) -> str:
    return {
        GateKind.AND: "all of",
        GateKind.OR: "any of",
        GateKind.ATLEAST: f"{gate.k} or more",
        GateKind.NOT: "not",
        GateKind.XOR: "just one",
        GateKind.NAND: "not all of",
        GateKind.NOR: "none of",
        GateKind.IFF: "both or neither",
        GateKind.IMPLY: "the second, if the first",
        GateKind.CARDINALITY: f"{gate.k} to {gate.most}",
    }[gate.kind]


def event(one: BasicEvent | None, x: float, y: float, *, told: bool = True) -> str:
    """A basic event with its left edge at ``x``. None: the tree names it and does not hold it, a diamond.

    What happened is a full disc with a tick, what did not an empty one with a cross, what nobody knows is dashed.
    ``told`` is False for a tree that says of no event whether it happened: then none is marked.
    """
    cx, r, n = x + RADIUS, RADIUS, svg.num
    state = state_of(one) if told else "plain"
    if one is None:
        return svg.tag(
            "path", d=f"M{n(cx)} {n(y - r)}l{n(r)} {n(r)}l{n(-r)} {n(r)}l{n(-r)} {n(-r)}z", cls="event unknown"
        )
    if one.house:
        house = f"M{n(x)} {n(y + r)}V{n(y - 2)}L{n(cx)} {n(y - r)}L{n(x + 2 * r)} {n(y - 2)}V{n(y + r)}z"
        shape = svg.tag("path", d=house, cls=f"event {state}")
    else:
        shape = svg.tag("circle", cx=cx, cy=y, r=r, cls=f"event {state}")
    marks = {
        "happened": f"M{n(cx - 4.5)} {n(y + 0.5)}l3.2 3.4l5.8-7",
        "absent": f"M{n(cx - 4)} {n(y - 4)}l8 8m0-8l-8 8",
    }
    if state in marks:
        return shape + svg.tag("path", d=marks[state], cls=f"mark {state}")
    return shape + (svg.text(cx, y + 4, "?", "query middle") if told else "")


def state_of(one: BasicEvent | None) -> str:
    """Class of an event by what is known of it."""
    if one is None or one.happened is None:
        return "unknown"
    return "happened" if one.happened else "absent"


def transfer(x: float, y: float) -> str:
    """A triangle: this gate is drawn in full elsewhere."""
    n = svg.num
    return svg.tag("path", d=f"M{n(x)} {n(y)}l20 -12v24z", cls="event unknown")
