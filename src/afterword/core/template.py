"""Log templates: the sentence a program prints, without the values it fills in.

``skeletons`` masks each message by itself, so that the same message has the same skeleton everywhere; ``mine`` looks at a
whole log and joins skeletons that differ only in a word that varies.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.core.mask import masked
from afterword.core.slot import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

LOOKED_AT: Final = 4096
"""Characters of a message that are looked at; what follows is left out of the template."""
_BLOCK: Final = 8192
_KIND: Final = np.zeros(256, dtype=np.uint8)
_KIND[ord("0") : ord("9") + 1] = 1
_KIND[ord("A") : ord("Z") + 1] = 2
_KIND[ord("a") : ord("z") + 1] = 2
_PLAIN: Final = np.arange(256, dtype=np.uint8)
_PLAIN[[*range(10), *range(11, 32), 127]] = ord(" ")


@lru_cache(maxsize=65536)
def _masked(key: bytes, *, numbered: bool) -> str:
    return masked(key.decode("utf-8", "surrogatepass"), numbered=numbered)


def skeletons(texts: Sequence[str]) -> list[str]:
    """The masked text of each message; it depends on nothing but the message."""
    return _sentences(texts, numbered=True)


def _sentences(texts: Sequence[str], *, numbered: bool) -> list[str]:
    known: dict[str, str] = {}
    for block in _blocks(dict.fromkeys(texts), _BLOCK):
        keys = _keys(block)
        masks = {key: _masked(key, numbered=numbered) for key in dict.fromkeys(keys)}
        known.update(zip(block, map(masks.__getitem__, keys), strict=True))
    return list(map(known.__getitem__, texts))


def identity(masked: str) -> str:
    """The id of a template: twelve hexadecimal digits that only its text decides."""
    return blake2b(masked.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def mine(lines: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    """The template id of each line, and the text of each template."""
    found = _sentences(lines, numbered=False)
    templates = joined(set(found))
    named = {text: identity(template) for text, template in templates.items()}
    return list(map(named.__getitem__, found)), {named[text]: template for text, template in templates.items()}


def _blocks(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    held = list(texts)
    for start in range(0, len(held), size):
        yield held[start : start + size]


def _keys(texts: list[str]) -> list[bytes]:
    """Each text with runs of digits as one NUL; a single digit behind a letter stays, as in ``ssh2``."""
    if max(map(len, texts)) > LOOKED_AT:
        texts = [text[:LOOKED_AT] for text in texts]
    block = "\n".join(texts)
    if block.count("\n") != len(texts) - 1:
        block = "\n".join([text.replace("\n", " ") for text in texts])
    return _collapsed(np.frombuffer(block.encode("utf-8", "surrogatepass"), dtype=np.uint8)).split(b"\n")


def _collapsed(text: NDArray[np.uint8]) -> bytes:
    kind = np.zeros(len(text) + 2, dtype=np.uint8)
    np.take(_KIND, text, out=kind[1:-1])
    before, here, after = kind[:-2], kind[1:-1], kind[2:]
    digit = here == 1
    stays = (before == 2) & (after != 1)
    out = np.where(digit & ~stays, np.uint8(0), _PLAIN[text])
    result: bytes = out[~(digit & (before == 1))].tobytes()
    return result
