"""Check digits: numbers that are published as examples hold, one wrong digit and they do not."""

from __future__ import annotations

import random

import leaky
import pytest

from afterword.core.secret import checksum


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000", "30569309025904", "2223003122003222"])  # fmt: skip
def test_cards(number: str) -> None:
    assert checksum.card(number)
    assert not checksum.card(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("number", ["1234567812345670", "4444444444444444", "41111111111111", "9111111111111111"])
def test_numbers_that_no_issuer_gives_out(number: str) -> None:
    assert not checksum.card(number)


def test_accounts() -> None:
    assert checksum.iban("DE89 3704 0044 0532 0130 00")
    assert checksum.iban("GB82WEST12345698765432")
    assert not checksum.iban("DE89 3704 0044 0532 0130 01")
    assert not checksum.iban("DE89 3704 0044 0532 0130")
    assert not checksum.iban("XX89370400440532013000")


def test_the_check_of_github_tokens() -> None:
    token = leaky.TYPED["github-classic"](random.Random(2)).removeprefix("ghp_")
    assert checksum.base62_crc(token[:-6], token[-6:])
    assert not checksum.base62_crc(token[:-6], "000000")


def test_entropy() -> None:
    assert checksum.entropy("") == 0
    assert checksum.entropy("aaaa") == 0
    assert checksum.entropy("abcd") == 2
