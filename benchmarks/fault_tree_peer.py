"""One Aralia tree through another package, in a process with limits; run by fault_tree_packages.py with that package's Python.

    python fault_tree_peer.py PACKAGE TREE.xml CPU_SECONDS BYTES

Each package is asked what ours is asked, as far as it offers it: probability of the top, importance of every event, minimal cut
sets. A line of JSON for each part as soon as it is there, with the CPU seconds since the package was imported.
"""

from __future__ import annotations

import importlib
import itertools
import json
import math
import resource
import sys
import xml.etree.ElementTree as ET  # the trees of the benchmark, from a folder of one's own
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CHANCE = 0.01
Gates = dict[str, tuple[str, int, list[str]]]
Part = tuple[str, dict[str, Any]]


def gates(path: str) -> tuple[Gates, str]:
    """Gates by name (kind, k, inputs), and the top."""
    found: Gates = {}
    for gate in ET.parse(path).iter("define-gate"):
        body = next(one for one in gate if one.tag != "label")
        inputs = [one.attrib["name"] for one in body]
        if not inputs:  # the name of another gate or event stands for itself
            found[gate.attrib["name"]] = ("or", 0, [body.attrib["name"]])
            continue
        found[gate.attrib["name"]] = (body.tag, int(body.get("min", 0)), inputs)
    used = {name for _, _, inputs in found.values() for name in inputs}
    return found, next(name for name in found if name not in used)


def events(found: Gates) -> list[str]:
    return sorted({name for _, _, inputs in found.values() for name in inputs if name not in found})


def only(found: Gates, *kinds: str) -> None:
    other = {kind for kind, _, _ in found.values()} - set(kinds)
    if other:
        raise ValueError(f"no {', '.join(sorted(other))} gate")


def expanded(found: Gates) -> Gates:
    """The same tree with "k of n" as an OR over ANDs, for packages that know only these two."""
    only(found, "and", "or", "atleast")
    made: Gates = {}
    for name, (kind, k, inputs) in found.items():
        if kind != "atleast":
            made[name] = (kind, k, inputs)
            continue
        chosen = {f"{name}_{at}": list(some) for at, some in enumerate(itertools.combinations(inputs, k))}
        made[name] = ("or", 0, list(chosen))
        made |= {one: ("and", 0, some) for one, some in chosen.items()}
    return made


def sets(orders: Iterable[int]) -> Part:
    by_order = Counter(orders)
    return "cut sets", {
        "count": by_order.total(),
        "orders": {str(order): by_order[order] for order in sorted(by_order)},
    }


def relibmss(package: Any, found: Gates, top: str) -> Iterator[Part]:
    """Exact probability and Birnbaum values on its decision diagram; cut sets counted, not by order."""
    system = package.BSS()
    made: dict[str, Any] = {}

    def value(name: str) -> Any:
        if name not in made:
            if name not in found:
                made[name] = system.defvar(name)
                return made[name]
            kind, k, names = found[name]
            inputs = [value(one) for one in names]
            if kind == "not":
                made[name] = system.Not(inputs[0])
            elif kind == "xor":
                made[name] = inputs[0] ^ inputs[1]
            else:
                made[name] = system.kofn(k, inputs) if kind == "atleast" else getattr(system, kind.capitalize())(inputs)
        return made[name]

    node = system.getbdd(value(top))
    chance = dict.fromkeys(events(found), CHANCE)
    yield "probability", {"p": node.prob(chance)}
    yield "importance", {"birnbaum": node.bmeas(chance)}
    minimal = node.minpath()
    if minimal is not None:
        yield "cut sets", {"count": minimal.count()}


def cutsets(package: Any, found: Gates, top: str) -> Iterator[Part]:
    """Cut sets alone (MOCUS); its top must be called TOP."""
    rows = [
        ("TOP" if name == top else name, kind.capitalize(), inputs)
        for name, (kind, _, inputs) in expanded(found).items()
    ]
    yield sets(len(one) for one in package.mocus(rows))


def sfta(package: Any, found: Gates, top: str) -> Iterator[Part]:
    """Cut sets; probability as their sum (rare-event); importance as the share of that sum, so Fussell-Vesely."""
    text = [f"Event: {name}\n- probability: {CHANCE}\n" for name in events(found)]
    text += [
        f"Gate: {name}\n- type: {kind.upper()}\n- inputs: {', '.join(inputs)}\n"
        for name, (kind, _, inputs) in expanded(found).items()
    ]
    tree = package.FaultTree("\n".join(text))
    gate = tree.gate_from_id[top]
    yield sets(len(one) for one in gate.cut_sets_indices)
    yield "probability", {"p": gate.quantity_value}
    names = tree.event_id_from_index
    yield "importance", {"share": {names[at]: share for at, share in gate.importance_from_event_index.items()}}


