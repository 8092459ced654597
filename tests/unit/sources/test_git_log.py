"""What git prints about commits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated

from afterword.model.event import Kind
from afterword.sources.git_log import SOURCE

ONE, TWO = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "1111111111111111111111111111111111111111"
SAMPLE = f"""commit {ONE} (HEAD -> main)
Merge: 1234567 89abcde
Author: Nora Niemi <nora@x.example>
Date:   Mon Mar 2 10:00:00 2026 +0100

    Send in batches

    commit 1234567 was too slow

diff --git a/mailer/send.py b/mailer/send.py
index 1..2 100644
--- a/mailer/send.py
+++ b/mailer/send.py
@@ -1 +1 @@
-batch = 10
+batch = 10000

commit {TWO}
Author: Sam <sam@x.example>
Date:   2026-03-02 08:00:00 +0000

    docs

 README.md | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)
""".encode()


def test_a_commit_with_its_message_and_its_patch() -> None:
    first, second = events(SOURCE, SAMPLE)
    assert (first.kind, first.name, first.at, first.offset) == (Kind.CHANGE, ONE, 1_772_442_000 * 10**9, 60)
    assert first.text == "Send in batches\n\ncommit 1234567 was too slow"
    assert (first.attributes["who"], first.attributes["files"], first.attributes["change"]) == ("Nora Niemi", "mailer/send.py", "commit")  # fmt: skip
    assert first.attributes["diff"].startswith("diff --git a/mailer/send.py")
    assert "+batch = 10000" in first.attributes["diff"]
    assert (second.name, second.text, second.attributes["files"]) == (TWO, "docs", "README.md")
    assert said(SAMPLE, second).startswith(f"commit {TWO}\n")
    assert said(SAMPLE, first).endswith("+batch = 10000\n\n")
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_names_of_files_in_the_shorter_forms() -> None:
    raw = f"commit {ONE}\nAuthor: a <a@x>\nDate:   Mon Mar 2 10:00:00 2026 +0100\n\n    m\n\nM\ta.py\nR100\told.py\tnew.py\n3\t1\tb.py\n".encode()  # fmt: skip
    assert events(SOURCE, raw)[0].attributes["files"] == "a.py\nnew.py\nb.py"


def test_the_date_of_the_commit_counts_before_that_of_the_author() -> None:
    raw = f"commit {ONE}\nAuthor:     a <a@x>\nAuthorDate: Sun Mar 1 10:00:00 2026 +0100\nCommit:     b <b@x>\nCommitDate: Mon Mar 2 10:00:00 2026 +0100\n\n    m\n".encode()  # fmt: skip
    assert events(SOURCE, raw)[0].at == 1_772_442_000 * 10**9


def test_a_mailed_patch() -> None:
    raw = f"From {ONE} Mon Sep 17 00:00:00 2001\nFrom: Nora <n@x.example>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nSubject: [PATCH 1/2] Send in\n batches\n\nBecause of\ncommit 1234567\n---\n a.py | 2 +-\n\ndiff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n".encode()  # fmt: skip
    [one] = events(SOURCE, raw)
    assert (one.name, one.at, one.text) == (ONE, 1_772_442_000 * 10**9, "Send in batches\nBecause of\ncommit 1234567")
    assert one.attributes["files"] == "a.py"
    assert SOURCE.sniff(raw) > 0.9


def test_a_relative_date_leaves_the_commit_undated() -> None:
    raw = f"commit {ONE}\nAuthor: a <a@x>\nDate:   2 hours ago\n\n    m\n".encode()
    assert events(SOURCE, raw)[0].at is None
    assert [p.code for p in problems(SOURCE, raw)] == ["time"]


def test_other_texts_are_left_to_others() -> None:
    for raw in (b"commit to nothing\n", b"commit 1234567\nhello\n", b"From here\n", b"From: a@x\nDate: now\n"):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
