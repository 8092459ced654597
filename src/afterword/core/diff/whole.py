"""What a diff does to whole files: moved, deleted, binary, no longer executable, named and not shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.patch import HARMLESS_FILES, file_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.diff.patch import Line

_MARKS: tuple[tuple[re.Pattern[str], str, str, float], ...] = (
    (re.compile(r"Binary files .+ differ$|GIT binary patch$"), "unseen", "a binary file changed, which nobody can read here", 0.15),
    (re.compile(r"rename to "), "replaced", "a file was moved", 0.3),
    (re.compile(r"deleted file mode "), "replaced", "a file was deleted", 0.35),
    (re.compile(r"new mode 100644"), "permission", "a file may no longer be executed", 0.6),
)  # fmt: skip


#: What a package manager writes beside a manifest.
_LOCKED = re.compile(r"(?i)\.(sum|lock)$|lock\.(json|ya?ml)$")


def whole_files(diff: str, most: int) -> Iterator[Effect]:
    """What the headers between the hunks say, for files that a running service could miss."""
    rows, path = diff.split("\n"), ""
    for i, row in enumerate(rows[:most]):
        if row.startswith("diff --git "):
            path = row.split(" b/")[-1].strip()
        elif row[:1] not in "+-@ " and file_kind(path) not in HARMLESS_FILES:
            for pattern, kind, says, weight in _MARKS:
                if pattern.match(row):
                    yield effect_of(kind, f"{says}: {path}" if path else says, i + 1, weight, path)
    if len(rows) > most:
        yield effect_of("unseen", f"the diff goes on behind its first {most} lines", most, 0.15, "")


def unshown(files: Sequence[str], lines: Sequence[Line]) -> Iterator[Effect]:
    """Files that the change names and whose lines the diff does not give, where it names the files of its lines at all."""
    shown = {x.path for x in lines}
    if not shown - {""}:
        return
    hidden = [f for f in files if f and f not in shown and file_kind(f) not in HARMLESS_FILES and not _LOCKED.search(f) and not any(s.endswith("/" + f) or f.endswith("/" + s) for s in shown if s)]  # fmt: skip
    if hidden:
        yield effect_of("unseen", f"the diff of {', '.join(hidden[:3])} is not given", 0, 0.12, " ".join(hidden[:20]))
