"""What every trial needs, loaded before processes are split off: loading is no work on a case."""

from __future__ import annotations

from afterword.app import bundle, collection, fetch, intake, passage, period, pipeline, plugs, rule_text
from afterword.app.bench import carry
from afterword.app.operations import collection as collections
from afterword.exporters import html, markdown
from afterword.stores import blobs_folder, lake_parquet, records_sqlite

__all__ = [
    "blobs_folder",
    "bundle",
    "carry",
    "collection",
    "collections",
    "fetch",
    "html",
    "intake",
    "lake_parquet",
    "markdown",
    "passage",
    "period",
    "pipeline",
    "records_sqlite",
    "rule_text",
]

plugs.analyses()
plugs.sources()
