"""The reference is made from the code, so a page on the disk says what the program says."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING

import codes
import pytest
import reference

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """The pages, made once."""
    return reference.pages()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: dict[str, str]) -> Path:
    """A place for the reference that nobody else looks at."""
    monkeypatch.setattr(reference, "pages", lambda: dict(made))
    (tmp_path / "README.md").write_text("# x\n<!-- sources: begin -->\n<!-- sources: end -->\ny\n", encoding="utf-8")
    monkeypatch.setattr(reference, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "reference")
    return tmp_path / "reference"


def test_the_reference_on_the_disk_is_what_the_code_says(monkeypatch: pytest.MonkeyPatch, made: dict[str, str]) -> None:
    monkeypatch.setattr(reference, "pages", lambda: dict(made))
    assert reference.differences(reference.wanted()) == [], "run: make reference"


def test_twice_gives_the_same_bytes_and_names_no_place_of_this_machine(made: dict[str, str]) -> None:
    assert made == reference.pages()
    assert not [name for name, text in made.items() if str(reference.ROOT) in text]


def test_a_page_that_somebody_edited_fails_the_check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody corrects a sentence in the page instead of the docstring it comes from."""
    assert reference.run([]) == 0
    assert reference.run(["--check"]) == 0
    (folder / "words.md").write_text("# Words\n\nothers\n", encoding="utf-8")
    capsys.readouterr()
    assert reference.run(["--check"]) == 1
    assert "words.md" in capsys.readouterr().out
    assert (folder / "words.md").read_text(encoding="utf-8") == "# Words\n\nothers\n", "a check writes nothing"


def test_a_page_that_nobody_makes_any_more_is_taken_away(folder: Path) -> None:
    reference.run([])
    (folder / "old.md").write_text("# Old\n", encoding="utf-8")
    assert reference.run(["--check"]) == 1
    reference.run([])
    assert not (folder / "old.md").exists()


def test_the_readme_gets_its_sources_and_keeps_its_other_words(folder: Path) -> None:
    reference.run([])
    text = (folder.parent / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# x\n")
    assert text.endswith("<!-- sources: end -->\ny\n")
    assert all(f"`{one.name}`" in text for one in reference.plugs.sources())


def test_openapi_is_json_with_a_path_for_every_operation(made: dict[str, str]) -> None:
    document = json.loads(made["openapi.json"])
    found = {one["operationId"] for path in document["paths"].values() for one in path.values()}
    assert found == {reference.table.tool_name(one) for one in reference.table.OPERATIONS}


def test_codes_are_found_however_they_are_given() -> None:
    """By keyword, through a function that refuses, and as the code of a kind of its own."""
    text = '''
class TooLongError(InvalidError):
    """It does not fit."""

    code = "too-long"

def _refuse_all(sentences, code):
    raise RefusalError(" ".join(sentences), code=code)

def one(name):
    _refuse_all(["no"], "unclear")
    raise RefusalError(f"{name} is late", code="late")

def no_refusal():
    raise ValueError("x", code="not-ours")
'''
    found = codes.refusals({"a.py": ast.parse(text)}, frozenset({"RefusalError", "InvalidError"}))
    assert list(found) == ["late", "too-long", "unclear"]
    assert found["late"].sentences == {"… is late"}
    assert found["too-long"].sentences == {"It does not fit."}


def test_codes_of_problems_are_found_too() -> None:
    text = 'yield_(Problem("no", place, gravity, "a-code"))\nraise archive.RefusedError("b-code", f"{n} files")\n'
    found = codes.aside({"a.py": ast.parse(text)})
    assert {name: one.sentences for name, one in found.items()} == {"a-code": {"no"}, "b-code": {"… files"}}
