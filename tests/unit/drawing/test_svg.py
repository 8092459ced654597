"""Elements of a drawing: inert text, lines that fit, and a stylesheet that touches nothing else."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from afterword.drawing import palette, svg


@given(st.text(alphabet=st.characters(), max_size=60))
def test_law_any_text_makes_well_formed_xml(text: str) -> None:
    drawn = svg.picture("aw-x", 100, 50, text, text, ".x{fill:$ink}", [svg.group([svg.text(1, 2, text)], title=text)])
    root = ET.fromstring(drawn)
    assert "".join(root.itertext()).count("<") == text.count("<") * 4
    assert svg.only_ours(drawn)


@given(st.text(max_size=120), st.floats(20, 400), st.integers(1, 5))
def test_law_wrapped_lines_fit(text: str, width: float, most: int) -> None:
    lines = svg.wrap(text, width, most)
    assert len(lines) <= most
    assert all(svg.text_width(line) <= width or len(line) <= 2 for line in lines)


def test_wrapping_prefers_blanks_and_says_what_is_missing() -> None:
    assert svg.wrap("the pool of checkout is exhausted", 100, 3) == ["the pool of", "checkout is", "exhausted"]
    assert svg.wrap("http_server_duration_p99_ms", 110, 3) == ["http_server_", "duration_p99_ms"]
    assert svg.wrap("one two three four five six", 60, 1)[0].endswith("…")
    assert svg.wrap("", 60, 2) == []


def test_numbers_are_short() -> None:
    assert [svg.num(one) for one in (1.0, 1.25, -0.04, 100.06, 3)] == ["1", "1.2", "0", "100.1", "3"]


def test_attributes_are_escaped_and_classes_carry_the_prefix() -> None:
    assert (
        svg.tag("g", "x", cls="a b", text_anchor='"<', x=1.5)
        == '<g class="aw-a aw-b" text-anchor="&quot;&lt;" x="1.5">x</g>'
    )


def test_a_stylesheet_is_scoped() -> None:
    """Rules of one drawing inside a page do not reach the page, and both kinds of light have their colours."""
    made = palette.style("aw-x", ".bar{fill:$ink;fill-opacity:.5}\ntext{fill:$soft}")
    assert ".aw-x .aw-bar{fill:var(--ink);fill-opacity:.5}" in made
    assert ".aw-x text{fill:var(--soft)}" in made
    assert "@media screen and (prefers-color-scheme:dark){.aw-x{" in made
    assert all(line.startswith((".aw-x", "@media screen", "svg.aw-x")) for line in made.splitlines())


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_can_be_read_on_their_paper() -> None:
    """WCAG 2.2: a contrast of 4.5 for text of this size, in light and in dark."""
    for name in ("ink", "soft", "accent", "bad", "warn", "good", "moved"):
        for shade in (0, 1):
            pair = sorted((_luminance(palette.COLOURS[name][shade]), _luminance(palette.COLOURS["paper"][shade])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, shade)
