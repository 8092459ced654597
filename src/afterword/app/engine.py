"""One setting that says who answers queries: this process, a cluster, a server or a warehouse.

``duckdb`` · ``local-spark`` · ``spark://host:port`` · ``sc://host:port`` · ``chdb`` · ``clickhouse://user@host:port/database``
· ``trino://user@host:port/catalog/schema`` · ``bigquery://project/dataset`` · ``snowflake://user@account/database/schema``.
Options follow as in a URL: ``duckdb?memory=2GB``, ``spark://host:7077?lake=s3a://bucket/lake&spark.executor.memory=2g``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, urlsplit

from afterword.app import answer, plugs
from afterword.app.secret import Masker
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError
from afterword.queries import gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from afterword.app.answer import Answer
    from afterword.ports import Engine
    from afterword.queries.question import Query, Question

#: The variable that holds the password or the token of an engine. It is in no setting, no answer and no message.
SECRET: Final = "AFTERWORD_ENGINE_PASSWORD"  # noqa: S105 - the name of a variable
#: Table or view over the lake, on engines that have tables of their own; ``?table=`` names another.
TABLE: Final = "afterword_events"
_MEMORY: Final = "700MB"
_LEAST_MEMORY: Final = 50_000_000
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*){0,2}")
_UNITS: Final = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_PATIENCE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What an engine needs to be there, and the options it knows."""

    modules: tuple[str, ...] = ()
    extra: str = ""
    options: tuple[str, ...] = ()
    #: Options that begin so are handed on.
    prefix: str = ""
    java: bool = False
    port: int | None = None
    address: bool = True


KINDS: Final[Mapping[str, Kind]] = {
    "duckdb": Kind(options=("memory",), address=False),
    "chdb": Kind(("chdb",), "chdb", ("path",), address=False),
    "local-spark": Kind(("pyspark",), "afterword[spark]", ("cores",), "spark.", java=True, address=False),
    "spark": Kind(("pyspark",), "afterword[spark]", ("lake",), "spark.", java=True, port=7077),
    "sc": Kind(("pyspark", "grpc", "grpc_status"), "afterword[spark]", ("lake",), "spark.", port=15002),
    "clickhouse": Kind(("clickhouse_connect",), "afterword[clickhouse]", ("table", "secure"), port=8123),
    "trino": Kind(("trino",), "ibis-framework[trino]", ("table",), port=8080),
    "bigquery": Kind(("google.cloud.bigquery",), "ibis-framework[bigquery]", ("table",)),
    "snowflake": Kind(("snowflake.connector",), "ibis-framework[snowflake]", ("table", "warehouse")),
}


@dataclass(frozen=True, slots=True)
class Where:
    """A setting, taken apart. ``name`` is what may be shown."""

    kind: str
    name: str
    user: str = ""
    host: str = ""
    port: int | None = None
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


def where(setting: str) -> Where:
    """Raises InvalidError that says what engines there are, or what this one does not know."""
    url = urlsplit(setting.strip())
    kind = url.scheme or url.path
    if kind not in KINDS or (bool(url.netloc) != KINDS[kind].address):
        known = ", ".join(f"{name}://…" if one.address else name for name, one in KINDS.items())
        raise InvalidError(f"{_shown(setting)!r} is no engine. There is {known}.", ("engine: unknown",))
    if url.password is not None or "token=" in setting:
        says = f"A password or token does not belong into the setting, which is shown and kept: put it into {SECRET}."
        raise InvalidError(says, (f"engine: {says}",))
    options = dict(parse_qsl(url.query))
    known_one = KINDS[kind]
    wrong = [
        o for o in options if o not in known_one.options and not (known_one.prefix and o.startswith(known_one.prefix))
    ]
    if wrong:
        raise InvalidError(f"{kind} knows no option {', '.join(wrong)}", tuple(f"engine: no option {o}" for o in wrong))
    if not _NAME.fullmatch(options.get("table", TABLE)):
        raise InvalidError("table is a name, with its schema perhaps", (f"engine: table={options['table']}",))
    try:
        port = url.port
    except ValueError as error:
        raise InvalidError(f"{_shown(setting)!r}: {error}", (f"engine: {error}",)) from error
    path = url.path.strip("/") if known_one.address else ""
    return Where(kind, setting.strip(), url.username or "", url.hostname or "", port or known_one.port, path, options)


def _shown(setting: str) -> str:
    """The setting without what stands between ``:`` and ``@``."""
    return re.sub(r"//([^/@:]*):[^/@]*@", r"//\1:***@", setting)[:200]


@contextmanager
def opened(setting: str, folder: Path) -> Iterator[Engine]:
    """The engine of this setting; ``folder`` is where it may spill. It is closed afterwards.

    Raises RefusalError when it is not installed or cannot be reached, and when it fails on what it is asked.
    """
    found = where(setting)
    _installed(found)
    _reachable(found)
    secret = os.environ.get(SECRET, "")
    with _speaking(found, secret):
        engine = _connected(found, secret, folder)
        try:
            yield engine
        finally:
            engine.close()


@contextmanager
def _speaking(found: Where, secret: str) -> Iterator[None]:
    """Whatever an engine fails with, as a sentence that holds no secret."""
    try:
        yield
    except RefusalError:
        raise
    except Exception as error:  # noqa: BLE001 - the engine boundary: each of them fails with types of its own
        said = " ".join(Masker.of([secret] if secret else []).text(str(error)).split())[:500]
        says = f"The engine {found.name} failed: {type(error).__name__}: {said}"
        raise RefusalError(says, code="engine-failed") from None


