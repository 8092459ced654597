"""Events without secrets."""

from __future__ import annotations

import random

import leaky
import pytest

from afterword.core.secret.event import EventRedactor, joined
from afterword.core.secret.redact import Redactor
from afterword.model.event import Event, Kind
from afterword.model.evidence import Place, Problem

PLACE = Place(0, 9)


@pytest.fixture
def redactor() -> EventRedactor:
    return EventRedactor(Redactor(b"k"))


def event(text: str = "", **fields: object) -> Event:
    return Event(Kind.LOG, PLACE, text=text, **fields)  # type: ignore[arg-type]


def test_the_very_batch_when_there_is_nothing(redactor: EventRedactor) -> None:
    batch = [event("order accepted", subject="shop", attributes={"trace": "4bf92f3577b34da6a3ce929d0e0e4736"})]
    assert redactor.events(batch) is batch


def test_every_field_that_can_hold_one(redactor: EventRedactor) -> None:
    token = leaky.TYPED["github-classic"](random.Random(1))
    made = redactor.events(
        [
            event("fine"),
            event(f"got {token}", subject="jane@acme.io", name=f"job {token}", clock=f"host-{token}"),
            Event(Kind.METRIC, Place(0, 9, part=f"series {token}"), value=1.0),
            event("x", attributes={"url": f"https://a/?t={token}", "who": "Jane <jane@acme.io>", "n": "1"}),
        ]
    )
    said = repr(made)
    assert token not in said
    assert "jane@" not in said
    assert said.count("[secret:github-token:") == 5
    assert made[0].text == "fine"
    assert made[3].attributes["who"].startswith("Jane <[email:")
    assert made[3].attributes["n"] == "1"


def test_the_name_of_an_attribute_tells_that_its_value_is_one(redactor: EventRedactor) -> None:
    made = redactor.events(
        [event("x", attributes={"db.password": "correct horse battery staple", "token_count": "812"})]
    )
    assert made[0].attributes["db.password"].startswith("[secret:password:")
    assert made[0].attributes["token_count"] == "812"


def test_a_key_goes_on_from_event_to_event_and_from_batch_to_batch(redactor: EventRedactor) -> None:
    line = "MIIEpAIBAAKCAQEA04up8hoqzS1+APIB0RhjXyObwHQnOzhAk5Bd7mhkSbPkyhP1"
    first = redactor.events([event("-----BEGIN RSA PRIVATE KEY-----"), event(line)])
    second = redactor.events([event(line), event("-----END RSA PRIVATE KEY-----"), event(line)])
    assert [one.text == line for one in (*first, *second)] == [False, False, False, False, True]
    assert first[1].text == second[0].text


def test_zeros_and_halves_of_characters_in_texts(redactor: EventRedactor) -> None:
    assert joined(["a\0b", "c"]) == b"a\1b\0c"
    made = redactor.events([event("a\0b"), event("password=hunter2\ud800"), event("c")])
    assert made[0].text == "a\0b"
    assert made[1].text.startswith("password=[secret:password:")
    assert made[2].text == "c"


def test_problems_quote_bytes(redactor: EventRedactor) -> None:
    kept = Problem("no time", PLACE)
    assert redactor.problem(kept) is kept
    assert "hunter2" not in redactor.problem(Problem("no time in 'password=hunter2'", PLACE)).message


def test_with_secrets_kept_names_of_attributes_tell_nothing() -> None:
    batch = [event("password=hunter2", attributes={"password": "hunter2"})]
    assert EventRedactor(Redactor(b"k", frozenset({"emails"}))).events(batch) is batch
