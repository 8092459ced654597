"""What a change could break, read from its diff: mechanisms, or the reason why it cannot change behaviour.

Pure text analysis. It knows mechanisms, not programs: an effect says what the edit *can* do, never that it did.
A statement that only moved (its words stand on the added side too) is not an effect.
"""

from __future__ import annotations

from afterword.core.diff.effect import DiffJudgement, Effect
from afterword.core.diff.judgement import judge
from afterword.core.diff.match import symptom_match
from afterword.core.diff.patch import file_kind
from afterword.core.diff.setting import size
from afterword.core.diff.word import words

__all__ = ["DiffJudgement", "Effect", "file_kind", "judge", "size", "symptom_match", "words"]
