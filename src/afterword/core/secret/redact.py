"""Text without its secrets: each becomes a placeholder that is the same for the same value, and tells nothing of it."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from afterword.core.secret import block, manifest, person, shape, written
from afterword.core.secret.found import Found
from afterword.core.secret.kind import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: So far before and behind a stretch is looked for what it is part of.
REACH: Final = 1 << 15
PLACEHOLDER: Final = re.compile(rb"\[(?:secret:[a-z0-9-]{1,40}|email|card|iban|id:[a-z0-9-]{1,40}):[0-9a-f]{8}\]")
_ESCAPE: Final = re.compile(rb"\\+(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NUMBERS: Final = ("card", "iban", "id:")


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces what it finds. ``key`` is the seal of an evidence set: without it no placeholder can be guessed."""

    key: bytes
    kinds: frozenset[str] = frozenset(KINDS)

    def text(self, text: str) -> str:
        """Text without secrets; halves of characters pass unharmed."""
        body = text.encode("utf-8", "surrogatepass")
        made = self.body(body)
        return text if made is body else made.decode("utf-8", "surrogatepass")

    def body(self, body: bytes) -> bytes:
        """The same bytes when nothing is found; never another number of lines."""
        found = self.find(body)
        return self.replaced(body, found, 0, len(body)) if found else body

    def passage(self, body: bytes, start: int, end: int) -> bytes:
        """``body[start:end]`` without secrets, also those that only what stands around it tells."""
        low, high = max(0, start - REACH), min(len(body), end + REACH)
        low = body.find(b"\n", low, start) + 1 or low if low else 0
        window = body[low:high]
        return self.replaced(window, self.find(window), start - low, end - low)

    def blanked(self, body: bytes) -> bytes:
        """The body with a star for each byte that has to go: as long as before, for formats where places count."""
        made = bytearray(body)
        for one in self.find(body):
            made[one.start : one.end] = b"*" * (one.end - one.start)
        return bytes(made)

    def replaced(self, body: bytes, found: Iterable[Found], low: int, high: int) -> bytes:
        """``body[low:high]`` with placeholders; what is cut by an end of the stretch is replaced whole."""
        made, place = [], low
        for one in found:
            if one.end > low and one.start < high:
                made += [body[place : max(place, one.start)], self.placeholder(one.kind, body[one.start : one.end])]
                place = one.end
        return b"".join([*made, body[place:high]])

    def placeholder(self, kind: str, value: bytes) -> bytes:
        """``[secret:github-token:3f9a01c2]``: a keyed hash of the value as it is meant, however it is written."""
        plain = _ESCAPE.sub(_meant, value)
        if kind == "email":
            plain = plain.replace(b"%40", b"@").lower()
        elif kind.startswith(_NUMBERS):
            plain = re.sub(rb"[^A-Za-z0-9]", b"", plain).upper()
        digits = hmac.new(self.key, plain, hashlib.sha256).hexdigest()
        # With a digit among them: templates of logs take it for a value then, not for a word of the program.
        shown = next(part for at in range(57) if not (part := digits[at : at + 8]).isalpha())
        return f"[{kind}:{shown}]".encode()

    def find(self, body: bytes) -> list[Found]:
        """What has to be replaced, in order, none over another; placeholders that stand there already are left."""
        return self.find_on(body, 0)[0]

    def find_on(self, body: bytes, inside: int) -> tuple[list[Found], int]:
        """As ``find``, in one piece of many: ``inside`` is what the piece before answered, 0 for the first.

        It says how many lines of a private key may still come.
        """
        found: list[tuple[int, Found]] = []
        if "secrets" in self.kinds:
            blocks, inside = block.find(body, inside)
            for rank, ones in enumerate((blocks, shape.find(body), manifest.find(body), written.find(body))):
                found += ((rank, one) for one in ones)
        for rank, kind in enumerate(KINDS[1:], start=4):
            if kind in self.kinds:
                found += ((rank, one) for one in person.WAYS[kind](body))
        return _apart(body, found) if found else [], inside


def _meant(match: re.Match[bytes]) -> bytes:
    """What an escape of JSON stands for."""
    code, sign = match.groups()
    if code:
        return chr(int(code, 16)).encode("utf-8", "surrogatepass")
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t"}.get(sign, sign)


def _apart(body: bytes, found: Sequence[tuple[int, Found]]) -> list[Found]:
    """Those that touch become one, called after the surest; whole characters only; none that holds a placeholder."""
    taken = [one.span() for one in PLACEHOLDER.finditer(body)] if b"[" in body else []
    made: list[tuple[int, Found]] = []
    for rank, one in sorted(found, key=lambda pair: (pair[1].start, pair[0], -pair[1].end)):
        if any(low < one.end and one.start < high for low, high in taken):
            continue
        if made and one.start < made[-1][1].end:
            best, last = made[-1]
            kind = one.kind if rank < best else last.kind
            made[-1] = (min(rank, best), Found(last.start, max(last.end, one.end), kind))
        else:
            made.append((rank, one))
    return [_whole(body, one) for _, one in made]


def _whole(body: bytes, one: Found) -> Found:
    """Not half of a character of UTF-8."""
    start, end = one.start, one.end
    while start > 0 and body[start] & 0xC0 == 0x80:
        start -= 1
    while end < len(body) and body[end] & 0xC0 == 0x80:
        end += 1
    return Found(start, end, one.kind)
