"""Private keys over several lines."""

from __future__ import annotations

import base64
import random

import pytest

from afterword.core.secret import block
from afterword.core.secret.redact import Redactor

RNG = random.Random(5)
BODY = base64.b64encode(RNG.randbytes(300)).decode()
KEY = [BODY[at : at + 64] for at in range(0, len(BODY), 64)]
PEM = ["-----BEGIN RSA PRIVATE KEY-----", *KEY, "-----END RSA PRIVATE KEY-----"]


def left(text: str) -> str:
    made = Redactor(b"k").text(text)
    assert made.count("\n") == text.count("\n")
    return made


@pytest.mark.parametrize("front", ["", "2026-03-14T09:12:00Z shop: ", "    "])
def test_every_line_of_a_key_goes_and_the_lines_stay(front: str) -> None:
    made = left("before\n" + "\n".join(front + line for line in PEM) + "\nafter it")
    assert not any(line in made for line in KEY)
    assert made.startswith("before\n")
    assert made.endswith("-----END RSA PRIVATE KEY-----\nafter it")


@pytest.mark.parametrize("end", [r"\n", r"\\n", r"\r\n"])
def test_a_key_within_one_line(end: str) -> None:
    made = left('{"private_key":"' + end.join(PEM) + end + '","n":1}')
    assert not any(line in made for line in KEY)
    assert made.endswith('","n":1}')


def test_a_key_that_goes_on_in_the_next_piece() -> None:
    redactor = Redactor(b"k")
    found, inside = redactor.find_on("\n".join(PEM[:3]).encode(), 0)
    assert (len(found), inside > 0) == (2, True)
    found, inside = redactor.find_on("\n".join(PEM[3:]).encode(), inside)
    assert (len(found), inside) == (len(KEY) - 2, 0)


def test_what_follows_a_public_key_is_nothing() -> None:
    public = "\n".join(["-----BEGIN PUBLIC KEY-----", *KEY, "-----END PUBLIC KEY-----"])
    assert block.find(public.encode()) == ([], 0)


def test_the_private_lines_of_putty() -> None:
    text = "\n".join(["Public-Lines: 1", KEY[0], f"Private-Lines: {len(KEY) - 1}", *KEY[1:], "Private-MAC: 12"])
    made = left(text)
    assert KEY[0] in made
    assert not any(line in made for line in KEY[1:])
    assert made.endswith("Private-MAC: 12")
