"""Pages of Notion's exports in Markdown: what is written above their texts, and boxes in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from desktop_app.domain.notion_names import name_and_id

_PROPERTY = re.compile(r"([^\W_][^:\n]{0,60}): (.+)")
_TAGS = frozenset({"tags", "tag"})
_CREATED = frozenset({"created", "created time", "date created", "created at"})
_EDITED = frozenset({"last edited", "last edited time", "edited", "updated", "last updated"})
_SOURCES = frozenset({"url", "source", "link"})
_FENCE = re.compile(r"\s*(```+|~~~+)")
_LONGEST_ICON = 12
_TIMES = ("%B %d, %Y %I:%M %p", "%B %d, %Y %H:%M", "%B %d, %Y", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d/%m/%Y %H:%M")


def left_out_tables(names: set[str]) -> set[str]:
    """Tables of which the export has a second, whole one beside them."""
    return {name for name in names if name.endswith(".csv") and f"{name.removesuffix('.csv')}_all.csv" in names}


def is_page_table(name: str) -> bool:
    """Whether a file is a table of Notion's, which its pages lead to as to a page."""
    return name.lower().endswith(".csv") and name_and_id(name[:-4])[1] != ""


class Properties(msgspec.Struct, frozen=True):
    """What stands above a page's text when it is a row of a table."""

    tags: tuple[str, ...] = ()
    source: str = ""
    created: datetime | None = None
    edited: datetime | None = None

    @property
    def front_matter(self) -> str:
        """What is kept beside the text."""
        return f"source: {self.source}\n" if self.source else ""


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


def without_boxes(text: str) -> str:
    """The text with quotes in place of Notion's boxes, which it writes as lines between `<aside>` and `</aside>`."""
    if "<aside>" not in text:
        return text
    levels: list[list[str]] = [[]]
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if not fence and line.strip() == "<aside>":
            levels.append([line])
        elif not fence and line.strip() == "</aside>" and len(levels) > 1:
            box = levels.pop()
            levels[-1] += _quote(box)
        else:
            levels[-1].append(line)
    return "\n".join(line for level in levels for line in level)  # one that never ends stays as it is


def _quote(box: list[str]) -> list[str]:
    indent = box[0][: len(box[0]) - len(box[0].lstrip())]
    lines = [line.removeprefix(indent) for line in box[1:]]
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    icon = lines[0].strip() if len(lines) > 2 and not lines[1].strip() else ""
    if icon and len(icon) <= _LONGEST_ICON and not any(map(str.isalnum, icon)):
        lines = [f"{icon} {lines[2]}", *lines[3:]]
    return [f"{indent}> {line}".rstrip() for line in lines]


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
