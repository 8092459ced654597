"""Secrets that are known by what stands before them: names with values, headers, addresses, options, statements, prose.

One automaton looks for all of it; what it finds is taken apart, and its value judged.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import re2

from afterword.core.secret.found import Found, compiled
from afterword.core.secret.name import Family, family
from afterword.core.secret.value import judge, standing_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_Q: Final = r"""\\*["']"""
_NAME: Final = (
    r"passw(?:or)?d|passwort|passphrase|passcode|pwd|pass|secrets?|token|credentials?|creds|jwt|salt|senha|contrasena|sessid|"
    r"session_?id|session\.id|connect\.sid|\botp|\bpw\b|bindpw|rootpw|userpw|"
    r"(?:api|access|secret|private|encrypt?ion|signing|auth|account|shared|master|license|app|application|client|service|"
    r"integration|routing|storage|deploy|subscription|admin|write|ingest|ingestion|consumer|hmac|session|crypto|aes|webhook|"
    r"instrumentation|datadog|dd|pagerduty|cloudflare|algolia|newrelic|new_relic|opsgenie|sendgrid|mailgun|splunk|heroku|"
    r"stripe|openai|honeycomb|rollbar|segment)[_.\- ]?key"
)
_TAIL: Final = r"[A-Za-z0-9_.\-]{0,24}"
_VALUE: Final = (
    r"""(?:\\+"(?P<a>(?:[^"\\\n\x00]|\\[^"\n\x00])+)\\+"|"(?P<b>(?:[^"\\\n\x00]|\\[^\n\x00])+)"|"""
    r"""\\*'(?P<c>[^'\n\x00]+)'|\\*["'\x60]?(?P<d>[^\s"'\x60<>\x00]+))"""
)
_VALUES: Final = ("a", "b", "c", "d")


@dataclass(frozen=True, slots=True)
class Value:
    """What may be a secret, and where; ``quoted``: quotes stand around it."""

    text: str
    start: int
    end: int
    quoted: bool = False

    def found(self, kind: str) -> list[Found]:
        return [Found(self.start, self.end, f"secret:{kind}")]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a secret may stand, taken apart."""

    body: bytes
    match: Any
    names: Mapping[str, int]

    def text(self, name: str) -> str:
        index = self.names.get(name)
        return ((self.match.group(index) or b"") if index else b"").decode("latin-1")

    def span(self, name: str) -> tuple[int, int]:
        return self.match.span(self.names[name]) if name in self.names else (-1, -1)

    def value(self) -> Value:
        """The group that took part; a value without quotes ends where what it stands in goes on."""
        name = next((one for one in _VALUES if self.span(one)[0] >= 0), "d")
        start, end = self.span(name)
        return Value(self.text(name), start, end, quoted=True) if name in "abc" else _bare(self.text(name), start)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write a secret down, and what takes it apart: answers the secrets in it."""

    pattern: str
    take: Callable[[Hit], list[Found]]


#: Where a value without quotes ends: an escape, the next pair, the next part.
_NEXT: Final = re.compile(
    r"\\[nrt\"']|%26|%22|\\u0026|&amp;|&[A-Za-z0-9_.%\[\]-]{1,64}=|;[A-Za-z_][\w .-]{0,40}=|;(?i:secure|httponly)|[;,]$|,[ \"'{\[]|,[A-Za-z_][\w.-]{0,64}[=:]"
)
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}


def _bare(text: str, start: int) -> Value:
    """Without what can no longer belong to it: escapes, the full stop, the bracket of what it stands in."""
    cut = _NEXT.search(text)
    text = text[: cut.start()] if cut else text
    while text and (text[-1] in ".:" or text.count(text[-1]) > text.count(_PAIRS.get(text[-1], text[-1]))):
        text = text[:-1]
    return Value(text, start, start + len(text))


