"""JSON lines in columns say what they say line by line, whatever values stand in them."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from both_ways import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.reading.bulk import block
from afterword.sources import json_lines

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = (
    "order 17 failed", " padded ", "", "  ", '{"inner": 1, "level": "error"}', "level=error msg=x", 'quo"te', "back\\slash", "${gone}", "ERROR: bad",
    "java.lang.IllegalStateException: no", "ValueError: no\n  at x", "Straße 日本 \u2028", "x" * 300, "trace_id=4bf92f3577b34da6a3ce929d0e0e4736", "100% of %s",
)  # fmt: skip
TIMES = (
    "2026-03-14T09:00:{s:02}.{f:03}Z", "2026-03-14T09:00:{s:02}Z", "2026-03-14 09:00:{s:02},{f:03}", "2026-03-14T09:00:{s:02}.{f:06}+02:00", "2026-03-14T25:00:00Z",
    "14/Mar/2026:09:00:{s:02} +0000", "09:00:{s:02}", "2026-03-14", "", "soon",
)  # fmt: skip
IDS = (
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "00f067aa0ba902b7",
    "0" * 32,
    "",
    "-",
    "projects/p/traces/4bf92f3577b34da6",
    "Root=1-67891233-abcdef012345678912345678",
    "x",
)
LEVELS = ("info", "ERROR", "warn", "", "30", "nonsense", "FATAL")
NAMES = ("cart", "checkout", "", "main", "com.acme.Cart", "x" * 250)
NUMBERS = st.one_of(
    st.integers(-5, 1000),
    st.sampled_from(
        [
            0,
            0.0,
            -0.0,
            1.5,
            2.50,
            1e-7,
            1e22,
            12345678901234567890,
            0.1 + 0.2,
            1710406800,
            1710406800.123456,
            1710406800123,
        ]
    ),
)
VALUES = st.one_of(st.sampled_from([*TEXTS, *NAMES, *IDS]), NUMBERS, st.booleans(), st.none())


def times(draw: st.DrawFn) -> Any:
    text = draw(st.sampled_from(TIMES))
    return text.format(s=draw(st.integers(0, 59)), f=draw(st.integers(0, 999)))


@st.composite
def records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of one logger: some keys for all of them, with values of any kind under each."""
    fixed = {
        "time": draw(st.sampled_from(["timestamp", "time", "@timestamp", "ts", "t"])),
        "message": draw(st.sampled_from(["message", "msg", "log", "body"])),
        "level": draw(st.sampled_from(["level", "severity", "lvl", "levelname"])),
    }
    more = draw(
        st.lists(
            st.sampled_from(
                ["service", "trace_id", "span_id", "logger", "name", "hostname", "pid", "status", "error", "duration", "user.id", "exception", "pod", "date", "a b", "http"]
            ),
            unique=True, max_size=6,
        )
    )  # fmt: skip
    made = []
    for _ in range(draw(st.integers(1, 25))):
        one: dict[str, Any] = {fixed["time"]: times(draw) if draw(st.booleans()) else draw(NUMBERS)}
        one[fixed["level"]] = draw(st.sampled_from(LEVELS))
        one[fixed["message"]] = draw(st.sampled_from(TEXTS))
        for key in more:
            pool = {
                "trace_id": st.sampled_from(IDS),
                "span_id": st.sampled_from(IDS),
                "service": st.sampled_from(NAMES),
            }
            one[key] = draw(pool.get(key, VALUES)) if key != "http" else {"route": draw(VALUES), "code": draw(NUMBERS)}
        made.append(one)
    return made


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    made=records(),
    spaced=st.booleans(),
    between=st.lists(
        st.sampled_from(["", "plain words", "  at x", "[1]", '{"a": ', "null", '{"message": "short"}']), max_size=5
    ),
    size=st.sampled_from([100, 700, 1 << 20]),
)
def test_any_records_of_any_logger(
    made: list[dict[str, Any]], spaced: bool, between: list[str], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    separators = None if spaced else (",", ":")
    lines = [json.dumps(one, ensure_ascii=False, separators=separators) for one in made]
    for at, text in enumerate(between):
        lines.insert((at * 7 + 3) % (len(lines) + 1), text)
    raw = "\n".join(lines).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "_BLOCK", size)
        same(json_lines.SOURCE, raw, tmp_path_factory.mktemp("json"))


def shop(rng: random.Random, lines: int) -> bytes:
    made = []
    for n in range(lines):
        one = {
            "timestamp": f"2026-03-14T09:{n // 60 % 60:02}:{n % 60:02}.{n % 1000:03}Z",
            "level": rng.choice(["info", "info", "warn", "error"]),
            "service": rng.choice(["cart", "checkout"]),
            "message": f"handled {n} in {rng.random():.3f} ms" if n % 9 else "java.net.SocketException: reset",
            "trace_id": f"{rng.getrandbits(128):032x}",
            "duration": round(rng.random() * 100, 2),
            "http": {"route": rng.choice(["/a", "/b"]), "status": rng.choice([200, 500])},
        }
        made.append(json.dumps(one))
    return "\n".join(made).encode()


def test_a_plain_logger_goes_as_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: most lines of an everyday log are read in columns, exceptions in their messages too."""
    monkeypatch.setattr(block, "_BLOCK", 30_000)
    same(json_lines.SOURCE, shop(random.Random(1), 1500), tmp_path, some=True)


def test_a_wrong_column_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the message put through another way than line by line, the lines would count."""
    from afterword.reading.bulk import alike

    monkeypatch.setattr(alike, "_POWER", (3,) * 10)
    same(json_lines.SOURCE, shop(random.Random(1), 50), tmp_path)
