"""RDS PostgreSQL incidents with red herrings. Given: alert, CloudWatch, Performance Insights, RDS events. Told: nothing.

A case without an incident is right when no cause is put forward; the others by the words that must be said. Which words
those are is the answer's own list, without the names of the files that the original agent had to look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from cases.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def cases(data: Path) -> Iterator[Case]:
    for path in sorted(data.glob("*/answer.yml")):
        answer = yaml.safe_load(path.read_text())
        category = answer["root_cause_category"]
        yield Case(
            path.parent.name,
            tuple(sorted(path.parent.glob("a*.json"))),
            {},
            words=tuple(answer["required_keywords"]),
            healthy=category == "healthy",
            group=category,
        )
