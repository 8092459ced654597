"""Write docs/reference/ and the table of sources in the README out of the code. ``--check`` writes nothing and fails
where they say something else.

Every page is made from what the program itself uses: the table of operations, the commands, the plug-ins, the settings,
the words. The same code gives the same bytes on every machine.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import sys
from enum import Enum, IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import codes

import afterword.exporters
from afterword.app import config, plugs, table
from afterword.core import action as life
from afterword.core import argument_rule, lint, review
from afterword.faces import status
from afterword.faces.cli import command, main
from afterword.faces.http import openapi
from afterword.faces.mcp import server
from afterword.model import action, cause, event, evidence, incident, refusal, timeline, tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.app.table import Operation

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
SOURCE = ROOT / "src" / "afterword"
MADE = "<!-- Made by tools/reference.py (make reference): edit the code, not this page. -->"
#: What a variable of the environment is for that is no setting of a workspace.
VARIABLES = {
    "AFTERWORD_WORKSPACE": "The workspace to use; else the nearest `.afterword` upward from here.",
    "AFTERWORD_RECEIVE_TOKEN": "What senders of OTLP and Alertmanager give to `afterword receive`; needed to listen on anything but loopback.",
    "AFTERWORD_PAGERDUTY_SECRET": "The secret with which PagerDuty signs its webhooks; several are separated by blanks.",
    "AFTERWORD_GITHUB_SECRET": "The secret with which GitHub signs its webhooks; several are separated by blanks.",
    "AFTERWORD_TOKEN": "What callers of `afterword serve` have to give; needed to listen on anything but loopback.",
    "AFTERWORD_ENGINE_PASSWORD": "The password or token of the engine that answers queries; it is shown and kept nowhere.",
    "AFTERWORD_DEBUG": "`1`: a fault of afterword prints its details instead of writing them to a file.",
    "AFTERWORD_NO_COMPILER": "Any value: fault trees are worked out in plain Python, nothing is compiled.",
}
#: Where the table of sources stands in the README.
_BETWEEN = re.compile(r"(<!-- sources: begin -->)\n.*?(<!-- sources: end -->)", re.DOTALL)
#: Options of every command, told once.
_COMMON = ("as_json", "local", "workspace", "actor")
#: The words that people meet, in the order of the page.
WORDS: tuple[tuple[str, type[Enum]], ...] = (
    ("Points of an incident", incident.PointName),
    ("Who says a point", incident.By),
    ("State of a duration", incident.Measured),
    ("State of an incident", incident.Status),
    ("Kinds of moments in a timeline", timeline.MomentKind),
    ("Kinds of events", event.Kind),
    ("Roles of causes", cause.Role),
    ("Grades of causal links", cause.Grade),
    ("What an effect needs of its causes", cause.Needs),
    ("Kinds of causal links", cause.LinkKind),
    ("Judgements on a cause", cause.Judgement),
    ("Verdict of an explanation", cause.Verdict),
    ("States of an action", action.ActionState),
    ("Kinds of change of an action", action.ActionKind),
    ("Categories of an action", action.ActionCategory),
    ("Strength of a control, strongest first", action.Strength),
    ("Priorities", action.Priority),
    ("Gravity of a problem with evidence", evidence.Gravity),
    ("Gates of a fault tree", tree.GateKind),
)


def pages() -> dict[str, str]:
    """Every page by its name."""
    made = {
        "cli.md": _cli(),
        "openapi.json": json.dumps(openapi.document(), indent=1, ensure_ascii=False, default=str) + "\n",
        "mcp.md": _mcp(),
        "sources.md": _plugs(
            "Sources", "What can be read. A file is given to the source that is surest of its first 64 KiB; its name decides nothing.",
            ("Name", "Reads", "Version"), ((one.name, one.about, str(one.version)) for one in plugs.sources()),
        ),
        "connectors.md": _connectors(),
        "analyses.md": _plugs(
            "Analyses", "Systemic weaknesses that are looked for in every incident. Each finding cites its evidence and names what it cannot see.",
            ("Name", "Looks for"), ((one.name, one.about) for one in plugs.analyses()),
        ),
        "exporters.md": _plugs("Exporters", "How a document is written.", ("Name", "Writes"), ((one.name, one.about) for one in exporters())),
        "settings.md": _settings(),
        "refusals.md": _refusals(),
        "review.md": _review(),
        "lint.md": _lint(),
        "words.md": _words(),
    }  # fmt: skip
    return {"README.md": _index(made), **made}


def exporters() -> list[Any]:
    """The constants of the exporters' room, sorted by name."""
    names = [one.name for one in pkgutil.iter_modules(afterword.exporters.__path__)]
    found = [getattr(importlib.import_module(f"afterword.exporters.{name}"), "EXPORTER", None) for name in names]
    return sorted((one for one in found if one is not None), key=lambda one: str(one.name))


