"""Two hosts tell one story, and one of their clocks is wrong."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.app import casebook, intake
from afterword.core.order import Stand, between
from afterword.core.skew.interval import agreed
from afterword.model.incident import Options
from afterword.model.skew import Order
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from afterword.core.case import Case

START = 1_773_479_520_000_000_000
MS = 1_000_000


def story(calls: int, ahead_ms: float, *, seed: int = 1, kind: int = 2, wait: float = 0.0) -> list[dict[str, object]]:
    """Calls of checkout to billing, whose clock runs ahead; ``wait`` ms pass before billing begins."""
    chance, made = random.Random(seed), []
    for call in range(calls):
        start = START + call * 200 * MS
        took = int(chance.uniform(5, 80) * MS)
        there, back = (int(chance.uniform(0.1, 4) * MS) for _ in range(2))
        begins = start + there + int(wait * chance.uniform(0.5, 1.5) * MS)
        trace = f"{seed:08x}{call:024x}"
        made.append(span("checkout", trace, f"{call:015x}a", "", start, start + took + there + back, 3))
        moved = int(ahead_ms * MS)
        made.append(
            span("billing", trace, f"{call:015x}b", f"{call:015x}a", begins + moved, begins + took + moved, kind)
        )
    return made


def span(service: str, trace: str, id_: str, parent: str, start: int, end: int, kind: int) -> dict[str, object]:
    one = {"traceId": trace, "spanId": id_, "parentSpanId": parent, "name": "call", "kind": kind,
           "startTimeUnixNano": str(start), "endTimeUnixNano": str(end), "status": {}}  # fmt: skip
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {}, "spans": [one]}]}]}


def case(folder: Path, **files: Sequence[dict[str, object]] | str) -> Case:
    """The case that these files make."""
    given_ = folder / "given"
    given_.mkdir(parents=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else "".join(json.dumps(one) + "\n" for one in content)
        (given_ / name).write_text(text)
    blobs, lake = BlobsFolder(folder / "objects"), LakeParquet(folder / "lake")
    taken = intake.collect([str(given_)], blobs, lake)
    return casebook.build("inc", taken.evidence, lake.tables(taken.evidence), Options())


@pytest.mark.parametrize("ahead", [4200.0, -350.0, 7_200_000.0])
def test_a_clock_that_runs_ahead_is_brought_back(tmp_path: Path, ahead: float) -> None:
    """The host of billing lost its time server; every call of checkout shows it starting after checkout had its answer."""
    found = case(tmp_path, traces=story(60, ahead))
    by_clock = {one.clock: one for one in found.skews}
    one = by_clock["billing"]
    assert one.reference == "checkout"
    assert one.least <= ahead * MS <= one.most
    assert (one.agreeing, one.pairs) == (60, 60)
    child = np.flatnonzero(found.spans.parent >= 0)
    parent = found.spans.parent[child]
    assert (found.spans.at[child] >= found.spans.at[parent]).all(), "no answer before its question"
    ends = found.spans.at + found.spans.took
    assert (ends[child] <= ends[parent]).all()
    assert [one.cites[0].evidence for one in found.skews if one.applied] == ["E1"]


def test_clocks_that_agree_are_left_alone(tmp_path: Path) -> None:
    """The control: without skew nothing is moved, however long the calls take."""
    found = case(tmp_path, traces=story(60, 0.0))
    assert [one.applied for one in found.skews] == [0, 0]
    assert {one.clock for one in found.skews} == {"billing", "checkout"}


def test_a_queue_is_no_clock(tmp_path: Path) -> None:
    """Consumers start long after the producer's span ended: that is waiting, and says nothing about clocks."""
    found = case(tmp_path, traces=story(60, 0.0, kind=5, wait=3000.0))
    assert not any(one.applied for one in found.skews)


def test_a_clock_that_was_set_has_no_one_skew(tmp_path: Path) -> None:
    """Somebody set it in the middle of the incident: no single number is true, none is applied, and no order is claimed."""
    found = case(tmp_path, one=story(40, 0.0), two=story(40, 9000.0, seed=2))
    one = {skew.clock: skew for skew in found.skews}["billing"]
    assert not one.steady
    assert one.applied == 0
    assert one.least <= 0
    assert one.most >= 8000 * MS
    before, after = Stand("checkout", START, START), Stand("billing", START + 3 * 10**9, START + 3 * 10**9)
    assert between(before, after, {skew.clock: skew for skew in found.skews}) is Order.UNKNOWN


