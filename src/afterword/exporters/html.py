"""One self-contained page: nothing is fetched, it reads without scripts, and every claim can be read back.

A claim is ``<span class="claim" data-claim="c12">its words</span>``; only the first of several carries the id. The
words inside are exactly those that are verified: local times are shown by elements beside it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from html import escape
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING

from afterword.drawing import svg, visible
from afterword.exporters import card
from afterword.model.document import Bullets, Note, Paragraph, Picture, Said, Table
from afterword.ports import Exporter, Rendered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.model.document import Block, Document, Inline, Section

_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)? UTC")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
#: The picture that tells the whole story stands right below the summary.
_FIRST_PICTURE = "timeline"


def render(doc: Document, quotes: Mapping[str, str]) -> Rendered:
    """The document as a page; ``quotes`` holds the quoted line of each citation, by the text of the citation."""
    return Rendered("text/html", ".html", _Page(doc, quotes).write().encode())


def claims_in(text: str) -> list[tuple[str, str]]:
    """Every claim of a page with the words that stand for it, in order; a claim said twice is there twice."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Collects the words inside of each span that says which claim it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._open: list[str | None] = []
        self._words: list[str] = []
        self._claim = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "span":
            return
        claim = dict(attrs).get("data-claim")
        self._open.append(claim)
        if claim:
            self._claim, self._words = claim, []

    def handle_endtag(self, tag: str) -> None:
        if tag == "span" and self._open and self._open.pop():
            self.found.append((self._claim, visible.read("".join(self._words))))
            self._claim = ""

    def handle_data(self, data: str) -> None:
        if self._claim:
            self._words.append(data)


