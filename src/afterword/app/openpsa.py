"""Fault trees as Open-PSA Model Exchange Format (MEF) XML, read by a reader that trusts nothing.

What the format can say and this tool cannot compute is refused by its name and line: a tree read half is a wrong tree. Event
trees and alignments stand beside the fault trees and change none of them: they are told as not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.app.openpsa_number import MISSION_TIME, common_cause, expression, name_of, refuse, truth, whole
from afterword.app.openpsa_writer import write
from afterword.app.xml_reader import parse_xml
from afterword.core.cause.expression import Numbers
from afterword.core.cause.sound import find_cycle
from afterword.model.refusal import InvalidError
from afterword.model.tree import BasicEvent, CommonCause, Expression, FaultTree, Gate, GateKind, Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.xml_reader import Element

__all__ = ["HOURS", "read", "write"]

#: The mission time where nobody states one: a year.
HOURS = 8760.0

_KINDS = {kind.value: kind for kind in GateKind}
_REFERENCES = {"event", "gate", "basic-event", "house-event"}
#: Containers that only group definitions.
_GROUPS = {"opsa-mef", "define-fault-tree", "define-component", "model-data"}
_BESIDE = {
    "define-event-tree", "define-initiating-event", "define-sequence", "define-functional-event", "define-branch",
    "define-rule", "define-alignment", "define-consequence", "define-consequence-group",
}  # fmt: skip
#: How many inputs some kinds have: fewest and most.
_INPUTS = {GateKind.NOT: (1, 1), GateKind.IFF: (2, 2), GateKind.IMPLY: (2, 2), GateKind.XOR: (2, 1 << 30)}


def read(data: bytes, top: str | None = None, *, more: Sequence[bytes] = (), hours: float = HOURS) -> FaultTree:
    """The fault tree of a MEF document and of ``more`` documents of the same model.

    Its top is the gate that no other gate uses, or the one that is named. ``hours`` is the mission time.
    """
    model = _Model(hours)
    for text in (data, *more):
        root = parse_xml(text)
        if root.tag != "opsa-mef":
            raise InvalidError(f"line {root.line}: <{root.tag[:40]}> is not an Open-PSA document (<opsa-mef>)")
        model.collect(root, "", private=False)
    return model.tree(top)


class _Model:
    """What the documents define. Names are resolved at the end: MEF lets a use stand before its definition.

    A public name stands for itself. A private one is known by its path (``tree.component.name``); inside of its component, its
    last part suffices.
    """

    def __init__(self, hours: float) -> None:
        self.name = ""
        self.hours = hours
        self.gates: dict[str, Gate] = {}
        self.events: dict[str, BasicEvent] = {}
        self.expressions: dict[str, tuple[Element, str]] = {}
        self.parameters: dict[str, tuple[Element, str]] = {}
        self.groups: list[tuple[Element, str]] = []
        #: Gates still to be read: their element, label and the path they stand in.
        self.waiting: dict[str, tuple[Element, str, str]] = {}
        #: Every definition by its whole path, and the name it goes by; parameters have names of their own.
        self.paths: dict[str, str] = {}
        self.parameter_paths: dict[str, str] = {}
        self.lines: dict[str, int] = {}
        self.trees: dict[str, str] = {}
        #: Lines of fault trees and components, by their paths.
        self.containers: dict[str, int] = {}
        self.ignored: dict[str, None] = {}

    # ---------------------------------------------------------------------------------------- definitions

    def collect(self, element: Element, path: str, *, private: bool) -> None:
        for child in element.children:
            tag = child.tag
            if tag in _GROUPS:
                self._group(child, path, private=private)
            elif tag == "define-gate":
                name = self._claim(child, path, private=private)
                label, body = self._body(child)
                if len(body) != 1:
                    refuse(child, f"{name!r} holds {len(body)} formulas instead of one")
                self.waiting[name] = (body[0], label, path)
                self.trees[name] = path.partition(".")[0]
            elif tag in {"define-basic-event", "define-house-event"}:
                self._define_event(child, path, private=private)
            elif tag == "define-parameter":
                self._define_parameter(child, path, private=private)
            elif tag == "define-CCF-group":
                self.groups.append((child, path))
            elif tag in {"label", "attributes"} or tag in _BESIDE:
                self.ignored[f"<{tag}> of <{element.tag}>"] = None
            else:
                refuse(child)

    def _group(self, element: Element, path: str, *, private: bool) -> None:
        if element.tag == "opsa-mef":
            refuse(element, "stands inside another")
        if element.tag == "model-data":
            self.collect(element, path, private=private)
            return
        name = name_of(element)
        if element.tag == "define-fault-tree" and not self.name:
            self.name = name
        whole_path = f"{path}.{name}" if path else name
        if whole_path in self.containers:
            refuse(element, f"defines {whole_path!r} a second time (first on line {self.containers[whole_path]})")
        self.containers[whole_path] = element.line
        self.collect(element, whole_path, private=self._is_private(element, private=private))

    def _is_private(self, element: Element, *, private: bool) -> bool:
        role = element.attributes.get("role", "").strip()
        if role not in {"", "public", "private"}:
            refuse(element, f"has the role {role[:20]!r}")
        return role == "private" if role else private

    def _claim(self, element: Element, path: str, *, private: bool) -> str:
        """The name that a definition goes by."""
        name = name_of(element)
        whole_path = f"{path}.{name}" if path else name
        known = whole_path if self._is_private(element, private=private) else name
        if known in self.lines:
            refuse(element, f"defines {known!r} a second time (first on line {self.lines[known]})")
        self.lines[known] = element.line
        self.paths[whole_path] = known
        return known

    def _body(self, element: Element) -> tuple[str, list[Element]]:
        label, body = "", []
        for child in element.children:
            if child.tag == "label":
                label = " ".join(child.text.split())
            elif child.tag == "attributes":
                self.ignored[f"<attributes> of {element.attributes.get('name', '')}"] = None
            else:
                body.append(child)
        return label, body

    def _define_event(self, element: Element, path: str, *, private: bool) -> None:
        name = self._claim(element, path, private=private)
        label, body = self._body(element)
        if len(body) > 1:
            refuse(element, f"{name!r} holds {len(body)} expressions instead of one")
        if element.tag == "define-house-event":
            self.events[name] = BasicEvent(name, label, happened=bool(body) and truth(body[0]), house=True)
            return
        self.events[name] = BasicEvent(name, label)
        if body:
            self.expressions[name] = (body[0], path)

    def _define_parameter(self, element: Element, path: str, *, private: bool) -> None:
        name = name_of(element)
        _, body = self._body(element)
        whole_path = f"{path}.{name}" if path else name
        known = whole_path if self._is_private(element, private=private) else name
        if known in self.parameters or known == MISSION_TIME or len(body) != 1:
            refuse(element, f"{name!r} is defined twice, or holds no single expression")
        self.parameters[known] = (body[0], path)
        self.parameter_paths[whole_path] = known

    # ---------------------------------------------------------------------------------------- gates

    def _gate(self, name: str, formula: Element, label: str, path: str) -> None:
        if formula.tag in _REFERENCES or formula.tag == "constant":
            # A gate that only passes something on is an OR of one.
            self.gates[name] = Gate(name, GateKind.OR, (self._input(name, formula, 1, path),), 0, label)
            return
        kind = _KINDS.get(formula.tag)
        if kind is None:
            refuse(formula)
        inputs = tuple(self._input(name, child, at, path) for at, child in enumerate(formula.children, 1))
        fewest, most = _INPUTS.get(kind, (1, 1 << 30))
        if not fewest <= len(inputs) <= most:
            refuse(formula, f"of {name!r} has {len(inputs)} inputs")
        k = whole(formula, "min", 1, len(inputs)) if kind is GateKind.ATLEAST else 0
        at_most = 0
        if kind is GateKind.CARDINALITY:
            k = whole(formula, "min", 0, len(inputs))
            at_most = whole(formula, "max", k, len(inputs))
        self.gates[name] = Gate(name, kind, inputs, k, label, at_most)

    def _input(self, gate: str, element: Element, at: int, path: str) -> str:
        """The name of one input; a formula in place becomes a gate with a name of its own."""
        if element.tag in _REFERENCES:
            return self._event(element, path)
        name = f"{gate}#{at}"
        if element.tag == "constant":
            self.events[name] = BasicEvent(name, happened=truth(element), house=True)
        else:
            self._gate(name, element, "", path)
        return name

    def _event(self, element: Element, path: str) -> str:
        """What a reference means. A basic event may be used without a definition: it then has no probability."""
        name = name_of(element)
        known = _resolved(name, path, self.paths, self.lines)
        if known is not None:
            return known
        if element.tag in {"gate", "house-event"} or element.attributes.get("type") in {"gate", "house-event"}:
            refuse(element, f"{name!r} is not defined")
        if "." in name:
            refuse(element, f"the path {name!r} leads to nothing that is defined")
        self.events.setdefault(name, BasicEvent(name))
        return name

    # ---------------------------------------------------------------------------------------- numbers

    def _expression(self, element: Element, path: str) -> Expression:
        return expression(element, lambda one: self._parameter(one, path))

    def _parameter(self, element: Element, path: str) -> str:
        name = name_of(element)
        known = _resolved(name, path, self.parameter_paths, self.parameters)
        if known is None:
            refuse(element, f"{name!r} is not defined")
        return known

    def _group_of(self, element: Element, path: str) -> CommonCause:
        return common_cause(element, lambda one: self._event(one, path), lambda one: self._parameter(one, path))

    def _stated(self) -> tuple[Parameter, ...]:
        stated = [Parameter(name, self._expression(body, path)) for name, (body, path) in self.parameters.items()]
        return (*stated, Parameter(MISSION_TIME, Expression("float", value=self.hours)))

    def _with_numbers(self, parameters: tuple[Parameter, ...]) -> None:
        numbers = Numbers(parameters)
        for name, (element, path) in self.expressions.items():
            made = self._expression(element, path)
            try:
                chance = float(numbers.value(made))
            except InvalidError as error:
                refuse(element, f"of {name!r}: {error}")
            if not 0 <= chance <= 1:
                refuse(element, f"of {name!r} is {chance}, which is not a probability")
            old = self.events[name]
            kept = None if made.kind == "float" else made
            self.events[name] = BasicEvent(name, old.label, chance, expression=kept)

    # ---------------------------------------------------------------------------------------- the whole

    def tree(self, top: str | None) -> FaultTree:
        if not self.name or not self.waiting:
            raise InvalidError("the document defines no fault tree with a gate")
        for name, (element, label, path) in self.waiting.items():
            self._gate(name, element, label, path)
        parameters = self._stated()
        self._with_numbers(parameters)
        groups = tuple(self._group_of(element, path) for element, path in self.groups)
        tree = FaultTree(
            self.name, "", tuple(self.gates.values()), tuple(self.events.values()), tuple(self.ignored),
            _used(parameters, tuple(self.events.values()), groups), groups,
        )  # fmt: skip
        # The top is looked for last: in a cycle there may be none.
        cycle = find_cycle(tree)
        if cycle:
            raise InvalidError(f"line {self.lines.get(cycle[0], 0)}: gates depend on themselves: {' → '.join(cycle)}")
        return _below(tree, self._top(top))

    def _top(self, wanted: str | None) -> str:
        if wanted is not None:
            known = _resolved(wanted, self.name, self.paths, self.lines)
            if known not in self.gates:
                raise InvalidError(f"the gate {wanted!r} is not defined")
            return str(known)
        used = {name for gate in self.gates.values() for name in gate.inputs}
        tops = [name for name in self.waiting if name not in used]
        # With transfers from one tree to others, the first tree is the one that is meant.
        own = [name for name in tops if self.trees[name] == self.name]
        tops = own if len(own) == 1 else tops
        if len(tops) != 1:
            raise InvalidError(
                f"the fault tree has {len(tops)} top gates instead of one: {', '.join(tops[:5])}; name the one that is meant"
            )
        return tops[0]


def _resolved(name: str, path: str, paths: dict[str, str], known: object) -> str | None:
    """Looked for in the component of the use and the ones around it, then among public names and whole paths."""
    inside = path
    while inside:
        if f"{inside}.{name}" in paths:
            return paths[f"{inside}.{name}"]
        inside = inside.rpartition(".")[0]
    if name in paths:
        return paths[name]
    return name if isinstance(known, dict) and name in known else None


def _used(
    parameters: tuple[Parameter, ...], events: tuple[BasicEvent, ...], groups: tuple[CommonCause, ...]
) -> tuple[Parameter, ...]:
    """All that were defined; the mission time only where something rests on it."""
    stack = [one.expression for one in parameters] + [one.expression for one in events if one.expression]
    for group in groups:
        stack += [group.total, *(factor for _, factor in group.factors)]
    asked = False
    while stack and not asked:
        one = stack.pop()
        asked = one.name == MISSION_TIME
        stack.extend(one.inputs)
    return parameters if asked else parameters[:-1]


def _below(tree: FaultTree, top: str) -> FaultTree:
    """The tree of one top: other trees of the document are left out, and so is what only they use."""
    gates = {gate.name: gate for gate in tree.gates}
    seen = {top}
    stack = [top]
    while stack:
        gate = gates.get(stack.pop())
        new = [name for name in gate.inputs if name not in seen] if gate else []
        seen.update(new)
        stack.extend(new)
    groups = tuple(group for group in tree.groups if seen.intersection(group.members))
    seen.update(name for group in groups for name in group.members)
    return FaultTree(
        tree.name, top, tuple(gate for gate in tree.gates if gate.name in seen),
        tuple(event for event in tree.events if event.name in seen), tree.ignored, tree.parameters, groups,
    )  # fmt: skip
