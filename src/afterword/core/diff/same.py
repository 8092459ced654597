"""Why a hunk that was parsed before and after cannot change behaviour: same program, other names, other wording."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from afterword.core.diff.logged import is_log, only_logged, wording
from afterword.core.diff.rename import renamed
from afterword.core.diff.shape import Step, shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.diff.hunk import Hunk
    from afterword.core.diff.syntax import Node, Syntax

FORMAT = "changes only formatting or comments"
_IMPORTS = frozenset(
    ["import_statement", "import_from_statement", "import_declaration", "import_spec", "import_header", "import",
     "preproc_include", "using_directive", "use_declaration", "namespace_use_declaration"]
)  # fmt: skip
_VERSION = re.compile(r"(?i)^(__)?(app|build|release|program|module|package)?_?version(__)?$")
_NUMBERED = re.compile(r"[\"'`]v?\d+(\.\w+)*([-+][\w.+\-]+)?[\"'`]")


def why_same(hunk: Hunk, old: Syntax, new: Syntax) -> str:
    """The reason why two sides of a hunk behave alike, or empty."""
    a, b = shape(old), shape(new)
    if says(a) == says(b):
        # A parser that lost its way also loses which lines are indented below which.
        sound = not (old.broken or new.broken) or old.language != "python"
        return FORMAT if sound or _indented(hunk) else ""
    if _imports_moved(old, new):
        return "changes only the order of imports"
    if only_logged(old, new):
        return "changes only what is written to the log"
    if len(a) != len(b) or [s.leaf is None for s in a] != [s.leaf is None for s in b]:
        return ""
    pairs = [(x.leaf, y.leaf) for x, y in zip(a, b, strict=True) if x.says != y.says]
    leaves = [(x, y) for x, y in pairs if x is not None and y is not None]
    if len(leaves) != len(pairs):
        return ""
    return wording(leaves, old, new) or renamed(hunk, leaves, old, new) or _version(leaves, old)


def says(steps: Sequence[Step]) -> list[str]:
    return [step.says for step in steps]


def _indented(hunk: Hunk) -> bool:
    """Whether the lines before and after stand equally deep, one by one."""
    sides = [
        [(len(x.text) - len(x.text.lstrip()), x.code.split()) for x in hunk.side(s) if x.code.strip()] for s in "-+"
    ]
    return sides[0] == sides[1]


def _imports_moved(old: Syntax, new: Syntax) -> bool:
    def imported(node: Node) -> bool:
        return node.type in _IMPORTS and any(leaf.type.endswith(("identifier", "name")) or "path" in leaf.type or "string" in leaf.type for leaf in node.leaves())  # fmt: skip

    before, after = ([n for n in side.root.walk() if imported(n)] for side in (old, new))
    named = [Counter(tuple(sorted(leaf.text for leaf in n.leaves() if leaf.text not in {"(", ")", ",", ";"})) for n in side) for side in (before, after)]  # fmt: skip
    # `import "x"` alone is there for what it does when it is loaded, so its place matters.
    bare = any(re.fullmatch(r"import\s+[\"'][^\"']*[\"'];?", n.text.strip()) for n in (*before, *after) if n.changed)
    return named[0] == named[1] and not bare and says(shape(old, imported)) == says(shape(new, imported))


def _version(leaves: Sequence[tuple[Node, Node]], old: Syntax) -> str:
    """A program's own version text, as the value of a name that says so."""
    above = old.above()
    for before, after in leaves:
        text, named = before, ""
        while (parent := above.get(id(text))) is not None and not named and parent.row == before.row:
            named = next((n.text for n in parent.children if n.type.endswith("identifier") and n.text != text.text), "")
            text = parent
        quoted = f'"{before.text.strip(chr(34) + chr(39))}"', f'"{after.text.strip(chr(34) + chr(39))}"'
        if not (_VERSION.match(named) and all(_NUMBERED.fullmatch(q) for q in quoted)):
            return ""
    return "changes only a version text"


__all__ = ["FORMAT", "is_log", "why_same"]