_LEFT: Final = re.compile(rb"[A-Za-z0-9_.\-]{0,40}\Z")
_ALONE: Final = re.compile(rb"[ \t]*+-?[ \t]*+(?:export[ \t]++)?[\"']?\Z")
_ENDS: Final = (b"", b"\n", b"\r", b"\0")


def _named(hit: Hit) -> list[Found]:
    """A name in front of a value: the whole name, also what stands left of the word that was looked for."""
    value, (first, last), sign = hit.value(), hit.span("n"), hit.text("s")
    left = _LEFT.search(hit.body, max(0, first - 40), first)
    begin = left.start() if left else first
    found = family(hit.body[begin:last].decode("latin-1"))
    if found is None:
        return []
    how, kind = found
    if "," in sign and value.quoted and value.text.isalpha():
        return []
    strict = "=" in sign or "%3" in sign or value.quoted
    if how is Family.LOOSE and kind != "token" and not strict:
        return []
    prose = not strict and sign[-1:] in (" ", "\t") and not _whole_line(hit.body, begin, value.end)
    sure = strict or ">" in sign or "value" in sign
    return value.found(kind) if judge(how, value.text, sure=sure, loose=prose) else []


def _whole_line(body: bytes, begin: int, end: int) -> bool:
    """Name and value are all that the line says, as in YAML."""
    line = max(body.rfind(b"\n", max(0, begin - 120), begin), body.rfind(b"\0", max(0, begin - 120), begin)) + 1
    return begin - line < 120 and bool(_ALONE.match(body[line:begin])) and body[end : end + 1] in _ENDS


def _header(hit: Hit) -> list[Found]:
    """What follows a scheme is the credential; without a scheme it has to look like one."""
    scheme, value = hit.text("scheme").lower(), _bare(hit.text("v"), hit.span("v")[0])
    if standing_in(value.text) or len(value.text) < 6:
        return []
    if scheme == "basic":
        return value.found("basic-auth") if _pair(value.text) else []
    good = not value.text.isalpha() if scheme else judge(Family.TOKEN, value.text, sure=True, loose=False)
    return value.found("auth-header") if good else []


def _pair(value: str) -> bool:
    """Whether this is a name and a password in base 64."""
    try:
        return ":" in base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("utf-8")
    except (ValueError, binascii.Error):
        return False


def _bearer(hit: Hit) -> list[Found]:
    value = _bare(hit.text("v"), hit.span("v")[0])
    if hit.text("scheme").lower() == "basic":
        return value.found("basic-auth") if _pair(value.text) else []
    good = len(value.text) >= 16 and judge(Family.TOKEN, value.text, sure=True, loose=False)
    return value.found("auth-header") if good else []


def _auth(hit: Hit) -> list[Found]:
    """Name and password of a registry, as Docker keeps them."""
    value = Value(hit.text("v"), *hit.span("v"))
    return (
        value.found("basic-auth")
        if _pair(value.text) or judge(Family.TOKEN, value.text, sure=True, loose=False)
        else []
    )


def _address(hit: Hit) -> list[Found]:
    """The password in ``scheme://user:password@host``."""
    text, (start, end) = hit.text("v"), hit.span("v")
    if standing_in(text) and text.lower() not in ("secret", "password", "pass"):
        return []
    web = hit.text("scheme").lower().startswith(("http", "ftp", "ssh"))
    return Value(text, start, end).found("url-password" if web else "database-password")


def _only_user(hit: Hit) -> list[Found]:
    """A token as the user of an address."""
    good = judge(Family.TOKEN, hit.text("v"), sure=True, loose=False)
    return Value(hit.text("v"), *hit.span("v")).found("url-token") if good else []


_COOKIE: Final = re.compile(rb"([!#$%&*+.^_|~0-9A-Za-z-]{1,64})=([^;,\s\"'\\\x00]{1,4096})")
_ATTRIBUTES: Final = frozenset({b"path", b"domain", b"expires", b"max-age", b"samesite", b"priority", b"version"})


