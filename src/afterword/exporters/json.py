"""The document as plain JSON: sections, blocks with a word for what they are, and every claim with its value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from afterword.model.document import Bullets, Note, Paragraph, Picture, Said, Table, Words
from afterword.model.evidence import Citation
from afterword.ports import Exporter, Rendered

if TYPE_CHECKING:
    from afterword.model.document import Document

#: Blocks and inlines stand in lists of mixed kinds: each says which it is.
_KINDS: Mapping[type, str] = {
    Paragraph: "paragraph",
    Bullets: "bullets",
    Table: "table",
    Picture: "picture",
    Note: "note",
    Words: "words",
    Said: "claim",
}


def render(doc: Document) -> Rendered:
    """UTF-8 JSON, indented, keys in the order of the model; citations as they are written in the text."""
    text = json.dumps(_plain(doc), ensure_ascii=False, indent=1, allow_nan=False)
    return Rendered("application/json", ".json", text.encode("utf-8", "backslashreplace") + b"\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Citation):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        kind = {"is": _KINDS[type(value)]} if type(value) in _KINDS else {}
        return kind | {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not abs(value) < float("inf"):
        return str(value)
    return value


EXPORTER = Exporter("json", "The document as JSON, for other tools", render)
