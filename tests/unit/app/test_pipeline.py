"""One way from artefacts to a document, for the first analysis and for every one that checks it."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.app import intake, pipeline
from afterword.model.evidence import Citation, Evidence, Place
from afterword.model.incident import Incident, Options, StatedPoint, Status
from afterword.model.incident import PointName as P
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet
from afterword.testing import small_incident

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from analysed import Analysed


class Stores:
    def __init__(self, root: Path) -> None:
        self.root, self.blobs, self.lake = root, BlobsFolder(root / "objects"), LakeParquet(root / "lake")

    def take(self, *names: Path) -> tuple[Evidence, ...]:
        return intake.collect([str(one) for one in names], self.blobs, self.lake).evidence

    def work(self, evidence: Sequence[Evidence]) -> pipeline.Worked:
        return pipeline.work(incident(evidence), evidence, self.lake, self.blobs)


def incident(evidence: Sequence[Evidence]) -> Incident:
    return Incident("inc-1", "", Status.OPEN, tuple(one.sha256 for one in evidence), Options())


def test_what_the_lake_lost_is_read_again_and_nothing_changes(tmp_path: Path) -> None:
    """Somebody clears the derived files to make room; the document is the same to the last claim."""
    stores = Stores(tmp_path / "stores")
    evidence = stores.take(small_incident(tmp_path / "evidence"))
    before, _ = pipeline.write(stores.work(evidence), incident(evidence), (), ())
    shutil.rmtree(stores.root / "lake")
    after, _ = pipeline.write(stores.work(evidence), incident(evidence), (), ())
    assert before == after


def test_how_the_files_are_called_and_given_decides_nothing(tmp_path: Path) -> None:
    folder = small_incident(tmp_path / "evidence")
    made = []
    for number, names in enumerate((["metrics.csv", "shop.log"], ["shop.log", "metrics.csv"])):
        stores = Stores(tmp_path / f"{number}")
        evidence = stores.take(*(folder / name for name in names))
        made.append(pipeline.write(stores.work(evidence), incident(evidence), (), ())[0])
    assert made[0] == made[1]


def test_a_line_is_read_where_it_stands_also_in_a_compressed_file(tmp_path: Path) -> None:
    folder = small_incident(tmp_path / "evidence")
    log = folder / "shop.log"
    second = log.read_bytes().split(b"\n")[1]
    (folder / "shop.log.gz").write_bytes(gzip.compress(log.read_bytes(), mtime=0))
    log.unlink()
    stores = Stores(tmp_path / "stores")
    evidence = stores.take(folder)
    number = 1 + next(n for n, one in enumerate(evidence) if one.name.endswith("gz"))
    start = 1 + len(second)
    cite = Citation(f"E{number}", Place(start, start + len(second), 2, 2))
    assert pipeline.line_reader(evidence, stores.blobs)(cite).encode() == second


def test_a_point_that_a_person_stated_is_in_the_document_and_moves_nothing_else(small: Analysed) -> None:
    ws = small.ws
    record = ws.get("incident", small.id, Incident)
    evidence = [ws.get("evidence", sha, Evidence) for sha in record.evidence]
    worked = pipeline.work(record, evidence, ws.lake, ws.blobs)
    stated = replace(record, stated=(StatedPoint(P.DECLARED, "2026-03-14T09:31:00Z", "maria"),))
    plain, _ = pipeline.write(worked, record, (), ())
    more, ground = pipeline.write(worked, stated, (), ())
    assert P.DECLARED in {one.name for one in ground.postmortem.points}
    fresh = {(c.op, str(c.args), c.text) for c in more.claims} - {(c.op, str(c.args), c.text) for c in plain.claims}
    assert {op for op, _, _ in fresh} <= {"point", "duration", "report", "line"}
    assert any("2026-03-14 09:31:00" in text for _, _, text in fresh)


def test_pictures_that_would_show_nothing_are_left_out(small: Analysed) -> None:
    ws = small.ws
    record = ws.get("incident", small.id, Incident)
    evidence = [ws.get("evidence", sha, Evidence) for sha in record.evidence]
    worked = pipeline.work(record, evidence, ws.lake, ws.blobs)
    assert set(pipeline.draw(worked)) == {"timeline", "graph", "tree"}
    pm = worked.postmortem
    bare = replace(pm, window=None, tree=None, explanation=replace(pm.explanation, links=()))
    assert pipeline.draw(replace(worked, postmortem=bare)) == {}


def test_quotes_are_the_lines_themselves(small: Analysed) -> None:
    ws = small.ws
    record = ws.get("incident", small.id, Incident)
    evidence = [ws.get("evidence", sha, Evidence) for sha in record.evidence]
    worked = pipeline.work(record, evidence, ws.lake, ws.blobs)
    quotes = pipeline.quotes(pipeline.write(worked, record, (), ())[0])
    assert any("no connection in pool 1" in one for one in quotes.values())
