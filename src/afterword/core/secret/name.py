"""Names that say that a secret follows: ``DB_PASSWORD``, ``x-api-key``, ``clientSecret``; and those that only sound so."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Final

from afterword.core.secret.found import words


class Family(Enum):
    """How the value behind a name is judged."""

    PASSWORD = auto()
    #: A password when it looks like one: ``pass``, ``secret``.
    SOFT = auto()
    #: Made by machines: long, mixed.
    TOKEN = auto()
    #: As TOKEN, but ids, hashes and UUIDs have such names as well.
    LOOSE = auto()


_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS: Final = frozenset(
    {"password", "passwd", "passwort", "passphrase", "passcode", "pwd", "passw", "contrasena", "senha", "motdepasse", "userpassword"}
)  # fmt: skip
_PASSWORD_ENDS: Final = ("password", "passwd", "passphrase")
#: Words before ``key`` with which it opens something.
_KEYED: Final = words(
    "api access secret private encryption signing auth account shared master license app application client service "
    "integration routing storage deploy subscription admin write ingest ingestion consumer hmac session cipher crypto "
    "aes webhook instrumentation"
)
_GLUED: Final = frozenset(
    {"apikey", "accesskey", "secretkey", "accountkey", "privatekey", "authkey", "appkey", "masterkey", "sessionkey", "licensekey", "authtoken", "accesstoken", "apitoken", "clientsecret", "apisecret", "appsecret", "sharedaccesskey", "signingkey", "encryptionkey", "bearertoken", "refreshtoken", "usertoken", "secrettoken", "bottoken", "apppassword", "dbpassword"}
)  # fmt: skip
_STRONG: Final = words("api access auth secret client bot refresh private personal id oauth vault consul bearer app admin deploy bot webhook account registry")  # fmt: skip
_VENDORS: Final = words(
    "aws azure gcp google github gitlab bitbucket slack stripe twilio sendgrid mailgun datadog dd newrelic pagerduty opsgenie "
    "grafana vault consul nomad heroku cloudflare digitalocean okta auth0 atlassian jira linear doppler algolia sentry "
    "splunk snyk sonar npm pypi docker openai anthropic huggingface telegram discord shopify square paypal braintree "
    "adyen plaid mapbox launchdarkly unleash honeycomb rollbar bugsnag segment mixpanel amplitude intercom zendesk asana "
    "dropbox airtable netlify vercel fastly akamai linode vultr circleci travis codecov jenkins drone terraform rabbitmq "
    "postgres mysql redis mongo mongodb elastic kafka ldap smtp ftp ssh snowflake databricks confluent coinbase binance "
    "kraken twitter facebook linkedin dynatrace logdna loggly sumologic signalfx lightstep statuspage victorops xmatters"
)
#: Words that may follow the one that decides: ``token_value``, ``password2``, ``secret_prod``.
_TRAILING: Final = words(
    "value val data plain plaintext text string str new old current prod production dev staging stage test live env raw b64 "
    "base64 base confirm confirmation again default primary secondary main param encoded rotated temp tmp hash"
)
#: Words that make it something else: a count, a place in a list, what a parser saw.
_NOT: Final = words(
    "max min num number count total avg used input output prompt completion next page continuation sync missing invalid bad "
    "unexpected parse unknown stop eos bos pad cls sep mask special public expected remaining cached start begin end no "
    "bucket rate limit reset forgot forgotten change changed cancellation delegation block"
)
#: Words before ``pass`` with which it is a password, not what a test did.
_OWNERS: Final = frozenset(
    {
        "db",
        "database",
        "user",
        "admin",
        "root",
        "sql",
        "mail",
        "email",
        "imap",
        "proxy",
        "service",
        "bind",
        "login",
        "net",
        "pg",
    }
)
_SESSIONS: Final = frozenset({"phpsessid", "jsessionid", "sessionid", "sessid", "aspsessionid", "connectsid"})


@lru_cache(maxsize=8192)
def family(name: str) -> tuple[Family, str] | None:
    """How to judge what follows this name, and the kind it would be; None when the name promises no secret."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    while len(parts) > 1 and (parts[-1] in _TRAILING or parts[-1].isdigit()):
        parts.pop()
    if not parts or not _NOT.isdisjoint(parts):
        return None
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if last in _PASSWORDS or last.endswith(_PASSWORD_ENDS) or _owned(last) or (last == "word" and before == "pass"):
        return Family.PASSWORD, _vendor(parts, "password")
    if last in ("pass", "pw", "secret", "secrets", "credential", "credentials", "creds"):
        return _secret(parts, last, before)
    return _token(parts, last, before)


def _owned(word: str) -> bool:
    """``bindpw``, ``SSHPASS``: whose password it is, written together with the word for it."""
    owner = word.removesuffix("pass") if word.endswith("pass") else word.removesuffix("pw")
    return owner != word and (owner in _OWNERS or owner in _VENDORS)


def _secret(parts: list[str], last: str, before: str) -> tuple[Family, str]:
    if last in ("pass", "pw"):
        owned = before in _OWNERS or before in _VENDORS
        return (Family.PASSWORD if owned else Family.SOFT), _vendor(parts, "password")
    kind = "secret" if last.startswith("secret") else "credential"
    strong = before in _STRONG or not _VENDORS.isdisjoint(parts)
    return (Family.TOKEN if strong else Family.SOFT), _vendor(parts, kind)


def _token(parts: list[str], last: str, before: str) -> tuple[Family, str] | None:
    vendor = not _VENDORS.isdisjoint(parts)
    if last in ("token", "jwt", "bearer"):
        strong = before in _STRONG or vendor or last != "token"
        return (Family.TOKEN if strong else Family.LOOSE), _vendor(parts, "token")
    if (last == "key" and (before in _KEYED or vendor)) or last in _GLUED:
        return Family.TOKEN, _vendor(parts, "key" if last == "key" or last.endswith("key") else last[-6:].lstrip("s"))
    if last in _SESSIONS or (before in ("session", "connect") and last in ("id", "sid", "cookie")) or last == "sid":
        return Family.LOOSE, "session"
    if last == "salt":
        return Family.TOKEN, _vendor(parts, "salt")
    if last in ("auth", "authorization", "signature", "sig", "otp", "cookie"):
        return Family.LOOSE, "credential"
    return None


def _vendor(parts: list[str], kind: str) -> str:
    found = next((part for part in parts if part in _VENDORS), "")
    return f"{found}-{kind}" if found else kind
