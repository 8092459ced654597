"""One Aralia tree through another package; prints CPU seconds. Run by benchmarks/fault_trees.py, with that package's Python.

    python fault_tree_peer.py relibmss TREE.xml

relibmss is asked what ours is asked: exact probability, all Birnbaum values, minimal cut sets.
"""

from __future__ import annotations

import sys
import time
import xml.etree.ElementTree as ET  # the trees of the benchmark, from a folder of one's own


def gates(path: str) -> tuple[dict[str, tuple[str, int, list[str]]], str]:
    """Gates by name (kind, k, inputs), and the top."""
    found = {}
    for gate in ET.parse(path).iter("define-gate"):
        body = next(one for one in gate if one.tag != "label")
        found[gate.get("name")] = (body.tag, int(body.get("min", 0)), [one.get("name") for one in body])
    used = {name for _, _, inputs in found.values() for name in inputs}
    return found, next(name for name in found if name not in used)


def relibmss(path: str) -> None:
    import relibmss as package  # noqa: PLC0415 - of the Python that runs this

    sys.setrecursionlimit(100_000)
    system = package.BSS()
    found, top = gates(path)
    made: dict[str, object] = {}

    def value(name: str) -> object:
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
    chance = {name: 0.01 for name in made if name not in found}
    node.prob(chance)
    node.bmeas(chance)
    node.minpath().count()


if __name__ == "__main__":
    start = time.process_time()
    {"relibmss": relibmss}[sys.argv[1]](sys.argv[2])
    print(f"{time.process_time() - start:.3f}")
