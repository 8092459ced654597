"""The seal of an evidence set: a key that only its bytes give, so that the same evidence always gets the same placeholders.

It is not published: who has a document, but not the bytes, cannot try out which password a placeholder stands for. Who
has the bytes has the password anyway. It stays with the records and in the bundle, where the bytes are too.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO

from afterword.core.secret.kind import KINDS, RULES
from afterword.core.secret.redact import Redactor
from afterword.model.evidence import Seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afterword.ports import Blobs

_END = 1 << 16
_DOMAIN = b"afterword seal 1\0"


def made(shas: Iterable[str], blobs: Blobs, kinds: Sequence[str] = KINDS) -> Seal | None:
    """The seal over these artefacts; None when nothing is to be redacted."""
    if not kinds:
        return None
    return over((blobs.open(sha) for sha in set(shas)), kinds)


def over(streams: Iterable[BinaryIO], kinds: Sequence[str]) -> Seal:
    """The seal over what these streams hold; each is closed when it was looked at."""
    whole = hashlib.sha256(_DOMAIN)
    for digest in sorted(map(_digest, streams)):
        whole.update(digest)
    return Seal(whole.hexdigest(), tuple(kind for kind in KINDS if kind in kinds), RULES)


def redactor(seal: Seal | None) -> Redactor | None:
    """What redacts evidence under this seal; None for evidence that is shown as it came."""
    return None if seal is None else Redactor(bytes.fromhex(seal.key), frozenset(seal.kinds))


def text(seal: Seal | None, text: str) -> str:
    """The text as it may be shown: without secrets, unless the evidence is shown as it came."""
    found = redactor(seal)
    return found.text(text) if found else text


def _digest(opened: BinaryIO) -> bytes:
    """Of the head, the tail and the size: a hash of all of it is known to whoever has a document."""
    with opened as stream:
        head = stream.read(_END)
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - _END))
        return hashlib.sha256(_DOMAIN + head + stream.read(_END) + str(size).encode()).digest()