def pfta_tree(package: Any, found: Gates, heading: str) -> Any:
    only(found, "and", "or", "atleast")
    text = [f"- times: 1\n{heading}"]
    text += [f"Event: {name}\n- model_type: Fixed\n- probability: {CHANCE}\n- intensity: 0\n" for name in events(found)]
    for name, (kind, k, inputs) in found.items():
        kind_there = f"VOTE({k})" if kind == "atleast" else kind.upper()
        text.append(f"Gate: {name}\n- type: {kind_there}\n- inputs: {', '.join(inputs)}\n")
    return package.FaultTree("\n".join(text))


def pfta(package: Any, found: Gates, top: str, heading: str = "") -> Iterator[Part]:
    """All three, the probability by inclusion and exclusion over the cut sets of every gate before anything can be read."""
    tree = pfta_tree(package, found, heading)
    gate = next(one for one in tree.gates if one.id_ == top)
    yield sets(one.order() for one in gate.computed_expression.terms)
    yield "probability", {"p": gate.computed_probabilities[0]}
    table = gate.compile_importance_table(tree.events, tree.times, tree.sample_size, tree.computational_cache)
    at = table.headings.index("marginal_importance")
    yield "importance", {"birnbaum": {row[0]: row[at] for row in table.data}}


def pfta_first(package: Any, found: Gates, top: str) -> Iterator[Part]:
    """The same with inclusion and exclusion cut off after its first term (rare-event): asked less than ours."""
    yield from pfta(package, found, top, "- computational_order: 1\n")


def faultree(package: Any, found: Gates, top: str) -> Iterator[Part]:
    """Exact probability and importance on its decision diagram; cut sets by search over subsets, its caps taken off."""
    only(found, "and", "or", "atleast")
    seen: set[str] = set()

    def node(name: str) -> dict[str, Any]:
        if name in seen:
            return {"ref": name}
        seen.add(name)
        if name not in found:
            return {"id": name, "event_type": "basic", "prob": CHANCE}
        kind, k, inputs = found[name]
        made: dict[str, Any] = {"id": name, "event_type": "top" if name == top else "intermediate"}
        made |= {"gate": "K_OF_N", "k": k} if kind == "atleast" else {"gate": kind.upper()}
        return made | {"children": [node(one) for one in inputs]}

    tree = node(top)
    result = package.analyze(tree)
    yield "probability", {"p": float(result["Q"])}
    yield "importance", {"birnbaum": {name: float(one) for name, one in result["birnbaum"].items()}}
    count = len(events(found))
    listed = importlib.import_module("faultree.cutsets").minimal_cut_sets(
        tree, max_order=count, max_candidates=10**15, max_sets=10**9, max_basic_events=count
    )
    yield sets(len(one) for one in listed["cut_sets"])


def stormpy(package: Any, found: Gates, top: str) -> Iterator[Part]:
    """Probability alone, through the state space: events fail at a rate that makes it 0.01 within one unit of time."""
    only(found, "and", "or", "atleast")
    core = importlib.import_module("stormpy")
    rate = repr(-math.log1p(-CHANCE))
    names = {name: str(at) for at, name in enumerate([*found, *events(found)])}
    nodes: list[dict[str, Any]] = []
    for name, (kind, k, inputs) in found.items():
        made = {"id": names[name], "name": name, "children": [names[one] for one in inputs]}
        nodes.append(made | ({"type": "vot", "voting": k} if kind == "atleast" else {"type": kind}))
    for name in events(found):
        made = {"id": names[name], "name": name, "type": "be"}
        nodes.append(made | {"distribution": "exp", "rate": rate, "dorm": "1"})
    text = json.dumps({"toplevel": names[top], "nodes": [{"data": one} for one in nodes]})
    tree = package.load_dft_json_string(text)
    formula = core.parse_properties('P=? [F<=1 "failed"]')
    yield "probability", {"p": package.analyze_dft(tree, formula)[0]}


ASKED: dict[str, tuple[str, Callable[[Any, Gates, str], Iterator[Part]]]] = {
    "relibmss": ("relibmss", relibmss),
    "cutsets": ("cutsets", cutsets),
    "sfta": ("sfta.core", sfta),
    "pfta": ("pfta.core", pfta),
    "pfta-first": ("pfta.core", pfta_first),
    "faultree": ("faultree", faultree),
    "stormpy": ("stormpy.dft", stormpy),
}


def spent() -> float:
    """CPU seconds of this process so far; under RLIMIT_CPU Linux advances time.process_time in steps of some milliseconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(name: str, path: str, seconds: int, size: int) -> None:
    """Limits before the package is imported; the clock after, since the start of ours is not counted either."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    sys.setrecursionlimit(100_000)
    module, asked = ASKED[name]
    package = importlib.import_module(module)
    begun = spent()
    limit = math.ceil(begun) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    begun = spent()
    try:
        for part, found in asked(package, *gates(path)):
            print(json.dumps({"part": part, "cpu": spent() - begun} | found), flush=True)
    except (MemoryError, ValueError, RecursionError) as error:
        why = "out of memory" if isinstance(error, MemoryError) else str(error) or type(error).__name__
        print(json.dumps({"part": "stopped", "cpu": spent() - begun, "why": why}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], str(Path(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4]))