def _cookies(hit: Hit) -> list[Found]:
    made: list[Found] = []
    for pair in _COOKIE.finditer(hit.body, *hit.span("v")):
        value = Value(pair.group(2).decode("latin-1"), *pair.span(2))
        if pair.group(1).lower() not in _ATTRIBUTES and judge(Family.TOKEN, value.text, sure=True, loose=False):
            made += value.found("cookie")
    return made


def _password(kind: str, *, loose: bool = False, how: Family = Family.PASSWORD) -> Callable[[Hit], list[Found]]:
    """What stands at a place for passwords; ``loose``: running text, where most words are words."""

    def take(hit: Hit) -> list[Found]:
        value = hit.value()
        prose = loose and not value.quoted
        if prose and value.text.rstrip("!?").isalpha() and not any(map(str.isupper, value.text[1:])):
            return []
        return value.found(kind) if judge(how, value.text, sure=not prose, loose=prose) else []

    return take


def _said(hit: Hit) -> list[Found]:
    """``the password for staging is hunter2``: words are no passwords here, since most of what follows is a word."""
    value, noun = hit.value(), hit.text("n").lower()
    if not value.quoted and value.text.rstrip("!?").isalpha() and not any(map(str.isupper, value.text[1:])):
        return []
    how, kind = (Family.LOOSE, "token") if noun in ("token", "secret", "api key") else (Family.PASSWORD, "password")
    return value.found(kind) if judge(how, value.text, sure=value.quoted, loose=not value.quoted) else []


#: What has letters and digits behind ``password`` without being one: names of methods, versions, resources.
_METHOD: Final = re.compile(
    r"(?i)(?:sha|md|bcrypt|scrypt|argon|pbkdf|base|oauth|v|s/key|utf|ntlm|hmac)-?\d.*|.*[-_.]\d+|\d.*"
)


def _bare_word(hit: Hit) -> list[Found]:
    """``password hunter2 did not work``: letters with digits among them, as nothing else that follows this word has."""
    value = hit.value()
    mixed = any(map(str.isalpha, value.text)) and any(map(str.isdigit, value.text))
    if not mixed or _METHOD.fullmatch(value.text) or not judge(Family.PASSWORD, value.text, sure=False, loose=True):
        return []
    return value.found("password")


def _option(hit: Hit) -> list[Found]:
    """``--db-password hunter2``."""
    found, value = family(hit.text("n")), hit.value()
    if found is None or (not value.quoted and value.text.startswith("-")):
        return []
    return value.found(found[1]) if judge(found[0], value.text, sure=True, loose=False) else []