def _index(made: Mapping[str, str]) -> str:
    about = {"openapi.json": "HTTP API (OpenAPI 3.1)"}
    links = [f"- [{about.get(name) or text.split(chr(10))[2].lstrip('# ')}]({name})" for name, text in made.items()]
    return _page("Reference", "Made from the code by `make reference`.", "\n".join(links))


# ------------------------------------------------------------------------------------------------ commands


def _cli() -> str:
    found = list(commands(main.cli))
    intro = (
        "`afterword COMMAND --help` says the same. Exit codes: 0 done · 1 done, and what was asked about does not hold · "
        "2 the request cannot be understood · 3 the evidence cannot be read at all · 4 refused by a rule · "
        "70 a fault of afterword."
    )
    parts = [intro, _table(("Command", "What it does"), ((_linked(path), _about(one)) for path, one in found))]
    parts += [
        "These stand before any command; `--json`, `--local`, `--workspace` and `--actor` may also stand behind it.",
        *_options(main.cli, _context(main.cli, "afterword"), hide=set()),
    ]
    for path, one in found:
        parts += list(_command(path, one))
    return _page("Commands", *parts)


def _linked(path: str) -> str:
    return f"[`{path}`](#afterword-{path.replace(' ', '-')})"


def _about(found: click.Command) -> str:
    operation = getattr(found, "operation", None)
    return table.summary(operation) if operation else (found.help or "").partition("\n")[0]


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, by name."""
    for name, found in sorted(group.commands.items()):
        path = f"{before} {name}".strip()
        if isinstance(found, click.Group):
            yield from commands(found, path)
        else:
            yield path, found


def _command(path: str, found: click.Command) -> Iterator[str]:
    operation = getattr(found, "operation", None)
    context = _context(found, f"afterword {path}")
    asked = found.get_params(context)
    arguments = [one for one in asked if isinstance(one, click.Argument)]
    words = " ".join(one.make_metavar(context) for one in arguments)
    yield f"## afterword {path}"
    yield table.description(operation) if operation else (found.help or "")
    yield f"```\nafterword {' '.join(filter(None, (path, '[OPTIONS]', words)))}\n```"
    if operation:
        needed = [one for one in table.parameters(operation) if one.required]
        if needed:
            yield _table(
                ("Argument", "What it is"), ((f"`{one.name.upper()}`", command.explained(one)) for one in needed)
            )
    yield from _options(found, context, hide={"help", *_COMMON} if operation else {"help"})
    example = operation.example if operation else (found.epilog or "").removeprefix("Example: ")
    if example.startswith("afterword "):
        yield f"Example:\n\n```sh\n{example}\n```"


def _context(found: click.Command, name: str) -> click.Context:
    """As the program makes it: a command that ran before in this process must not change how its help reads."""
    return click.Context(found, info_name=name, **main.cli.context_settings)


def _options(found: click.Command, context: click.Context, hide: set[str]) -> Iterator[str]:
    rows = []
    for one in found.get_params(context):
        if isinstance(one, click.Option) and one.name not in hide:
            value = "" if one.is_flag else f" {one.make_metavar(context)}"
            default = f" Default: {one.default}." if one.show_default else ""
            rows.append((f"`{', '.join(one.opts)}{value}`", (one.help or "") + default))
    if rows:
        yield _table(("Option", "What it does"), rows)


# ------------------------------------------------------------------------------------------------ agents


def _mcp() -> str:
    intro = (
        "`afterword mcp` serves these tools over standard input and output, `afterword serve` under `/mcp`. Tools that only "
        "look carry the read-only hint. What needs the right to judge is refused to agents unless the server was started "
        "with `--judge`."
    )
    parts = [intro, _table(("Tool", "Read-only", "Right", "What it does"), map(_tool, table.OPERATIONS))]
    for one in table.OPERATIONS:
        tool = server.tool(one)
        schema = json.dumps(tool.input_schema, indent=1, ensure_ascii=False)
        parts += [f"## {tool.name}", tool.description or "", f"```json\n{schema}\n```"]
    return _page("MCP tools", *parts)


def _tool(one: Operation) -> tuple[str, ...]:
    name = table.tool_name(one)
    return f"[`{name}`](#{name})", "yes" if one.method == "GET" else "no", one.scope.value, table.summary(one)


# ------------------------------------------------------------------------------------------------ plug-ins, settings


def _plugs(title: str, about: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return _page(title, about, _table(head, ((f"`{name}`", _capital(says), *rest) for name, says, *rest in rows)))


def _connectors() -> str:
    """Every connector with its options and secrets."""
    about = (
        "Live systems that can be asked, by their entry in `afterword.toml` or as `CONNECTOR+https://…`: "
        "[how to](../howto/collect.md). Keys that every system may have are described there."
    )
    parts = [
        _table(
            ("Name", "Asks for", "Tested against"),
            ((f"[`{one.name}`](#{one.name})", _capital(one.about), one.tested) for one in plugs.connectors()),
        )
    ]
    for one in plugs.connectors():
        rows = [(f"`{name}`", says) for name, says in one.options.items()]
        rows += [
            (f"`{name}_env`", f"The variable that holds: {says[:1].lower()}{says[1:]}")
            for name, says in one.secrets.items()
        ]
        rows += [("`url`", f"Default {one.url}")] if one.url else []
        parts += [f"## {one.name}", _table(("Key", "Meaning"), rows) if rows else "It has no options of its own."]
    return _page("Connectors", about, *parts)


def _settings() -> str:
    found = config.load(Path("/nowhere/config.toml"), {})
    defaults = {
        "actor": "your login name",
        **{f"due.{one.value}": str(found.due_days[one]) for one in action.Priority},
        "collect.largest": str(found.largest >> 20),
        "engine": found.engine,
        "slo": "none",
        **{f"redact.{kind}": "true" for kind in found.redact},
    }
    said = {variable for _, variable, _ in config.SETTINGS}
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py")))
    others = sorted(set(re.findall(r"\"(AFTERWORD_[A-Z0-9_]+)\"", text)) - said)
    return _page(
        "Settings",
        "In `config.toml` of the workspace, or in the environment; the environment wins. `afterword info` says of each "
        "where its value came from.",
        _table(
            ("Setting", "Variable", "What it says", "Default"),
            ((f"`{name}`", f"`{variable}`", about, defaults[name]) for name, variable, about in config.SETTINGS),
        ),
        "## Only in the environment",
        _table(("Variable", "What it says"), ((f"`{name}`", VARIABLES[name]) for name in others)),
    )


# ------------------------------------------------------------------------------------------------ refusals, rules


def kinds() -> list[type[refusal.RefusalError]]:
    """The kinds of refusals, in the order of the file."""
    found = [one for one in vars(refusal).values() if isinstance(one, type) and issubclass(one, refusal.RefusalError)]
    return sorted(found, key=lambda one: inspect.getsourcelines(one)[1])


def refusal_codes() -> dict[str, codes.Code]:
    """Codes beside those of the kinds."""
    names = frozenset(one.__name__ for one in kinds())
    found = codes.refusals(codes.modules(SOURCE), names)
    return {name: one for name, one in found.items() if name not in {kind.code for kind in kinds()}}


def _refusals() -> str:
    rows = []
    for kind in kinds():
        says = (kind.__doc__ or "").partition(";")[0].partition("\n")[0].strip().rstrip(".")
        exit_ = main.EXIT.get(kind.code, main.REFUSED)
        rows.append(
            (
                f"`{kind.code}`",
                f"`{kind.__name__}`",
                says,
                str(exit_),
                str(status.STATUS.get(kind.code, status.REFUSED)),
            )
        )
    return _page(
        "Refusals",
        "A request that cannot be carried out is answered with a code and a sentence. Codes are stable; sentences are for "
        "people. The kind decides the exit code and the HTTP status; MCP answers with an error result that holds the code.",
        _table(("Code", "Kind", "When", "Exit", "HTTP"), rows),
        "## Codes of single rules",
        "Exit 4 and HTTP 409, as for `refused`; `too-big` is a request that cannot be answered (exit 2, HTTP 422).",
        _codes(refusal_codes()),
        "## Problems with evidence",
        "What is wrong with bytes is no refusal: reading goes on, and the problem stands beside the evidence with its place.",
        _codes(codes.aside(codes.modules(SOURCE))),
    )  # fmt: skip


def _codes(found: Mapping[str, codes.Code]) -> str:
    rows = [
        (f"`{name}`", "<br>".join(sorted(one.sentences)) or "a sentence made of what was found", "<br>".join(f"`{file}`" for file in sorted(one.files)))
        for name, one in found.items()
    ]  # fmt: skip
    return _table(("Code", "Says", "Where"), rows)


def _review() -> str:
    parts = ["What `afterword review` looks for in a postmortem. `--strict` fails on errors and warnings."]
    parts.append(
        "A rule whose precision was not shown on documents of strangers is a *hint*: it is told, and fails nothing. The rules that"
        " begin with `argument` look at the document as a graph (`afterword argument`) and name the rule of"
        " [the linter](lint.md) that they carry over."
    )
    rules: tuple[review.Rule | argument_rule.ArgumentRule, ...] = (*review.RULES, *argument_rule.RULES)
    for rule in rules:
        parts += [
            f"## {rule.id}",
            f"*{rule.severity}.* {rule.says} {rule.suggest}",
            f"Found in:\n\n{_quoted(rule.bad)}\n\nNot found in:\n\n{_quoted(rule.good)}",
        ]
    return _page("Rules of the review", *parts)


def _lint() -> str:
    about = (
        "What `afterword cause lint` looks for. The examples are sketches: a node a line, `->` from cause to effect. How to answer"
        " and to waive: [argue about the causes](../howto/argue.md)."
    )
    parts = [about]
    for rule in lint.RULES:
        asks = [f"It asks: *{rule.asks}*"] if rule.asks else []
        parts += [
            f"## {rule.id} {rule.name}",
            f"*{rule.severity}, decided by {rule.decides}.* {rule.says} {rule.suggest} Source: {rule.source}.",
            *asks,
            f"Found in:\n\n{_sketched(rule.bad)}\n\nNot found in:\n\n{_sketched(rule.good)}",
        ]
    return _page("Rules for causal analyses", *parts)


def _sketched(text: str) -> str:
    return "```text\n" + text.strip("\n") + "\n```"


def _quoted(text: str) -> str:
    return "```markdown\n" + text.strip("\n") + "\n```"


# ------------------------------------------------------------------------------------------------ words


def _words() -> str:
    parts = ["The words that commands, documents and APIs use. What they mean: [points](../explanation/points.md), [causes](../explanation/causes.md)."]  # fmt: skip
    for title, word in WORDS:
        values = (f"{one.value} {one.name.lower()}" if issubclass(word, IntEnum) else str(one.value) for one in word)
        said = (vars(word).get("__doc__") or "").partition("\n")[0].replace(" (words.md)", "")
        parts += [f"## {title}", said, " · ".join(f"`{one}`" for one in values)]
    parts += [
        "## Durations",
        _table(("Duration", "From", "To"), ((name, start.value, end.value) for name, start, end in incident.DURATIONS)),
        "## Steps of an action",
        "What a person may move an action to. `effective` and `ineffective` are shown by later incidents.",
        _table(("From", "To"), ((one.value, ", ".join(step.value for step in steps)) for one, steps in life.STEPS.items())),
        "Days until an accepted action is due: " + ", ".join(f"{one.value} {days}" for one, days in life.DUE_DAYS.items()) + ".",
    ]  # fmt: skip
    return _page("Words", *parts)


# ------------------------------------------------------------------------------------------------ Markdown


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([MADE, f"# {title}", *filter(None, parts)]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(_cell(one) for one in row)} |" for row in rows)])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def readme() -> str:
    """README.md with the table of the sources as the code has them."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = _table(("Reads", "Source"), ((_capital(one.about), f"`{one.name}`") for one in plugs.sources()))
    return _BETWEEN.sub(lambda marks: f"{marks[1]}\n{found}\n{marks[2]}", text)


def wanted() -> dict[Path, str]:
    """Every file as it should be on the disk."""
    return {ROOT / "README.md": readme(), **{FOLDER / name: text for name, text in pages().items()}}


def differences(made: Mapping[Path, str]) -> list[Path]:
    """Files that are not on the disk as they should be, and those of the folder that nobody makes."""
    there = [*made, *(path for path in (FOLDER.iterdir() if FOLDER.is_dir() else ()) if path not in made)]
    return sorted(path for path in there if not path.exists() or path.read_text(encoding="utf-8") != made.get(path))


def run(arguments: Sequence[str]) -> int:
    """0, or 1 when --check found something."""
    made = wanted()
    apart = differences(made)
    if "--check" in arguments:
        for path in apart:
            print(f"{path.name} is not what the code says; run: make reference")
        return 1 if apart else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in apart:
        if path in made:
            path.write_text(made[path], encoding="utf-8")
        else:
            path.unlink()
    print(f"docs/reference and README: {len(made)} files, {len(apart)} of them changed")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
