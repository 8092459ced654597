"""Documents in a few words, and texts that an attacker or a broken encoding would put into the evidence."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import strategies as st

from afterword.model.claim import Claim
from afterword.model.document import Bullets, Document, Note, Paragraph, Picture, Said, Section, Table, Words
from afterword.model.evidence import Citation, Place

DATA = Path(__file__).resolve().parents[3] / "../shared/data"
CITE = Citation("E3", Place(0, 40, 12, 14))

HOSTILE = (
    "</span></a><script>alert(1)</script>",
    "</svg><script>alert(1)</script>",
    "<!-- --> <img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example mailto:a@evil.example <https://evil.example>",
    "| a | b |\n| --- | --- |",
    "`code` ``more`` ``` fence",
    "**bold** __bold__ *em* _em_ ~~gone~~ a_b_c __init__ snake_case",
    "# heading\n- list\n1. one\n> quote\n---\n===",
    "price $x^2$ @here @octocat &copy; &#60; &amp;",
    "safe\u202egnp.exe\u2066 zero\u200bwidth\u00ad nul\x00 bell\x07 esc\x1b[31m",
    "\\ back\\slash \\` \\| \\* \\<",
    '"quoted" \'single\' <a id="c1">spoof</a> [`E1:1`](#e1 "c1")',
    "line one\r\nline two\rline three\u2028four\x85five",
    "⟨U+202E⟩ ␛ ⏎ 👩\u200d💻 שלום नमस्ते",
    "\ud800 lone \ufffe not a character",
    " \t edge ",
    "",
)
_PIECES = (*"`*_[]()<>!#|~\\&$@:/-+=. \t\n\r\"'x1", "a id=", "</a>", "<a ", '"c1"', "<code>", "&#124;", "&#8203;", "**", "www.", "⟨U+", "⏎", "␀", "\u202e", "\x00", "\u2028")  # fmt: skip

#: Anything at all, and texts made of what has a meaning somewhere.
texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=40), st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)
)


def squeezed(text: str) -> str:
    """As ``verify`` compares."""
    return " ".join(text.split())


def document(*said: str, title: str = "A title", note: str = "", words: str = "Words ") -> Document:
    """Each text as a claim at the start of a paragraph, bold, in a list, and in a table as letters of a terminal."""
    claims = tuple(Claim(f"c{n}", "moment", {"id": "m"}, text, text, ()) for n, text in enumerate(said, 1))
    cite = Claim(f"c{len(said) + 1}", "line", {"evidence": "E3"}, "the quoted line", str(CITE), (CITE,))
    blocks: list[Paragraph | Bullets | Table | Note | Picture] = []
    for claim in claims:
        blocks.append(Paragraph((Said(claim.id, claim.text), Words(" and "), Said(claim.id, claim.text, strong=True))))
        blocks.append(Paragraph((Words(words), Said(claim.id, claim.text), Words("."))))
        blocks.append(
            Bullets(((Said(claim.id, claim.text),), (Words(words), Said(claim.id, claim.text))), depths=(0, 2))
        )
        blocks.append(
            Table(("Head", "Quote"), (((Said(claim.id, claim.text),), (Said(claim.id, claim.text, code=True),)),))
        )
    blocks.append(Paragraph((Words("See "), Said(cite.id, cite.text, code=True))))
    blocks.append(Picture("timeline", "<svg></svg>", "What the picture shows"))
    if note:
        blocks.append(Note(note, "Ada"))
    index = Table(("Id", "Name"), (((Words("E3", strong=True),), (Words(words),)),))
    sections = (Section("summary", "Summary", tuple(blocks)), Section("evidence", "Evidence index", (index,)))
    return Document("INC-1", title, sections, (*claims, cite))


def naughty() -> list[str]:
    """Strings and payloads that others collected; empty where the data is not here."""
    blns = DATA / "bad-input/blns/blns.json"
    payloads = DATA / "bad-input/xss-payload-list/Intruder/xss-payload-list.txt"
    if not (blns.exists() and payloads.exists()):
        return []
    return [*json.loads(blns.read_text()), *payloads.read_text(errors="replace").splitlines()]
