"""Alerts as a table."""

from __future__ import annotations

import pytest
from source_laws import SHARED, check, events, problems, said

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Kind
from afterword.sources.alerts_table import SOURCE

SAMPLE = b"""alert_name,device,start_time,end_time,severity\r
LinkDown,router-7,2026-03-02T09:00:00Z,2026-03-02T09:10:00Z,critical\r
BgpPeerLost,router-8,2026-03-02T09:00:04Z,,warning\r
,router-9,2026-03-02T09:00:09Z,,warning\r
"""
RELATIVE = b"alarm_id,device_id,start_timestamp,end_timestamp\n3,11,82475,82506\n5,11,82490,82480\n"


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def test_a_row_is_an_alert_from_start_to_end() -> None:
    link, peer = events(SOURCE, SAMPLE)
    assert (link.kind, link.name, link.subject, link.severity) == (Kind.ALERT, "LinkDown", "router-7", "fatal")
    assert (link.at, link.until) == (ns("2026-03-02T09:00:00Z"), ns("2026-03-02T09:10:00Z"))
    assert (peer.name, peer.until, peer.attributes["state"]) == ("BgpPeerLost", None, "firing")
    assert said(SAMPLE, peer).startswith("BgpPeerLost,router-8")
    assert [one.code for one in problems(SOURCE, SAMPLE)] == ["alert-shape"]


def test_times_that_count_from_a_moment_not_told() -> None:
    """An export with seconds since its own beginning; of the second alert the end was written before its start."""
    first, second = events(SOURCE, RELATIVE)
    assert (first.at, first.until, first.name, first.subject) == (82475 * 10**9, 82506 * 10**9, "3", "11")
    assert second.until is None
    assert [one.code for one in problems(SOURCE, RELATIVE)] == ["alert-relative-time"]


@pytest.mark.parametrize(
    "other",
    [
        b"time,service,message,level\n2026-03-02T09:00:00Z,a,alert raised,error\n",
        b"timestamp,service,version,deployed_by\n2026-03-02T09:00:00Z,a,v1,sam\n",
        b"time,cart_cpu,cart_mem\n1760000000,1,2\n",
        b"alert,expr,for\nHigh,up == 0,5m\n",
    ],
)
def test_other_tables_are_left_alone(other: bytes) -> None:
    assert SOURCE.sniff(other) == 0.0


@pytest.mark.parametrize("raw", [SAMPLE, RELATIVE, b"alert,time\n", b"a,b\n1,2\n", SAMPLE[:-20]])
def test_the_laws_hold(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_a_real_export_of_alarms_is_read_whole() -> None:
    path = SHARED / "rca" / "alarm-graph" / "alarm.csv"
    if not path.is_file():
        pytest.skip("the research data is not here")
    found = events(SOURCE, path.read_bytes())
    assert len(found) == 30691
    assert all(one.at is not None for one in found)
