"""What one log record says, whatever it was written in; and the words for severities inside texts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from afterword.model.event import Event, Kind
from afterword.reading import name
from afterword.reading.log_time import NONE, Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.model.evidence import Place

#: So many characters of a record are kept as its text; its place leads to the rest.
LONGEST: Final = 8192
#: The words that loggers print for their levels.
LEVELS: Final = (
    r"TRACE|VERBOSE|FINEST|FINER|FINE|DEBUG|CONFIG|INFORMATION|INFO|NOTICE|WARNING|WARN|ERROR|SEVERE|FATAL|CRITICAL|CRIT"
    r"|ALERT|EMERGENCY|EMERG|PANIC|ERR|DBG|INF|WRN|FTL|TRC|DPANIC|VRB|FAIL"
)
#: A word before a colon that begins a sentence and names no logger.
SENTENCE: Final = (
    r"(?:(?i:\w*(?:error|exception|warning|failed|failure|failing|timeout|denied|refused))|(?i:note|caused?|reason|result|status|details?|https?|ftp"
    r"|message|msg|usage|total|example|todo|request|response|url|uri|id|at|by|to|from|in|on|of|is|and|the|a|an)|[A-Z][a-z]+)$"
)
_SHORT: Final = {
    "ftl": "fatal",
    "inf": "info",
    "trc": "trace",
    "vrb": "trace",
    "dpanic": "fatal",
    "fail": "error",
    "v": "trace",
    "c": "fatal",
    "a": "fatal",
}
#: A level inside a sentence: in capitals, in brackets, or with a colon behind it.
_WORD: Final = re.compile(
    rf"(?<![\w.-])(?:(?:{LEVELS})(?![\w-])|(?i:error|warning|warn|fatal|panic|critical)(?=:)|[\[<(]\s?(?i:{LEVELS})\s?[\])>])"
)
_TRACE: Final = re.compile(r"(?i)trace[-_. ]?id[\"']?\s?[:=]\s?[\"']?([0-9a-f][0-9a-f-]{7,35})")
_SPAN: Final = re.compile(r"(?i)span[-_. ]?id[\"']?\s?[:=]\s?[\"']?([0-9a-f]{8,20})")
_EXCEPTION: Final = re.compile(
    r"(?<![\w.$/])((?:[A-Za-z_][\w$]*(?:\.|::|\\))*[A-Z][\w$]*(?:Exception|Error|Throwable|Fault|Panic))(?![\w.(/=\[-])"
)


class Said(NamedTuple):
    """One record: its time, its severity in the house's words, its component and message."""

    told: Told = NONE
    severity: str = ""
    subject: str = ""
    text: str = ""
    attributes: Mapping[str, str] = {}

    def event(self, place: Place, subject: str) -> Event:
        """The log event that the record makes."""
        return Event(
            Kind.LOG, place, self.told.at, subject, "", self.text[:LONGEST],
            severity=self.severity, offset=self.told.offset, attributes=self.attributes,
            granularity=self.told.granularity,
        )  # fmt: skip


@lru_cache(maxsize=1024)
def level(word: str) -> str:
    """The house's severity for a level as a logger prints it, letters and abbreviations included."""
    bare = word.strip(" []<>():*").lower()
    return _SHORT.get(bare) or name.severity(bare)


def hinted(text: str, until: int = 120) -> str:
    """The severity that a text names near its head, when its format has no field for it."""
    found = _WORD.search(text, 0, until)
    return level(found[0]) if found else ""


def marks(text: str) -> dict[str, str]:
    """Trace, span and the type of an exception, where a text names them."""
    made: dict[str, str] = {}
    if "race" in text or "TRACE" in text:
        found = _TRACE.search(text, 0, 2048)
        if found:
            made["trace"] = found[1]
            within = _SPAN.search(text, 0, 2048)
            if within:
                made["span"] = within[1]
    if "Exception" in text or "Error" in text:
        kind = exception(text)
        if kind:
            made["exception"] = kind
    return made


def exception(text: str) -> str:
    """The type of the first exception that a text names; empty when it names none."""
    found = _EXCEPTION.search(text, 0, 2048)
    return found[1] if found else ""
