"""Characters that nobody can see, shown as what they are, and read back.

Evidence may carry controls, overrides of the direction of writing and letters without a shape. A reader has to see
them, so each is replaced by a mark of its own: a control by its picture (``␛``), a line break by ``⏎``, the rest by its
number (``⟨U+202E⟩``). A mark that stands in the evidence itself is written as a number, so that reading back is exact.
"""

from __future__ import annotations

import re

#: Listed by hand and not taken from the tables of the interpreter: the same text gives the same bytes on any version.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
#: Marks of this notation that stand in the text itself.
_OURS = "\u2400-\u2421\u23ce"
#: A joiner shapes letters and pictures of many scripts; between letters of ASCII it only hides.
_JOINER = r"(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
_INVISIBLE = re.compile(f"[{_UNSEEN}]|{_JOINER}")
_HIDDEN = re.compile(f"[{_UNSEEN}{_OURS}]|⟨(?=U\\+)|{_JOINER}")
_MARK = re.compile("⟨U\\+([0-9A-F]{4,6})⟩|[\u2400-\u241f\u2421\u23ce]")


def shown(text: str, *, lines: bool = False) -> str:
    """The text with every unseen character made visible; ``lines`` keeps line breaks as they are."""
    made = _HIDDEN.sub(_mark, text)
    return made if lines else made.replace("\n", "⏎")


def marked(text: str) -> str:
    """For pictures, which nobody reads back: unseen characters are shown, and what is marked already stays as it is."""
    return _INVISIBLE.sub(_mark, text)


def _mark(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def read(text: str) -> str:
    """The text that ``shown`` was given."""
    return _MARK.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    if found[1]:
        code = int(found[1], 16)
        return chr(code) if code <= 0x10FFFF else found[0]
    if found[0] in "⏎␡":
        return "\n" if found[0] == "⏎" else "\x7f"
    return chr(ord(found[0]) - 0x2400)
