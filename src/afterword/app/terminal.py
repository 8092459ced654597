"""What may reach a terminal: text without the characters that steer one.

Evidence is written by strangers. A log line can carry escape sequences that move the cursor, rename the window or
hide what stands before them, and characters that turn the direction of writing around.
"""

from __future__ import annotations

import re

#: C0 but tab and newline, delete, C1, controls of direction, separators, what has no width but can hide or hold
#: text (zero-width space, invisible operators, tags), lone surrogates. Joiners stay: scripts and emoji need them.
_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    r"""The text with every steering character shown as what it is, ``\x1b`` or ``\u202e``."""
    return _STEERS.sub(_written, text)


def one_line(text: str) -> str:
    """Clean text that stays inside its line: a line break in a cell could forge another row."""
    return clean(" ".join(text.split()))


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
