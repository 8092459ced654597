"""What a program refers to by a text: variables of the environment, fields of messages, paths and addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.call import CALLS, arguments, callee, last_name
from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.logged import is_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.diff.patch import Line, Patch
    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Node, Syntax

_ENVIRONMENT = re.compile(
    r"(?:[Gg]et_?[Ee]nv\w*|(?:must|require)_?[Ee]nv\w*|environ(?:\.get)?|\bENV(?:\.fetch)?|env::var|GetEnvironmentVariable|process\.env|LookupEnv|\benv|os\.environ)\W{1,3}([A-Z][A-Z0-9_]{2,})|^\s*- name:\s*[\"']?([A-Z][A-Z0-9_]{2,})[\"']?\s*$|^\s*(?:ENV|ARG|export)\s+([A-Z][A-Z0-9_]{2,})"
)
_INDEXED = frozenset(["subscript", "index_expression", "subscript_expression", "element_reference", "element_access_expression", "array_access"])  # fmt: skip
_FIELD_GETTERS = re.compile(r"(?i)^(?:get|get_?(?:string|int\w*|long|bool\w*|float|double|field|value|header|claim|property|attribute)|opt_?\w*|at|dig|fetch|pop|path|has|query_?param|param|form_?value|header)$")  # fmt: skip
_QUOTED = re.compile(r"^[fbru]?([\"'`])([A-Za-z][\w.\-]{0,60})\1$")
_LOCATION = re.compile(r"^[fbru]?([\"'`])((?:[a-z][a-z0-9+.\-]*://[^\s\"']{1,150})|/[\w./:{}\-$]{1,150}|[\w\-]+(?:\.[\w\-]+)+(?::\d+)?|[\w\-]+:\d{2,5})\1$")  # fmt: skip


def environment(patch: Patch) -> Iterator[Effect]:
    """Variables of the environment that are asked for or given under another name, or no longer."""
    old, new = _variables(patch.removed), _variables(patch.added)
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if gone:
        says = f"variable {', '.join(gone[:3])} of the environment " + (f"became {', '.join(come[:3])}" if come else "is gone")  # fmt: skip
        yield effect_of("config", says, old[gone[0]].row, 0.6, " ".join((*gone, *come)))
    elif come:
        says = f"variable {', '.join(come[:3])} of the environment is new"
        yield effect_of("config", says, new[come[0]].row, 0.35, " ".join(come))


def _variables(lines: Sequence[Line]) -> dict[str, Line]:
    return {next(filter(None, m.groups())): x for x in lines for m in _ENVIRONMENT.finditer(x.code)}


def fields(read: Read) -> Iterator[Effect]:
    """Fields of a message or a row that are read under another name."""
    assert read.old is not None
    assert read.new is not None
    old, new = _fields(read.old), _fields(read.new)
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    if gone and come:
        says = f"reads field {', '.join(come[:3])} instead of {', '.join(gone[:3])}"
        yield effect_of("schema", says, new[come[0]].row, 0.55, " ".join((*gone, *come)))


def _fields(side: Syntax) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in side.root.walk():
        texts: list[Node] = []
        if node.type in _INDEXED:
            texts = [n for c in node.children[1:] for n in c.walk()]
        elif node.type in CALLS and _FIELD_GETTERS.match(last_name(callee(node))):
            texts = [n for a in arguments(node)[:1] for n in a.walk()]
        elif node.type == "shorthand_property_identifier_pattern":
            found.setdefault(node.text, node)
        for text in texts:
            quoted = _QUOTED.match(text.text)
            if quoted and not quoted.group(2).isupper():
                found.setdefault(quoted.group(2), text)
    return found


def locations(read: Read) -> Iterator[Effect]:
    """Addresses and paths in the program's own texts that point to another place."""
    assert read.old is not None
    assert read.new is not None
    old, new = _locations(read.old), _locations(read.new)
    gone = sorted(t for t in old.keys() - new.keys() if old[t].changed)
    come = sorted(t for t in new.keys() - old.keys() if new[t].changed)
    if gone and come:
        says = f"“{come[0][:70]}” where “{gone[0][:70]}” was"
        yield effect_of("address", says, new[come[0]].row, 0.5, " ".join((*gone[:3], *come[:3])))


def _locations(side: Syntax) -> dict[str, Node]:
    without: set[int] = set()
    found: dict[str, Node] = {}
    for node in side.root.walk():
        if id(node) in without or (node.type in CALLS and is_log(node)):
            without |= {id(c) for c in node.children}
        elif (place := _LOCATION.match(node.text)) and not place.group(2).endswith(
            (".py", ".js", ".ts", ".go", ".css")
        ):
            found.setdefault(place.group(2), node)
    return found
