"""Verification: what was analysed holds, and no word, figure or byte can be changed without its being told."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.app import bundle, verify
from afterword.core.claim import execute, phrase
from afterword.model.refusal import InvalidError, NotFoundError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysed import Analysed

    from afterword.core.claim import Ground
    from afterword.model.claim import Claim


class Again:
    """The bundle of the small incident, read and worked out again once for all tests."""

    def __init__(self, small: Analysed, folder: Path) -> None:
        (folder / "in").mkdir()
        opened = bundle.open_(small.bundle, folder / "in")
        self.ground: Ground = verify._again(opened, folder)[0]
        self.claims: tuple[Claim, ...] = opened.contents.document.claims


@pytest.fixture(scope="module")
def again(small: Analysed, tmp_path_factory: pytest.TempPathFactory) -> Again:
    return Again(small, tmp_path_factory.mktemp("again"))


@pytest.fixture
def copy(small: Analysed, tmp_path: Path) -> Path:
    """The folder of the document, to be tampered with."""
    return Path(shutil.copytree(small.bundle.parent, tmp_path / "copy"))


def rewritten(path: Path, member: str, change: Callable[[Any], Any]) -> None:
    """A clever forger: the member is changed, and the manifest names the hash of what it is now."""
    with zipfile.ZipFile(path) as archive:
        held = {info.filename: archive.read(info) for info in archive.infolist()}
    held[member] = json.dumps(change(json.loads(held[member]))).encode()
    manifest = json.loads(held["manifest.json"])
    manifest["members"][member] = hashlib.sha256(held[member]).hexdigest()
    held["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in held.items():
            archive.writestr(name, body)


def test_what_was_analysed_holds(small: Analysed) -> None:
    found = verify.verify(small.bundle)
    assert found.holds
    assert found.verified == found.claims > 50


@pytest.mark.parametrize("name", ["postmortem.md", "postmortem.html", ""])
def test_a_document_and_a_folder_lead_to_their_bundle(small: Analysed, name: str) -> None:
    assert verify.verify(small.bundle.parent / name).holds


def test_every_claim_holds_by_itself(again: Again) -> None:
    assert [one.id for one in again.claims if verify._contradiction(one, again.ground) is not None] == []


@settings(max_examples=200)
@given(st.data())
def test_no_claim_survives_another_text(again: Again, data: st.DataObject) -> None:
    """One digit, one letter, one word more: the claim is contradicted, and the words that it should have are told."""
    claim = data.draw(st.sampled_from(again.claims))
    start = data.draw(st.integers(0, len(claim.text)))
    end = data.draw(st.integers(start, min(len(claim.text), start + 3)))
    text = claim.text[:start] + data.draw(st.text(max_size=3)) + claim.text[end:]
    found = verify._contradiction(replace(claim, text=text), again.ground)
    assert (found is None) == (text == claim.text)
    if found is not None:
        assert (found.claim, found.says, found.found) == (claim.id, text, claim.text)


@settings(max_examples=100)
@given(st.data())
def test_no_claim_survives_another_value(again: Again, data: st.DataObject) -> None:
    claim = data.draw(st.sampled_from(again.claims))
    other = data.draw(st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=2)))  # fmt: skip
    if other != claim.value:
        assert verify._contradiction(replace(claim, value=other), again.ground) is not None


@settings(max_examples=200)
@given(st.data())
def test_no_arguments_make_verification_fail(again: Again, data: st.DataObject) -> None:
    """The arguments of a claim come out of a file that anybody may have written."""
    claim = data.draw(st.sampled_from(again.claims))
    odd = st.one_of(st.none(), st.integers(-(2**70), 2**70), st.text(max_size=8), st.lists(st.text(max_size=2), max_size=2), st.just("E0"), st.just("E999"))  # fmt: skip
    args = dict(claim.args)
    if args:
        args[data.draw(st.sampled_from(sorted(args)))] = data.draw(odd)
    op = data.draw(st.sampled_from([claim.op, "no such operation", ""]))
    found = verify._contradiction(replace(claim, op=op, args=args), again.ground)
    assert found is None or found.claim == claim.id


def test_every_citation_of_a_claim_stands_in_the_evidence(again: Again) -> None:
    """It opens text, and the text is what the claim on the line itself says."""
    cites = {cite for one in again.claims for cite in one.cites}
    assert cites
    for cite in cites:
        assert again.ground.line(cite).strip(), cite
    lines = [one for one in again.claims if one.op == "line"]
    assert lines
    assert all(phrase("line", one.args, execute(again.ground, "line", one.args)) == one.text for one in lines)


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("document.json", lambda doc: {**doc, "claims": [{**doc["claims"][3], "text": "forged"} if i == 3 else one for i, one in enumerate(doc["claims"])]}),
        ("document.json", lambda doc: {**doc, "claims": doc["claims"][:-1]}),
        ("document.json", lambda doc: {**doc, "sections": doc["sections"][1:]}),
        ("document.json", lambda doc: {**doc, "title": "Nothing happened"}),
        ("evidence.json", lambda all_: all_[:-1]),
    ],
)  # fmt: skip
def test_a_bundle_that_was_forged_with_its_manifest_does_not_hold(copy: Path, member: str, change: Any) -> None:
    rewritten(copy / "postmortem.afterword", member, change)
    found = verify.verify(copy / "postmortem.afterword")
    assert not found.holds


def test_a_bundle_that_was_only_packed_again_holds(copy: Path) -> None:
    """Negative control of the forger: what he does besides the change is not what is found."""
    rewritten(copy / "postmortem.afterword", "document.json", lambda doc: doc)
    assert verify.verify(copy / "postmortem.afterword").holds


@pytest.mark.parametrize("name", ["postmortem.md", "postmortem.html"])
def test_a_sentence_that_was_added_is_listed(copy: Path, name: str) -> None:
    path = copy / name
    marks = ("## Timeline", "<h2") if name.endswith("html") else ("## Timeline",)
    text = path.read_text()
    place = next(text.index(mark) for mark in marks if mark in text)
    path.write_text(text[:place] + "\nNobody is to blame but the night shift.\n\n" + text[place:])
    found = verify.verify(path)
    assert not found.holds
    assert any("night shift" in one for one in found.unsupported)


def test_a_claim_that_was_taken_out_of_the_document_is_missed(copy: Path) -> None:
    path = copy / "postmortem.md"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(one for one in lines if "error_rate" not in one))
    found = verify.verify(path)
    assert not found.holds
    assert found.missing


def test_what_there_is_nothing_to_check_with_is_said(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        verify.verify(tmp_path / "nothing")
    shutil.copy(copy / "postmortem.afterword", copy / "other.afterword")
    with pytest.raises(InvalidError, match="several"):
        verify.verify(copy)
    assert verify.verify(copy / "postmortem.md").holds, "the bundle of the same name is meant"
    for one in copy.glob("*.afterword"):
        one.unlink()
    with pytest.raises(UnreadableError, match="without the frozen evidence"):
        verify.verify(copy / "postmortem.md")
