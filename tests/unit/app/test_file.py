"""Files that are there whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from afterword.app import file

if TYPE_CHECKING:
    from pathlib import Path


def test_it_takes_its_place_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "postmortem.md"
    path.write_text("the old one")
    with file.whole(path) as part:
        part.write_text("the new one")
        assert path.read_text() == "the old one", "nobody reads what is half written"
    assert path.read_text() == "the new one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "postmortem.md"
    path.write_text("the old one")

    def fail(part: Path) -> None:
        part.write_text("half of the new o")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"), file.whole(path) as part:
        fail(part)
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]
