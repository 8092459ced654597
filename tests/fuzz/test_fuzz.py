"""Every parser on bytes that nobody meant: no crash, no hang, no memory without end.

``make fuzz`` gives each target ten minutes (``AFTERWORD_FUZZ_SECONDS``); the tests give each a fraction of a second. What
it finds becomes a case of the tests of that parser. The bytes that failed stand in the message, and the seed is fixed.
"""

from __future__ import annotations

import gzip
import io
import os
import resource
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from afterword.app import archive, confined
from afterword.app.archive import Budget, RefusedError
from afterword.app.xml_reader import parse_xml
from afterword.core import promql
from afterword.core.clock import parse_time
from afterword.core.foreign import import_
from afterword.core.review import review
from afterword.model.evidence import parse_citation
from afterword.model.refusal import RefusalError
from afterword.ports import Reading
from afterword.reading import rule_file, strict_json, strict_yaml
from afterword.reading.strict_json import Malformed
from afterword.sources import openmetrics, prometheus_json, victoriametrics

for folder in ("conformance", "fuzz", "unit/sources"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / folder))

import source_laws as laws  # noqa: E402
from mutant import Mutants  # noqa: E402
from test_sources import MODULES, samples, source  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SECONDS = float(os.environ.get("AFTERWORD_FUZZ_SECONDS", "0.15"))
SEED = int(os.environ.get("AFTERWORD_FUZZ_SEED", "1"))
SLOWEST, LARGEST = 1.0, 512 << 10


def packed() -> list[bytes]:
    body = b"".join(b"line %d\n" % n for n in range(200))
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr("a/b.log", body)
        into.writestr("c.log", b"x")
    with tarfile.open(fileobj=tarred, mode="w") as into:
        info = tarfile.TarInfo("a.log")
        info.size = len(body)
        into.addfile(info, io.BytesIO(body))
    return [
        gzip.compress(body, mtime=0),
        zstandard.ZstdCompressor().compress(body),
        zipped.getvalue(),
        tarred.getvalue(),
    ]


def unpack(raw: bytes) -> None:
    with archive.peel(io.BytesIO(raw), Budget(1 << 22)) as made:
        for _, body in archive.members(made.stream, Budget(1 << 22)) or ():
            body.close()


def text(function: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda raw: function(raw.decode("utf-8", "surrogateescape"))


EXPRESSIONS = [
    b'rate(http_requests_total{job=~"a.*",code!="500"}[5m]) > 0.5 and up == 1',
    b"(errors / requests) * 100 >= 1e3 # why",
    b'sum by (a) (rate(x{b=~"c.*"}[5m] offset 1m)) / on (a) group_left (z) y > bool 0x1F or absent(z @ end())',
    b"histogram_quantile(0.9, sum(rate(b_bucket[5m])) by (le)) > -x ^ 2 unless max_over_time((x > 1)[1h:1m])",
]
SERIES = [
    b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"x","a":"b"},"values":[[1795548096,"1"],[1795548101,"NaN"],[1795548111,"2"]]}]}}',
    b'# TYPE d histogram\nd_bucket{le="0.5",a="b"} 1 1772359200\nd_bucket{le="0.5",a="b"} 2 1772359215\nup 1\n',
    b'{"metric":{"__name__":"x","a":"b"},"values":[1,null,3],"timestamps":[1772359200000,1772359205000,1772359210000]}\n',
]


def tracks(raw: bytes) -> None:
    for one in (prometheus_json, openmetrics, victoriametrics):
        list(one.tracks(io.BytesIO(raw)))


