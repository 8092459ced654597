"""Tokens that say themselves what they are."""

from __future__ import annotations

import random

import leaky
import pytest

from afterword.core.secret import shape


def kinds(text: str) -> list[tuple[str, str]]:
    body = text.encode()
    return [(one.kind.removeprefix("secret:"), body[one.start : one.end].decode()) for one in shape.find(body)]


@pytest.mark.parametrize("kind", leaky.TYPED)
def test_every_kind_is_found_whole_wherever_it_stands(kind: str) -> None:
    rng = random.Random(kind)
    for around in ("{}", "x={} y", '"{}",', "({})", r"\n{}\n", "%3D{}%26", "'{}'"):
        token = leaky.TYPED[kind](rng)
        assert [found for _, found in kinds(around.format(token))] == [token], around


def test_only_the_secret_part_of_an_address_goes() -> None:
    said = kinds("posted to https://hooks.slack.com/services/T0AAAA/B0BBBB/abcDEF123456abcDEF123456 twice")
    assert said == [("slack-webhook", "T0AAAA/B0BBBB/abcDEF123456abcDEF123456")]


@pytest.mark.parametrize(
    "text",
    [
        "commit 3f786850e387550fdab836ed7e6dc881de23001b by maria",
        "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "AIzaXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "eyJub3RhIjoiand0In0xxx.eyJhIjoxfQaaaaaa.abc",
        "s.abcdefghijklmnopqrstuvwx",
    ],
)
def test_ids_hashes_and_examples_are_none(text: str) -> None:
    assert kinds(text) == []


def test_a_token_whose_check_is_wrong_may_be_newer_than_the_check() -> None:
    token = leaky.TYPED["github-classic"](random.Random(1))
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert [kind for kind, _ in kinds(f"{token} {wrong}")] == ["github-token", "github-token"]
