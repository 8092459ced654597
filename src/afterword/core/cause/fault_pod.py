"""Faults of starting and running pods: images, secrets, memory, probes, crashes.

Reasons are those that the kubelet states (kubernetes.io: "Debug Pods", "Images", "Configure Liveness, Readiness and Startup
Probes", and ``pkg/kubelet/events``); what a registry answers follows the OCI distribution specification, section "Error codes".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.fault import MISFIT, SAID_ONCE, STATED, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.cause.cluster import App
    from afterword.model.event import Fact

_PULL = ("ErrImagePull", "ImagePullBackOff", "Failed", "InvalidImageName", "ErrImageNeverPull", "BackOff", "ImageInspectError", "RegistryUnavailable")  # fmt: skip
_IMAGE = re.compile(
    r"pull(ing)? image|ErrImagePull|ImagePullBackOff|InvalidImageName|couldn't parse image", re.IGNORECASE
)
_ANSWERS = (
    ("image_registry_dns_failure", "network", re.compile(r"no such host|lookup \S+( on \S+)?: |server misbehaving|name resolution|temporary failure in name|dial tcp: lookup", re.IGNORECASE)),
    ("missing_image_pull_secret", "certificate/secret/identity", re.compile(r"unauthori[sz]ed|authori[sz]ation failed|failed to authorize|authentication required|no basic auth|anonymous token|\b401\b|access denied|denied:", re.IGNORECASE)),
    ("incorrect_image_reference", "config", re.compile(r"not ?found|\b403 forbidden|manifest unknown|name unknown|invalid (image|reference)|couldn't parse|does not exist|InvalidImageName", re.IGNORECASE)),
)  # fmt: skip
_MISSING = re.compile(r"(?P<what>secret|configmap)s? \"?(?P<name>[\w.-]+)\"? not found|couldn'?t find key (?P<key>\S+) in (?P<where>secret|configmap)", re.IGNORECASE)  # fmt: skip
_OOM = re.compile(r"OOM-?Killed|out of memory|memory limit too low", re.IGNORECASE)
_GARBLED = re.compile(r"malformed HTTP|HTTP/1\.x transport|server gave HTTP response to HTTPS|first record does not look like a TLS|error reading server preface|frame too large|unsupported protocol|Unimplemented|HTTP probe failed with statuscode: 415|not a gRPC|http2", re.IGNORECASE)  # fmt: skip
_PROBE = re.compile(r"(?P<kind>Liveness|Readiness|Startup) probe failed", re.IGNORECASE)
_SECONDS = re.compile(r"(?<!\w)(\w++)=(\d+)")


def faults(app: App) -> Iterator[Fault]:
    """What is wrong with the pods of one app."""
    yield from _images(app)
    yield from _missing(app)
    yield from _memory(app)
    yield from _probes(app)
    yield from _replicas(app)
    yield from _crashes(app)


def _made(
    app: App, kind: str, found: Sequence[Fact], says: str, category: str = "config", bits: float = STATED
) -> Fault:
    """A fault of the app; one that it has got over by itself counts little."""
    strength = bits if not app.well else min(bits, SAID_ONCE)
    cites = tuple(dict.fromkeys(fact.cite for fact in found))[:4]
    return Fault(f"app/{app.name}", kind, strength, says, cites or tuple(app.cites[:3]), category)


def _images(app: App) -> Iterator[Fault]:
    found = [fact for fact in app.complaints(*_PULL) if _IMAGE.search(f"{fact.event.name} {fact.event.text}")]
    if not found:
        return
    text = "\n".join(fact.event.text for fact in found)
    kind, category, pattern = next((one for one in _ANSWERS if one[2].search(text)), _ANSWERS[-1])
    best = sorted(found, key=lambda fact: not pattern.search(fact.event.text))
    yield _made(app, kind, best, f"its image cannot be pulled: {best[0].event.text[:200]}", category)


def _missing(app: App) -> Iterator[Fault]:
    for fact in app.complaints():
        found = _MISSING.search(fact.event.text)
        if found and fact.event.name != "FailedScheduling":
            what = (found["what"] or found["where"]).lower()
            kind = "missing_secret_binding" if what == "secret" else "missing_config_map"
            category = "certificate/secret/identity" if what == "secret" else "config"
            yield _made(app, kind, [fact], f"it refers to what is not there: {fact.event.text[:200]}", category)
            return
    refused = [fact for fact in app.complaints("FailedMount", "FailedAttachVolume") if re.search("permission denied|access denied", fact.event.text, re.IGNORECASE)]  # fmt: skip
    if refused:
        yield _made(
            app,
            "volume_mount_permission_denied",
            refused,
            f"its volume cannot be used: {refused[0].event.text[:200]}",
            "storage",
        )


def _memory(app: App) -> Iterator[Fault]:
    found = [fact for fact in app.complaints() if _OOM.search(f"{fact.event.name} {fact.event.text}")]
    if found:
        limits = ", ".join(one for one in app.facts("limits") if one.startswith("memory"))
        says = f"it was killed for the memory it took ({limits or 'no limit stated'}): {found[0].event.text[:160]}"
        yield _made(app, "oom_killed", found, says, "capacity")


def _probes(app: App) -> Iterator[Fault]:
    failing = [fact for fact in app.complaints("Unhealthy") if _PROBE.search(fact.event.text)]
    for kind in ("liveness", "readiness", "startup"):
        mine = [fact for fact in failing if fact.event.text.lower().startswith(kind)]
        probe = next(iter(app.facts(kind)), "")
        if not mine or not probe:
            continue
        short = "readiness" if kind == "readiness" else "liveness"
        ports, port = {one.split("/")[0] for one in app.facts("ports")}, _port(probe)
        text = "\n".join(fact.event.text for fact in mine)
        if _GARBLED.search(text) or _other_protocol(app, kind, probe):
            yield _made(
                app,
                f"{short}_probe_incorrect_protocol",
                mine,
                f"its {kind} probe speaks another protocol than it does: {probe}",
            )
        elif port.isdigit() and ports and port not in ports and not _answers(app, port):
            yield _made(
                app,
                f"{short}_probe_incorrect_port",
                mine,
                f"its {kind} probe asks port {port}; it offers {', '.join(sorted(ports))}",
            )
        elif short == "liveness" and _hasty(probe) and _restarted(app):
            yield _made(
                app,
                "liveness_probe_incorrect_timing",
                mine,
                f"its liveness probe does not wait for it to start: {probe}",
                bits=MISFIT,
            )


def _port(probe: str) -> str:
    words = probe.split()
    return words[1] if len(words) > 1 and "=" not in words[1] else ""


def _answers(app: App, port: str) -> bool:
    """Another probe asks the same port and is not said to fail: a container may offer ports that it does not state."""
    others = {_port(one) for key in ("liveness", "readiness") for one in app.facts(key)}
    return others == {port} and bool(app.well)


def _other_protocol(app: App, kind: str, probe: str) -> bool:
    """The other probe speaks another protocol to the same port, and nothing is said against that one."""
    other = next(iter(app.facts("readiness" if kind == "liveness" else "liveness")), "")
    failing = {
        found["kind"].lower() for fact in app.complaints("Unhealthy") if (found := _PROBE.search(fact.event.text))
    }
    return (
        bool(other)
        and other.split()[0] != probe.split(maxsplit=1)[0]
        and _port(other) == _port(probe)
        and failing == {kind}
    )


def _hasty(probe: str) -> bool:
    """Gives up within fifteen seconds of the start, or asks from the first second on."""
    said = {key: int(value) for key, value in _SECONDS.findall(probe)}
    return said.get("delay", 0) + said.get("period", 10) * said.get("failure", 3) <= 15


def _restarted(app: App) -> bool:
    return any(True for _ in app.complaints("Restarted", "CrashLoopBackOff", "BackOff", "Killing", "Error"))


def _replicas(app: App) -> Iterator[Fault]:
    if app.desired == 0:
        yield Fault(
            f"app/{app.name}",
            "deployment_zero_replicas",
            STATED,
            "its workload asks for no replica at all",
            tuple(app.cites[:3]),
        )


def _crashes(app: App) -> Iterator[Fault]:
    """It ends again and again; why, its own words may tell (fault_words)."""
    found = [*app.complaints("CrashLoopBackOff", "BackOff", "Error", "RunContainerError", "StartError")]
    found = [fact for fact in found if not _IMAGE.search(f"{fact.event.name} {fact.event.text}")]
    if found and not app.well:
        says = f"it starts and ends again and again: {found[0].event.text[:160]}"
        yield _made(app, "crash_loop", found, says, "code", bits=MISFIT - 2)
