"""Where an answer names other messages: what was recalled for it, and where the decoder's memory began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECALLED = "recalled"
"""Key in an answer's `settings_used`: [message id, start, end] for each quoted passage."""

MEMORY_START = "memory_start"
"""Key in an answer's `settings_used`: the first message that the decoder still saw when this answer was begun."""

_LARGEST_ID = 2**63 - 1


def recalled_places(settings_used: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """(message id, start, end) of what was recalled for an answer; what is no such place is left out."""
    found = settings_used.get(RECALLED)
    places = []
    for each in found if isinstance(found, list) else []:
        if isinstance(each, list) and len(each) == 3 and all(type(number) is int for number in each):
            message_id, start, end = each
            if 0 <= message_id <= _LARGEST_ID and 0 <= start < end:
                places.append((message_id, start, end))
    return places


def with_other_ids(settings_used: Mapping[str, Any], other_ids: Mapping[int, int]) -> dict[str, Any]:
    """The same values with every message named by its other id; what names no message of those is left out."""
    used = dict(settings_used)
    if MEMORY_START in used:
        start = used.pop(MEMORY_START)
        if type(start) is int and start in other_ids:
            used[MEMORY_START] = other_ids[start]
    if RECALLED in used:
        places = recalled_places(used)
        used[RECALLED] = [[other_ids[place[0]], *place[1:]] for place in places if place[0] in other_ids]
    return used
