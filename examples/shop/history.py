"""The shop's own git repository: real commits at real times, exported the way GitHub's REST API answers."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
from pathlib import Path
from typing import Any

from deploy import REPO, git

HERE = Path(__file__).parent
PEOPLE = {
    "mara": "Mara Lindqvist",
    "deniz": "Deniz Aydin",
    "priya": "Priya Raghavan",
    "tomas": "Tomas Oliveira",
    "jonas": "Jonas Feld",
    "aiko": "Aiko Sato",
    "ruth": "Ruth Calder",
}
IMPORTS = [
    (
        "deniz",
        "Telemetry, HTTP, pool and flags for every service",
        ["__init__", "telemetry", "web", "db", "flags", "config"],
    ),
    ("jonas", "Gateway", ["gateway"]),
    ("priya", "Catalog and pricing, cached in Redis", ["cache", "catalog", "pricing"]),
    ("mara", "Inventory", ["inventory"]),
    ("ruth", "Cart, payment and checkout", ["cart", "payment", "checkout", "fulfilment"]),
]


def _commit(login: str, message: str, at: float | None = None) -> str:
    name, mail = PEOPLE[login], f"{login}@shop.example"
    who = {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": mail,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": mail,
    }
    if at is not None:
        who |= {"GIT_AUTHOR_DATE": f"{at:.0f} +0000", "GIT_COMMITTER_DATE": f"{at:.0f} +0000"}
    git("add", "-A")
    git("commit", "-q", "-m", message, env=who)
    return head()


def head() -> str:
    return git("rev-parse", "HEAD").strip()


def begin(at: float | None = None) -> None:
    """Create the repository where there is none; a later recording goes on with the one it finds.

    A drill has no days to wait: there the first commits are dated back, so that the shop was not written minutes ago.
    """
    REPO.mkdir(parents=True, exist_ok=True)
    if (REPO / ".git").exists():
        return
    git("init", "-q", "-b", "main")
    (REPO / "services").mkdir()
    for login, message, modules in IMPORTS:
        for module in modules:
            shutil.copy(HERE / "services" / f"{module}.py", REPO / "services" / f"{module}.py")
        _commit(login, message, at)
    shutil.copytree(HERE / "repo", REPO, dirs_exist_ok=True)
    _commit("deniz", "Owners, requirements, style sheet", at)


def apply(patch: str) -> str:
    """Apply one of changes/*.patch and commit it now, with the author and message it carries."""
    path = HERE / "changes" / f"{patch}.patch"
    letter = email.message_from_string(path.read_text(), policy=email.policy.default)
    body, _, _ = str(letter.get_payload()).partition("\n---\n")
    git("apply", "--index", str(path))
    login = str(letter["From"]).partition("<")[2].partition("@")[0]
    return _commit(login, f"{letter['Subject']}\n\n{body.strip()}".strip())


def revert(sha: str, login: str, why: str) -> str:
    """Take a commit back, as `git revert` words it."""
    subject = git("show", "-s", "--format=%s", sha).strip()
    git("revert", "--no-commit", sha)
    return _commit(login, f'Revert "{subject}"\n\nThis reverts commit {sha}.\n\n{why}')


def _files(sha: str) -> list[dict[str, Any]]:
    names = {"A": "added", "M": "modified", "D": "removed"}
    kinds = git("show", "--format=", "--name-status", sha).splitlines()
    sizes = git("show", "--format=", "--numstat", sha).splitlines()
    listed = []
    for kind, size in zip(kinds, sizes, strict=True):
        letter, name = kind.split("\t")
        added, removed, _ = size.split("\t")
        diff = git("show", "--format=", sha, "--", name)
        listed.append(
            {
                "filename": name,
                "status": names[letter],
                "additions": int(added),
                "deletions": int(removed),
                "changes": int(added) + int(removed),
                "patch": diff[diff.index("@@") :].rstrip("\n") if "@@" in diff else "",
            }
        )
    return listed


def _commit_json(sha: str) -> dict[str, Any]:
    shape = "%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%P%x00%B"
    name, mail, at, committer, its_mail, its_at, parents, message = git("show", "-s", f"--format={shape}", sha).split(
        "\0"
    )
    login = mail.partition("@")[0]
    return {
        "sha": sha,
        "commit": {
            "author": {"name": name, "email": mail, "date": at.replace("+00:00", "Z")},
            "committer": {"name": committer, "email": its_mail, "date": its_at.replace("+00:00", "Z")},
            "message": message.strip(),
        },
        "author": {"login": login},
        "committer": {"login": its_mail.partition("@")[0]},
        "parents": [{"sha": parent} for parent in parents.split()],
        "files": _files(sha),
    }


def save(target: Path) -> None:
    shas = git("log", "--format=%H").split()
    target.write_text(json.dumps([_commit_json(sha) for sha in shas], indent=1) + "\n")
