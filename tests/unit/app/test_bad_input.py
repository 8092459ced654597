"""The corpus of hostile files: each is refused, set aside, read in part or read whole, as its manifest says, and fast."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from afterword.app import intake
from afterword.app.operations import lesson, tree
from afterword.core.clock import Doubt, Stamp, parse_time
from afterword.model.evidence import Evidence, Gravity
from afterword.model.refusal import InvalidError, RefusalError, UnreadableError
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Sequence

MAKER = Path(__file__).resolve().parents[4] / "shared" / "data" / "bad-input" / "own" / "make_bad_input.py"
SLOWEST = 5.0
GOOD = b"2024-05-01T00:00:00Z INFO good: the line beside it\n"
ELSEWHERE = ("xml", "yaml", "ssrf", "time")

pytestmark = pytest.mark.shared


class Corpus(NamedTuple):
    folder: Path
    rows: tuple[dict[str, Any], ...]

    def of(self, *folders: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["path"].split("/")[0] in folders]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The corpus, made anew by its generator."""
    if not MAKER.is_file():
        pytest.skip("the research data is not beside the project")
    folder = tmp_path_factory.mktemp("bad")
    subprocess.run([sys.executable, str(MAKER), str(folder)], check=True, capture_output=True)
    rows = (folder / "MANIFEST.jsonl").read_text().splitlines()
    return Corpus(folder, tuple(json.loads(row) for row in rows))


class Outcome(NamedTuple):
    """What became of one file: the artefacts that came out of it, and the rows that the lake holds of them."""

    evidence: tuple[Evidence, ...]
    rows: list[dict[str, Any]]
    seconds: float

    @property
    def counted(self) -> int:
        return sum(one.counted for one in self.evidence)

    @property
    def problems(self) -> list[Any]:
        return [problem for one in self.evidence for problem in one.problems]

    @property
    def aside(self) -> int:
        return sum(one.accounting.quarantined for one in self.evidence)


def take(path: Path, at: Path) -> Outcome:
    """Collect the file together with a good one, so that one bad file is seen not to spoil the rest."""
    good = at / "good.log"
    at.mkdir(parents=True, exist_ok=True)
    good.write_bytes(GOOD)
    lake = LakeParquet(at / "lake")
    begun = time.monotonic()
    found = intake.collect([str(good), str(path)], BlobsFolder(at / "objects"), lake).evidence
    seconds = time.monotonic() - begun
    mine = tuple(one for one in found if one.name != good.name)
    assert len(mine) == len(found) - 1
    assert next(one for one in found if one.name == good.name).counted == 1
    return Outcome(mine, lake.tables(mine).to_pylist() if mine else [], seconds)


def failures(corpus: Corpus, at: Path, rows: Sequence[dict[str, Any]]) -> list[str]:
    """One sentence for each file that met another end than its manifest says."""
    wrong = []
    for number, row in enumerate(rows):
        try:
            outcome = take(corpus.folder / row["path"], at / str(number))
        except RefusalError as error:
            wrong.append(f"{row['path']}: the good file beside it was lost: {error}")
            continue
        if not all(one.accounting.balanced for one in outcome.evidence):
            wrong.append(f"{row['path']}: bytes are unaccounted for")
        if outcome.seconds > SLOWEST:
            wrong.append(f"{row['path']}: {outcome.seconds:.1f} s")
        if not EXPECTED[row["expect"]](outcome):
            codes = [(one.code, one.gravity.value) for one in outcome.problems]
            wrong.append(f"{row['path']}: not {row['expect']}: {outcome.counted} events, {codes}")
    return wrong


def _rejected(outcome: Outcome) -> bool:
    """No event, and a coded problem that says why."""
    return not outcome.counted and any(one.code and one.gravity is not Gravity.INFO for one in outcome.problems)


def _quarantined(outcome: Outcome) -> bool:
    """Bytes kept and set aside with a coded problem."""
    return outcome.aside > 0 and any(one.code and one.quarantined for one in outcome.problems)


def _accepted(outcome: Outcome) -> bool:
    return outcome.counted > 0 and not any(one.quarantined for one in outcome.problems)


