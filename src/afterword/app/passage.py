"""What stands at a place of an artefact, for people: the text of its bytes, or what a binary format says there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from afterword.app import plugs

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
    """The text at a place. Bytes of a binary format that its source cannot tell are shown as they are."""
    source = _source(evidence)
    if source is not None and source.tell is not None:
        try:
            said = source.tell(io.BytesIO(content), start, end, part)
        except Exception:  # noqa: BLE001 - the plug-in boundary: what a source cannot tell is shown as bytes
            said = ""
        if said:
            return said[:LONGEST]
    return content[start:end][:LONGEST].decode("utf-8", "replace")


def rows(content: bytes, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Bytes as people read them: the offset, sixteen bytes in hexadecimal, and the letters among them."""
    for at in range(start, min(end, len(content)), _ROW):
        piece = content[at : min(at + _ROW, end)]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in piece)
        yield at, f"{piece.hex(' '):<{3 * _ROW}} {letters}"


def _source(evidence: Evidence) -> Source | None:
    return next((one for one in plugs.sources() if one.name == evidence.source and one.tell is not None), None)
