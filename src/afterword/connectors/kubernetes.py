"""Kubernetes: events, the state of objects, and the logs of pods since the start of the window.

Secrets and config maps are never asked for. Events live for an hour unless the cluster was told otherwise, and the API cannot
filter them by time; logs have no end either, so what lies outside of the window is read and stays outside of the incident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.asking import pages as paging
from afterword.model.refusal import InvalidError
from afterword.ports import Connector, Left, Request
from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.asking.question import Talk
    from afterword.ports import Ask

#: Path of the API and whether the objects lie in namespaces.
_OBJECTS = {
    "events": ("api/v1", True), "pods": ("api/v1", True), "nodes": ("api/v1", False), "services": ("api/v1", True),
    "persistentvolumeclaims": ("api/v1", True), "deployments": ("apis/apps/v1", True), "replicasets": ("apis/apps/v1", True),
    "statefulsets": ("apis/apps/v1", True), "daemonsets": ("apis/apps/v1", True), "jobs": ("apis/batch/v1", True),
    "cronjobs": ("apis/batch/v1", True), "horizontalpodautoscalers": ("apis/autoscaling/v2", True), "ingresses": ("apis/networking.k8s.io/v1", True),
}  # fmt: skip
_DEFAULT = ("events", "pods", "deployments", "replicasets", "statefulsets", "daemonsets", "nodes")
_PAGE = 500


def pages(ask: Ask) -> Talk:
    wanted = option.texts(ask, "objects", _DEFAULT)
    unknown = [one for one in wanted if one not in _OBJECTS]
    if unknown:
        known = ", ".join(_OBJECTS)
        raise InvalidError(f"There are no objects {', '.join(unknown)}; there are {known}.", (f"objects: {known}",))
    pods: list[dict[str, Any]] = []
    yield from answer.each(_lists(ask, wanted, pods))
    if option.yes(ask, "logs", default=True):
        if "pods" not in wanted:
            yield from answer.each(_list(ask, "pods", space, pods, keep=False) for space in _spaces(ask))
        yield from answer.each(_logs(ask, pods))


def _spaces(ask: Ask) -> tuple[str, ...]:
    """The namespaces; one without a name means all of them."""
    return option.texts(ask, "namespaces") or ("",)


def _lists(ask: Ask, wanted: tuple[str, ...], pods: list[dict[str, Any]]) -> Iterator[Talk]:
    for kind in wanted:
        for space in _spaces(ask) if _OBJECTS[kind][1] else ("",):
            yield _list(ask, kind, space, pods if kind == "pods" else None)


def _list(ask: Ask, kind: str, space: str, into: list[dict[str, Any]] | None, *, keep: bool = True) -> Talk:
    """A list in chunks: all of them show the cluster as it was when the first was asked for."""
    group = _OBJECTS[kind][0].split("/")
    where = [*group, *(("namespaces", space) if space else ()), kind]

    def asked(more: str) -> Request:
        url = question.url(ask.url, *where, limit=_PAGE, **({"continue": more} if more else {}))
        says = f"{kind} of {space or 'the cluster'}"
        return Request(url, headers={"accept": question.JSON}, says=says, keep=keep)

    def following(value: Any, _found: paging.Objects, _page: int) -> Request | None:
        more = dig(value, "metadata", "continue")
        return asked(str(more)) if more else None

    yield from paging.followed(asked(""), "items", following=following, into=into)


def _logs(ask: Ask, pods: list[dict[str, Any]]) -> Iterator[Talk]:
    most = option.number(ask, "most_pods", 100, most=10_000)
    selected = [one for one in pods if _lived(one, ask)]
    if len(selected) > most:
        yield _left(f"the logs of {len(selected) - most} of {len(selected)} pods: more than the option most_pods says")
    for pod in selected[:most]:
        for status in [*answer.objects(pod, "status", "initContainerStatuses"), *answer.objects(pod, "status", "containerStatuses")]:  # fmt: skip
            if dig(status, "state", "waiting") is None:
                yield _log(ask, pod, name.text(status.get("name")), previous=False)
            if status.get("restartCount"):
                yield _log(ask, pod, name.text(status.get("name")), previous=True)


def _left(says: str) -> Talk:
    yield Left(says)


def _lived(pod: dict[str, Any], ask: Ask) -> bool:
    """Whether the pod was there in the window."""
    created = when.read(dig(pod, "metadata", "creationTimestamp"))
    return created is None or created < ask.end


def _log(ask: Ask, pod: dict[str, Any], container: str, *, previous: bool) -> Talk:
    space, called = (name.text(dig(pod, "metadata", key)) for key in ("namespace", "name"))
    most = option.number(ask, "log_bytes", 16 << 20, most=60 << 20)
    url = question.url(
        ask.url, "api", "v1", "namespaces", space, "pods", called, "log",
        container=container, previous=previous or None, timestamps=True, sinceTime=when.texts(ask)[0], limitBytes=most,
    )  # fmt: skip
    says = f"the log of {container} in {space}/{called}" + (" before it was started again" if previous else "")
    response = yield Request(url, headers={"accept": "*/*"}, says=says, subject=_component(pod, container))
    if len(response.body) >= most:
        yield Left(f"{says}: more than {most} bytes; raise log_bytes")


def _component(pod: dict[str, Any], container: str) -> str:
    """The workload that the pod is of, by its labels; in a pod of several containers, the container."""
    labels = dig(pod, "metadata", "labels") or {}
    known = ("app.kubernetes.io/name", "app", "k8s-app")
    found = next((name.text(labels[key]) for key in known if labels.get(key)), "") if isinstance(labels, dict) else ""
    return found if found and len(answer.objects(pod, "spec", "containers")) <= 1 else container


CONNECTOR = Connector(
    "kubernetes",
    "events, objects and pod logs of Kubernetes",
    pages,
    {
        "namespaces": "Namespaces to ask; all where none is named.",
        "objects": f"Kinds of objects, of: {', '.join(_OBJECTS)}. Default {', '.join(_DEFAULT)}.",
        "logs": "Whether to ask for the logs of pods. Default true.",
        "most_pods": "Most pods whose logs are asked for. Default 100.",
        "log_bytes": "Most bytes of the log of one container. Default 16 MiB.",
    },
    tested="recorded answers, written after the documentation: the OpenAPI description of Kubernetes 1.30",
)
