"""The compiled engine of fault trees: the same answers, never needed, and never loaded from where another could write."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from truth_table import trees

from afterword.app import accelerator as made
from afterword.app.openpsa import read
from afterword.core.cause.engine import TooBigError
from afterword.core.cause.plain import Plain
from afterword.core.cause.tree import solve
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

if TYPE_CHECKING:
    from afterword.core.cause.engine import Engine

SHARED = Path(__file__).parents[4] / "shared" / "data" / "fault-trees"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
needs_compiler = pytest.mark.skipif(not COMPILER, reason="this machine has no C compiler")


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who never compiled anything."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(made.SWITCH, raising=False)
    made.accelerator.cache_clear()
    yield tmp_path / "cache" / "afterword"
    made.accelerator.cache_clear()


def compiled() -> Engine:
    engine = made.accelerator()
    if engine is None:
        pytest.skip("this machine has no C compiler")
    return engine


@settings(max_examples=150, deadline=None)
@given(trees())
def test_both_engines_give_the_same_answers(tree: FaultTree) -> None:
    plain, fast = solve(tree, engine=Plain()), solve(tree, engine=compiled())
    assert (plain.by_order, plain.cut_sets, plain.fired, plain.primes) == (
        fast.by_order,
        fast.cut_sets,
        fast.fired,
        fast.primes,
    )
    assert plain.top_probability == pytest.approx(fast.top_probability, abs=1e-14)
    assert [row.event for row in plain.importance] == [row.event for row in fast.importance]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["baobab1", "das9208", "edf9201", "elf9601", "isp9603"])
def test_both_engines_agree_on_trees_of_reactors(name: str) -> None:
    if not SHARED.exists():
        pytest.skip("the fault trees are not beside the project (../shared/data/fault-trees)")
    tree = read((SHARED / "aralia" / f"{name}.xml").read_bytes())
    plain, fast = solve(tree, limit=50, engine=Plain()), solve(tree, limit=50, engine=compiled())
    assert plain.by_order == fast.by_order
    assert plain.top_probability == pytest.approx(fast.top_probability, rel=1e-12)


def test_a_module_of_more_levels_than_the_library_takes_is_made_by_plain_python() -> None:
    """5,000 machines, any of which brings it down."""
    machines = tuple(f"m{i}" for i in range(5000))
    tree = FaultTree("farm", "top", (Gate("top", GateKind.OR, machines),), tuple(map(BasicEvent, machines)))
    assert solve(tree, limit=1, engine=compiled()).by_order == ((1, 5000),)


@needs_compiler
def test_it_is_compiled_once_into_a_folder_of_the_user_alone(fresh: Path) -> None:
    assert made.accelerator() is not None
    (library,) = fresh.iterdir()
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o700
    assert not library.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    first = library.stat().st_mtime_ns
    made.accelerator.cache_clear()
    assert made.accelerator() is not None
    assert library.stat().st_mtime_ns == first


@needs_compiler
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_nothing_is_compiled_into_or_loaded_from_a_folder_that_others_can_write(fresh: Path, mode: int) -> None:
    fresh.mkdir(parents=True)
    fresh.chmod(mode)
    assert made.accelerator() is None
    assert list(fresh.iterdir()) == []


@needs_compiler
def test_a_library_that_others_can_write_or_that_is_a_link_is_not_loaded(fresh: Path, tmp_path: Path) -> None:
    assert made.accelerator() is not None
    (library,) = fresh.iterdir()
    for spoil in ("writable", "link"):
        made.accelerator.cache_clear()
        if spoil == "writable":
            library.chmod(0o722)
        else:
            shutil.move(library, tmp_path / "elsewhere.so")
            library.symlink_to(tmp_path / "elsewhere.so")
        assert made.accelerator() is None


def test_without_a_compiler_or_with_the_switch_there_is_none(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silently: the tree is solved all the same."""
    monkeypatch.setenv("PATH", "")
    assert made.accelerator() is None
    monkeypatch.undo()
    monkeypatch.setenv(made.SWITCH, "1")
    made.accelerator.cache_clear()
    assert made.accelerator() is None


@needs_compiler
def test_a_source_that_does_not_compile_is_no_failure(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "diagram.c"
    broken.write_text("this is not C")
    monkeypatch.setattr(made, "SOURCE", broken)
    assert made.accelerator() is None
    assert list(fresh.iterdir()) == []


@pytest.mark.parametrize(
    "program",
    [
        [0, 0, 2, 0, 99],
        [0, 0, 2, 0, -2],
        [9, 0, 1, 0],
        [2, 5, 1, 0],
        [0, 0, 100, 0],
        [0, 0, 0, 0],
        [0, 0],
    ],
)
def test_a_program_that_makes_no_sense_is_turned_down(program: list[int]) -> None:
    """It never reads or writes beyond what it was given."""
    with pytest.raises(TooBigError):
        compiled().make(program, [0, 1], 1000)


def test_a_place_beyond_the_levels_is_turned_down() -> None:
    with pytest.raises(TooBigError):
        compiled().make([0, 0, 2, 0, 2], [0, 7], 1000)


def test_what_is_made_is_copied_out_and_outlives_the_library_s_memory() -> None:
    made_ = compiled().make([0, 0, 2, 0, 2], [0, 1], 1000)
    table = made_.diagram()
    del made_
    assert isinstance(table.level, np.ndarray)
    assert table.level.tolist() == [2, 2, 1, 0]
