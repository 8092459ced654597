"""Numbers of an Open-PSA document: expressions, parameters, and groups of events with a common cause."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from afterword.core.cause.expression import KINDS, wrong_shape
from afterword.model.refusal import InvalidError
from afterword.model.tree import CommonCause, CommonCauseModel, Expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterword.app.xml_reader import Element

#: The one parameter that a document may use without defining it.
MISSION_TIME = "system-mission-time"
_MODELS = {model.value: model for model in CommonCauseModel}
_MOST_MEMBERS = 1_000


def refuse(element: Element, why: str = "is not supported") -> NoReturn:
    raise InvalidError(f"line {element.line}: <{element.tag[:40]}> {why}")


def name_of(element: Element) -> str:
    name = element.attributes.get("name", "").strip()
    if not name:
        refuse(element, "has no name")
    return name


def expression(element: Element, named: Callable[[Element], str]) -> Expression:
    """``named`` tells which parameter an element means."""
    if element.tag == "parameter":
        return Expression("parameter", name=named(element))
    if element.tag == MISSION_TIME:
        return Expression("parameter", name=MISSION_TIME)
    if element.tag in ("float", "int"):
        return Expression("float", value=decimal(element))
    if element.tag == "bool":
        return Expression("bool", value=float(truth(element, "bool")))
    if element.tag not in KINDS:
        refuse(element)
    inputs = tuple(expression(child, named) for child in _inputs(element))
    wrong = wrong_shape(element.tag, len(inputs))
    if wrong:
        refuse(element, wrong)
    return Expression(element.tag, inputs)


def _inputs(element: Element) -> list[Element]:
    """Bins of a histogram and cases of a switch are written as pairs."""
    inputs: list[Element] = []
    for child in element.children:
        if child.tag not in ("bin", "case"):
            inputs.append(child)
        elif len(child.children) == 2 and {"bin": "histogram", "case": "switch"}[child.tag] == element.tag:
            inputs += child.children
        else:
            refuse(child, f"holds {len(child.children)} expressions, or stands in a <{element.tag[:40]}>")
    return inputs


def common_cause(element: Element, event: Callable[[Element], str], named: Callable[[Element], str]) -> CommonCause:
    """``event`` tells which basic event a member is."""
    name = name_of(element)
    model = _MODELS.get(element.attributes.get("model", "").strip())
    if model is None:
        refuse(
            element, f"{name!r} is of the model {element.attributes.get('model', '')[:20]!r}, which is not supported"
        )
    members: list[str] = []
    total: list[Expression] = []
    factors: list[tuple[int, Expression]] = []
    first = 2 if model in (CommonCauseModel.MGL, CommonCauseModel.BETA) else 1
    for child in element.children:
        if child.tag == "members":
            members += [event(one) for one in child.children]
        elif child.tag == "distribution" and len(child.children) == 1:
            total.append(expression(child.children[0], named))
        elif child.tag in ("factor", "factors"):
            for one in child.children if child.tag == "factors" else [child]:
                factors.append(_factor(one, len(factors) + first, named))
        elif child.tag not in ("label", "attributes"):
            refuse(child)
    if len(total) != 1 or not 2 <= len(set(members)) == len(members) <= _MOST_MEMBERS:
        refuse(element, f"{name!r} needs one distribution and different members, two or more")
    if len({level for level, _ in factors}) < len(factors):
        refuse(element, f"{name!r} has two factors of one level")
    return CommonCause(name, model, tuple(members), total[0], tuple(factors))


def _factor(element: Element, otherwise: int, named: Callable[[Element], str]) -> tuple[int, Expression]:
    """Level and value; a level that is not written is the next one."""
    level = element.attributes.get("level", "").strip() or str(otherwise)
    if element.tag != "factor" or len(element.children) != 1 or not re.fullmatch(r"[1-9]\d{0,3}", level, re.ASCII):
        refuse(element, "is not one expression with a level")
    return int(level), expression(element.children[0], named)


def whole(element: Element, attribute: str, least: int, most: int) -> int:
    text = element.attributes.get(attribute, "").strip()
    if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
        refuse(element, f"needs a {attribute} between {least} and {most}, not {text[:20]!r}")
    return int(text)


def truth(element: Element, tag: str = "constant") -> bool:
    value = element.attributes.get("value", "").strip().lower()
    if element.tag != tag or value not in {"true", "false"}:
        refuse(element, "is not a constant true or false")
    return value == "true"


def decimal(element: Element) -> float:
    text = element.attributes.get("value", "").strip()
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", text, re.ASCII):
        refuse(element, f"has the value {text[:20]!r}, which is not a number")
    return float(text)
