"""What every source of the package must keep, on its own samples, on those of the others, and on no format at all."""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import afterword.sources
from afterword.app import plugs
from afterword.model.event import Event, Kind, Meaning
from afterword.model.time import DAY, SECOND
from afterword.ports import Source

if TYPE_CHECKING:
    from types import ModuleType

TESTS = Path(__file__).resolve().parents[1] / "unit" / "sources"
sys.path.insert(0, str(TESTS))

import source_laws as laws  # noqa: E402

MODULES = sorted(
    one.name
    for one in pkgutil.iter_modules(afterword.sources.__path__)
    if hasattr(importlib.import_module(f"afterword.sources.{one.name}"), "SOURCE")
)
HEAD = 1 << 16
#: Sources that read an alert or a message once although it is sent again: which one counts depends on the order.
ORDERED = {"alertmanager", "slack"}
GARBAGE = [
    b"",
    b"\n",
    b"\0" * 1000,
    b"\xff\xfe\x00" * 300,
    b"\xef\xbb\xbf",
    b"{" * 5000,
    b"[" * 5000 + b"]" * 5000,
    b"[" * 900 + b"]" * 900,
    b'{"data":' * 900 + b"[]" + b"}" * 900,
    b'{"a":' * 60 + b"1" + b"}" * 60,
    b"[1, null, true, 'x', {}, []]",
    b'[1, null, true, "x", {}, [], [[]], {"": ""}]\n',
    b'{"a": NaN}\n{"a": 1, "a": 2}\n"text"\n12\n',
    b'a,b\n1\n1,2,3\n"unclosed\n',
    b"a: &a [*a]\n",
    b"=" * 5000,
    "\u2028\u0085\u202e\U0001f4a5\n".encode() * 50,
    b"2026-03-02T09:00:00Z hello\n" * 30,
    b"x" * 200_000,
]


def source(module: str) -> Source:
    return importlib.import_module(f"afterword.sources.{module}").SOURCE  # type: ignore[no-any-return]


@cache
def samples() -> dict[str, bytes]:
    """The golden samples, by the module whose test has them."""
    found = {path.stem.removeprefix("test_"): _loaded(path) for path in sorted(TESTS.glob("test_*.py"))}
    return {name: test.SAMPLE for name, test in found.items() if isinstance(getattr(test, "SAMPLE", None), bytes)}


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sample_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_source_is_found_by_itself() -> None:
    """A new file in the folder is enough."""
    assert {source(module).name for module in MODULES} <= {one.name for one in plugs.sources()}
    assert len({source(module).name for module in MODULES}) == len(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_one_file_one_source_of_the_same_name(module: str) -> None:
    one = source(module)
    assert isinstance(one, Source)
    assert one.name.startswith(module.replace("_", "-"))
    assert one.about
    assert one.version >= 1
    assert importlib.import_module(f"afterword.sources.{module}").__doc__


@pytest.mark.parametrize("module", MODULES)
def test_every_source_has_a_test(module: str) -> None:
    assert (TESTS / f"test_{module}.py").is_file()


@pytest.mark.parametrize("module", MODULES)
def test_no_bytes_make_it_raise_or_place_anything_outside_of_them(module: str) -> None:
    for raw in GARBAGE:
        laws.check(source(module), raw)


@pytest.mark.parametrize("module", MODULES)
def test_the_samples_of_the_others_are_survived(module: str) -> None:
    for raw in samples().values():
        laws.check(source(module), raw)


@pytest.mark.parametrize("module", sorted(samples()))
def test_a_sample_is_claimed_by_its_own_source(module: str) -> None:
    sure = {one.name: one.sniff(samples()[module][:HEAD]) for one in plugs.sources()}
    assert max(sure, key=lambda name: sure[name]) == source(module).name, sorted(sure.items(), key=lambda p: -p[1])[:3]


#: What a time may say, by the kind of what it dates.
MEANS = {
    Kind.LOG: {Meaning.OCCURRED, Meaning.OBSERVED, Meaning.REPORTED},
    Kind.SPAN: {Meaning.OCCURRED},
    Kind.METRIC: {Meaning.OBSERVED},
    Kind.ALERT: {Meaning.OBSERVED},
    Kind.STATE: {Meaning.OBSERVED, Meaning.OCCURRED},
    Kind.PATTERN: {Meaning.OBSERVED},
    Kind.PAGE: {Meaning.REPORTED},
    Kind.MESSAGE: {Meaning.REPORTED},
    Kind.STATUS: {Meaning.REPORTED},
    Kind.CHANGE: {Meaning.OCCURRED, Meaning.CREATED},
    Kind.CHECK: {Meaning.OCCURRED},
}


@pytest.mark.parametrize("module", sorted(samples()))
def test_each_time_says_how_wide_it_is_and_what_it_means(module: str) -> None:
    dated = [event for event in laws.events(source(module), samples()[module]) if event.at is not None]
    for event in dated:
        assert event.at is not None
        assert 1 <= event.granularity <= DAY
        assert event.skew == 0, "no artefact alone can tell that its clock is wrong"
        assert event.meaning in MEANS[event.kind], f"a {event.kind} at a time that is {event.meaning}"
        assert event.at % min(event.granularity, SECOND) == 0, "finer than what is written"


@pytest.mark.parametrize("module", MODULES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_fuzzed_samples_are_survived(module: str, data: st.DataObject) -> None:
    """Bytes are cut out, turned over, or put in twice."""
    raw = data.draw(st.sampled_from([samples().get(module, b"{}"), *list(samples().values())[:3]]))
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 200)))
    put = data.draw(st.sampled_from([b"", raw[start:end] * 2, b"\0", b"\xff", b'"', b"[", b"}", b"\n"]))
    laws.check(source(module), raw[:start] + put + raw[end:])


