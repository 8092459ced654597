"""Which language a file is written in, and what of a language matters when two texts are compared."""

from __future__ import annotations

import re
from functools import lru_cache

_BY_ENDING = {
    "py": "python", "pyi": "python", "go": "go", "java": "java", "js": "javascript", "jsx": "javascript",
    "mjs": "javascript", "cjs": "javascript", "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx",
    "cs": "c_sharp", "rb": "ruby", "rake": "ruby", "rs": "rust", "php": "php", "kt": "kotlin", "kts": "kotlin", "c": "c",
    "h": "cpp", "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "hpp": "cpp", "hh": "cpp", "scala": "scala", "sc": "scala",
    "sh": "bash", "bash": "bash",
}  # fmt: skip
#: Languages in which nothing checks a name before it is used.
DYNAMIC = frozenset(["python", "javascript", "ruby", "php", "bash"])
#: Languages in which a text in single quotes is a text in double quotes.
TWO_QUOTES = frozenset(["python", "javascript", "typescript", "tsx", "ruby", "php"])
#: Languages in which the end of a line ends a statement, with or without a semicolon.
LINE_ENDS = frozenset(["python", "javascript", "typescript", "tsx", "go", "kotlin", "scala", "ruby"])

_SLASHES = re.compile(
    r"(?i)\.(go|java|jsx?|mjs|cjs|tsx?|mts|cts|cs|rs|php|kts?|c|h|cc|cpp|cxx|hpp|hh|scala|sc|swift|dart|groovy|gradle|proto|m|mm|zig|v|sv|thrift|fbs|cu|vue|svelte|jsonc|json5)$|(^|/)jenkinsfile$"
)
_HASH = re.compile(
    r"(?i)\.(py|pyi|rb|rake|sh|bash|zsh|ya?ml|toml|conf|cfg|tf|hcl|tfvars|pl|pm|r|exs?|nim|graphql|gql|cmake|mk|ps1|rego|star|bzl)$|(^|/)(dockerfile|makefile|gemfile|rakefile|procfile|cmakelists\.txt|requirements|constraints|build|tiltfile|justfile)[^/]*$"
)
_WHOLE_LINES = re.compile(r"(?i)\.(properties|ini|env|service|txt|cnf)$|(^|/)\.env[^/]*$")
_DASHES = re.compile(r"(?i)\.(sql|lua|hs|elm)$")
_MARKUP = re.compile(r"(?i)\.(xml|html?|svg|csproj|fsproj|vbproj|props|targets|config|xaml|plist|xsd|wsdl|jsp|cshtml)$")


def language_of(path: str) -> str:
    """The language of a file by its ending, or empty."""
    return _BY_ENDING.get(path.rsplit("/", 1)[-1].rpartition(".")[2].lower(), "") if "." in path else ""


@lru_cache(maxsize=4096)
def comment_mark(path: str) -> str:
    """What begins a comment: ``//``, ``#``, ``--``, ``<!--``, ``^#`` (only a whole line), or empty where nobody knows."""
    pairs = ((_WHOLE_LINES, "^#"), (_HASH, "#"), (_SLASHES, "//"), (_DASHES, "--"), (_MARKUP, "<!--"))
    if re.search(r"(?i)(^|/)(requirements|constraints)[^/]*\.txt$|(^|/)cmakelists\.txt$", path):
        return "#"
    return next((mark for pattern, mark in pairs if pattern.search(path)), "")


def free_of_lines(path: str) -> bool:
    """Whether line ends and indentation mean nothing in this file."""
    return comment_mark(path) in {"//", "<!--"} or path.endswith((".json", ".sql"))
