"""Secrets that are known by their own shape: what issuers put in front of them, how long they are, what they end with.

The list of kinds is the field's: what scanners of repositories look for. The patterns are written from what the issuers
publish. All are scanned for at once, by one automaton; only what it finds is looked at again, to tell which kind it is.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import re2

from afterword.core.secret.checksum import base62_crc, entropy
from afterword.core.secret.found import Found, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind. A group in the pattern is the secret part; without one all of it is. ``sure`` looks at that part."""

    kind: str
    pattern: str
    sure: Callable[[str], bool] | None = None


def _mixed(value: str) -> bool:
    """Not one sign again and again, as in the examples of manuals."""
    return entropy(value) >= 2.3 and "xxxxx" not in value.lower()


def _scrambled(value: str) -> bool:
    """Small letters, capitals and digits among each other."""
    return all(any(map(of, value)) for of in (str.islower, str.isupper, str.isdigit)) and entropy(value) >= 3.5


def _github(value: str) -> bool:
    """The last six signs are a check of the rest. What fails it may be from a newer scheme: then its letters decide."""
    body = value.rpartition("_")[2]
    return base62_crc(body[:-6], body[-6:]) or _mixed(body)


def _key_within(value: str) -> bool:
    """A private key in base 64, as manifests hold it; certificates begin alike."""
    try:
        return b"PRIVATE KEY" in base64.b64decode(value[:80])
    except (ValueError, binascii.Error):
        return False


def _jwt(value: str) -> bool:
    """Its first part says how it is signed or encrypted."""
    head = value.split(".", maxsplit=1)[0]
    try:
        said = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(said, dict) and ("alg" in said or "enc" in said or "typ" in said)


