"""The page: opens from disk, runs nothing that came with the evidence, and gives every claim back."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from paper import CITE, HOSTILE, document, naughty, texts

from afterword.drawing import svg
from afterword.exporters import card, html
from afterword.model.claim import Claim
from afterword.model.document import Bullets, Paragraph, Picture, Said, Section, Words

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.model.document import Document

QUOTE = "</pre><script>alert('quoted')</script>\u202eevil"
DRAWING = svg.picture("aw-x", 100, 50, "A title", "about", ".x{fill:$ink}", [svg.text(1, 2, "words", "x")])


def page(doc: Document, quote: str = QUOTE) -> str:
    return html.render(doc, {str(CITE): quote}).body.decode()


class _Elements(HTMLParser):
    """What a browser would make of the page: elements, their attributes, and the words of the body."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = _Elements()
    reader.feed(text)
    return reader.elements


def trouble(text: str) -> list[str]:
    """Anything that runs, loads or leads away, beside the one script of the page."""
    found = [f"scripts: {n}" for n in [sum(tag == "script" for tag, _ in elements(text))] if n != 1]
    for tag, attributes in elements(text):
        if tag in ("img", "iframe", "object", "embed", "link", "base", "audio", "video", "input", "animate", "use"):
            found.append(tag)
        found += [f"{tag} {name}" for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
        href = attributes.get("href")
        if href is not None and not href.startswith("#"):
            found.append(f"{tag} to {href}")
    return found


def test_the_page_carries_claims_with_their_ids() -> None:
    made = page(document("checkout failed"))
    assert '<span class="claim" id="c1" data-claim="c1">checkout failed</span>' in made
    assert html.claims_in(made)[0] == ("c1", "checkout failed")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_runs_nothing(text: str) -> None:
    made = page(document(text, title=text, note=text or "c", words=text), quote=text)
    assert trouble(made) == []
    assert [tag for tag, _ in elements(made)] == [
        tag for tag, _ in elements(page(document("a", title="b", note="c"), "d"))
    ]


def test_the_judge_would_find_a_script() -> None:
    """Negative control: the same judge finds a payload that was not escaped."""
    assert trouble(page(document("x")).replace("Words ", "<script>alert(1)</script><img src=x onerror=y>"))


@given(text=texts)
@settings(max_examples=100, deadline=None)
def test_law_what_was_said_is_what_is_read(text: str) -> None:
    found = html.claims_in(page(document(text, title=text, words=text, note=text), quote=text))
    assert [words for id_, words in found if id_ == "c1"] == [text] * 7
    assert [words for id_, words in found if id_ == "c2"] == [str(CITE)]


@pytest.mark.parametrize("text", ["34 min", "2026-11-24 14:02:10 UTC", "safe\u202egnp.exe", "a & b"])
def test_a_changed_character_shows(text: str) -> None:
    made = page(document(text))
    spot = made.index('data-claim="c1"')
    spot = next(i for i in range(made.index(">", spot) + 1, len(made)) if made[i].isdigit() or made[i] in "ab")
    tampered = made[:spot] + ("7" if made[spot] != "7" else "8") + made[spot + 1 :]
    assert any(id_ == "c1" and words != text for id_, words in html.claims_in(tampered))


def test_a_time_may_be_shown_in_another_zone_beside_the_verified_words() -> None:
    made = page(document("2026-11-24 14:02:10.5 UTC"))
    assert '<span class="claim" id="c1" data-claim="c1" data-time>' in made
    assert html.claims_in(made)[0] == ("c1", "2026-11-24 14:02:10.5 UTC")


def test_nothing_is_fetched_and_only_our_script_and_styles_run() -> None:
    """Opened from disk on a train: no request, and a policy that names what may run by its hash."""
    doc = document("x")
    pictured = Section("causes", "Causes", (Picture("graph", DRAWING, "The graph"),))
    made = page(replace(doc, sections=(*doc.sections, pictured)))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', made)
    assert policy
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    blocks = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", made, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", made).lower().replace("http-equiv", "")


def test_citations_lead_to_the_quoted_line_and_back() -> None:
    made = page(document("x"), quote="14:02:10 ERROR pool exhausted")
    assert '<a href="#q1" title="14:02:10 ERROR pool exhausted"><code>E3:12-14</code></a>' in made
    assert '<li id="q1"><a class="back" href="#c2" title="Back to the text">E3:12-14</a>' in made
    assert '<pre tabindex="0">14:02:10 ERROR pool exhausted</pre>' in made


def test_a_page_without_quotes_has_no_list_of_them() -> None:
    made = html.EXPORTER.render(document("x")).body.decode()
    assert 'id="quoted"' not in made
    assert "<code>E3:12-14</code>" in made


