"""Whether a value behind a telling name is a secret, or a placeholder, a word about one, code, or an id."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from afterword.core.secret.checksum import entropy
from afterword.core.secret.found import words
from afterword.core.secret.name import Family

#: Values that stand where a secret would: nothing, an example, a mask.
_STANDING_IN: Final = words(
    "null none nil undefined true false yes no on off empty unset unknown n/a na string str text int integer bytes byte object "
    "password passwd pwd pass passphrase secret secrets token tokens key keys credential credentials auth bearer basic "
    "changeme change_me change-me example sample dummy placeholder todo tbd redacted filtered masked hidden removed "
    "omitted protected encrypted sensitive default optional required value char varchar varchar2 number boolean "
    "uuid env file stdin prompt ask keyring vault undisclosed confidential private"
)
#: What is said about a secret rather than being one.
_SAID: Final = words(
    "incorrect invalid expired expires expiring missing wrong failed failure fails failing fail accepted changed change reset "
    "ok okay success successful successfully updated rotated rejected denied revoked renewed refreshed created deleted "
    "removed found not for from is was are the a an and or to in of on by with at user users root admin authentication "
    "error errors must should cannot can could too has have been will need needs please enter check verify verified "
    "validation mismatch match matches unauthorized forbidden allowed disabled enabled set unset provided given received "
    "using used use via over when while after before if it this that your my our their set sent issued granted generated "
    "length policy strength method type name field parameter param header session request response refresh count id "
    "limit bucket expected got parsing parse unexpected near end start line column position store manager "
    "service rotation rotating updating login logon account auth test testing publickey hostbased keyboard-interactive "
    "gssapi interactive cancelled timeout retry retrying attempts attempt pending active inactive valid blank"
)
#: Words that are said about secrets, and are passwords all the same where nothing else can stand.
_WEAK: Final = words("admin root test testing user account login")
_MASKED: Final = re.compile(r"[*•]{3,}|x{5,}|X{5,}|\.{4,}|#{4,}|\[?(?:redacted|filtered|masked|hidden|removed)\]?", re.IGNORECASE)  # fmt: skip
_TEMPLATED: Final = re.compile(
    r"\[[^\]]*\]\(|\$\{|\$\(|\{\{|<%|%\(|#\{|%\{|<[\w .:*-]*>?$|\$[A-Za-z_]|%[sdvqr+#]|\{[\w.]*\}|\$\d|\?$|:\w+$|@@|\[(?:secret|email|card|iban|id):"
)
_CODE: Final = re.compile(
    r"[A-Za-z_][\w.]*(?:\([^()]*\)*$|\[|->)"
    r"|(?:self|this|os|env|process|config|settings|ctx|args|req|request|var|local|data)\.\w|!\w+ "
)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_PATH: Final = re.compile(
    r"(?:~|\.{1,2})?/[\w.@-]*(?:/[\w.@-]*)*|[A-Za-z]:\\.*|(?:[\w.-]+/){1,8}[\w-]+\.(?:json|ya?ml|pem|crt|key|txt|env|toml|conf)"
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d.*|\d\d?:\d\d(?::\d\d)?(?:\.\d+)?|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?")
_MEASURE: Final = re.compile(r"[-+]?\d+(?:\.\d+)?\s?(?:[a-zA-Zµ%]{1,3})?")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX: Final = re.compile(r"(?:0x)?[0-9a-fA-F]+")
_LABEL: Final = re.compile(r"[a-z]{2,}\d{0,2}")
_SEPARATED: Final = frozenset("._/-:")
_CLASSES: Final = tuple(map(re.compile, (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")))


def standing_in(value: str) -> bool:
    """Whether this only stands where a secret would be: a mask, a variable, an example, a piece of code."""
    low = value.lower().strip("<>[](){}'\"` ")
    if len(value) < 3 or value[0] in " |" or not low or len(set(value)) < 2 or low in _STANDING_IN:
        return True
    if low.startswith(
        ("your", "my_", "my-", "example", "change", "insert", "replace", "enter", "placeholder", "dummy", "env.")
    ):
        return True
    if _MASKED.search(value) or _TEMPLATED.match(value):
        return True
    return bool(_CODE.match(value))


@lru_cache(maxsize=4096)
def judge(kind: Family, value: str, *, sure: bool, loose: bool) -> bool:
    """Whether the value is a secret. ``sure``: it is quoted or behind ``=``; ``loose``: a colon in running text."""
    if standing_in(value):
        return False
    if kind is Family.PASSWORD or kind is Family.SOFT:
        return _password(value, soft=kind is Family.SOFT, sure=sure, loose=loose)
    return _made(value, ids=kind is Family.TOKEN)


def _password(value: str, *, soft: bool, sure: bool, loose: bool) -> bool:
    low = value.lower().strip(".,;:!?)")
    if (low in _SAID and not (sure and low in _WEAK)) or _PATH.fullmatch(value) or _DATE.fullmatch(value):
        return False
    said = value.split()
    if len(said) > 3 and sum(word.strip(".,'").isalpha() for word in said) >= len(said) - 1:
        return len(said) <= 8 and not any(word.lower() in _SAID for word in said)
    kinds = sum(bool(one.search(value)) for one in _CLASSES)
    if value.isdigit():
        return not soft and len(value) >= 4 and not loose
    if _DOTTED.fullmatch(value) and not any(sign.isdigit() for sign in value):
        return False
    if soft:
        mixed = kinds >= 2 and any(map(str.isalpha, value)) and not _MEASURE.fullmatch(value)
        return len(value) >= 5 and mixed and not _labels(value) and not (loose and (value.isalpha() or _camel(value)))
    if loose:
        return (
            kinds >= 2 and any(not sign.isalpha() for sign in value.strip(".,;:!?)")) and not _MEASURE.fullmatch(value)
        )
    return sure or kinds >= 2 or len(value) >= 3


def _labels(value: str) -> bool:
    """Words joined by signs, as resources are called: ``default-token-x7k2p``."""
    parts = re.split(r"[-_./: ]", value)
    named = sum(bool(_LABEL.fullmatch(part)) for part in parts)
    return len(parts) > 1 and value == value.lower() and named * 2 >= len(parts) and max(map(len, parts)) <= 16


def _made(value: str, *, ids: bool) -> bool:
    """Made by a machine: long, mixed, no date, no path; ids and hashes only where the name says ``api key`` or so."""
    if len(value) >= 40 and " " in value and all(one.search(value) for one in _CLASSES):
        return entropy(value) >= 4.5
    if len(value) < 8 or " " in value or value.isdigit() or _DATE.fullmatch(value) or _MEASURE.fullmatch(value):
        return False
    if (
        "://" in value
        or value.startswith("0x")
        or (value.startswith("/") and _PATH.fullmatch(value) and len(value) < 60)
    ):
        return False
    if _UUID.fullmatch(value) or (_HEX.fullmatch(value) and len(value) in (16, 32, 40, 64)):
        return ids and entropy(value) > 2.5
    kinds = sum(bool(one.search(value)) for one in _CLASSES[:3])
    if not any(sign.isdigit() for sign in value):
        return kinds >= 2 and len(value) >= 20 and entropy(value) >= 3.8 and not _camel(value)
    if _camel(value) and not _SEPARATED.isdisjoint(value):
        return False
    if _labels(value):
        return False
    return kinds >= 2 and entropy(value) >= (2.6 if ids else 3.0)


def _camel(value: str) -> bool:
    """A name of a program: words that begin with capitals, with dots or signs between them."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", value)
    letters = sum(map(len, parts))
    return letters >= 0.6 * len(value) and sum(len(one) for one in parts if len(one) > 2) > 0.85 * letters
