"""CODEOWNERS of GitHub and GitLab: a path pattern and its owners on a line; GitLab's sections pass theirs on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading.line import lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading

_OWNER = r"(?:@{1,2}[\w.-]+(?:/[\w./-]+)?|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
_LINE = re.compile(rf"(?P<path>(?:\\.|[^\s\\])+)(?P<owners>(?:\s+{_OWNER})*)\s*(?:#.*)?", re.ASCII)
_SECTION = re.compile(rf"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s+{_OWNER})*)\s*", re.ASCII)
_PATTERN = re.compile(r"[*/.\w\\!-](?:\\ |[^\s:=<>{}\"',;])*")
_LONGEST = 65_536


def sniff(head: bytes) -> float:
    """Sure when every line but comments and sections is a path with owners; one other line and it is none."""
    found = head.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    found = found[:-1] if len(head) >= _LONGEST else found
    said = [one.strip() for one in found if one.strip() and not one.lstrip().startswith("#")][:200]
    owned = sum(_is_owned(one) for one in said)
    plain = sum(bool(_SECTION.fullmatch(one)) or _is_path(one) for one in said)
    return 0.9 if owned and owned * 2 >= len(said) and owned + plain == len(said) else 0.0


def _is_owned(text: str) -> bool:
    entry = _LINE.fullmatch(text)
    return bool(entry and entry["owners"].strip() and _PATTERN.fullmatch(entry["path"]))


def _is_path(text: str) -> bool:
    """A path without owners: nobody owns it, on purpose."""
    entry = _LINE.fullmatch(text)
    return bool(
        entry and not entry["owners"].strip() and ("/" in text or "*" in text) and _PATTERN.fullmatch(entry["path"])
    )


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    inherited = ""
    for line in lines(stream):
        text = line.text.removeprefix("\ufeff").strip()[:_LONGEST]
        section, entry = _SECTION.fullmatch(text), _LINE.fullmatch(text)
        if not text or text.startswith("#"):
            yield Skipped("a comment" if text else "a blank line", line.place)
        elif section:
            inherited = " ".join(section["owners"].split())
            yield Skipped(f"the section {section['name']}", line.place)
        elif entry is None:
            yield Problem("neither a path with owners nor a comment", line.place, Gravity.WARNING, "codeowners-line")
        else:
            owners = " ".join(entry["owners"].split()) or inherited
            yield Event(Kind.OWNER, line.place, None, entry["path"].replace("\\ ", " "), owners, offset=None)


SOURCE = Source("codeowners", "CODEOWNERS of GitHub and GitLab", sniff, read)
