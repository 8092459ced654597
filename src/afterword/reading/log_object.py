"""A structured log record (JSON object, key=value pairs, row of a table) under the field names of any logger."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from afterword.reading import name
from afterword.reading.log_time import NONE, Told
from afterword.reading.said import Said, exception, level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.reading.log_time import Clock

_TIME: Final = (
    "@t", *name.TIME, "timestamp_ns", "time_unix_nano", "time_millis", "timemillis", "t.$date", "timestamp.$date", "instant.epoch_second",
    "timestamp.seconds", "time.seconds", "time_iso8601", "time_local", "event.created", "log_timestamp", "event_timestamp", "unixtime", "epoch",
    "start_time", "receive_timestamp", "observed_timestamp", "ingestion_time",
)  # fmt: skip
_COMPONENT: Final = (
    "service.name", "service_name", "servicename", "dd.service", "resource.service.name", "app_kubernetes_io/name", "app.kubernetes.io/name",
    "kubernetes.labels.app.kubernetes.io/name", "kubernetes.labels.app_kubernetes_io/name", "kubernetes.deployment.name", "k8s_pod/app",
    "k8s_app", "faas.name", "function_name", "functionname", *name.COMPONENT[:-3], "container.name", "docker.container_name", "app_name",
    "syslog.appname", "pod.name", "kubernetes.pod.name", "host.hostname",
)  # fmt: skip
_MESSAGE: Final = (
    "@m", "message", "msg", "fields.message", "body", "body.string_value", "body.stringvalue", "text", "short_message", "text_payload",
    "textpayload", "log", "event", "content", "line", "log_message", "@message", "rendered_message", "message_template", "@mt", "full_message",
    "event.original", "logmessage", "raw", "_raw", "_msg", "error.message", "exception.message", "err.message", "err.msg", "error", "err", "reason", "description",
)  # fmt: skip
_SEVERITY: Final = (
    "severity_text", "severitytext", "level_name", "levelname", "log.level", "@l", "severity", "level", "loglevel", "log_level", "lvl",
    "level_text", "log.severity", "syslog.severity.name", "levelno", "priority", "severity_number", "severitynumber",
)  # fmt: skip
_LOGGER: Final = (
    "logger",
    "logger_name",
    "loggername",
    "log.logger",
    "source_context",
    "sourcecontext",
    "category",
    "scope_name",
    "scope.name",
    "target",
    "channel",
    "module",
)
_TRACE: Final = (
    *name.TRACE,
    "@tr",
    "logging.googleapis.com/trace",
    "x_trace_id",
    "x_b3_traceid",
    "otel.traceid",
    "dd.traceid",
)
_SPAN: Final = (*name.SPAN, "@sp", "logging.googleapis.com/spanid", "logging.googleapis.com/span_id", "x_b3_spanid")
_KIND: Final = (
    "exception.type", "error.type", "exc_type", "err.type", "exception_type", "error_type", "exception.class", "exception_class", "exception.name",
    "exception.exception_class", "thrown.name", "error.kind", "error.name", "err.name", "exception.@type",
)  # fmt: skip
_STACK: Final = (
    "stack_trace", "stacktrace", "error.stack_trace", "error.stack", "error.stacktrace", "err.stack", "exception.stacktrace",
    "exception.stack_trace", "thrown.extended_stack_trace", "exc_info", "exc_text", "exception", "@x", "traceback", "stack", "error.trace",
)  # fmt: skip
_STATUS: Final = (
    "status", "status_code", "statuscode", "http.status_code", "http.response.status_code", "response.status", "http_status", "res.status_code",
    "response.status_code", "http.status", "http_request.status", "response_code", "code",
)  # fmt: skip
_REQUEST: Final = (
    "request", "path", "uri", "url", "request_uri", "http.route", "http.target", "http.url", "url.path", "route", "request.uri", "http_request.request_url",
)  # fmt: skip
#: Objects around the fields of a record: ``jsonPayload.message`` is ``message``.
_AROUND: Final = (
    "_source.", "result.", "json_payload.", "jsonpayload.", "fields.", "attributes.", "content.", "event.", "record.", "resource.labels.", "resource.attributes.",
    "resource.", "labels.", "data.", "properties.", "extra.", "context.", "payload.", "metadata.", "mdc.", "context_map.", "attr.", "tags.", "meta.",
    "message.", "log.", "stream.", "metric.",
)  # fmt: skip
#: Never worth an attribute.
_NOISE: Final = frozenset(
    ["pid", "process_id", "processid", "thread", "thread_name", "threadname", "thread_id", "threadid", "thread_priority", "threadpriority", "v", "@version", "end_of_batch",
     "logger_fqcn", "loggerfqcn", "level_value", "levelno", "trace_flags", "stream", "logtag", "time", "_p", "offset", "input.type", "ecs.version", "agent.type", "agent.version",
     "log_name", "logname", "insert_id", "insertid", "receive_timestamp", "ingestion_time", "event_id", "ptr", "flags", "relative_created", "msecs", "created",
     "_index", "_id", "_score", "_type", "sort", "time_unix_nano", "timeunixnano", "timestamp_ns", "observed_timestamp", "instant.nano_of_second",
     "instant.epoch_second", "logging.googleapis.com/trace_sampled", "logging.googleapis.com/tracesampled"]
)  # fmt: skip
#: Containers that are called what they are, not what runs in them; the pod then says more.
_ANY: Final = frozenset(
    ["server", "app", "main", "application", "container", "service", "web", "java", "node", "python"]
)
POD: Final = ("pod_name", "podname", "kubernetes.pod_name", "kubernetes.pod.name", "k8s.pod.name", "pod", "cmdb_id")
_MONOLOG: Final = {
    100: "debug",
    200: "info",
    250: "notice",
    300: "warn",
    400: "error",
    500: "fatal",
    550: "fatal",
    600: "fatal",
}
_PINO: Final = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
_PYTHON: Final = {10: "debug", 20: "info", 30: "warn", 40: "error", 50: "fatal"}
_HOLE: Final = re.compile(r"\{@?\$?([A-Za-z_][\w.]*)(?:[,:][^}]*)?\}")
_ID: Final = re.compile(r"[0-9A-Za-z_:.-]{6,80}")
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d")
_ATTRIBUTES: Final = 20
_LONGEST: Final = 200
_STACK_LINES: Final = 10


class Plan(NamedTuple):
    """Which of a record's fields hold what, in the order of preference; ``names`` leads from any plain name to its field."""

    names: Mapping[str, str]
    time: tuple[str, ...]
    component: tuple[str, ...]
    message: tuple[str, ...]
    severity: tuple[str, ...]
    logger: tuple[str, ...]
    trace: tuple[str, ...]
    span: tuple[str, ...]
    kind: tuple[str, ...]
    stack: tuple[str, ...]
    status: tuple[str, ...]


