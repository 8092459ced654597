"""Leaky telemetry, made from a seed: lines as systems write them, each with one secret whose text is known.

Nothing in it was ever valid. ``lines`` uses the shapes that the rules were written against, ``other_lines`` shapes that
were put down beforehand and never tuned on.
"""

from __future__ import annotations

import base64
import json
import random
import string
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Maker = Callable[[random.Random], str]
LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
HEX = DIGITS + "abcdef"
URLSAFE = ALNUM + "-_"
BASE62 = DIGITS + UPPER + LOWER


@dataclass(frozen=True)
class Leak:
    line: str
    secret: str
    kind: str
    shape: str


def some(rng: random.Random, letters: str, size: int) -> str:
    return "".join(rng.choice(letters) for _ in range(size))


def of(prefix: str, letters: str, size: int, suffix: str = "") -> Maker:
    return lambda rng: prefix + some(rng, letters, size) + suffix


def checked(prefix: str) -> Maker:
    """With the check that GitHub and npm append."""

    def make(rng: random.Random) -> str:
        body = some(rng, ALNUM, 30)
        number, check = zlib.crc32(body.encode()), ""
        while number:
            number, rest = divmod(number, 62)
            check = BASE62[rest] + check
        return prefix + body + check.rjust(6, "0")

    return make


