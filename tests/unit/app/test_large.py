"""Documents that are larger than the memory they may take. By hand, 1 GiB of hits: 336 MiB; here 48 MiB each."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NS = 1_714_558_830_000_000_001
SIZE = 48 << 20
CODE = """
import resource, sys
from pathlib import Path
from afterword.app import intake
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet
root = Path(sys.argv[1])
(one,) = intake.collect([str(root / "large.json")], BlobsFolder(root / "o"), LakeParquet(root / "l")).evidence
assert one.accounting.balanced and not one.problems, one
print(one.source, one.counted, int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) >> 10)
"""
KINDS: dict[str, tuple[str, str, Callable[[int], object]]] = {
    "json-lines": (
        '{"took": 3, "hits": {"total": {"value": 9}, "hits": [\n',
        "]}}\n",
        lambda n: {"_index": "logs", "_id": str(n), "_source": {"@timestamp": "2026-03-14T09:12:00Z", "level": "ERROR", "message": f"{n} " + "m" * 900}},
    ),
    "otlp-json": (
        '{"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"scope": {}, "logRecords": [\n',
        "]}]}]}\n",
        lambda n: {"timeUnixNano": str(NS + n), "severityText": "ERROR", "body": {"stringValue": f"{n} " + "m" * 900}},
    ),
    "loki": (
        '{"status": "success", "data": {"resultType": "streams", "result": [{"stream": {"app": "shop"}, "values": [\n',
        "]}]}}\n",
        lambda n: [str(NS + n), f"{n} " + "m" * 900],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_one_large_document_is_read_in_little_memory(kind: str, tmp_path: Path) -> None:
    """All of its elements, none of them twice; and what is held stays far below what the parsed document would take."""
    head, tail, item = KINDS[kind]
    count, size = 0, 0
    with (tmp_path / "large.json").open("w", encoding="utf-8") as out:
        out.write(head)
        while size < SIZE:
            size += out.write((",\n" if count else "") + json.dumps(item(count)))
            count += 1
        out.write(tail)
    ran = subprocess.run([sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=True)
    name, counted, peak = ran.stdout.split()
    assert (name, int(counted)) == (kind, count)
    assert int(peak) < 320


def test_held_as_a_whole_it_would_take_more(tmp_path: Path) -> None:
    """Negative control: the same reader with pieces as large as the document."""
    head, tail, item = KINDS["json-lines"]
    body = ",\n".join(json.dumps(item(n)) for n in range(SIZE // 1000))
    (tmp_path / "large.json").write_text(head + body + tail)
    whole = "from afterword.reading import json_value\njson_value.LARGE = 1 << 40\n"
    ran = subprocess.run(
        [sys.executable, "-c", whole + CODE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(ran.stdout.split()[2]) > 320
