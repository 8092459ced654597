"""A diff, line by line: which file each line is of, what was removed, what was added."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from afterword.core.diff.word import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TESTS = re.compile(
    r"(?i)(^|/)(tests?|specs?|__tests__|testdata|fixtures|e2e|testing)/|[_.\-](test|spec|tests)\.\w+$|(^|/)test_[^/]+$|Tests?\.(java|kt|cs|scala)$|_fuzz_test\."
)
_CI = re.compile(
    r"(?i)(^|/)(\.github/(workflows|actions)|\.circleci|\.buildkite|\.gitlab-ci|\.ci)(/|\.|$)|(^|/)(jenkinsfile|codeowners|\.golangci\.ya?ml|\.pre-commit-config\.yaml|\.eslintrc[^/]*|\.prettierrc[^/]*|\.editorconfig|\.gitignore|\.gitattributes|renovate\.json|dependabot\.yml|ruff\.toml|\.pylintrc|\.flake8|\.travis\.yml|mypy\.ini)$"
)
_DOCS = re.compile(
    r"(?i)(^|/)(docs?|documentation|runbooks?)/|\.(md|rst|adoc|txt)$|(^|/)(readme|changelog|license|authors|notice|contributing)[^/]*$"
)
_STYLE = re.compile(r"(?i)\.(css|scss|sass|less|svg|png|jpe?g|gif|ico|woff2?|ttf|webp|html?|tmpl|hbs|ejs)$")
_DEPENDENCY = re.compile(
    r"(?i)(^|/)(go\.(mod|sum)|package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|constraints[^/]*\.txt|poetry\.lock|uv\.lock|pipfile(\.lock)?|cargo\.(toml|lock)|gemfile(\.lock)?|pom\.xml|build\.gradle(\.kts)?|composer\.(json|lock)|mix\.(exs|lock)|vcpkg\.json|conanfile\.\w+)$"
)
_CONFIG = re.compile(
    r"(?i)\.(ya?ml|toml|json|ini|conf|cfg|properties|env|tf|tfvars|hcl|xml|plist|cnf|config)$|(^|/)(dockerfile[^/]*|\.env[^/]*|makefile|procfile|values[^/]*)$|(^|/)(charts|helm|k8s|kubernetes|deploy|terraform)/"
)
_DATA = re.compile(r"(?i)\.(csv|parquet|avro|tsv|ndjson|pb|bin|sqlite)$|(^|/)(seeds?|snapshots?)/")
_FILE_KINDS = (
    ("dependency", _DEPENDENCY),
    ("ci", _CI),
    ("test", _TESTS),
    ("style", _STYLE),
    ("docs", _DOCS),
    ("data", _DATA),
    ("config", _CONFIG),
)
HARMLESS_FILES = {
    "test": "tests",
    "ci": "CI and repository settings",
    "docs": "documentation",
    "style": "styles and markup",
}

_HASH = re.compile(
    r"(?i)\.(py|rb|sh|ya?ml|toml|conf|cfg|env|tf|hcl|properties|ini|pl|r|ex|exs)$|dockerfile|makefile|\.env"
)
#: So much of a line is code that somebody wrote; what is longer was made by a machine.
LONGEST = 500
STRINGS = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`"
_COMMENTS = {
    mark: re.compile(rf"({STRINGS})|{pattern}")
    for mark, pattern in (("#", r"(?:^|\s)#.*$"), ("--", r"--.*$"), ("//", r"//.*$|/\*.*?(?:\*/|$)"))
}
TOKEN = re.compile(rf"{STRINGS}|[A-Za-z_]\w*|\d[\w.]*|\S")

#: Calls that do not take over a removed step.
_PLAIN = frozenset(
    ("Errorf", "Sprintf", "Printf", "println", "print", "make", "append", "format", "String", "NewBuffer", "Some", "Ok", "Error", "len", "range", "isinstance")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the diff: sign (``+``, ``-`` or a blank), text without it, text without comments."""

    sign: str
    text: str
    code: str
    row: int
    path: str
    hunk: int


