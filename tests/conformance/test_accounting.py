"""Through the real way in, with every source there is: no byte is unaccounted for, and no event points outside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.app import casebook, content, intake
from afterword.model.incident import Options
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet
from afterword.testing import small_incident

sys.path.insert(0, str(Path(__file__).parent))

from test_sources import GARBAGE, samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.model.evidence import Evidence

GOOD = b'{"time":"2026-03-14T09:12:00Z","level":"error","service":"shop","message":"no connection"}\n'


class Way:
    """Stores of one folder; a good file goes in with each one, so that never nothing at all can be read."""

    def __init__(self, root: Path) -> None:
        self.root, self.blobs, self.lake = root, BlobsFolder(root / "objects"), LakeParquet(root / "lake")

    def take(self, raw: bytes) -> Sequence[Evidence]:
        for name, body in (("good", GOOD), ("fuzzed", raw)):
            (self.root / name).write_bytes(body)
        return intake.collect([str(self.root / "good"), str(self.root / "fuzzed")], self.blobs, self.lake).evidence

    def check(self, raw: bytes) -> None:
        evidence = self.take(raw)
        for one in evidence:
            assert one.accounting.balanced, (one.name, one.source, one.accounting)
            assert min(one.accounting.events, one.accounting.quarantined, one.accounting.skipped) >= 0
            if one.source != "refused":
                assert one.accounting.size == len(content.of(self.blobs, one))
        table = self.lake.tables(evidence)
        assert table.num_rows == sum(one.counted for one in evidence)
        sizes = [one.accounting.size for one in evidence]
        for row in table.select(["evidence", "start", "end"]).to_pylist():
            assert 0 <= row["start"] < row["end"] <= sizes[row["evidence"]]
        casebook.build("INC-1", evidence, table, Options())


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Way:
    return Way(tmp_path_factory.mktemp("way"))


@pytest.mark.parametrize("module", sorted(samples()))
def test_the_samples_of_every_source(way: Way, module: str) -> None:
    way.check(samples()[module])


def test_garbage(way: Way) -> None:
    for raw in GARBAGE:
        way.check(raw)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=500))
def test_any_bytes(way: Way, raw: bytes) -> None:
    way.check(raw)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_samples_that_were_cut_doubled_or_written_over(way: Way, data: st.DataObject) -> None:
    raw = samples()[data.draw(st.sampled_from(sorted(samples())))]
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 400)))
    put = data.draw(
        st.sampled_from([b"", raw[start:end] * 2, b"\0", b"\xff\xfe", b"\r", b"\n\n", b'"', b"}", b"\xef\xbb\xbf"])
    )
    way.check(raw[:start] + put + raw[end:])


def test_an_account_that_does_not_balance_would_be_seen(way: Way, tmp_path: Path) -> None:
    """Negative control: one byte less was read than there is."""
    folder = small_incident(tmp_path / "evidence")
    (one, *_) = way.take((folder / "shop.log").read_bytes())
    short = type(one.accounting)(one.accounting.size + 1, one.accounting.events, one.accounting.quarantined, one.accounting.skipped)  # fmt: skip
    assert one.accounting.balanced
    assert not short.balanced
