"""Evidence by reference: telemetry stays in its tables; what was asked of them and what they answered is kept.

Each answer becomes a file that a source reads, with the question beside it: engine, tables, query, parameters, SQL, and the
SHA-256 of the answer. So everything that is concluded can be verified without the engine, and the engine can be asked
again whether the answer still holds. SQL that stands in evidence is never executed: it is made anew from the names.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from afterword.app import engine as engines
from afterword.app import reference_form as form
from afterword.model.evidence import Asked
from afterword.model.refusal import InvalidError, NotFoundError
from afterword.model.time import iso
from afterword.queries.question import Question
from afterword.stores import otel_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from afterword.app.answer import Answer
    from afterword.ports import Engine

#: How a question to tables is told from one to a live system.
CONNECTOR: Final = "otel-tables"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One file: which query it answers, over which signals, and how the answer is written."""

    file: str
    query: str
    signals: frozenset[str]
    write: Callable[[Answer], bytes]
    #: True when it compares the window with the baseline; else it is about all of ``Scope.reach``.
    compares: bool = False
    most: int = 1000


_LOGS, _SPANS, _METRICS = frozenset({"logs"}), frozenset({"traces"}), frozenset({"gauge", "sum"})
PARTS: Final[Mapping[str, Part]] = {
    one.file: one
    for one in (
        Part("log-minutes.csv", "error-minutes", _LOGS, form.log_minutes),
        Part("template-minutes.csv", "template-minutes", _LOGS, form.template_minutes),
        Part("templates.json", "template-changes", _LOGS, form.templates, compares=True),
        Part("errors.ndjson", "error-samples", _LOGS, form.errors, most=5),
        Part("span-minutes.csv", "component-minutes", _SPANS, form.component_minutes),
        Part("calls.csv", "call-edges", _SPANS, form.calls),
        Part("metrics.csv", "metric-minutes", _METRICS, form.metric_minutes),
    )
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which tables, by signal, and which stretches of time (ns, half open)."""

    tables: Mapping[str, str]
    window: tuple[int, int]
    baseline: tuple[int, int]

    @property
    def reach(self) -> tuple[int, int]:
        """From the baseline to as long after the window as it lasts: whether it is over shows only there."""
        start, end = self.window
        return min(start, self.baseline[0]), max(end + (end - start), self.baseline[1])


@dataclass(frozen=True, slots=True)
class Kept:
    """A file, the answer that it was made of, and the question."""

    file: str
    body: bytes
    answer: Answer
    asked: Asked


def found(engine: Engine, tables: Mapping[str, str]) -> dict[str, tuple[str, Mapping[str, str]]]:
    """The tables that are there, with their columns. Raises NotFoundError when none of them is, InvalidError for another engine."""
    otel_layout.check(engine.dialect)
    there = {signal: (name, engine.columns(name)) for signal, name in tables.items()}
    made: dict[str, tuple[str, Mapping[str, str]]] = {
        signal: (name, columns) for signal, (name, columns) in there.items() if columns is not None
    }
    if not made:
        raise NotFoundError(f"{engine.name} has none of the tables {', '.join(tables.values())}.")
    return made


def ask(engine: Engine, part: Part, scope: Scope, at: str) -> Kept:
    """Ask for one part. The tables of its signals have to be there."""
    there = found(engine, {signal: name for signal, name in scope.tables.items() if signal in part.signals})
    select = otel_layout.select(engine.dialect, there, scope.reach)
    question = Question(window=scope.window if part.compares else scope.reach, most=part.most)
    if part.compares:
        question = replace(question, baseline=scope.baseline)
    answer = engines.ask(engine, engine.refer(select), engines.query(part.query), question)
    body = part.write(answer)
    return Kept(part.file, body, answer, _asked(engine, part, scope, question, select, answer, at))


def _asked(engine: Engine, part: Part, scope: Scope, question: Question, select: str, answer: Answer, at: str) -> Asked:
    said = {
        "format": _FORMAT,
        "part": part.file,
        "query": part.query,
        "question": {name: value for name, value in asdict(question).items() if name in _takes(part)},
        "tables": {signal: name for signal, name in scope.tables.items() if signal in part.signals},
        "window": scope.window,
        "baseline": scope.baseline,
        "dialect": engine.dialect,
        "events": select,
        "sql": answer.sql,
        "rows": len(answer.rows),
        "sha256": answer.sha256,
    }
    says = f"{part.query} from {iso(scope.reach[0])} to {iso(scope.reach[1])}, {len(answer.rows)} rows"
    body = json.dumps(said, ensure_ascii=False)
    return Asked(engine.name.partition(":")[0], CONNECTOR, engine.name, "SQL", (), body, 200, at, says)


def _takes(part: Part) -> tuple[str, ...]:
    return engines.query(part.query).takes


@dataclass(frozen=True, slots=True)
class Recalled:
    """A question as it was kept: enough to ask it again, and what was answered."""

    engine: str
    part: Part
    scope: Scope
    rows: int
    sha256: str


def recall(asked: Asked) -> Recalled | None:
    """The question out of what stands beside an artefact; None when it is one to something else.

    Raises InvalidError when it is damaged. Nothing of its SQL is used.
    """
    if asked.connector != CONNECTOR:
        return None
    try:
        said: dict[str, Any] = json.loads(asked.body)
        window, baseline = (_span(said[name]) for name in ("window", "baseline"))
        tables = {str(signal): str(name) for signal, name in said["tables"].items()}
        otel_layout.named(tuple(f"{signal}={name}" for signal, name in tables.items()))
        part, rows, sha256 = PARTS[said["part"]], int(said["rows"]), str(said["sha256"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidError(f"the question beside this artefact is damaged ({type(error).__name__}: {error})") from error
    return Recalled(asked.url, part, Scope(tables, window, baseline), rows, sha256)


def _span(said: Any) -> tuple[int, int]:
    start, end = said
    if not (isinstance(start, int) and isinstance(end, int) and start < end):
        raise ValueError(f"{said} is no stretch of time")
    return start, end


def collection(engine: str, scope: Scope) -> str:
    """The id of what is asked: the same engine, tables and times give the same one again."""
    said = json.dumps([engine, dict(scope.tables), scope.window, scope.baseline], sort_keys=True)
    return "ref-" + hashlib.sha256(said.encode()).hexdigest()[:10]


def sidecar(id_: str, kept: list[Kept]) -> bytes:
    """The questions by the hash of their files, as they stand beside answers of live systems."""
    from afterword.app import wire  # noqa: PLC0415 - the codec is slow to load

    listed = [
        {"name": one.file, "sha256": hashlib.sha256(one.body).hexdigest(), "asked": wire.encode(one.asked)}
        for one in kept
    ]
    return json.dumps({"collection": id_, "answers": listed}, indent=1).encode()
