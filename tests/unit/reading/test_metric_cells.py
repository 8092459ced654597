"""From the cells of a table to samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.event import Event
from afterword.model.evidence import Place, Problem
from afterword.ports import Reading
from afterword.reading import metric_cells, metric_columns
from afterword.reading.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = ["time", "service", "host", "metric", "value"]


def sampled(cells: list[list[object]], *, by_series: bool = False) -> list[Event | Problem]:
    plan = metric_columns.plan(COLUMNS, cells)
    assert plan is not None

    def rows() -> Iterator[Row]:
        for number, fields in enumerate(cells):
            yield Row(fields, Place(number, number + 1, number + 1, number + 1))  # type: ignore[arg-type]

    found = metric_cells.events(plan, rows, Reading(), by_series=by_series)
    return [one for one in found if isinstance(one, Event | Problem)]


def test_a_host_is_named_where_a_component_has_several() -> None:
    made = sampled(
        [
            [1700000000, "cart", "h1", "cpu", 1],
            [1700000000, "cart", "h2", "cpu", 2],
            [1700000000, "web", "h1", "cpu", 3],
        ]
    )
    assert [(one.subject, one.name) for one in made if isinstance(one, Event)] == [
        ("cart", 'cpu{host="h1"}'), ("cart", 'cpu{host="h2"}'), ("web", "cpu"),
    ]  # fmt: skip


def test_the_part_names_the_series_where_rows_have_no_bytes_of_their_own() -> None:
    [one] = sampled([[1700000000, "cart", "h1", "cpu", 1]], by_series=True)
    assert one.place.part == "cart cpu"


def test_remarks_are_summed_up() -> None:
    good = [["1700000000", "cart", "h", "cpu", "1"]] * 4
    made = sampled([*good, *([f"x{i}", "cart", "h", "cpu", "1"] for i in range(3))])
    remarks = [one for one in made if isinstance(one, Problem)]
    assert [(one.code, one.quarantined, one.message[:9]) for one in remarks] == [("time", False, "3 records")]
