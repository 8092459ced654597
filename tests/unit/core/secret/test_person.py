"""People: addresses, cards, accounts, national ids."""

from __future__ import annotations

import pytest
from stdnum import luhn

from afterword.core.secret import person


def found(way: str, text: str) -> list[str]:
    body = text.encode()
    return [body[one.start : one.end].decode() for one in person.WAYS[way](body)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mail to Jane.Doe+x@mail.acme.io, please", "Jane.Doe+x@mail.acme.io"),
        ("mailto:jane@acme.io?subject=x", "jane@acme.io"),
        (r"\njane@acme.io\n", "jane@acme.io"),
        ("user=jane%40acme.io&n=1", "jane%40acme.io"),
        ('"email":"jane@acme.co.uk"', "jane@acme.co.uk"),
        ("<jane@acme.example>", "jane@acme.example"),
        ("an müller@acme.de。", "müller@acme.de"),
        ("dump-jane@acme.io.txt", "dump-jane@acme.io"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert found("emails", text) == [address]


@pytest.mark.parametrize(
    "text",
    ["git@github.com:acme/shop.git", "ssh root@web-1.acme.io", "getty@tty1.service", "lodash@4.17.21", "icon@2x.png", "app@db-1.prod.internal", "adoptions@services-database.us-west-2.rds.amazonaws.com_Database", "a@b", "@acme.io"],
)  # fmt: skip
def test_what_is_no_address_of_a_person(text: str) -> None:
    assert found("emails", text) == []


@pytest.mark.parametrize(
    "text",
    ["card 4111 1111 1111 1111 declined", "pan=5555555555554444", '"card":"378282246310005"', "4111-1111-1111-1111"],
)
def test_cards(text: str) -> None:
    assert len(found("cards", text)) == 1


@pytest.mark.parametrize(
    "text",
    ["card 4111 1111 1111 1112", "order_id=4111111111111111", "trace 4111111111111111", "blk_-4111111111111111", "x-4111111111111111-y", "4111111111111111.25", "1773479520000000000"],
)  # fmt: skip
def test_numbers_that_are_no_cards(text: str) -> None:
    assert found("cards", text) == []


def test_an_account_ends_where_its_country_says() -> None:
    assert found("cards", "from DE89 3704 0044 0532 0130 00 PAID") == ["DE89 3704 0044 0532 0130 00"]
    assert found("cards", "from DE89370400440532013001") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("ssn: 536-22-1234", "536-22-1234"),
        ("NHS number 943 476 5919", "943 476 5919"),
        ("dni 54362315K", "54362315K"),
        ("RSSMRA85T10A562S", "RSSMRA85T10A562S"),
        ("cliente 529.982.247-25", "529.982.247-25"),
        ("bsn 111222333", "111222333"),
        ("pesel=44051401359", "44051401359"),
        ("personnummer 811228-9874", "811228-9874"),
        ("aadhaar 2341 2341 2346", "2341 2341 2346"),
        ("Steuer-ID 36574261809", "36574261809"),
        ("1 85 05 78 006 084 91", "1 85 05 78 006 084 91"),
        ("756.9217.0769.85", "756.9217.0769.85"),
    ],
)
def test_national_ids(text: str, number: str) -> None:
    assert found("ids", text) == [number]


@pytest.mark.parametrize("text", ["ssn: 000-22-1234", "536-22-1234", "dni 54362315A", "bsn 111222334", "44051401359", "529.982.247-26"])  # fmt: skip
def test_wrong_digits_and_numbers_without_their_word(text: str) -> None:
    assert found("ids", text) == []


def test_our_check_digit_is_that_of_others() -> None:
    from afterword.core.secret import checksum

    for number in range(4_000_000_000_000_000, 4_000_000_000_000_200):
        assert checksum.luhn(str(number)) == luhn.is_valid(str(number))
