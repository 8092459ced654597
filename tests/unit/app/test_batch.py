"""Reading in columns is reading line by line, only faster: the same rows in the lake, the same accounts, the same secrets gone."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from both_ways import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.app import intake
from afterword.reading.bulk import block
from afterword.sources import syslog, text_log
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from pathlib import Path


SAID = (
    "order 17 failed",
    "could not reach java.net.SocketException: trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "ERROR: relation does not exist",
    "",
    "   ",
    "Straße gesperrt, 日本 \u2028 wait",
    "x" * 5000,
    "login with password=hunter2secret99 of alice@example.com",
    "key AKIAIOSFODNN7EXAMPLX1 and 4111 1111 1111 1111",
    '{"level": "error", "msg": "inner"}',
)
BELOW = (
    "Traceback (most recent call last):",
    '  File "a.py", line 3, in b',
    "ValueError: no",
    "\tat com.a.B.c(B.java:3)",
    "",
    " ",
    "what",
    "\ufeffx",
)
BEGIN = (
    "2026-03-14T09:0{m}:{s:02}.{f:03}Z [{n}] LOG:  {said}",
    "2026-03-14 09:0{m}:{s:02} UTC [{n}] ERROR:  {said}",
    "2026-03-14 09:0{m}:{s:02},{f:03} INFO  [main] com.acme.Cart - {said}",
    "Mar 14 09:0{m}:{s:02} web-1 sshd[{n}]: {said}",
    '10.0.0.{n} - - [14/Mar/2026:09:0{m}:{s:02} +0000] "GET /a/{n} HTTP/1.1" 50{m} 12 "-" "curl"',
    "<3>1 2026-03-14T09:0{m}:{s:02}.{f:03}Z host app {n} - - {said}",
    "2026-03-14 09:0{m}:{s:02} INFO cart: {said}",
    "2026-03-14 09:0{m}:{s:02} WARN Error: {said}",
    "I0314 09:0{m}:{s:02}.{f:06} 7 main.go:{n}] {said}",
)


def log(rng: random.Random, begin: str, lines: int, *, below: float = 0.1) -> bytes:
    made = []
    for n in range(lines):
        made.append(begin.format(m=n // 60 % 6, s=n % 60, f=n % 1000, n=n % 97, said=rng.choice(SAID)))
        if rng.random() < below:
            made += rng.choices(BELOW, k=rng.randrange(1, 6))
    return ("\n".join(made) + rng.choice(("", "\n"))).encode()


@pytest.mark.parametrize("begin", BEGIN)
@pytest.mark.parametrize("small", [False, True])
def test_columns_say_what_the_lines_say(
    begin: str, small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One format a file, with stack traces, blank lines and odd characters between; in one block, and in many."""
    if small:
        monkeypatch.setattr(block, "_BLOCK", 700)
    raw = log(random.Random(3), begin, 400)
    source = syslog.SOURCE if begin.startswith(("Mar", "<3>")) else text_log.SOURCE
    same(source, raw, tmp_path)


def test_most_lines_do_go_as_columns(tmp_path: Path) -> None:
    """The control: a reader that always goes line by line would pass the other tests too."""
    same(text_log.SOURCE, log(random.Random(3), BEGIN[0], 400, below=0.02), tmp_path, some=True)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(BEGIN), st.integers(0, 59), st.sampled_from(SAID)).map(
                lambda one: one[0].format(m=one[1] % 6, s=one[1], f=one[1], n=one[1], said=one[2])
            ),
            st.sampled_from(BELOW),
            st.text(max_size=30),
        ),
        max_size=30,
    ),
    end=st.sampled_from(["\n", "\r\n"]),
    size=st.sampled_from([60, 300, 1 << 20]),
)
def test_any_mixture_of_lines(lines: list[str], end: str, size: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    raw = end.join(lines).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "_BLOCK", size)
        same(text_log.SOURCE, raw, tmp_path_factory.mktemp("mixture"))


def test_bytes_that_are_no_text_and_lines_that_never_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "_BLOCK", 500)
    monkeypatch.setattr(block, "_MOST", 2000)
    good = log(random.Random(5), BEGIN[0], 30, below=0)
    same(text_log.SOURCE, good + b"\n\xff\xfe broken \xff\n" + good + b"y" * 9000 + b"\n" + good, tmp_path)


def test_a_reader_of_columns_that_disagrees_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the columns ever say something else than the lines, the lines count."""
    from afterword.reading.bulk import shaped

    monkeypatch.setattr(shaped, "hinted", lambda *_: "fatal")
    monkeypatch.setattr(shaped, "_POWER", (7,) * 10)
    same(text_log.SOURCE, log(random.Random(3), BEGIN[0], 50), tmp_path)


@pytest.mark.parametrize("begin", BEGIN)
def test_the_way_in_is_the_same_with_and_without_columns(begin: str, tmp_path: Path) -> None:
    """Accounts, times and problems of the artefact, and every row after secrets were replaced."""
    path = tmp_path / "a.log"
    path.write_bytes(log(random.Random(11), begin, 300))
    found = {}
    one_by_one = tuple(replace(source, bulk=None) for source in intake.plugs.sources())
    for way in ("columns", "lines"):
        with pytest.MonkeyPatch.context() as patch:
            if way == "lines":
                patch.setattr(intake.plugs, "sources", lambda: one_by_one)
            blobs, lake = BlobsFolder(tmp_path / way / "blobs"), LakeParquet(tmp_path / way / "lake")
            taken = intake.collect([str(path)], blobs, lake)
            found[way] = (taken, lake.tables(taken.evidence).to_pylist())
    assert found["columns"] == found["lines"]
    said = json.dumps(found["columns"][1])
    assert "hunter2secret99" not in said
    assert "alice@example.com" not in said or "{said}" not in begin
