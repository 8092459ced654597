"""The table of operations: what can be asked. Every face is derived from it, so all of them offer the same.

To add an operation: write a plain typed function in ``app/operations/<noun>.py`` whose first line of docstring is its
help and whose parameters say what they are by ``Annotated[type, "..."]``; add one row here. Rows name their function as
text, so that looking at the table loads nothing.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from afterword.app import annotation
from afterword.app.workspace import Scope
from afterword.model.refusal import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

Method = Literal["GET", "POST"]
_ROOM = "afterword.app.operations"
_READ, _WRITE, _JUDGE, _UNSEAL = Scope.READ, Scope.WRITE, Scope.JUDGE, Scope.UNSEAL


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. ``function`` is ``module:name`` inside app/operations."""

    name: str
    function: str
    #: GET never writes; everything that may write, even only files or the lake, is POST.
    method: Method
    route: str
    #: The words that people type.
    command: str
    #: One line that works, for the help.
    example: str
    scope: Scope = Scope.READ
    #: Parameters that name files of this machine: faces other than the terminal may only name some.
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as all faces see it. Without a default it is required."""

    name: str
    type: Any
    help: str
    default: Any = inspect.Parameter.empty

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty

    @property
    def many(self) -> bool:
        return get_origin(self.type) is tuple


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "incident.analyze", "incident:analyze", "POST", "/incidents", "analyze",
        "afterword analyze recordings/ --at 2026-03-14T09:12:00Z --out report", _WRITE, ("evidence", "out"),
    ),
    Operation(
        "collection.run", "collection:run", "POST", "/collections", "collect",
        "afterword collect --window 2026-03-14T06:00:00Z/2026-03-14T10:00:00Z", _WRITE, ("config", "out"),
    ),
    Operation("collection.list", "collection:list_", "GET", "/collections", "collection list", "afterword collection list"),
    Operation("incident.list", "incident:list_", "GET", "/incidents", "incident list", "afterword incident list"),
    Operation(
        "incident.show", "incident:show", "GET", "/incidents/{incident}", "incident show",
        "afterword incident show inc-0123456789",
    ),
    Operation(
        "incident.verify", "incident:verify", "POST", "/verify", "verify",
        "afterword verify report/postmortem.afterword", _READ, ("path",),
    ),
    Operation(
        "incident.export", "incident:export", "POST", "/incidents/{incident}/export", "export",
        "afterword export inc-0123456789 --out report", _WRITE, ("out",),
    ),
    Operation(
        "incident.close", "incident:close", "POST", "/incidents/{incident}/close", "incident close",
        "afterword incident close inc-0123456789", _JUDGE,
    ),
    Operation(
        "document.show", "document:show", "GET", "/incidents/{incident}/document", "document show",
        "afterword document show inc-0123456789",
    ),
    Operation(
        "document.pdf", "document:pdf", "POST", "/incidents/{incident}/document/pdf", "document pdf",
        "afterword document pdf inc-0123456789 --out report.pdf", _WRITE, ("out",),
    ),
    Operation(
        "document.note", "document:note", "POST", "/incidents/{incident}/document/notes", "document note",
        'afterword document note inc-0123456789 background "The shop moved to new queues in March."', _JUDGE,
    ),
    Operation(
        "timeline.show", "timeline:show", "GET", "/incidents/{incident}/timeline", "timeline",
        "afterword timeline inc-0123456789 --kind gap",
    ),
    Operation(
        "point.list", "timeline:points", "GET", "/incidents/{incident}/points", "point list",
        "afterword point list inc-0123456789",
    ),
    Operation(
        "point.state", "timeline:state", "POST", "/incidents/{incident}/points", "point state",
        "afterword point state inc-0123456789 detected 2026-03-14T09:12:00Z", _JUDGE,
    ),
    Operation(
        "cause.list", "cause:list_", "GET", "/incidents/{incident}/causes", "cause list",
        "afterword cause list inc-0123456789",
    ),
    Operation(
        "cause.judge", "cause:judge", "POST", "/incidents/{incident}/causes/{cause}/judgement", "cause judge",
        'afterword cause judge inc-0123456789 c1 accept --reason "seen in the drill of 20 March"', _JUDGE,
    ),
    Operation(
        "cause.add", "graph:add", "POST", "/incidents/{incident}/causes", "cause add",
        'afterword cause add inc-0123456789 c1 "No test covers an empty basket" --kind defence --held absent', _JUDGE,
    ),
    Operation(
        "cause.link", "graph:link", "POST", "/incidents/{incident}/links", "cause link",
        "afterword cause link inc-0123456789 c1 c2 --kind propagates --cites E3:12", _JUDGE,
    ),
    Operation(
        "cause.unlink", "graph:unlink", "POST", "/incidents/{incident}/links/removal", "cause unlink",
        'afterword cause unlink inc-0123456789 c1 c2 "they do not call each other"', _JUDGE,
    ),
    Operation(
        "cause.merge", "graph:merge", "POST", "/incidents/{incident}/causes/{into}/merge", "cause merge",
        "afterword cause merge inc-0123456789 c1 c2 c3", _JUDGE,
    ),
    Operation(
        "cause.split", "graph:split", "POST", "/incidents/{incident}/causes/{node}/split", "cause split",
        'afterword cause split inc-0123456789 c1 "The pool was full" "Nobody was told"', _JUDGE,
    ),
    Operation(
        "cause.restate", "graph:restate", "POST", "/incidents/{incident}/causes/{node}/statement", "cause restate",
        'afterword cause restate inc-0123456789 c1 "The pool of the orders database was full"', _JUDGE,
    ),
    Operation(
        "cause.need", "graph:need", "POST", "/incidents/{incident}/causes/{node}/needs", "cause need",
        "afterword cause need inc-0123456789 c1 all", _JUDGE,
    ),
    Operation(
        "cause.graph", "graph:draw", "GET", "/incidents/{incident}/graph", "cause graph",
        "afterword cause graph inc-0123456789 --format mermaid",
    ),
    Operation(
        "cause.import", "graph:import_", "POST", "/incidents/{incident}/graph", "cause import",
        "afterword cause import inc-0123456789 whys.md", _JUDGE, ("file",),
    ),
    Operation(
        "cause.history", "graph:history", "GET", "/incidents/{incident}/edits", "cause history",
        "afterword cause history inc-0123456789",
    ),
    Operation(
        "cause.withdraw", "graph:withdraw", "POST", "/incidents/{incident}/edits/{edit}/withdrawal", "cause withdraw",
        'afterword cause withdraw inc-0123456789 g2 "it was the other pool"', _JUDGE,
    ),
    Operation(
        "cause.lint", "lint:check", "GET", "/incidents/{incident}/lint", "cause lint",
        "afterword cause lint inc-0123456789 --strict",
    ),
    Operation("cause.rules", "lint:rules", "GET", "/rules", "cause rules", "afterword cause rules"),
    Operation(
        "cause.ask", "lint:ask", "GET", "/incidents/{incident}/questions", "cause ask",
        "afterword cause ask inc-0123456789 --most 3",
    ),
    Operation(
        "cause.answer", "lint:answer", "POST", "/incidents/{incident}/answers", "cause answer",
        'afterword cause answer inc-0123456789 C12 "c1>c2" no --text "it has never failed with the old pool" --role owner', _JUDGE,
    ),
    Operation(
        "cause.answers", "lint:answers", "GET", "/incidents/{incident}/answers", "cause answers",
        "afterword cause answers inc-0123456789",
    ),
    Operation(
        "cause.whys", "cause:whys", "GET", "/incidents/{incident}/whys", "cause whys",
        "afterword cause whys inc-0123456789",
    ),
    Operation(
        "cause.happened", "cause:happened", "GET", "/incidents/{incident}/tree/facts", "cause happened",
        "afterword cause happened inc-0123456789",
    ),
    Operation(
        "cause.tree", "cause:tree", "GET", "/incidents/{incident}/tree", "cause tree",
        "afterword cause tree inc-0123456789",
    ),
    Operation(
        "evidence.list", "evidence:list_", "GET", "/incidents/{incident}/evidence", "evidence list",
        "afterword evidence list inc-0123456789",
    ),
    Operation(
        "evidence.show", "evidence:show", "GET", "/incidents/{incident}/line", "evidence show",
        "afterword evidence show inc-0123456789 E3:12-14",
    ),
    Operation(
        "evidence.original", "evidence:original", "POST", "/incidents/{incident}/original", "evidence original",
        'afterword evidence original inc-0123456789 E3:12-14 "which token has to be revoked"', _UNSEAL,
    ),
    Operation(
        "evidence.reread", "evidence:reread", "POST", "/incidents/{incident}/reread", "evidence reread",
        "afterword evidence reread inc-0123456789", _WRITE,
    ),
    Operation(
        "evidence.drop", "evidence:drop", "POST", "/incidents/{incident}/evidence/{evidence}/drop", "evidence drop",
        'afterword evidence drop inc-0123456789 E3 "holds names of customers"', _JUDGE,
    ),
    Operation("action.list", "action:list_", "GET", "/actions", "action list", "afterword action list --overdue"),
    Operation("action.show", "action:show", "GET", "/actions/{action}", "action show", "afterword action show A-1"),
    Operation(
        "action.add", "action:add", "POST", "/incidents/{incident}/actions", "action add",
        'afterword action add inc-0123456789 "Add a test of the pool limit" --answers c1 --done-when "it is red without"',
        _WRITE,
    ),
    Operation(
        "action.edit", "action:edit", "POST", "/actions/{action}", "action edit",
        "afterword action edit A-1 --ticket SHOP-421", _WRITE,
    ),
    Operation(
        "action.accept", "action:accept", "POST", "/actions/{action}/accept", "action accept",
        "afterword action accept A-1 --owner maria --due 2026-12-24", _JUDGE,
    ),
    Operation(
        "action.decline", "action:decline", "POST", "/actions/{action}/decline", "action decline",
        'afterword action decline A-1 "the service is switched off in May"', _JUDGE,
    ),
    Operation(
        "action.move", "action:move", "POST", "/actions/{action}/move", "action move",
        'afterword action move A-1 "in progress"', _WRITE,
    ),
    Operation(
        "action.verify", "action:verify", "POST", "/actions/{action}/verify", "action verify",
        "afterword action verify A-1 E7:120 https://ci.example/runs/88", _JUDGE,
    ),
    Operation(
        "alert.graph", "alert:graph", "POST", "/alerts/graph", "alert graph",
        "afterword alert graph alerts/ --out alert-graph", _WRITE, ("evidence", "topology", "prior", "out"),
    ),
    Operation("lesson.list", "lesson:list_", "GET", "/lessons", "lesson list", "afterword lesson list"),
    Operation(
        "lesson.learn", "lesson:learn", "POST", "/lessons/learn", "lesson learn", "afterword lesson learn", _WRITE
    ),
    Operation(
        "lesson.similar", "lesson:similar", "GET", "/similar", "similar", "afterword similar inc-0123456789", _READ,
        ("to",),
    ),
    Operation("lesson.trends", "lesson:trends", "GET", "/trends", "trends", "afterword trends"),
    Operation("lesson.classes", "lesson:classes", "GET", "/classes", "lesson classes", "afterword lesson classes"),
    Operation(
        "lesson.backtest", "lesson:backtest", "POST", "/backtest", "backtest",
        "afterword backtest alerts.yml recordings/", _WRITE, ("rules", "evidence"),
    ),
    Operation(
        "alert.propose", "rule:propose", "POST", "/incidents/{incident}/rules", "alert propose",
        "afterword alert propose inc-0123456789 --out rules.yml", _WRITE, ("out",),
    ),
    Operation("tree.solve", "tree:solve", "GET", "/tree", "tree", "afterword tree shutdown.xml --limit-order 3", _READ, ("file",)),
    Operation("review.check", "review:check", "GET", "/review", "review", "afterword review postmortem.md --strict", _READ, ("file",)),
    Operation(
        "review.argument", "review:argument", "GET", "/argument", "argument", "afterword argument postmortem.md --format whys", _READ,
        ("file",),
    ),
    Operation(
        "review.import", "review:import_", "POST", "/imports", "import", "afterword import old-postmortem.docx", _WRITE,
        ("files",),
    ),
    Operation(
        "evidence.refer", "reference:refer", "POST", "/references", "evidence refer",
        "afterword evidence refer clickhouse://reader@tables:8123/otel 2026-03-14T09:00:00Z/2026-03-14T10:00:00Z evidence", _WRITE,
        ("out",),
    ),
    Operation(
        "evidence.requery", "reference:requery", "POST", "/incidents/{incident}/requery", "evidence requery",
        "afterword evidence requery inc-0123456789 --engine clickhouse://reader@tables:8123/otel",
    ),
    Operation(
        "query.ask", "query:ask", "POST", "/query", "query",
        "afterword query template-changes --incident inc-0123456789 --engine local-spark",
    ),
    Operation("query.list", "query:list_", "GET", "/queries", "queries", "afterword queries"),
    Operation(
        "logs.mine", "logs:mine", "POST", "/logs", "logs", "afterword logs app.log --assign templates.csv", _WRITE,
        ("files", "assign"),
    ),
    Operation("inbox.list", "inbox:list_", "GET", "/inbox", "inbox list", "afterword inbox list"),
    Operation(
        "inbox.export", "inbox:export", "POST", "/inbox/export", "inbox export",
        "afterword inbox export 2026-03-14T08:00:00Z/2026-03-14T11:00:00Z received", _WRITE, ("out",),
    ),
    Operation("admin.info", "admin:info", "GET", "/info", "info", "afterword info"),
    Operation("admin.journal", "admin:journal", "GET", "/journal", "journal", "afterword journal --kind action"),
    Operation("demo.run", "demo:run", "POST", "/demo", "demo", "afterword demo", _WRITE, ("out",)),
    Operation("bench.list", "bench:list_", "GET", "/benchmarks", "bench list", "afterword bench list"),
    Operation(
        "bench.rca", "bench:rca", "POST", "/benchmarks/rca", "bench rca", "afterword bench rca cases/ --every 4 --ablate",
        _WRITE, ("folder",),
    ),
)  # fmt: skip

_BY_NAME = {operation.name: operation for operation in OPERATIONS}


def find(name: str) -> Operation:
    """Raises NotFoundError that names near ones."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    near = difflib.get_close_matches(name, _BY_NAME, 3)
    raise NotFoundError(f"There is no operation {name!r}." + (f" Near: {', '.join(near)}." if near else ""))


def tool_name(operation: Operation) -> str:
    """The name of the operation for agents: ``action_list``."""
    return operation.name.replace(".", "_")


def function(operation: Operation) -> Callable[..., Any]:
    module, _, name = operation.function.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(f"{_ROOM}.{module}"), name)
    return found


def summary(operation: Operation) -> str:
    """The first line of the docstring."""
    return (inspect.getdoc(function(operation)) or "").partition("\n")[0]


def description(operation: Operation) -> str:
    return inspect.getdoc(function(operation)) or ""


@cache
def parameters(operation: Operation) -> tuple[Parameter, ...]:
    """Everything but the workspace, in the order of the signature."""
    called = function(operation)
    _, *rest = inspect.signature(called).parameters.values()
    return tuple(_parameter(one, called.__module__) for one in rest)


def returns(operation: Operation) -> Any:
    """The type of the answer."""
    return annotation.returned(function(operation))


def _parameter(one: inspect.Parameter, module: str) -> Parameter:
    type_, said = annotation.evaluated(one.annotation, module), ""
    if get_origin(type_) is Annotated:
        type_, said = get_args(type_)[:2]
    return Parameter(one.name, type_, said, one.default)
