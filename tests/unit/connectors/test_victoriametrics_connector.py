"""VictoriaMetrics: raw samples in pieces of several metrics."""

from __future__ import annotations

import json
from typing import Any

from driver import ask, checks, drive, events

from afterword.connectors.victoriametrics import CONNECTOR
from afterword.ports import GivenUpError

URL = "http://victoria.test:8428"
LINE = {"metric": {"__name__": "up", "job": "cart"}, "values": [1, 0], "timestamps": [1772442000123, 1772442001456]}


def server(names: list[Any]) -> Any:
    return [(r"label/__name__", {"data": names}), (r"/export", json.dumps(LINE).encode())]


def test_every_sample_at_its_own_time() -> None:
    talked = drive(CONNECTOR, ask(URL), server(["up", "down_bucket"]))
    assert talked.urls()[1] == f'{URL}/api/v1/export?match[]={{__name__=~"up"}}&start=1772442000&end=1772445600'
    assert "buckets of 1" in talked.short
    assert [(one.at, one.value) for one in events(talked, "victoriametrics-export")] == [
        (1_772_442_000_123_000_000, 1.0),
        (1_772_442_001_456_000_000, 0.0),
    ]
    checks(CONNECTOR, talked)


def test_pieces_and_the_limit() -> None:
    talked = drive(CONNECTOR, ask(URL, limit=90), server([f"m_{n:03d}" for n in range(100)]))
    assert len(talked.kept) == 3
    assert "10 metrics beyond the limit of 90: m_090" in talked.short


def test_a_selector_is_one_question() -> None:
    talked = drive(CONNECTOR, ask(URL, match='{job="shop"}'), server([]))
    assert len(talked.requests) == 1


def test_a_piece_that_fails_does_not_stop_the_others() -> None:
    names = [f"m_{n:03d}" for n in range(60)]
    talked = drive(CONNECTOR, ask(URL), [(r"m_000", GivenUpError("answered 503", 503)), *server(names)])
    assert (len(talked.requests), len(talked.kept)) == (3, 1)
    gone = drive(CONNECTOR, ask(URL), [(r"/export", GivenUpError("no connection")), *server(names)])
    assert len(gone.requests) == 2