@lru_cache(maxsize=4096)
def file_kind(path: str) -> str:
    """code, config, test, docs, style, dependency, ci or data, by the path."""
    return next((kind for kind, pattern in _FILE_KINDS if pattern.search(path)), "code")


def _uncomment(text: str, path: str) -> str:
    bare = text.strip()
    if bare.startswith(("/*", "* ", "*/", "<!--")) or bare == "*" or (not path and bare.startswith(("//", "# "))):
        return ""
    mark = "#" if _HASH.search(path) else "--" if path.endswith((".sql", ".lua", ".hs")) else "//"
    return _COMMENTS[mark].sub(lambda m: m.group(1) or "", text).rstrip()


def parse(diff: str, files: Sequence[str]) -> Iterator[Line]:
    rows = diff.splitlines()
    path, hunk = files[0] if len(files) == 1 else "", 0
    for i, raw in enumerate(rows):
        following = rows[i + 1] if i + 1 < len(rows) else ""
        if raw.startswith("--- ") and following.startswith("+++ "):
            continue
        if raw.startswith("+++ ") and i and rows[i - 1].startswith("--- "):
            named = raw[4:].split("\t")[0].strip()
            path = path if named == "/dev/null" else named.removeprefix("b/")
        elif raw.startswith("@@"):
            hunk += 1
            # Some exports write the path into the hunk header.
            found = re.match(r"@@\s+([\w.\-]+(?:/[\w.\-]+)*\.\w+|[\w.\-]+(?:/[\w.\-]+)+)(?:[:\s]|$)", raw)
            path = found.group(1) if found else path
        elif raw.startswith("diff --git "):
            path = raw.split(" b/")[-1].strip()
        elif not re.match(
            r"index [0-9a-f]+\.\.|(?:new|deleted) file mode|old mode|new mode|similarity index|rename (?:from|to) |\\ No newline",
            raw,
        ):
            sign = raw[:1] if raw[:1] in ("+", "-") else " "
            text = raw[1:] if raw[:1] in ("+", "-", " ") else raw
            yield Line(sign, text, _uncomment(text[:LONGEST], path), i + 1, path, hunk)


@dataclass(frozen=True)
class Patch:
    lines: tuple[Line, ...]
    removed: tuple[Line, ...] = field(init=False)
    added: tuple[Line, ...] = field(init=False)

    def __post_init__(self) -> None:
        for name, sign in (("removed", "-"), ("added", "+")):
            kept = tuple(
                x for x in self.lines if x.sign == sign and x.code.strip() and file_kind(x.path) not in HARMLESS_FILES
            )
            object.__setattr__(self, name, kept)

    @cached_property
    def lost(self) -> frozenset[str]:
        return self._words(self.removed) - self._words(self.added)

    @cached_property
    def gained(self) -> frozenset[str]:
        return self._words(self.added) - self._words(self.removed)

    @cached_property
    def handed(self) -> tuple[str, ...]:
        """Functions that are called now, were not before, and are not in the diff: removed steps may live on in them."""
        before = " ".join(x.code for x in self.lines if x.sign != "+")
        after = "\n".join(x.code for x in self.added)
        called = dict.fromkeys(re.findall(r"(?<![\w\"'])([A-Za-z_]\w{3,})(?:\[[^\]]*\])?\(", after))
        defined = set(re.findall(r"(?:func|def|fn|function)\s+(?:\([^)]*\)\s*)?(\w+)", after))
        return tuple(c for c in called if c not in defined | _PLAIN and not re.search(rf"\b{c}\b", before))

    @staticmethod
    def _words(lines: Iterable[Line]) -> frozenset[str]:
        return words("\n".join(x.code for x in lines))


def quote(line: Line) -> str:
    text = " ".join(line.code.split())
    return f"“{text[:77]}…”" if len(text) > 78 else f"“{text}”"
