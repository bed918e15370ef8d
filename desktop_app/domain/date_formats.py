"""Dates and times in a person's own format, in the letters that Obsidian, Joplin and moment.js use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

DATE = "YYYY-MM-DD"
TIME = "HH:mm"

_PARTS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda now: f"{now.year:04}",
    "YY": lambda now: f"{now.year % 100:02}",
    "MMMM": lambda now: f"{now:%B}",
    "MMM": lambda now: f"{now:%b}",
    "MM": lambda now: f"{now.month:02}",
    "M": lambda now: str(now.month),
    "DDDD": lambda now: f"{now.timetuple().tm_yday:03}",
    "DDD": lambda now: str(now.timetuple().tm_yday),
    "DD": lambda now: f"{now.day:02}",
    "Do": lambda now: f"{now.day}{_ending(now.day)}",
    "D": lambda now: str(now.day),
    "dddd": lambda now: f"{now:%A}",
    "ddd": lambda now: f"{now:%a}",
    "GGGG": lambda now: f"{now.isocalendar().year:04}",
    "gggg": lambda now: f"{now.isocalendar().year:04}",
    "WW": lambda now: f"{now.isocalendar().week:02}",
    "W": lambda now: str(now.isocalendar().week),
    "ww": lambda now: f"{now.isocalendar().week:02}",
    "w": lambda now: str(now.isocalendar().week),
    "E": lambda now: str(now.isoweekday()),
    "Q": lambda now: str((now.month + 2) // 3),
    "HH": lambda now: f"{now.hour:02}",
    "H": lambda now: str(now.hour),
    "hh": lambda now: f"{now.hour % 12 or 12:02}",
    "h": lambda now: str(now.hour % 12 or 12),
    "mm": lambda now: f"{now.minute:02}",
    "m": lambda now: str(now.minute),
    "ss": lambda now: f"{now.second:02}",
    "A": lambda now: "AM" if now.hour < 12 else "PM",
    "a": lambda now: "am" if now.hour < 12 else "pm",
}
_PATTERN = re.compile(
    r"\[(?P<literal>[^\]]*)\]|" + "|".join(re.escape(part) for part in sorted(_PARTS, key=len, reverse=True))
)


def formatted(now: datetime, pattern: str) -> str:
    """`now` as `pattern` says: "DD.MM.YYYY", "dddd, D MMMM". What stands in square brackets is taken as it is."""

    def part(match: re.Match[str]) -> str:
        literal = match["literal"]
        return literal if literal is not None else _PARTS[match[0]](now)

    return _PATTERN.sub(part, pattern)


def _ending(day: int) -> str:
    return "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
