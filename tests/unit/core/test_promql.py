"""Our PromQL against answers that a Prometheus gave, for machines without one; its words are in ``promql_answers.json``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from promql_story import EXPRESSIONS, SERIES, TIMES

from afterword.core.promql import UnsupportedError, duration, parse
from afterword.core.promql.node import label_names, longest, looks_ahead, selectors
from afterword.core.promql.own import OwnEngine
from afterword.core.promql.token import tokens, unquoted
from afterword.model.time import MINUTE, SECOND

HELD = json.loads((Path(__file__).parent / "promql_answers.json").read_text())
#: Prometheus 2.42 calls the deviation of one value that is no number 0, later ones no number.
_LATER = {"stddev(temp)", "stdvar without (zone) (temp)"}


def engine() -> OwnEngine:
    """Ranges as the Prometheus that answered closes them, subqueries as often as it evaluates rules."""
    return OwnEngine(SERIES, closed=True, every=15 * SECOND)


@pytest.mark.parametrize("expr", [one for one in EXPRESSIONS if one in HELD["answers"]])
def test_every_sample_is_that_of_prometheus(expr: str) -> None:
    expected = {tuple(sorted(labels.items())): values for labels, values in HELD["answers"][expr]}
    found = engine().ask(expr, TIMES).rows
    assert found.keys() == expected.keys()
    for labels, (value, there) in found.items():
        said = expected[labels]
        wanted = np.array([0.0 if one is None else float(one) for one in said])
        assert there.tolist() == [one is not None for one in said], labels
        if expr in _LATER:
            wanted = np.where(np.isnan(value), np.nan, wanted)
        np.testing.assert_allclose(np.where(there, value, 0.0), np.where(there, wanted, 0.0), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("expr", [one for one in EXPRESSIONS if one not in HELD["answers"]])
def test_what_prometheus_refuses_we_refuse(expr: str) -> None:
    with pytest.raises(UnsupportedError):
        engine().ask(expr, TIMES)


def test_a_range_is_open_at_its_start_since_prometheus_3() -> None:
    """At 10:01 the range of a minute begins on the sample of 10:00, which counts before 3 and no longer since."""
    count = "count_over_time(info[1m])"
    for closed, many in ((True, 5.0), (False, 4.0)):
        rows = OwnEngine(SERIES, closed=closed).ask(count, TIMES).rows.values()
        assert {float(value[2]) for value, _ in rows} == {many}


def test_what_stands_in_an_expression_is_known() -> None:
    node = parse(
        'sum by (job) (rate(a{x="1"}[5m] offset 1m)) / on (job) group_left (y) max_over_time(b[1h:1m] @ 5) > bool 0x1F # said'
    )
    assert [one.name for one in selectors(node)] == ["a", "b"]
    assert set(label_names(node)) == {"job", "x", "y"}
    assert longest(node) == 60 * MINUTE
    assert not looks_ahead(node)
    assert looks_ahead(parse("a offset -5m"))
    assert set(label_names(parse('label_replace(a, "p", "$1", "q", ".*")'))) >= {"p", "q"}
    assert parse("a @ end() + b @ start() + c @ -5") != parse("a + b + c")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"a\\n\\"b\\""', 'a\n"b"'),
        ("'\\x41\\u00e9\\101'", "AéA"),
        ("`a\\n`", "a\\n"),
        ('"\\U00110000"', "�"),
        ('"\\q"', "q"),
    ],
)
def test_texts_are_read_as_go_reads_them(text: str, said: str) -> None:
    assert unquoted(text) == said


@pytest.mark.parametrize("expr", ["a @ x", "a @ 'b'", "sum(a) @ 5", "a offset 5m offset 5m", "a[5m][5m]", "sum by (a (b)", "sum(", "topk(a, b, c)", "a on", "1 and a", "a and on (x) group_left b", "$", "a{b}", "rate(a[])", "{}", "5m", "sum by (a) b"])  # fmt: skip
def test_what_is_no_promql_is_told(expr: str) -> None:
    with pytest.raises(UnsupportedError):
        parse(expr)


def test_rules_are_untrusted() -> None:
    for expr in (
        "(" * 100_000 + "x" + ")" * 100_000,
        "-" * 100_000 + "x",
        "x" + "^x" * 5_000,
        "x + " * 5_000 + "x",
        "a[" * 5_000,
    ):
        with pytest.raises(UnsupportedError):
            parse(expr)
    with pytest.raises(UnsupportedError, match="so many steps"):
        engine().ask("sum_over_time(temp[10000d:1ms])", TIMES)
    assert len(tokens("x " * 100)) == 100
    with pytest.raises(UnsupportedError, match="too long"):
        parse("rate(x[999999y])")
    assert duration("1y") == 365 * 24 * 60 * MINUTE
