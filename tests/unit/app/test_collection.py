"""Collecting: pages are durable one by one, going on asks only for what is missing, and what did not come is said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from small_server import Answer, Said, SmallServer

from afterword.app import asked, collection, systems
from afterword.app.collection import Plan, Run
from afterword.model.collection import Collection
from afterword.model.refusal import ConflictError, InvalidError, UnreadableError
from afterword.model.time import HOUR, Span
from afterword.ports import Connector, GivenUpError, Left, Request
from afterword.stores.blobs_folder import BlobsFolder

if TYPE_CHECKING:
    from collections.abc import Generator

    from afterword.app.systems import System
    from afterword.ports import Ask, Response

WINDOW = Span(1_772_442_000_000_000_000, 1_772_442_000_000_000_000 + HOUR)
AFTER = "2026-03-02T12:00:00Z"


def pages(ask: Ask) -> Generator[Request | Left, Response, None]:
    """The way (not kept), then as many pages as it says; a page that fails is passed over."""
    way = yield Request(f"{ask.url}/way", says="the way", keep=False)
    for number in range(json.loads(way.body)):
        try:
            yield Request(
                f"{ask.url}/page?n={number}", secret={"Authorization": "Bearer tok-12345"}, says=f"page {number}"
            )
        except GivenUpError:
            continue
    yield Left("12 pages that nobody needs")


COUNTING = Connector("counting", "pages of the test", pages)


def system(url: str, name: str = "one", connector: Connector = COUNTING) -> System:
    return systems.System(name, connector, url, rate=1000.0, timeout=2.0)


def run(folder: Path, **more: Any) -> Run:
    return Run(BlobsFolder(folder / "objects"), folder / "collections", lambda: AFTER, lambda *_: None, **more)


def served(count: int = 3, **routes: Any) -> SmallServer:
    page = Answer(b"")

    def numbered(said: Said) -> Answer:
        return replace(page, body=f'{{"answer": "{said.path}"}}'.encode(), headers={"Content-Type": "application/json"})

    return SmallServer({"/way": Answer(str(count).encode()), "/page": numbered, **routes})


def content(folder: Path, sha256: str) -> bytes:
    with BlobsFolder(folder / "objects").open(sha256) as stream:
        return stream.read()


def shas(found: Collection) -> list[str]:
    return [page.sha256 for page in found.pages]


def test_every_answer_is_kept_with_its_question(tmp_path: Path) -> None:
    with served() as server:
        found = collection.collect(Plan((system(server.url),), WINDOW), run(tmp_path))
    (one,) = found.systems
    assert (one.asked, one.again, one.got, one.failed) == (4, 0, 3, ())
    assert one.left == ("12 pages that nobody needs",)
    page = one.pages[1]
    assert content(tmp_path, page.sha256) == b'{"answer": "/page?n=1"}'
    assert (page.asked.url, page.asked.status, page.asked.at, page.asked.says) == (
        f"{server.url}/page?n=1",
        200,
        AFTER,
        "page 1",
    )
    assert page.name == "one/0002-page-1.json"


def test_no_secret_reaches_the_disk(tmp_path: Path) -> None:
    with served() as server:
        collection.collect(Plan((system(server.url),), WINDOW), run(tmp_path))
    assert any("tok-12345" in value for said in server.asked for value in said.headers.values())
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"tok-12345" not in path.read_bytes()


def test_the_same_again_asks_only_for_the_way(tmp_path: Path) -> None:
    with served() as server:
        plan = Plan((system(server.url),), WINDOW)
        first = collection.collect(plan, run(tmp_path))
        before = len(server.asked)
        second = collection.collect(plan, run(tmp_path))
        assert [said.path for said in server.asked[before:]] == ["/way"]
        assert (second.systems[0].again, second.systems[0].got) == (3, 3)
        assert second.pages == first.pages
        third = collection.collect(plan, run(tmp_path, anew=True))
        assert (third.systems[0].again, third.systems[0].asked) == (0, 4)


def test_a_failed_page_is_told_and_asked_again_next_time(tmp_path: Path) -> None:
    broken = {"1"}

    def page(said: Said) -> Answer:
        number = said.path.rpartition("=")[2]
        return Answer(b"no", 404) if number in broken else Answer(number.encode())

    with served(4, **{"/page": page}) as server:
        plan = Plan((system(server.url),), WINDOW)
        first = collection.collect(plan, run(tmp_path)).systems[0]
        assert [(one.says, one.why, one.status) for one in first.failed] == [
            ("page 1", "answered 404 Not Found: no", 404)
        ]
        assert first.got == 3
        broken.clear()
        before = len(server.asked)
        second = collection.collect(plan, run(tmp_path)).systems[0]
        assert [said.path for said in server.asked[before:]] == ["/way", "/page?n=1"]
        assert (second.got, second.failed) == (4, ())
        assert [page.name for page in second.pages] == [f"one/{n + 1:04d}-page-{n}.txt" for n in range(4)]


def test_answers_from_before_the_end_of_the_window_are_not_whole(tmp_path: Path) -> None:
    """Collected while it was going on: the same command an hour later asks everything anew."""
    with served() as server:
        plan = Plan((system(server.url),), WINDOW)
        early = replace(run(tmp_path))
        early.now = lambda: "2026-03-02T09:30:00Z"
        collection.collect(plan, early)
        assert collection.collect(plan, run(tmp_path)).systems[0].again == 0


def test_one_system_that_is_gone_does_not_stop_the_others(tmp_path: Path) -> None:
    with served() as server, served() as other:
        plan = Plan((system(server.url, "one"), system("http://127.0.0.1:1", "gone"), system(other.url, "two")), WINDOW)
        found = collection.collect(plan, run(tmp_path))
    assert [(one.system, one.got) for one in found.systems] == [("one", 3), ("gone", 0), ("two", 3)]
    assert "the rest was not asked" in found.systems[1].failed[0].why
    assert not found.whole
    collection.refuse_nothing(found)
    with pytest.raises(UnreadableError, match="gone: the way: no connection"):
        collection.refuse_nothing(replace(found, systems=found.systems[1:2]))


def _crashing(_: Ask) -> Generator[Request, Response, None]:
    raise ZeroDivisionError
    yield Request("")


def _endless(ask: Ask) -> Generator[Request, Response, None]:
    while True:
        yield Request(f"{ask.url}/way")


def test_connectors_that_misbehave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "MOST_REQUESTS", 20)
    with served() as server:
        crashing = system(server.url, "crashing", Connector("crashing", "", _crashing))
        endless = system(server.url, "endless", Connector("endless", "", _endless))
        found = collection.collect(Plan((crashing, endless), WINDOW), run(tmp_path))
    assert found.systems[0].failed[0].why == "the connector crashing failed (ZeroDivisionError)"
    assert found.systems[1].failed[0].why == "more than 20 questions; ask for less"
    assert found.systems[1].got == 20


def _needing(ask: Ask) -> Generator[Request, Response, None]:
    if "query" not in ask.options:
        raise InvalidError("The option query is needed.", ("query: is needed",))
    yield Request(ask.url)


def test_options_are_refused_before_anything_is_asked(tmp_path: Path) -> None:
    """Two systems whose connectors need to know what to ask for: both are told at once, and nobody was asked."""
    needing = Connector("needing", "", _needing)
    with served() as server:
        plan = Plan((system(server.url), system(server.url, "a", needing), system(server.url, "b", needing)), WINDOW)
        with pytest.raises(InvalidError) as refused:
            collection.check(plan)
        assert refused.value.reasons == ("a: query: is needed", "b: query: is needed")
        crashing = system(server.url, "crashing", Connector("crashing", "", _crashing))
        collection.check(Plan((system(server.url), crashing), WINDOW))
        assert server.asked == []


def test_two_at_once_on_one_collection(tmp_path: Path) -> None:
    with served() as server:
        plan = Plan((system(server.url),), WINDOW)
        folder = tmp_path / "collections"
        folder.mkdir()
        with (
            collection.PageLog.open(folder / f"{plan.id}.ndjson", 0),
            pytest.raises(ConflictError, match="another process"),
        ):
            collection.collect(plan, run(tmp_path))


def test_a_page_log_that_was_cut_off(tmp_path: Path) -> None:
    """The machine stopped in the middle of a line: what stands before it counts, and the next line is whole again."""
    with served() as server:
        plan = Plan((system(server.url),), WINDOW)
        collection.collect(plan, run(tmp_path))
        log = tmp_path / "collections" / f"{plan.id}.ndjson"
        log.write_bytes(log.read_bytes()[:-40])
        assert collection.collect(plan, run(tmp_path)).systems[0].again == 2
        assert collection.collect(plan, run(tmp_path)).systems[0].again == 3
        assert collection.window_of(tmp_path / "collections", plan.id) == WINDOW
        assert collection.window_of(tmp_path / "collections", "col-0000000000") is None


def test_as_files_with_the_questions_beside_them(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with served() as server:
        one = run(tmp_path)
        found = collection.collect(Plan((system(server.url),), WINDOW), one)
        asked.write(found, out, one.blobs)
        names = ["0001-page-0.json", "0002-page-1.json", "0003-page-2.json"]
        assert sorted(path.name for path in (out / "one").iterdir()) == names
        beside = asked.beside([str(out / "one" / "0002-page-1.json")])
        assert beside[found.pages[1].sha256] == found.pages[1].asked
        # Another run of it takes the place of the first, but what somebody changed or put there stays.
        (out / "one" / names[0]).write_text("changed")
        (out / "notes.txt").write_text("mine")
        fewer = replace(found, systems=(replace(found.systems[0], pages=found.pages[1:2]),))
        asked.write(fewer, out, one.blobs)
        assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [asked.FILE, *names[:2], "notes.txt"]
        # Another collection would be read together with this one.
        with pytest.raises(InvalidError, match="name another folder"):
            asked.write(replace(found, id="col-0000000000"), out, one.blobs)


@pytest.mark.parametrize(
    "text",
    [
        "[[[",
        "[]",
        '{"answers": 1}',
        '{"answers": [1, {}, {"sha256": 1, "asked": 2}]}',
        '{"answers": [{"name": "../../x", "sha256": ""}]}',
    ],
)
def test_questions_that_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text("kept")
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / asked.FILE).write_text(text)
    assert asked.beside([str(folder)]) == {}
    asked.check(folder, "col-0000000000")
    asked.write(Collection("col-0000000000", WINDOW), folder, BlobsFolder(tmp_path / "objects"))
    assert (tmp_path / "x").read_text() == "kept"


_PROGRAM = """
import sys
sys.path[:0] = [{here!r}]
from pathlib import Path
from test_collection import WINDOW, collection, run, system, Plan
collection.collect(Plan((system({url!r}),), WINDOW), run(Path({folder!r})))
"""


def test_killed_in_the_middle_and_gone_on_with(tmp_path: Path) -> None:
    """Killed (-9) after some pages; going on asks only for the others, and the bytes are those of a run without the kill."""

    def slowly(said: Said) -> Answer:
        time.sleep(0.05)
        return Answer(f'{{"answer": "{said.path}"}}'.encode(), headers={"Content-Type": "application/json"})

    with served(30, **{"/page": slowly}) as server:
        killed, whole = tmp_path / "killed", tmp_path / "whole"
        program = _PROGRAM.format(here=str(Path(__file__).parent), url=server.url, folder=str(killed))
        process = subprocess.Popen([sys.executable, "-c", program])
        while len(server.asked) < 12:
            time.sleep(0.01)
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        before = len(server.asked)
        plan = Plan((system(server.url),), WINDOW)
        found = collection.collect(plan, run(killed))
        assert found.systems[0].again >= 10
        assert len(server.asked) - before == 1 + 30 - found.systems[0].again
        again = collection.collect(plan, run(whole))
    assert shas(found) == shas(again)
    assert [page.name for page in found.pages] == [page.name for page in again.pages]
    for sha in shas(found):
        assert content(killed, sha) == content(whole, sha)
