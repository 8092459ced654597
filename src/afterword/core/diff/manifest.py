"""Which packages a change takes, moves or drops, in the manifests of the common ecosystems and in images."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.patch import file_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.diff.hunk import Hunk
    from afterword.core.diff.patch import Line

_NUMBER = r"v?(\d+(?:\.[\w*]+){0,4}(?:[-+][\w.\-]+)?)"
#: How each kind of file writes a package and its version: groups are name and version.
_WRITTEN: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(files), re.compile(line))
    for files, line in (
        (r"(^|/)(package|composer)\.json$", rf"^\s*\"(@?[\w.\-]+(?:/[\w.\-]+)?)\"\s*:\s*\"[\^~><=v ]*{_NUMBER}[^\"]*\""),
        (r"(^|/)go\.mod$", rf"^\s*(?:require\s+|replace\s+)?([\w.\-]+(?:/[\w.\-~]+)+|go|toolchain)(?:\s*=>\s*\S+)?\s+(?:go)?{_NUMBER}"),
        (r"(^|/)go\.sum$", rf"^([\w.\-]+(?:/[\w.\-~]+)+)\s+{_NUMBER} h1:"),
        (r"(requirements|constraints)[^/]*\.(txt|in)$", rf"^\s*([A-Za-z][\w.\-]*(?:\[[\w,\-]*\])?)\s*(?:[~=<>!]=?=?\s*{_NUMBER})?"),
        (r"(^|/)(pyproject|pipfile|cargo)(\.toml)?$", rf"^\s*[\"']?([A-Za-z][\w.\-]*(?:\[[\w,\-]*\])?)[\"']?\s*(?:=\s*\{{?\s*(?:version\s*=\s*)?[\"']|[~=<>!]=)[\^~=<> ]*{_NUMBER}"),
        (r"(^|/)(build|settings)\.gradle(\.kts)?$|\.versions\.toml$|\.sbt$", rf"[\"']([\w.\-]+:[\w.\-]+):{_NUMBER}[\"']"),
        (r"\.gradle(\.kts)?$", rf"id\s*\(?[\"']([\w.\-]+)[\"']\)?\s+version\s+[\"']{_NUMBER}[\"']"),
        (r"\.versions\.toml$", rf"^\s*([\w\-]+)\s*=\s*\"{_NUMBER}\""),
        (r"\.sbt$", rf"\"([\w.\-]+\"\s*%%?\s*\"[\w.\-]+)\"\s*%\s*\"{_NUMBER}\""),
        (r"(^|/)gemfile$|\.gemspec$", rf"^\s*(?:gem|spec\.add_\w*dependency)\s*\(?[\"']([\w\-]+)[\"'](?:\s*,\s*[\"'][~>=< ]*{_NUMBER})?"),
        (r"(^|/)gemfile\.lock$", rf"^\s+([\w\-]+) \({_NUMBER}\)"),
        (r"\.(cs|fs|vb)proj$|packages\.props$", rf"(?:PackageReference|PackageVersion)\s+(?:Include|Update)=\"([\w.\-]+)\"\s+Version=\"{_NUMBER}\""),
        (r"\.(cs|fs|vb)proj$|packages\.props$", r"<(TargetFrameworks?)>net(?:coreapp)?(\d+(?:\.\d+)?)"),
        (r"(^|/)mix\.exs$", rf"\{{:(\w+),\s*\"[~>=< ]*{_NUMBER}"),
        (r"dockerfile", rf"^\s*FROM\s+(?:--\S+\s+)?([\w.\-/]+(?::\d+/[\w.\-/]+)?):{_NUMBER}"),
        (r"\.(ya?ml|json|tf|tfvars)$", rf"image[\"']?\s*[:=]\s*[\"']?([\w.\-/]+(?::\d+/[\w.\-/]+)?):{_NUMBER}"),
        (r"(^|/)chart\.ya?ml$|\.tf$", rf"^\s*(version)\s*[:=]\s*[\"']?[~>=< ]*{_NUMBER}"),
        (r"(^|/)\.(nvmrc|node-version|python-version|ruby-version|java-version)$", rf"^(){_NUMBER}"),
    )
)  # fmt: skip
_TOOLS = re.compile(
    r"(?i)^(@types/|eslint|@typescript-eslint/|prettier|jest$|@jest/|ts-jest|mocha|chai|sinon|vitest|cypress|playwright|@playwright/|nodemon|husky|lint-staged|stylelint|pytest|mypy|ruff|black$|flake8|isort|pylint|coverage|pre-commit|tox$|nox$|hypothesis|rubocop|rspec|junit|org\.junit|org\.mockito|mockito|assertj|testcontainers|checkstyle|spotless|xunit|nunit|mstest|microsoft\.net\.test|fluentassertions|nsubstitute|shouldly|moq$|coverlet|phpunit|phpstan|psalm|criterion|proptest|golangci)"
)
_SECTION = re.compile(r"(?i)\"(require-?dev|devdependencies)\"\s*:|\[(?:.*\.)?dev(?:[-.]dependencies)?(?:\.\w+)*\]|group\s*:(?:test|development)|^\s*dev\s*=|dependency-groups|dev-dependencies")  # fmt: skip
_OTHER_SECTION = re.compile(r"(?i)\"(dependencies|require|peerdependencies|optionaldependencies|scripts|engines)\"\s*:|^\s*\[(?:tool\.poetry\.)?(?:build-)?dependencies|^\s*\[project\]|dependencies\s*=\s*\[")  # fmt: skip
_ONLY_TESTS = re.compile(
    r"(?i)^\s*(test|androidTest|debug)\w*(Implementation|Runtime|Compile\w*)\b|<scope>test</scope>"
)


@dataclass(frozen=True, slots=True)
class _Package:
    name: str
    version: str
    line: Line
    #: Only developers and tests use it.
    tool: bool


def _packages(hunk: Hunk, sign: str) -> dict[str, _Package]:
    """The packages on the changed lines of one side."""
    ways = [line for files, line in _WRITTEN if files.search(hunk.path.lower())]
    found: dict[str, _Package] = {}
    section, artifact = bool(re.search(r"(?i)requirements[-_.]?(dev|test|lint|ci)", hunk.path)), ""
    for line in hunk.side(sign):
        if _OTHER_SECTION.search(line.code):
            section = False
        elif _SECTION.search(line.code):
            section = True
        artifact = _artifact(line, artifact)
        if line.sign == " ":
            continue
        match = next((m for way in ways if (m := way.search(line.code))), None) or _in_xml(line, artifact)
        if match is not None:
            name, version = (match.group(1) or artifact or "runtime"), match.group(2) or ""
            tool = section or bool(_TOOLS.match(name)) or bool(_ONLY_TESTS.search(line.code))
            found.setdefault(name, _Package(name, version, line, tool))
    return found


def _artifact(line: Line, before: str) -> str:
    """The package that lines of a nested notation speak about: Maven's, a lock file's."""
    named = re.search(r"<artifactId>([\w.\-${}]+)</artifactId>|^\s*\"(?:node_modules/)+([@\w.\-/]+)\":|^name = \"([\w.\-]+)\"|^\"?(@?[\w.\-/]+)@[^:]*:$", line.code)  # fmt: skip
    return next((g for g in named.groups() if g), before) if named else before


def _in_xml(line: Line, artifact: str) -> re.Match[str] | None:
    if not artifact and "version>" not in line.code:
        return None
    return re.search(rf"()<[\w.\-]*version>{_NUMBER}</", line.code) or re.search(rf"^\s*\"?()version\"?\s*[:=]?\s*\"{_NUMBER}\"", line.code)  # fmt: skip


def only_tools(hunk: Hunk) -> str:
    """The reason, where all that changes is the version of tools that no running service uses."""
    if file_kind(hunk.path) != "dependency":
        return ""
    sides = [_packages(hunk, sign) for sign in "-+"]
    held = [p for side in sides for p in side.values()]
    changed = [x for sign in "-+" for x in hunk.changed(sign) if x.code.strip()]
    if not held or not all(p.tool for p in held) or len(held) != len(changed):
        return ""
    return f"changes only tools of the developers ({', '.join(sorted({p.name for p in held})[:3])})"


def dependencies(hunk: Hunk) -> Iterator[Effect]:
    old, new = (_packages(hunk, sign) for sign in "-+")
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        held = after or before
        assert held is not None
        if held.tool:
            continue
        if before and after:
            yield from _moved(before, after)
        elif file_kind(hunk.path) == "dependency" and not hunk.path.endswith(
            (".sum", ".lock", "lock.json", "lock.yaml")
        ):
            says = f"{name} {(before or held).version} removed" if before else f"{name} {held.version} added"
            yield effect_of("dependency", " ".join(says.split()), held.line.row, 0.5 if before else 0.25, _terms(name))


def _moved(before: _Package, after: _Package) -> Iterator[Effect]:
    a, b = _parts(before.version), _parts(after.version)
    if a == b and before.version == after.version:
        return
    place = next((i for i in range(3) if a[i] != b[i]), 2)
    step = ("major", "minor", "patch")[place]
    # Below 1.0 a minor version may break; a runtime or base image has only few majors.
    loose = place == 1 and (a[0] == 0 or re.search(r"(^|/)(python|golang|ruby|php|go|runtime|perl)$", after.name))
    weight = 0.45 if place == 0 else 0.32 if loose else 0.2 if place == 1 else 0.08
    older = b < a
    says = f"{after.name} {before.version} → {after.version} ({'back, ' if older else ''}{step})"
    yield effect_of("dependency", says, after.line.row, weight + (0.1 if older else 0.0), _terms(after.name))


def _parts(version: str) -> tuple[int, int, int]:
    numbers = [int(n) for n in re.findall(r"\d{1,9}", version)[:3]]
    return (*numbers, 0, 0, 0)[:3]  # type: ignore[return-value]


def _terms(name: str) -> str:
    return name.rsplit("/", 2)[-1] + " " + "/".join(name.split("/")[-2:])
