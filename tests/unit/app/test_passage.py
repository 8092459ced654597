"""A citation into bytes that nobody can read is shown as what they say."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sources"))

import test_otlp_protobuf as otlp

from afterword.app import passage
from afterword.model.evidence import Evidence
from afterword.ports import Reading
from afterword.sources.otlp_protobuf import SOURCE


def told(raw: bytes) -> list[dict[str, object]]:
    evidence = Evidence("0" * 64, len(raw), "logs.pb", SOURCE.name)
    places = [one.place for one in SOURCE.read(io.BytesIO(raw), Reading())]
    return [json.loads(passage.told(evidence, raw, one.start, one.end, one.part)) for one in places]


def test_every_event_is_told_by_the_bytes_that_it_cites() -> None:
    first, second, *_ = told(otlp.fixed(*otlp.REQUESTS))
    assert first["body"] == {"stringValue": "pool exhausted"}
    assert (first["traceId"], first["severityNumber"]) == (otlp.TRACE.hex(), "SEVERITY_NUMBER_ERROR")
    assert second["severityText"] == "Information"
    *_, last = told(otlp.written(otlp.METRICS))
    assert (last["metric"], last["count"]) == ("rpc", "2")


def test_in_a_packed_request_the_part_says_which() -> None:
    packed = otlp.zstandard.ZstdCompressor().compress(otlp.written(otlp.SPANS))
    assert [one.get("name") for one in told(otlp.fixed(packed))][:2] == ["GET /", "GET /"]
    assert told(otlp.fixed(packed)) == told(otlp.written(otlp.SPANS))


def test_bytes_that_say_nothing_are_shown_as_they_are() -> None:
    evidence = Evidence("0" * 64, 3, "x", SOURCE.name)
    assert passage.told(evidence, b"abc", 0, 3) == "abc"
    assert passage.told(Evidence("0" * 64, 3, "x", "text-log"), b"a\xffc", 0, 3) == "a\ufffdc"
    assert passage.is_binary(evidence)
    assert not passage.is_binary(Evidence("0" * 64, 3, "x", "text-log"))


def test_rows_of_bytes() -> None:
    raw = b"abc\0def" + bytes(range(20))
    assert list(passage.rows(raw, 3, 21)) == [
        (3, "00 64 65 66 00 01 02 03 04 05 06 07 08 09 0a 0b  .def............"),
        (19, "0c 0d                                            .."),
    ]
