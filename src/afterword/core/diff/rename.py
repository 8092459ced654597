"""A renaming: one name for another, everywhere that the diff shows, where its declaration stands too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.call import FUNCTIONS, ancestors
from afterword.core.diff.language import DYNAMIC
from afterword.core.diff.shape import shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.diff.hunk import Hunk
    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Node, Syntax

_NAMES = frozenset(["identifier", "simple_identifier", "variable_name", "name"])
#: Where a name is declared: the type of the node, and the field of it that holds the name (empty: any).
_DECLARES: Mapping[str, tuple[str, ...]] = {
    "assignment": ("left",), "short_var_declaration": ("left",), "var_spec": ("name",), "const_spec": ("name",),
    "range_clause": ("left",), "variable_declarator": ("name",), "init_declarator": ("declarator",),
    "let_declaration": ("pattern",), "for_statement": ("left",), "for_in_statement": ("left",), "for_in_clause": ("left",),
    "enhanced_for_statement": ("name",), "for_expression": ("pattern",), "foreach_statement": ("left",),
    "closure_parameters": ("",), "variable_declaration": ("", "name"), "property_declaration": ("",), "val_definition": ("pattern",),
    "assignment_expression": ("left",), "as_pattern_target": ("",), "catch_formal_parameter": ("name",),
    "lambda_parameters": ("",), "arrow_function": ("parameter",), "formal_parameters": ("",), "required_parameter": ("pattern",),
}  # fmt: skip
#: Parameters, where callers pass them by place and nothing binds them by name.
_PARAMETERS = {
    "go": "parameter_declaration",
    "rust": "parameter",
    "c": "parameter_declaration",
    "cpp": "parameter_declaration",
}
_STATEMENTS = re.compile(r"^(?:expression_statement|if_|return_|for_|while_|try_|throw_|switch_|if$|return$|for$)")
#: Parameters of JavaScript: callers hand them over by place.
_BY_PLACE, _SCRIPTS = (
    frozenset(["formal_parameters", "required_parameter"]),
    frozenset(["javascript", "typescript", "tsx"]),
)
#: Declarations of members: other code, and what writes objects as text, knows them by name.
_MEMBERS = re.compile(
    r"field|class_body$|declaration_list|interface|struct|enum|record|class_parameter|primary_constructor"
)


def renaming(read: Read) -> str:
    """What a hunk renames, where that is all it does but uses may be left that the diff does not show; or empty."""
    if read.old is None or read.new is None:
        return ""
    a, b = shape(read.old), shape(read.new)
    if len(a) != len(b):
        return ""
    pairs = [(x.leaf, y.leaf) for x, y in zip(a, b, strict=True) if x.says != y.says]
    leaves = [(x, y) for x, y in pairs if x is not None and y is not None]
    named = exchanged(leaves, read.old, read.new) if len(leaves) == len(pairs) else {}
    # What is not declared in view is not known to be one thing under two names.
    declared = all(_declaring(before, read.old) and _declaring(after, read.new) for before, after in named.items())
    return ", ".join(f"{before} to {after}" for before, after in named.items()) if declared else ""


def _declaring(name: str, side: Syntax) -> bool:
    above = side.above()
    return any(leaf.text == name and leaf.changed and _anywhere(leaf, above) for leaf in side.root.leaves())


def _anywhere(leaf: Node, above: Mapping[int, Node]) -> bool:
    below = leaf
    for _, one in zip(range(3), ancestors(leaf, above), strict=False):
        if "parameter" in one.type or (one.type in FUNCTIONS and below.field in {"name", "declarator"}):
            return True
        fields = _DECLARES.get(one.type, ())
        if fields:
            return "" in fields or below.field in fields
        below = one
    return False


def renamed(hunk: Hunk, leaves: Sequence[tuple[Node, Node]], old: Syntax, new: Syntax) -> str:
    """The reason, where all differences are one name for another that only this function can see; or empty."""
    pairs = exchanged(leaves, old, new)
    if not pairs:
        return ""
    for before, after in pairs.items():
        a, b = (_declared(name, side) for name, side in ((before, old), (after, new)))
        if not (a and b and (old.language not in DYNAMIC or (_closed(a, old, hunk) and _closed(b, new, hunk)))):
            return ""
    return "renames a local name, nothing else" if len(pairs) == 1 else "renames local names, nothing else"


def exchanged(leaves: Sequence[tuple[Node, Node]], old: Syntax, new: Syntax) -> dict[str, str]:
    """Names before and after, one to one and without exception on either side; empty where it is not a renaming."""
    pairs: dict[str, str] = {}
    if not all(a.type in _NAMES and b.type == a.type for a, b in leaves):
        return {}
    for a, b in leaves:
        if pairs.setdefault(a.text, b.text) != b.text:
            return {}
    stayed, known = _names(new), _names(old)
    mixed = len(set(pairs.values())) != len(pairs) or set(pairs) & stayed or set(pairs.values()) & known
    return {} if mixed else pairs


def _names(side: Syntax) -> set[str]:
    return {leaf.text for leaf in side.root.leaves() if leaf.type in _NAMES or leaf.type.startswith("shorthand")}


def _declared(name: str, side: Syntax) -> Node | None:
    """The declaration of a name that only its function can see."""
    above = side.above()
    for leaf in side.root.leaves():
        if leaf.text != name or leaf.type not in _NAMES or not leaf.changed:
            continue
        held = _declaration(leaf, side.language, above)
        if held is not None:
            return held
    return None


def _declaration(leaf: Node, language: str, above: Mapping[int, Node]) -> Node | None:
    below = leaf
    for level, one in enumerate(ancestors(leaf, above)):
        fields = _DECLARES.get(one.type, ())
        if one.type in _BY_PLACE and language not in _SCRIPTS:
            return None
        if (below.field in fields or "" in fields) and fields:
            return one if _local(one, language, above) and _is(below, leaf) else None
        if one.type == _PARAMETERS.get(language):
            return one if below.field in {"name", "pattern", "declarator"} else None
        if one.type in FUNCTIONS and below.field in {"name", "declarator"}:
            return one if _private(one, language) else None
        if level > 3 or one.type in FUNCTIONS or _MEMBERS.search(one.type):
            return None
        below = one
    return None


def _is(target: Node, leaf: Node) -> bool:
    """Whether what is declared is the name itself, alone or in a list of names."""
    listed = target.type in {"expression_list", "pattern_list", "tuple_pattern", "left_assignment_list"}
    return target.text.lstrip("*&$ ") == leaf.text.lstrip("$") or (listed and any(c is leaf for c in target.children))


def _local(declaration: Node, language: str, above: Mapping[int, Node]) -> bool:
    if declaration.type in {"short_var_declaration", "let_declaration", "range_clause", "closure_parameters", "for_in_clause", "arrow_function"}:  # fmt: skip
        return True
    over = list(ancestors(declaration, above))
    for one in over:
        if one.type in FUNCTIONS:
            return True
        if _MEMBERS.search(one.type) or one.type == "class_definition":
            return False
    # The beginning of the function is out of view: statements beside it say that this is one.
    body = next((one for one in over if len(one.children) > 1 and "declaration" not in one.type), None)
    return (
        language not in DYNAMIC
        and body is not None
        and any(
            _STATEMENTS.match(c.children[0].type if c.type == "global_statement" and c.children else c.type)
            for c in body.children
        )
    )


def _private(function: Node, language: str) -> bool:
    """Whether nothing outside of the file can call a function, or the compiler says so of everything that did."""
    head = function.text.split("{", 1)[0]
    if language in {"java", "c_sharp", "kotlin", "scala"}:
        return bool(re.search(r"\bprivate\b", head)) and "@" not in head and "[" not in head.split("(")[0]
    if language == "go":
        return function.type == "function_declaration" and not re.match(r"func\s+(?:main|init|Test|Benchmark)", head)
    if language == "rust":
        return not re.search(r"\bpub\b|\bextern\b|\bmain\b", head)
    return language in {"c", "cpp"} and bool(re.match(r"\s*static\b", head))


def _closed(declaration: Node, side: Syntax, hunk: Hunk) -> bool:
    """Whether the whole function of a declaration is in view, its end included."""
    above = side.above()
    # A comprehension keeps its names to itself, and is there as a whole.
    if declaration.type == "for_in_clause":
        return True
    function = next((one for one in (declaration, *ancestors(declaration, above)) if one.type in FUNCTIONS), None)
    if function is None or function.row == 0 or function.last == 0:
        return False
    if side.language != "python":
        return True
    depth = next((len(x.text) - len(x.text.lstrip()) for x in hunk.lines if x.row == function.row), 0)
    following = (x for x in hunk.lines if x.row > function.last and x.text.strip())
    return any(len(x.text) - len(x.text.lstrip()) <= depth for x in following)
