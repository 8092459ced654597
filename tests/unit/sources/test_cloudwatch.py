"""Series of Amazon CloudWatch."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.sources.cloudwatch import SOURCE

DATA = json.dumps({
    "namespace": "AWS/RDS", "period": 60,
    "metric_data_results": [
        {"id": "m1", "label": "Lag", "metric_name": "ReplicaLag", "dimensions": [{"Name": "DBInstanceIdentifier", "Value": "pay-1"}], "stat": "Maximum",
         "unit": "Seconds", "status_code": "Complete", "timestamps": ["2024-05-01T00:00:00Z", "2024-05-01T00:01:00Z"], "values": [1.5, 2]},
        {"id": "m2", "label": "CPUUtilization", "dimensions": [], "timestamps": ["2024-05-01T00:00:00Z"], "values": [7]},
    ],
}, indent=1).encode()  # fmt: skip


def test_metric_data() -> None:
    found = events(SOURCE, DATA)
    assert [(one.subject, one.name, one.value, one.at) for one in found] == [
        ("pay-1", "ReplicaLag", 1.5, 1714521600 * 10**9),
        ("pay-1", "ReplicaLag", 2.0, 1714521660 * 10**9),
        ("", "CPUUtilization", 7.0, 1714521600 * 10**9),
    ]
    assert found[0].attributes == {"unit": "Seconds", "statistic": "Maximum"}
    assert json.loads(said(DATA, found[0]))["id"] == "m1"
    assert found[0].place == found[1].place
    assert SOURCE.sniff(DATA) > 0.9


def test_the_same_in_the_names_of_the_api() -> None:
    raw = b'{"MetricDataResults":[{"Id":"m","Label":"Errors","Timestamps":["2024-05-01T02:00:00+02:00"],"Values":[3],"StatusCode":"Complete"}]}'
    [one] = events(SOURCE, raw)
    assert (one.name, one.value, one.at, one.offset) == ("Errors", 3.0, 1714521600 * 10**9, 120)


def test_statistics_as_data_points() -> None:
    raw = b'{"Label":"CPUUtilization","Datapoints":[{"Timestamp":"2024-05-01T00:00:00Z","Average":1.5,"Maximum":9,"Unit":"Percent"}]}'
    assert [(one.name, one.value, one.attributes) for one in events(SOURCE, raw)] == [
        ("CPUUtilization", 1.5, {"statistic": "Average"}),
        ("CPUUtilization", 9.0, {"statistic": "Maximum"}),
    ]


def test_the_load_of_a_database() -> None:
    raw = b'{"db_instance_identifier":"pay-1","db_load":{"timestamps":["2024-05-01T00:00:00Z"],"values":[0.8],"unit":"db_load|avg"},"top_sql":[]}'
    assert [(one.subject, one.name, one.value) for one in events(SOURCE, raw)] == [("pay-1", "db_load", 0.8)]
    api = b'{"Identifier":"db-A","MetricList":[{"Key":{"Metric":"db.load.avg","Dimensions":{"db.user":"app"}},"DataPoints":[{"Timestamp":1714521600.0,"Value":2}]}]}'
    assert [(one.subject, one.name, one.value) for one in events(SOURCE, api)] == [
        ("db-A", 'db.load.avg{db.user="app"}', 2.0)
    ]


def test_a_time_that_is_none() -> None:
    raw = b'{"label":"x","stat":"Sum","timestamps":["soon",5],"values":[1,2]}'
    assert not events(SOURCE, raw)
    assert [one.quarantined for one in problems(SOURCE, raw)] == [True]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b'{"metric":{},"values":[1],"timestamps":[2]}',
        b'{"timestamp":"x","values":[1]}',
        b'{"timestamps":[],"values":[]}',
    ],
)
def test_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0
    check(SOURCE, raw)


def test_a_label_may_tell_name_dimensions_and_statistic() -> None:
    label = 'CPUUtilization{DBInstanceIdentifier="orders-db",Role="reader"} Sum'
    raw = json.dumps({"MetricDataResults": [{"Id": "m0", "Label": label, "Timestamps": [1772442300], "Values": [9.5], "StatusCode": "Complete"}]})  # fmt: skip
    assert [(e.subject, e.name, e.attributes["statistic"]) for e in events(SOURCE, raw.encode())] == [
        ("orders-db", 'CPUUtilization{Role="reader"}', "Sum")
    ]


def test_truncation() -> None:
    truncated(SOURCE, DATA, 3)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


@settings(max_examples=80)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(["MetricDataResults", "timestamps", "values", "Datapoints", "Timestamp", "Value", "dimensions", "Name", "key"]), s, max_size=6), max_leaves=20))  # fmt: skip
def test_any_json(value: object) -> None:
    check(SOURCE, json.dumps(value).encode())


@pytest.mark.shared
def test_true_series() -> None:
    for path in sorted(shared("rca", "opensre-rds").glob("*/aws_cloudwatch_metrics*.json")):
        raw = path.read_bytes()
        if b"timestamps" in raw:
            assert SOURCE.sniff(raw[: 1 << 16]) > 0.9, path
            assert events(SOURCE, raw), path
            assert not problems(SOURCE, raw), path


def test_who_asks_a_database_is_told_with_the_load_and_the_monitor_is_nobody() -> None:
    raw = b"""{"db_instance_identifier": "pay-1", "top_sql": [{"statement": "SELECT 1", "db_load_avg": 2, "wait_events":
        [{"name": "IO:DataFileRead", "db_load_avg": 1.5}, {"name": "CPU:user", "db_load_avg": 0.5}]}],
        "top_users": [{"name": "loader", "db_load_avg": 4.3}, {"name": "rdsadmin", "db_load_avg": 0.2}, {"name": "x"}],
        "top_hosts": [{"id": "job-1", "db_load_avg": 4.4}]}"""
    found = events(SOURCE, raw)
    assert [(one.text, one.value, one.attributes) for one in found[1:]] == [
        ("loader", 4.3, {"asks": "user"}), ("job-1", 4.4, {"asks": "host"}),
    ]  # fmt: skip
    assert found[0].attributes == {"wait": "IO:DataFileRead", "computing": "0.5"}
