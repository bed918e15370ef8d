"""Where an answer says what was recalled for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RECALLED = "recalled"
"""Key in an answer's `settings_used`: [message id, start, end] for each quoted passage."""


def recalled_places(settings_used: Mapping[str, Any]) -> list[tuple[int, int, int]]:
    """(message id, start, end) of what was recalled for an answer; what is no such place is left out."""
    found = settings_used.get(RECALLED)
    places = []
    for each in found if isinstance(found, list) else []:
        if isinstance(each, list) and len(each) == 3 and all(type(number) is int for number in each):
            places.append((each[0], each[1], each[2]))
    return places
