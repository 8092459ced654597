"""Log templates: the sentence a program prints, without the values it fills in.

``skeletons`` masks each message by itself, so that the same message has the same skeleton everywhere; ``mine`` looks at a
whole log and joins skeletons that differ only in a word that varies.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.core.mask import masked
from afterword.core.slot import joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


LOOKED_AT: Final = 4096
"""Characters of a message that are looked at; what follows is left out of the template."""
_BLOCK: Final = 2048
"""Lines worked on at a time: their bytes fit into the cache of the processor."""
_SAMPLE: Final = 4096
"""Lines that tell whether a log repeats itself so much that equal lines are worth finding first."""
_GONE: Final = b"\x01"
"""Stands for a digit that is dropped: ``_collapsed`` adds it up as the number 1."""
_PLAIN: Final = bytes(code if code == 10 or 32 <= code != 127 else 32 for code in range(256))
"""Control characters become blanks: NUL and ``_GONE`` are free to mean something."""
_KIND: Final = bytes(
    1 if chr(code).isdecimal() and code < 128 else 2 if chr(code).isalpha() and code < 128 else 0 for code in range(256)
)
"""1 a digit, 2 a letter, 0 anything else; ASCII only."""


#: A hexadecimal id that stands alone: digits (or what stands for them), letters, digits again.
_HEX: Final = re.compile(
    rb"(?<=[ =\[(\"'])(?=[A-Fa-f]*[0-9\x00]+[A-Fa-f]+[0-9\x00])[0-9A-Fa-f\x00]{6,64}(?=[ ,;)\]\"']|$)"
)


def _some_hex(found: re.Match[bytes]) -> bytes:
    """One id for all that begin and end alike: every one of them is a value, and a mask is worked out once."""
    first, last = (b"\0" if one == b"\0" else b"2" if one.isdigit() else b"a" for one in (found[0][:1], found[0][-1:]))
    return first + b"b\0c\0d" + last


@lru_cache(maxsize=65536)
def _masked(key: bytes, *, numbered: bool) -> str:
    return masked(key.decode("utf-8", "surrogatepass"), numbered=numbered)


def skeletons(texts: Sequence[str]) -> list[str]:
    """The masked text of each message; it depends on nothing but the message."""
    return _sentences(texts, numbered=True)


def _sentences(texts: Sequence[str], *, numbered: bool) -> list[str]:
    if len(set(texts[:: 1 + len(texts) // _SAMPLE])) > _SAMPLE // 4:
        return _each(texts, numbered=numbered)
    once = list(dict.fromkeys(texts))
    known = dict(zip(once, _each(once, numbered=numbered), strict=True))
    return list(map(known.__getitem__, texts))


def _each(texts: Sequence[str], *, numbered: bool) -> list[str]:
    """Block by block: masks are worked out once for what is the same after its digits are gone."""
    found: list[str] = []
    masks: dict[bytes, str] = {}
    for start in range(0, len(texts), _BLOCK):
        keys = _keys(texts[start : start + _BLOCK])
        for key in set(keys).difference(masks):
            # Inside of an object a value is not looked at in the same way.
            masks[key] = _masked(key if b"{" in key else _HEX.sub(_some_hex, key), numbered=numbered)
        found.extend(map(masks.__getitem__, keys))
    return found


def identity(masked: str) -> str:
    """The id of a template: twelve hexadecimal digits that only its text decides."""
    return blake2b(masked.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def mine(lines: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    """The template id of each line, and the text of each template."""
    found = _sentences(lines, numbered=False)
    templates = joined(dict.fromkeys(found))
    named = {text: identity(template) for text, template in templates.items()}
    return list(map(named.__getitem__, found)), {named[text]: template for text, template in templates.items()}


def _keys(texts: Sequence[str]) -> list[bytes]:
    """Each text with runs of digits as one NUL; a single digit behind a letter stays, as in ``ssh2``."""
    if max(map(len, texts)) > LOOKED_AT:
        texts = [text[:LOOKED_AT] for text in texts]
    block = "\n".join(texts)
    if block.count("\n") != len(texts) - 1:
        block = "\n".join([text.replace("\n", " ") for text in texts])
    return _collapsed(block.encode("utf-8", "surrogatepass")).split(b"\n")


def _collapsed(block: bytes) -> bytes:
    text = np.frombuffer(block.translate(_PLAIN), dtype=np.uint8)
    kind = np.frombuffer(b"\0" + block.translate(_KIND) + b"\0", dtype=np.uint8)
    digit = kind == 1
    before, here, after = digit[:-2], digit[1:-1], digit[2:]
    alone = (kind[:-2] == 2) & ~after
    run = here & ~alone
    out = text * ~run + (here & before)
    result: bytes = out.tobytes().translate(None, _GONE)
    return result
