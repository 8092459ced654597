"""A report of coverage is given, and no test ran the lines that the triggering change wrote, or those that failed."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import ranges
from afterword.core.cause.graph import identity
from afterword.core.derive import WARN
from afterword.core.diff import file_kind
from afterword.core.diff.patch import parse
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.scene import Scene
    from afterword.model.event import Fact
    from afterword.model.evidence import Citation

NAME = "uncovered-change"
LIMITS = (
    "The report is taken to be of the version that failed; a line that ran in a test is not thereby checked,"
    " and tests that measure no coverage are not seen."
)
_PLACE = re.compile(r"(?<![\w/.-])((?:[\w.-]{1,80}/){0,12}[\w-]{1,80}\.(?:go|py|java|kt|scala|js|jsx|ts|tsx|rb|php|cs|rs|c|cc|cpp|swift|ex|exs)):(\d{1,6})\b|File \"([^\"\n]{1,200})\", line (\d{1,6})")  # fmt: skip


def run(scene: Scene) -> Iterator[Finding]:
    reports = [one for one in scene.case.checks if one.event.attributes.get("check") == "coverage"]
    if not reports:
        return
    for cause, fact in scene.triggers():
        found = _changed(fact, reports)
        if found:
            says, cites = found
            yield Finding(
                identity(NAME, cause.component, fact.event.name), NAME, "tests", says, cause.component, (fact.cite, *cites), LIMITS, 0.7
            )  # fmt: skip
            break
    yield from _failing(scene, reports)


def _changed(fact: Fact, reports: list[Fact]) -> tuple[str, tuple[Citation, ...]] | None:
    """Lines that were added and can run, by what the report says of them."""
    files = [path for path in fact.event.attributes.get("files", "").split("\n") if path]
    added: dict[str, set[int]] = defaultdict(set)
    for line in parse(fact.event.attributes.get("diff", ""), files):
        if line.sign == "+" and line.number and line.code.strip() and file_kind(line.path) == "code":
            added[line.path].add(line.number)
    hit = missed = 0
    cites: list[Citation] = []
    for path, numbers in sorted(added.items()):
        ran, not_run, where = _report(path, reports)
        hit, missed = hit + len(numbers & ran), missed + len(numbers & (not_run - ran))
        cites += where if numbers & (not_run - ran) else ()
    if not missed or hit >= missed:
        return None
    of = f"{missed} of the {hit + missed} lines" if hit else f"None of the {missed} lines"
    were = "were not run by any test" if hit else "was run by a test"
    return f"{of} that the change that set it off added and that can run {were}.", tuple(cites[:4])


def _failing(scene: Scene, reports: list[Fact]) -> Iterator[Finding]:
    """Lines that the errors of the incident name."""
    for (path, number), cite in sorted(_named(scene).items()):
        ran, not_run, where = _report(path, reports)
        if number in not_run - ran:
            says = f"The errors name {path}:{number}, a line that no test ran."
            yield Finding(identity(NAME, path, str(number)), NAME, "tests", says, "", (cite, *where[:2]), LIMITS, 0.7)
            return


def _named(scene: Scene) -> Mapping[tuple[str, int], Citation]:
    """File and line in the first message of each kind of trouble in the window."""
    logs, window = scene.case.logs, scene.window
    found: dict[tuple[str, int], Citation] = {}
    if window is None:
        return found
    seen = set()
    rows = np.flatnonzero((logs.severity >= WARN) & (logs.at >= window.start) & (logs.at <= window.end))
    for row in rows.tolist():
        if (template := int(logs.template[row])) in seen:
            continue
        seen.add(template)
        for one in _PLACE.finditer(f"{logs.text[row][:4000]}\n{logs.attributes[row][:4000]}"):
            found.setdefault((one[1] or one[3], int(one[2] or one[4])), logs.rows.cite(row))
    return found


def _report(path: str, reports: list[Fact]) -> tuple[frozenset[int], frozenset[int], tuple[Citation, ...]]:
    """Lines that ran and that did not, of the file that a path is of; several files that end alike are none."""
    mine = [one for one in reports if _alike(one.event.subject, path)]
    if len({one.event.subject for one in mine}) != 1:
        return frozenset(), frozenset(), ()
    ran = frozenset[int]().union(*(ranges.read(one.event.attributes.get("hit", "")) for one in mine))
    not_run = frozenset[int]().union(*(ranges.read(one.event.attributes.get("missed", "")) for one in mine))
    return ran, not_run, tuple(one.cite for one in mine)


def _alike(one: str, other: str) -> bool:
    """The same path, seen from two folders."""
    a, b = f"/{one.strip('./')}", f"/{other.strip('./')}"
    return a.endswith(b) or b.endswith(a)


ANALYSIS = Analysis(NAME, "lines of the triggering change, or of the failure, that no test ran", run)