@cache
def _asset(name: str) -> str:
    return files("afterword.exporters").joinpath(name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _esc(words: str) -> str:
    return escape(visible.shown(words, lines=True), quote=True)


class _Page:
    """Writes the page; knows which citations were quoted and which anchors stand already."""

    def __init__(self, doc: Document, quotes: Mapping[str, str]) -> None:
        self.doc = doc
        self.quotes = quotes
        self._cites = {one.id for one in doc.claims if one.op == "line"}
        self._anchored: set[str] = set()
        #: Citations in the order in which they are first shown.
        self._quoted: dict[str, int] = {}

    def write(self) -> str:
        body = "\n".join(self.body())
        style, script = _asset("page.css"), _asset("page.js")
        styles = " ".join(dict.fromkeys(map(_hash, [style, *_STYLE.findall(body)])))
        policy = (
            f"default-src 'none'; style-src {styles}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
        )
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            f"<title>{_esc(self.doc.title)}</title>\n<style>{style}</style>\n</head>\n"
            f"<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
        )

    def body(self) -> Iterator[str]:
        sections = [self.section(one) for one in self.doc.sections]
        quoted = self.quoted()
        yield '<a class="skip" href="#text">Skip to the text</a>'
        yield (
            '<header class="bar"><span class="brand">Postmortem</span>'
            f'<span class="incident">{_esc(self.doc.incident)}</span><span class="tools" hidden>'
            '<button type="button" data-does="times" aria-pressed="false" title="Show times in the zone of this computer (t)">UTC</button>'
            '<button type="button" data-does="theme" title="Light or dark (d)">Light / dark</button>'
            '<button type="button" data-does="help" title="Keys (?)">?</button></span></header>'
        )
        yield '<div class="stage">'
        yield from self.contents(with_quotes=bool(quoted))
        yield f'<main id="text">\n<h1>{_esc(self.doc.title)}</h1>'
        yield from self.figures()
        yield "\n".join(sections)
        yield quoted
        yield "</main>\n</div>"
        yield _asset("page.html")

    def contents(self, *, with_quotes: bool) -> Iterator[str]:
        yield '<nav class="toc" aria-label="Contents"><details open><summary>Contents</summary><ol>'
        for one in self.doc.sections:
            quiet = ' class="unwritten"' if _unwritten(one) else ""
            yield f'<li{quiet}><a href="#{_esc(one.id)}">{_esc(one.title)}</a></li>'
        if with_quotes:
            yield '<li><a href="#quoted">Evidence quoted</a></li>'
        yield "</ol></details></nav>"

    def figures(self) -> Iterator[str]:
        """The figures that everybody looks for first, as the claims of the document that they are."""
        found = card.figures(self.doc)
        if found:
            yield '<dl class="figures">'
            for name, said in found:
                yield f"<div><dt>{_esc(name)}</dt><dd>{_aside(self.inline(said))}</dd></div>"
            yield "</dl>"

    def section(self, section: Section) -> str:
        id_, quiet = _esc(section.id), " unwritten" if _unwritten(section) else ""
        made = [
            f'<section id="{id_}" class="part{quiet}">',
            _headline(section.title, id_),
        ]
        blocks = [one for one in section.blocks if not _is_first_picture(one)]
        made += [self.block(one, index=section.id == "evidence") for one in blocks]
        if len(blocks) < len(section.blocks):
            made.insert(2, '<p class="aside"><a href="#picture">The picture of it stands below the summary.</a></p>')
        made.append("</section>")
        if section.id == "summary":
            every = [block for one in self.doc.sections for block in one.blocks]
            made += [self.picture(one) for one in every if isinstance(one, Picture) and _is_first_picture(one)]
        return "\n".join(made)

    def block(self, block: Block, *, index: bool) -> str:
        if isinstance(block, Paragraph):
            return f"<p>{self.inlines(block.inlines)}</p>"
        if isinstance(block, Bullets):
            return "".join(self.bullets(block))
        if isinstance(block, Table):
            return "".join(self.table(block, index=index))
        if isinstance(block, Picture):
            return self.picture(block)
        return f'<blockquote class="note"><p class="by">Written by {_esc(block.by)}</p>{_passages(block)}</blockquote>'

    def bullets(self, bullets: Bullets) -> Iterator[str]:
        """Nested lists from the depths of the items."""
        name = "ol" if bullets.ordered else "ul"
        depth = -1
        for item, wanted in zip(bullets.items, bullets.depths or (0,) * len(bullets.items), strict=True):
            wanted = min(wanted, depth + 1)
            if wanted > depth:
                yield f"<{name}>"
            else:
                yield "</li>" + f"</{name}></li>" * (depth - wanted)
            depth = wanted
            yield f"<li>{self.inlines(item)}"
        yield f"</li></{name}>" * (depth + 1)

    def table(self, table: Table, *, index: bool) -> Iterator[str]:
        yield '<div class="scroll" tabindex="0"><table><thead><tr>'
        yield from (f'<th scope="col">{_esc(one)}</th>' for one in table.head)
        yield "</tr></thead><tbody>"
        for row in table.rows:
            anchor = f' id="{_esc(row[0][0].text.lower())}"' if index and row and row[0] else ""
            yield f"<tr{anchor}>" + "".join(f"<td>{self.inlines(cell)}</td>" for cell in row) + "</tr>"
        yield "</tbody></table></div>"

    def picture(self, picture: Picture) -> str:
        """The drawing itself; one that did not come from this house is told in words."""
        drawing = picture.svg.strip() if svg.only_ours(picture.svg) else f"<p>{_esc(picture.alt)}</p>"
        anchor = ' id="picture"' if _is_first_picture(picture) else ""
        return (
            f'<figure{anchor}><div class="scroll" tabindex="0">{drawing}</div>'
            f"<figcaption>{_esc(picture.alt)}</figcaption></figure>"
        )

    def inlines(self, inlines: Sequence[Inline]) -> str:
        return "".join(map(self.inline, inlines))

    def inline(self, one: Inline) -> str:
        words = _esc(one.text)
        if isinstance(one, Said):
            words = self.said(one, words)
        if one.strong:
            words = f"<strong>{words}</strong>"
        return words

    def said(self, one: Said, words: str) -> str:
        id_ = "" if one.claim in self._anchored else f' id="{_esc(one.claim)}"'
        self._anchored.add(one.claim)
        if one.claim in self._cites:
            return f'<span class="claim cite"{id_} data-claim="{_esc(one.claim)}">{self.cited(one, words)}</span>'
        if one.code:
            return f'<q><span class="claim quote"{id_} data-claim="{_esc(one.claim)}">{words}</span></q>'
        time = _TIME.fullmatch(one.text)
        if time:
            day, clock, fraction = time.groups()
            words = f'<span class="day">{day} </span>{clock}<span class="day">{fraction or ""} UTC</span>'
        return f'<span class="claim"{id_} data-claim="{_esc(one.claim)}"{" data-time" if time else ""}>{words}</span>'

    def cited(self, one: Said, words: str) -> str:
        """A citation leads to its line in the list at the end, and tells it to a pointer that rests on it."""
        if one.text not in self.quotes:
            return f"<code>{words}</code>"
        number = self._quoted.setdefault(one.text, len(self._quoted) + 1)
        return f'<a href="#q{number}" title="{_esc(self.quotes[one.text])}"><code>{words}</code></a>'

    def quoted(self) -> str:
        """Every line that the document cites, as it stands in the evidence."""
        if not self._quoted:
            return ""
        first = {one.text: one.id for one in reversed(self.doc.claims) if one.op == "line"}
        rows = (
            f'<li id="q{number}"><a class="back" href="#{_esc(first[text])}" title="Back to the text">{_esc(text)}</a>'
            f'<pre tabindex="0">{_esc(self.quotes[text])}</pre></li>'
            for text, number in self._quoted.items()
        )
        head = _headline("Evidence quoted", "quoted")
        return f'<section id="quoted" class="part">{head}<ol class="quoted">{"".join(rows)}</ol></section>'


def _aside(figure: str) -> str:
    """A figure with its bounds in smaller letters: ``31 min (30 min to 33 min)``."""
    return re.sub(r" (\([^()<]+\))</span>$", r' <span class="bounds">\1</span></span>', figure)


def _headline(title: str, id_: str) -> str:
    return f'<h2>{_esc(title)}<a class="here" href="#{id_}" aria-label="Link to this section">#</a></h2>'


def _unwritten(section: Section) -> bool:
    """A section that people are to write and nobody has written yet: no claim, no note, one sentence of the template."""
    return len(section.blocks) == 1 and all(
        isinstance(one, Paragraph) and not any(isinstance(inline, Said) for inline in one.inlines)
        for one in section.blocks
    )


def _is_first_picture(block: Block) -> bool:
    return isinstance(block, Picture) and block.name == _FIRST_PICTURE


def _passages(note: Note) -> str:
    passages = re.split(r"\n\s*\n", note.text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{_esc(one)}</p>" for one in passages)


EXPORTER = Exporter(
    "html", "One page that opens from disk: pictures, quoted evidence, dark mode, print", lambda doc: render(doc, {})
)
