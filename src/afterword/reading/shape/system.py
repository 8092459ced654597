"""Shapes of operating systems, devices and clusters."""

from __future__ import annotations

from typing import Final

from afterword.reading.log_time import CLOCK, FRACTION, ISO, MONTH
from afterword.reading.said import level
from afterword.reading.shape.shape import LEVEL, shape

_GLOG: Final = {"I": "info", "W": "warn", "E": "error", "F": "fatal", "D": "debug"}
_ESX: Final = {
    "Em": "fatal",
    "Al": "fatal",
    "Cr": "fatal",
    "Er": "error",
    "Wa": "warn",
    "No": "notice",
    "In": "info",
    "Db": "debug",
}
_STRACE: Final = rf"(?:\[pid +\d+\] |\d+ +)?(?:(?P<at>1\d{{9}}\.\d{{6}})|{CLOCK}\.\d{{6}})"

SHAPES: Final = (
    shape(
        "glog",
        rf"(?P<sev>[IWEFD])(?P<at>(?:\d{{4}})?[01]\d[0-3]\d {CLOCK})\.(?P<f>\d{{6}}) +\d+ (?P<source>[\w./-]+:\d+)\] (?P<msg>.*)",
        form="glog",
        severity=lambda letter: _GLOG[letter],
    ),
    shape(
        "logcat",
        rf"(?P<at>(?:\d{{4}}-)?[01]\d-[0-3]\d {CLOCK})(?:\.(?P<f>\d{{1,9}}))? +(?:[\w.-]+ +)?\d+ +\d+ (?P<sev>[VDIWEFAS]) (?:(?P<comp>[^:\[\]]{{1,100}}?) *: ?)?(?P<msg>.*)",
        form="yearless",
    ),
    shape(
        "logcat-brief",
        rf"(?P<at>(?:\d{{4}}-)?[01]\d-[0-3]\d {CLOCK})(?:\.(?P<f>\d{{1,9}}))? +(?P<sev>[VDIWEFAS])/(?P<comp>[^(]{{0,100}}?) *\( *\d+\): (?P<msg>.*)",
        form="yearless",
    ),
    shape(
        "bgl",
        rf"(?P<label>\S+) \d{{10}} \d{{4}}\.\d\d\.\d\d \S+ {ISO} (?P<node>\S+) \w+ (?P<comp>\w+) (?P<sev>[A-Z]+)(?: (?P<msg>.*))?",
        severity=lambda word: "fatal" if word == "FAILURE" else level(word),
    ),
    shape(
        "cluster",
        rf"(?P<label>\S+) (?P<at>1\d{{9}}) \d{{4}}\.\d\d\.\d\d (?P<node>\S+) {MONTH} +\d{{1,2}} {CLOCK} \S+ (?:(?P<comp>[^\[:\s]+(?:\([^)]*\))?)(?:\[\d+\])?: ?)?(?P<msg>.*)",
        form="epoch",
    ),
    shape(
        "cluster-state",
        r"\d+ (?P<node>\S+) (?P<comp>[\w.]+) (?P<state>\S+) (?P<at>1\d{9}) -?\d (?P<msg>.*)",
        form="epoch",
    ),
    shape("windows-servicing", rf"{ISO}, (?P<sev>Info|Warning|Error|Perf)\s+(?P<comp>[A-Z]{{2,6}})\s+(?P<msg>.*)"),
    shape(
        "dmesg",
        r"(?:<\d+>)?\[ *(?P<at>\d{1,8}\.\d{6})\] (?:(?P<comp>[A-Za-z][\w /.-]{0,30}?(?: [\da-f:.]{7,12})?): )?(?P<msg>.*)",
        form="uptime",
        unless="",
    ),
    shape(
        "dmesg-clock",
        rf"\[(?P<at>[A-Z][a-z]{{2}} {MONTH} [ \d]\d {CLOCK} \d{{4}})\] (?:(?P<comp>[A-Za-z][\w./-]{{0,30}}): )?(?P<msg>.*)",
        form="asctime",
        unless="",
    ),
    shape(
        "audit",
        r"(?:node=(?P<node>\S+) )?type=(?P<comp>[A-Z_]+) msg=audit\((?P<at>1\d{9}\.\d{3}):\d+\): ?(?P<msg>.*)",
        form="epoch",
    ),
    shape("strace", rf"{_STRACE} (?P<msg>(?:\w+\(|<\.\.\. |--- |\+\+\+ ).*)", form="epoch"),
    shape(
        "esx",
        rf"{ISO} (?P<sev>[A-Z][a-z])\(\d+\)(?:\[\+\])? (?P<comp>[\w./-]+)(?:\[\d+\])?:? (?P<msg>.*)",
        severity=lambda word: _ESX.get(word, ""),
    ),
    shape(
        "esx-kernel",
        rf"{ISO} cpu\d+:\d+(?: opID=\w+)?\)(?:(?P<sev>ALERT|WARNING|ERROR): )?(?:(?P<comp>[\w.<>-]+): )?(?P<msg>.*)",
        component="vmkernel",
    ),
    shape(
        "vmware",
        rf"\[?{ISO} (?P<sev>[a-z]+|[A-Z]+) (?P<comp>[\w.-]+)(?:\[[^\]]*\]| \d+)? \[(?:Originator@\d+ )?[^\]]*\](?: \[[^\]]*\])* ?(?P<msg>.*)",
    ),
    shape("vmware-old", rf"\[{ISO} [0-9A-F]{{8}} (?P<sev>[a-z]+) '(?P<comp>[^']{{1,200}})'[^\]]*\] (?P<msg>.*)"),
    shape("vmware-thread", rf"{ISO} \[[0-9A-F]{{8,16}} (?P<sev>[a-z]+) '(?P<comp>[^']{{1,200}})'[^\]]*\] (?P<msg>.*)"),
    shape("vmware-esxupdate", rf"{ISO} (?P<comp>[\w-]+): \d+: (?:[\w.]+:)?(?:\d+)? ?{LEVEL}:? (?P<msg>.*)"),
    shape(
        "sssd",
        rf"\((?P<at>[A-Z][a-z]{{2}} {MONTH} [ \d]\d {CLOCK}{FRACTION} \d{{4}}|\d{{4}}-\d\d-\d\d +\d{{1,2}}:\d\d:\d\d)\):? \[(?P<comp>(?:[^\[\]]|\[(?:[^\[\]]|\[[^\]]*\])*\])*)\] \[(?P<function>\w+)\] \(0x(?P<sev>[0-9a-f]{{4,8}})\): ?(?P<msg>.*)",
        form="sssd",
        severity=lambda mask: (
            "fatal"
            if int(mask, 16) <= 0x10
            else "error"
            if int(mask, 16) <= 0x40
            else "warn"
            if int(mask, 16) <= 0x80
            else "info"
            if int(mask, 16) <= 0x400
            else "debug"
        ),
    ),
    shape(
        "package-manager",
        rf"{ISO} (?P<msg>(?:status|configure|install|upgrade|remove|purge|trigproc|startup|conffile|disappear) .*)",
        component="dpkg",
    ),
    shape("proxifier", rf"\[(?P<at>[01]\d\.[0-3]\d {CLOCK})\] (?P<comp>\S+)(?: \*\d+)? - (?P<msg>.*)", form="yearless"),
    shape(
        "health",
        r"(?P<at>\d{8}-\d{1,2}:\d{1,2}:\d{1,2}:\d{1,3})\|(?P<comp>\w+)\|\d+\|(?P<msg>.*)",
        form="health",
    ),
    shape(
        "banner",
        rf"=+ Start of (?P<comp>[\w -]{{1,60}}) at (?P<at>[A-Z][a-z]{{2}} {MONTH} +\d{{1,2}} {CLOCK} [A-Z]{{2,5}} \d{{4}}) =+",
        form="asctime",
    ),
    shape(
        "checked-at",
        rf"(?P<comp>\S+): (?P<msg>\w+ run at (?P<at>[A-Z][a-z]{{2}} {MONTH} +\d{{1,2}} {CLOCK} \d{{4}}))",
        form="asctime",
    ),
    shape("trace-framework", r"(?P<comp>TCF) (?P<source>\d\d:\d\d\.\d{3}): (?P<msg>.*)"),
    shape("container-runtime", rf"{ISO} (?P<stream>stdout|stderr) [FP] (?P<msg>.*)", wraps=True),
    shape("kubectl-prefix", r"\[pod/(?P<comp>[\w.-]+)/[\w.-]+\] (?P<msg>.*)", wraps=True),
    shape("compose", r"(?P<comp>[a-z][\w.-]*?)(?:[-_]\d+)? +\| (?P<msg>.*)", wraps=True),
    shape(
        "service-wrapper",
        r"(?P<sev>[A-Z]+) +\| (?P<comp>[\w ]{3,10}?) *\| (?P<at>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \| (?P<msg>.*)",
        wraps=True,
    ),
    shape("heroku", rf"{ISO} (?P<comp>app|heroku)\[(?P<process>[\w.-]+)\]: (?P<msg>.*)", wraps=True),
)
