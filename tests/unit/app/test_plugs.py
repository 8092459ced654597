"""Plug-ins are found by looking: a file in the room, or an entry point of somebody else's package."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from afterword.app import plugs
from afterword.ports import Analysis, Source

if TYPE_CHECKING:
    from collections.abc import Iterator


class Point:
    """What ``importlib.metadata`` gives for an entry point."""

    def __init__(self, plug: Any) -> None:
        self.plug = plug

    def load(self) -> Any:
        return self.plug


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    plugs.sources.cache_clear()
    plugs.analyses.cache_clear()
    yield
    plugs.sources.cache_clear()
    plugs.analyses.cache_clear()


@pytest.mark.parametrize(("found", "kind"), [(plugs.sources, Source), (plugs.analyses, Analysis)])
def test_every_file_of_a_room_is_found_in_the_order_of_names(found: Any, kind: type) -> None:
    assert all(isinstance(one, kind) for one in found())
    assert all(one.name < other.name for one, other in pairwise(found()))
    assert len(found()) > 20


def test_a_third_party_brings_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Source("acme", "logs of Acme", lambda _: 0.0, lambda *_: iter(()))
    monkeypatch.setattr(plugs, "entry_points", lambda group: [Point(theirs)] if group == "afterword.sources" else [])
    assert theirs in plugs.sources()
    assert "acme" not in {one.name for one in plugs.analyses()}


def test_a_third_party_takes_nobodys_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that calls its source like one of ours does not read our files."""
    ours = plugs.sources()[0]
    plugs.sources.cache_clear()
    monkeypatch.setattr(plugs, "entry_points", lambda group: [Point(replace(ours, about="theirs"))])
    assert next(one for one in plugs.sources() if one.name == ours.name) == ours


def test_finding_plug_ins_has_no_side_effects() -> None:
    """Nothing is opened, started or written when all of them are imported."""
    code = (
        "import json, threading\nfrom afterword.app import plugs\nplugs.sources(), plugs.analyses()\n"
        "print(json.dumps([t.name for t in threading.enumerate()]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["MainThread"]
    assert done.stderr == ""
