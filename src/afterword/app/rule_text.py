"""Rules as a rule file of Prometheus, and what ``promtool`` says of it where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from afterword.model.time import HOUR, MINUTE, SECOND
from afterword.reading import rule_file
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.rule import AlertRule

_PATIENCE = 30


def text(group: str, rules: Sequence[AlertRule]) -> str:
    """One group with these alerts."""
    return yaml.safe_dump(
        {"groups": [{"name": group, "rules": [_rule(one) for one in rules]}]}, sort_keys=False, allow_unicode=True, width=120
    )  # fmt: skip


def _rule(rule: AlertRule) -> dict[str, Any]:
    made: dict[str, Any] = {"alert": rule.name, "expr": rule.expr}
    if rule.held:
        made["for"] = length(rule.held)
    if rule.kept:
        made["keep_firing_for"] = length(rule.kept)
    return made | {key: dict(found) for key in ("labels", "annotations") if (found := getattr(rule, key))}


def length(ns: int) -> str:
    """``90s``, ``2m``: the largest unit that it is a whole number of."""
    for unit, size in (("h", HOUR), ("m", MINUTE), ("s", SECOND)):
        if ns % size == 0:
            return f"{ns // size}{unit}"
    return f"{ns // 1_000_000}ms"


def checked(body: str) -> str:
    """Who found the file valid. Raises ValueError with what is wrong."""
    try:
        rule_file.rules(body.encode())
    except Malformed as error:
        raise ValueError(str(error)) from error
    program = shutil.which("promtool")
    if not program:
        return "read again by afterword; promtool is not installed"
    with tempfile.TemporaryDirectory(prefix="afterword-rules-") as folder:
        (Path(folder) / "rules.yml").write_text(body, encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - the program that was looked up; no shell
            [program, "check", "rules", "rules.yml"],
            cwd=folder,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            env={},
        )
    if done.returncode:
        raise ValueError((done.stdout + done.stderr).decode("utf-8", "replace")[-500:].strip())
    return "promtool check rules"
