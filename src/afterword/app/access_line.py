"""What log lines state of the request that they answer: its status, its kind, how long it took; read from their attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from afterword.model.time import MILLISECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AHEAD = r"(?:[\w.]+\.)?"
#: A status of HTTP in a field that is named so, on a line that tells of a request.
_STATUS = rf'"{_AHEAD}(?:http_?)?(?:status|status_?code|response_(?:status|code))": "?(?P<found>[1-5][0-9][0-9])(?:\.0)?"?[,}}]'
_PATH = rf'"{_AHEAD}(?:route|path|uri|url|request_?uri|target)": "(?P<found>[^"?\s]*)'
#: What says that a line is about a request, beside its status.
_ASKED = rf'"{_AHEAD}(?:route|path|uri|url|request_?uri|request|target|(?:request_?)?method|client)": "'
_METHOD = rf'"{_AHEAD}(?:request_?)?method": "(?P<found>[A-Za-z]+)"'
_TOOK = rf'"{_AHEAD}(?:ms|(?:duration|elapsed|latency|took|time|request_time|response_time)_?ms)": "?(?P<found>[0-9]+(?:\.[0-9]+)?)"?[,}}]'
#: Parts of a path that are values: numbers, and ids in hexadecimal.
_VALUES = r"\b[0-9]+\b|\b[0-9a-fA-F-]{12,}\b"
#: Statuses of HTTP from here on tell of an error.
_CLIENT_ERROR = 400
#: A status that the text of a line tells, where no field does.
_SAID = r"(?i)\b(?:status(?:[ _]code)?|http(?:/[0-9.]+)?|answered|returned|responded|responds|with|code|got|error)[\"':= ]{1,4}(?:with )?(?P<found>[45][0-9][0-9])\b"


class Told(NamedTuple):
    """Columns by line; a status of 0 and a time of 0 ns are not stated. All empty where no line answers a request."""

    status: NDArray[np.int16]
    took: NDArray[np.int64]
    #: Code of method and path.
    request: NDArray[np.int32]
    requests: tuple[str, ...]


def _numbers(column: Any, pattern: str) -> NDArray[np.float64]:
    found = pc.struct_field(pc.extract_regex(column, pattern), "found")
    filled: NDArray[np.float64] = pc.fill_null(pc.cast(found, pa.float64()), 0.0).to_numpy(zero_copy_only=False)
    return filled


def _words(column: Any, pattern: str) -> Any:
    return pc.fill_null(pc.struct_field(pc.extract_regex(column, pattern), "found"), "")


def told(attributes: Any) -> Told:
    """The columns of these lines, by their attributes as JSON."""
    count = len(attributes)
    rows = np.flatnonzero(_matching(attributes, _STATUS) & _matching(attributes, _ASKED))
    if not len(rows):
        return Told(np.empty(0, np.int16), np.empty(0, np.int64), np.empty(0, np.int32), ())
    chosen = attributes.take(pa.array(rows))
    path = pc.replace_substring_regex(_words(chosen, _PATH), _VALUES, "#")
    what = pc.utf8_trim_whitespace(pc.binary_join_element_wise(_words(chosen, _METHOD), path, " ")).dictionary_encode()
    names = what.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int32)
    rank[order] = np.arange(len(names), dtype=np.int32)
    made = Told(
        np.zeros(count, np.int16), np.zeros(count, np.int64), np.zeros(count, np.int32), tuple(names[i] for i in order)
    )
    made.status[rows] = _numbers(chosen, _STATUS)
    made.took[rows] = _numbers(chosen, _TOOK) * MILLISECOND
    made.request[rows] = rank[what.indices.to_numpy()]
    return made


def _matching(column: Any, pattern: str) -> NDArray[np.bool_]:
    plain = pattern.replace("?P<found>", "")
    found: NDArray[np.bool_] = pc.fill_null(
        pc.match_substring_regex(column, plain), pa.scalar(value=False)
    ).to_numpy(zero_copy_only=False)  # fmt: skip
    return found


def failed_with(texts: Any, trouble: NDArray[np.bool_], told: Told) -> NDArray[np.int16]:
    """The status of each line that tells of a failure, by its field, else by the first in its words; 0 where there is none.

    ``trouble``: which lines are of a severity at which their words count.
    """
    status = told.status if len(told.status) else np.zeros(len(trouble), dtype=np.int16)
    status = np.where(status >= _CLIENT_ERROR, status, 0).astype(np.int16)
    silent = np.flatnonzero(trouble & (status == 0))
    if len(silent):
        status[silent] = _numbers(texts.take(pa.array(silent)), _SAID)
    return status
