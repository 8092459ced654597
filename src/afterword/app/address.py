"""Which address may be asked: every name is resolved once, every address of it is judged, and only a judged one is used.

Whoever can make a server fetch a URL can send it where only that server can go. So nothing private is asked, except what a
person has named as a system, and that only at exactly its host and port; the metadata services of clouds never.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_URL = re.compile(r"(?i)(https?)://([^/?#]*)([/?#].*)?", re.DOTALL)
_HOST = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(\d{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
#: Characters that programs disagree about when they take a URL apart.
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))
_PORTS = {"http": 80, "https": 443}


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, text.split()))


#: Where clouds give out credentials to whoever asks from inside.
_METADATA = _networks(
    "169.254.0.0/16 100.100.100.200/32 168.63.129.16/32 192.0.0.192/32 fd00:ec2::/32 fd20:ce::254/128 fd00:c1::a9fe:a9fe/128"
)
_METADATA_NAMES = re.compile(
    r"(metadata|instance-data)|metadata\.(google\.internal|goog|azure\.internal|tencentyun\.com)|instance-data\.ec2\.internal"
)
#: What nobody can listen on, or what carries an address of another kind through a tunnel.
_NEVER = _networks(
    "0.0.0.0/8 224.0.0.0/4 240.0.0.0/4 192.88.99.0/24 ::/128 ff00::/8 2002::/16 2001::/32 64:ff9b:1::/48 100::/64"
)
#: Not reachable for the public, beside what the standard library knows of.
_PRIVATE = _networks("100.64.0.0/10 192.0.0.0/24 198.18.0.0/15 fec0::/10 2001:db8::/32 3fff::/20 5f00::/16")
_UNICAST = _networks("2000::/3")
#: IPv6 addresses that are an IPv4 address in other clothes; it stands in their last 32 bits.
_CLOTHES = _networks("::ffff:0:0/96 ::ffff:0:0:0/96 ::/96 64:ff9b::/96")


class RefusedAddressError(Exception):
    """The address is not asked; the message says why, without the URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart, with the addresses that were judged; the connection is made to one of them and no other."""

    scheme: str
    host: str
    port: int
    #: Path and query, as they go into the request.
    rest: str
    addresses: tuple[str, ...] = ()

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the order in which they should be tried."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RefusedAddressError(f"the name {host} cannot be resolved") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """``named`` are hosts and ports that a person has named: they may be private."""

    named: frozenset[tuple[str, int]] = frozenset()
    resolve: Resolve = field(default=resolve)

    def check(self, url: str) -> Target:
        """The target of a URL with the addresses to connect to. Raises RefusedAddressError."""
        target = split(url)
        named = (target.host, target.port) in self.named
        if _METADATA_NAMES.fullmatch(target.host):
            raise RefusedAddressError(f"{target.host} gives out credentials of the machine; it is never asked")
        if not named:
            _check_name(target)
        literal = _literal(target.host)
        addresses = (target.host,) if literal else tuple(self.resolve(target.host, target.port))
        if not addresses:
            raise RefusedAddressError(f"the name {target.host} has no address")
        for one in addresses:
            _judge(one, target.host, named=named)
        return Target(target.scheme, target.host, target.port, target.rest, addresses)


def split(url: str) -> Target:
    """Take a URL apart, strictly: what programs could read in two ways is refused."""
    if _ODD.search(url):
        raise RefusedAddressError("the address holds blanks, control characters or backslashes")
    found = _URL.fullmatch(url)
    if not found:
        raise RefusedAddressError("this is no address that begins with http:// or https://")
    scheme, authority, rest = found[1].lower(), found[2], found[3] or "/"
    if "@" in authority:
        raise RefusedAddressError("a name or a password stands in front of the host")
    parts = _HOST.fullmatch(authority)
    if not parts or not parts[1]:
        raise RefusedAddressError("the host of the address cannot be read")
    port = int(parts[2]) if parts[2] else _PORTS[scheme]
    if not 0 < port < 65536:
        raise RefusedAddressError("the port of the address is none")
    rest = rest.partition("#")[0] or "/"
    return Target(scheme, _host(parts[1]), port, rest if rest.startswith("/") else f"/{rest}")


def _host(text: str) -> str:
    """The host in the one way to write it: a plain IPv4 or IPv6 address, or a name in small letters."""
    if text.startswith("["):
        try:
            # A scope ("%eth0") would be part of what programs read differently.
            return str(ipaddress.IPv6Address(text[1:-1].replace("%", "?")))
        except ValueError as error:
            raise RefusedAddressError("the host is no plain IPv6 address") from error
    host = unicodedata.normalize("NFKC", text.translate(_DOTS)).lower().removesuffix(".")
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise RefusedAddressError("the host is no name that the network knows") from error
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(one) for one in labels):
        raise RefusedAddressError("the host is no name and no plain address")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        return _plain_ipv4(host)
    return host


def _plain_ipv4(host: str) -> str:
    """Octal, hexadecimal, short and decimal spellings mean different hosts to different programs."""
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError as error:
        raise RefusedAddressError(f"{host} is no plain IPv4 address: write four numbers with dots") from error


def _literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_name(target: Target) -> None:
    if target.host == "localhost" or target.host.endswith(".localhost"):
        raise RefusedAddressError("this machine itself is asked only where a person names it as a system")
    if target.port < 1024 and target.port not in _PORTS.values():
        raise RefusedAddressError(f"port {target.port} is not one that answers HTTP")


def _judge(text: str, host: str, *, named: bool) -> None:
    """Raises RefusedAddressError unless the address may be connected to."""
    try:
        address = unwrapped(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError as error:
        raise RefusedAddressError(f"{host} has an address that cannot be read") from error
    what = host if host == str(address) else f"{host} ({address})"
    if _in(address, _METADATA):
        raise RefusedAddressError(f"{what} is where clouds give out credentials; it is never asked")
    if _in(address, _NEVER):
        raise RefusedAddressError(f"{what} is not the address of one machine; it is never asked")
    if not named and not _is_public(address):
        raise RefusedAddressError(f"{what} is a private address: asked only where a person names it as a system")


def _is_public(address: Address) -> bool:
    """Of IPv6 only what is given out as global unicast is public; the rest is reserved, whatever it may become."""
    given_out = address.version == 4 or _in(address, _UNICAST)
    return given_out and address.is_global and not address.is_multicast and not _in(address, _PRIVATE)


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it; loopback and the empty address are none of these."""
    if address.version == 6 and int(address) > 1 and _in(address, _CLOTHES):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _in(address: Address, networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(address.version == one.version and address in one for one in networks)
