"""What kubectl printed for people: tables of ``get``, texts of ``describe``; as a text, or by command in a JSON object.

Only what is not well becomes an event. Ages (``71s``) count from a moment that the text does not state: what has nothing
but an age has no time. Times that ``describe`` prints are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, kube_print
from afterword.reading.json_value import Node
from afterword.reading.line import join, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.line import Line


def sniff(head: bytes) -> float:
    """Sure of a command of kubectl by name, or of the header of one of its tables as the first line."""
    for one in element.peek(head)[:2]:
        commands = [key for key in one if kube_print.COMMAND.match(key)]
        if commands and len(commands) * 2 > len(one):
            return 0.95
    text = head[:4096].decode("utf-8", "replace").lstrip("\ufeff\r\n")
    first = text.split("\n", 1)[0]
    if kube_print.HEADER.match(first) or (
        kube_print.COMMAND.match(first) and (kube_print.HEADER.search(text) or kube_print.DESCRIBED.search(text))
    ):
        return 0.9
    return 0.85 if kube_print.DESCRIBED.match(text) and ("\nNamespace:" in text or "\nLabels:" in text) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    first = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    stream.seek(0)
    if first in (b"{", b"["):
        yield from _json(stream, reading)
    else:
        yield from _text(stream, reading)


def _json(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    told: set[kube_print.Found] = set()
    for node in element.elements(stream):
        if not isinstance(node, Node):
            yield node
            continue
        for command, output in node.members():
            if not isinstance(output.value, str) or not kube_print.COMMAND.match(command):
                yield Problem("no output of a command of kubectl", output.place(), Gravity.WARNING, "kubectl-shape")
                continue
            new = [
                one
                for one in dict.fromkeys(kube_print.outputs(f"{command}\n{output.value}".split("\n")))
                if one not in told
            ]
            told.update(new)
            if not new:
                yield Skipped("an output that says nothing new, or nothing that is not well", output.place())
            yield from kube_print.events(new, output.place(), reading)


def _text(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    """A text is cut at commands, and where it has none, at tables and at the names of described objects."""
    told: set[kube_print.Found] = set()
    held: list[Line] = []
    for line in lines(stream):
        text = line.text.removeprefix("\ufeff")
        alone = len(held) == 1 and kube_print.COMMAND.match(held[0].text.removeprefix("\ufeff"))
        if (
            held
            and not alone
            and (kube_print.COMMAND.match(text) or kube_print.HEADER.match(text) or kube_print.DESCRIBED.match(text))
        ):
            yield from _block(held, told, reading)
            held = []
        held.append(line)
    if held:
        yield from _block(held, told, reading)


def _block(held: list[Line], told: set[kube_print.Found], reading: Reading) -> Iterator[Event | Problem | Skipped]:
    place = join(held[0].place, held[-1].place)
    new = [
        one
        for one in dict.fromkeys(kube_print.outputs([line.text.removeprefix("\ufeff") for line in held]))
        if one not in told
    ]
    told.update(new)
    if new:
        yield from kube_print.events(new, place, reading)
    else:
        yield Skipped("an output that says nothing new, or nothing that is not well", place)


SOURCE = Source("kubectl", "what kubectl get and kubectl describe print", sniff, read)
