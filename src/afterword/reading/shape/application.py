"""Shapes of programming languages' loggers and of programs that have a format of their own."""

from __future__ import annotations

from typing import Final

from afterword.reading.log_time import CLOCK, ISO, MONTH
from afterword.reading.said import LEVELS, SENTENCE
from afterword.reading.shape.shape import LEVEL, shape

_TAIL: Final = r"(?:::[\w$]++|[\w.$/-])"
#: A logger: lower-case or dotted or joined; never followed by more than a colon or a dash.
_LOGGER: Final = rf"(?P<log>[A-Za-z_]{_TAIL}{{1,100}})"
_THREAD: Final = r"(?:\[[^\[\]]{0,400}\] *)"

_CAPITALS: Final = r"TRACE|DEBUG|INFO|NOTICE|WARNING|WARN|ERROR|SEVERE|FATAL|CRITICAL"
_SENTENCE_TEXT: Final = r"[A-Za-z]\w*,? (?![-:|\[(<]).*|[A-Za-z]\w+"

SHAPES: Final = (
    shape(
        "java-util",
        rf"(?P<at>{MONTH} \d{{1,2}}, \d{{4}} \d{{1,2}}:\d\d:\d\d [AP]M) (?P<log>[\w.$]+)(?: (?P<function>[\w$<>]+))?(?P<msg>)",
        form="asctime",
        heads=True,
    ),
    shape(
        "tomcat",
        rf"(?P<at>\d\d-{MONTH}-\d{{4}} {CLOCK})(?:[.,](?P<f>\d{{1,9}}))? {LEVEL} \[[^\]]*\] (?P<log>[\w.$]+) (?P<msg>.*)",
        form="common",
    ),
    shape(
        "spring",
        rf"{ISO} +{LEVEL} \d+ --- (?:\[(?P<comp>[\w.-]+)\] (?=\[))?(?:\[[^\]]*\] ?)*(?P<log>[\w.$\[\]/-]+) *: (?P<msg>.*)",
    ),
    shape("rails", rf"[DIWEFA], \[{ISO} #\d+\] +{LEVEL} -- (?P<log>[^:]{{0,60}}): (?P<msg>.*)"),
    shape("laravel", rf"\[{ISO}\] (?P<environment>[\w-]+)\.{LEVEL}: (?P<msg>.*)"),
    shape("celery", rf"\[{ISO}: {LEVEL}/(?P<process>[\w-]+)\] (?P<msg>.*)"),
    shape("sidekiq", rf"{ISO} \d+ (?:TID-|tid=)\w+ (?P<log>[\w:]+)? ?(?:JID-\w+ )?{LEVEL}: (?P<msg>.*)"),
    shape("gunicorn", rf"\[{ISO}\] \[\d+\] \[{LEVEL}\] (?P<msg>.*)"),
    shape(
        "supervisor",
        rf"{ISO} (?P<sev>CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) (?P<msg>(?:spawned|exited|success|stopped|waiting|reaped|gave up|supervisord|RPC|daemonizing|received|Included|Set|killing|Increased|entered)\b.*)",
        severity=lambda word: {
            "C": "fatal",
            "E": "error",
            "W": "warn",
            "I": "info",
            "D": "debug",
            "T": "trace",
            "B": "trace",
        }[word[0]],
        component="supervisord",
    ),
    shape("fail2ban", rf"{ISO} (?P<log>fail2ban\.\w+) +\[\d+\]: {LEVEL} +(?P<msg>.*)"),
    shape("envoy", rf"\[{ISO}\]\[\d+\]\[{LEVEL}\]\[(?P<log>[\w.-]+)\](?: \[[^\]]*\])? (?P<msg>.*)"),
    shape("gc", rf"\[{ISO}\](?:\[[^\]]*s\])?\[{LEVEL} *\]\[(?P<log>[\w,+]+) *\] (?P<msg>.*)"),
    shape(
        "weblogic",
        rf"####<(?P<at>{MONTH} \d{{1,2}}, \d{{4}}(?:,)? \d{{1,2}}:\d\d:\d\d[^>]{{0,20}})> <(?P<sev>\w+)> <(?P<comp>[\w.-]+)> <(?:[^>]*> <){{0,7}}[^>]*> *<(?P<msg>.*)",
        form="asctime",
    ),
    shape("env-logger", rf"\[{ISO} +{LEVEL} +(?P<log>[\w:.-]+)\] (?P<msg>.*)"),
    shape("level-first", rf"\[ ?{LEVEL} {ISO} [\w-]+\] *(?P<msg>.*)"),
    shape(
        "thread-level-logger",
        rf"\[?{ISO} +\[?(?P<thread>[\w-]+(?: \[\])?) +(?:null +)?{LEVEL} +(?P<log>[\w.$]+)(?: +[\w.]+=[^\]]*)?\] *(?P<msg>.*)",
    ),
    shape(
        "level-brackets", rf"{ISO} {LEVEL} (?P<comp>[\w.-]+)\[[^\]]*\] \[[^\]]*\] (?:\[(?P<log>[\w.$]+)\] )?(?P<msg>.*)"
    ),
    shape("operation-level", rf"{ISO} +[\w-]+ +operationID=\S* +{LEVEL} +(?P<log>[\w.$]+) (?P<msg>.*)"),
    shape("lambda", rf"{ISO}\t[0-9a-f-]{{36}}\t(?:{LEVEL}\t)?(?P<msg>.*)"),
    shape("lambda-python", rf"\[{LEVEL}\]\t{ISO}\t[0-9a-f-]{{0,36}}\t(?P<msg>.*)"),
    shape("zap", rf"{ISO}\t{LEVEL}\t(?:(?P<log>[a-z][\w.-]*)\t)?(?:(?P<source>[\w./@-]+\.go:\d+)\t)?(?P<msg>.*)"),
    shape(
        "logrus-tty",
        r"(?P<sev>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[(?P<elapsed>\d+)\] (?P<msg>.*)",
        severity=lambda word: {
            "T": "trace",
            "D": "debug",
            "I": "info",
            "W": "warn",
            "E": "error",
            "F": "fatal",
            "P": "fatal",
        }[word[0]],
    ),
    shape(
        "robot-os",
        rf"\[ ?{LEVEL}\] \[(?P<at>1\d{{9}}\.\d{{9}})\](?: \[(?P<comp>[\w/.-]+)\])?: (?P<msg>.*)",
        form="epoch",
    ),
    shape(
        "openstack", rf"(?:[\w.:-]+ )?{ISO} \d+ (?P<sev>[A-Z]+) (?P<log>[\w.]+)(?: \[(?:req-)?[^\]]*\])? (?P<msg>.*)"
    ),
    shape(
        "openam-debug",
        r"(?P<comp>\w+):(?P<at>\d\d/\d\d/\d{4} \d\d:\d\d:\d\d:\d{3} [AP]M [A-Z]{2,5}): Thread\[[^\]]*\](?P<msg>)",
        form="slashed",
        heads=True,
    ),
    shape(
        "virtual-desktop",
        rf"Thread-\d+::{LEVEL}::{ISO}::(?P<log>[\w.]+)::\d+::(?P<comp>[\w.]+)::(?:\(\w+\) )?(?P<msg>.*)",
    ),
    shape("python-colons", rf"{ISO} \[\d+\]{LEVEL}:(?P<log>[\w.-]+):(?P<msg>.*)"),
    shape("python-default", rf"{ISO} - (?P<log>[\w.$-]+) - {LEVEL} - (?P<msg>.*)"),
    shape("java-thread-level", rf"{ISO} {_THREAD}{LEVEL} +(?P<log>[\w.$/#]+) *- (?P<msg>.*)"),
    shape(
        "java-level-thread",
        rf"{ISO} +{LEVEL} +{_THREAD}(?P<log>[\w.$/#]+)(?: \([^)]*\))? ?(?:: |- )(?P<msg>.*)",
        unless=SENTENCE,
    ),
    shape("java-short", rf"(?P<at>\d\d/\d\d/\d\d {CLOCK}) {LEVEL} (?P<log>[\w.$]+): (?P<msg>.*)", form="short"),
    shape(
        "hadoop-file-system",
        rf"(?P<at>\d\d[01]\d[0-3]\d \d{{6}}) \d+ {LEVEL} (?P<log>[\w.$]+): (?P<msg>.*)",
        form="six",
    ),
    shape("level-logger", rf"{ISO} +{LEVEL} +{_LOGGER}(?:: | +- )(?P<msg>.*)", unless=SENTENCE),
    shape("bracketed-level", rf"\[{ISO}\] \[{LEVEL}\] (?P<msg>(?!\[)[^:]*(?:: .*)?)"),
    # The two commonest shapes of all, only where nothing but a sentence can follow; what may be more goes the general way.
    shape("level-sentence", rf"\[?{ISO}\]?:? +\[?(?P<sev>{_CAPITALS})\]?:? +(?P<msg>{_SENTENCE_TEXT})"),
    shape("sentence", rf"\[?{ISO}\]?:? +(?!(?:\S+\s+){{0,4}}\W?(?i:{LEVELS})\b)(?P<msg>{_SENTENCE_TEXT})"),
)
