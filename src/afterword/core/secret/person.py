"""What tells who somebody is: e-mail addresses, card and account numbers, national ids with their check digits."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from afterword.core.secret import checksum
from afterword.core.secret.found import Found, compiled, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What looks like the end of a host name, but is the end of a file.
_FILES: Final = words(
    "png jpg jpeg gif svg webp ico css js mjs ts tsx jsx map py pyc go rs rb java class jar war so dll exe bin sh bat json xml "
    "yml yaml toml ini conf cfg log txt csv md html htm tar gz tgz zip bz2 xz pdf doc docx xls xlsx sql db lock pem crt key"
)
#: Units, and hosts that nobody outside can reach.
_NO_TOP: Final = words(
    "service socket timer mount target slice scope device swap path automount "
    "internal local lan localdomain localhost svc cluster intranet corp home private consul invalid ec2 compute"
)
#: Accounts of systems, as in ``ssh root@web-1.example.com``.
_NO_PERSON: Final = words(
    "git hg svn root postgres mysql ubuntu centos debian ec2-user core vagrant jenkins deploy ansible nagios daemon www-data "
    "nobody bin sys ntp sshd kafka hdfs hadoop spark yarn zookeeper elasticsearch node npm"
)
_EMAIL: Final = compiled(
    r"(?:[A-Za-z0-9._+\-]|\xc3[\x80-\xbf]){1,64}(?:@|%40|\\u0040)[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})*\.[A-Za-z]{2,24}\b"
)
#: Hosts that are machines, and what tells that a name goes on behind what looked like its end.
_NO_MAIL: Final = (
    "amazonaws.com",
    ".amazonaws",
    "azure.com",
    "windows.net",
    "googleusercontent.com",
    "cloud.google.com",
)
_GOES_ON: Final = re.compile(rb"\w|[.-]\w")
_AT: Final = re.compile(rb"@|%40|\\u0040")


def emails(body: bytes) -> Iterator[Found]:
    """E-mail addresses, but not accounts on machines, versions of packages, or names of files."""
    if _AT.search(body) is None:
        return
    for hit in _EMAIL.finditer(body):
        start, end = hit.span()
        if body[max(0, start - 1) : start] == b"\\" and body[start : start + 1] in (b"n", b"r", b"t", b"b", b"f"):
            start += 1
        while body[start : start + 1] in (b".", b"-", b"+") and start < end:
            start += 1
        piece = body[start:end].decode("latin-1")
        local, host = re.split(r"@|%40|\\u0040", piece, maxsplit=1)
        name = _mailbox(local, host)
        if name and not _GOES_ON.match(body, end) and body[max(0, start - 1) : start] not in (b"/", b"@"):
            yield Found(start, start + len(piece) - len(host) + len(name), "email")


def _mailbox(local: str, host: str) -> str:
    """The host at which a person reads mail: without the end of a file's name; empty for machines and accounts."""
    labels = host.lower().split(".")
    while len(labels) > 2 and labels[-1] in _FILES:
        labels.pop()
    name = ".".join(labels)
    lost = not local or "" in labels or not labels[-1].isalpha() or len(labels[-1]) < 2
    if lost or local.lower() in _NO_PERSON or labels[-1] in _NO_TOP | _FILES or name.endswith(_NO_MAIL):
        return ""
    return name