def _partial(outcome: Outcome) -> bool:
    return outcome.counted > 0


EXPECTED = {"reject": _rejected, "quarantine": _quarantined, "accept": _accepted, "partial": _partial}


@pytest.mark.parametrize("folder", ["archive", "json", "text", "csv", "markup", "prompt", "redos"])
def test_every_file_meets_the_end_that_its_manifest_names(folder: str, corpus: Corpus, tmp_path: Path) -> None:
    assert failures(corpus, tmp_path, corpus.of(folder)) == []


def test_the_whole_corpus_takes_little_memory(corpus: Corpus, tmp_path: Path) -> None:
    """256 MiB above what one good file takes; measured: 49. A child that unpacks may have 512 of its own."""
    code = (
        "import resource, sys; from pathlib import Path; from afterword.app import intake;"
        "from afterword.stores.blobs_folder import BlobsFolder; from afterword.stores.lake_parquet import LakeParquet\n"
        "at, good = Path(sys.argv[1]), sys.argv[2]\n"
        "def peak(*names):\n"
        "    intake.collect([good, *names], BlobsFolder(at / 'o'), LakeParquet(at / 'l'))\n"
        "    return int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) >> 10\n"
        "base = peak()\n"
        "print(peak(*sys.argv[3:]) - base, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)\n"
    )
    (tmp_path / "good.log").write_bytes(GOOD)
    files = [str(corpus.folder / row["path"]) for row in corpus.rows if row["path"].split("/")[0] not in ELSEWHERE]
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(tmp_path / "good.log"), *files], capture_output=True, text=True, check=True)  # fmt: skip
    above, child = map(int, ran.stdout.split())
    assert above < 256
    assert child < 512


def test_every_row_of_the_manifest_is_looked_at(corpus: Corpus) -> None:
    """A kind of file that the corpus gains must not be passed over in silence."""
    folders = {row["path"].split("/")[0] for row in corpus.rows}
    assert folders == {"archive", "json", "text", "csv", "markup", "prompt", "redos", *ELSEWHERE}


def test_names_in_archives_write_nothing_outside(corpus: Corpus, tmp_path: Path) -> None:
    """Slips, links and devices: whatever the names say, nothing stands beside the store afterwards."""
    for number, row in enumerate(corpus.of("archive")):
        at = tmp_path / str(number)
        take(corpus.folder / row["path"], at)
        assert {one.name for one in at.iterdir()} <= {"good.log", "lake", "objects"}
        absolute = re.findall(rb"/[a-z]+/pwned[.a-z]*", (corpus.folder / row["path"]).read_bytes())
        assert not any(Path(name.decode()).exists() for name in absolute)


def test_good_lines_among_bad_ones(corpus: Corpus, tmp_path: Path) -> None:
    [row] = [one for one in corpus.rows if "good_lines" in one]
    outcome = take(corpus.folder / row["path"], tmp_path)
    assert outcome.counted == row["good_lines"]
    assert {row["text"] for row in outcome.rows} == {f"ok {i}" for i in range(700) if i % 10}


def test_no_line_is_forged(corpus: Corpus, tmp_path: Path) -> None:
    """Only a line feed ends a line; what looks like a second record stays text of the first."""
    [row] = [one for one in corpus.rows if one["kind"] == "log-forging"]
    outcome = take(corpus.folder / row["path"], tmp_path)
    assert outcome.counted == row["lines"]


@pytest.mark.parametrize("kind", ["invalid-utf8", "terminal-escape", "prompt-injection", "markup"])
def test_hostile_text_is_kept_a_record_a_line(kind: str, corpus: Corpus, tmp_path: Path) -> None:
    """Each line is one event whose place leads to its bytes, byte for byte as they came."""
    [row] = [one for one in corpus.rows if one["kind"] == kind]
    raw = (corpus.folder / row["path"]).read_bytes()
    outcome = take(corpus.folder / row["path"], tmp_path)
    assert outcome.counted == raw.count(b"\n")
    assert b"".join(raw[one["start"] : one["end"]] for one in sorted(outcome.rows, key=lambda one: one["start"])) == raw


