"""What is put in the place of a found text, where a regular expression found it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SIGN = re.compile(r"\$(?:(\$)|(&)|(\d{1,2})|\{(\d{1,2})\})|\\(?:([nt\\])|(\d))")
_WRITTEN = {"n": "\n", "t": "\t", "\\": "\\"}


def replaced_by(template: str, groups: Sequence[str]) -> str:
    r"""`template` with what was found put in: `$1`, `${1}` or `\1` is the first group, `$&` and `$0` all of it, `$$` a
    dollar sign, `\n` a line's end, `\t` a tab. A group that there is none of is left as it is written.

    Args:
        groups: what was found, and behind it each of its groups, empty where one took no part.
    """

    def put_in(sign: re.Match[str]) -> str:
        dollar, whole, number, braced, written, slashed = sign.groups()
        if dollar:
            return "$"
        if written:
            return _WRITTEN[written]
        at = 0 if whole else int(number or braced or slashed)
        if at >= len(groups) and number is not None and len(number) == 2 and int(number[0]) < len(groups):
            return groups[int(number[0])] + number[1]  # $10 of one group: the group and a nought
        return groups[at] if at < len(groups) else sign[0]

    return _SIGN.sub(put_in, template)
