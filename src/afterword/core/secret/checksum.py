"""Check digits and other arithmetic that tells a number or token from one that only looks like it."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from typing import Final

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: Length of an IBAN by country, as the registry of SWIFT states it.
_IBAN: Final = {
    code: int(length)
    for length, codes in {
        "15": "NO",
        "16": "BE BI",
        "18": "DK FK FO FI GL NL SD",
        "19": "MK SI",
        "20": "AT BA EE KZ XK LT LU MN",
        "21": "HR LV LI CH",
        "22": "BH BG CR GE DE IE ME RS GB VA",
        "23": "DJ GI IQ IL OM SO TL AE",
        "24": "AD CZ MD PK RO SA SK ES SE TN VG",
        "25": "LY PT ST",
        "26": "IS TR",
        "27": "FR GR IT MR MC SM",
        "28": "AL AZ BY CY DO SV GT HU LB NI PL",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU YE",
        "31": "MT SC",
        "32": "LC",
        "33": "RU",
    }.items()
    for code in codes.split()
}
#: First digits of cards by issuer, and the lengths that the issuer uses.
_ISSUERS: Final = (
    (("4",), (13, 16)),
    (tuple(map(str, (*range(51, 56), *range(2221, 2721)))), (16,)),
    (("34", "37"), (15,)),
    (tuple(map(str, (6011, *range(644, 650), 65))), (16,)),
    (tuple(map(str, range(3528, 3590))), (16,)),
    (tuple(map(str, (*range(300, 306), 36, 38, 39))), (14,)),
    (("62",), (16, 19)),
)
#: The first digits of each length.
_STARTS: Final = {
    length: tuple(start for starts, lengths in _ISSUERS if length in lengths for start in starts)
    for length in {one for _, lengths in _ISSUERS for one in lengths}
}
#: The sum of the digits of twice a digit.
_DOUBLED: Final = {str(digit): 2 * digit - 9 * (digit > 4) for digit in range(10)}


def entropy(text: str) -> float:
    """Bits a character, of the characters as they are counted in the text (Shannon)."""
    counts, size = Counter(text).values(), len(text)
    return -sum(n / size * math.log2(n / size) for n in counts) if size else 0.0


def base62_crc(body: str, check: str) -> bool:
    """Whether ``check`` is the CRC-32 of ``body`` in base 62, padded to its length: tokens of GitHub and npm end so."""
    number, digits = zlib.crc32(body.encode("latin-1", "replace")), ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(len(check), "0") == check


def luhn(digits: str) -> bool:
    """ISO/IEC 7812: the digits with every second one doubled add up to a multiple of ten."""
    return (sum(map(int, digits[::-1][::2])) + sum(map(_DOUBLED.__getitem__, digits[::-1][1::2]))) % 10 == 0


def card(digits: str) -> bool:
    """A card number that an issuer could have given out: first digits, length and check digit."""
    issued = digits.startswith(_STARTS.get(len(digits), ()))
    return issued and len(set(digits)) > 1 and luhn(digits)


def iban(text: str) -> bool:
    """ISO 13616: the length of its country, and a remainder of 1 modulo 97."""
    plain = text.replace(" ", "")
    if _IBAN.get(plain[:2]) != len(plain):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1
