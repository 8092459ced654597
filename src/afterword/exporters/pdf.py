"""Pages to print or to send: the same text and the same pictures as on the page of the browser, set by Typst.

The document goes to the template (``page.typ``) as data and is never written into it, so that no word of the evidence can be
read as a command. Nothing is fetched, and the same document gives the same bytes: it carries no date of its making.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from afterword.drawing import printed, visible
from afterword.exporters import json as plain
from afterword.exporters import markdown
from afterword.model.document import Said
from afterword.model.refusal import InvalidError
from afterword.ports import Exporter, Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.document import Document

#: So many letters of a quoted line are printed.
_LONGEST = 600
#: A column is at most so many times as wide as the narrowest, and no line of text makes one wider than so many letters.
_WIDEST, _LETTERS = 6, 60
#: A column of such short texts is as wide as they are.
_SHORT = 14
#: A piece without a joint is hyphenated from so many letters on.
_PIECE = 20


def render(doc: Document, quotes: Mapping[str, str]) -> Rendered:
    """The document as PDF; ``quotes`` as for the page. Raises InvalidError where Typst is not installed."""
    try:
        import typst  # noqa: PLC0415 - only who asks for pages needs it
    except ImportError:
        says = (
            "PDF needs one more package: pip install 'afterword[pdf]'. The HTML page prints from any browser as well."
        )
        raise InvalidError(says) from None
    template = files("afterword.exporters").joinpath("page.typ").read_bytes()
    inputs = {
        "document": json.dumps(_printable(doc)),
        "quotes": json.dumps(_quoted(doc, quotes)),
        "markdown": markdown.EXPORTER.render(doc).body.decode("utf-8", "replace"),
    }
    return Rendered("application/pdf", ".pdf", typst.compile(template, format="pdf", sys_inputs=inputs))


def _printable(doc: Document) -> dict[str, Any]:
    """The document as plain values, with pictures for paper and the share of the page that each column needs (0: what it needs)."""
    found: dict[str, Any] = json.loads(plain.render(doc).body)
    for section in found["sections"]:
        for block in section["blocks"]:
            if block["is"] == "picture":
                block["svg"] = printed.light(block["svg"])
            elif block["is"] == "table":
                block["widths"] = _widths(block)
    shown = _shown({"incident": found["incident"], "title": found["title"], "sections": found["sections"]})
    return dict(shown)


def _widths(table: Mapping[str, Any]) -> list[int]:
    """Of each column how wide it is beside the others, by its longest text within bounds."""
    rows = [table["head"], *(["".join(one["text"] for one in cell) for cell in row] for row in table["rows"])]
    columns = [[row[at] for row in rows if at < len(row)] for at in range(len(table["head"]))]
    longest = [min(max(map(len, column)), _LETTERS) for column in columns]
    least = max(min(longest), _LETTERS // _WIDEST)
    shares = [max(one, least, _word(column)) for one, column in zip(longest, columns, strict=True)]
    return [0 if one <= _SHORT else share for one, share in zip(longest, shares, strict=True)]


def _word(column: list[str]) -> int:
    """The letters of the longest piece that does not break, and a little room."""
    pieces = (piece for text in column for piece in re.split(r"[\s_/:@#-]", text))
    return min(max(map(len, pieces), default=0), _PIECE) + 3


def _shown(value: Any) -> Any:
    """Text with what would be invisible, or turn the line round, made visible; drawings have done so themselves."""
    if isinstance(value, str):
        return visible.shown(value, lines=True)
    if isinstance(value, dict):
        return {key: one if key == "svg" else _shown(one) for key, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, list) else value


def _quoted(doc: Document, quotes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The lines that the text cites, numbered as they are first cited."""
    found: dict[str, dict[str, Any]] = {}
    for text in _cited(doc):
        if text in quotes and text not in found:
            line = quotes[text]
            cut = line if len(line) <= _LONGEST else line[:_LONGEST] + " …"
            found[text] = {"number": len(found) + 1, "line": visible.shown(cut, lines=True)}
    return found


def _cited(doc: Document) -> Iterator[str]:
    lines = {one.id for one in doc.claims if one.op == "line"}
    for section in doc.sections:
        for block in section.blocks:
            for field in ("inlines", "items", "rows"):
                yield from (one.text for one in _said(getattr(block, field, ())) if one.claim in lines)


def _said(value: Any) -> Iterator[Said]:
    if isinstance(value, Said):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _said(one)


EXPORTER = Exporter(
    "pdf", "Pages to print or to send, with the text and its claims attached", lambda doc: render(doc, {})
)