ODD = st.sampled_from([None, True, -1, 0, 1.5, 10**18, "", "x", "\0", [], [1], [[]], {}, {"a": 1}, ["a"], [{}], [None], {"text": None}, "9999-99-99"])  # fmt: skip


def _odd(value: Any, data: st.DataObject, depth: int = 0) -> Any:
    """The value with one of its inner values, wherever it stands, exchanged for one of another type."""
    if isinstance(value, dict) and value and depth < 6:
        key = data.draw(st.sampled_from(sorted(value)))
        return {**value, key: _odd(value[key], data, depth + 1)}
    if isinstance(value, list) and value and depth < 6:
        at = data.draw(st.integers(0, len(value) - 1))
        return [*value[:at], _odd(value[at], data, depth + 1), *value[at + 1 :]]
    return data.draw(ODD)


def _documents(raw: bytes) -> list[Any]:
    try:
        return [json.loads(raw)]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in raw.splitlines() if line.strip()]
    except ValueError:
        return []


@pytest.mark.parametrize("module", [one for one in MODULES if _documents(samples().get(one, b""))])
@settings(max_examples=60)
@given(st.data())
def test_values_of_another_type_are_survived(module: str, data: st.DataObject) -> None:
    """Somebody's exporter writes a list where everybody else writes a text."""
    found = data.draw(st.sampled_from(_documents(samples()[module])))
    for cut in (0, 2, 4):
        laws.check(source(module), json.dumps(_odd(found, data, cut)).encode())


@pytest.mark.parametrize("module", [one for one in MODULES if one not in ORDERED and samples().get(one, b"").lstrip()[:1] == b"["])  # fmt: skip
def test_the_order_of_elements_decides_nothing(module: str) -> None:
    forth = json.loads(samples()[module])
    one, other = (laws.events(source(module), json.dumps(listed).encode()) for listed in (forth, forth[::-1]))
    assert sorted(map(_bare, one)) == sorted(map(_bare, other))


def _bare(event: Event) -> str:
    """An event without its place."""
    return repr([getattr(event, name) for name in sorted(Event.__slots__) if name not in ("place", "attributes")]) + repr(sorted(event.attributes.items()))  # fmt: skip


def test_looking_at_a_file_takes_no_time() -> None:
    """All sources look at each file: a head of 64 KiB, whatever it holds, must not cost a second."""
    heads = [raw[:HEAD] for raw in GARBAGE] + [
        (raw * (1 + HEAD // max(len(raw), 1)))[:HEAD] for raw in samples().values()
    ]
    for one in plugs.sources():
        began = time.process_time()
        for head in heads:
            one.sniff(head)
        assert time.process_time() - began < 0.2 * len(heads), one.name
