"""What a question says that its answer does not repeat."""

from __future__ import annotations

from afterword.core import asked
from afterword.model.evidence import Asked


def test_the_query_out_of_the_address_or_the_form() -> None:
    one = Asked("m", "prometheus", "http://h/api/v1/query_range?query=sum%28rate%28x%5B1m%5D%29%29&step=15")
    assert asked.query(one) == "sum(rate(x[1m]))"
    posted = Asked("m", "prometheus", "http://h/api/v1/query_range", "POST", body="query=up%7Bjob%3D%22a%22%7D&step=15")
    assert asked.query(posted) == 'up{job="a"}'
    assert asked.query(Asked("m", "x", "http://h/", "POST", body='{"query": {"bool": {}}}')) == ""
    assert (asked.query(None), asked.subject(None), asked.told(None)) == ("", "", "")


def test_told_to_people() -> None:
    one = Asked("metrics", "prometheus", "http://h/?query=up", at="2026-03-02T10:00:00Z", says="series 1 of 1")
    assert asked.told(one) == "metrics, 2026-03-02T10:00:00Z, series 1 of 1: GET http://h/?query=up"
    assert len(asked.told(Asked("m", "x", "http://h/?q=" + "x" * 900))) < 200