#: What people call a secret when they write to each other, and how they say whose it is.
_NOUN: Final = r"password|mot de passe|kennwort|wachtwoord|contrase(?:n|\xc3\xb1)a|passwd|passphrase|passcode|pw|pwd|passwort|pass|token|secret|api key"
_FOR: Final = r"(?: the)? [A-Za-z0-9_.@/\-]{1,40}(?: [A-Za-z0-9_.\-]{1,20})?"
_SCHEMES: Final = (
    r"basic|bearer|token|apikey|api-key|ssws|key|bot|splunk|geniekey|sso-key|apitoken|api-token|hawk|negotiate"
)
_WAYS: Final = (
    Way(rf"(?:proxy-)?authorization{_TAIL}(?:{_Q})?\s{{0,2}}(?:=>|[:=])\s{{0,4}}(?:\[?{_Q})?(?:(?P<scheme>{_SCHEMES})(?:[ \t]{{1,4}}|%20|\+|=|: ?|&#32;|token=\\*\"?))?(?:token=)?(?P<v>[^\s\"'\\,;<>\x00]+)", _header),
    Way(r"\b(?P<scheme>bearer|basic)(?:[ \t]{1,4}|%20)(?:token[ :=]{1,2})?(?P<v>[A-Za-z0-9_~+/.\-]{8,}={0,2})", _bearer),
    Way(r"\b(?P<scheme>[a-z][a-z0-9+.\-]{1,30}):(?:\\?/){2}(?P<u>[^\s/:@\"'<>\x00]{0,128}):(?P<v>[^\s/\"'<>\x00]+)@", _address),
    Way(r"\b(?P<scheme>[a-z][a-z0-9+.\-]{1,30}):(?:\\?/){2}(?P<u>[^\s/:@\"'<>\x00]{0,128}):(?P<v>[^\s\"'<>@\x00?]+)@[a-z0-9.\-]+[:/]", _address),
    Way(r"\bhttps?:(?:\\?/){2}(?P<v>[A-Za-z0-9_\-]{20,})(?::(?:x-oauth-basic)?)?@", _only_user),
    Way(r"\b(?P<u>[A-Za-z0-9_.\-]{1,64}):(?P<v>[^\s:@/\"'(\x00]+)@(?P<scheme>tcp|unix|udp)\(", _address),
    Way(rf"\b(?:set-)?cookie(?:{_Q})?\s{{0,2}}(?:=>|[:=])\s{{0,4}}(?:\[?{_Q})?(?P<v>[!#$%&*+.^_|~0-9A-Za-z\-]{{1,64}}=[^\n\"'\x00]+)", _cookies),
    Way(rf"(?:^|[\s\"'\x00,\[])--?(?P<n>[A-Za-z0-9\-]{{0,30}}(?:{_NAME})[A-Za-z0-9\-]{{0,12}})[ \t]{{1,4}}{_VALUE}", _option),
    Way(r"\bidentified\s+(?:with\s+\w+\s+)?by\s+(?:password\s+)?(?:\\*'(?P<a>[^'\n\x00]+)'|\\*\"(?P<b>[^\"\\\n\x00]+)\\*\")", _password("database-password")),
    Way(r"\b(?:encrypted\s+|with\s+)?password\s+\\*'(?P<a>[^'\n\x00]+)'", _password("database-password")),
    Way(rf"\bmysql(?:dump|admin|import)?\b[^\n\x00|]{{0,120}}?\s-p{_VALUE}", _password("password", loose=True)),
    Way(rf"\b(?:docker|podman|nerdctl|helm|oras|az|oc)\b[^\n\x00|]{{0,80}}\blogin\b[^\n\x00|]{{0,120}}?\s-p\s{{1,2}}{_VALUE}", _password("password")),
    Way(rf"\bsshpass\s+-p\s?{_VALUE}", _password("password")),
    Way(rf"\b(?:redis-cli|mongo|mongosh)\b[^\n\x00|]{{0,120}}?\s-[ap]\s{{1,2}}{_VALUE}", _password("password", how=Family.SOFT)),
    Way(r"\b(?:curl|wget|http|httpie)\b[^\n\x00|]{0,200}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"'\x00]{1,64}:(?P<d>[^\s\"'\x00]+)", _password("password")),
    Way(rf"\blogin\s+\S{{1,80}}\s+password\s+{_VALUE}", _password("password")),
    Way(rf"\b(?:requirepass|masterauth)\s+{_VALUE}", _password("redis-password")),
    Way(rf"\b(?-i:AUTH)\s+(?:[A-Za-z0-9_\-]{{1,32}}\s+)?{_VALUE}", _password("redis-password", loose=True)),
    Way(rf"(?:>|\bUSER \S{{1,64}}(?:\s|\\[rn]){{1,4}})[ \t]{{0,2}}(?-i:PASS)[ \t]{_VALUE}", _password("password", loose=True)),
    Way(rf"(?P<n>(?:{_NAME}){_TAIL})(?P<s>(?:{_Q})?\]?[ \t]{{0,8}}(?:=>|:=|==|=|:)[ \t]{{0,8}}|(?: [a-z]+={_Q}[^\"'<>\n\x00]{{0,40}}{_Q})?>|%3[dD]|%22%3A(?:%20)?%22|(?:{_Q})[ \t]{{0,2}},?[ \t]{{0,2}}(?:\\*\"?)(?:[Vv]alue)(?:\\*\"?)[ \t]{{0,2}}[:=][ \t]{{0,2}}|\r?\n[ \t]{{2,40}}value:[ \t]{{1,4}}|(?:{_Q})?[ \t]{{0,2}}[,|\t][ \t]{{0,2}}(?:{_Q}value{_Q}[ \t]?:[ \t]?)?){_VALUE}", _named),
    Way(rf"\b(?P<n>{_NOUN})(?: (?:for|of|on){_FOR})?(?:'s|[ \t]+:|[ \t]+is(?: now| still)?|[ \t]+was|[ \t]+(?:set|changed) to|[ \t]+=|[ \t]*(?:\xe2\x86\x92|->))[ \t]*:?[ \t]*{_VALUE}", _said),
    Way(rf"\b(?P<n>{_NOUN})[ \t]+\\*\"(?P<b>[^\"\\\n\x00 ]+)\\*\"", _said),
    Way(r"\\*\"_?auth\\*\"[ \t]*:[ \t]*\\*\"(?P<v>[A-Za-z0-9+/]{16,}={0,2})\\*\"", _auth),
    Way(rf"\b(?P<n>{_NOUN}) (?:for|of|on){_FOR}[ \t]?:[ \t]*{_VALUE}", _said),
    Way(r"\b(?P<n>password|passwd|pw)[ \t]+(?P<d>[A-Za-z0-9!@#$%^&*_.+-]{6,40})", _bare_word),
    Way(rf"\b(?:creds?|credentials|login|log in|logon|user/pass|username/password)\b[^\n\x00:=]{{0,20}}(?:[:=]|with|as|are)\s*(?P<u>[A-Za-z0-9_.@\-]{{2,40}})\s?[/:|,]\s?{_VALUE}", _password("password", loose=True)),
)  # fmt: skip
_WITHOUT: Final = re.compile(r"\?P<\w+>")
_ALL: Final = compiled("|".join(f"(?:{_WITHOUT.sub('?:', way.pattern)})" for way in _WAYS), fold=True)


