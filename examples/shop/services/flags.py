"""Feature flags: a file that is read again whenever it changes."""

from __future__ import annotations

import json
import logging
from typing import Any

from services import telemetry

log = logging.getLogger("flags")
_FILE = telemetry.RUN / "flags.json"
_known: dict[str, Any] = {"read": 0.0, "flags": {}}


def enabled(name: str) -> bool:
    """Whether a flag is on now; a flag that nobody set is off."""
    changed = _FILE.stat().st_mtime if _FILE.exists() else 0.0
    if changed != _known["read"]:
        _known["read"], _known["flags"] = changed, json.loads(_FILE.read_text())
        log.info("flags read: %s", json.dumps(_known["flags"], sort_keys=True))
    return bool(_known["flags"].get(name, False))
