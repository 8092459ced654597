"""A conversation with any connector may be broken off at any time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from driver import ask

from afterword.app import plugs
from afterword.ports import Connector, Left, Response

ITEM = {
    "id": "7",
    "name": "a",
    "sha": "a" * 40,
    "ts": "1772442300.000100",
    "traceID": "a1",
    "sort": [1],
    "created_at": "2026-03-02T09:30:00Z",
    "reply_count": 1,
}
LISTS = "data items hits messages incidents issues traces result workflow_runs jobs channels logGroups events Metrics log_entries".split()  # noqa: SIM905
SAID = {
    "ok": True,
    "id": "p",
    "more": False,
    "version": {"number": "8.1"},
    "_shards": {"failed": 0},
    **{name: [ITEM] for name in LISTS},
    "hits": {"hits": [ITEM]},
}
NEEDED = {
    "query": "{}",
    "repositories": "acme/shop",
    "projects": "acme/shop",
    "channels": "#a,C012AB3CD",
    "groups": "/aws/*",
    "region": "eu-central-1",
    "jql": "a",
    "organization": "acme",
}


@pytest.mark.parametrize("one", plugs.connectors(), ids=lambda one: one.name)
def test_breaking_off_makes_no_fault_and_asks_nothing_more(one: Connector) -> None:
    options = {key: value for key, value in NEEDED.items() if key in one.options}
    secrets = dict.fromkeys(one.secrets, "s3cret-value")
    for steps in range(12):
        talk = one.pages(ask("https://host.test", secrets=secrets, **options))
        said: Any = next(talk, None)
        for _ in range(steps):
            if said is None:
                break
            try:
                said = next(talk) if isinstance(said, Left) else talk.send(Response(200, {}, json.dumps(SAID).encode()))
            except StopIteration:
                said = None
        talk.close()
        assert next(talk, None) is None
