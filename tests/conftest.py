"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is no fault of the code: how long an example takes decides nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
