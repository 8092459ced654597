"""Live systems as people name them: in ``afterword.toml``, or as URIs on their terminal.

A file never holds a secret: it names the variable of the environment that does.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from afterword.app import plugs
from afterword.app.address import RefusedAddressError, split
from afterword.app.fetch import Access, Limits, without_userinfo
from afterword.app.secret import is_secret, mask_url
from afterword.model.refusal import InvalidError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.ports import Connector

FILE = "afterword.toml"
#: Who one is is no secret, even where a connector lists it beside the password.
_OPEN = frozenset({"user"})
_URI = re.compile(r"(?i)([a-z][a-z0-9_-]*)\+(https?://.*)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
#: Keys that every system may have, whatever its connector.
GENERAL = {
    "name": "what the system is called in tables and documents",
    "connector": "how it is asked",
    "url": "where it is",
    "headers": "headers that go with every request",
    "headers_env": "secret headers: the variable of the environment that holds each",
    "user": "name for basic authentication, with password_env",
    "rate": "most requests a second (20)",
    "timeout": "seconds without a byte until a request is given up (10)",
    "ca": "file with the certificates to trust instead of the usual ones",
}


@dataclass(frozen=True, slots=True)
class System:
    """One system to ask, everything about it decided."""

    name: str
    connector: Connector
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    #: Secrets that the connector asked for by name.
    secrets: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict)
    rate: float = 20.0
    timeout: float = 10.0
    ca: str = ""

    @property
    def shown(self) -> str:
        return mask_url(self.url)

    def access(self) -> Access:
        """Where this system may be asked: its URL, and options that are URLs themselves."""
        more = [value for value in self.options.values() if isinstance(value, str) and _is_url(value)]
        return Access(
            (self.url, *more), self.headers, self.secret_headers, tuple(self.secrets.values()), self.ca
        )  # fmt: skip

    def limits(self, most: int) -> Limits:
        return Limits(rate=self.rate, read=self.timeout, most=most)

    def identity(self) -> list[Any]:
        """What makes it this system and these questions; no secret is part of it."""
        return [self.name, self.connector.name, self.shown, dict(self.options), dict(self.headers)]


def _is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def is_uri(text: str) -> bool:
    return "://" in text


def find(here: Path) -> Path | None:
    """The nearest ``afterword.toml`` upward from a folder."""
    return next((folder / FILE for folder in (here, *here.parents) if (folder / FILE).is_file()), None)


def load(path: Path, environment: Mapping[str, str]) -> tuple[System, ...]:
    """The systems of a file. Raises InvalidError with everything that is wrong with it."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InvalidError(f"{path} cannot be read: {error}", (f"{path}: {error}",)) from error
    reasons = [
        f"{path}: there is no setting {key}; systems are written as [[systems]]" for key in found if key != "systems"
    ]
    tables = found.get("systems")
    if not isinstance(tables, list) or not tables or not all(isinstance(one, dict) for one in tables):
        reasons.append(f"{path}: it names no system; each is a table [[systems]] with name, connector and url")
        tables = []
    made = []
    for number, one in enumerate(tables, 1):
        written = _Written(one, f"{path}: {one.get('name') or f'system {number}'}", environment)
        made.append(written.system())
        reasons += written.reasons
    names = [one.get("name") for one in tables]
    reasons += [f"{path}: two systems are called {name}" for name in dict.fromkeys(names) if names.count(name) > 1]
    if reasons:
        raise InvalidError("the systems cannot be used: " + "; ".join(reasons), tuple(reasons))
    return tuple(one for one in made if one is not None)


def from_uris(uris: Sequence[str], environment: Mapping[str, str]) -> tuple[System, ...]:
    """Systems named as ``<connector>+http(s)://…``. Raises InvalidError with everything that is wrong."""
    made, reasons, count = [], [], dict[str, int]()
    for uri in uris:
        found = _URI.fullmatch(uri)
        if not found:
            known = ", ".join(one.name for one in plugs.connectors())
            reasons.append(f"{_shown(uri)}: write CONNECTOR+http://…; connectors: {known}")
            continue
        name = found[1].lower()
        count[name] = count.get(name, 0) + 1
        called = name if count[name] == 1 else f"{name}-{count[name]}"
        connector = next((one for one in plugs.connectors() if one.name == name), None)
        url, options = _options_of(found[2], connector)
        table: dict[str, Any] = {**options, "name": called, "connector": name, "url": url}
        for secret in _secrets(connector):
            variable = _variable_of(name, secret)
            if environment.get(variable):
                table[f"{secret}_env"] = variable
        written = _Written(table, _shown(uri), environment, typed=True)
        made.append(written.system())
        reasons += written.reasons
    if reasons:
        raise InvalidError("; ".join(reasons), tuple(f"evidence: {one}" for one in reasons))
    return tuple(one for one in made if one is not None)


