"""CODEOWNERS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, truncated

from afterword.model.event import Kind
from afterword.sources.codeowners import SOURCE

SAMPLE = b"""# who owns what
*                 @acme/all
/services/mailer/ @acme/mail nora@acme.example  # both

/vendor/
docs\\ old/*.md    @sam
"""


def test_each_line_is_a_path_and_its_owners() -> None:
    made = events(SOURCE, SAMPLE)
    assert [(e.kind, e.subject, e.name) for e in made] == [
        (Kind.OWNER, "*", "@acme/all"),
        (Kind.OWNER, "/services/mailer/", "@acme/mail nora@acme.example"),
        (Kind.OWNER, "/vendor/", ""),
        (Kind.OWNER, "docs old/*.md", "@sam"),
    ]
    assert said(SAMPLE, made[0]) == "*                 @acme/all\n"
    assert SOURCE.sniff(SAMPLE) > 0.8


def test_the_sections_of_gitlab_pass_their_owners_on() -> None:
    raw = b"[Mail][2] @acme/mail\nmailer/\n^[Docs]\ndocs/ @@maintainer\nREADME.md\n"
    assert [(e.subject, e.name) for e in events(SOURCE, raw)] == [("mailer/", "@acme/mail"), ("docs/", "@@maintainer"), ("README.md", "")]  # fmt: skip


def test_a_line_of_another_kind_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b"* @a\nthis is a sentence\n")] == ["codeowners-line"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello world\n",
        b"# only a comment\n",
        b"2026-01-01 12:00:00 INFO mail to nora@acme.example\n" * 3,
        b"import os\n@cached\ndef x(): ...\n",
        b"a: b\n- @c\n",
        b"<html>\n<body> @x\n",
        b"[12:00] sam: hi @nora\n[12:01] nora: hello @sam\n",
        b"sam @nora\nthanks\n",
        b"/only/paths\n/and/more\n",
    ],
)
def test_texts_that_mention_people_are_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


def test_our_own_recordings() -> None:
    for path in recordings("*/evidence/CODEOWNERS"):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw) > 0.8
        assert all(e.name.startswith("@") for e in events(SOURCE, raw))
