"""The only codec: words to JSON and back, all errors at once.

``encode`` is what the records keep; ``public`` is what faces show: citations as text, times as RFC 3339.
Both walk the words themselves, so that answering needs no schema library; only ``decode`` and ``schema`` do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import PurePath
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin

from afterword.app import annotation
from afterword.model.evidence import Citation
from afterword.model.refusal import InvalidError, UnreadableError
from afterword.model.time import Instant, iso, zone_text

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

#: Fields that hold nanoseconds since the epoch, by the word that has them. A time elsewhere is text already.
_TIMES: Mapping[str, frozenset[str]] = {
    "Moment": frozenset({"at", "until", "earliest", "latest"}),
    "Point": frozenset({"at", "earliest", "latest"}),
    "Cause": frozenset({"at", "earliest", "latest"}),
    "Signal": frozenset({"onset", "earliest", "latest", "back"}),
    "Event": frozenset({"at", "until"}),
    "Span": frozenset({"start", "end"}),
    "Firing": frozenset({"start", "end"}),
    "Backtest": frozenset({"fired_at", "did_fire_at"}),
    "Evidence": frozenset({"first_at", "last_at"}),
    "Fingerprint": frozenset({"started"}),
    "Options": frozenset({"at"}),
}


def encode(word: Any) -> Any:
    """A word as plain JSON values; ``decode`` gives the same word again."""
    return _walk(word, _structured)


def public(word: Any) -> Any:
    """A word as faces show it. Numbers that are not finite become null: JSON has no word for them."""
    return _walk(word, _shown)


def plain(value: Any) -> Any:
    """A value as a round through JSON would give it back: lists for tuples, text keys."""
    return json.loads(dumps(value))


def dumps(word: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. The same word always gives the same bytes."""
    text = json.dumps(encode(word), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "surrogatepass")


def loads(type_: type[T], body: bytes) -> T:
    """Read back what ``dumps`` wrote. Raises InvalidError with every reason."""
    try:
        found: T = _decode(type_, body, strict=True)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"this is not JSON: {error}") from error
    return found


def decode(type_: Any, data: Any) -> Any:
    """Plain JSON values as a word, strictly: text is never taken for a number or a truth value."""
    return _decode(type_, json.dumps(data, allow_nan=False).encode(), strict=True)


def decode_text(type_: Any, text: str) -> Any:
    """One value as people type it: ``5`` may be a number, ``false`` is False, and ``0`` is no truth value."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - the schema library is slow to load

    kind = _inner(type_)
    if kind is bool:
        return _truth(text)
    try:
        return TypeAdapter(type_).validate_strings(text, strict=True)
    except ValidationError as error:
        raise _invalid(error) from error


def schema(type_: Any, *, refs: str = "#/$defs/{model}") -> dict[str, Any]:
    """JSON Schema of what ``decode`` accepts; ``refs`` says where its definitions will stand."""
    from pydantic.errors import PydanticUserError  # noqa: PLC0415

    try:
        return _adapter(type_).json_schema(mode="validation", ref_template=refs)
    except (PydanticUserError, NameError):
        # A word whose annotations cannot be resolved at run time is shown, never read: any JSON stands for it.
        return {}


def public_schema(type_: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of what ``public`` makes of a word; words that have parts go to ``definitions`` by their name."""
    origin, parts = get_origin(type_), get_args(type_)
    if origin in (Union, UnionType):
        return {"anyOf": [public_schema(part, definitions) for part in parts]}
    if origin is Literal:
        return {"enum": list(parts)}
    if origin in (tuple, list) or type_ in (tuple, list):
        items = [part for part in parts if part is not Ellipsis]
        same = len(items) == 1 or not items
        return {"type": "array", "items": public_schema(items[0], definitions) if items and same else {}}
    if origin in (dict, Mapping) or type_ is dict:
        return {"type": "object", "additionalProperties": public_schema(parts[1], definitions) if parts else {}}
    return _schema_of_one(type_, definitions)


