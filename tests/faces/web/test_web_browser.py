"""The pages in a real browser: quiet consoles, no request elsewhere, the keyboard, forms, and hostile text."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import stage

from afterword.app import desk
from afterword.faces.web import render

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.app.workspace import Workspace

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="there is no chromium on this machine"),
    # Of the event loops of playwright, which it closes late.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ONE = "/incidents/inc-1"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def base(ws: Workspace) -> Iterator[str]:
    with stage.served(ws) as address:
        yield address


@contextmanager
def opened(browser: Any, base: str, **options: Any) -> Iterator[Any]:
    """A page; what it complained of and what it asked for is in ``page.said`` and ``page.asked``."""
    context = browser.new_context(base_url=base, timezone_id="Europe/Berlin", **options)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("response", lambda one: page.said.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    page.on("console", lambda one: page.said.append(one.text) if one.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("dialog", lambda one: (page.said.append("dialog"), one.dismiss()))
    page.on("request", lambda one: page.asked.append(one.url))
    yield page
    context.close()


def test_all_pages_are_quiet_and_ask_nobody_else(browser: Any, base: str) -> None:
    with opened(browser, base) as page:
        for path in stage.pages()[:-1]:
            page.goto(path)
            page.wait_for_load_state("networkidle")
        assert page.said == []
        assert {urlsplit(url).netloc for url in page.asked if not url.startswith("data:")} == {urlsplit(base).netloc}


@pytest.mark.parametrize(
    ("escaped", "policy", "inert"),
    [(True, True, True), (True, False, True), (False, True, True), (False, False, False)],
    ids=["both walls", "escaping alone", "policy alone", "negative control: neither"],
)
def test_each_wall_alone_keeps_hostile_text_inert(
    browser: Any, base: str, monkeypatch: pytest.MonkeyPatch, *, escaped: bool, policy: bool, inert: bool
) -> None:
    if not escaped:
        bare = render.environment(autoescape=False)
        monkeypatch.setattr(render, "_shared", lambda: bare)
    with opened(browser, base, bypass_csp=not policy) as page:
        ran = set()
        for path in (
            "/",
            ONE,
            f"{ONE}/timeline",
            f"{ONE}/causes",
            f"{ONE}/argument",
            f"{ONE}/evidence?cite=E1:7",
            "/actions",
        ):
            page.goto(path)
            page.wait_for_load_state("networkidle")
            ran.add(page.evaluate("window.pwned === 1"))
        assert ran == ({False} if inert else {True})


def test_a_citation_opens_beside_the_text_and_closes_again(browser: Any, base: str) -> None:
    with opened(browser, base) as page:
        page.goto(f"{ONE}/timeline")
        page.locator("a.cite").first.click()
        page.wait_for_selector("#panel .cited")
        assert page.locator("#panel .cited th").inner_text() == "7"
        assert page.evaluate("window.pwned") is None
        assert page.url.endswith("/timeline")
        page.keyboard.press("Escape")
        assert page.locator("#panel").is_hidden()
        assert page.evaluate("document.activeElement.className") == "cite"


def test_the_keyboard_reaches_everything(browser: Any, base: str) -> None:
    with opened(browser, base) as page:
        page.goto("/")
        page.keyboard.press("?")
        assert page.locator("#help").is_visible()
        page.keyboard.press("Escape")
        assert page.locator("#help").is_hidden()
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.id") == "q"
        page.keyboard.type("zzz")
        assert page.locator("#rows > tr:visible").count() == 0
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{ONE}")
        page.keyboard.press("2")
        page.wait_for_url("**/timeline")
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.locator(".is-now").get_attribute("id") == "m1"
        page.keyboard.press("k")
        assert page.locator(".is-now").get_attribute("id") == "m0"
        page.keyboard.press("e")
        page.wait_for_selector("#panel .cited")
        for key, path in (("a", "/actions"), ("t", "/trends"), ("j", "/journal"), ("i", "/")):
            page.keyboard.press("g")
            page.keyboard.press(key)
            page.wait_for_url(f"{base}{path}")


def test_times_turn_to_the_zone_of_the_reader_and_stay_so(browser: Any, base: str) -> None:
    with opened(browser, base) as page:
        page.goto("/")
        first = page.locator("time").first
        assert first.inner_text() == "2026-03-14 09:12:00"
        assert "10:12:00 UTC+01:00" in first.get_attribute("title")
        page.keyboard.press("u")
        assert first.inner_text() == "2026-03-14 10:12:00"
        page.goto(ONE)
        assert page.locator(".facts time").inner_text() == "2026-03-14 10:12:00"


def test_dark_follows_the_system_until_somebody_chooses(browser: Any, base: str) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(browser, base, color_scheme="dark") as page:
        page.goto("/")
        dark = page.evaluate(ground)
        page.keyboard.press("d")
        light = page.evaluate(ground)
        assert dark != light
        page.reload()
        assert page.evaluate(ground) == light


def test_an_action_is_accepted_through_the_form(browser: Any, base: str, ws: Workspace) -> None:
    with opened(browser, base) as page:
        page.goto(f"{ONE}/actions")
        card = page.locator("#A-1")
        card.locator("summary", has_text="Accept").click()
        card.locator("form[action$=accept] input[name=owner]").fill("tom")
        card.locator("form[action$=accept] button").click()
        page.wait_for_selector(".flash")
        assert page.locator(".flash").inner_text() == "A-1 was accepted."
        assert page.said == []
    assert desk.ask(ws.for_caller("cli"), "action.show", {"action": "A-1"}).owner == "tom"
    line = ws.records.journal("action", "A-1")[-1]
    assert (line.face, line.operation) == ("web", "action.accept")


def test_everything_works_without_javascript(browser: Any, base: str, ws: Workspace) -> None:
    with opened(browser, base, java_script_enabled=False) as page:
        page.goto("/")
        page.locator("#rows a.title").click()
        page.locator("nav.tabs a", has_text="Timeline").click()
        page.locator("input[name=kind][value=gap]").check()
        page.locator("form.filters button").click()
        assert page.locator("li.moment").count() == 1
        page.locator("li.moment a.cite").first.click()
        assert page.locator(".cited th").inner_text() == "7"
        page.goto(f"{ONE}/causes")
        page.locator("#c-c1 summary").click()
        page.locator("#c-c1 textarea").fill("seen in the drill")
        page.locator("#c-c1 button[value=accept]").click()
        assert "accepted by maria" in page.locator("#c-c1").inner_text()
        assert page.locator(".tools").is_hidden()
    assert ws.records.journal("incident")[-1].body["edits"][-1]["reason"] == "seen in the drill"


@pytest.mark.parametrize("width", [380, 768, 1360])
def test_no_page_is_wider_than_the_window(browser: Any, base: str, width: int) -> None:
    with opened(browser, base, viewport={"width": width, "height": 800}) as page:
        for path in stage.pages()[:-1]:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_every_field_has_a_name_and_every_picture_words(browser: Any, base: str) -> None:
    unnamed = """[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]
        .filter(e => !e.labels?.length && !e.ariaLabel).map(e => e.outerHTML)"""
    wordless = "[...document.querySelectorAll('img:not([alt]), svg:not([aria-hidden]):not([aria-label])')].length"
    twice = """(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
        return ids.filter((id, at) => ids.indexOf(id) !== at) })()"""
    with opened(browser, base) as page:
        for path in stage.pages()[:-1]:
            page.goto(path)
            assert page.evaluate(unnamed) == [], path
            assert page.evaluate(wordless) == 0, path
            assert page.evaluate(twice) == [], path
