"""What kubectl printed for people."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, skipped, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Event, Kind
from afterword.reading import kube_print
from afterword.sources.kubectl import SOURCE

PODS = """NAME                      READY   STATUS             RESTARTS        AGE
mailer-7d9f8b6c5d-x2x4z   0/1     CrashLoopBackOff   7 (2m ago)      9m
web-0                     1/1     Running            0               9d
smtp-0                    0/1     Running            0               1m
"""
POD = """Name:             mailer-7d9f8b6c5d-x2x4z
Namespace:        mail
Containers:
  smtp:
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Mon, 02 Mar 2026 09:58:00 +0100
      Finished:     Mon, 02 Mar 2026 10:00:00 +0100
    Restart Count:  7
Events:
  Type     Reason     Age                From     Message
  ----     ------     ----               ----     -------
  Normal   Pulled     9m                 kubelet  Pulled the image
  Warning  BackOff    2m (x12 over 9m)   kubelet  Back-off restarting failed container
"""
SAMPLE = json.dumps({"kubectl get pods -n mail": PODS, "kubectl get pods -n mail -o wide": PODS, "kubectl describe pods mailer-7d9f8b6c5d-x2x4z -n mail": POD}, indent=1).encode()  # fmt: skip


def unwell(raw: bytes) -> list[Event]:
    """The events without the facts that objects say of themselves."""
    return [one for one in events(SOURCE, raw) if one.name != kube_print.SAYS]


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def test_only_what_is_not_well_is_an_event() -> None:
    crash, unready, waiting, killed, event = unwell(SAMPLE)
    assert (crash.kind, crash.subject, crash.name, crash.at) == (
        Kind.STATE,
        "pod/mailer-7d9f8b6c5d-x2x4z",
        "CrashLoopBackOff",
        None,
    )
    assert crash.attributes == {"restarts": "7"}
    assert (unready.subject, unready.name, unready.text) == ("pod/smtp-0", "NotReady", "0 of 1 are ready")
    assert (waiting.name, killed.name, killed.at, killed.offset) == (
        "CrashLoopBackOff",
        "OOMKilled",
        ns("2026-03-02T09:00:00Z"),
        60,
    )
    assert (event.name, event.text, event.attributes["count"]) == (
        "BackOff",
        "Back-off restarting failed container",
        "12",
    )
    assert json.loads(said(SAMPLE, crash)) == PODS
    assert len(skipped(SOURCE, SAMPLE)) == 1
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_a_text_that_somebody_pasted() -> None:
    raw = f"$ kubectl get pods\n{PODS}\n$ kubectl describe pod mailer-7d9f8b6c5d-x2x4z\n{POD}".encode()
    made = unwell(raw)
    assert [e.name for e in made] == ["CrashLoopBackOff", "NotReady", "CrashLoopBackOff", "OOMKilled", "BackOff"]
    assert said(raw, made[0]) == f"$ kubectl get pods\n{PODS}\n"
    assert SOURCE.sniff(raw) > 0.8
    check(SOURCE, raw)


@pytest.mark.parametrize(
    ("text", "subject", "name"),
    [
        ("NAME     STATUS                     ROLES    AGE   VERSION\nnode-1   Ready                      <none>   9d    v1\nnode-2   NotReady,SchedulingDisabled   <none>   9d    v1\n", "node/node-2", "NotReady,SchedulingDisabled"),
        ("NAME     READY   UP-TO-DATE   AVAILABLE   AGE\nmailer   1/3     3            1           9d\n", "deployment/mailer", "NotReady"),
        ("LAST SEEN   TYPE      REASON    OBJECT       MESSAGE\n2m          Warning   Failed    pod/smtp-0   no image\n3m          Normal    Pulled    pod/smtp-0   done\n", "pod/smtp-0", "Failed"),
    ],
)  # fmt: skip
def test_the_tables_of_get(text: str, subject: str, name: str) -> None:
    [one] = unwell(text.encode())
    assert (one.subject, one.name, one.at) == (subject, name, None)
    assert SOURCE.sniff(text.encode()) > 0.8


def test_what_fits_together_is_read_from_tables_and_descriptions() -> None:
    """A service whose selector and ports must fit the pods; an address behind it that is not there."""
    raw = (
        b"kubectl get endpoints -n mail\nNAME     ENDPOINTS   AGE\nmailer   <none>      9d\n"
        b"kubectl describe service mailer -n mail\nName:              mailer\nNamespace:         mail\nLabels:            app=mailer\n"
        b"Selector:          app=mail,tier=back\nPort:              smtp  25/TCP\nTargetPort:        2525/TCP\nEndpoints:         <none>\n"
    )
    behind, service = events(SOURCE, raw)
    assert (behind.subject, behind.attributes) == ("endpoints/mailer", {"empty": "true"})
    assert (service.subject, service.name, service.severity) == ("service/mailer", kube_print.SAYS, "info")
    assert service.attributes["selector"] == "app=mail\ntier=back"
    assert (service.attributes["service_port"], service.attributes["service_target"]) == ("25/TCP", "2525/TCP")


def test_what_is_no_output_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'{"a": 1}')] == ["kubectl-shape"]


def test_other_texts_are_left_to_others() -> None:
    for raw in (b"NAME is required\n", b'{"kubectl": 1}', b"Name: x\nhello\n", b"2026-01-01 kubectl get pods\n"):
        assert SOURCE.sniff(raw) == 0.0


@pytest.mark.parametrize("sample", [SAMPLE, (PODS + POD).encode()])
def test_no_prefix_breaks_it(sample: bytes) -> None:
    truncated(SOURCE, sample, step=3)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
