"""Faults of how services are wired: selectors, ports, protocols, addresses in the environment, used-up quotas of services.

What must fit is what "Service", "DNS for Services and Pods" and "Ingress" of kubernetes.io say: a selector matches labels of
pods, a target port is one that the pods listen on, a protocol is the same on both sides, an address names a service.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause import fault_words
from afterword.core.cause.fault import MISFIT, STATED, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.cause.cluster import App, Cluster, Thing

_ADDRESS = re.compile(
    r"^(?:jdbc:)?(?:\w+://)?(?:[^@/]*@)?(?P<host>[a-z0-9][\w-]*)(?:\.[\w.-]+)?:(?P<port>\d{2,5})(?:/.*)?$"
)
_NAMED = re.compile(r"(ADDR|ADDRESS|HOST|URL|URI|ENDPOINT|SERVICE|SERVER|BROKER|DSN)S?$")
_LOCAL = frozenset(["localhost", "host"])


def faults(apps: dict[str, App], cluster: Cluster) -> Iterator[Fault]:
    """What does not fit together between services and the pods behind and before them."""
    services = cluster.of("service")
    pods = cluster.of("pod", "deployment", "statefulset", "daemonset")
    for service in services:
        yield from _behind(service, pods)
    for app in apps.values():
        yield from _before(app, apps, services)
    yield from _used_up(apps, services, cluster)
    yield from _routes(cluster, services)


def _behind(service: Thing, pods: list[Thing]) -> Iterator[Fault]:
    wanted = service.pairs("selector")
    if not wanted or not pods:
        return
    chosen = [one for one in pods if wanted.items() <= {**one.pairs("labels"), **one.pairs("pod_labels")}.items()]
    cites = tuple(service.cites[:3])
    component = f"app/{service.app}"
    if not chosen:
        if any(one.app == service.app for one in pods):
            says = f"the service {service.name} selects {', '.join(service.all('selector'))}; no pod has these labels"
            yield Fault(component, "service_selector_mismatch", STATED, says, cites)
        return
    listened = {port for one in chosen for port in one.all("ports")}
    if listened:
        yield from _ports(service, listened, {name for one in chosen for name in one.all("port_names")}, component)


def _ports(service: Thing, listened: set[str], names: set[str], component: str) -> Iterator[Fault]:
    numbers = {one.split("/")[0] for one in listened}
    for target in service.all("service_target") or service.all("service_port"):
        port, _, protocol = target.partition("/")
        if port in numbers and protocol and f"{port}/{protocol}" not in listened:
            says = f"the service {service.name} speaks {protocol} to port {port}; behind it is {', '.join(sorted(listened))}"
            yield Fault(component, "service_protocol_mismatch", MISFIT, says, tuple(service.cites[:3]))
        elif port not in numbers and port not in names and port != "0":
            says = f"the service {service.name} leads to port {port}; behind it is {', '.join(sorted(listened))}"
            yield Fault(component, "service_port_mapping_mismatch", MISFIT, says, tuple(service.cites[:3]))


def _before(app: App, apps: dict[str, App], services: list[Thing]) -> Iterator[Fault]:
    """Addresses in the environment of the app: a host that is no service although others of its kind are, or a port none offers."""
    offered = {one.name: {port.split("/")[0] for port in one.all("service_port")} for one in services}
    for key, value in _addresses(app):
        found = _ADDRESS.match(value.strip())
        if found is None or not _NAMED.search(key) or found["host"] in _LOCAL or not offered:
            continue
        host, port = found["host"], found["port"]
        known = host in offered
        wrong = (not known and not _elsewhere(host, value, apps)) or (
            known and offered[host] and port not in offered[host]
        )
        if wrong:
            why = f"no service is called {host}" if not known else f"{host} offers {', '.join(sorted(offered[host]))}"
            optional = 0.0 if known or _similar(host, set(offered)) else -4.0
            database = known and host in apps and fault_words.is_database(apps[host])
            yield Fault(
                f"app/{app.name}",
                "mysql_invalid_port" if database else "service_env_var_address_mismatch",
                (STATED if database and not app.well else MISFIT - 1) + optional,
                f"{key} is {value}: {why}",
                tuple(app.cites[:3]),
            )


def _addresses(app: App) -> Iterator[tuple[str, str]]:
    """Lines of its environment by name; a host and a port that stand in two lines of one name are one address."""
    lines = dict(line.split("=", 1) for line in app.facts("env") if "=" in line)
    yield from lines.items()
    for key, value in lines.items():
        stem, found, _ = key.rpartition("_HOST")
        if found and value and (port := lines.get(f"{stem}_PORT", "")).isdigit():
            yield key, f"{value.strip()}:{port}"


def _elsewhere(host: str, value: str, apps: dict[str, App]) -> bool:
    """A host outside of the cluster, or an app whose service is missing: that is not the address's fault."""
    return host in apps or "." in value.split(":", maxsplit=1)[0].replace(".svc", "").replace(".cluster.local", "")


def _similar(host: str, names: set[str]) -> bool:
    """Begins like a service that there is, or the other way round."""
    return any(host.startswith(name) or name.startswith(host) or _one_off(host, name) for name in names)


def _one_off(one: str, other: str) -> bool:
    """The same but for a few characters."""
    common = sum(a == b for a, b in zip(one, other, strict=False))
    return min(len(one), len(other)) > 3 and max(len(one), len(other)) - common <= 3


def _used_up(apps: dict[str, App], services: list[Thing], cluster: Cluster) -> Iterator[Fault]:
    """A quota of services that is used up, while an app that others address has none."""
    for quota in cluster.of("resourcequota"):
        for line in quota.all("quota"):
            name, _, amount = line.partition(" ")
            used, _, most = amount.partition("/")
            full = used == most and used.isdigit()
            lacking = [app.name for app in apps.values() if app.of("pod", "deployment") and not app.of("service")]
            if full and name.removeprefix("count/") == "services" and services and lacking:
                says = f"{quota.name} allows {most} services and has as many; {', '.join(lacking[:3])} has none"
                yield Fault(
                    f"namespace/{cluster.namespace}",
                    "namespace_service_quota_exceeded",
                    STATED,
                    says,
                    tuple(quota.cites[:2]),
                    "capacity",
                    "exhausted",
                )


def _routes(cluster: Cluster, services: list[Thing]) -> Iterator[Fault]:
    """A route from outside that leads to a service that is not there, or to a port that it does not offer."""
    offered = {one.name: {port.split("/")[0] for port in one.all("service_port")} for one in services}
    for route in cluster.of("ingress", "virtualservice", "httproute"):
        for backend in route.all("backends"):
            host, _, port = backend.partition(":")
            host = host.split(".")[0]
            if offered and (host not in offered or (port.isdigit() and offered[host] and port not in offered[host])):
                yield Fault(
                    f"app/{host if host in offered else route.name}",
                    "gateway_misroute",
                    MISFIT,
                    f"{route.name} leads to {backend}",
                    tuple(route.cites[:2]),
                )