@lru_cache(maxsize=2048)
def plan(keys: tuple[str, ...]) -> Plan:
    """Which of these fields hold what."""
    known: dict[str, str] = {}
    for key in keys:
        known.setdefault(name.plain(key), key)
        known.setdefault(key.lower(), key)
        known.setdefault(name.plain(key).lstrip("_"), key)
    for key in keys:
        bare = name.plain(key)
        for _ in range(2):
            around = next((one for one in _AROUND if bare.startswith(one)), None)
            if around is None:
                break
            bare = bare[len(around) :]
            known.setdefault(bare, key)
    wanted = (_TIME, _COMPONENT, _MESSAGE, _SEVERITY, _LOGGER, _TRACE, _SPAN, _KIND, _STACK, _STATUS)
    found = [tuple(dict.fromkeys(known[one] for one in names if one in known)) for names in wanted]
    return Plan(known, *found)


def fields(record: Mapping[str, Any]) -> tuple[bool, bool, bool, bool]:
    """Whether a record has a time, a message (or a request with its status), a severity (or trace, or stack), and a component."""
    known = plan(tuple(name.flat(record)))
    request = bool(known.status) and any(one in known.names for one in _REQUEST)
    return (
        bool(known.time),
        bool(known.message) or request,
        bool(known.severity or known.trace or known.stack) or request,
        bool(known.component),
    )


