"""What Enter, the bold and italic keys and signs typed over a selection do to Markdown. Plain Python, no widget."""

from __future__ import annotations

import re

from desktop_app.domain.editor_text import unit_count

_LEAD = re.compile(r"([ \t]*)(?:([-*+])|(\d{1,9})([.)]))([ \t]+)(\[[ xX]\][ \t]+)?|( {0,3}(?:>[ \t]?)+)")


def continuation(line: str, column: int) -> str | None:
    """How the next line begins when Enter is pressed at `column` of `line`.

    "" outside lists and quotes; None where the line is an empty item, which Enter takes away.
    """
    match = _LEAD.match(line)
    if match is None or column < match.end():
        return ""
    if not line[match.end() :].strip():
        return None
    if match[7] is not None:
        return match[7]
    sign = match[2] or f"{int(match[3]) + 1}{match[4]}"
    return match[1] + sign + match[5] + ("[ ] " if match[6] else "")


def toggled(selected: str, sign: str) -> tuple[str, int, int]:
    """`selected` with `sign` put around it, or taken away where it stands there.

    Returns the replacement and which part of it to select: (text, offset, length), in UTF-16 units.
    """
    width = len(sign)
    if len(selected) >= 2 * width and selected.startswith(sign) and selected.endswith(sign):
        inner = selected[width:-width]
        return inner, 0, unit_count(inner)
    return sign + selected + sign, width, unit_count(selected)


#: Signs that are put around what is selected when they are typed, with those that close them.
PAIRS = {"*": "*", "_": "_", "`": "`", "~": "~", "=": "=", "$": "$", '"': '"', "(": ")", "[": "]", "{": "}", "%": "%"}