_PLAIN: Mapping[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"]},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Citation: {"type": "string", "description": "A citation, such as E3:12-14"},
    Instant: {"type": "string", "description": "RFC 3339; without an offset where no zone was stated"},
}


def _schema_of_one(type_: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if type_ in _PLAIN:
        return dict(_PLAIN[type_])
    if isinstance(type_, type) and issubclass(type_, Enum):
        return {"enum": [one.value for one in type_]}
    if not is_dataclass(type_) or not isinstance(type_, type):
        return {}
    name = type_.__name__
    if name not in definitions:
        definitions[name] = {}  # stands while a word that holds itself is described
        definitions[name] = _schema_of_word(type_, definitions)
    return {"$ref": f"#/components/schemas/{name}"}


def _schema_of_word(type_: type, definitions: dict[str, Any]) -> dict[str, Any]:
    times = _TIMES.get(type_.__name__, frozenset())
    properties: dict[str, Any] = {}
    zoned = False
    for name, kind in annotation.fields_of(type_).items():
        parts = (kind, *get_args(kind))
        zoned = zoned or Instant in parts or (name == "offset" and bool(times))
        if name in times and int in parts:
            text = dict(_PLAIN[Instant])
            properties[name] = {"anyOf": [text, {"type": "null"}]} if type(None) in parts else text
        elif not (name == "offset" and times):
            properties[name] = public_schema(kind, definitions)
    if zoned:
        properties["zone"] = {"type": ["string", "null"]}
    doc = (type_.__doc__ or "").partition("\n")[0]
    return {"type": "object", "description": doc, "properties": properties}


def _decode(type_: Any, body: bytes, *, strict: bool) -> Any:
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        return _adapter(type_).validate_json(body, strict=strict)
    except ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: Any) -> InvalidError:
    reasons = tuple(
        ": ".join(part for part in (".".join(map(str, one["loc"])), _plainly(one["msg"])) if part)
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    )
    return InvalidError("; ".join(reasons), reasons)


def _plainly(message: str) -> str:
    """The words of the schema library, as a sentence about the value."""
    return message.replace("Input should be", "must be", 1)


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word not in {"true", "yes", "on", "false", "no", "off"}:
        raise InvalidError("say true or false", ("say true or false",))
    return word in {"true", "yes", "on"}


def _inner(type_: Any) -> Any:
    """``bool`` of ``bool | None``."""
    parts = [part for part in getattr(type_, "__args__", ()) if part is not type(None)]
    return parts[0] if len(parts) == 1 and type(None) in getattr(type_, "__args__", ()) else type_


@cache
def _adapter(type_: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(type_)


def _walk(value: Any, show: Callable[[Any], Any]) -> Any:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | str | int | float):
        return None if isinstance(value, float) and not math.isfinite(value) else value
    if isinstance(value, Mapping):
        return {str(_walk(key, show)): _walk(one, show) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        listed = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_walk(one, show) for one in listed]
    return _walk_word(value, show)


def _walk_word(value: Any, show: Callable[[Any], Any]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return show(value)
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "item"):
        return _walk(value.item(), show)
    raise TypeError(f"{type(value).__name__} is no word and no JSON value")


def _structured(word: Any) -> Any:
    return {one.name: _walk(getattr(word, one.name), _structured) for one in fields(word)}


def _shown(word: Any) -> Any:
    if isinstance(word, Citation):
        return str(word)
    if isinstance(word, Instant):
        return word.iso()
    times = _TIMES.get(type(word).__name__, frozenset())
    zoned = getattr(word, "offset", 0) is not None
    made: dict[str, Any] = {}
    for one in fields(word):
        if not one.repr:
            continue  # what no face may show, such as the key of a seal
        value = getattr(word, one.name)
        timed = one.name in times and isinstance(value, int)
        made[one.name] = iso(value, zoned=zoned) if timed else _walk(value, _shown)
        if isinstance(value, Instant):
            made.setdefault("zone", value.zone())
    if "offset" in made and times:
        made["zone"] = zone_text(made.pop("offset"))
    return made
