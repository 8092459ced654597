"""Diffs that nobody wrote to be read: none makes the judge fail, hang, or let something pass unseen."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from afterword.core.diff import DiffJudgement, judge
from afterword.core.diff.grammar import DEEPEST, LONGEST, tree

sys.path.insert(0, str(Path(__file__).parent))

from labelled import labelled

ENDINGS = (
    "py",
    "go",
    "java",
    "js",
    "ts",
    "tsx",
    "cs",
    "rb",
    "rs",
    "php",
    "kt",
    "c",
    "cpp",
    "scala",
    "sh",
    "yaml",
    "json",
    "sql",
)
HEAD = "@@ -1,9 +1,9 @@\n"
#: Generous: the machine of a test may be busy. Without bounds the worst of these take minutes.
SECONDS = 20.0


def added(line: str, size: int = 60_000) -> str:
    return HEAD + "\n".join(["+" + line] * (size // len(line)))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "line", ["a<a<b<c>>(d) x", "(" * 400, "x=[[[]]],", "'\"`/*", "\0f(\0)", "é" * 300, "if a: x = {"]
)
def test_no_text_takes_long(line: str, ending: str) -> None:
    began = time.monotonic()
    assert isinstance(judge(added(line), [f"svc/a.{ending}"], ""), DiffJudgement)
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize(
    "source",
    [b"x = 1\n" * LONGEST, b"(" * (DEEPEST + 1) + b")" * (DEEPEST + 1), b"a<" * 500, b"x = '\0'"],
    ids=["long", "deep", "angles", "nul"],
)
def test_what_no_parser_should_see_is_not_parsed(source: bytes) -> None:
    assert tree(source, "java") is None


def test_and_what_is_within_the_bounds_is() -> None:
    """Negative control."""
    parsed = tree(b"(" * (DEEPEST - 1) + b"x" + b")" * (DEEPEST - 1), "java")
    assert parsed is not None


def test_a_change_behind_the_end_of_a_long_line_is_not_exonerated() -> None:
    for ending in ("json", "yaml", "lua", "xml"):
        judged = judge(HEAD + f"-{'a ' * 400}1\n+{'a ' * 400}2", [f"conf/x.{ending}"], "")
        assert not judged.harmless


def test_a_change_behind_the_last_line_that_is_read_is_not_exonerated() -> None:
    comments = "\n".join(["+// nothing"] * 30_000)
    assert not judge(f"--- a/x.go\n+++ b/x.go\n{HEAD}{comments}\n-\tmu.Lock()\n", [], "").harmless
    assert judge(f"--- a/x.go\n+++ b/x.go\n{HEAD}" + "\n".join(["+// nothing"] * 300), [], "").harmless


def test_what_cannot_be_read_is_not_exonerated() -> None:
    for diff in (
        "diff --git a/m.so b/m.so\nindex 1..2\nBinary files a/m.so and b/m.so differ\n",
        "diff --git a/run.sh b/run.sh\nold mode 100755\nnew mode 100644\n",
        "diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n",
        HEAD + "-x = '\0'\n+x = '\0 '\n",
    ):
        assert not judge(diff, [], "").harmless, diff


def test_a_picture_of_the_handbook_is() -> None:
    """Negative control."""
    assert judge("diff --git a/docs/a.png b/docs/a.png\nindex 1..2\nBinary files a/docs/a.png and b/docs/a.png differ\n", ["docs/a.png"], "").harmless  # fmt: skip


def test_a_file_that_is_named_and_not_shown_is_not_exonerated() -> None:
    diff = f"--- a/x.go\n+++ b/x.go\n{HEAD}-// one\n+// two\n"
    assert judge(diff, ["x.go"], "").harmless
    assert not judge(diff, ["x.go", "y.go"], "").harmless
    assert judge(diff, ["x.go", "y_test.go"], "").harmless


def test_damaged_diffs_are_survived() -> None:
    """Characters lost, doubled and exchanged in every labelled diff."""
    chance = random.Random(7)
    for one in labelled()[::3]:
        text = list(one.diff)
        for _ in range(12):
            at = chance.randrange(len(text))
            text[at] = chance.choice(["", text[at] * 2, "(", '"', "'", "\n", "+", "-", "\\", "\0", "é"])
        assert isinstance(judge("".join(text), [one.path], ""), DiffJudgement)


@pytest.mark.parametrize(
    "one",
    [one for one in labelled() if one.kinds & {"format", "rename", "comment", "imports"}],
    ids=lambda one: one.name,
)
def test_the_way_back_of_the_same_program_is_the_same_program(one: object) -> None:
    swapped = {"-": "+", "+": "-"}
    assert isinstance(one, type(labelled()[0]))
    back = [swapped.get(row[:1], row[:1]) + row[1:] for row in one.diff.split("\n")]
    lines = [row for row in back if not row.startswith("@@")]
    first, last = bool(judge(one.diff, [one.path], "").harmless), bool(judge("\n".join(lines), [one.path], "").harmless)
    assert first == last
