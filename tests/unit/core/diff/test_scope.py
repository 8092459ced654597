"""What a change touches, by its paths."""

from __future__ import annotations

import pytest

from afterword.core.diff import judge
from afterword.core.diff.scope import scope


@pytest.mark.parametrize(
    ("path", "part"),
    [("services/checkout/main.go", "service checkout"), ("src/cart/handler.py", "service cart"), ("pkg/retry/retry.go", "library pkg/retry"),
     ("libs/common.py", "library libs/common"), ("services/a/internal/db.go", "service a"), ("go.mod", "everything (go.mod)"),
     ("proto/order.proto", "library proto/order"), ("src/main.rs", "everything (src/main.rs)")],
)  # fmt: skip
def test_part(path: str, part: str) -> None:
    assert scope([path]) == (part,)


def test_tests_and_documents_are_no_part() -> None:
    judged = judge(
        "-timeout: 1\n+timeout: 2", ["services/a/x.yaml", "README.md", "tests/test_x.py", "services/a/y.yaml"], ""
    )
    assert judged.parts == ("service a",)
