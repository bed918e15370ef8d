"""A note's properties as a person edits them: the lines of its front matter, in step with its title and tags."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from desktop_app.domain.folders import clean_tags
from desktop_app.domain.front_matter import EXPORTED_ID, has_open_values, split_front_matter
from desktop_app.domain.inline_tags import inline_tags
from desktop_app.domain.note_file import WrittenNote, head_of, told_head
from desktop_app.domain.notes import Note
from desktop_app.domain.shown_properties import property_rows

_NAME = re.compile(r"(?P<name>[^\s#\-\[\]{},][^:]*|\"[^\"]+\"|'[^']+')[ \t]*:(?:\s|$)")
_BELONGS = re.compile(r"[ \t]|-(?:\s|$)|[\]}]")


_SHOWN_ELSEWHERE = frozenset({"title", "tags", "tag", "keywords", EXPORTED_ID})


class Fault(StrEnum):
    """What is wrong with lines that are to be properties."""

    MARK = "mark"  # a line that ends the block
    NO_NAME = "no name"  # a line that is neither a name with a value nor belongs to one
    TWICE = "twice"  # a name that stands there already
    TAB = "tab"  # YAML takes no tab in front of a value
    OPEN = "open"  # a list, mapping or quotation that does not end
    UNREADABLE = "unreadable"  # as a whole


class FaultyLine(msgspec.Struct, frozen=True):
    """A fault, and the line it is in, counted from 1; 0 where it is in none alone."""

    fault: Fault
    line: int = 0


def property_lines(note: Note) -> str:
    """The lines of its front matter as its file would have them: with the tags and the title that the note has."""
    head = head_of(note.front_matter)
    said = split_front_matter(head)[0]
    known = clean_tags((*said.tags, *inline_tags(note.text)))
    earlier_title = None if said.title else note.title
    written = WrittenNote(note.title, note.text, note.tags, earlier_tags=known, earlier_title=earlier_title)
    return split_front_matter(told_head(head, written, ""))[0].lines or note.front_matter


def shown_rows(note: Note) -> list[tuple[str, str]]:
    """Names and values to be shown above the text, but for title and tags, which stand there already; where the lines
    say more than names and values, they are one value without a name. The text is not looked at: it may be long.
    """
    lines = note.front_matter
    if not lines.strip():
        return []
    rows = property_rows([line for line in lines.splitlines() if not line.lstrip().startswith("#")])
    if rows is None:
        return [("", lines.strip("\r\n"))]
    return [row for row in rows if row[0].lower() not in _SHOWN_ELSEWHERE]


def fault_in(lines: str) -> FaultyLine | None:
    """The first fault; None where the lines are properties, or there are none."""
    if not lines.strip():
        return None
    is_read = _is_read(lines)
    if is_read and head_of(lines).startswith("+++"):
        return None
    faulty = _faulty_line(lines) or (None if is_read else FaultyLine(Fault.UNREADABLE))
    return faulty or (FaultyLine(Fault.OPEN) if has_open_values(lines) else None)


def may_be_kept(lines: str, before: str) -> bool:
    """Whether the lines can be saved: all of them have to be read as properties again, and a fault that stood there
    before is no reason to refuse another edit.
    """
    faulty = fault_in(lines)
    if faulty is None:
        return True
    earlier = fault_in(before)
    return _is_read(lines) and earlier is not None and earlier.fault is faulty.fault


def _is_read(lines: str) -> bool:
    matter, rest = split_front_matter(head_of(lines))
    return matter.lines == lines and not rest


def tags_after(note: Note, before: str, after: str) -> tuple[str, ...]:
    """The note's tags once its lines are `after` in place of `before`: what these say more comes to it, what they do
    not say any more leaves, unless the text says it.
    """
    said, says = (set(clean_tags(split_front_matter(head_of(lines))[0].tags)) for lines in (before, after))
    gone = said - says - set(clean_tags(inline_tags(note.text)))
    new = [tag for tag in clean_tags(split_front_matter(head_of(after))[0].tags) if tag not in note.tags]
    return clean_tags((*(tag for tag in note.tags if tag not in gone), *new))


def title_after(note: Note, before: str, after: str) -> str:
    """The note's title once its lines are `after`; it stays where these say none."""
    said, says = (split_front_matter(head_of(lines))[0].title for lines in (before, after))
    return says if says and says != said else note.title


def _faulty_line(lines: str) -> FaultyLine | None:
    names: set[str] = set()
    for number, line in enumerate(lines.splitlines(), start=1):
        if line.rstrip() in ("---", "..."):
            return FaultyLine(Fault.MARK, number)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith("\t"):
            return FaultyLine(Fault.TAB, number)
        if names and _BELONGS.match(line) is not None:
            continue
        found = _NAME.match(line)
        if found is None:
            return FaultyLine(Fault.NO_NAME, number)
        name = found["name"].strip().lower()
        if name in names:
            return FaultyLine(Fault.TWICE, number)
        names.add(name)
    return None
