"""Drawings for paper: light, with their colours written out, and a size of their own, for readers that know no variables."""

from __future__ import annotations

import re

from afterword.drawing import palette

_MEDIA = re.compile(r"^@media [^\n]*\n", re.MULTILINE)
_VARIABLE = re.compile(r"var\(--(\w{1,20})\)")
_DECLARED = re.compile(r"--\w{1,20}:[^;{}]{1,40};?")
_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)" width="100%"')
_ROOM = re.compile(r"width:100%;height:auto;max-width:[\d.]+px;min-width:[\d.]+px")


def light(svg: str) -> str:
    """The same drawing on light paper. ``svg`` is one of ours."""
    text = _VARIABLE.sub(lambda found: palette.COLOURS.get(found.group(1), ("#000000", ""))[0], _MEDIA.sub("", svg))
    text = _ROOM.sub("", _DECLARED.sub("", text))
    text = re.sub(r"font-family:[^;}]{1,200}", 'font-family:"Libertinus Serif"', text)
    return _BOX.sub(r'viewBox="0 0 \1 \2" width="\1" height="\2"', text)