_DIGITS: Final = compiled(r"\b[2-6](?:[ -]?\d){12,18}\b")
_GROUPED: Final = re.compile(r"\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5}")
#: Names of numbers that are no cards: one in a hundred ids of sixteen digits has the right check digit by chance.
_AN_ID: Final = re.compile(
    rb"(?:id|uid|trace|span|seq|sequence|offset|order|block|blk|txn|ts|time|timestamp|nanos|hash|key|count|size|bytes|len|"
    rb"length|ref|version|rev|serial|session|request|number|no|nr|#|0x|node|task|job|attempt|container|application)\w{0,12}[\"']?"
    rb"\s{0,2}[:=#(\[]?\s{0,2}[\"']?\Z",
    re.IGNORECASE,
)
_A_CARD: Final = re.compile(rb"(?:(?<!\[)\bcard|credit|debit|visa|master|amex|\bpan\b|\bcc\b|\bcvv)", re.IGNORECASE)
_IBAN: Final = compiled(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?")


def cards(body: bytes) -> Iterator[Found]:
    """Numbers of cards and of bank accounts."""
    for hit in _DIGITS.finditer(body):
        start, end = hit.span()
        piece = body[start:end].decode("latin-1")
        if checksum.card(piece if piece.isdigit() else re.sub(r"\D", "", piece)) and _is_card(body, piece, start, end):
            yield Found(start, end, "card")
    for hit in _IBAN.finditer(body):
        piece = _account(hit.group().decode("latin-1"))
        follows = body[hit.start() + len(piece) : hit.start() + len(piece) + 1]
        if piece and not follows.isalnum():
            yield Found(hit.start(), hit.start() + len(piece), "iban")


def _is_card(body: bytes, piece: str, start: int, end: int) -> bool:
    before = body[max(0, start - 40) : start]
    if _A_CARD.search(before):
        return True
    if not piece.isdigit():
        return bool(_GROUPED.fullmatch(piece)) and before[-1:] not in (b"-", b".", b"/")
    if before[-1:] in (b"-", b"_", b".", b"/", b"+", b"$", b"#") or body[end : end + 1] in (b"-", b"_", b"/", b"$"):
        return False
    return not re.match(rb"\.\d", body[end : end + 2]) and not _AN_ID.search(before)


def _account(text: str) -> str:
    """The account number that the text begins with; empty when it begins with none."""
    for end in range(len(text), 14, -1):
        if text[end - 1] != " " and checksum.iban(text[:end]):
            return text[:end]
    return ""


@dataclass(frozen=True, slots=True)
class Number:
    """A national id: how it is written, the module of python-stdnum that checks it, and words it stands behind."""

    kind: str
    check: str
    pattern: str
    said: str = ""


_NUMBERS: Final = (
    Number("us-ssn", "us.ssn", r"\d{3}-\d{2}-\d{4}|\d{9}", r"ssn|social[ _-]?security"),
    Number("ca-sin", "ca.sin", r"\d{3}[ -]?\d{3}[ -]?\d{3}", r"\bsin\b|social[ _-]?insurance"),
    Number("gb-nhs", "gb.nhs", r"\d{3}[ -]?\d{3}[ -]?\d{4}", r"\bnhs"),
    Number("gb-nino", "", r"[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]", r"nino|national[ _-]?insurance|\bni (?:no|number)"),
    Number("es-dni", "es.dni", r"\d{8}-?[A-Z]", r"\bdni|\bnif|documento"),
    Number("es-nie", "es.nie", r"[XYZ]-?\d{7}-?[A-Z]", r"\bnie"),
    Number("it-codice-fiscale", "it.codicefiscale", r"[A-Z]{6}[0-9L-NP-V]{2}[A-EHLMPRST][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]"),
    Number("fr-nir", "fr.nir", r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", r"\bnir|insee|s[^\s]{1,2}cu|social"),
    Number("fr-nir", "fr.nir", r"[12] \d{2} \d{2} (?:\d{2}|2[AB]) \d{3} \d{3} \d{2}"),
    Number("nl-bsn", "nl.bsn", r"\d{9}|\d{4}\.\d{2}\.\d{3}", r"\bbsn|burgerservice"),
    Number("be-nn", "be.nn", r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}", r"rijksregister|registre national|national (?:no|number)|\bnn\b"),
    Number("pl-pesel", "pl.pesel", r"\d{11}", r"pesel"),
    Number("br-cpf", "br.cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}"),
    Number("br-cpf", "br.cpf", r"\d{11}", r"\bcpf"),
    Number("br-cnpj", "br.cnpj", r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}"),
    Number("de-idnr", "de.idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", r"steuer|idnr|tax[ _-]?id|\btin\b"),
    Number("at-vnr", "at.vnr", r"\d{4} ?\d{6}", r"svnr|sozialversicherung|\bvnr"),
    Number("ch-ssn", "ch.ssn", r"756\.\d{4}\.\d{4}\.\d{2}"),
    Number("se-personnummer", "se.personnummer", r"(?:\d{2})?\d{6}[-+]?\d{4}", r"person(?:nummer|nr)|\bpnr"),
    Number("dk-cpr", "dk.cpr", r"\d{6}-?\d{4}", r"\bcpr"),
    Number("no-fodselsnummer", "no.fodselsnummer", r"\d{6} ?\d{5}", r"f(?:o|ø|\xc3\xb8)dselsn|\bfnr"),
    Number("fi-hetu", "fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-Y]", r"hetu|henkil"),
    Number("pt-nif", "pt.nif", r"\d{9}", r"\bnif|contribuinte"),
    Number("ie-pps", "ie.pps", r"\d{7}[A-W][A-IW]?", r"\bpps"),
    Number("in-aadhaar", "in_.aadhaar", r"\d{4}[ -]?\d{4}[ -]?\d{4}", r"aadh?aa?r"),
    Number("in-pan", "in_.pan", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", r"\bpan\b"),
    Number("mx-curp", "mx.curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d"),
    Number("tr-tckimlik", "tr.tckimlik", r"\d{11}", r"\btckn|kimlik"),
    Number("za-idnr", "za.idnr", r"\d{13}", r"id ?(?:no|number|nr)|idnr"),
    Number("kr-rrn", "kr.rrn", r"\d{6}-?\d{7}", r"\brrn|resident"),
    Number("au-tfn", "au.tfn", r"\d{3} ?\d{3} ?\d{2,3}", r"\btfn|tax file"),
)  # fmt: skip


def _pattern(one: Number) -> str:
    number = rf"\b(?P<v>{one.pattern})\b"
    return rf"(?:(?i:{one.said}))[^\n\x00]{{0,30}}?{number}" if one.said else number


_IDS: Final = compiled("|".join(f"(?:{_pattern(one).replace('?P<v>', '?:')})" for one in _NUMBERS))
_EACH: Final = tuple((compiled(_pattern(one)), one) for one in _NUMBERS)


def ids(body: bytes) -> Iterator[Found]:
    """National ids whose check digits are right; those that any number could be, only behind a word that says so."""
    place = 0
    while (hit := _IDS.search(body, place)) is not None:
        place = hit.end()
        for pattern, one in _EACH:
            match = pattern.match(body, hit.start(), hit.end())
            if match is not None and _checked(one, match.group(1).decode("latin-1")):
                start, end = match.span(1)
                yield Found(start, end, f"id:{one.kind}")
                break
        else:
            place = max(hit.start() + 1, hit.end() - 1)


def _checked(one: Number, text: str) -> bool:
    return not one.check or bool(_module(one.check).is_valid(text))


@cache
def _module(name: str) -> Any:
    return importlib.import_module(f"stdnum.{name}")


#: What can be looked for, by the setting that switches it.
WAYS: Final[dict[str, Callable[[bytes], Iterator[Found]]]] = {"emails": emails, "cards": cards, "ids": ids}
