"""A diff, line by line: which file each line is of, what was removed, what was added."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from afterword.core.diff.language import comment_mark
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
    r"(?i)^(docs?|documentation)/|(^|/)(docs?|documentation|runbooks?)/(?!.*\.(go|py|java|jsx?|tsx?|cs|rb|rs|php|kts?|cc?|cpp|h|scala|sql|ya?ml|json|toml|tf|sh)$)|\.(md|rst|adoc)$|(?<!cmakelists)(?<!robots)\.txt$|(^|/)(readme|changelog|license|authors|notice|contributing)[^/.]*(\.(md|rst|adoc|txt|html))?$"
)
_STYLE = re.compile(r"(?i)\.(css|scss|sass|less|svg|png|jpe?g|gif|ico|woff2?|ttf|webp|html?|tmpl|hbs|ejs)$")
_DEPENDENCY = re.compile(
    r"(?i)(^|/)(go\.(mod|sum)|package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|constraints[^/]*\.txt|poetry\.lock|uv\.lock|pipfile(\.lock)?|cargo\.(toml|lock)|gemfile(\.lock)?|pom\.xml|build\.gradle(\.kts)?|composer\.(json|lock)|mix\.(exs|lock)|vcpkg\.json|conanfile\.\w+|[^/]*\.(csproj|fsproj|vbproj|gemspec|sbt)|directory\.packages\.props|packages\.config|pyproject\.toml|[^/]*\.versions\.toml|\.(nvmrc|node-version|python-version|ruby-version|java-version|tool-versions)|runtime\.txt)$"
)
_CONFIG = re.compile(
    r"(?i)\.(ya?ml|toml|json|ini|conf|cfg|properties|env|tf|tfvars|hcl|xml|plist|cnf|config)$|(^|/)([^/]*dockerfile[^/]*|\.env[^/]*|makefile|cmakelists\.txt|procfile|values[^/]*)$|(^|/)(charts|helm|k8s|kubernetes|deploy|terraform)/"
)
_DATA = re.compile(r"(?i)\.(csv|parquet|avro|tsv|ndjson|pb|bin|sqlite)$|(^|/)(seeds?|snapshots?)/")
_FILE_KINDS = (
    ("test", _TESTS),
    ("dependency", _DEPENDENCY),
    ("ci", _CI),
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

#: So much of a line is code that somebody wrote; what is longer was made by a machine.
LONGEST = 500
STRINGS = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`"
_COMMENTS = {
    mark: re.compile(rf"({STRINGS})|{pattern}")
    for mark, pattern in (
        ("#", r"(?:^|\s)#.*$"),
        ("--", r"--.*$"),
        ("//", r"//.*$|/\*.*?(?:\*/|$)"),
        ("^#", r"^\s*[#;!].*$"),
        ("<!--", r"<!--.*?(?:-->|$)"),
    )
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
    #: What stands behind the ranges of its hunk: the function or section that the hunk begins in.
    heading: str = ""
    #: Its number in the file, before or after the change by its sign; 0: the diff does not say.
    number: int = 0


@lru_cache(maxsize=4096)
def file_kind(path: str) -> str:
    """code, config, test, docs, style, dependency, ci or data, by the path."""
    return next((kind for kind, pattern in _FILE_KINDS if pattern.search(path)), "code")


def _uncomment(text: str, path: str) -> str:
    bare = text.strip()
    mark = comment_mark(path)
    if mark in {"//", "<!--"} and (bare.startswith(("/*", "<!--")) or re.match(r"\*(?:\s+[A-Za-z@<{]|/?$)", bare)):
        return ""
    if not mark:
        return "" if not path and bare.startswith(("//", "# ")) else text.rstrip()
    return _COMMENTS[mark].sub(lambda m: m.group(1) or "", text).rstrip()


_NOT_CODE = re.compile(
    r"index [0-9a-f]+\.\.|(?:new|deleted) file mode|old mode|new mode|(?:dis)?similarity index|rename (?:from|to) |copy (?:from|to) |\\ No newline"
)
#: Some exports write the path into the hunk header.
_NAMED_HUNK = re.compile(r"@@\s+([\w.\-]+(?:/[\w.\-]+)*\.\w+|[\w.\-]+(?:/[\w.\-]+)+)(?:[:\s]|$)")
_RANGES = re.compile(r"@@+ -(\d{1,9})(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@+ ?(.*)$")


def parse(diff: str, files: Sequence[str]) -> Iterator[Line]:
    """The lines of a diff with their files and numbers; with one file and no header, all lines are of that file."""
    rows = diff.split("\n")
    alike = len(files) == 1 or (bool(files) and all(file_kind(f) == "dependency" for f in files))
    path, hunk, heading, at = files[0] if alike else "", 0, "", {"-": 0, "+": 0}
    for i, raw in enumerate(rows):
        raw = raw.rstrip("\r")
        if raw.startswith("--- ") and i + 1 < len(rows) and rows[i + 1].startswith("+++ "):
            before = raw[4:].split("\t")[0].strip().removeprefix("a/")
        elif raw.startswith("+++ ") and i and rows[i - 1].startswith("--- "):
            named = raw[4:].split("\t")[0].strip()
            path, hunk, at = before if named == "/dev/null" else named.removeprefix("b/"), hunk + 1, {"-": 0, "+": 0}
        elif raw.startswith("@@"):
            hunk += 1
            found, ranges = _NAMED_HUNK.match(raw), _RANGES.match(raw)
            path = found.group(1) if found else path
            at = {"-": int(ranges.group(1)), "+": int(ranges.group(2))} if ranges else {"-": 0, "+": 0}
            heading = ranges.group(3).strip() if ranges else ""
        elif raw.startswith("diff --git "):
            path, hunk, at = raw.split(" b/")[-1].strip(), hunk + 1, {"-": 0, "+": 0}
        elif not _NOT_CODE.match(raw) and not (i == len(rows) - 1 and not raw):
            yield _line(raw, i + 1, path[:LONGEST], hunk, heading, at)


def _line(raw: str, row: int, path: str, hunk: int, heading: str, at: dict[str, int]) -> Line:
    """One line; ``at`` counts on, where the ranges of the hunk gave it a beginning."""
    sign = raw[:1] if raw[:1] in ("+", "-") else " "
    text = raw[1:] if raw[:1] in ("+", "-", " ") else raw
    number = at["-" if sign == "-" else "+"]
    for side in ("-", "+"):
        at[side] += bool(at[side]) and sign in (side, " ")
    return Line(sign, text, _uncomment(text[:LONGEST], path), row, path, hunk, heading[:200], number)


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
