"""Settings: one frozen Config from the workspace's config.toml and the environment; the environment wins."""

from __future__ import annotations

import getpass
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afterword.core.action import DUE_DAYS
from afterword.core.secret.kind import KINDS
from afterword.model.action import Priority
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: Every setting: its key in config.toml, its variable, and what it says.
SETTINGS: tuple[tuple[str, str, str], ...] = (
    ("actor", "AFTERWORD_ACTOR", "Who you are in the journal; your login name when not set."),
    ("due.P0", "AFTERWORD_DUE_P0", "Days until an accepted P0 action is due."),
    ("due.P1", "AFTERWORD_DUE_P1", "Days until an accepted P1 action is due."),
    ("due.P2", "AFTERWORD_DUE_P2", "Days until an accepted P2 action is due."),
    ("collect.largest", "AFTERWORD_COLLECT_LARGEST", "Most MiB of one answer of a live system."),
    ("redact.secrets", "AFTERWORD_REDACT_SECRETS", "Whether secrets in evidence become placeholders: true or false."),
    ("redact.emails", "AFTERWORD_REDACT_EMAILS", "Whether e-mail addresses become placeholders."),
    ("redact.cards", "AFTERWORD_REDACT_CARDS", "Whether numbers of cards and bank accounts become placeholders."),
    ("redact.ids", "AFTERWORD_REDACT_IDS", "Whether national ids become placeholders."),
    (
        "slo",
        "AFTERWORD_SLO",
        "Objectives, as a table [slo] of names and percent; in the environment shop=99.9,api=99.5.",
    ),
    (
        "engine",
        "AFTERWORD_ENGINE",
        "Who answers queries: duckdb, local-spark, spark://…, sc://…, clickhouse://… and others.",
    ),
)


_TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True, slots=True)
class Config:
    """``origin`` says of each setting where its value came from."""

    actor: str
    due_days: Mapping[Priority, int]
    origin: Mapping[str, str] = field(default_factory=dict)
    engine: str = "duckdb"
    #: Most bytes of one answer of a live system.
    largest: int = 64 << 20
    #: What becomes a placeholder when evidence is read.
    redact: tuple[str, ...] = KINDS
    #: Service level objectives by name, as shares.
    objectives: tuple[tuple[str, float], ...] = ()


def load(path: Path, environment: Mapping[str, str]) -> Config:
    """Raises InvalidError with every setting that is wrong."""
    written = _written(path)
    values: dict[str, object] = {"actor": _login(), **{f"due.{p.value}": DUE_DAYS[p] for p in Priority}}
    values |= {"engine": "duckdb", "collect.largest": 64, **{f"redact.{kind}": True for kind in KINDS}}
    values["slo"] = ",".join(f"{name[4:]}={one}" for name, one in written.items() if name.startswith("slo."))
    origin = {**dict.fromkeys(values, "default"), **({"slo": str(path)} if values["slo"] else {})}
    known = {name for name in written if name in values or name.startswith("slo.")}
    reasons = [f"{path}: there is no setting {name}" for name in written if name not in known]
    for name, variable, _ in SETTINGS:
        if name in written:
            values[name], origin[name] = written[name], str(path)
        if environment.get(variable):
            values[name], origin[name] = environment[variable], variable
    due: dict[Priority, int] = {}
    for priority in Priority:
        name = f"due.{priority.value}"
        days = str(values[name])
        if days.isascii() and days.isdigit() and 0 < int(days[:6]) <= 3650:
            due[priority] = int(days)
        else:
            reasons.append(f"{origin[name]}: {name} is a number of days from 1 to 3650, not {days[:40]!r}")
    largest = str(values["collect.largest"])
    if not (largest.isascii() and largest.isdigit() and 0 < int(largest[:6]) <= 65536):
        reasons.append(f"{origin['collect.largest']}: collect.largest is a number of MiB from 1 to 65536")
    switched = {kind: _TRUTHS.get(str(values[f"redact.{kind}"]).lower()) for kind in KINDS}
    reasons += [
        f"{origin[f'redact.{kind}']}: redact.{kind} is true or false" for kind in KINDS if switched[kind] is None
    ]
    objectives = tuple(_objectives(str(values["slo"])))
    reasons += [
        f"slo: {name or 'an objective'} is a share such as 99.9, by a name"
        for name, share in objectives
        if not name or share is None
    ]
    if reasons:
        raise InvalidError("the settings cannot be used: " + "; ".join(reasons), tuple(reasons))
    redact = tuple(kind for kind in KINDS if switched[kind])
    kept = tuple((name, share) for name, share in objectives if share is not None)
    return Config(str(values["actor"]), due, origin, str(values["engine"]), int(largest) << 20, redact, kept)


def _written(path: Path) -> dict[str, object]:
    """The file's settings with dotted names; empty when there is no file."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InvalidError(f"the settings in {path} cannot be read: {error}", (str(error),)) from error
    flat: dict[str, object] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": one for inner, one in value.items()})
        else:
            flat[name] = value
    return flat


def _objectives(text: str) -> Iterator[tuple[str, float | None]]:
    """``shop=99.9,api=0.995`` as names and shares; None where it is none."""
    from afterword.core import objective  # noqa: PLC0415 - what it stands beside is slow to load

    for one in filter(None, (part.strip() for part in text.split(","))):
        name, _, share = one.partition("=")
        yield name.strip(), objective.number(share)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
