"""Text of anybody as Markdown that means nothing but itself, and read back.

Written for CommonMark with the extensions of GitHub: besides the escapes of CommonMark it takes the meaning from
pipes (cells), dollars (formulas), ``@name`` (mentions), and addresses that would become links by themselves.
"""

from __future__ import annotations

import re

from afterword.drawing import visible

#: Shows nothing, and parts what would be joined to a link or a mention. Text of the evidence never holds it: & is escaped.
_PART = "&#8203;"
_SPECIAL = re.compile(
    r"[\\`*\[\]~]|(?<![^\W_])_|_(?![^\W_])|[<&|$]|@(?=[\w-])|:(?=//)|www(?=\.)", re.IGNORECASE | re.ASCII
)
_ENTITIES = {"<": "&lt;", "&": "&amp;", "|": "&#124;", "$": "&#36;"}
_BACK = re.compile(r"\\([!-/:-@\[-`{-~])|(&lt;|&amp;|&#124;|&#36;|&#8203;)|(\*\*)|`([^`\n]*)`|</?(?:code|strong)>")
_VALUES = {entity: char for char, entity in _ENTITIES.items()} | {_PART: ""}
#: What would begin a heading, a list, a quote or a rule, were it the first of a line.
_OPENING = re.compile(r"[#+=>-]|\d{1,9}(?=[.)])")


def text(words: str) -> str:
    """Plain words, one line, safe anywhere but at the very beginning of a line (see ``line``)."""
    return _SPECIAL.sub(_escaped, visible.shown(words))


def _escaped(found: re.Match[str]) -> str:
    piece = found[0]
    if piece in _ENTITIES:
        return _ENTITIES[piece]
    if piece in "@:" or len(piece) > 1:
        return piece + _PART
    return "\\" + piece


def strong(words: str) -> str:
    """Bold words; blanks at the edges stay outside of the stars, where they do not undo them."""
    core = words.strip()
    if not core:
        return text(words)
    lead, _, trail = words.partition(core)
    return f"{text(lead)}**{text(core)}**{text(trail)}"


def code(words: str) -> str:
    """Words in the letters of a terminal: a code span, or an element where a span could not hold them in a table."""
    plain = visible.shown(words)
    if not plain or "`" in plain or "|" in plain or plain != plain.strip():
        return f"<code>{text(words)}</code>"
    return f"`{plain}`"


def line(markdown: str) -> str:
    """Inline Markdown as the beginning of a block: what it starts with opens nothing."""
    stripped = markdown.lstrip()
    found = _OPENING.match(stripped)
    if not found:
        return stripped
    return f"\\{stripped}" if found[0] in "#+=>-" else f"{found[0]}\\{stripped[found.end() :]}"


def read(markdown: str) -> str:
    """The words that ``text``, ``strong`` or ``code`` were given."""
    return visible.read(_BACK.sub(_character, markdown))


def _character(found: re.Match[str]) -> str:
    escaped, entity, _, span = found.groups()
    if escaped is not None:
        return escaped
    if entity is not None:
        return _VALUES[entity]
    return span or ""
