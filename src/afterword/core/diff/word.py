"""Words of code: names split at underscores and capitals."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d{3,}")
SHORT = 3
COMMON = frozenset(["the", "and", "for", "not", "with", "from", "into", "that", "this", "are", "was", "has", "have", "err", "error", "nil", "null", "none", "true", "false", "return", "func", "def", "fun", "function", "class", "struct", "type", "var", "let", "const", "int", "str", "string", "bool", "float", "byte", "bytes", "map", "list", "set", "new", "self", "ctx", "context", "request", "response", "req", "res", "resp", "http", "json", "status", "get", "put", "post", "main", "package", "import", "range", "len", "append", "make", "any", "void", "public", "private", "static", "final", "async", "await", "try", "catch", "except", "finally", "throw", "raise", "raises", "elif", "else", "case", "switch", "break", "continue", "default", "value", "values", "key", "keys", "name", "data", "item", "items", "out", "row", "rows", "time", "second", "seconds", "millisecond", "milliseconds", "minute", "printf", "println", "print", "info", "warn", "debug", "log", "logger", "handler", "service", "server", "client", "path", "file", "lib", "pkg", "internal", "cmd", "api", "app", "src", "config", "tidy", "refactor", "simplify", "chore", "feat", "fix", "test", "docs", "extract", "helper", "use", "used", "using", "add", "added", "update", "bump", "code", "when", "all", "one", "two", "fmt", "errorf", "writer", "write", "read", "start", "end", "first", "last", "next", "call", "called", "each", "id", "ids", "number", "count", "line", "lines", "text", "query", "max", "min", "size", "default", "policy", "attempt", "attempts", "std", "auto", "double", "long", "char", "unsigned", "template", "typename", "include", "import", "export", "require", "module"])  # fmt: skip


def words(text: str) -> frozenset[str]:
    """The words of a text, names split at underscores and capitals, in lower case."""
    return frozenset(w.lower() for w in _WORD.findall(text))