def _variable_of(connector: str, secret: str) -> str:
    """Where the secret of a system is looked for that was named by its address."""
    return f"AFTERWORD_{connector}_{secret}".upper().replace("-", "_")


def _shown(uri: str) -> str:
    """An address that may not be one: whatever stands before its last @ could be a password."""
    head, mark, rest = uri.partition("://")
    return head + mark + mask_url(rest.rpartition("@")[2])


def _options_of(url: str, connector: Connector | None) -> tuple[str, dict[str, Any]]:
    """The options that stand as parameters in an address, taken out of it; one that is there twice is a list."""
    if connector is None or connector.as_it_stands:
        return url, {}
    head, _, query = url.partition("?")
    options: dict[str, Any] = {}
    for pair in filter(None, query.split("&")):
        # A plus stays one: people type queries here, not forms.
        key, _, value = pair.partition("=")
        before = options.get(key)
        said = unquote(value)
        options[key] = said if before is None else [*before, said] if isinstance(before, list) else [before, said]
    return head, options


def _secrets(connector: Connector | None) -> tuple[str, ...]:
    """Names of secrets: those of the connector, and what every system may need to be let in."""
    return tuple(dict.fromkeys((*(connector.secrets if connector else ()), "token", "password")))


class _Written:
    """One table of the file being read; what is wrong with it is gathered."""

    def __init__(
        self, table: Mapping[str, Any], where: str, environment: Mapping[str, str], *, typed: bool = False
    ) -> None:
        self.table, self.where, self.environment, self.typed = table, where, environment, typed
        self.reasons: list[str] = []

    def wrong(self, text: str) -> None:
        self.reasons.append(f"{self.where}: {text}")

    def system(self) -> System | None:
        """The system, or None when the reasons say why there is none."""
        connector, name = self._connector(), self._text("name")
        if name and not _NAME.fullmatch(name):
            self.wrong("name is letters, digits, hyphens and dots")
        url, login = self._url(connector)
        secrets = self._from_environment(connector)
        options = dict(self._options(connector, set(secrets)))
        headers, secret_headers = self._headers()
        rate, timeout = self._number("rate", 20.0, 0.01, 1000.0), self._number("timeout", 10.0, 0.1, 3600.0)
        ca = self._ca()
        if self.reasons or connector is None:
            return None
        own = {key: value for key, value in secrets.items() if key in connector.secrets}
        secret_headers = {**login, **self._login(secrets, connector), **secret_headers}
        return System(name, connector, url, options, own, headers, secret_headers, rate, timeout, ca)

    def _text(self, key: str) -> str:
        value = self.table.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(f"{key} is missing ({GENERAL[key]})")
        return ""

    def _connector(self) -> Connector | None:
        name = self._text("connector")
        known = {one.name: one for one in plugs.connectors()}
        if name and name not in known:
            near = difflib.get_close_matches(name, known, 2) or sorted(known)
            self.wrong(f"there is no connector {name}; there is {', '.join(near)}")
        return known.get(name)

    def _url(self, connector: Connector | None) -> tuple[str, dict[str, str]]:
        """The URL and, from a terminal, the header for the name and password that stood in it."""
        usual = connector.url if connector and "url" not in self.table else ""
        text = usual or self._text("url")
        if not text:
            return "", {}
        try:
            url, login = without_userinfo(text)
            split(url.replace("{", "_").replace("}", "_"))
        except (RefusedAddressError, ValueError) as error:
            self.wrong(f"url: {error}")
            return "", {}
        if connector is not None and "?" in url and not connector.as_it_stands:
            self.wrong(f"the url ends before its parameters; {connector.name} has options for what it asks")
        if not self.typed:
            if login:
                self.wrong('a name or password stands in the url; write user = "…" and password_env = "NAME" instead')
            for key, value in parse_qsl(urlsplit(url).query):
                if is_secret(key) and value:
                    self.wrong(f'the url holds a secret ({key}); send it as a header: headers_env = {{ … = "NAME" }}')
        return url, login

    def _from_environment(self, connector: Connector | None) -> dict[str, str]:
        """The secrets that ``<secret>_env`` names."""
        found: dict[str, str] = {}
        for secret in _secrets(connector):
            variable = self.table.get(f"{secret}_env")
            if secret in self.table and secret not in _OPEN:
                instead = f'write {secret}_env = "NAME" and set that variable'
                if self.typed and connector is not None:
                    instead = f"set the variable {_variable_of(connector.name, secret)}"
                where = "on a command line" if self.typed else "into a file"
                self.wrong(f"{secret}: a secret does not belong {where}; {instead}")
            elif secret in self.table:
                found[secret] = self._text(secret)
            if variable is None:
                continue
            value = self._variable(f"{secret}_env", variable)
            if value:
                found[secret] = value
        return found

    def _variable(self, key: str, variable: Any) -> str:
        if not isinstance(variable, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
            self.wrong(f"{key} is the name of a variable of the environment")
            return ""
        value = self.environment.get(variable, "").strip()
        if not value:
            self.wrong(f"{key}: the variable {variable} is not set")
        elif not value.isprintable():
            self.wrong(f"{key}: the variable {variable} holds line breaks or control characters")
            return ""
        return value

    def _options(self, connector: Connector | None, secrets: set[str]) -> Iterator[tuple[str, Any]]:
        known = dict(connector.options) if connector else {}
        for key, value in self.table.items():
            if key in known and key not in secrets:
                if _is_plain(value):
                    yield key, value
                else:
                    self.wrong(f"{key} is a text, a number, true or false, or a list of texts")
            elif (
                key in GENERAL
                or key in _secrets(connector)
                or (key.endswith("_env") and key[:-4] in _secrets(connector))
            ):
                continue
            elif connector is not None:
                near = difflib.get_close_matches(
                    key, [*known, *GENERAL, *(f"{one}_env" for one in _secrets(connector))], 2
                )
                what = "a secret does not belong into a file, and " if is_secret(key) else ""
                self.wrong(
                    f"{key}: {what}{connector.name} knows no such option"
                    + (f"; near: {', '.join(near)}" if near else "")
                )

    def _headers(self) -> tuple[dict[str, str], dict[str, str]]:
        plain, secret = self._table("headers"), self._table("headers_env")
        for name, value in plain.items():
            if is_secret(name):
                self.wrong(f"headers: {name} holds a secret; write it into headers_env with the name of a variable")
            if not value.isprintable() or not re.fullmatch(r"[A-Za-z0-9-]+", name):
                self.wrong(f"headers: {name[:40]!r} is no header")
        return plain, {name: self._variable(f"headers_env.{name}", variable) for name, variable in secret.items()}

    def _table(self, key: str) -> dict[str, str]:
        value = self.table.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self.wrong(f'{key} is a table of texts: {key} = {{ X-Scope-OrgID = "…" }}')
            return {}
        return value

    def _number(self, key: str, default: float, least: float, most: float) -> float:
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.wrong(f"{key} is a number from {least:g} to {most:g}")
            return default
        return float(value)

    def _ca(self) -> str:
        value = self.table.get("ca", "")
        if value and (not isinstance(value, str) or not Path(value).expanduser().is_file()):
            self.wrong(f"ca: there is no file {value}")
        return str(Path(value).expanduser()) if isinstance(value, str) and value else ""

    def _login(self, secrets: Mapping[str, str], connector: Connector) -> dict[str, str]:
        """The header that lets in, where the connector does not make one itself."""
        made: dict[str, str] = {}
        if "password" in secrets and "password" not in connector.secrets:
            user = str(self.table.get("user", ""))
            made = without_userinfo(f"http://{quote(user, safe='')}:{quote(secrets['password'], safe='')}@host")[1]
        if "token" in secrets and "token" not in connector.secrets:
            made = {"Authorization": f"Bearer {secrets['token']}"}
        return made


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(one, str | int | float) for one in value)
    return isinstance(value, str | int | float | bool)
