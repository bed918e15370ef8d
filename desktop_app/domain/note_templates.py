"""Templates of notes: texts with places for the date, the time, the title and the cursor."""

from __future__ import annotations

import re
from datetime import datetime

from desktop_app.domain.date_formats import DATE, TIME, formatted

_PLACE = re.compile(r"\{\{[ \t]*(?P<name>date|time|title)[ \t]*(?::(?P<format>[^{}\n]{1,100}))?\}\}", re.IGNORECASE)
_CURSOR = re.compile(r"\{\{[ \t]*cursor[ \t]*\}\}", re.IGNORECASE)
_FORMATS = {"date": DATE, "time": TIME}


def filled(text: str, title: str, now: datetime) -> str:
    """`text` with `{{date}}` (2026-03-12), `{{time}}` (09:30), `{{date:DD.MM.YYYY}}` and `{{title}}` filled in; all
    else stays. `now` is in the person's own time zone.
    """

    def value(place: re.Match[str]) -> str:
        name = place["name"].lower()
        return title if name == "title" else formatted(now, (place["format"] or "").strip() or _FORMATS[name])

    return _PLACE.sub(value, text)


def without_cursor(text: str) -> tuple[str, int | None]:
    """`text` without `{{cursor}}`, and the character at which the first one stood; None where there was none."""
    found = _CURSOR.search(text)
    return _CURSOR.sub("", text), None if found is None else found.start()
