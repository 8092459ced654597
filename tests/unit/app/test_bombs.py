"""XML and YAML that are made to explode, to fetch, or never to end: refused at once, and nothing is opened."""

from __future__ import annotations

import io
import socket
import threading
import time
import xml.etree.ElementTree as ET
import zipfile
from typing import TYPE_CHECKING

import pytest
import yaml

from afterword.app import foreign, intake
from afterword.app.operations import lesson, tree
from afterword.app.xml_reader import parse_xml
from afterword.model.refusal import RefusalError
from afterword.reading import strict_yaml
from afterword.reading.strict_json import Malformed
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The figure to reach is 0.1 s; other work on the machine may double it.
SECONDS = 0.2


def lol(levels: int) -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(levels))
    return f"<!DOCTYPE a [{entities}]><a>&l{levels - 1};</a>"


XML = {
    "a thousand million laughs": lol(10),
    "quadratic": f'<!DOCTYPE a [<!ENTITY x "{"y" * 50_000}">]><a>{"&x;" * 50_000}</a>',
    "a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:{port}/p"> %x;]><a/>',
    "an address": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:{port}/e">]><a>&x;</a>',
    "a document type elsewhere": '<!DOCTYPE a SYSTEM "http://127.0.0.1:{port}/d"><a/>',
    "a circle": '<!DOCTYPE a [<!ENTITY x "&y;"><!ENTITY y "&x;">]><a>&x;</a>',
    "depth": "<a>" * 50_000 + "</a>" * 50_000,
    "attributes": "<a " + " ".join(f'b{n}="1"' for n in range(100_000)) + "/>",
    "another encoding": '<?xml version="1.0" encoding="UTF-7"?><a>+ADw-b/+AD4-</a>',
    "an end that never comes": "<a" * 20_000,
}


@pytest.fixture
def visits() -> Iterator[list[bytes]]:
    """A listener on this machine: whoever fetches anything leaves a trace. ``{port}`` in a document leads to it."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        seen.append(str(server.getsockname()[1]).encode())

        def listen() -> None:
            while not stop.is_set():
                try:
                    with server.accept()[0] as caller:
                        seen.append(caller.recv(100))
                except TimeoutError:
                    continue

        stop = threading.Event()
        thread = threading.Thread(target=listen)
        thread.start()
        yield seen
        stop.set()
        thread.join()


def docx(body: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr("word/document.xml", body)
    return made.getvalue()


@pytest.mark.parametrize("name", XML)
def test_xml_is_refused_at_once(name: str, tmp_path: Path, visits: list[bytes]) -> None:
    """As a fault tree, as a Word document, and by the reader itself."""
    body = XML[name].replace("{port}", visits[0].decode())
    begun = time.process_time()
    with pytest.raises(RefusalError):
        parse_xml(body.encode(), largest=16 << 20)
    assert time.process_time() - begun < SECONDS
    (tmp_path / "tree.xml").write_text(body)
    with pytest.raises(RefusalError):
        tree.solve(None, file=str(tmp_path / "tree.xml"))  # type: ignore[arg-type]
    (tmp_path / "a.docx").write_bytes(docx(body))
    with pytest.raises(RefusalError):
        foreign.open_(tmp_path / "a.docx")
    assert visits[1:] == []


def test_the_standard_library_would_expand_entities() -> None:
    """Negative control: a mild one of four levels becomes a thousand times its size."""
    assert len(ET.fromstring(lol(4)).text or "") == 3000


def test_the_listener_sees_who_fetches(visits: list[bytes]) -> None:
    """Negative control."""
    with socket.create_connection(("127.0.0.1", int(visits[0]))) as caller:
        caller.sendall(b"GET /")
    time.sleep(0.3)
    assert visits[1:] == [b"GET /"]


def bomb(levels: int, merge: str = "") -> str:
    rows = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"] if not merge else ["x0: &x0 {a: 1}"]
    for n in range(1, levels):
        inner = f"[{', '.join([f'*x{n - 1}'] * 9)}]"
        rows.append(f"x{n}: &x{n} {{<<: {inner}, k{n}: 1}}" if merge else f"x{n}: &x{n} {inner}")
    return "\n".join(rows) + "\n"


YAML = {
    "aliases": bomb(12),
    "merges": bomb(25, "merge"),
    "itself": "a: &a [*a]\n",
    "an object": "a: !!python/object/apply:os.system ['true']\n",
    "a tag": "a: !x 1\n",
    "a key twice": "a: 1\na: 2\n",
    "depth in flow": "a: " + "[" * 5_000 + "]" * 5_000 + "\n",
    "depth in blocks": "".join(" " * n + "a:\n" for n in range(1_000)),
    "an end that never comes": 'a: "' + "x" * 100_000,
    "no text": "a: \x01\n",
}


@pytest.mark.parametrize("name", YAML)
def test_yaml_is_refused_at_once(name: str, tmp_path: Path) -> None:
    """By the reader, as a file of rules, and as evidence that looks like rules, objects of Kubernetes or a catalogue."""
    begun = time.process_time()
    with pytest.raises(Malformed):
        list(strict_yaml.documents(YAML[name].encode()))
    assert time.process_time() - begun < SECONDS
    (tmp_path / "rules.yaml").write_text("groups:\n- name: g\n  rules: []\n" + YAML[name])
    with pytest.raises(RefusalError):
        list(lesson.rules_of(tmp_path / "rules.yaml"))
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "good.log").write_text("2024-05-01T00:00:00Z INFO good: the line beside it\n")
    heads = ("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: x}\n")  # fmt: skip
    for number, head in enumerate(heads):
        (folder / f"{number}.yaml").write_text(head + YAML[name])
    found = intake.collect([str(folder)], BlobsFolder(tmp_path / "o"), LakeParquet(tmp_path / "l")).evidence
    for one in found:
        assert one.accounting.balanced
        assert one.name == "good.log" or one.problems


def test_the_usual_loader_would_multiply() -> None:
    """Negative control: four levels of aliases are seven thousand elements, and a tag is no error for a loader of objects."""

    def size(value: object) -> int:
        return sum(map(size, value)) if isinstance(value, list) else 1

    assert size(yaml.safe_load(bomb(4))["x3"]) == 9**4
