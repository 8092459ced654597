"""Options of a connector as people write them in a file: a text, a list, a number; refused when they are something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.ports import Ask


def text(ask: Ask, name: str, default: str = "") -> str:
    value = ask.options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _wrong(name, "a text")
    return str(value)


def needed(ask: Ask, name: str) -> str:
    return text(ask, name) or _missing(name)


def texts(ask: Ask, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A list, or one text with commas between its parts."""
    value = ask.options.get(name, default)
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, list | tuple) or not all(isinstance(one, str | int) for one in value):
        raise _wrong(name, "a list of texts")
    return tuple(str(one) for one in value)


def number(ask: Ask, name: str, default: int, *, most: int) -> int:
    """A whole number from 1 to ``most``."""
    value = ask.options.get(name, default)
    found = int(value) if isinstance(value, str) and value.isdigit() and len(value) < 10 else value
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= most:
        raise _wrong(name, f"a whole number from 1 to {most}")
    return found


def yes(ask: Ask, name: str, *, default: bool = False) -> bool:
    value = ask.options.get(name, default)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise _wrong(name, "true or false")
    return value


def _wrong(name: str, wanted: str) -> InvalidError:
    return InvalidError(f"The option {name} has to be {wanted}.", (f"{name}: {wanted} is needed",))


def _missing(name: str) -> str:
    raise InvalidError(f"The option {name} is needed.", (f"{name}: is needed",))