def said(record: Mapping[str, Any], clock: Clock) -> Said:
    """What a record says. Fields that no logger writes become attributes."""
    flat = name.flat(record)
    found = plan(tuple(flat))
    told, used = _time(flat, found, clock)
    text, spent = _message(flat, found)
    used.add(spent)
    severity = _severity(flat, found, used)
    logger = _pick(flat, found.logger, used)
    component = _pick(flat, found.component, used)
    component, logger = _named(flat, found, component, logger, used)
    attributes = {
        "trace": _identifier(_pick(flat, found.trace, used)),
        "span": _identifier(_pick(flat, found.span, used)),
        "logger": logger,
    }
    text = _raised(flat, found, text, attributes, used)
    attributes = {key: value for key, value in attributes.items() if value}
    _others(flat, attributes, used)
    return Said(told, severity, component or logger, text or _summary(flat, found, attributes), attributes)


def _time(flat: Mapping[str, Any], plan: Plan, clock: Clock) -> tuple[Told, set[str]]:
    key = next((one for one in plan.time if flat[one] not in (None, "")), None)
    if key is None:
        return NONE, set()
    value, used = flat[key], {key}
    bare = name.plain(key)
    if bare.endswith((".epoch_second", ".seconds")):
        nano = plan.names.get(bare.rsplit(".", 1)[0] + (".nano_of_second" if "epoch" in bare else ".nanos"))
        used |= {nano} if nano else set()
        return _whole(value, flat.get(nano, 0) if nano else 0), used
    if isinstance(value, str) and _CLOCK.match(value):
        day = plan.names.get("date") or plan.names.get("day")
        value, used = (f"{flat[day]} {value}", used | {day}) if day else (value, used)
    elif isinstance(value, str) and len(value) == 10 and value[4:5] == "-":
        hour = plan.names.get("time")
        value, used = (f"{value} {flat[hour]}", used | {hour}) if hour and hour != key else (value, used)
    told = clock.value(value, "ms" if bare in ("time_millis", "timemillis") else "")
    return told, used


def _whole(seconds: Any, nanos: Any) -> Told:
    try:
        return Told(int(seconds) * 10**9 + int(nanos), 0)
    except (TypeError, ValueError):
        return Told(None, None, "not a time")


def _message(flat: Mapping[str, Any], plan: Plan) -> tuple[str, str]:
    for key in plan.message:
        value = flat[key]
        if isinstance(value, str) and value.strip():
            return (_filled(value, flat) if name.plain(key) in ("@mt", "message_template") else value.strip()), key
        if isinstance(value, int | float) and not isinstance(value, bool):
            return name.text(value), key
    return "", ""


def _filled(template: str, flat: Mapping[str, Any]) -> str:
    """A message template with the record's own properties in its holes."""
    return _HOLE.sub(lambda found: name.text(flat[found[1]]) if found[1] in flat else found[0], template).strip()


def _severity(flat: Mapping[str, Any], plan: Plan, used: set[str]) -> str:
    for key in plan.severity:
        value = flat[key]
        if value in (None, ""):
            continue
        found = _numbered(name.plain(key), value, plan) or level(str(value))
        used.add(key)
        if found:
            return found
    if "@t" in plan.names:
        return "info"
    if "s" in plan.names and "c" in plan.names:
        used.add(plan.names["s"])
        return level(str(flat[plan.names["s"]]).rstrip("12345"))
    for key in plan.status:
        value = flat[key]
        if isinstance(value, str) and not value.isdigit():
            if found := level(value):
                return found
        elif str(value).isdigit() and 100 <= int(value) < 600:
            return "error" if int(value) >= 500 else "info"
    return ""


def _numbered(key: str, value: Any, plan: Plan) -> str:
    """A level that is a number: which scale it is on, the field's name and its company tell."""
    if isinstance(value, bool) or not str(value).isdigit() or len(str(value)) > 4:
        return ""
    number = int(value)
    if key in ("severity_number", "severitynumber"):
        return name.severity(number) if number < 25 else ""
    if key == "levelno":
        return _PYTHON.get(number, "")
    if key == "priority" or "short_message" in plan.names or "syslog_identifier" in plan.names:
        return name.severity(number, syslog=True)
    return _MONOLOG.get(number) or _PINO.get(number) or name.severity(number)


