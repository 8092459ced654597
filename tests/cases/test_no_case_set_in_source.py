"""One engine, one configuration: no case set is named in the source, nor a component that is at fault in one."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from afterword.app.bench import sets

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".." / "shared" / "data" / "rca"
#: Components that are called by a word of everyday speech, or of the trade, which rules may well use.
EVERYDAY = {"frontend", "payment", "orders", "shipping", "master", "default", "auth", "user", "carts", "redis", "mysql", "email", "catalogue", "adservice"}  # fmt: skip


def _texts(path: Path) -> Iterator[str]:
    """Texts that the program uses: not what its docstrings tell people."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def _named(words: set[str], texts: dict[Path, list[str]]) -> list[str]:
    pattern = re.compile(r"(?<![a-z0-9])(" + "|".join(map(re.escape, sorted(words))) + r")(?![a-z0-9])", re.IGNORECASE)
    return [
        f"{path.relative_to(ROOT)}: {text[:80]}"
        for path, said in texts.items()
        for text in said
        if pattern.search(text)
    ]


@pytest.mark.shared
def test_no_rule_knows_the_cases_it_is_measured_on(tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip(f"the case sets are not here: {DATA}")
    found = list(sets.find(DATA, tmp_path))
    names = {word for folder in DATA.iterdir() if folder.is_dir() for word in (folder.name, folder.name.split("-")[0])}
    components: set[str] = set()
    for one in found:
        for trial in one.trials():
            components |= {trial.component.lower(), trial.fault[0].partition("/")[2].lower()}
    components = {
        one for one in components if len(one) > 4 and one not in EVERYDAY and not re.fullmatch(r"\w+-?\d+", one)
    }
    assert len(components) > 25
    texts = {path: list(_texts(path)) for path in sorted((ROOT / "src").rglob("*.py"))}
    assert _named(names - {"alarm", "cloud"}, texts) == []
    assert _named(components, texts) == []


def test_the_check_finds_what_it_is_for() -> None:
    """A rule that asks for one shop's service would be found."""
    texts = {ROOT / "src" / "rule.py": ["if name == 'checkout-desk'", "a checkout-desks man"]}
    assert len(_named({"checkout-desk"}, texts)) == 1
