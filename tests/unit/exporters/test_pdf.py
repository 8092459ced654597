"""A document goes to somebody who wants paper: the same words, the pictures, the claims beside them, and nothing that runs."""

from __future__ import annotations

import builtins
import re
import shutil
import subprocess
import zlib
from typing import TYPE_CHECKING

import paper
import pytest

from afterword.drawing import palette, printed, svg
from afterword.exporters import markdown, pdf
from afterword.model.document import Bullets, Document, Paragraph, Picture, Said, Section, Table, Words
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

pytest.importorskip("typst", reason="pages are set by Typst: pip install 'afterword[pdf]'")

DRAWN = svg.picture("one", 200, 80, "A picture", "of a box", ".box{fill:$bad}", [svg.tag("rect", x=5, y=5, width=50, height=20, cls="box"), svg.text(10, 60, "checkout")])  # fmt: skip


def words_of(body: bytes, tmp_path: Path) -> str:
    """What a person can mark and copy, by poppler."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: the words on the pages cannot be read back")
    path = tmp_path / "one.pdf"
    path.write_bytes(body)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, timeout=60)
    return " ".join(done.stdout.decode().replace("\u200b", "").split())


def full(*texts: str) -> Document:
    said = [Said("c1", one) for one in texts]
    blocks = (
        Paragraph((Words("It began at "), *said)),
        Bullets((tuple(said), (Words("second"),)), depths=(0, 1)),
        Table(("Name", "Value"), (((Words("gateway"),), tuple(said)),)),
        Picture("one", DRAWN, "a box"),
    )
    return Document("inc-1", "A title", (Section("summary", "Summary", blocks),), paper.document("x").claims)


def test_the_words_stand_on_the_pages(tmp_path: Path) -> None:
    read = words_of(pdf.render(full("2026-03-14 10:00:00 UTC"), {}).body, tmp_path)
    assert "A title" in read
    assert read.count("2026-03-14 10:00:00 UTC") == 3


def test_the_same_document_gives_the_same_bytes() -> None:
    assert pdf.render(full("one"), {}).body == pdf.render(full("one"), {}).body
    assert pdf.render(full("one"), {}).body != pdf.render(full("two"), {}).body


def test_the_text_with_its_claims_is_attached() -> None:
    """Paper alone could not be verified: the Markdown that can be is inside."""
    doc = full("31 min")
    body = pdf.render(doc, {}).body
    streams = [zlib.decompress(one) for one in _streams(body)]
    assert markdown.EXPORTER.render(doc).body in streams


def _streams(body: bytes) -> list[bytes]:
    found = re.findall(rb"/FlateDecode[^>]{0,200}>>\s*stream\r?\n(.*?)\r?\nendstream", body, re.DOTALL)
    found += re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", body, re.DOTALL)
    return [one for one in found if one[:1] == b"x"]


@pytest.mark.parametrize(
    "text", [*paper.HOSTILE, '#eval("1")', '#read("/etc/passwd")', "$ x $ @cite <label> #{1+1}", "= heading"]
)
def test_no_word_of_the_evidence_is_a_command(text: str, tmp_path: Path) -> None:
    body = pdf.render(full(text), {}).body
    assert not re.search(rb"/(JavaScript|JS|Launch|URI|SubmitForm)\b", body)
    if text.startswith(("#eval", "#read", "= ")):
        assert text.replace('"', "") in words_of(body, tmp_path).replace('"', "").replace("”", "").replace("“", "")


def test_a_quoted_line_is_printed_and_the_citation_leads_to_it(tmp_path: Path) -> None:
    doc = paper.document("x")
    cited = next((one for one in doc.claims if one.op == "line"), None)
    quotes: Mapping[str, str] = {cited.text: "POST /orders failed"} if cited else {}
    read = words_of(pdf.render(doc, quotes).body, tmp_path)
    assert ("POST /orders failed" in read) == bool(cited)


def test_a_drawing_on_paper_is_light_and_needs_no_variables() -> None:
    made = printed.light(DRAWN)
    assert "var(" not in made
    assert "@media" not in made
    assert palette.COLOURS["bad"][0] in made
    assert palette.COLOURS["bad"][1] not in made
    assert 'width="200" height="80"' in made


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **named: Any) -> Any:
        if name == "typst":
            raise ImportError(name)
        return real(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InvalidError, match=r"afterword\[pdf\]"):
        pdf.render(full("one"), {})
