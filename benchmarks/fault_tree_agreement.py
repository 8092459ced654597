"""Trees of any kind through ours and SCRAM: probability, cut sets by order, importance, and who is right where they differ.

    python benchmarks/fault_tree_agreement.py [--scram PATH] [--budget SECONDS] FILE-OR-FOLDER...

Every file is a model of its own. SCRAM runs with its decision diagrams, common causes and products of any order; it prints
six digits. Where an importance differs, the probability of that event is set to 1 and to 0 in the file and SCRAM is asked for
the top again: Birnbaum is the difference of those two, whoever said otherwise.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET  # files of the one who runs this
from pathlib import Path

from afterword.app.accelerator import accelerator
from afterword.app.openpsa import read
from afterword.core.cause.plain import Plain
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError

#: SCRAM prints six digits.
CLOSE = 1.01e-5
TINY = 1e-12
FACTORS = {"MIF": "birnbaum", "CIF": "criticality", "DIF": "dif", "RAW": "raw", "RRW": "rrw"}
ALL = ("--bdd", "--probability", "--importance", "--ccf", "-l", "1000")


def scram(program: str, path: Path, budget: float, *asked: str) -> ET.Element | str:
    """Its report, or what it said in place of one."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as out:
        try:
            done = subprocess.run(
                [program, *asked, "--no-indent", "-o", out.name, str(path)],
                capture_output=True,
                text=True,
                timeout=budget,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"> {budget:g} s"
        if done.returncode:
            return " ".join(done.stderr.split())
        # The products themselves may be millions; their number is an attribute.
        text = Path(out.name).read_text(encoding="utf-8")
        return ET.fromstring(re.sub(r"(<sum-of-products[^>]*>).*?(</sum-of-products>)", r"\1\2", text, flags=re.DOTALL))


def close(one: float, other: float) -> bool:
    return abs(one - other) <= CLOSE * max(abs(one), abs(other)) + 1e-300


def differences(path: Path, program: str, budget: float) -> list[str]:
    """One line for every tree of a file."""
    report = scram(program, path, budget, *ALL)
    if isinstance(report, str):
        return [refused(path, report)]
    said = []
    rows = {one.get("name"): one for one in report.iter("importance")}
    for products in report.iter("sum-of-products"):
        name = products.get("name", "")
        try:
            found = solve(read(path.read_bytes(), name), engine=accelerator() or Plain(), limit=1, trials=0)
        except InvalidError as error:
            said.append(f"{name}: SCRAM answers, ours refuses: {error}")
            continue
        said.append(
            f"{name}: {'; '.join(compared(path, program, budget, found, products, rows.get(name))) or 'agrees'}"
        )
    return said or ["SCRAM finds no tree"]


def refused(path: Path, why: str) -> str:
    try:
        found = solve(read(path.read_bytes()), engine=accelerator() or Plain(), limit=1, trials=0)
    except InvalidError as error:
        return f"both refuse. Ours: {error}. SCRAM: {why[:200]}"
    return f"ours answers {found.top_probability}, SCRAM refuses: {why[:300]}"


def compared(
    path: Path, program: str, budget: float, found, products: ET.Element, rows: ET.Element | None
) -> list[str]:
    said = []
    p = products.get("probability")
    if p is not None and not close(float(p), found.top_probability or 0.0):
        said.append(f"P {found.top_probability!r}, SCRAM {p}")
    orders = {str(order): count for order, count in found.by_order}
    theirs: dict[str, int] = {}
    for at, one in enumerate(products.get("distribution", "").split(), 1):
        theirs |= {str(at): int(one)} if int(one) else {}
    # A top that holds while nothing happens has the empty set, which SCRAM counts as one of order 1.
    if orders != theirs and not (orders == {"0": 1} and theirs == {"1": 1}):
        said.append(f"cut sets {found.cut_set_count} {orders}, SCRAM {products.get('products')} {theirs}")
    ours = {row.event: row for row in found.importance}
    wrong: dict[str, list[str]] = {}
    for one in rows if rows is not None else ():
        mine = ours[name_of(one)]
        for factor, field in FACTORS.items():
            value, other = getattr(mine, field), float(one.get(factor, "0"))
            # An infinite RRW is None here and 0 there.
            if not close(value or 0.0, other) and abs((value or 0.0) - other) > TINY:
                wrong.setdefault(name_of(one), []).append(f"{factor} {value or 0.0:.6g}, SCRAM {one.get(factor)}")
    if wrong:
        name, what = next(iter(wrong.items()))
        why = judged(path, program, budget, products.get("name"), name)
        said.append(f"importance of {len(wrong)} of {len(rows or ())} events, {name}: {', '.join(what)}; {why}")
    return said


def name_of(row: ET.Element) -> str:
    """An event, or the members that fail together by a common cause."""
    return row.get("name") or f"[{' '.join(one.get('name', '') for one in row)}]"


def judged(path: Path, program: str, budget: float, top: str | None, event: str) -> str:
    """What SCRAM's own top probability is, given the event and given that it does not happen."""
    given = []
    for p in ("1", "0"):
        tree = ET.parse(path)
        for one in tree.iter("define-basic-event"):
            if one.get("name") == event:
                for child in [x for x in one if x.tag not in ("label", "attributes")]:
                    one.remove(child)
                ET.SubElement(one, "float", value=p)
        with tempfile.NamedTemporaryFile(suffix=".xml") as out:
            tree.write(out.name)
            report = scram(program, Path(out.name), budget, "--bdd", "--probability", "--ccf")
        if isinstance(report, str):
            return f"not judged: {report[:100]}"
        given.append(next(float(x.get("probability")) for x in report.iter("sum-of-products") if x.get("name") == top))
    return f"SCRAM itself gives P(top | it) {given[0]:g}, P(top | not) {given[1]:g}: Birnbaum {given[0] - given[1]:g}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--scram", default="scram")
    parser.add_argument("--budget", type=float, default=20.0)
    options = parser.parse_args()
    agreed = differ = 0
    for path in [
        one for given in options.paths for one in (sorted(given.rglob("*.xml")) if given.is_dir() else [given])
    ]:
        for line in differences(path, options.scram, options.budget):
            good = line.endswith(": agrees") or line.startswith("both refuse")
            agreed, differ = agreed + good, differ + (not good)
            print(f"{path.stem}: {line}", flush=True)
    print(f"{agreed} agree, {differ} differ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