def test_cells_that_a_spreadsheet_would_run(corpus: Corpus, tmp_path: Path) -> None:
    """They are log messages like any other."""
    [row] = [one for one in corpus.rows if one["kind"] == "csv-formula"]
    assert take(corpus.folder / row["path"], tmp_path).counted == row["cases"]


def _expected(row: dict[str, str]) -> int | None:
    if not row["expect_utc"]:
        return None
    found = parse_time(row["expect_utc"])
    assert isinstance(found, Stamp)
    return found.ns


def test_times(corpus: Corpus) -> None:
    """Forty-nine ways to write a time: the right instant, or a doubt; a wall clock without a zone is flagged as one."""
    with (corpus.folder / "time" / "times.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 49
    wrong = []
    for row in rows:
        found = parse_time(row["input"], zone=row["zone"])
        wanted = _expected(row)
        held = (
            isinstance(found, Doubt) or found.offset is None
            if wanted is None
            else isinstance(found, Stamp) and found.ns == wanted
        )
        if not held:
            wrong.append((row["input"], row["note"], found))
    assert wrong == []


def test_fault_trees(corpus: Corpus) -> None:
    """Entity bombs, external entities, inclusions, depth, cycles: refused with a reason, quickly, and nothing is opened."""
    wrong = []
    for row in corpus.of("xml"):
        begun = time.monotonic()
        try:
            tree.read_tree(corpus.folder / row["path"])
            end = "accept"
        except (InvalidError, UnreadableError):
            end = "reject"
        if end != row["expect"] or time.monotonic() - begun > SLOWEST:
            wrong.append((row["path"], end, time.monotonic() - begun))
    assert wrong == []


def test_rule_files(corpus: Corpus) -> None:
    """None of the YAML files is a rule file: bombs, tags, repeated keys and all are refused quickly, and nothing runs."""
    wrong = []
    for row in corpus.of("yaml"):
        begun = time.monotonic()
        try:
            list(lesson.rules_of(corpus.folder / row["path"]))
            wrong.append((row["path"], "accepted"))
        except (InvalidError, UnreadableError):
            if time.monotonic() - begun > SLOWEST:
                wrong.append((row["path"], time.monotonic() - begun))
    assert wrong == []


def test_rules_that_say_a_thing_twice(tmp_path: Path) -> None:
    """A repeated key and an alias bomb inside a rule file. Negative control: the same file without them."""
    rules = "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up == 0\n"
    file = tmp_path / "rules.yaml"
    file.write_text(rules)
    assert [one.name for one in lesson.rules_of(file)] == ["Down"]
    for hostile in (rules + "    expr: up == 1\n", rules + "x: &x [*x]\n", _bomb(rules)):
        file.write_text(hostile)
        with pytest.raises((InvalidError, UnreadableError)):
            list(lesson.rules_of(file))


def _bomb(rules: str) -> str:
    layers = [f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]" for i in range(1, 10)]
    return rules + "x0: &x0 [a, a, a]\n" + "\n".join(layers) + "\n"


def test_addresses_are_no_evidence(corpus: Corpus, tmp_path: Path) -> None:
    """Names that lead into the machine, its network or its files by another scheme are refused before anything is asked."""
    lake, blobs = LakeParquet(tmp_path / "lake"), BlobsFolder(tmp_path / "objects")
    for address in (corpus.folder / "ssrf" / "urls.txt").read_text(encoding="utf-8").splitlines():
        with pytest.raises(InvalidError):
            intake.collect([address], blobs, lake)


def test_patterns_that_take_forever_are_never_run(corpus: Corpus, tmp_path: Path) -> None:
    """Evidence that holds such patterns and the texts they choke on is text: no reader runs what it reads."""
    cases = json.loads((corpus.folder / "redos" / "patterns.json").read_text())
    lines = [text for case in cases for text in (case["pattern"], case["subject"], case["subject"] * 500)]
    file = tmp_path / "lines.log"
    file.write_text("".join(f"2024-05-01T00:00:00Z ERROR {line}\n{line}\n" for line in lines))
    outcome = take(file, tmp_path / "x")
    assert outcome.seconds < 1
    assert outcome.counted >= len(lines)
