"""Every command, typed at a real terminal, over a workspace in which every word that can be a stranger's is hostile."""

from __future__ import annotations

import os
import pty
import re
import sys
import threading
import unicodedata
from typing import TYPE_CHECKING

import pytest

from afterword.app import table, terminal
from afterword.faces.cli import main, render, watch
from afterword.testing import small_incident

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What moves the cursor, renames the window, writes into the clipboard, links, turns text around, or hides it.
EVIL = (
    "a\x1b[2J\x1b[1;1Hb\x1b]0;title\x07c\x1b]52;c;YWJj\x07d\x1b]8;;http://x.example\x1b\\e\x1b]8;;\x1b\\f\x9b31mg\x90q\x9c"
    "h\x07i\x08\x08j\x7fk\r l\x1bPq\x1b\\m\u202en\u2066o\u2069p\u200fq\u200br\ufeffs\U000e0041\U000e007ft\x85u\u2028v\x0ew\x1b[?1049hx"
)
LONG = {"demo.run", "bench.list", "bench.rca", "collection.run"}


def steers(text: str) -> set[str]:
    """Characters that must never reach a terminal: controls but line feed and tab, bidirectional ones, tags."""
    return {
        mark for mark in text
        if (unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t")
        or mark in "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
        or 0xE0000 <= ord(mark) <= 0xE007F
    }  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with one incident, every name in it evil, and its files; analysed once."""
    folder = tmp_path_factory.mktemp("hostile")
    evidence = small_incident(folder / "evidence")
    one_line = EVIL.replace("\n", " ")
    log = evidence / f"evil-{one_line.replace('/', '_')[:60]}.log"
    log.write_bytes(
        b"".join(
            b"2026-03-14T09:%02d:00Z ERROR sh%s: %s\n" % (n, one_line.encode(), one_line.encode())
            for n in range(20, 40)
        )
    )
    (evidence / "note.md").write_text(
        f"# Post {EVIL}\n\n## Timeline\n\n- 09:20 UTC {EVIL}\n\n## Action items\n\n- Fix {EVIL} (owner: @x)\n"
    )
    # Our own line of progress moves the cursor back; what it says is cleaned, see test_cli.
    patch = pytest.MonkeyPatch()
    patch.setattr(watch, "AFTER_SECONDS", 1e9)
    kept = os.environ.copy()
    os.environ.update(
        NO_COLOR="1", AFTERWORD_WORKSPACE=str(folder / "ws"), AFTERWORD_ACTOR=f"me {EVIL}".replace("\0", "")
    )
    yield folder
    patch.undo()
    os.environ.clear()
    os.environ.update(kept)


def typed(*words: str) -> str:
    """What the command writes on a terminal, standard error too."""
    leader, follower = pty.openpty()
    held: list[bytes] = []

    def listen() -> None:
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:
                return
            if not piece:
                return
            held.append(piece)

    reader = threading.Thread(target=listen)
    reader.start()
    before = sys.stdout, sys.stderr
    with os.fdopen(follower, "w", encoding="utf-8", errors="surrogatepass", newline="\n") as screen:
        sys.stdout = sys.stderr = screen
        try:
            main.run(words)
            screen.flush()
        finally:
            sys.stdout, sys.stderr = before
    reader.join(10)
    os.close(leader)
    # The terminal itself turns a line feed into carriage return and line feed; bold and dim are ours.
    text = b"".join(held).decode("utf-8", "surrogatepass").replace("\r\n", "\n")
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def words_for(one: table.Operation, folder: Path, incident: str) -> list[str]:
    known = {"incident": incident, "citation": "E1:1-3", "cause": "c1", "point": "started", "evidence": str(folder / "evidence"), "at": "2026-03-14T09:20:00Z"}  # fmt: skip
    found = []
    for parameter in table.parameters(one):
        if parameter.required:
            value = (
                str(folder / "evidence" / "note.md")
                if parameter.name in one.files
                else known.get(parameter.name, f"x {EVIL}")
            )
            value = known["evidence"] if parameter.name == "evidence" and parameter.name in one.files else value
            found.append(value)
    return [*one.command.split(), *found]


def test_no_command_steers_the_terminal(hostile: Path) -> None:
    first = typed("analyze", str(hostile / "evidence"), "--at", "2026-03-14T09:20:00Z", "--out", str(hostile / "out"))
    assert steers(first) == set()
    listed = typed("incident", "list")
    incident = next(word for word in listed.split() if word.startswith("inc-"))
    wrong, shown = {}, 0
    for one in table.OPERATIONS:
        if one.name in LONG:
            continue
        said = typed(*words_for(one, hostile, incident))
        shown += "\\x1b" in said or "\\u202e" in said
        if found := steers(said):
            wrong[one.command] = found
    assert wrong == {}
    assert shown > 5, "the evil words are shown as what they are, not left out"


def test_without_the_filter_it_would(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same workspace, the one filter taken away."""
    typed("analyze", str(hostile / "evidence"), "--at", "2026-03-14T09:20:00Z", "--out", str(hostile / "out"))
    for module in (render, main, terminal):
        monkeypatch.setattr(module, "clean", lambda text: text, raising=False)
        monkeypatch.setattr(module, "one_line", lambda text: text, raising=False)
    assert steers(typed("evidence", "list", next(w for w in typed("incident", "list").split() if w.startswith("inc-"))))
