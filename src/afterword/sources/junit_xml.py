"""Results of tests as JUnit's XML (Surefire, pytest, Gradle, Jest, go-junit-report): suites, what failed, what was skipped, what was flaky."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from afterword.core.clock import Doubt
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import fact, moment
from afterword.reading.strict_json import Malformed
from afterword.reading.xml_walk import LONGEST, Xml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading
    from afterword.reading.xml_walk import Step

_HEAD = re.compile(rb"<testsuites?\b")
#: What stands inside a test, and what became of it. Surefire writes a flaky one as passed, with what failed before.
_BECAME = {
    "failure": "failure", "error": "failure", "skipped": "skipped", "rerunFailure": "failure", "rerunError": "failure",
    "flakyFailure": "flaky", "flakyError": "flaky",
}  # fmt: skip
_WORSE = ("passed", "skipped", "flaky", "failure")


@dataclass(slots=True)
class _Test:
    name: str
    at: int
    said: Mapping[str, str]
    state: str = "passed"


def sniff(head: bytes) -> float:
    """Sure of a suite of tests at the root."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return 0.0
    return 0.95 if _HEAD.search(head[:2048]) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    xml = Xml(stream.read(LONGEST + 1))
    size = len(xml.raw) + len(stream.read())
    whole = Place(0, size, 1, xml.raw.count(b"\n") + (not xml.raw.endswith(b"\n")) or 1)
    test: _Test | None = None
    ended, count, suite, seen = 0, 0, "", dict[str, str]()
    try:
        for step in xml.steps():
            if step.opened and step.tag == "testsuite":
                suite, count = step.attributes.get("name", ""), count + 1
                ended = xml.place(step.at, step.at).end
                yield from _suite(step, xml, reading)
            elif step.opened and step.tag == "testcase":
                name = ".".join(
                    filter(None, (step.attributes.get("classname", suite), step.attributes.get("name", "")))
                )
                test = _Test(name, step.at, step.attributes)
            elif step.opened and test is not None and step.tag in _BECAME:
                test.state = max(test.state, _BECAME[step.tag], key=_WORSE.index)
            elif not step.opened and step.tag == "testcase" and test is not None:
                place, count = xml.place(test.at, step.at), count + 1
                ended = place.end
                yield _test(test, place, seen)
                test = None
    except Malformed as error:
        rest = replace(whole, start=ended, first=xml.raw.count(b"\n", 0, ended) + 1)
        yield Problem(f"not XML that can be relied on: {error}", rest, Gravity.ERROR, error.code)
        return
    if not count:
        yield Problem("no suite of tests", whole, Gravity.WARNING, "junit-shape")


def _test(test: _Test, place: Place, seen: dict[str, str]) -> Event | Skipped:
    """One that passed is of interest only where the same one had not passed before: it was run again."""
    before, seen[test.name] = seen.get(test.name, ""), test.state
    if test.state == "passed" and before in ("", "passed", "skipped"):
        return Skipped("a test that passed", place)
    state = "flaky" if {before, test.state} == {"failure", "passed"} else test.state
    said = {"check": "test", "state": state, "file": test.said.get("file", "")}
    return Event(Kind.CHECK, place, None, "", test.name, f"{test.name}: {state}", offset=None, attributes=fact.attributes(said))  # fmt: skip


def _suite(step: Step, xml: Xml, reading: Reading) -> Iterator[Event | Problem]:
    said = step.attributes
    counted = {key: said[key] for key in ("tests", "failures", "errors", "skipped") if said.get(key, "").isdecimal()}
    bad = int(counted.get("failures", "0")[:9]) + int(counted.get("errors", "0")[:9])
    event = Event(
        Kind.CHECK, xml.place(step.at, step.at), None, "", said.get("name", ""),
        f"{said.get('name', '')}: " + ", ".join(f"{number} {key}" for key, number in counted.items()), offset=None, meaning=Meaning.OCCURRED,
        attributes=fact.attributes({"check": "suite", "state": "failure" if bad else "success" if counted else "", **counted}),
    )  # fmt: skip
    stamp = moment.stamp(said.get("timestamp", ""), reading) if said.get("timestamp") else Doubt("none")
    if isinstance(stamp, Doubt):
        yield event
    else:
        yield from fact.dated(event, stamp)


SOURCE = Source("junit-xml", "results of tests as JUnit's XML", sniff, read)
