"""The terminal: one JSON document, exit codes, sentences instead of tracebacks, nothing that steers."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from filled import action, workspace

from afterword.app import desk, table
from afterword.faces.cli import main, render, watch
from afterword.model.action import ActionState
from afterword.model.refusal import ConflictError, ForbiddenError, RefusalError, UnreadableError

_BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
GENERATOR = Path(__file__).resolve().parents[2] / "../shared/data/bad-input/own/make_bad_input.py"


def steers(text: str) -> set[str]:
    return {c for c in text if (unicodedata.category(c) == "Cc" and c not in "\n\t") or c in _BIDI}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main.run(words)
    out, err = capsys.readouterr()
    return code, out, err


# ------------------------------------------------------------------------------------------------ help


def test_alone_it_says_what_to_do_first(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == 0
    assert "afterword demo" in out


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom afterword.faces.cli import main\nmain.run(['--help'])\n"
        "print([m for m in ('numpy','pydantic','pyarrow','duckdb','mcp','starlette','rich','yaml') if m in sys.modules], file=sys.stderr)"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "analyze" in done.stdout
    assert time.monotonic() - began < 2, "0.15 s on an idle machine; this bound only catches a heavy import"


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for one in table.OPERATIONS:
        code, out, _ = run(capsys, *one.command.split(), "--help")
        assert code == 0, one.name
        flat = " ".join(out.split())
        assert table.summary(one) in flat
        assert "Example: afterword" in flat
        assert "--json" in out
        for parameter in table.parameters(one):
            shown = (
                parameter.name.upper().removesuffix("S")
                if parameter.required
                else "--" + parameter.name.replace("_", "-")
            )
            assert shown in out, (one.name, parameter.name)


@pytest.mark.parametrize(("typed", "near"), [("analize", "analyze"), ("reviw", "review"), ("incidents", "incident")])
def test_an_unknown_command_suggests_a_near_one(capsys: pytest.CaptureFixture[str], typed: str, near: str) -> None:
    code, out, err = run(capsys, typed)
    assert (code, out) == (2, "")
    assert f"Did you mean {near}" in err


def test_inside_a_group_too(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "action", "lst")
    assert code == 2
    assert "Did you mean list" in err
    code, _, err = run(capsys, "action", "xyzxyz")
    assert "Did you mean" not in err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    code, out, _ = run(capsys, "completion", shell)
    assert code == 0
    assert "_AFTERWORD_COMPLETE" in out


def test_completion_knows_commands_options_and_words() -> None:
    def complete(line: str, position: int) -> str:
        environment = {
            **os.environ,
            "_AFTERWORD_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(position),
        }
        program = Path(sys.executable).with_name("afterword")
        return subprocess.run([program], env=environment, capture_output=True, text=True, check=False).stdout

    assert "analyze" in complete("afterword an", 1)
    assert "--overdue" in complete("afterword action list --ov", 3)
    assert "in progress" in complete("afterword action list --state in", 4)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version")[1].startswith("afterword 0.")


# ------------------------------------------------------------------------------------------------ answers

SHOWN = (
    ("incident", "list"), ("incident", "show", "inc-1"), ("timeline", "inc-1"), ("point", "list", "inc-1"),
    ("cause", "list", "inc-1"), ("cause", "whys", "inc-1"), ("cause", "tree", "inc-1"), ("tree", "inc-1"),
    ("evidence", "list", "inc-1"), ("action", "list"), ("action", "show", "A-1"), ("similar", "inc-1"), ("trends",),
    ("lesson", "list"), ("info",), ("journal",), ("bench", "list"), ("action", "accept", "A-1", "--owner", "tom"),
    ("cause", "judge", "inc-1", "c1", "accept"), ("point", "state", "inc-1", "detected", "2026-03-14T09:20:00Z"),
    ("lesson", "learn"),
)  # fmt: skip


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_json_is_one_document_and_text_steers_nothing(
    capsys: pytest.CaptureFixture[str], folder: Path, words: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, *words, "--local")
    assert (code, err) == (0, ""), words
    assert out.strip()
    assert steers(out) == set()
    if words[:2] != ("action", "accept"):
        code, out, err = run(capsys, *words, "--json")
        assert (code, err) == (0, "")
        json.loads(out)
        assert out.isascii()


def test_options_stand_before_or_behind_the_command(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    elsewhere = str(folder / "other")
    assert json.loads(run(capsys, "--json", "--workspace", elsewhere, "action", "list")[1]) == []
    assert json.loads(run(capsys, "action", "list", "--workspace", elsewhere, "--json")[1]) == []
    assert len(json.loads(run(capsys, "action", "list", "--json")[1])) == 1
    assert json.loads(run(capsys, "info", "--json", "--actor", "tom")[1])["actor"] == "tom"
    assert not Path(elsewhere).exists()


def test_times_are_utc_unless_local_is_asked_for(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert "2026-03-14 09:12:00Z" in run(capsys, "timeline", "inc-1")[1]
        local = run(capsys, "timeline", "inc-1", "--local")[1]
        assert "2026-03-14 18:12:00 +0900" in local
        assert "2026-03-14 09:13:00 " in local, "a time without a zone cannot be moved into another"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_fractions_of_a_second_survive_the_zone(capsys: pytest.CaptureFixture[str]) -> None:
    page = render.Page(sys.stdout, local=True)
    assert ".123456789 " in page.time("2026-03-14T09:12:00.123456789Z")
    assert page.time(None) == "–"


# ------------------------------------------------------------------------------------------------ exit codes


def test_what_cannot_be_understood_is_told_whole(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, err = run(capsys, "action", "add", "--kind", "magic", "--json")
    assert code == 2
    error = json.loads(out)["error"]
    assert error["code"] == "invalid"
    assert len(error["reasons"]) == 3
    assert err.count("\n") == 5
    assert err.endswith("Try: afterword action add --help\n")
    assert run(capsys, "action", "list", "--nonsense")[0] == 2
    assert run(capsys, "action", "show", "A-9")[0] == 2


def test_refusals_and_unreadable_evidence_have_their_codes(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, "action", "verify", "A-1", "E1:2")[0] == 4
    assert run(capsys, "review", str(folder))[0] == 3
    for error, code in (
        (RefusalError("no", code="own"), 4),
        (ConflictError("x"), 4),
        (ForbiddenError("x"), 4),
        (UnreadableError("x", code="own"), 3),
    ):

        def refuse(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(desk, "ask", refuse)
        assert run(capsys, "action", "list")[0] == code


def test_what_does_not_hold_is_one(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "pm.md").write_text("# Outage\n\nBob should have known. He was careless.\n")
    assert run(capsys, "review", "pm.md")[0] == 0
    assert run(capsys, "review", "pm.md", "--strict")[0] == 1


@pytest.mark.parametrize("json_too", [False, True])
def test_no_traceback_reaches_a_person(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch, json_too: bool
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a \x1b[31m fault")

    monkeypatch.setattr(desk, "ask", broken)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    code, _, err = run(capsys, "action", "list", *(["--json"] if json_too else []))
    assert code == 70
    assert "fault of afterword" in err
    assert "Traceback" not in err
    assert steers(err) == set()
    details = next(folder.glob("afterword-fault-*.txt"))
    assert str(details) in err
    assert "Traceback" in details.read_text()
    monkeypatch.setattr("tempfile.tempdir", str(folder / "nowhere"))
    assert "AFTERWORD_DEBUG=1" in run(capsys, "action", "list")[2]
    monkeypatch.setenv("AFTERWORD_DEBUG", "1")
    assert "Traceback" in run(capsys, "action", "list")[2]


def test_being_stopped_and_being_left_are_no_faults(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(desk, "ask", stop)
    assert run(capsys, "action", "list")[0] == 130
    monkeypatch.undo()
    program = Path(sys.executable).with_name("afterword")
    done = subprocess.run(f"{program} --help | true; echo ${{PIPESTATUS[0]}}", shell=True, executable="/bin/bash", capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stderr == ""


# ------------------------------------------------------------------------------------------------ hostile text


def hostile() -> str:
    if not GENERATOR.exists():
        pytest.skip("the generator of hostile input is not on this machine")
    import tempfile

    with tempfile.TemporaryDirectory() as out:
        subprocess.run([sys.executable, str(GENERATOR), out], check=True, capture_output=True)
        return (Path(out) / "text" / "terminal-escapes.log").read_bytes().decode("utf-8", "surrogatepass")


def test_hostile_text_in_every_field_steers_nothing(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    text = hostile()
    assert steers(text), "negative control: the input does steer"
    ws = workspace(folder / ".afterword")
    item = action("A-2", title="Add " + text, owner=text, component=text, state=ActionState.ACCEPTED, due="2026-01-01")
    ws.keep([("action", "A-2", item)], operation="test")
    for words in (
        ("action", "list"),
        ("action", "show", "A-2"),
        ("action", "list", "--owner", text.replace("\0", "")),
        ("action", "show", text.replace("\0", "")),
    ):
        _, out, err = run(capsys, *words)
        assert steers(out + err) == set(), words
        _, out, err = run(capsys, *words, "--json")
        json.loads(out)
        assert steers(out + err) == set(), words


def test_the_same_without_cleaning_would_steer(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "clean", lambda text: text)
    monkeypatch.setattr(render, "one_line", lambda text: text)
    assert steers(run(capsys, "timeline", "inc-1")[1])


# ------------------------------------------------------------------------------------------------ a real terminal


def on_terminal(folder: Path, *words: str, **environment: str) -> str:
    """What a command writes to a terminal, with its colours."""
    leader, follower = pty.openpty()
    program = str(Path(sys.executable).with_name("afterword"))
    kept = {**os.environ, "TERM": "xterm-256color", **environment}
    running = subprocess.Popen([program, *words], stdout=follower, stderr=follower, cwd=folder, env=kept)
    os.close(follower)
    body = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        body += piece
    os.close(leader)
    assert running.wait() == 0
    return body.decode()


def test_colours_on_a_terminal_and_none_with_no_color(folder: Path) -> None:
    assert "\x1b[1m" in on_terminal(folder, "timeline", "inc-1")
    plain = on_terminal(folder, "timeline", "inc-1", NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert "\x1b[31m" not in on_terminal(folder, "timeline", "inc-1"), "colours of the evidence are not ours"


def test_progress_is_shown_only_to_people_who_wait(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with watch.watching() as report:
        report("reading", 1, 2)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with watch.watching() as report:
        report("reading", 1, 2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(watch, "AFTER_SECONDS", 0.0)
    with watch.watching() as report:
        report("reading \x1b]0;x\x07", 1, 2)
        report("reading", 2, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "\x1b]0" not in err


# ------------------------------------------------------------------------------------------------ servers


def test_a_server_for_others_needs_a_token(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AFTERWORD_TOKEN", raising=False)
    code, _, err = run(capsys, "serve", "--host", "0.0.0.0", "--port", "0")
    assert code == 4
    assert "AFTERWORD_TOKEN" in err


def test_main_leaves_with_the_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["afterword", "nonsense"])
    with pytest.raises(SystemExit) as left:
        main.main()
    assert left.value.code == 2
    with pytest.raises(SystemExit) as left:
        main.main(["--version"])
    assert left.value.code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told_in_words_and_is_no_fault_of_the_program() -> None:
    program = Path(sys.executable).with_name("afterword")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([program, "--help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == main.FAULT
    assert done.stderr == "afterword: no space is left where this was to be written.\n"


def test_a_terminal_that_knows_few_letters_shows_question_marks(tmp_path: Path) -> None:
    """A serial console in an old locale: the report is read there at three in the morning."""
    ws = workspace(tmp_path / "w")
    ws.keep([("action", "A-1", action(title="“Größe” prüfen"))], operation="test")
    program = Path(sys.executable).with_name("afterword")
    kept = {**os.environ, "PYTHONIOENCODING": "ascii", "AFTERWORD_WORKSPACE": str(tmp_path / "w")}
    done = subprocess.run([program, "action", "list"], env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "?Gr??e? pr?fen" in done.stdout
