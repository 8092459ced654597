"""Colours of the drawings, light and dark, as classes that are scoped to one drawing."""

from __future__ import annotations

import re

#: Name of a colour: light, dark. Chosen so that text reaches a contrast of 4.5 on the paper of both.
COLOURS: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#14181d"),
    "sunk": ("#f3f5f8", "#1f252d"),
    "ink": ("#1b2129", "#e4e8ee"),
    "soft": ("#56606d", "#9aa6b4"),
    "line": ("#d5dae1", "#39424d"),
    "accent": ("#2452b0", "#8ab4ff"),
    "bad": ("#b3261e", "#ff9f96"),
    "warn": ("#8a5a00", "#f1c069"),
    "good": ("#17713d", "#7dd3a0"),
    "moved": ("#7a3fb5", "#c9a2ff"),
    "gap": ("#6b7480", "#8b96a4"),
}
#: Before every class of a drawing.
PREFIX = "aw-"
_FONT = 'system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif'


def style(scope: str, rules: str) -> str:
    """The stylesheet of one drawing. In ``rules`` a dot before a name is scoped; ``$ink`` is a colour.

    Variables live on the drawing itself, so that it looks the same inside a page and alone as a file. Paper is light.
    """
    light = ";".join(f"--{name}:{pair[0]}" for name, pair in COLOURS.items())
    dark = ";".join(f"--{name}:{pair[1]}" for name, pair in COLOURS.items())
    for name in sorted(COLOURS, key=len, reverse=True):
        rules = rules.replace(f"${name}", f"var(--{name})")
    rules = re.sub(r"\.(?=[a-z])", f".{PREFIX}", rules)
    scoped = "".join(f".{scope} {rule.strip()}\n" for rule in rules.strip().splitlines() if rule.strip())
    return (
        f".{scope}{{{light};font-family:{_FONT};font-size:12px;fill:var(--ink)}}\n"
        f"@media screen and (prefers-color-scheme:dark){{.{scope}{{{dark}}}}}\n"
        f"@media screen{{[data-theme=light] .{scope}{{{light}}}[data-theme=dark] .{scope}{{{dark}}}}}\n{scoped}"
    )