def test_every_link_inside_the_page_arrives() -> None:
    made = page(document("x", note="n"))
    ids = [attributes["id"] for _, attributes in elements(made) if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {str(a["href"])[1:] for tag, a in elements(made) if tag == "a" and "href" in a}
    assert links - {"picture"} <= set(ids)


def test_a_drawing_of_others_is_told_in_words() -> None:
    """A record was tampered with: its picture carries a script. The page shows the words for it instead."""
    bad = DRAWING.replace("<text", "<script>alert(1)</script><text")
    doc = replace(document(), sections=(Section("s", "S", (Picture("graph", bad, "What it shows"),)),))
    made = page(doc)
    assert trouble(made) == []
    assert "<p>What it shows</p>" in made
    assert "<svg" in page(replace(doc, sections=(Section("s", "S", (Picture("graph", DRAWING, "x"),)),)))


@pytest.mark.parametrize(
    "change",
    [
        '<a href="https://evil.example">x</a>',
        '<rect onload="x()"/>',
        '<image href="x.png"/>',
        '<rect fill="url(https://x)"/>',
        "<!-- x -->",
    ],
)
def test_what_is_no_drawing_of_this_house(change: str) -> None:
    assert svg.only_ours(DRAWING)
    assert not svg.only_ours(DRAWING.replace("</svg>", f"{change}</svg>"))


def test_nested_lists_close_what_they_open() -> None:
    items = tuple((Words(word),) for word in "abcd")
    doc = replace(document(), sections=(Section("whys", "Whys", (Bullets(items, depths=(0, 1, 1, 0)),)),))
    assert "<ul><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ul>" in page(doc)


def test_the_figures_on_top_are_claims_of_the_document() -> None:
    claims = (
        Claim("c1", "point", {"name": "started", "by": "stated", "part": "at"}, "", "2026-11-24 14:00:00 UTC", ()),
        Claim("c2", "point", {"name": "started", "by": "estimate", "part": "at"}, "", "2026-11-24 14:01:00 UTC", ()),
        Claim("c3", "duration", {"name": "time to detect"}, [9, 8, 10], "9 min (8 min to 10 min)", ()),
        Claim("c4", "duration", {"name": "time to mitigate"}, ["pending", None, None], "pending", ()),
    )
    doc = replace(document(), claims=claims)
    assert card.figures(doc) == [
        ("Impact started", Said("c2", "2026-11-24 14:01:00 UTC")),
        ("Time to detect", Said("c3", "9 min (8 min to 10 min)")),
    ]
    assert html.claims_in(page(doc))[:2] == [("c2", claims[1].text), ("c3", claims[2].text)]


def test_a_section_that_nobody_wrote_is_set_apart() -> None:
    empty = Section("lessons", "Lessons", (Paragraph((Words("Nobody has written it yet."),)),))
    made = page(replace(document("x"), sections=(empty,)))
    assert '<section id="lessons" class="part unwritten">' in made


def test_the_same_document_gives_the_same_bytes() -> None:
    doc = document(*HOSTILE, note="n")
    assert html.render(doc, {}) == html.render(doc, {})


@pytest.mark.shared
def test_collections_of_naughty_strings() -> None:
    found = naughty()
    if not found:
        pytest.skip("the research data is not beside the project")
    for start in range(0, len(found), 500):
        part = found[start : start + 500]
        made = page(document(*part))
        assert trouble(made) == []
        said = dict(html.claims_in(made))
        assert [said[f"c{n}"] for n in range(1, len(part) + 1)] == part


@pytest.mark.browser
def test_in_a_browser_nothing_runs_and_nothing_is_fetched(tmp_path: Path) -> None:
    """Every hostile text and payload in one page: no dialog, no request, no complaint of the policy."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no chromium on this machine")
    from playwright.sync_api import sync_playwright

    file = tmp_path / "page.html"
    texts = [*HOSTILE, *naughty()[-300:], "2026-11-24 14:02:10.5 UTC"]
    doc = document(*texts, note=HOSTILE[0])
    drawn = Section("causes", "Causes", (Picture("timeline", DRAWING, "The timeline"),))
    file.write_bytes(html.render(replace(doc, sections=(*doc.sections, drawn)), {str(CITE): QUOTE}).body)
    told: list[str] = []
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        tab = opened.new_page(timezone_id="Asia/Kolkata")
        tab.on("dialog", lambda dialog: told.append(dialog.message))
        tab.on("console", lambda message: told.append(message.text))
        tab.on("pageerror", lambda error: told.append(str(error)))
        tab.on("request", lambda request: told.append(request.url) if request.url != file.as_uri() else None)
        tab.goto(file.as_uri())
        shown = tab.locator('[data-claim="c1"]').first.text_content()
        tab.keyboard.press("t")
        local = tab.locator(".local").first.text_content()
        tab.locator(".cite a").first.click()
        quoted = tab.locator("#quote pre").text_content()
        opened.close()
    assert told == []
    assert shown == HOSTILE[0]
    assert local == "2026-11-24 19:32:10.5 +05:30"
    assert quoted == QUOTE.replace("\u202e", "⟨U+202E⟩")
