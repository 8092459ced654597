"""Forms: what a person typed, kept as typed until it is accepted, with what is wrong beside each field."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.model.refusal import RefusalError

#: Fields beyond this number are no form of ours.
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """One form as it came back. ``errors``: sentences by field; ``message``: what belongs to no field."""

    name: str = ""
    values: Mapping[str, list[str]] = field(default_factory=dict)
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    message: str = ""

    @classmethod
    def refused(cls, name: str, values: Mapping[str, list[str]], error: RefusalError) -> Filled:
        errors: dict[str, tuple[str, ...]] = {}
        rest: list[str] = []
        for reason in getattr(error, "reasons", ()):
            one, colon, says = reason.partition(": ")
            if colon and one.replace("_", "").isalpha():
                errors[one] = (*errors.get(one, ()), says)
            else:
                rest.append(reason)
        if not errors and not rest:
            rest = [str(error)]
        return cls(name, values, errors, " ".join(rest))

    def value(self, form: str, name: str, default: str = "") -> str:
        """What the person typed into this field of this form; the default where it was not typed into."""
        if self.name != form:
            return default
        return "\n".join(self.values.get(name, [""]))

    def chosen(self, form: str, name: str) -> list[str] | None:
        """What was ticked; None when this form was not sent."""
        return list(self.values.get(name, [])) if self.name == form else None

    def wrong(self, form: str, name: str) -> tuple[str, ...]:
        return self.errors.get(name, ()) if self.name == form else ()

    def others(self, form: str, shown: tuple[str, ...]) -> str:
        """What is wrong and belongs to none of the fields that the form shows."""
        if self.name != form:
            return ""
        unseen = [f"{name}: {says}" for name, all_ in self.errors.items() if name not in shown for says in all_]
        return " ".join([*([self.message] if self.message else []), *unseen])


def parse(body: bytes) -> dict[str, list[str]]:
    """The fields of a form, line ends as people mean them. Raises InvalidError."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidError(f"this is not a form: {error}") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\r", "\n"))
    return found


def arguments(typed: Mapping[str, list[str]], blank: tuple[str, ...] = ()) -> dict[str, Any]:
    """Fields as arguments: an empty field was not given, unless its emptiness means something."""
    given = {name: [v for v in values if v.strip() or name in blank] for name, values in typed.items()}
    return {name: values for name, values in given.items() if values}
