"""Elements of a drawing as text: escaped, wrapped by an estimate of how wide letters are, rounded to a tenth."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from typing import TYPE_CHECKING

from afterword.drawing import palette, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]{} /\\`-"), frozenset("mwMW@%&—→")


def text_width(words: str, size: float = 12) -> float:
    """About how wide a line is, in units of the drawing: no glyph is measured, so it errs to the wide side."""
    total = 0.0
    for char in words:
        if char in _NARROW:
            total += 0.38
        elif char in _WIDE or unicodedata.east_asian_width(char) in "WF":
            total += 1.0
        else:
            total += 0.68 if char.isupper() else 0.6
    return total * size


def wrap(words: str, width: float, most: int, size: float = 12) -> list[str]:
    """Lines no wider than ``width``; what does not fit into ``most`` lines ends in an ellipsis."""
    lines: list[str] = []
    rest = visible.marked(" ".join(words.split()))
    while rest and len(lines) < most:
        cut = _cut(rest, width, size)
        line, rest = rest[:cut].rstrip(), rest[cut:].lstrip()
        lines.append(line)
    if rest and lines:
        lines[-1] = shorten(f"{lines[-1]} {rest}", width, size)
    return lines


def _cut(words: str, width: float, size: float) -> int:
    """How many characters fit; at least one, and at a blank or a joint where there is one."""
    if text_width(words, size) <= width:
        return len(words)
    fits = 1
    while fits < len(words) and text_width(words[: fits + 1], size) <= width:
        fits += 1
    for joints, least in ((" ", fits // 2), ("_-/.:,", fits // 2), (" ", fits // 5)):
        for at in range(fits, least, -1):
            if words[at] == " " or words[at - 1] in joints:
                return at
    return fits


def shorten(words: str, width: float, size: float = 12) -> str:
    """One line with an ellipsis at the end where it is too long."""
    plain = visible.marked(" ".join(words.split()))
    if text_width(plain, size) <= width:
        return plain
    while plain and text_width(f"{plain}…", size) > width:
        plain = plain[:-1]
    return f"{plain.rstrip()}…"


def num(value: float) -> str:
    """A coordinate: a tenth is finer than any screen."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def esc(words: str) -> str:
    """Text for content or attribute: inert, with nothing that XML forbids."""
    return escape(visible.marked(words).replace("\n", " ").replace("\t", " "), quote=True)


def tag(name: str, content: str = "", **attributes: str | float) -> str:
    """An element. ``cls`` is the class, ``x1`` a number; an underscore in a name is a hyphen."""
    written = "".join(f" {_attribute(key, value)}" for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _attribute(key: str, value: str | float) -> str:
    """Classes get the prefix of the house, so that no stylesheet of a page around the drawing touches them."""
    if key == "cls":
        names = (f"{palette.PREFIX}{name}" for name in str(value).split())
        return f'class="{" ".join(names)}"'
    return f'{key.replace("_", "-")}="{num(value) if isinstance(value, int | float) else esc(value)}"'


def text(x: float, y: float, words: str, cls: str = "", **attributes: str | float) -> str:
    """One line of text, baseline at ``y``."""
    return tag("text", esc(words), x=x, y=y, **({"cls": cls} if cls else {}), **attributes)


def spans(x: float, y: float, words: Iterable[tuple[str, str]], *, cls: str = "") -> str:
    """One line of several styles, each ``(words, class)``; the browser sets them side by side."""
    inner = " ".join(tag("tspan", esc(piece), cls=style) for piece, style in words if piece)
    return tag("text", inner, x=x, y=y, **({"cls": cls} if cls else {}))


def group(parts: Iterable[str], *, title: str = "", **attributes: str | float) -> str:
    """Elements that belong together; ``title`` is what a pointer resting on them is told."""
    told = tag("title", esc(title)) if title else ""
    return tag("g", told + "".join(parts), **attributes)


def picture(
    scope: str,
    width: float,
    height: float,
    title: str,
    about: str,
    rules: str,
    parts: Iterable[str],
    *,
    least: float = 0,
) -> str:
    """The whole drawing. ``least`` is the width below which it would not be legible: a page then lets it scroll."""
    room = f"{{width:100%;height:auto;max-width:{num(width * 1.25)}px;min-width:{num(least or width * 0.62)}px}}"
    # Its own paper: on a page, or in a viewer, whose light is not that of the system the words stay legible.
    ground = tag("rect", width=width, height=height, cls="ground")
    css = palette.style(scope, f".ground{{fill:$paper}}\n{rules}") + f"svg.{scope}{room}\n"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{scope}" viewBox="0 0 {num(width)} {num(height)}" width="100%" '
        f'role="img" aria-labelledby="{scope}-title {scope}-desc">'
    )
    return (
        f'{head}\n<title id="{scope}-title">{esc(title)}</title>\n<desc id="{scope}-desc">{esc(about)}</desc>\n'
        f"<style>\n{css}</style>\n" + "\n".join(part for part in (ground, *parts) if part) + "\n</svg>\n"
    )


def only_ours(svg: str) -> bool:
    """Whether the text is a drawing of this room: no script, no reference to anything outside of it."""
    elements = set(re.findall(r"<([A-Za-z][\w:-]*)", svg))
    attributes = set(re.findall(r'\s([A-Za-z_:][\w:.-]*)\s*=\s*"', re.sub(r">[^<]*<", "><", svg)))
    return (
        elements <= _ELEMENTS
        and attributes <= _ATTRIBUTES
        and "<!" not in svg
        and "url(" not in re.sub(r"url\(#[\w-]+\)", "", svg)
    )


#: What the drawings of this house are made of; nothing in it runs or leads anywhere.
_ELEMENTS = frozenset(
    ("svg", "title", "desc", "style", "defs", "pattern", "clipPath", "g", "rect", "line", "path", "circle", "text", "tspan")
)  # fmt: skip
_ATTRIBUTES = frozenset(
    ("xmlns", "class", "viewBox", "width", "height", "role", "aria-labelledby", "id", "x", "y", "x1", "y1", "x2", "y2",
     "cx", "cy", "r", "rx", "d", "fill", "transform", "text-anchor", "clip-path", "patternUnits", "patternTransform")
)  # fmt: skip
