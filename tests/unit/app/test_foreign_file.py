"""Postmortems as files from outside: whatever the wrapping, the words come out as lines, and nothing else does."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.app import foreign
from afterword.app.foreign import read
from afterword.core.foreign import import_
from afterword.model.refusal import InvalidError, RefusalError, UnreadableError

PAGE = """<!DOCTYPE html>
<html><head><title>x</title><style>p {}</style></head>
<body>
<h1>Checkout down</h1>
<script>alert("10:00 evil")</script>
<h2>Timeline</h2>
<p>All times in UTC, 2026-03-01</p>
<table>
<tr><th>Time</th><th>Event</th></tr>
<tr><td>10:04</td><td>the <b>alert</b> fires &amp; pages</td></tr>
</table>
<h2>Action items</h2>
<ul>
<li>Return the connection, owner: @kim</li>
<li>Watch the pool | OPS-7</li>
</ul>
</body></html>
"""
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paragraph(text: str, style: str = "", numbered: bool = False) -> str:
    properties = (f'<w:pStyle w:val="{style}"/>' if style else "") + ("<w:numPr/>" if numbered else "")
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, before: str = "", member: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(member, f'{before}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')
    return out.getvalue()


def test_a_page_is_read_with_the_lines_of_its_source() -> None:
    """The script says 10:00; it is never part of the document."""
    found = import_(read(PAGE.encode()).text)
    assert read(PAGE.encode()).kind == "html"
    assert found.title == "Checkout down"
    assert [(e.text, e.line) for e in found.timeline] == [("the alert fires & pages", 10)]
    assert [(a.owner, a.ticket, a.line) for a in found.actions] == [("@kim", None, 14), (None, "OPS-7", 15)]
    assert "evil" not in read(PAGE.encode()).text


def test_a_word_document() -> None:
    body = (
        paragraph("Checkout down", "Title")
        + paragraph("Timeline", "Heading1")
        + paragraph("All times in UTC, 2026-03-01")
        + f"<w:tbl><w:tr><w:tc>{paragraph('10:04')}</w:tc><w:tc>{paragraph('the alert fires')}</w:tc></w:tr></w:tbl>"
        + paragraph("Action items", "Heading1")
        + paragraph("Return the connection<w:del><w:r><w:t>not this</w:t></w:r></w:del>", numbered=True)
    )
    made = read(docx(body))
    assert made.kind == "docx"
    found = import_(read(docx(body)).text)
    assert (found.title, found.date, found.zone) == ("Checkout down", "2026-03-01", "UTC")
    assert [e.text for e in found.timeline] == ["the alert fires"]
    assert [a.text for a in found.actions] == ["Return the connection"]


def test_markdown_and_text_are_themselves() -> None:
    assert read(b"# A\n\ntext\n") == foreign.Foreign("markdown", "# A\n\ntext\n")
    assert read("caf\u00e9".encode("cp1252")).text == "café"
    assert read("\ufeffa".encode()).text == "a"
    assert read("text".encode("utf-16")).text == "text"


def _encrypted() -> bytes:
    data = bytearray(docx(paragraph("secret")))
    at = data.rfind(b"PK\x01\x02")
    data[at + 8 : at + 10] = struct.pack("<H", 1)
    return bytes(data)


REFUSED = {
    "binary": (b"\x7fELF\x00\x00", UnreadableError, "binary"),
    "an archive that is no document": (docx("", member="else.xml"), UnreadableError, "no Word document"),
    "half an archive": (docx(paragraph("x"))[:60], UnreadableError, "cannot be unpacked"),
    "encrypted": (_encrypted(), UnreadableError, "cannot be unpacked"),
    "entities": (docx(paragraph("&x;"), '<!DOCTYPE d [<!ENTITY x "y">]>'), InvalidError, "declares the entity"),
    "deep": (docx("<w:sdt>" * 500 + "</w:sdt>" * 500), InvalidError, "deeper than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_document_is_refused(name: str) -> None:
    data, kind, says = REFUSED[name]
    with pytest.raises(kind, match=says):
        read(data)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 kB of the same paragraph in a few hundred bytes; with room enough it is read (negative control)."""
    bomb = docx(paragraph("x" * 200_000))
    assert len(bomb) < 2_000
    assert len(read(bomb).text) == 200_000
    monkeypatch.setattr(foreign, "LARGEST", 100_000)
    with pytest.raises(UnreadableError, match="unpacks to more"):
        read(bomb)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(data: bytes) -> None:
    for whole in (data, b"PK\x03\x04" + data, b"<html><p>" + data):
        try:
            read(whole)
        except RefusalError:
            continue
