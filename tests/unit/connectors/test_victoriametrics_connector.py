"""VictoriaMetrics: raw samples in pieces of several metrics."""

from __future__ import annotations

import json
from typing import Any

from driver import ask, checks, drive, events

from afterword.connectors.victoriametrics import CONNECTOR
from afterword.ports import GivenUpError

URL = "http://victoria.test:8428"
LINE = {"metric": {"__name__": "up", "job": "cart"}, "values": [1, 0], "timestamps": [1772442000123, 1772442001456]}


def server(counts: dict[str, int]) -> Any:
    rows = [{"metric": {"__name__": name}, "value": [1, str(count)]} for name, count in counts.items()]
    return [
        (r"query\?query=up\[", {"data": {"result": []}}),
        (r"label/__name__", {"data": list(counts)}),
        (r"query\?query=count", {"data": {"result": rows}}),
        (r"/export", json.dumps(LINE).encode()),
    ]


def test_every_sample_at_its_own_time() -> None:
    talked = drive(CONNECTOR, ask(URL), server({"up": 1, "down_bucket": 1}))
    assert talked.urls()[-1] == f'{URL}/api/v1/export?match[]={{__name__=~"up"}}&start=1772442000&end=1772445600'
    assert "buckets of 1" in talked.short
    assert [(one.at, one.value) for one in events(talked, "victoriametrics-export")] == [
        (1_772_442_000_123_000_000, 1.0),
        (1_772_442_001_456_000_000, 0.0),
    ]
    checks(CONNECTOR, talked)


def test_pieces_of_bounded_size_and_the_limit() -> None:
    """Sixty series of 241 samples each are many; a metric of thousands would crowd out the others."""
    talked = drive(CONNECTOR, ask(URL, limit=6000), server({**{f"m_{n:03d}": 50 for n in range(100)}, "many": 9000}))
    assert len(talked.kept) == 4
    assert "9000 series of 1 metrics beyond the limit of 6000 series: many" in talked.short


def test_a_piece_that_fails_does_not_stop_the_others() -> None:
    counts = {f"m_{n:03d}": 1 for n in range(100)}
    talked = drive(CONNECTOR, ask(URL), [(r"export.*m_000", GivenUpError("answered 503", 503)), *server(counts)])
    assert len(talked.kept) == 1
    gone = drive(CONNECTOR, ask(URL), [(r"/export", GivenUpError("no connection")), *server(counts)])
    assert len([one for one in gone.requests if "/export" in one.url]) == 1
