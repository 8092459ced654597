"""The one part that is written by hand: what people said. When they said it is the time of the recording."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from history import PEOPLE

if TYPE_CHECKING:
    from pathlib import Path

ROLES = {
    "mara": "Inventory",
    "deniz": "Platform, on call",
    "priya": "Catalog and checkout",
    "tomas": "Incident commander",
    "jonas": "Web",
    "aiko": "Customer support",
    "ruth": "Payments",
}
USERS = {login: f"U0{number:02d}SHOP" for number, login in enumerate(PEOPLE, 1)}


@dataclass
class Channel:
    """A channel as Slack exports it."""

    name: str
    created: float = field(default_factory=time.time)
    messages: list[dict[str, Any]] = field(default_factory=list)
    threads: dict[str, str] = field(default_factory=dict)

    def say(self, line: dict[str, Any], words: dict[str, str]) -> float:
        """Post a line of the script now, its placeholders filled in."""
        at = time.time()
        text = re.sub(r"@(\w+)", lambda m: f"<@{USERS[m[1]]}>" if m[1] in USERS else m[0], line["text"])
        message = {
            "type": "message",
            "user": USERS[line["user"]],
            "text": text.format(**words),
            "ts": f"{at:.6f}",
        }
        if "opens" in line:
            self.threads[line["opens"]] = message["ts"]
        thread = self.threads.get(line.get("opens") or line.get("thread", ""))
        if thread:
            message["thread_ts"] = thread
        self.messages.append(message)
        return at

    def save(self, target: Path) -> None:
        (target / self.name).mkdir(parents=True)
        users = [
            {
                "id": USERS[login],
                "name": login,
                "real_name": name,
                "profile": {"real_name": name, "display_name": login, "title": ROLES[login]},
            }
            for login, name in PEOPLE.items()
        ]
        channel = {
            "id": "C01SHOPINC",
            "name": self.name,
            "created": int(self.created),
            "creator": USERS["deniz"],
            "members": list(USERS.values()),
            "topic": {"value": ""},
            "purpose": {"value": "One incident"},
        }
        (target / "users.json").write_text(json.dumps(users, indent=1) + "\n")
        (target / "channels.json").write_text(json.dumps([channel], indent=1) + "\n")
        days: dict[str, list[dict[str, Any]]] = {}
        for message in self.messages:
            day = time.strftime("%Y-%m-%d", time.gmtime(float(message["ts"])))
            days.setdefault(day, []).append(message)
        for day, said in days.items():
            (target / self.name / f"{day}.json").write_text(json.dumps(said, indent=1) + "\n")