def _taken_apart(way: Way) -> tuple[Any, Mapping[str, int], Callable[[Hit], list[Found]]]:
    pattern = compiled(way.pattern, fold=True)
    return pattern, {name.decode(): index for name, index in pattern.groupindex.items()}, way.take


_EACH: Final = tuple(map(_taken_apart, _WAYS))


def _set() -> re2.Set:
    """Answers which of the ways a stretch begins with."""
    made = re2.Set.MatchSet(_ALL.options)
    for way in _WAYS:
        made.Add(_WITHOUT.sub("?:", way.pattern).encode("latin-1"))
    made.Compile()
    return made


_WHICH: Final = _set()
#: What is longer than this and no secret is left behind whole: else a hostile line would be looked at again and again.
_LONG: Final = 4096


def find(body: bytes) -> Iterator[Found]:
    """Every secret that something before it announces."""
    place = 0
    while (hit := _ALL.search(body, place)) is not None:
        found, place = _at(body, *hit.span())
        yield from found


def _at(body: bytes, start: int, end: int) -> tuple[list[Found], int]:
    """The secrets at a hit, and where to look on: behind them, or at the value that was none."""
    look_on = end
    for index in sorted(_WHICH.Match(body[start:end])):
        pattern, names, take = _EACH[index]
        match = pattern.match(body, start)
        if match is None:
            continue
        hit = Hit(body, match, names)
        found = take(hit)
        if found:
            return found, max(one.end for one in found)
        if end - start <= _LONG:
            look_on = min([look_on, *(at for name in ("n", "v", *_VALUES) if (at := hit.span(name)[0]) > start)])
    return [], max(start + 1, look_on)
