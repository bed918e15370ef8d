"""Pages of Notion's exports: what is written above their texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_PROPERTY = re.compile(r"([^\W_][^:\n]{0,60}): (.+)")
_TAGS = frozenset({"tags", "tag"})
_CREATED = frozenset({"created", "created time", "date created", "created at"})
_EDITED = frozenset({"last edited", "last edited time", "edited", "updated", "last updated"})
_SOURCES = frozenset({"url", "source", "link"})
_TIMES = ("%B %d, %Y %I:%M %p", "%B %d, %Y %H:%M", "%B %d, %Y", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d/%m/%Y %H:%M")


def left_out_tables(names: set[str]) -> set[str]:
    """Tables of which the export has a second, whole one beside them."""
    return {name for name in names if name.endswith(".csv") and f"{name.removesuffix('.csv')}_all.csv" in names}


@dataclass(frozen=True, slots=True)
class Properties:
    """What stands above a page's text when it is a row of a table."""

    tags: tuple[str, ...] = ()
    source: str = ""
    created: datetime | None = None
    edited: datetime | None = None


def properties(text: str) -> Properties:
    """Of a page in Markdown: the lines `Name: value` below its title. They stay in the text, too."""
    lines = text.lstrip("\ufeff").split("\n", 60)
    if not lines[0].startswith("# "):
        return Properties()
    values: dict[str, str] = {}
    for line in lines[1:60]:
        found = _PROPERTY.fullmatch(line.rstrip())
        if found is None and line.strip():
            break
        if found is not None:
            values.setdefault(found[1].strip().lower(), found[2].strip())
        elif values:
            break
    return known_properties(values)


def known_properties(values: Mapping[str, str]) -> Properties:
    """What values mean, by their names in lower case."""
    source = _first(values, _SOURCES).removeprefix("<").removesuffix(">")
    return Properties(
        tags=tuple(tag.strip() for tag in _first(values, _TAGS).split(",") if tag.strip()),
        source=source if source.startswith(("http://", "https://")) else "",
        created=_time(_first(values, _CREATED)),
        edited=_time(_first(values, _EDITED)),
    )


def _first(values: Mapping[str, str], names: frozenset[str]) -> str:
    return next((value for name, value in values.items() if name in names), "")


def _time(written: str) -> datetime | None:
    written = " ".join(written.removesuffix(")").partition("(")[0].split())  # a zone may stand behind it
    for form in _TIMES:
        try:
            return datetime.strptime(written, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
