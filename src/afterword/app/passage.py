"""What stands at a place of an artefact, for people: the text of its bytes, or what a binary format says there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from afterword.app import plugs, seal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.evidence import Evidence
    from afterword.ports import Source

#: A cited stretch may be megabytes long; so much of it is shown.
LONGEST = 4000
_ROW = 16


def is_binary(evidence: Evidence) -> bool:
    """Whether people read it through its source, not as lines."""
    return _source(evidence) is not None


def told(evidence: Evidence, content: bytes, start: int, end: int, part: str = "") -> str:
    """The text at a place, without secrets. Bytes that the source of a binary format cannot tell are shown as they are."""
    redactor = seal.redactor(evidence.seal)
    source = _source(evidence)
    if source is not None and source.tell is not None:
        try:
            said = source.tell(io.BytesIO(content), start, end, part)
        except Exception:  # noqa: BLE001 - the plug-in boundary: what a source cannot tell is shown as bytes
            said = ""
        if said:
            return (redactor.text(said) if redactor else said)[:LONGEST]
    piece = redactor.passage(content, start, min(end, start + LONGEST)) if redactor else content[start:end]
    return piece[:LONGEST].decode("utf-8", "replace")


def lines(evidence: Evidence, content: bytes, low: int, high: int) -> list[str]:
    """The lines ``low`` to ``high``, counted from 1, as they may be shown; only line feeds end one."""
    redactor = seal.redactor(evidence.seal)
    start = _nth(content, low - 1)
    end = _nth(content, high - (low - 1), start) if high >= low else start
    piece = redactor.passage(content, start, end) if redactor else content[start:end]
    found = piece.decode("utf-8", "replace").split("\n")
    return [line.removesuffix("\r") for line in found[: high - low + 1]]


def _nth(content: bytes, count: int, start: int = 0) -> int:
    """Where the line begins that is so many lines further."""
    for _ in range(count):
        found = content.find(b"\n", start)
        if found < 0:
            return len(content)
        start = found + 1
    return start


def rows(content: bytes, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Bytes as people read them: the offset, sixteen bytes in hexadecimal, and the letters among them."""
    for at in range(start, min(end, len(content)), _ROW):
        piece = content[at : min(at + _ROW, end)]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in piece)
        yield at, f"{piece.hex(' '):<{3 * _ROW}} {letters}"


def _source(evidence: Evidence) -> Source | None:
    return next((one for one in plugs.sources() if one.name == evidence.source and one.tell is not None), None)
