"""Manifests of Kubernetes as YAML."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, skipped, truncated

from afterword.model.event import Kind
from afterword.reading import kube_print
from afterword.sources.kubernetes_yaml import SOURCE

SAMPLE = b"""apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: letters
spec:
  accessModes: [ReadWriteMany]
  resources:
    requests:
      storage: 5Gi
  selector:
    matchLabels:
      disk: fast
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mailer
  labels: {app: mailer}
spec:
  replicas: 2
  selector:
    matchLabels: {app: mailer}
  template:
    metadata:
      labels: {app: mailer}
    spec:
      affinity:
        nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {}}
      containers:
      - name: smtp
        image: mailer:12
        ports:
        - containerPort: 2525
        env:
        - name: QUEUE_ADDR
          value: "queue:5672"
        livenessProbe:
          httpGet: {port: 8080, path: /}
          periodSeconds: 5
      volumes:
      - name: spool
        persistentVolumeClaim: {claimName: letters}
"""


def test_each_object_states_what_must_fit() -> None:
    claim, deployment = events(SOURCE, SAMPLE)
    assert (claim.kind, claim.subject, claim.name, claim.at) == (
        Kind.STATE,
        "persistentvolumeclaim/letters",
        kube_print.SAYS,
        None,
    )
    assert claim.attributes == {
        "manifest": "true", "access_modes": "RWX", "requests": "storage=5Gi", "selector": "disk=fast",
    }  # fmt: skip
    assert deployment.attributes["env"] == "QUEUE_ADDR=queue:5672"
    assert (deployment.attributes["ports"], deployment.attributes["affinity"]) == ("2525/TCP", "node")
    assert (deployment.attributes["claims"], deployment.attributes["desired"]) == ("letters", "2")
    assert deployment.attributes["liveness"] == "http-get 8080 period=5"
    assert SOURCE.sniff(SAMPLE) > 0.8
    check(SOURCE, SAMPLE)


def test_other_yaml_is_left_to_others_and_what_is_no_object_is_skipped() -> None:
    assert SOURCE.sniff(b"groups:\n- name: a\n  rules: []\n") == 0.0
    assert SOURCE.sniff(b'{"apiVersion": "v1", "kind": "Pod", "metadata": {}}') == 0.0
    assert len(skipped(SOURCE, b"apiVersion: v1\nkind: Pod\n")) == 1


def test_an_alias_is_refused() -> None:
    assert [one.code for one in problems(SOURCE, b"a: &x 1\nb: *x\n")] == ["yaml-alias"]


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=7)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
