"""Templates of notes: texts with places for the date, the time and the title."""

from __future__ import annotations

import re
from datetime import datetime

_PLACE = re.compile(r"\{\{[ \t]*(date|time|title)[ \t]*\}\}", re.IGNORECASE)


def filled(text: str, title: str, now: datetime) -> str:
    """`text` with `{{date}}` (2026-03-12), `{{time}}` (09:30) and `{{title}}` filled in; all else stays. `now` is in
    the person's own time zone.
    """
    values = {"date": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}", "title": title}
    return _PLACE.sub(lambda place: values[place[1].lower()], text)