POSTMORTEM = [b"# Outage of 2024-05-01\n\n**Impact**: 3% of users\n\n## Timeline (UTC)\n\n- 10:00 alert\n- 10:05 fixed\n\n## Action items\n\n| item | owner |\n|---|---|\n| Add a test | @nora |\n"]  # fmt: skip
XML = [b'<?xml version="1.0"?><opsa-mef><define-fault-tree name="a"><define-gate name="g"><or><basic-event name="e"/></or></define-gate></define-fault-tree></opsa-mef>']  # fmt: skip
YAML = [
    b"groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up == 0\n    for: 5m\n    labels: {severity: page}\n"
]
TIMES = [
    b"2024-05-01T00:00:00.123456789+02:00",
    b"01/May/2024:00:00:00 +0000",
    b"Wed, 01 May 2024 00:00:00 GMT",
    b"1714521600.000100",
]
CITATIONS = [b"E3:12-14", b"E4:1@120-180", b"E1:2-602#cart_cpu"]

TARGETS: dict[str, tuple[Callable[[bytes], Any], Sequence[bytes], tuple[type[Exception], ...]]] = {
    "archives": (unpack, packed(), (RefusedError,)),
    "JSON": (text(strict_json.loads), [one for one in samples().values() if one[:1] in b"[{"], (Malformed,)),
    "YAML": (lambda raw: list(strict_yaml.documents(raw)), YAML, (Malformed,)),
    "XML": (parse_xml, XML, (RefusalError,)),
    "PromQL": (text(promql.parse), EXPRESSIONS, (promql.UnsupportedError,)),
    "rule files": (rule_file.rules, YAML, (Malformed,)),
    "recorded series": (tracks, SERIES, ()),
    "postmortems": (text(import_), POSTMORTEM, ()),
    "review": (text(review), POSTMORTEM, ()),
    "times": (text(parse_time), TIMES, ()),
    "citations": (text(parse_citation), CITATIONS, (ValueError,)),
}


def fuzz(
    name: str, target: Callable[[bytes], Any], seeds: Sequence[bytes], allowed: tuple[type[Exception], ...]
) -> int:
    """Run until the time is over; answers how often. Raises AssertionError with the bytes that did it."""
    mutants, runs, end = Mutants(seeds, SEED), 0, time.monotonic() + SECONDS
    while time.monotonic() < end or not runs:
        raw = mutants.next()
        begun = time.thread_time()
        try:
            target(raw)
        except allowed:
            pass
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}: {raw!r}") from error
        took = time.thread_time() - begun
        assert took < SLOWEST, f"{name}: {took:.1f} s: {raw!r}"
        runs += 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 * LARGEST, name
    return runs


@pytest.mark.parametrize("name", TARGETS)
def test_parsers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the child does is done here, so that a run costs no process; its crashes would be ours.
    monkeypatch.setattr(confined, "possible", lambda: False)
    assert fuzz(name, *TARGETS[name]) > 5


@pytest.mark.parametrize("module", MODULES)
def test_sources(module: str) -> None:
    one = source(module)
    own = samples().get(module)
    seeds = [own] * 4 + list(samples().values())[:4] if own else list(samples().values())
    fuzz(module, lambda raw: (one.sniff(raw[: 1 << 16]), laws.check(one, raw)), seeds, ())


@pytest.mark.parametrize("module", MODULES)
def test_columns(module: str) -> None:
    """Sources that also read in columns."""
    one = source(module)
    if one.bulk is None:
        return
    own = samples().get(module, b"2026-03-02T09:00:00Z ERROR shop - no\n" * 9)
    bulk = one.bulk
    fuzz(f"{module} in columns", lambda raw: sum(1 for _ in bulk(io.BytesIO(raw), Reading())), [own, own * 3], ())


def test_a_fault_would_be_seen() -> None:
    """Negative control: a parser that fails on one byte, and one that hangs."""

    def breaks(raw: bytes) -> None:
        if b"\0" in raw:
            raise IndexError

    def hangs(_raw: bytes) -> None:
        end = time.thread_time() + 1.1
        while time.thread_time() < end:
            pass

    with pytest.raises(AssertionError, match="IndexError"):
        fuzz("breaks", breaks, [b"abc\0def"], ())
    with pytest.raises(AssertionError, match=r"1\.1 s"):
        fuzz("hangs", hangs, [b"abc"], ())
