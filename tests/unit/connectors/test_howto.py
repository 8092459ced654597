"""The connector that the how-to shows is a whole one: it runs as it is written there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driver import ask, checks, drive, query
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from afterword.ports import Connector, Request

PAGE = Path(__file__).resolve().parents[3] / "docs" / "howto" / "connector.md"


def shown() -> Connector:
    code = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[0]
    made: dict[str, Any] = {}
    exec(compile(code, "connector.md", "exec"), made)
    return made["CONNECTOR"]  # type: ignore[no-any-return]


@given(st.integers(0, 30), st.integers(1, 7))
def test_it_keeps_every_incident_once(count: int, page: int) -> None:
    def server(request: Request) -> Any:
        at = int(query(request).get("cursor", 0))
        more = {"cursor": str(at + page)} if at + page < count else {}
        return {"incidents": [{"id": i} for i in range(at, min(count, at + page))], **more}

    talked = drive(shown(), ask("https://pager.test", teams=["a", "b"], secrets={"api_key": "k3y"}), server)
    checks(shown(), talked)
    assert [one["id"] for value in talked.values() for one in value["incidents"]] == list(range(count))
    assert talked.requests[0].secret == {"authorization": "Key k3y"}
    assert "team=a&team=b" in talked.urls()[0]
