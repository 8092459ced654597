"""Fixtures of the tests that talk to real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from real_servers import PACKAGES, Servers, needed, started

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    needed(*PACKAGES)
    yield from started(tmp_path_factory.mktemp("servers"))