def jwt(rng: random.Random) -> str:
    def part(said: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    claims = {"sub": some(rng, DIGITS, 8), "exp": rng.randrange(1_700_000_000, 1_900_000_000)}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.{some(rng, URLSAFE, 43)}"


def base64ed(size: int) -> Maker:
    return lambda rng: base64.b64encode(rng.randbytes(size)).decode()


TYPED: dict[str, Maker] = {
    "aws-access-key": of("AKIA", UPPER + "234567", 16),
    "aws-session-key": of("ASIA", UPPER + "234567", 16),
    "github-classic": checked("ghp_"),
    "github-oauth": checked("gho_"),
    "github-server": checked("ghs_"),
    "github-fine": lambda rng: f"github_pat_{some(rng, ALNUM, 22)}_{some(rng, ALNUM, 59)}",
    "gitlab": of("glpat-", URLSAFE, 20),
    "gitlab-runner": of("glrt-", URLSAFE, 20),
    "slack-bot": lambda rng: f"xoxb-{some(rng, DIGITS, 12)}-{some(rng, DIGITS, 12)}-{some(rng, ALNUM, 24)}",
    "slack-app": lambda rng: f"xapp-1-A{some(rng, UPPER + DIGITS, 10)}-{some(rng, DIGITS, 13)}-{some(rng, HEX, 64)}",
    "stripe": of("sk_live_", ALNUM, 24),
    "stripe-restricted": of("rk_live_", ALNUM, 24),
    "google-key": of("AIza", URLSAFE, 35),
    "google-oauth": of("ya29.", URLSAFE, 60),
    "google-client": of("GOCSPX-", URLSAFE, 28),
    "azure-client": lambda rng: f"{some(rng, ALNUM, 3)}8Q~{some(rng, ALNUM, 34)}",
    "jwt": jwt,
    "npm": checked("npm_"),
    "pypi": of("pypi-AgEIcHlwaS5vcmc", URLSAFE, 60),
    "docker": of("dckr_pat_", URLSAFE, 27),
    "twilio": of("SK", HEX, 32),
    "sendgrid": lambda rng: f"SG.{some(rng, URLSAFE, 22)}.{some(rng, URLSAFE, 43)}",
    "mailgun": of("key-", HEX, 32),
    "mailchimp": of("", HEX, 32, "-us14"),
    "newrelic": of("NRAK-", UPPER + DIGITS, 27),
    "newrelic-licence": of("", HEX, 36, "NRAL"),
    "grafana": lambda rng: f"glsa_{some(rng, ALNUM, 32)}_{some(rng, HEX, 8)}",
    "vault": of("hvs.", URLSAFE, 90),
    "terraform": lambda rng: f"{some(rng, ALNUM, 14)}.atlasv1.{some(rng, URLSAFE, 64)}",
    "digitalocean": of("dop_v1_", HEX, 64),
    "heroku": of("HRKU-", ALNUM, 40),
    "anthropic": of("sk-ant-api03-", URLSAFE, 93, "AA"),
    "openai": of("sk-proj-", URLSAFE, 74),
    "huggingface": of("hf_", LOWER + UPPER, 34),
    "telegram": lambda rng: f"{some(rng, '123456789', 10)}:AA{some(rng, URLSAFE, 32)}e",
    "discord": lambda rng: f"MT{some(rng, ALNUM, 22)}.{some(rng, URLSAFE, 6)}.{some(rng, ALNUM, 38)}",
    "shopify": of("shpat_", HEX, 32),
    "square": of("sq0atp-", URLSAFE, 22),
    "atlassian": of("ATATT3xFfGF0", URLSAFE, 180),
    "linear": of("lin_api_", ALNUM, 40),
    "doppler": of("dp.pt.", ALNUM, 43),
    "age": of("AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "postman": lambda rng: f"PMAK-{some(rng, HEX, 24)}-{some(rng, HEX, 34)}",
    "databricks": of("dapi", HEX, 32),
    "pulumi": of("pul-", HEX, 40),
    "sentry": of("sntryu_", HEX, 64),
    "tailscale": lambda rng: f"tskey-auth-k{some(rng, ALNUM, 11)}CNTRL-{some(rng, ALNUM, 32)}",
    "notion": of("ntn_", ALNUM, 46),
    "planetscale": of("pscale_tkn_", URLSAFE, 43),
    "buildkite": of("bkua_", LOWER + DIGITS, 40),
}
_WORDS = (
    "river",
    "copper",
    "falcon",
    "winter",
    "magnet",
    "velvet",
    "tiger",
    "orbit",
    "candle",
    "bishop",
    "meadow",
    "rocket",
)


def password(rng: random.Random) -> str:
    """As people and generators make them."""
    word, other = rng.choice(_WORDS), rng.choice(_WORDS)
    return rng.choice(
        [
            f"{word}{rng.randrange(10, 9999)}",
            f"{word.title()}{rng.randrange(10, 999)}!",
            f"{word.replace('e', '3').replace('o', '0')}{some(rng, DIGITS, 2)}",
            f"{word}-{other}-{rng.randrange(100)}",
            some(rng, ALNUM, rng.randrange(10, 24)) + some(rng, DIGITS, 1),
            some(rng, ALNUM + "!#%*+_-", rng.randrange(12, 20)) + "7a",
            f"{word.title()}{other.title()}{some(rng, DIGITS, 2)}",
        ]
    )


_AT = "2026-03-14T09:12:{second:02d}.{ms:03d}Z"
#: Where a token whose shape says what it is turns up.
TOKEN_SHAPES: dict[str, str] = {
    "plain-end": "{at} ERROR [worker-{n}] upstream refused credential {s}",
    "plain-middle": "{at} WARN  auth - key {s} was used from 10.4.{n}.12, 3 attempts left",
    "logfmt": 'ts={at} level=error msg="call failed" api_key={s} status=401 took={n}ms',
    "logfmt-quoted": 'ts={at} level=warn caller=client.go:{n} token="{s}" err="unauthorized"',
    "json-field": '{{"time":"{at}","level":"error","api_token":"{s}","status":401}}',
    "json-message": '{{"time":"{at}","level":"error","message":"request with {s} was refused","n":{n}}}',
    "json-nested": '{{"t":"{at}","ctx":{{"auth":{{"accessToken":"{s}"}},"retries":{n}}}}}',
    "json-escaped": '{{"t":"{at}","body":"{{\\"client_secret\\":\\"{s}\\",\\"n\\":{n}}}"}}',
    "bearer": "{at} DEBUG http: > Authorization: Bearer {s}",
    "bearer-curl": "{at} INFO run: curl -sS -H 'Authorization: Bearer {s}' https://api.acme.io/v{n}/items",
    "token-header": "{at} DEBUG > authorization: token {s} (attempt {n})",
    "custom-header": "{at} DEBUG > X-Api-Key: {s}",
    "private-token": "{at} TRACE headers={{'PRIVATE-TOKEN': '{s}', 'Accept': '*/*'}}",
    "query": '10.0.3.{n} - - [14/Mar/2026:09:12:01 +0000] "GET /v1/list?api_key={s}&page={n} HTTP/1.1" 401 17',
    "query-last": "{at} INFO fetching https://api.acme.io/data?limit={n}&access_token={s}",
    "query-encoded": "{at} INFO redirect=https%3A%2F%2Fapp.acme.io%2Fcb%3Ftoken%3D{s}%26n%3D{n}",
    "fragment": "{at} INFO GET https://app.acme.io/#access_token={s}&token_type=bearer&expires_in={n}",
    "userinfo": "{at} ERROR git clone https://oauth2:{s}@git.acme.io/shop/cart.git failed ({n})",
    "userinfo-only": "{at} ERROR fatal: unable to access 'https://{s}@git.acme.io/shop.git/': {n}",
    "env": "export DEPLOY_TOKEN={s}",
    "env-print": "{at} INFO env: PATH=/usr/bin HOME=/root SERVICE_API_KEY={s} TERM=xterm",
    "docker-run": "{at} INFO docker run -e ACCESS_TOKEN={s} -p {n}:80 acme/shop:1.2.{n}",
    "yaml": "  auth_token: {s}",
    "yaml-quoted": '  secretKey: "{s}"  # rotated in week {n}',
    "python-repr": "{at} ERROR bad config {{'region': 'eu', 'secret_key': '{s}', 'n': {n}}}",
    "java-tostring": "{at} ERROR ClientConfig(endpoint=eu, apiKey={s}, retries={n})",
    "go-struct": "{at} error cfg=&{{Endpoint:eu Token:{s} Retries:{n}}}",
    "ruby-hash": '{at} E {{:api_key=>"{s}", :n=>{n}}}',
    "php-array": "{at} PHP Notice: ['api_secret' => '{s}', 'n' => {n}]",
    "traceback": '  File "/srv/app/client.py", line {n}, in call\n    raise AuthError("token {s} is invalid")',
    "chat": "10:0{n1} maria: the old one still works, try {s} until the new one is out",
    "chat-code": "10:0{n1} tom: `export TOKEN={s}` and run it again please",
    "chat-quote": '10:0{n1} li: somebody committed "{s}" to the repository, rotate it',
    "diff-added": '+    client = Client("{s}", region="eu-{n}")',
    "diff-removed": "-  token: {s}",
    "alert": 'ALERTS{{alertname="AuthFailing",annotation="401 with key {s} for {n} min"}} 1',
    "span": '{{"name":"GET /items","attributes":{{"http.request.header.authorization":["Bearer {s}"],"n":{n}}}}}',
    "k8s-env": '{{"name":"API_TOKEN","value":"{s}"}},{{"name":"N","value":"{n}"}}',
    "cli-option": "{at} INFO exec: acmectl login --token {s} --retries {n}",
    "cli-equals": "{at} INFO exec: acmectl push --api-key={s} --retries={n}",
    "syslog": "Mar 14 09:12:0{n1} web-{n} app[812]: refresh_token={s}",
    "xml": "<config><apiKey>{s}</apiKey><n>{n}</n></config>",
    "csv": "{at},error,{s},401,{n}",
    "tsv": "{at}\terror\t{s}\t{n}",
    "kv-pipe": "{at}|ERROR|key={s}|n={n}",
}
#: Where a password turns up: it has no shape of its own, so something has to say what it is.
PASSWORD_SHAPES: dict[str, str] = {
    "pw-logfmt": "ts={at} level=error user=app password={s} err=denied n={n}",
    "pw-json": '{{"t":"{at}","user":"app","password":"{s}","n":{n}}}',
    "pw-json-escaped": '{{"t":"{at}","body":"{{\\"user\\":\\"app\\",\\"passwd\\":\\"{s}\\"}}"}}',
    "pw-python": "{at} ERROR connect({{'user': 'app', 'password': '{s}', 'port': {n}}})",
    "pw-url": "{at} ERROR cannot reach postgres://app:{s}@db-{n}.acme.lan:5432/shop",
    "pw-url-redis": "{at} WARN redis://:{s}@cache-{n}:6379/0 timed out",
    "pw-url-amqp": "{at} WARN amqp://worker:{s}@mq-{n}:5672/%2f closed",
    "pw-mongo": "{at} WARN mongodb+srv://app:{s}@cluster{n}.acme.net/shop?retryWrites=true",
    "pw-jdbc": "{at} ERROR jdbc:mysql://db-{n}:3306/shop?user=app&password={s}&useSSL=true",
    "pw-ado": "{at} ERROR Server=db-{n};Database=shop;User Id=app;Password={s};Encrypt=true",
    "pw-env": "DB_PASSWORD={s}",
    "pw-env-print": "{at} INFO env PGUSER=app PGPASSWORD={s} PGHOST=db-{n}",
    "pw-yaml": "    password: {s}",
    "pw-properties": "spring.datasource.password={s}",
    "pw-cli": "{at} INFO exec: backup --user app --password {s} --host db-{n}",
    "pw-cli-equals": "{at} INFO exec: backup --db-password={s} --host=db-{n}",
    "pw-mysql": "{at} INFO + mysqldump -h db-{n} -u root -p{s} shop",
    "pw-curl": "{at} INFO + curl -s -u admin:{s} https://grafana.acme.io/api/{n}",
    "pw-sql": "{at} LOG:  statement: ALTER USER app WITH PASSWORD '{s}'",
    "pw-sql-by": "{at} Query CREATE USER 'app'@'%' IDENTIFIED BY '{s}'",
    "pw-form": "{at} DEBUG POST /login username=maria&password={s}&remember={n}",
    "pw-xml": "<user>app</user><password>{s}</password><n>{n}</n>",
    "pw-chat": "10:0{n1} maria: the password is {s}",
    "pw-chat-colon": "10:0{n1} tom: user app, password: {s}",
    "pw-k8s-env": '{{"name":"DB_PASSWORD","value":"{s}"}}',
    "pw-java": "{at} ERROR DataSource(user=app, password={s}, max={n})",
    "pw-prompt": "{at} auth: new password for app: {s}",
}
#: Put down with the shapes above, before any rule was tried on either; nothing was tuned on these.
OTHER_TOKEN_SHAPES: dict[str, str] = {
    "o-bracket": "[{at}] <{n}> (client) rejected [{s}]",
    "o-json-array": '{{"at":"{at}","args":["login","{s}",{n}]}}',
    "o-header-json": '{{"headers":{{"X-Auth-Token":["{s}"],"Accept":["*/*"]}},"n":{n}}}',
    "o-basic": "{at} DEBUG > Proxy-Authorization: Bearer {s}",
    "o-graphql": '{at} INFO {{"query":"mutation {{ login(token: \\"{s}\\") {{ id }} }}","n":{n}}}',
    "o-markdown": "10:0{n1} li: see [this link](https://hooks.acme.io/run?key={s})",
    "o-toml": 'api_token = "{s}"',
    "o-ini": "secret_access_key = {s}",
    "o-helm": "{at} helm upgrade shop ./chart --set global.apiToken={s} --wait",
    "o-tf": '  + access_token = "{s}"',
    "o-s-expr": '(config :token "{s}" :n {n})',
    "o-websocket": "{at} ws connect wss://rt.acme.io/socket?auth={s}&v={n}",
    "o-stack": "Caused by: java.io.IOException: 403 for key '{s}' at a.b.C.d(C.java:{n})",
    "o-netrc": "machine api.acme.io login oauth password {s}",
    "o-cookie": "{at} > Cookie: lang=de; auth_token={s}; n={n}",
}
OTHER_PASSWORD_SHAPES: dict[str, str] = {
    "op-toml": 'password = "{s}"',
    "op-ini": "smtp_pass = {s}",
    "op-url-https": "{at} proxy http://svc:{s}@proxy-{n}.acme.lan:3128 refused",
    "op-dsn": "{at} dsn=app:{s}@tcp(db-{n}:3306)/shop?parseTime=true",
    "op-sshpass": "{at} + sshpass -p {s} ssh deploy@web-{n}",
    "op-camel": '{{"dbUserPassword":"{s}","n":{n}}}',
    "op-redis": "{at} config: requirepass {s}",
    "op-netrc": "machine ftp.acme.io login build password {s}",
    "op-helm": "{at} helm install pg --set auth.postgresPassword={s}",
    "op-kotlin": "{at} ERROR Credentials(username=app, password={s})",
    "op-chat-for": "10:0{n1} maria: password for the staging box is {s}",
    "op-passphrase": "{at} WARN key passphrase={s} was given on the command line",
    "op-odbc": "{at} Driver={{PostgreSQL}};Uid=app;Pwd={s};Port={n}",
    "op-single": "{at} login failed: {{user='app', passwd='{s}'}}",
}
#: Lines that look like trouble and hold no secret.
DECOYS = (
    "{at} INFO request id={uuid} trace={hex32} took {n} ms",
    "{at} INFO image sha256:{hex64} pulled",
    "{at} INFO commit={hex40} author=maria",
    "{at} WARN sshd[812]: Failed password for invalid user admin from 10.0.0.{n} port 4{n}",
    '{{"t":"{at}","password":"********","token":"[REDACTED]","n":{n}}}',
    "{at} INFO password=${{DB_PASSWORD}} token={{{{ .Values.token }}}}",
    "{at} ERROR invalid token: unexpected end of input at line {n}",
    "{at} INFO max_tokens={n} prompt_tokens=812 token_type=bearer expires_in=3600",
    "{at} INFO secretName: shop-tls secretRef=db-credentials mounted at /etc/secrets/db",
    "{at} DEBUG password: required, token: missing, secret: not set",
    "{at} INFO session opened for user root by (uid=0) pam_unix(cron:session)",
    "{at} INFO cache key=user:{n}:profile hit, public_key=id_rsa.pub",
    "{at} INFO zookeeper session 0x14f05578bd8{n:04d} timeout=10000",
    "{at} INFO blk_-{digits19} replicated, order 4{digits15} shipped",
    '{{"t":"{at}","traceId":"{hex32}","spanId":"{hex16}","etag":"\\"{hex32}\\""}}',
    "{at} INFO auth=ok method=publickey key_id={hex16} api_version=2026-01-{n1}1",
    "{at} INFO see https://docs.acme.io/tokens/rotate?step={n}#password-policy",
    "{at} WARN password must be changed every {n} days; password reset mail sent",
    "{at} INFO nonce={hex32} etag={hex40} csrf=disabled",
    "{at} INFO client_secret=<hidden> api_key=YOUR_API_KEY password=changeme",
)


def _filled(rng: random.Random, shape: str, secret: str = "") -> str:
    at = _AT.format(second=rng.randrange(60), ms=rng.randrange(1000))
    return shape.format(
        s=secret, at=at, n=rng.randrange(10, 250), n1=rng.randrange(1, 3), uuid=_uuid(rng), hex16=some(rng, HEX, 16),
        hex32=some(rng, HEX, 32), hex40=some(rng, HEX, 40), hex64=some(rng, HEX, 64), digits19="1" + some(rng, DIGITS, 18),
        digits15=some(rng, DIGITS, 15),
    )  # fmt: skip


def _uuid(rng: random.Random) -> str:
    text = some(rng, HEX, 32)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _leaks(seed: int, count: int, tokens: dict[str, str], passwords: dict[str, str]) -> Iterator[Leak]:
    rng = random.Random(seed)
    kinds = list(TYPED)
    shapes = [*tokens.items(), *passwords.items()]
    for number in range(count):
        name, shape = shapes[number % len(shapes)]
        kind = kinds[(number // len(shapes) + number) % len(kinds)] if name in tokens else "password"
        secret = TYPED[kind](rng) if name in tokens else password(rng)
        yield Leak(_filled(rng, shape, secret), secret, kind, name)


def lines(seed: int = 3, count: int = 3600) -> list[Leak]:
    return list(_leaks(seed, count, TOKEN_SHAPES, PASSWORD_SHAPES))


def other_lines(seed: int = 4, count: int = 1450) -> list[Leak]:
    return list(_leaks(seed, count, OTHER_TOKEN_SHAPES, OTHER_PASSWORD_SHAPES))


def decoys(seed: int = 5, count: int = 2000) -> list[str]:
    rng = random.Random(seed)
    return [_filled(rng, DECOYS[number % len(DECOYS)]) for number in range(count)]