def _pick(flat: Mapping[str, Any], keys: tuple[str, ...], used: set[str]) -> str:
    """The text of the first of the fields that says something; fields that are spent already do not count."""
    for key in keys:
        value = flat[key]
        if key in used or value in (None, "") or isinstance(value, list | dict | bool):
            continue
        used.add(key)
        return name.text(value)[:_LONGEST]
    return ""


def _named(flat: Mapping[str, Any], plan: Plan, component: str, logger: str, used: set[str]) -> tuple[str, str]:
    """``name`` is the program for bunyan and pino, the logger for Python; ``c`` is MongoDB's component."""
    key = plan.names.get("name")
    if key and isinstance(flat[key], str) and key not in used:
        program = "hostname" in plan.names and "pid" in plan.names
        if program and (not component or component == flat.get(plan.names["hostname"])):
            used.add(key)
            component = flat[key]
        elif not logger and ("levelname" in plan.names or "asctime" in plan.names):
            used.add(key)
            logger = flat[key]
    if not component and "c" in plan.names and "s" in plan.names:
        used.add(plan.names["c"])
        component = name.text(flat[plan.names["c"]])
    pod = next((plan.names[one] for one in POD if one in plan.names), None)
    if component.lower() in _ANY and pod and flat[pod]:
        component = name.text(flat[pod])
    return component, logger


def _identifier(value: str) -> str:
    """A trace or span id: the last part of a resource name, nothing for a placeholder or for zeros."""
    bare = value.rsplit("/", 1)[-1]
    return bare if _ID.fullmatch(bare) and bare.strip("0-") else ""


def _raised(flat: Mapping[str, Any], plan: Plan, text: str, attributes: dict[str, str], used: set[str]) -> str:
    """The text with the first lines of the stack below it; the exception's type among the attributes."""
    kind = _pick(flat, plan.kind, used)
    stack = ""
    for key in plan.stack:
        value = flat[key]
        if key in used or value in (None, "", False, True):
            continue
        if isinstance(value, list):
            value = "\n".join(name.text(one) for one in value[:_STACK_LINES] if not isinstance(one, dict | list))
        used.add(key)
        stack = stack or name.text(value).strip()
    attributes["exception"] = (kind or exception(stack) or _first_word(stack) or exception(text))[:_LONGEST]
    if stack and stack not in text:
        shown = "\n".join(stack.split("\n")[:_STACK_LINES])
        text = f"{text}\n{shown}" if text else shown
    return text


def _first_word(stack: str) -> str:
    """A type in front of a colon, for languages whose exceptions have no common ending."""
    found = re.match(r"([A-Za-z_][\w.$:]*[A-Za-z]): ", stack)
    return found[1] if found and "\n" in stack else ""


def _others(flat: Mapping[str, Any], attributes: dict[str, str], used: set[str]) -> None:
    for key, value in flat.items():
        if len(attributes) >= _ATTRIBUTES:
            return
        if key in used or value in (None, "") or name.plain(key) in _NOISE:
            continue
        if isinstance(value, list):
            value = ",".join(name.text(one) for one in value[:5] if not isinstance(one, dict | list))
        if value and not isinstance(value, dict) and not str(value).startswith("${"):
            attributes.setdefault(key[:80], name.text(value)[:_LONGEST])
        elif value is False or value == 0:
            attributes.setdefault(key[:80], name.text(value))


def _summary(flat: Mapping[str, Any], plan: Plan, attributes: Mapping[str, str]) -> str:
    """A text for a record without a message: its request, or its first fields as they are named."""
    request = [
        plan.names.get(one)
        for one in ("method", "request_method", "http.method", "http.request.method", "request.method")
    ]
    path = [plan.names.get(one) for one in _REQUEST]
    parts = [
        next((name.text(flat[key]) for key in keys if key and isinstance(flat[key], str)), "")
        for keys in (request, path)
    ]
    if parts[1]:
        status = next((name.text(flat[key]) for key in plan.status if str(flat[key]).isdigit()), "")
        return " ".join(one for one in (*parts, status) if one)
    return " ".join(f"{key}={value}" for key, value in list(attributes.items())[:8])
