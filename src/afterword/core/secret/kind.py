"""What can be switched on and off; apart from the rules, so that settings can be read without them."""

from __future__ import annotations

from typing import Final

#: In the order in which they are named.
KINDS: Final = ("secrets", "emails", "cards", "ids")
#: Version of the rules; it goes up when the same bytes would be redacted otherwise.
RULES: Final = 1
