"""Facts of the objects of a document of YAML that describes Kubernetes, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from afterword.model.event import Event, Kind
from afterword.model.evidence import Skipped
from afterword.reading import fact, kube_object, kube_print, name, strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.reading.strict_yaml import Node


class Object(NamedTuple):
    """One object with its facts; ``subject`` is ``deployment/cart``."""

    subject: str
    facts: Mapping[str, str]


def events(node: Node) -> Iterator[Event | Skipped]:
    """The facts of an object, or of each member of a list of objects."""
    items = node.get("items")
    members = items.items() if items is not None and node.said("kind").endswith("List") else [node]
    for one in members:
        found = described(plain(one))
        if found is None:
            yield Skipped("no object of Kubernetes", one.place())
        else:
            yield Event(
                Kind.STATE, one.place(), None, found.subject, kube_print.SAYS, severity="info", offset=None,
                attributes=fact.attributes(found.facts),
            )  # fmt: skip


def objects(text: str) -> list[Object]:
    """The objects that a text of YAML describes; none when it cannot be relied on."""
    try:
        made = [described(plain(node)) for node in strict_yaml.documents(text.encode("utf-8", "replace"))]
    except Malformed:
        return []
    return [one for one in made if one is not None]


def described(value: Any) -> Object | None:
    """The facts of one object, None when it is none."""
    if not isinstance(value, dict) or not isinstance(value.get("metadata"), dict):
        return None
    kind, called = name.text(value.get("kind")).lower(), name.text(value["metadata"].get("name"))
    if not kind or not called:
        return None
    facts = {key: "\n".join(values) for key, values in kube_object.facts(value).items()}
    return Object(f"{kind}/{called}", {"manifest": "true", **facts})


def plain(node: Node) -> Any:
    """The values of a node without their places."""
    if isinstance(node.value, dict):
        return {key: plain(one) for key, one in node.value.items()}
    if isinstance(node.value, list):
        return [plain(one) for one in node.value]
    return node.value
