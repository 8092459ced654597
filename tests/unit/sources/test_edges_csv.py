"""Call graphs in CSV."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, skipped, truncated

from afterword.sources.edges_csv import SOURCE

PAIRS = b"caller,callee\nweb,cart\ncart,db\n"
MATRIX = b",web,cart,db\nweb,0.0,1.0,0.0\ncart,0.0,0.0,1.0\ndb,0.0,0.0,0.0\n"


def edges(raw: bytes) -> list[tuple[str, str]]:
    return [(one.subject, one.name) for one in events(SOURCE, raw)]


def test_a_list_of_callers_and_callees() -> None:
    assert edges(PAIRS) == [("web", "cart"), ("cart", "db")]
    assert said(PAIRS, events(SOURCE, PAIRS)[0]) == "web,cart\n"
    assert events(SOURCE, PAIRS)[0].at is None


def test_in_a_matrix_the_row_calls_the_column() -> None:
    assert edges(MATRIX) == [("web", "cart"), ("cart", "db")]
    [first, _] = events(SOURCE, MATRIX)
    assert (said(MATRIX, first), first.place.part) == ("web,0.0,1.0,0.0\n", "cart")
    assert [one.reason for one in skipped(SOURCE, MATRIX)][-1] == "a component that calls no other"


@pytest.mark.parametrize(
    "header",
    ["source,target", "Source,Target,Weight", "from;to", "parent\tchild", "client,server", "source_service,target_service", "src,dst",
     "caller_name,callee_name", "service,depends_on", "source_workload,destination_workload", "fromService,toService"],
)  # fmt: skip
def test_usual_names(header: str) -> None:
    mark = next(one for one in ",;\t" if one in header)
    row = mark.join(["web", "cart", "1"][: header.count(mark) + 1])
    raw = f"{header}\n{row}\n".encode()
    assert SOURCE.sniff(raw) >= 0.8
    assert edges(raw) == [("web", "cart")]


def test_an_edge_of_weight_0_is_none_and_one_without_an_end_is_set_aside() -> None:
    raw = b"source,target,weight\nweb,cart,0\nweb,db,2\nweb,,1\n"
    assert edges(raw) == [("web", "db")]
    assert [one.code for one in problems(SOURCE, raw)] == ["edge-end"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"time,from,to\n2024-05-01,v1,v2\n",
        b"trace_id,parent,child\na,b,c\n",
        b"time,cart_cpu,web_cpu\n1700000000,0,1\n",
        b"a,b\n1,2\n",
        b"source,message\ncart,hello\n",
    ],
)
def test_what_is_no_call_graph_is_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0
    check(SOURCE, raw)


@pytest.mark.parametrize("raw", [PAIRS, MATRIX])
def test_truncation(raw: bytes) -> None:
    truncated(SOURCE, raw)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_a_true_matrix() -> None:
    raw = shared("rca", "petshop", "low_traffic", "graph.csv").read_bytes()
    assert SOURCE.sniff(raw) > 0.9
    assert ("PetSite", "PetSearch_AWS::ECS::Fargate") in edges(raw)
    assert not problems(SOURCE, raw)


def test_a_graph_of_few_edges_is_no_table_of_metrics() -> None:
    """Two columns of names and no number: not the stacked headers of metrics whose values were cut off."""
    from afterword.sources import metrics_csv

    few = b"caller,callee\nfrontend,cart\ncart,redis\n"
    assert metrics_csv.SOURCE.sniff(few) < SOURCE.sniff(few)
