"""Postmortems of strangers through the linter: what it says agrees with a critical reader, rule by rule (decision 0029)."""

from __future__ import annotations

import csv
import hashlib
import json
import time
from collections import defaultdict
from pathlib import Path

import pytest

from afterword.app.foreign import read
from afterword.core import argument_rule, review
from afterword.core.foreign_graph import graph
from afterword.core.remark import draft

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "postmortems"
VERDICTS = ROOT / "tests" / "data" / "postmortem_verdicts.csv"
#: Below this a rule is a hint; fewer judged findings than LEAST say nothing of a rule by itself.
WANTED, LEAST = 0.8, 5

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the foreign postmortems are not here: ../shared/data/postmortems"),
]


def made(path: Path) -> set[tuple[str, int, str]]:
    document = read(path.read_bytes())
    lines = document.text.splitlines()
    found = {
        (one.rule, one.line, _digest(lines[one.line - 1], one.quote))
        for one in review.review(document.text, kind=document.kind)
    }
    drawn = graph(draft(document.text, document.kind))
    says = {one.id: one.statement for one in drawn.explanation.causes}
    for link in drawn.explanation.links:
        at = drawn.quotes[f"{link.cause}>{link.effect}"].line
        found.add(("argument.link", at, _digest(lines[at - 1], f"{says[link.cause]}>{says[link.effect]}")))
    return found


def _digest(line: str, quote: str) -> str:
    return hashlib.sha256(f"{line}|{quote}".encode()).hexdigest()[:16]


def test_four_of_five_findings_are_right_and_a_rule_of_which_that_is_not_shown_is_a_hint() -> None:
    index = (json.loads(line) for line in (DATA / "index.jsonl").read_text(encoding="utf-8").splitlines())
    where = {one["id"]: DATA / one["file"] for one in index}
    with VERDICTS.open(newline="") as rows:
        judged = list(csv.DictReader(rows))
    found = {id_: made(where[id_]) for id_ in {one["document"] for one in judged}}
    right: dict[str, list[bool]] = defaultdict(list)
    for one in judged:
        if (one["rule"], int(one["line"]), one["sha256"]) in found[one["document"]]:
            right[one["rule"]].append(one["right"] == "1")
    every = [hit for rule, hits in right.items() if rule != "argument.link" for hit in hits]
    assert len(every) > 300
    assert sum(every) / len(every) >= 0.9
    hints = {one.id for one in review.RULES if one.severity == "hint"}
    hints |= {one.id for one in argument_rule.RULES if one.severity == "hint"}
    low = {
        rule for rule, hits in right.items()
        if rule not in hints and len(hits) >= LEAST and sum(hits) / len(hits) < WANTED
    }  # fmt: skip
    assert low == set()


def test_all_of_them_are_read_in_a_few_seconds() -> None:
    """CPU of this process; twice the time that was measured is allowed, and then twice again for a slow machine."""
    before = time.process_time()
    for path in sorted((DATA / "docs").iterdir()):
        document = read(path.read_bytes())
        review.review(document.text, kind=document.kind)
    assert time.process_time() - before < 20


def test_the_verdicts_hold_no_words_of_anybody() -> None:
    """The negative control of the licence: a set, an id, a rule, a number, a hash and a bit, and nothing else."""
    with VERDICTS.open(newline="") as rows:
        for one in csv.DictReader(rows):
            assert set(one) == {"set", "document", "rule", "line", "sha256", "right"}
            assert len(one["sha256"]) == 16
            assert int(one["line"]) > 0
            assert one["right"] in "01"