def _installed(found: Where) -> None:
    kind = KINDS[found.kind]
    lacking = [one for one in kind.modules if not _there(one)]
    if lacking:
        says = f"The engine {found.kind} needs {', '.join(lacking)}, which is not installed: pip install '{kind.extra}'"
        raise RefusalError(says, code="engine-missing")
    java = os.environ.get("JAVA_HOME") or shutil.which("java")
    if kind.java and not java:
        raise RefusalError(f"The engine {found.kind} needs Java 17 or newer, which is not here.", code="engine-missing")


def _there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _reachable(found: Where) -> None:
    """A quick word at the door: the clients themselves try for minutes."""
    if not KINDS[found.kind].address or found.port is None:
        return
    try:
        socket.create_connection((found.host, found.port), _PATIENCE).close()
    except OSError as error:
        says = f"The engine {found.name} cannot be reached at {found.host}:{found.port}: {error}"
        raise RefusalError(says, code="engine-unreachable") from error


def _connected(found: Where, secret: str, folder: Path) -> Engine:
    if found.kind == "duckdb":
        from afterword.stores.engine_duckdb import EngineDuckdb  # noqa: PLC0415 - one engine is loaded, not all

        return EngineDuckdb(folder, _bytes(found.options.get("memory", _MEMORY)))
    if found.kind in ("local-spark", "spark", "sc"):
        return _spark(found, secret)
    if found.kind == "chdb":
        from afterword.stores.engine_clickhouse import EngineChdb  # noqa: PLC0415

        return EngineChdb(found.name, found.options.get("path", ""))
    if found.kind == "clickhouse":
        return _clickhouse(found, secret)
    from afterword.stores.engine_warehouse import EngineWarehouse  # noqa: PLC0415

    table = found.options.get("table", TABLE)
    return EngineWarehouse(found.kind, found.name, _url(found, secret), table)


def _spark(found: Where, secret: str) -> Engine:
    from afterword.stores.engine_spark import EngineSpark  # noqa: PLC0415

    options = {name: value for name, value in found.options.items() if name.startswith("spark.")}
    if found.kind == "local-spark":
        return EngineSpark(f"local[{found.options.get('cores', '*')}]", found.name, options)
    if found.kind == "sc":
        token = f"/;token={secret}" if secret else ""
        return EngineSpark(f"sc://{found.host}:{found.port}{token}", found.name, options)
    return EngineSpark(f"spark://{found.host}:{found.port}", found.name, options)


def _clickhouse(found: Where, secret: str) -> Engine:
    from afterword.stores.engine_clickhouse import EngineClickhouse  # noqa: PLC0415

    connection = {
        "host": found.host,
        "port": found.port,
        "username": found.user or "default",
        "password": secret,
        "database": found.path or "default",
        "secure": found.options.get("secure", "") in ("1", "true"),
    }
    return EngineClickhouse(found.name, connection, found.options.get("table", TABLE))


def _url(found: Where, secret: str) -> str:
    """The URL that Ibis connects to."""
    user = quote(found.user, safe="") + (f":{quote(secret, safe='')}" if secret else "")
    port = f":{found.port}" if found.port else ""
    options = "&".join(f"{name}={quote(value)}" for name, value in found.options.items() if name != "table")
    at = f"{user}@" if user else ""
    return f"{found.kind}://{at}{found.host}{port}/{found.path}" + (f"?{options}" if options else "")


def _bytes(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,9})([KMG]B)?", text.strip().upper())
    size = int(found[1]) * _UNITS[found[2] or ""] if found else 0
    if size < _LEAST_MEMORY:
        raise InvalidError(f"memory is a size from 50MB on, such as 2GB, not {text!r}", (f"engine: memory={text}",))
    return size


def queries() -> Mapping[str, Query]:
    return {one.name: one for one in plugs.queries()}


def query(name: str) -> Query:
    """Raises NotFoundError that names those there are."""
    found = queries()
    if name not in found:
        raise NotFoundError(f"There is no query {name!r}. There is {', '.join(found)}.")
    return found[name]


def reach(asked: Query, question: Question) -> tuple[int, int] | None:
    """The stretch that holds all rows that the answer depends on, both ends included; None: any row may matter."""
    spans = [question.window, question.baseline if "baseline" in asked.takes else None]
    stated = [one for one in spans if one is not None]
    if question.window is None or "window" not in asked.takes or asked.reaches:
        return None
    return min(start for start, _ in stated), max(end for _, end in stated) - 1


def ask(engine: Engine, events: Any, asked: Query, question: Question) -> Answer:
    """Ask one query of the table of events that the engine gave. Raises InvalidError for what the question lacks."""
    lacking = [one for one in asked.needs if not getattr(question, one)]
    if lacking:
        raise InvalidError(
            f"{asked.name} needs {' and '.join(lacking)}", tuple(f"{one}: is missing" for one in lacking)
        )
    gap = gaps.of(asked.name, engine.dialect, question)
    if gap is not None:
        raise RefusalError(f"{asked.name} is not asked of {engine.name}: {gap.reason}", code="engine-gap")
    expression = asked.build(events, question)
    sql = engine.sql(expression)
    return answer.made(asked.name, engine.name, engine.rows(expression, sql), sql)


def files(listed: Sequence[tuple[Path, Any]], setting: str) -> list[str]:
    """The files of the lake under the names by which the engine finds them."""
    lake = where(setting).options.get("lake", "").rstrip("/")
    return [f"{lake}/{file.path}" if lake else str(path) for path, file in listed]
