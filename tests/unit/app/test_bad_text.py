"""Through the real way in: JSON that is none, text that is hostile, and lines without an end."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from afterword.app import casebook, intake
from afterword.model.incident import Options
from afterword.reading import strict_json
from afterword.reading.strict_json import Malformed
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from afterword.model.evidence import Evidence

BAD = Path(__file__).resolve().parents[4] / "shared" / "data" / "bad-input"
#: Two documents of the suite that are accepted there and set aside here: which of two equal keys counts, nobody can tell.
REPEATED = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
GOOD = b'{"time":"2024-05-01T00:00:00Z","level":"info","message":"beside it"}\n'


def take(at: Path, raw: bytes, name: str = "bad") -> tuple[Evidence, LakeParquet]:
    """The file beside a good one, and what became of it."""
    at.mkdir(parents=True, exist_ok=True)
    (at / "good").write_bytes(GOOD)
    (at / name).write_bytes(raw)
    lake = LakeParquet(at / "lake")
    found = intake.collect([str(at / "good"), str(at / name)], BlobsFolder(at / "o"), lake).evidence
    bad = next(one for one in found if one.name == name)
    assert bad.accounting.balanced
    return bad, lake


def suite() -> list[Path]:
    found = sorted((BAD / "jsontestsuite").rglob("[yn]_*.json"))
    if len(found) < 280:
        pytest.skip("the JSON test suite is not beside the project")
    return found


def _is_read(raw: bytes) -> bool:
    try:
        strict_json.loads(raw.decode("utf-8"))
    except (Malformed, UnicodeDecodeError):
        return False
    return True


@pytest.mark.shared
def test_the_json_test_suite() -> None:
    """Every document that must be accepted is, every one that must not is refused; none ends in another error."""
    wrong = [path.name for path in suite() if _is_read(path.read_bytes()) is not path.name.startswith("y_")]
    assert wrong == REPEATED


@pytest.mark.shared
def test_the_standard_library_gets_some_wrong() -> None:
    """Negative control."""

    def accepts(raw: bytes) -> bool:
        try:
            json.loads(raw)
        except (ValueError, RecursionError):
            return False
        return True

    assert [path.name for path in suite() if accepts(path.read_bytes()) is not path.name.startswith("y_")]


@pytest.mark.shared
def test_the_json_test_suite_through_the_way_in(tmp_path: Path) -> None:
    """Each document as a field of a log record: one event, or the bytes are set aside."""
    paths, wrong = suite(), []
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good").write_bytes(GOOD)
    for path in paths:
        head = b'{"time": "2024-05-01T00:00:00Z", "level": "error", "message": "%s", "x": ' % path.name.encode()
        (folder / path.name).write_bytes(head + path.read_bytes() + b"}\n")
    found = intake.collect([str(folder)], BlobsFolder(tmp_path / "o"), LakeParquet(tmp_path / "lake")).evidence
    by_name = {one.name: one for one in found}
    for path in paths:
        one = by_name[path.name]
        accepted = one.counted == 1 and not one.accounting.quarantined
        refused = not one.counted and one.accounting.quarantined > 0
        readable = path.name.startswith("y_") and path.name not in REPEATED
        if not (accepted if readable else refused) or not one.accounting.balanced:
            wrong.append((path.name, one.counted, [problem.code for problem in one.problems]))
    assert wrong == []


@pytest.mark.parametrize("depth", [65, 100, 1000, 100_000])
def test_deep_nesting_is_refused_and_never_an_error(depth: int, tmp_path: Path) -> None:
    raw = b'{"time":"2024-05-01T00:00:00Z","message":"m","x":' + b"[" * depth + b"]" * depth + b"}\n"
    one, _ = take(tmp_path, raw)
    assert one.counted == 0
    assert "json-deep" in {problem.code for problem in one.problems} or depth > 5_000


def test_sixty_four_levels_are_read(tmp_path: Path) -> None:
    raw = b'{"time":"2024-05-01T00:00:00Z","message":"m","x":' + b"[" * 63 + b"]" * 63 + b"}\n"
    assert take(tmp_path, raw)[0].counted == 1


@pytest.mark.parametrize("value", [r'"\ud800"', r'"\udfff x"', r'"a\ud83d"'])
def test_half_of_a_surrogate_pair_reaches_no_store_as_an_error(value: str, tmp_path: Path) -> None:
    """JSON may say it, UTF-8 cannot: it is kept as a replacement, and the case is built."""
    raw = b'{"time":"2024-05-01T00:00:00Z","level":"error","service":"s","message":%s}\n' % value.encode()
    one, lake = take(tmp_path, raw)
    table = lake.tables([one])
    assert one.counted == table.num_rows == 1
    table.column("text").to_pylist()[0].encode("utf-8")
    casebook.build("INC-1", [one], table, Options())


def test_a_repeated_key_is_set_aside(tmp_path: Path) -> None:
    one, _ = take(tmp_path, b'{"time":"2024-05-01T00:00:00Z","message":"a","message":"b"}\n' * 2)
    assert {problem.code for problem in one.problems} == {"json-repeated-key"}


def _lines() -> list[bytes]:
    """Our own hostile lines, and the list of naughty strings where it is."""
    own = [
        "a\u2028b", "a\u2029b", "a\x85b", "a\x0bb", "a\x0cb", "a\x1cb", "\x00", "a\x00b", "\x1b[31mred", "\x1b]52;c;AA\x07",
        "\u202eevil", "\ufeff", "ﷺ" * 20, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔", "👩‍👩‍👧‍👦", "' OR 1=1 --", "<script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}", "%n%s", "=1+1",
    ]  # fmt: skip
    raw = [one.encode() for one in own] + [
        b"\xff\xfe\xfd",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"a\x80b",
        b"\xe2\x28\xa1",
    ]
    naughty = BAD / "blns" / "blns.txt"
    return raw + (naughty.read_bytes().split(b"\n") if naughty.is_file() else [])


def test_hostile_lines_are_kept_byte_for_byte(tmp_path: Path) -> None:
    """Only a line feed ends a line; what no UTF-8 decoder takes is replaced in the text and exact in the evidence."""
    lines = [line.replace(b"\r", b"") for line in _lines()]
    raw = b"".join(b"2024-05-01T00:00:%02dZ ERROR shop: %s\n" % (n % 60, line) for n, line in enumerate(lines))
    one, lake = take(tmp_path, raw)
    assert one.counted == len(lines)
    rows = sorted(lake.tables([one]).select(["start", "end"]).to_pylist(), key=lambda row: row["start"])
    assert b"".join(raw[row["start"] : row["end"]] for row in rows) == raw
    with BlobsFolder(tmp_path / "o").open(one.sha256) as stream:
        assert stream.read() == raw
    casebook.build("INC-1", [one], lake.tables([one]), Options())


def test_splitlines_would_make_more_of_them() -> None:
    """Negative control: what the standard library calls a line."""
    assert len("a\u2028b\x85c\x0bd\x0ce".splitlines()) == 5


@pytest.mark.parametrize("head", [b"2024-05-01T00:00:00Z ERROR ", b'{"time":"2024-05-01T00:00:00Z","message":"', b""])
def test_a_line_without_an_end(head: bytes, tmp_path: Path) -> None:
    """64 MiB without a line feed (1 GiB by hand: 170 MB of memory at the most) are read in bounded memory."""
    path = tmp_path / "long"
    with path.open("wb") as out:
        out.write(b"2024-05-01T00:00:00Z INFO begin\n" + head)
        for _ in range(64):
            out.write(b"x" * (1 << 20))
        out.write(b"\n2024-05-01T00:00:01Z INFO end\n")
    code = (
        "import sys; from pathlib import Path; from afterword.app import intake;"
        "from afterword.stores.blobs_folder import BlobsFolder; from afterword.stores.lake_parquet import LakeParquet;"
        "root = Path(sys.argv[1]); found = intake.collect([str(root / 'long')], BlobsFolder(root / 'o'), LakeParquet(root / 'l')).evidence;"
        "assert found[0].accounting.balanced and found[0].counted >= 2, found;"
        # What getrusage tells is inherited, over fork and exec, from whoever runs the tests.
        "print(int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) >> 10)"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 300


def test_a_reader_of_whole_lines_would_take_them_into_memory() -> None:
    """Negative control of the measurement: 64 MiB held at once are seen."""
    tracemalloc.start()
    held = bytearray(64 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak >= len(held)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 64 << 10
