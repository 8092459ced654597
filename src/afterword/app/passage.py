"""What stands at a place of an artefact, for people: the text of its bytes, or what a binary format says there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

from afterword.app import plugs, seal
from afterword.app.content import anchor, nth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.app.content import Bytes
    from afterword.model.evidence import Evidence
    from afterword.ports import Source

#: A cited stretch may be megabytes long; so much of it is shown.
LONGEST = 4000
_ROW = 16


def is_binary(evidence: Evidence) -> bool:
    """Whether people read it through its source, not as lines."""
    return _source(evidence) is not None


def told(evidence: Evidence, content: Bytes, start: int, end: int, part: str = "") -> str:
    """The text at a place, without secrets. Bytes that the source of a binary format cannot tell are shown as they are."""
    redactor = seal.redactor(evidence.seal)
    source = _source(evidence)
    if source is not None and source.tell is not None:
        try:
            said = source.tell(io.BytesIO(content[0 : len(content)]), start, end, part)
        except Exception:  # noqa: BLE001 - the plug-in boundary: what a source cannot tell is shown as bytes
            said = ""
        if said:
            return (redactor.text(said) if redactor else said)[:LONGEST]
    end = min(end, start + LONGEST)
    piece = redactor.passage(cast("bytes", content), start, end) if redactor else content[start:end]
    return piece[:LONGEST].decode("utf-8", "replace")


def lines(
    evidence: Evidence, content: Bytes, low: int, high: int, anchors: Sequence[tuple[int, int]] = ()
) -> list[str]:
    """The lines ``low`` to ``high``, counted from 1, as they may be shown; only line feeds end one.

    ``anchors`` are lines with an offset in each: the nearest one before spares counting from the beginning.
    """
    redactor = seal.redactor(evidence.seal)
    line, offset = anchor(low, anchors)
    start = nth(content, low - line, offset)
    end = nth(content, high - (low - 1), start) if high >= low else start
    piece = redactor.passage(cast("bytes", content), start, end) if redactor else content[start:end]
    found = piece.decode("utf-8", "replace").split("\n")
    return [text.removesuffix("\r") for text in found[: high - low + 1]]


def rows(content: bytes, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Bytes as people read them: the offset, sixteen bytes in hexadecimal, and the letters among them."""
    for at in range(start, min(end, len(content)), _ROW):
        piece = content[at : min(at + _ROW, end)]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in piece)
        yield at, f"{piece.hex(' '):<{3 * _ROW}} {letters}"


def _source(evidence: Evidence) -> Source | None:
    return next((one for one in plugs.sources() if one.name == evidence.source and one.tell is not None), None)
