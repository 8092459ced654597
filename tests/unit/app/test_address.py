"""Addresses that must not be asked, in every spelling, and those that a person named."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.app.address import Guard, RefusedAddressError, split, unwrapped

PUBLIC = "93.184.216.34"
#: What every one of them has in common: some program would connect to this machine, to a network behind it, to a service
#: that gives out credentials, or speak HTTP to what does not answer it.
FORMS = [
    # this machine by its names and addresses
    *("http://localhost/", "HTTP://LOCALHOST/", "http://localhost./", "http://app.localhost/", "http://127.0.0.1/"),
    *("http://127.255.255.254/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::]/", "http://0.0.0.0/"),
    # the same in spellings that some programs take: decimal, hexadecimal, octal, short, other digits, other dots
    *(
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
    ),
    *("http://127.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://１２７.0.0.1/", "http://127.0.0.1./"),
    # IPv4 inside of IPv6: mapped, compatible, translated, 6to4, Teredo
    *("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/"),
    *(
        "http://[::ffff:0:127.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:7f00:1::]/",
        "http://[64:ff9b:1::7f00:1]/",
    ),
    # networks that are not the public one
    *("http://10.0.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://100.64.0.1/", "http://198.18.0.1/"),
    *(
        "http://[fc00::1]/",
        "http://[fe80::1]/",
        "http://[fe80::1%25eth0]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
    ),
    # services that give out credentials
    *(
        "http://169.254.169.254/latest/",
        "http://[fd00:ec2::254]/",
        "http://metadata.google.internal/",
        "http://100.100.100.200/",
    ),
    # other schemes, and no scheme
    *("file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://127.0.0.1/", "data:text/plain,x", "//127.0.0.1/"),
    *("http:/127.0.0.1/", "http:127.0.0.1", "unix:///run/x.sock", "jar:http://127.0.0.1!/"),
    # what two programs take apart in two ways
    *("http://ann@127.0.0.1/", "http://example.com@127.0.0.1/", "http://127.0.0.1#@example.com/"),
    *(
        "http://example.com\\@127.0.0.1/",
        "http://127.0.0.1%2f@example.com/",
        "http://0000::1/",
        "http://xn--/",
        "http:///x",
    ),
    # ports of other protocols, and a name that leads home
    *(
        "http://example.com:22/",
        "http://example.com:25/",
        "http://example.com:99999/",
        "http://127.0.0.1.names.example/",
    ),
]
METADATA = (
    *("169.254.169.254", "169.254.170.2", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16"),
    *("[::ffff:169.254.169.254]", "metadata.google.internal", "metadata"),
)
GENERATOR = Path(__file__).resolve().parents[3] / "../shared/data/bad-input/own/make_bad_input.py"


def resolver(host: str, port: int) -> list[str]:
    """A name server of the test: one name leads home, all others to a public address."""
    return ["127.0.0.1"] if host == "127.0.0.1.names.example" else [PUBLIC]


def refused(url: str, *named: tuple[str, int]) -> bool:
    try:
        Guard(frozenset(named), resolver).check(url)
    except RefusedAddressError:
        return True
    return False


@pytest.mark.parametrize("url", FORMS)
def test_none_of_the_forms_is_asked(url: str) -> None:
    assert refused(url)


def test_public_addresses_pass_the_same_guard() -> None:
    """The control: a guard that refuses everything would pass the test above, too."""
    assert [refused(url) for url in ("http://example.com/", "https://example.com:8443/a?b", f"http://{PUBLIC}/")] == [
        False
    ] * 3
    found = Guard(resolve=resolver).check("https://example.com:8443/a?b=1#c")
    assert (found.addresses, found.rest, found.authority) == ((PUBLIC,), "/a?b=1", "example.com:8443")


def test_without_the_judgement_most_forms_would_be_asked() -> None:
    """The control: taking a URL apart strictly is not enough; the addresses have to be judged."""
    passed = 0
    for url in FORMS:
        try:
            split(url)
            passed += 1
        except RefusedAddressError:
            pass
    assert passed >= 20


@pytest.mark.shared
def test_the_published_corpus_is_refused(tmp_path: Path) -> None:
    if not GENERATOR.exists():
        pytest.skip("the bad-input generator of the research data is not here")
    subprocess.run(
        [sys.executable, str(GENERATOR), str(tmp_path)], check=False, capture_output=True, cwd=tmp_path, timeout=300
    )
    found = next(tmp_path.rglob("ssrf/urls.txt"), None)
    if found is None:
        pytest.skip("the generator made no list of addresses")
    urls = found.read_text(encoding="utf-8").split("\n")[:-1]
    to_home = Guard(resolve=lambda *_: ["127.0.0.1"])
    for url in urls:
        with pytest.raises(RefusedAddressError):
            to_home.check(url)


def test_what_a_person_names_may_be_private_at_exactly_that_host_and_port() -> None:
    """A Prometheus on this machine is the normal case; the database beside it is not meant."""
    assert not refused("http://127.0.0.1:9090/api", ("127.0.0.1", 9090))
    assert refused("http://127.0.0.1:5432/", ("127.0.0.1", 9090))
    assert refused("http://10.0.0.1:9090/", ("127.0.0.1", 9090))
    assert refused("http://localhost:9090/", ("127.0.0.1", 9090))


@pytest.mark.parametrize("host", METADATA)
def test_metadata_services_are_never_asked_even_when_named(host: str) -> None:
    assert refused(f"http://{host}/", (host.strip("[]"), 80), (split(f"http://{host}/").host, 80))


def test_a_named_name_that_resolves_to_a_metadata_service_is_refused() -> None:
    guard = Guard(frozenset({("prometheus.example", 80)}), lambda *_: ["10.1.2.3", "169.254.169.254"])
    with pytest.raises(RefusedAddressError, match="credentials"):
        guard.check("http://prometheus.example/")


def test_names_that_do_not_resolve() -> None:
    with pytest.raises(RefusedAddressError, match="cannot be resolved"):
        Guard().check("http://no-such-name.invalid/")
    with pytest.raises(RefusedAddressError, match="has no address"):
        Guard(resolve=lambda *_: []).check("http://example.com/")
    with pytest.raises(RefusedAddressError, match="cannot be read"):
        Guard(resolve=lambda *_: ["nonsense"]).check("http://example.com/")
    assert Guard(frozenset({("localhost", 80)})).check("http://localhost/").addresses


def test_one_bad_address_among_several_is_enough() -> None:
    with pytest.raises(RefusedAddressError, match="private"):
        Guard(resolve=lambda *_: [PUBLIC, "192.168.1.1"]).check("http://example.com/")


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "::", "64:ff9b::", "::ffff:0:0:0"]))
def test_an_ipv4_address_in_other_clothes_is_judged_as_itself(address: ipaddress.IPv4Address, clothes: str) -> None:
    if int(address) < 2:
        return
    dressed = ipaddress.IPv6Address(int(ipaddress.IPv6Address(clothes)) | int(address))
    assert unwrapped(dressed) == address
    assert refused(f"http://[{dressed}]/") == refused(f"http://{address}/")


@given(st.ip_addresses())
def test_nothing_that_is_not_public_passes(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert refused(f"http://{host}/") or unwrapped(address) != address


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}@127.0.0.1/"):
        assert isinstance(refused(url), bool)
    assert refused(f"http://{text}@127.0.0.1/") or "/" in text or "?" in text or "#" in text