_W: Final = r"[A-Za-z0-9_-]"
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ROWS: Final = (
    ("aws-access-key", r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b"),
    ("aws-bedrock-key", r"(?:ABSK|bedrock-api-key-YmVkcm9jay)[A-Za-z0-9+/]{28,}={0,2}"),
    ("github-token", r"github_pat_[A-Za-z0-9_]{36,255}", _github),
    ("github-token", r"gh[pousr]_[A-Za-z0-9]{36,}", _github),
    ("gitlab-token", r"(?:gl(?:pat|dt|rt|rtr|cbt|ptt|ft|soat|imt|agent|ffct|oas|wt)-|GR1348941)[A-Za-z0-9_.-]{20,}"),
    ("slack-token", r"xox[abeoprs](?:\.xox[abp])?-[A-Za-z0-9-]{10,}"),
    ("slack-token", r"xapp-\d-[A-Z0-9]+-\d+-[a-zA-Z0-9]+"),
    ("slack-webhook", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/_-]{20,})"),
    ("teams-webhook", r"[a-z0-9-]+\.webhook\.office\.com/webhookb2/([A-Za-z0-9@/_-]{60,})"),
    ("discord-webhook", rf"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{{17,20}}/({_W}{{60,}})"),
    ("zapier-webhook", r"hooks\.zapier\.com/hooks/catch/(\d+/[A-Za-z0-9]+)"),
    ("stripe-key", r"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,}"),
    ("stripe-key", r"whsec_[A-Za-z0-9+/]{24,}={0,2}"),
    ("google-key", rf"AIza{_W}{{35}}"),
    ("google-token", rf"ya29\.{_W}{{20,}}"),
    ("google-secret", rf"GOCSPX-{_W}{{28}}"),
    ("google-token", rf"1//0{_W}{{40,}}"),
    ("azure-secret", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
    ("private-key", r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{20,}={0,2}", _key_within),
    ("jwt", r"ZXlK[A-Za-z0-9+/_-]{60,}={0,2}"),
    ("jwt", rf"eyJ{_W}{{10,}}\.(?:eyJ{_W}{{10,}}\.{_W}*|{_W}*(?:\.{_W}+){{3}})", _jwt),
    ("npm-token", r"npm_[A-Za-z0-9]{36}", _github),
    ("pypi-token", rf"pypi-AgE{_W}{{20,}}"),
    ("rubygems-key", r"rubygems_[a-f0-9]{48}"),
    ("docker-token", rf"dckr_(?:pat|oat)_{_W}{{20,}}"),
    ("twilio-key", r"SK[0-9a-fA-F]{32}\b"),
    ("sendgrid-key", r"SG\.[A-Za-z0-9_=-]{16,32}\.[A-Za-z0-9_=.-]{16,64}"),
    ("mailgun-key", r"key-[0-9a-f]{32}\b"),
    ("mailgun-key", r"[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b"),
    ("mailchimp-key", r"[0-9a-f]{32}-us\d{1,2}\b"),
    ("brevo-key", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    ("datadog-key", r"(?:ddapp|ddapi|dda?p?at)_[A-Za-z0-9]{30,}"),
    ("newrelic-key", rf"NR(?:AK|JS|II|IQ|SP)-{_W}{{19,}}"),
    ("newrelic-key", r"[a-f0-9]{36}NRAL\b"),
    ("grafana-token", r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    ("grafana-token", r"glc_[A-Za-z0-9+/]{32,}={0,2}"),
    ("grafana-token", r"eyJrIjoi[A-Za-z0-9+/]{40,}={0,3}"),
    ("vault-token", rf"hv[sbr]\.{_W}{{24,}}"),
    ("vault-token", r"s\.[A-Za-z0-9]{24}\b", _scrambled),
    ("terraform-token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}"),
    ("digitalocean-token", r"do[opr]_v1_[a-f0-9]{64}"),
    ("heroku-key", rf"HRKU-{_W}{{36,}}"),
    ("cloudflare-key", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}"),
    ("anthropic-key", rf"sk-ant-[a-z]{{2,8}}\d\d-{_W}{{20,}}"),
    ("openai-key", rf"sk-(?:proj|svcacct|admin|or-v1)-{_W}{{20,}}"),
    ("openai-key", r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("api-key", r"sk-[A-Za-z0-9]{32,}\b"),
    ("huggingface-token", r"(?:hf|api_org)_[A-Za-z0-9]{34}\b"),
    ("groq-key", r"gsk_[A-Za-z0-9]{40,}"),
    ("perplexity-key", r"pplx-[A-Za-z0-9]{40,}"),
    ("xai-key", r"xai-[A-Za-z0-9]{60,}"),
    ("replicate-token", r"r8_[A-Za-z0-9]{37}\b"),
    ("telegram-token", rf"\d{{5,16}}:A{_W}{{34}}\b"),
    ("discord-token", rf"[MNO][A-Za-z0-9_-]{{23,27}}\.{_W}{{6}}\.{_W}{{27,38}}\b"),
    ("shopify-token", r"shp(?:at|ca|pa|ss|ua)_[A-Fa-f0-9]{32}"),
    ("square-token", rf"sq0(?:atp|csp|idp)-{_W}{{22,}}"),
    ("square-token", rf"EAAA{_W}{{60}}\b"),
    ("facebook-token", r"EAA[A-Za-z0-9]{100,}"),
    ("facebook-token", r"\d{15,16}(?:\||%7C)[0-9A-Za-z_-]{27,40}\b"),
    ("twitter-token", r"A{20}[A-Za-z0-9%]{60,}"),
    ("atlassian-token", r"AT(?:ATT3|CTT3|STT3)[A-Za-z0-9_=-]{20,}"),
    ("bitbucket-token", r"ATBB[A-Za-z0-9_=-]{24,}"),
    ("linear-key", r"lin_(?:api|oauth|wh)_[A-Za-z0-9]{32,}"),
    ("doppler-token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}\b"),
    ("age-key", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    ("postman-key", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("pulumi-token", r"pul-[a-f0-9]{40}"),
    ("prefect-key", r"pn[ub]_[A-Za-z0-9]{36}"),
    ("planetscale-token", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{32,}"),
    ("sentry-token", r"sntrys_[A-Za-z0-9+/=_-]{40,}"),
    ("sentry-token", r"sntry[ua]_[a-f0-9]{64}"),
    ("databricks-token", r"dapi[a-f0-9]{32}(?:-\d)?\b"),
    ("dynatrace-token", r"dt0[a-z]\d\d\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}"),
    ("flyio-token", r"(?:fo1_[A-Za-z0-9_-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{100,}={0,3})"),
    ("notion-token", r"(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43}\b)"),
    ("airtable-token", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("figma-token", rf"fig[dr]_{_W}{{40}}"),
    ("harness-token", rf"[ps]at\.{_W}{{22}}\.[A-Za-z0-9]{{24}}\.[A-Za-z0-9]{{20}}"),
    ("openshift-token", rf"sha256~{_W}{{43}}"),
    ("sourcegraph-token", r"sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}"),
    ("tailscale-key", r"tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,}"),
    ("buildkite-token", r"bk[au]a_[0-9a-z]{40}"),
    ("circleci-token", r"CCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    ("honeycomb-key", r"hc[a-z][ik]{2}_[A-Za-z0-9]{58}"),
    ("supabase-key", r"(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,})"),
    ("launchdarkly-key", rf"(?:sdk|api|mob)-{_UUID}"),
    ("plaid-token", rf"access-(?:sandbox|development|production)-{_UUID}"),
    ("contentful-token", rf"CFPAT-{_W}{{43}}"),
    ("clojars-token", r"CLOJARS_[a-z0-9]{60}"),
    ("artifactory-key", r"(?:AKCp[A-Za-z0-9]{69}|cmVmd[A-Za-z0-9]{59})\b"),
    ("nuget-key", r"oy2[a-z0-9]{43}\b"),
    ("maxmind-key", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    ("alibaba-key", r"LTAI[A-Za-z0-9]{17,21}\b"),
    ("yandex-key", rf"AQVN{_W}{{35,38}}\b"),
    ("onepassword-key", r"(?:ops_eyJ[A-Za-z0-9+/]{200,}={0,3}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3})"),
    ("dropbox-token", r"sl\.[A-Za-z0-9_=-]{130,}"),
    ("easypost-key", r"EZ[AT]K[A-Za-z0-9]{54}"),
    ("flutterwave-key", r"FLW(?:SECK|PUBK)_TEST-[a-h0-9]{12,}(?:-X)?"),
    ("shippo-token", r"shippo_(?:live|test)_[a-fA-F0-9]{40}"),
    ("readme-key", r"rdme_[a-z0-9]{70}"),
    ("infracost-key", r"ico-[A-Za-z0-9]{32}\b"),
    ("okta-token", rf"SSWS\s+({_W}{{30,}})"),
    ("typeform-token", r"tfp_[A-Za-z0-9_.=-]{59}"),
    ("scalingo-token", rf"tk-us-{_W}{{48}}"),
    ("duffel-token", r"duffel_(?:test|live)_[A-Za-z0-9_=-]{43}"),
    ("vercel-token", r"vc[pkiar]_[A-Za-z0-9]{24,}"),
    ("posthog-key", r"phx_[A-Za-z0-9]{40,}"),
    ("adobe-secret", r"p8e-[a-zA-Z0-9]{32}\b"),
    ("authress-key", r"(?:sc|ext|scauth|authress)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}"),
    ("clickhouse-key", r"4b1d[A-Za-z0-9]{38}\b"),
    ("defined-key", r"dnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}"),
    ("frameio-token", r"fio-u-[A-Za-z0-9_=-]{64}"),
    ("freemius-key", r"sk_[A-Za-z0-9@#%^&*+-]{29}\b"),
    ("gitlab-session", r"_gitlab_session=([0-9a-z]{32})\b"),
    ("intra42-secret", r"s-s4t2(?:ud|af)-[a-f0-9]{64}"),
    ("octopus-key", r"API-[A-Z0-9]{26}\b"),
    ("settlemint-token", r"sm_(?:aat|pat|sat)_[A-Za-z0-9]{16}\b"),
    ("sidekiq-secret", r"[a-f0-9]{8}:[a-f0-9]{8}@(?:gems|enterprise)\.contribsys\.com"),
    ("mapbox-token", r"sk\.[a-zA-Z0-9]{60,}\.[a-zA-Z0-9_-]{22}"),
    ("yandex-token", r"t1\.[A-Z0-9a-z_-]+={0,2}\.[A-Z0-9a-z_-]{86}={0,2}"),
    ("lob-key", r"(?:live|test)_(?:pub_)?[a-f0-9]{31,36}\b"),
    ("openai-key", r"sess-[A-Za-z0-9]{40}\b"),
    ("gitea-token", r"gta_[a-z0-9]{40}\b"),
    ("travis-key", r"secure:\s*\"([A-Za-z0-9+/=]{600,})\""),
    ("password-hash", r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"),
    ("password-hash", r"\$(?:1|5|6|y|7|apr1)\$(?:rounds=\d+\$)?[./A-Za-z0-9$]{0,40}\$[./A-Za-z0-9]{22,86}"),
    ("password-hash", r"\$argon2id?\$v=\d+\$[^$\s]{1,60}\$[A-Za-z0-9+/]{8,}\$[A-Za-z0-9+/]{16,}"),
    ("password-hash", r"\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{27,}={0,2}"),
    ("azure-sas", r"[?&;](?:amp;)?sig=([A-Za-z0-9%+/_-]{40,}={0,2})"),
    ("aws-signature", r"X-Amz-(?:Signature|Security-Token)=([A-Za-z0-9%+/=_-]{40,})"),
)  # fmt: skip
SHAPES: Final = tuple(Shape(*row) for row in _ROWS)
#: What may stand before a token inside other words: the end of an escape, as in ``\\nghp_`` and ``%3Dghp_``.
_BEFORE: Final = r"(?:\b|^|[\s:'\"=,(\[>|\x00]|\\[nrtbf]|%[0-9A-Fa-f]{2}|\\u00[0-9a-f]{2})"
_ALL: Final = compiled(
    _BEFORE + "(" + "|".join(one.pattern.replace("(", "(?:").replace("(?:?:", "(?:") for one in SHAPES) + ")"
)
_EACH: Final = tuple(compiled(one.pattern) for one in SHAPES)


def _set() -> re2.Set:
    """Answers which of the patterns a piece of text is, whole."""
    made = re2.Set.FullMatchSet(_ALL.options)
    for one in SHAPES:
        made.Add(one.pattern.encode())
    made.Compile()
    return made


_WHICH: Final = _set()


def find(body: bytes) -> Iterator[Found]:
    """Every secret of a known shape, in the order in which they stand."""
    for hit in _ALL.finditer(body):
        start, end = hit.span(1)
        piece = body[start:end]
        for index in sorted(_WHICH.Match(piece)):
            shape, within = SHAPES[index], _EACH[index].fullmatch(piece)
            low, high = within.span(1) if within.lastindex else within.span()
            if (shape.sure or _mixed)(piece[low:high].decode("latin-1")):
                yield Found(start + low, start + high, f"secret:{shape.kind}")
                break
