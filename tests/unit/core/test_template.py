"""Templates: the sentence behind each log line, whoever asks and whatever the line holds."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from afterword.core.template import LOOKED_AT, identity, mine, skeletons

ROOT = Path(__file__).resolve().parents[3]
LOGS = ROOT.parent / "shared" / "data" / "logs"

LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.text(st.characters(codec=None), max_size=30),
        st.from_regex(
            r"(GET|job|user=|/var/|took|from) ?[a-c]{1,3}[0-9]{0,3}(ms|:80|\.log)?( ok| failed)?", fullmatch=True
        ),
    ),
    max_size=30,
)


def skeleton(text: str) -> str:
    return skeletons([text])[0]


def template_of(lines: list[str]) -> list[str]:
    assigned, texts = mine(lines)
    return [texts[one] for one in assigned]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Accepted connection from 10.2.3.4:51022", "Accepted connection from <*>:<*>"),
        ("order 5f0c1d9e-8a7b-4c3d-9e2f-a1b2c3d4e5f6 paid", "order <*> paid"),
        ("lease of 00:16:3e:aa:bb:cc renewed for 3600 seconds", "lease of <*> renewed for <*> seconds"),
        ("read 12MB in 35.2ms at 0x7fff01", "read <*> in <*> at <*>"),
        ("cannot open /srv/data/part-7.parquet: no such file", "cannot open <*>: no such file"),
        ("cannot open C:\\Temp\\x.log", "cannot open <*>"),
        ("calling https://pay.example.com:8443/v1/charge?id=7 failed", "calling https://<*> failed"),
        ("retry=3 queue=orders.eu-1 ok=true", "retry=<*> queue=orders.eu-<*> ok=<*>"),
        ("session opened for user alice by (uid=0)", "session opened for user <*> by (uid=<*>)"),
        ("mail to bob@example.org bounced", "mail to <*> bounced"),
        (
            "ssh2 over ipv6, module jk2_init() of com.acme.v2.Pay",
            "ssh2 over ipv6, module jk2_init() of com.acme.v2.Pay",
        ),
        ('10.1.1.1 "GET /cart?id=1 HTTP/1.1" 500', '<*> "GET <*>" <*>'),
        ("plain words stay", "plain words stay"),
    ],
)
def test_what_looks_like_a_value_is_masked_and_the_words_stay(text: str, masked: str) -> None:
    assert skeleton(text) == masked


@pytest.mark.parametrize(
    "head",
    [
        "2024-05-01T11:22:33.123Z ",
        "2024-05-01 11:22:33,123 ",
        "2024-05-01T11:22:33+02:00 ",
        "Wed May  1 11:22:33 2024 ",
        "May 12 11:22:33 ",
        "17/06/09 20:10:58 ",
    ],
)
def test_the_time_in_front_of_a_raw_line_is_one_value(head: str) -> None:
    """``afterword logs`` is given whole lines: the same sentence at two times is one template."""
    assert skeleton(head + "ERROR disk full") == "<*> ERROR disk full"


def test_a_json_line_is_known_by_its_message_and_its_keys() -> None:
    one = '{"ts":"2024-05-01T00:00:00Z","level":"error","msg":"dial 10.0.0.1:80 refused","peer":"a","tags":["x"]}'
    two = '{"ts":"2024-05-02T00:00:00Z","level":"error","msg":"dial 10.0.0.9:81 refused","peer":"b","tags":["y","z"]}'
    other = one.replace("refused", "timed out")
    assert skeleton(one) == skeleton(two)
    assert skeleton(one) != skeleton(other)
    assert '"msg":"dial <*>:<*> refused"' in skeleton(one)


def test_a_logfmt_line_is_known_by_its_message_and_its_keys() -> None:
    one = 'ts=2024-05-01T00:00:00Z level=warn msg="slow query on orders" took=12ms host=db-a'
    two = 'ts=2024-05-01T00:00:09Z level=warn msg="slow query on orders" took=99ms host=db-b'
    assert skeleton(one) == skeleton(two) == 'ts=<*> level=warn msg="slow query on orders" took=<*> host=<*>'
    assert skeleton(one.replace("warn", "error")) != skeleton(two)


def test_the_id_is_the_same_in_every_incident_and_every_run() -> None:
    """A stored id must mean the same text next year: the figure below is part of the format."""
    assert identity("Received block <*> of size <*>") == "1058d677ee27"
    assert identity("a") != identity("b")


def test_a_word_that_varies_becomes_a_value_where_the_log_shows_it() -> None:
    """One file name may be a constant of the program; five of them in the same place are not."""
    names = ["basket", "ledger", "mailer", "search", "voucher"]
    found = template_of([f"worker pool of {name} was resized to 8" for name in names])
    assert set(found) == {"worker pool of <*> was resized to <*>"}
    assert template_of(["worker pool of basket was resized to 8"]) == ["worker pool of basket was resized to <*>"]


def test_names_that_differ_in_their_number_are_one_value() -> None:
    assert set(template_of(["link eth0 is up again", "link eth1 is up again"])) == {"link <*> is up again"}
    assert template_of(["link eth0 is up again"]) == ["link eth0 is up again"]


def test_sentences_told_apart_by_a_telling_word_stay_apart() -> None:
    """Negative control of the merge: levels, states and verbs are no values, however many there are."""
    states = [
        f"VM of tenant 7 {word} (lifecycle event)" for word in ("Started", "Stopped", "Paused", "Resumed", "Deleted")
    ]
    levels = [f"[{word}] the disk of node 3 answers" for word in ("info", "warn", "error", "fatal", "debug")]
    assert len(set(template_of(states))) == 5
    assert len(set(template_of(levels))) == 5


def test_lists_of_different_lengths_are_one_sentence() -> None:
    found = template_of(
        ["ask 10.0.0.1:1 to delete 17 18 19", "ask 10.0.0.2:1 to delete 4", "ask 10.0.0.3:1 to delete 5 6"]
    )
    assert len(set(found)) == 1


@given(LINES, st.randoms(use_true_random=False))
def test_a_skeleton_depends_on_its_line_alone(texts: list[str], chance) -> None:
    shuffled = texts[:]
    chance.shuffle(shuffled)
    alone = {text: skeleton(text) for text in texts}
    assert skeletons(shuffled) == [alone[text] for text in shuffled]


@given(st.text(max_size=80))
@example('a="1" b=2 msg="x 5"')
@example('{"msg": "1:2:3", "a": [1, 2]}')
@example("1-2-3 4:5:6.7Z <*> <*>.<*> a@1.b /x/<*>")
def test_masking_again_changes_nothing(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_change_their_templates(lines: list[str], chance) -> None:
    order = list(range(len(lines)))
    chance.shuffle(order)
    assigned, texts = mine(lines)
    again, texts_again = mine([lines[at] for at in order])
    assert again == [assigned[at] for at in order]
    assert texts == texts_again
    assert set(assigned) == set(texts)
    assert all(identity(text) == id_ for id_, text in texts.items())


def test_no_line_gives_no_template() -> None:
    assert skeletons([]) == []
    assert mine([]) == ([], {})


@pytest.mark.parametrize(
    "text", ["", " ", "\x00\x01\x7f", "\ud800 lone", "a\nb", "\r\n", "é٣", "<*>", "<*", "\x00<*>1"]
)
def test_no_text_breaks_it(text: str) -> None:
    assert skeletons([text, "x 1"])[1] == "x <*>"
    assigned, texts = mine([text, "x 1", text])
    assert assigned[0] == assigned[2]
    assert set(assigned) == set(texts)


@pytest.mark.parametrize(
    "unit",
    ["a", "7", "/", "-/", "a-", "a.", "0.", ":", "a:", "0:", "GET ", "a@b.", "(", "<", "<*> ", "x=1 ", "Jan 1 ", "http://",
     "C:\\", '"', '\\"', ' a="\\"', '{"a":', "0_", "for user ", "a b ", "\x00", "\ud800"],
)  # fmt: skip
def test_a_hostile_line_costs_what_is_looked_at_and_no_more(unit: str) -> None:
    """A line of a megabyte, repeated so that a careless pattern would look at it again from every place."""
    start = "9-" if unit == "a-" else '{"' if unit == '\\"' else ""
    line = start + unit * (1_000_000 // len(unit))
    cut = line[:LOOKED_AT]
    assert skeletons([line]) == skeletons([cut])
    assert mine([line]) == mine([cut])


@pytest.mark.shared
def test_the_templates_of_fourteen_systems_are_found() -> None:
    """One configuration for all; the floors lie below what was measured, so that a loss is seen and noise is not."""
    paths = sorted(LOGS.glob("*/*_structured_corrected.csv"))
    if not paths:
        pytest.skip("the labelled logs are not beside the project")
    score = _benchmark().score
    scores = []
    for path in paths:
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        found = template_of([row["Content"] for row in rows])
        scores.append(score([row["EventTemplate"] for row in rows], found))
    ga, fga, pa, fta = (sum(column) / len(scores) for column in zip(*scores, strict=True))
    assert len(scores) == 14
    assert (ga >= 0.94, fga >= 0.94, pa >= 0.85, fta >= 0.86) == (True, True, True, True)


def test_the_benchmark_scores_as_loghub_does() -> None:
    """Four lines of two templates: one group is right in lines and text, the other is split in two."""
    score = _benchmark().score
    assert score(["a <*>"] * 2 + ["b"] * 2, ["a <*>"] * 2 + ["b", "c"]) == (0.5, 2 / 5, 0.75, 4 / 5)


def _benchmark():
    spec = importlib.util.spec_from_file_location("benchmark_templates", ROOT / "benchmarks" / "templates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_ids_that_begin_and_end_alike_have_one_mask_and_the_same_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of nothing but new ids is as fast as any other; no line of it is masked in another way for that."""
    import random
    import re

    from afterword.core import template

    rng = random.Random(1)
    around = (
        "user",
        "id=",
        '("',
        "12:00:00",
        "B",
        "KB",
        "for user",
        "=",
        ":",
        "/",
        "UTC",
        "msg=",
        '{"id": "',
        "}",
        "level=info",
    )
    lines = []
    for _ in range(4000):
        ids = ("".join(rng.choices("0123456789abcdefABCDEF", k=rng.choice([6, 8, 16, 32]))) for _ in range(4))
        lines.append(
            " ".join(
                rng.choice([one, f"{rng.choice(around)}{one}", f"{one}{rng.choice(around)}", rng.choice(around)])
                for one in ids
            )
        )
    found = template.skeletons(lines)
    monkeypatch.setattr(template, "_HEX", re.compile(rb"(?!)"))
    assert template.skeletons(lines) == found
