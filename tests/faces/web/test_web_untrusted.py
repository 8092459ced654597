"""What strangers wrote stays text. Each wall is tried, and the detector is shown to see a page without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stage

from afterword.faces.web import render

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@pytest.mark.parametrize("path", stage.pages())
def test_nothing_that_a_stranger_wrote_acts(client: TestClient, path: str) -> None:
    text = client.get(path).text
    assert stage.acting(text) == []
    assert "window.pwned=1" in text or path.startswith(("/trends", "/nowhere")), "the payload is shown"


def test_the_detector_sees_a_page_without_the_wall(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same pages without escaping."""
    bare = render.environment(autoescape=False)
    monkeypatch.setattr(render, "_shared", lambda: bare)
    for path in (
        "/",
        "/incidents/inc-1",
        "/incidents/inc-1/timeline",
        "/actions",
        "/incidents/inc-1/evidence?cite=E1:7",
    ):
        assert stage.acting(client.get(path).text), path


def test_the_detector_sees_steering_characters(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same page without the filter."""
    blind = render.environment()
    blind.finalize = lambda value: value
    monkeypatch.setattr(render, "_shared", lambda: blind)
    assert stage.acting(client.get("/incidents/inc-1/timeline").text) == ["'\\u202e'", "'\\x1b'"]


def test_steering_characters_are_shown_as_what_they_are(client: TestClient) -> None:
    text = client.get("/incidents/inc-1/evidence?cite=E1:7").text
    assert "\\u202etxt.exe\\x1b[31m" in text


def test_scripts_and_styles_come_from_our_own_files(client: TestClient) -> None:
    got = client.get("/incidents/inc-1")
    policy = got.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "style=" not in got.text
    assert "<style" not in got.text
    for name in ("afterword.css", "main.js", "theme.js", "keys.js", "time.js", "panel.js", "filter.js", "icon.svg"):
        assert client.get(f"/static/{name}").status_code == 200
    assert client.get("/static/../render.py").status_code in {403, 404}
