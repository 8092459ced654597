"""Settings of one service: a file of the release, read once when it starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services import telemetry

_FILE = Path("config") / f"{telemetry.SERVICE}.json"
_settings: dict[str, Any] = json.loads(_FILE.read_text()) if _FILE.exists() else {}


def setting(name: str, usual: float) -> float:
    return float(_settings.get(name, usual))
