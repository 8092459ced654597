"""The documents keep up with the code: nothing is left out, links lead somewhere, and commands can be typed."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from afterword.app import config, desk, plugs, table
from afterword.faces.cli import main
from afterword.model.incident import PointName
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import reference  # noqa: E402 - a script beside the package

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("operation", table.OPERATIONS, ids=lambda one: one.name)
def test_every_operation_is_in_the_reference(operation: table.Operation) -> None:
    assert f"## afterword {operation.command}\n" in page("cli.md")
    assert f"## {table.tool_name(operation)}\n" in page("mcp.md")
    assert f'"operationId": "{table.tool_name(operation)}"' in page("openapi.json")


def test_every_plugin_is_in_the_reference() -> None:
    for name, found in (
        ("sources.md", plugs.sources()),
        ("analyses.md", plugs.analyses()),
        ("exporters.md", reference.exporters()),
    ):
        assert not [one.name for one in found if f"| `{one.name}` |" not in page(name)]


def test_every_setting_and_variable_is_in_the_reference() -> None:
    for name, variable, _ in config.SETTINGS:
        assert f"`{name}`" in page("settings.md")
        assert f"`{variable}`" in page("settings.md")


def test_every_refusal_is_in_the_reference() -> None:
    named = {*reference.refusal_codes(), *(kind.code for kind in reference.kinds())}
    assert {"refused", "action-step", "too-big"} <= named, "the codes are not found in the code any more"
    assert not [code for code in named if f"| `{code}` |" not in page("refusals.md")]


def test_every_point_is_explained() -> None:
    text = (ROOT / "docs" / "explanation" / "points.md").read_text(encoding="utf-8")
    assert not [name.value for name in PointName if f"`{name.value}`" not in text]


def test_every_decision_is_listed_and_has_its_four_parts() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    found = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [one.name[:4] for one in found] == [f"{n:04d}" for n in range(1, len(found) + 1)]
    for one in found:
        assert f"({one.name})" in listed
        parts = re.findall(r"^## (.*)$", one.read_text(encoding="utf-8"), re.MULTILINE)
        assert parts == ["Context", "Choice", "Consequences", "What would change our mind"], one.name


@pytest.mark.parametrize("path", PAGES, ids=lambda one: one.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    assert not [link for link in _links(text) if not _leads(path, link)]


def _links(text: str) -> Iterator[str]:
    for found in _LINK.finditer(text):
        link = found.group(1) or found.group(2)
        if not link.startswith(("http:", "https:", "mailto:")):
            yield link


def _leads(path: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (path.parent / file) if file else path
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target.read_text(encoding="utf-8"))


def _anchors(text: str) -> set[str]:
    """Names of headings as pages make them: lower case, blanks as hyphens, no punctuation."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def shown(text: str) -> Iterator[str]:
    """Lines of shell blocks that call afterword; a line that ends in a backslash goes on."""
    for kind, block in _FENCE.findall(text):
        if kind == "sh":
            lines = block.replace("\\\n", " ").splitlines()
            yield from (line for line in lines if line.startswith("afterword "))


def typed(line: str) -> None:
    """Parse a line as the program would, values included. Raises what a person who typed it would be told."""
    words = shlex.split(line, comments=True)[1:]
    upto = next((n for n, word in enumerate(words) if word in {"|", ">", ">>", "&&", ";", "2>"}), len(words))
    context = main.cli.make_context("afterword", words[:upto])
    found: click.Command = main.cli
    rest = [*context._protected_args, *context.args]
    while isinstance(found, click.Group):
        _, inner, rest = found.resolve_command(context, rest)
        assert inner is not None
        context = inner.make_context(inner.name, rest, parent=context)
        found, rest = inner, [*context._protected_args, *context.args]
    operation = getattr(found, "operation", None)
    if operation is not None:
        desk.decode(operation, _said(operation, context.params), text=True)


def _said(operation: table.Operation, given: dict[str, Any]) -> dict[str, Any]:
    names = [one.name for one in table.parameters(operation)]
    return {name: given[name] for name in names if given.get(name) not in (None, ())}


@pytest.mark.parametrize("path", PAGES, ids=lambda one: one.relative_to(ROOT).as_posix())
def test_every_command_shown_can_be_typed(path: Path) -> None:
    for line in shown(path.read_text(encoding="utf-8")):
        try:
            typed(line)
        except (click.ClickException, InvalidError) as error:
            pytest.fail(f"{line}\n{error}")


@pytest.mark.parametrize("operation", table.OPERATIONS, ids=lambda one: one.name)
def test_every_example_of_the_table_can_be_typed(operation: table.Operation) -> None:
    typed(operation.example)


@pytest.mark.parametrize(
    "line",
    ["afterword analyse x", "afterword analyze x --att now", "afterword action move A-1 finished", "afterword verify"],
)
def test_a_command_that_cannot_be_typed_is_noticed(line: str) -> None:
    """The negative control: a misspelt command, an option that is none, a word that is none, a missing argument."""
    with pytest.raises((click.ClickException, InvalidError)):
        typed(line)


def test_a_link_that_leads_nowhere_is_noticed(tmp_path: Path) -> None:
    """The negative control of the links: a file that is not there, and a heading that is not there."""
    path = tmp_path / "a.md"
    path.write_text("# A heading, twice\n\n[x](b.md) [y](#a-heading-twice) [z](#gone)\n", encoding="utf-8")
    assert [link for link in _links(path.read_text(encoding="utf-8")) if not _leads(path, link)] == ["b.md", "#gone"]
