"""Shapes of syslog: RFC 5424, the old BSD form (RFC 3164) with its dialects, and the one with an ISO time."""

from __future__ import annotations

import re
from typing import Final

from afterword.reading import name
from afterword.reading.log_time import CLOCK, FRACTION, ISO, MONTH, ZONE
from afterword.reading.said import LEVELS, level
from afterword.reading.shape.shape import shape

_PRI: Final = r"(?:\d{1,7} )?(?:<(?P<sev>\d{1,3})> ?)?"
_BSD: Final = rf"(?P<at>{MONTH} [ \d]?\d (?:\d{{4}} )?{CLOCK}{FRACTION}(?: \d{{4}})?(?:{ZONE})?)"
#: The time as rsyslog writes it into files: always with a T.
_RSYSLOG: Final = ISO.replace("[T _-]", "T")
#: A program as syslog tags it: ``sshd[12]``, ``/usr/sbin/cron``, ``sshd(pam_unix)[3]``, ``Setup Assistant[4]``, ``syslogd 1.4.1``.
_TAG: Final = r"(?:[\w./-]*/)?(?P<comp>[\w@.+#-]+(?:\([\w-]+\))?(?: (?:\d[\d.]*|[A-Z][\w]*))?)(?:\[[\w.-]*\])?(?: \([^)\s]{1,200}\))?:(?: |$)"
_ELEMENT: Final = r'\[(?:[^\]"\\]|"(?:[^"\\]|\\.)*"|\\.)*\]'
_PARAMETER: Final = re.compile(r'([^\s\[\]="]{1,64})="((?:[^"\\]|\\.)*)"')
_MOST: Final = 20


def by_priority(number: str) -> str:
    """The severity in a syslog priority: its last three bits."""
    return name.severity(str(int(number) % 8), syslog=True) if number.isdigit() else level(number)


def _structured(attributes: dict[str, str]) -> None:
    """Structured data as attributes; a trace or span id under the house's name."""
    for key, value in _PARAMETER.findall(attributes.pop("data", ""))[:_MOST]:
        plain = name.plain(key)
        known = "trace" if plain in name.TRACE else "span" if plain in name.SPAN else key
        attributes.setdefault(known, re.sub(r"\\(.)", r"\1", value)[:200])


SHAPES: Final = (
    shape(
        "rfc5424",
        rf"{_PRI}1 (?:-|{ISO}) (?P<host>\S{{1,255}}) (?:-|(?P<comp>\S{{1,128}})) \S{{1,128}} (?:-|(?P<message_id>\S{{1,64}})) (?:-|(?P<data>(?:{_ELEMENT})+))(?: +\ufeff?(?P<msg>.*))?",
        severity=by_priority,
        finish=_structured,
    ),
    shape(
        "cisco",
        rf"(?:<\d{{1,3}}>)?(?:\d+: )?(?:[\w.-]+: )?[*.]?(?P<at>{MONTH} +\d{{1,2}} (?:\d{{4}} )?{CLOCK}{FRACTION}(?:{ZONE})?)(?: [\w.-]+ ?)?: %(?P<comp>[A-Z][A-Z0-9_]*)-(?P<sev>[0-7])-(?P<code>\w+): (?P<msg>.*)",
        form="asctime",
        severity=by_priority,
    ),
    shape(
        "haproxy",
        rf"(?:<\d{{1,3}}>)?{_BSD} (?P<host>\S+) (?P<comp>haproxy)\[\d+\]: (?P<msg>(?P<client>[\d.a-fA-F:]+:\d+) \[[^\]]{{20,30}}\] (?P<frontend>\S+) (?P<backend>\S+) [\d/+-]+ (?P<status>\d{{3}}|-1) .*)",
        form="asctime",
    ),
    shape(
        "rfc3164-named",
        rf"{_BSD} (?P<host>\S+) (?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local[0-7])\.(?P<sev>[a-z]+) {_TAG}(?P<msg>.*)",
        form="asctime",
    ),
    shape("rfc3164", rf"{_PRI}{_BSD} (?P<host>[\w.:@%-]+) {_TAG}(?P<msg>.*)", form="asctime", severity=by_priority),
    shape("rfc3164-tagless", rf"{_PRI}{_BSD} (?P<host>[\w.:@%-]+) (?P<msg>.*)", form="asctime", severity=by_priority),
    shape("rfc3164-hostless", rf"{_PRI}{_BSD} (?P<msg>-{{3}} .*)", form="asctime", severity=by_priority),
    shape(
        "journal-full",
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {ISO} (?P<host>[\w.:@%-]+) {_TAG}(?P<msg>.*)",
    ),
    shape("journal-unix", rf"(?P<at>1\d{{9}}\.\d{{6}}) (?P<host>[\w.:@%-]+) {_TAG}(?P<msg>.*)", form="epoch"),
    shape(
        "syslog-iso",
        rf"{_PRI}{_RSYSLOG} (?P<host>(?!(?i:{LEVELS}|stdout|stderr|app|heroku)\b)[\w.:@%-]+) (?=[A-Za-z_/]){_TAG}(?P<msg>.*)",
        severity=by_priority,
        unless=r"(?i)\w*(?:error|exception|warning|failed|failure|timeout|denied|refused)$",
    ),
)
