"""Mechanisms that more than one line shows: a missing check, a query for each item, an early way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.harmless import LOG_CALL
from afterword.core.diff.patch import Line, Patch, file_kind, quote
from afterword.core.diff.word import COMMON, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NIL = r"nil|null|None|undefined|nullptr"
_NIL_CHECK = re.compile(rf"([A-Za-z_][\w.\->\[\]]*?)\s*(?:===?|!==?|is not|is)\s*(?:{_NIL})\b")
_SOFT_CHECK = re.compile(
    r"(?:^|\s)if\s*+\(?\s*+(?:!|not\s++)?([A-Za-z_][\w.\->]*)\s*\)?\s*[:{]|\b([A-Za-z_]\w{0,60})\s*(?:&&|and)\s*(?=\w)(?=[A-Za-z_]\w{0,60}\.)|\b([A-Za-z_][\w.]*)\.(?:isPresent|is_some|has_value|isEmpty|HasValue)\b|\b([A-Za-z_][\w.]*)(?:\?\.|&\.|\s*\?\?|\s*\?:)|\blen\(([\w.]+)\)\s*(?:==|>|!=|<)|([\w.]+)\.(?:length|size\(\))\s*(?:===?|>|!==?|<)"
)
_DEFAULTED = re.compile(
    r"\.orElse\w*\(|\.getOrDefault\(|\.unwrap_or\w*\(|\.get\(\s*+[\"'][^\"']{1,200}[\"']\s*+(?:,\s*+[^)]{0,300})?\)|\?\?=?|\|\|\s*(?:\{\}|\[\]|\"|')"
)


def unguarded(patch: Patch) -> Iterator[Effect]:
    after = "\n".join(x.code for x in patch.added)
    now = "\n".join(x.code for x in patch.lines if x.sign != "-")
    for line in patch.removed:
        for found in (*_NIL_CHECK.finditer(line.code), *_SOFT_CHECK.finditer(line.code)):
            name = next(g for g in found.groups() if g)
            # `err` checks are counted elsewhere, and a check that stands on the other side too is kept.
            if name in {"err", "error", "e", "ok"} or (
                name in after
                and re.search(
                    rf"{re.escape(name)}\s*(?:===?|!==?|is|\?)|if\s*\(?\s*(?:!|not\s+)?{re.escape(name)}\b|[\w)]\({re.escape(name)}\b",
                    after,
                )
            ):
                continue
            used = name in now and re.search(rf"\b{re.escape(name)}(?:\.|->|\[|!)\w?|\*{re.escape(name)}\b", now)
            if used or _NIL_CHECK.search(line.code):
                yield effect_of(
                    "nil",
                    f"check of {name} removed" + (", and it is used unchecked" if used else ""),
                    line.row,
                    0.9 if used else 0.5,
                    f"{name} {used.group(0) if used else now[:2000]}",
                )
    hits = [x for x in patch.removed if _DEFAULTED.search(x.code)]
    if len(hits) > sum(bool(_DEFAULTED.search(x.code)) for x in patch.added):
        yield effect_of("nil", f"default for a missing value removed: {quote(hits[0])}", hits[0].row, 0.7, hits[0].code)


_LOOP = re.compile(
    r"^\s*(?:\}\s*)?(?:for|foreach|while|loop|until)\b|\.(?:forEach|each|map|flatMap|for_each)\s*\(?.*(?:=>|->|\{|\bdo\b)"
)
_REMOTE = re.compile(
    r"(?i)\bSELECT\b.+\bFROM\b|\.(?:query\w*|exec|execute\w*|findone|findby\w*|find_by\w*|findunique|find_one|fetch\w*|request|rpc|invoke|call)\(|\.objects\.|\bdb\.\w+\(|redis\w*\.\w+\("
    r"|(?:repository|repo|dao|store|client|session|stub|gateway|api)\.\w+\(|requests\.\w+\(|axios|http\.\w+\(|\bawait\b|\.\w+\(\s*(?:ctx|context|r\.Context\(\))\s*[,)]"
)
_BATCHED = re.compile(
    r"(?i)\.Next\(|scan\(|range\(\d|attempt|retr(?:y|ies)|promise\.all|while\s*\(?(?:true|!|not)|in\s+batches|chunk"
)


def _looped(patch: Patch, sign: str) -> list[Line]:
    """Lines of one side that call something remote inside a loop over items."""
    found, loops, place = [], list[int](), -1
    for line in patch.lines:
        if line.sign not in (sign, " ") or not line.code.strip() or file_kind(line.path) != "code":
            continue
        if line.hunk != place:
            loops, place = [], line.hunk
        depth = len(line.code.expandtabs(4)) - len(line.code.expandtabs(4).lstrip())
        loops = [d for d in loops if d < depth]
        opens = bool(_LOOP.search(line.code)) and not _BATCHED.search(line.code)
        if (
            (loops or (opens and ("=>" in line.code or "->" in line.code)))
            and _REMOTE.search(line.code)
            and not LOG_CALL.match(line.code)
        ):
            found.append(line)
        if opens:
            loops.append(depth)
    return found


def query_per_item(patch: Patch) -> Iterator[Effect]:
    now, before = _looped(patch, "+"), _looped(patch, "-")
    if len(now) > len(before):
        fresh = next((x for x in now if x.sign == "+"), now[0])
        sql = " ".join(x.code for x in patch.added if re.search(r"(?i)\bselect\b", x.code))
        yield effect_of(
            "n+1",
            f"remote call or query for every item of a loop: {quote(fresh)}",
            fresh.row,
            0.85,
            f"{fresh.code} {sql}",
        )


_ASKS_HEALTH = re.compile(
    r"(?i)(?:^|[^a-z])(?:healthz?|health_?check|ready|readyz|readiness|livez?|liveness|heartbeat)(?:[^a-z]|$)"
)
_ASKED = re.compile(r"(?i)\.ping\w*\(|\bselect 1\b")


def health_that_asks(patch: Patch) -> Iterator[Effect]:
    """A health check that now asks something else: when that is down, all who are checked are."""
    places = {x.hunk for x in patch.lines if _ASKS_HEALTH.search(f"{x.path} {x.heading}" if x.sign == "+" else x.code)}
    added = [x for x in patch.added if x.hunk in places and (_ASKED.search(x.code) or _REMOTE.search(x.code))]
    asked = sum(bool(_ASKED.search(x.code) or _REMOTE.search(x.code)) for x in patch.removed if x.hunk in places)
    if len(added) > asked and file_kind(added[0].path) == "code":
        yield effect_of("probe", f"a health check asks more: {quote(added[0])}", added[0].row, 0.65, added[0].code)


_DONE = re.compile(
    r"(?i)\b\w*(?:ack(?:nowledge)?|commit_?(?:sync|async|offsets?)?|delete_message|mark_?(?:done|processed|read))\w*\("
)


def told_early(patch: Patch) -> Iterator[Effect]:
    """Work that moved behind the word that it is done: what fails then is lost."""
    moved = {x.code.strip() for x in patch.removed} & {x.code.strip() for x in patch.added}
    order = [x for x in patch.lines if _DONE.search(x.code) or x.code.strip() in moved]
    told: Line | None = None
    for line in order:
        if line.sign == "-":
            continue
        if _DONE.search(line.code):
            told = line
        elif told is not None and told.hunk == line.hunk and line.sign == "+" and _before(line, told, order):
            yield effect_of("swallowed", f"told as done before it is: {quote(line)}", line.row, 0.65, line.code)
            return


def _before(work: Line, told: Line, order: list[Line]) -> bool:
    """Whether the same work stood before the same word until now."""
    until = [x for x in order if x.sign != "+" and x.hunk == work.hunk]
    texts = [x.code.strip() for x in until]
    done = told.code.strip()
    return work.code.strip() in texts and done in texts and texts.index(work.code.strip()) < texts.index(done)


_KEPT_UNDER = re.compile(r"(?i)\b(?:func|def|fn|function|fun)\b[^(]{0,60}\b\w{0,30}(?:cache_?)?key\w{0,30}\s*\(")


def other_key(patch: Patch) -> Iterator[Effect]:
    """What things are kept or found under is made of something else: nothing is found again at first, or ever."""
    for line in patch.added:
        around = [
            line.heading,
            *(x.code for x in patch.lines if x.hunk == line.hunk and x.sign == " " and x.row < line.row),
        ]
        if any(_KEPT_UNDER.search(one) for one in around) and re.search(r"\breturn\b|=>|->", line.code):
            yield effect_of("cache", f"what is kept is kept under another key: {quote(line)}", line.row, 0.5, line.code)
            return


_ACQUIRE = re.compile(
    r"(?i)\.(?:acquire|borrow\w*|get_?conn\w*|checkout|begin\w*|lock|open\w*|connect)\(|\bopen\(|getConnection\("
)
_RELEASE = re.compile(r"(?i)\.(?:release\w*|close|return\w*|put\w*|unlock|commit|rollback)\(")


def early_return(patch: Patch) -> Iterator[Effect]:
    """An added way out between taking and giving back, where the giving back is not deferred."""
    held: Line | None = None
    way_out: Line | None = None
    for line in patch.lines:
        if line.sign == "-":
            continue
        if re.search(r"\bdefer\b|\bfinally\b|\bwith\b|\busing\b|\btry\s*\(", line.code):
            held = way_out = None
        elif _RELEASE.search(line.code) and held and way_out:
            yield effect_of(
                "leak",
                f"added way out {quote(way_out)} before the release {quote(line)}",
                way_out.row,
                0.8,
                held.code + line.code,
            )
            held = way_out = None
        elif _ACQUIRE.search(line.code):
            held, way_out = line, None
        elif held and line.sign == "+" and re.search(r"\b(?:return|raise|throw|continue|break)\b", line.code):
            way_out = line


_TAGS = re.compile(
    r"(?:json|yaml|xml|db|bson|avro|protobuf|form|msgpack):\"([\w.\-]+)|@(?:JsonProperty|SerializedName|Column|JsonAlias|SerialName)\(\s*(?:name\s*=\s*|value\s*=\s*)?\"([\w.\-]+)\"|\balias=[\"']([\w.\-]+)|serde\(rename\s*=\s*\"([\w.\-]+)\"|^\s*(?:optional\s+|repeated\s+|required\s+)?(?:string|bytes|bool|double|float|u?int(?:32|64)|[A-Z]\w+)\s+([a-z]\w*\s*=\s*\d+)\s*;"
)
_REQUIRED = re.compile(r"(?i)required\b[^\[{(]*[\[{(]([^\]})]*)|\"required\"\s*:\s*\[([^\]]*)")
_OPTIONAL = re.compile(
    r"\b(\w+)\?\s*:|\b(\w+)\s*:\s*Optional\[|\boptional\s+\w+\s+(\w+)|\b(\w+)\s*:\s*\w+\s*\|\s*(?:None|null|undefined)"
)
_CONTRACT = re.compile(
    r"(?i)schema|serial|dto|proto|model|event|message|contract|envelope|payload|types?(/|\.)|codec|marshal"
)


def _tags(lines: Iterable[Line]) -> set[str]:
    return {re.sub(r"\s+", "", t) for x in lines for groups in _TAGS.findall(x.code) for t in groups if t}


def contract(patch: Patch) -> Iterator[Effect]:
    old, new = _tags(patch.removed), _tags(patch.added)
    row = next((x.row for x in patch.removed if _TAGS.search(x.code)), 0)
    if old - new:
        gone, come = sorted(old - new), sorted(new - old)
        says = f"serialised field {', '.join(gone)} " + (f"became {', '.join(come)}" if come else "removed")
        yield effect_of("schema", says, row, 0.9, " ".join((*gone, *come, says)))
    before, after = (
        " ".join(g for x in side for m in _REQUIRED.findall(x.code) for g in m) for side in (patch.removed, patch.added)
    )
    extra = sorted(set(re.findall(r"[\w.\-]{2,}", after)) - set(re.findall(r"[\w.\-]{2,}", before)))
    if extra:
        where = next(x for x in patch.added if _REQUIRED.search(x.code))
        yield effect_of("schema", f"now required: {', '.join(extra)}", where.row, 0.8, " ".join((*extra, before)))
    loose = {g for x in patch.removed for m in _OPTIONAL.findall(x.code) for g in m if g}
    still = {g for x in patch.added for m in _OPTIONAL.findall(x.code) for g in m if g}
    strict = sorted(n for n in loose - still if any(re.search(rf"\b{n}\b", x.code) for x in patch.added))
    if strict:
        yield effect_of(
            "schema", f"no longer optional: {', '.join(strict)}", patch.removed[0].row, 0.55, " ".join(strict)
        )
    quoted = [
        {w for x in side if _CONTRACT.search(x.path) for w in re.findall(r"[\"'](\w{2,40})[\"']", x.code)}
        for side in (patch.removed, patch.added)
    ]
    if not old and not new and quoted[0] - quoted[1] and quoted[1] - quoted[0]:
        names = (*sorted(quoted[0] - quoted[1])[:3], *sorted(quoted[1] - quoted[0])[:3])
        yield effect_of(
            "schema",
            f"names in a data contract changed: {', '.join(names)}",
            patch.removed[0].row,
            0.5,
            " ".join(names),
        )


_AUTH = frozenset(
    [
        "audience",
        "issuer",
        "claims",
        "claim",
        "jwt",
        "jwks",
        "algorithm",
        "algorithms",
        "leeway",
        "skew",
        "nbf",
        "kid",
        "signature",
        "signing",
        "hmac",
        "rsa",
        "scope",
        "scopes",
        "role",
        "roles",
        "permission",
        "permissions",
        "cors",
        "csrf",
        "expiry",
        "expired",
        "oauth",
        "oidc",
        "saml",
    ]
)
_BOUND = re.compile(r"(?:<=?|>=?)\s*-?\w|\bin\s+(?:range|\()|\.matches\(|re\.(?:match|fullmatch)\(")


def checks(patch: Patch) -> Iterator[Effect]:
    touched = sorted(_AUTH & (patch.lost | patch.gained))
    if touched:
        line = next(x for x in (*patch.removed, *patch.added) if words(x.code) & set(touched))
        weight = 0.7 if _AUTH & patch.lost else 0.45
        yield effect_of(
            "validation",
            f"what is checked of a token or a right changed ({', '.join(touched)})",
            line.row,
            weight,
            " ".join(x.code for x in (*patch.removed, *patch.added)),
        )
    added = "\n".join(x.code for x in patch.added)
    after, counted = words(added), set(re.findall(r"\d+", added))
    for line in patch.removed:
        condition = re.search(r"^\s*(?:\}?\s*else\s+)?(?:el)?if\b(.*)", line.code)
        numbers = set(re.findall(r"\d+", line.code)) - counted
        if condition and _BOUND.search(condition.group(1)) and (numbers or not words(condition.group(1)) <= after):
            yield effect_of(
                "validation", f"condition removed: {quote(line)}", line.row, 0.3 if patch.handed else 0.5, line.code
            )
            return


_MEASURES = re.compile(
    r"(?i)prometheus|metrics?\.|histogram|counter|gauge|span\.set|attribute\.|statsd|tracer|meter\.|buckets|name:\s*\"|help:\s*\"|^\s*[})\]]+[,;]?\s*$"
)


def remainder(patch: Patch, message: str) -> Effect:
    """What is left where no mechanism was recognised: the edit is real, its effect is not known."""
    both = (*patch.removed, *patch.added)
    about = " ".join(x.code for x in both)
    row = both[0].row if both else 0
    if not patch.removed and all(_MEASURES.search(x.code) for x in patch.added):
        return effect_of("instrumentation", "adds only measurements", row, 0.05, "")
    if patch.removed and (patch.handed or not {w for w in patch.lost if w not in COMMON}):
        return effect_of("refactoring", "moves or wraps statements; no known mechanism", row, 0.1, f"{about} {message}")
    return effect_of("logic", "changes logic; no known mechanism", row, 0.15, f"{about} {message}")