def test_a_server_that_outlives_its_caller_is_no_clock(tmp_path: Path) -> None:
    """Callers give up after 20 ms and the work goes on: the control for the clock that was set."""
    found = case(tmp_path, traces=[impatient(one) for one in story(60, 0.0)])
    assert all(one.steady and not one.applied for one in found.skews)


def impatient(one: dict[str, object]) -> dict[str, object]:
    """The span of a caller that waits no longer than 20 ms."""
    text = json.dumps(one)
    inner = json.loads(text)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    if inner["kind"] == 3:
        end = min(int(inner["endTimeUnixNano"]), int(inner["startTimeUnixNano"]) + 20 * MS)
        text = text.replace(inner["endTimeUnixNano"], str(end))
    made: dict[str, object] = json.loads(text)
    return made


def test_lines_of_a_process_move_with_its_spans(tmp_path: Path) -> None:
    """The log of billing has no traces, but only billing writes it: it keeps billing's clock."""
    lines = "".join(
        json.dumps({"time": f"2026-03-14T09:12:{10 + i:02d}.000Z", "service": "billing", "level": "error", "msg": "card refused"}) + "\n"
        for i in range(5)
    )  # fmt: skip
    found = case(tmp_path, traces=story(60, 5000.0), log=lines)
    first = int(found.logs.at[0])
    assert abs(first - (START + 5 * 10**9)) < 80 * MS, "ten past by its own clock was five past by everybody else's"
    assert found.logs.clocks == ("billing",)


def test_a_log_without_a_zone_gets_it_from_the_spans_it_names(tmp_path: Path) -> None:
    """A file in local time; each of its lines names the trace that wrote it, and traces are dated in UTC."""
    traces = story(30, 0.0)
    lines = ""
    for call in range(0, 30, 3):
        whole, part = divmod(call * 200 + 4, 1000)
        trace = f"{1:08x}{call:024x}"
        lines += f"2026-03-14 14:42:{whole:02d}.{part:03d} ERROR gate - trace_id={trace} span_id={call:015x}a upstream slow\n"
    found = case(tmp_path, traces=traces, log=lines)
    zoned = next(one for one in found.skews if one.zone is not None)
    assert zoned.zone == 330, "half past five ahead of UTC"
    assert set(found.logs.offset.tolist()) == {330}
    assert abs(int(found.logs.at[0]) - START) < 100 * MS


@settings(deadline=None, max_examples=30)
@given(
    truth=st.integers(-(10**10), 10**10),
    noise=st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)), min_size=1, max_size=60),
    wrong=st.integers(0, 5),
)
def test_the_shared_stretch_holds_the_truth_that_most_hold(
    truth: int, noise: list[tuple[int, int]], wrong: int
) -> None:
    """Marzullo: as long as a majority is right, what they share contains it."""
    low = np.array([truth - a for a, _ in noise] + [truth + 10**12] * min(wrong, (len(noise) - 1) // 2), dtype=np.int64)
    high = np.array([truth + b for _, b in noise] + [truth + 2 * 10**12] * (len(low) - len(noise)), dtype=np.int64)
    found = agreed(low, high)
    assert found is not None
    assert found.least <= truth <= found.most
    assert found.agreeing == len(noise)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), max_size=12))
def test_the_shared_stretch_is_the_one_that_counting_finds(bounds: list[tuple[int, int]]) -> None:
    """Against trying every point."""
    low = np.array([a for a, _ in bounds], dtype=np.int64)
    high = np.array([b for _, b in bounds], dtype=np.int64)
    found = agreed(low, high)
    counts = {at: sum(a <= at <= b for a, b in bounds) for at in range(-50, 51)}
    best = max(counts.values(), default=0)
    assert (found.agreeing if found else 0) == best
    if found:
        assert counts[found.least] == counts[found.most] == best
