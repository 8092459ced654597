"""Secrets that something before them announces."""

from __future__ import annotations

import leaky
import pytest

from afterword.core.secret import written


def found(text: str) -> list[str]:
    body = text.encode()
    return [body[one.start : one.end].decode() for one in written.find(body)]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password=hunter2", "hunter2"),
        ("password=p&ss;w0rd,x y", "p&ss;w0rd,x"),
        ("?password=hunter2&page=3", "hunter2"),
        ("Server=a;Password=hunter2;Encrypt=true", "hunter2"),
        ("User(name=a, password=hunter2)", "hunter2"),
        ('{"password": "a \\"quoted\\" one"}', 'a \\"quoted\\" one'),
        ('{\\"password\\":\\"hunter2\\",\\"n\\":1}', "hunter2"),
        ("password: hunter2", "hunter2"),
        ("db:\n  password: swordfish\n", "swordfish"),
        ("<password>hunter2</password>", "hunter2"),
        ('<Pass encoding="base64">aHVudGVyMjIy</Pass>', "aHVudGVyMjIy"),
        ('{"name":"DB_PASSWORD","value":"hunter2"}', "hunter2"),
        ("- name: DB_PASSWORD\n  value: hunter2\n", "hunter2"),
        ("postgres://app:p@ss:w0rd@db:5432/shop", "p@ss:w0rd"),
        ("app:hunter2@tcp(db:3306)/shop", "hunter2"),
        ("Authorization: Basic YWRtaW46aHVudGVyMg==", "YWRtaW46aHVudGVyMg=="),
        ("Set-Cookie: sid=s%3AaBcD1234efGh5678; Path=/; HttpOnly", "s%3AaBcD1234efGh5678"),
        ("mysql -h db -u root -phunter2 shop", "hunter2"),
        ("curl -u admin:hunter2 https://a.b", "hunter2"),
        ("sshpass -p hunter2 ssh a@b", "hunter2"),
        ("ALTER USER app IDENTIFIED BY 'hunter2'", "hunter2"),
        ("the password for staging is hunter2", "hunter2"),
        ('password "hunter2"', "hunter2"),
        ("define('DB_PASSWORD', 'hunter2');", "hunter2"),
        ('"auth": "X3Rva2VuOmh1bnRlcjI="', "X3Rva2VuOmh1bnRlcjI="),
        ("kennwort passwort=gehe1m", "gehe1m"),
        ("password=pä55wörd", "pä55wörd"),
        ("password hunter2 did not work", "hunter2"),
        ("docker login -u bot -p hunter2x registry", "hunter2x"),
        ('bindpw="hunter2"', "hunter2"),
        ("mot de passe : hunter2", "hunter2"),
    ],
)
def test_ways_to_write_it(text: str, secret: str) -> None:
    assert found(text) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "Failed password for root from 10.0.0.1 port 22 ssh2",
        "password: incorrect",
        "PWD=/root ; USER=root ; COMMAND=/bin/ls",
        "invalid token: unexpected end of input",
        "Could not get event name for stream/token: com.apple.xpc.activity/4505: 132: Request",
        "Adding job token for job_1445144423722_0020 to jobTokenSecretManager",
        "com.jcraft.jsch.JSchException: Auth fail [preauth]",
        "[sudo] password for maria:\nhunter22 is the next line",
        "tests: 12 pass: 12 fail: 0",
        "https://maria@example.com/path:8080@x",
        "authorization: enabled",
        'msg="secret rotated" secret=db-credentials version=12',
        "--- PASS: TestToken (0.00s)",
        "PASS tests/unit/test_a.py",
        "the fix may have been identified by putting more thought into it",
        "password sha256 is set, password v2.1",
        "secret/db-credentials created",
        "token bucket is empty, 3 tokens left",
    ],
)
def test_what_is_none(text: str) -> None:
    assert found(text) == []


def test_a_value_that_is_none_is_looked_at_for_what_it_holds() -> None:
    assert found("token=https://app:hunter2@a.b/x") == ["hunter2"]


def test_lines_that_look_like_trouble() -> None:
    assert [(line, found(line)) for line in leaky.decoys(count=400) if found(line)] == []
