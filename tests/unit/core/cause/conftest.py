from __future__ import annotations

import sys
from pathlib import Path

# The incident of the pool is told once, for all tests of the core.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
