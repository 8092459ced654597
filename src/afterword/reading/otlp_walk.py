"""The events of a request of OTLP that is a JSON value, each at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.reading import json_walk, otlp_object, otlp_record
from afterword.reading.otlp_record import About, Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from afterword.model.event import Event
    from afterword.model.evidence import Place
    from afterword.reading.json_value import Node

    Read = Iterator[Event | Problem | Skipped]
    #: Where an element stands, by its node, its kind, and its number in the request.
    Placed = Callable[[Node, str, int], Place]


def request(node: Node, names: Names, placed: Placed | None = None) -> Read:
    """The events of a request; the only element of one has the place of the request, unless ``placed`` says otherwise."""
    value, number = node.value, 0
    ways = [(kind, way) for kind, levels in otlp_object.WAYS if (way := otlp_object.way(value, levels))]
    # In a piece of a large document an element may be the only one here, and is not the only one there.
    alone = node.text.whole and sum(json_walk.count(value, way) for _, way in ways) == 1
    for kind, way in ways:
        last: tuple[Any, ...] = ()
        about = About()
        for trail, leaf in json_walk.elements(node, way):
            number += 1
            if not last or trail[-1] is not last[-1] or trail[-2] is not last[-2]:
                last, about = trail, otlp_object.about(trail, kind)
            place = placed(leaf, kind, number) if placed else node.place() if alone else leaf.place()
            if not isinstance(leaf.value, dict):
                yield Problem("no object where an element of OTLP is expected", place, Gravity.WARNING, "otlp")
            else:
                yield from _element(kind, leaf.value, trail, about, place, names)
    if not number:
        yield Skipped("a request that holds nothing", placed(node, "request", 0) if placed else node.place())


def _element(
    kind: str, value: dict[str, Any], trail: json_walk.Trail, about: About, place: Place, names: Names
) -> Read:
    if kind == "span":
        return otlp_record.span(otlp_object.span(value), about, place)
    if kind == "log":
        return otlp_record.log(otlp_object.log(value), about, place)
    return otlp_record.point(otlp_object.point(value, trail), about, place, names)
