"""A Markdown text as sections under headings, each a list of blocks. Offsets only: nothing is rendered.

Reads what matters for cutting passages (headings, paragraphs, fenced code, front matter), line by line, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SETEXT = re.compile(r" {0,3}(?:=+|-+)[ \t\r]*\Z")
_FRONT_MATTER_KEY = re.compile(r"[\w-]+[ \t]*:|#")
_FRONT_MATTER_LIMIT = 64 * 1024
_HEADING_LIMIT = 200


class Block(msgspec.Struct, frozen=True):
    """A paragraph or a fenced code block: characters [start, end), without surrounding blank lines."""

    start: int
    end: int
    is_code: bool = False


class Section(msgspec.Struct):
    """A heading with the blocks below it, up to the next heading.

    Attributes:
        heading_path: this heading and those above it, outermost first; empty before the first heading.
        heading: characters of the heading's own line(s); None before the first heading.
    """

    heading_path: tuple[str, ...] = ()
    heading: Block | None = None
    blocks: list[Block] = msgspec.field(default_factory=list)


def front_matter_end(text: str) -> int:
    """Where the text after YAML front matter begins; 0 where there is none."""
    if not text.startswith(("---\n", "---\r\n")):
        return 0
    first = text.index("\n") + 1
    if _FRONT_MATTER_KEY.match(text, first) is None:
        return 0
    position = first
    while 0 <= position < min(len(text), _FRONT_MATTER_LIMIT):
        line_end = text.find("\n", position)
        stop = len(text) if line_end < 0 else line_end
        if text[position:stop].rstrip() in ("---", "..."):
            return min(len(text), stop + 1)
        position = stop + 1
    return 0


def markdown_sections(text: str) -> list[Section]:
    """The sections of `text` in order; the first has no heading and may be empty. Front matter belongs to none."""
    return _SectionReader(text).read()


def _lines(text: str, position: int) -> Iterator[tuple[int, int]]:
    """(start, end) of each line without its line end."""
    while position < len(text):
        line_end = text.find("\n", position)
        end = len(text) if line_end < 0 else line_end
        yield position, end
        position = end + 1


class _SectionReader:
    """One pass over the lines, with the open paragraph, the open fence and the headings above as its state."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._sections = [Section()]
        self._levels: list[tuple[int, str]] = []
        self._paragraph: tuple[int, int] | None = None
        self._paragraph_lines = 0
        self._fence: tuple[int, str] | None = None

    def read(self) -> list[Section]:
        for start, end in _lines(self._text, front_matter_end(self._text)):
            if self._fence is not None:
                self._inside_fence(start, end)
            else:
                self._outside_fence(start, end)
        if self._fence is not None:
            self._add_block(self._fence[0], len(self._text), is_code=True)
        self._close_paragraph()
        return self._sections

    def _inside_fence(self, start: int, end: int) -> None:
        assert self._fence is not None
        opened_at, mark = self._fence
        match = _FENCE.match(self._text, start, min(end, start + 256))
        if match is None or match[1][0] != mark[0] or len(match[1]) < len(mark):
            return
        if not self._text[match.end() : end].strip():
            self._fence = None
            self._add_block(opened_at, end, is_code=True)

    def _outside_fence(self, start: int, end: int) -> None:
        # A look at the first characters decides about every kind of line but the paragraph's.
        opening = self._text[start : min(end, start + 512)]
        if not opening.strip() and not self._text[start:end].strip():
            self._close_paragraph()
        elif (fence := _FENCE.match(opening)) is not None:
            self._close_paragraph()
            self._fence = (start, fence[1])
        elif (heading := _atx_heading(opening)) is not None:
            self._close_paragraph()
            self._open_section(*heading, start, end)
        elif self._paragraph is not None and self._paragraph_lines == 1 and _SETEXT.match(self._text[start:end]):
            paragraph_start, paragraph_end = self._paragraph
            self._paragraph = None
            title = self._text[paragraph_start : min(paragraph_end, paragraph_start + _HEADING_LIMIT)].strip()
            self._open_section(1 if "=" in opening else 2, title, paragraph_start, end)
        else:
            self._extend_paragraph(start, end)

    def _extend_paragraph(self, start: int, end: int) -> None:
        if self._paragraph is None:
            self._paragraph, self._paragraph_lines = (start, end), 1
        else:
            self._paragraph = (self._paragraph[0], end)
            self._paragraph_lines += 1

    def _close_paragraph(self) -> None:
        if self._paragraph is not None:
            start, end = self._paragraph
            self._paragraph = None
            self._add_block(start, end)

    def _add_block(self, start: int, end: int, *, is_code: bool = False) -> None:
        while end > start and self._text[end - 1].isspace():
            end -= 1
        while start < end and self._text[start].isspace() and not is_code:
            start += 1
        if start < end:
            self._sections[-1].blocks.append(Block(start, end, is_code))

    def _open_section(self, level: int, title: str, start: int, end: int) -> None:
        while self._levels and self._levels[-1][0] >= level:
            self._levels.pop()
        self._levels.append((level, title))
        path = tuple(name for _, name in self._levels if name)
        while end > start and self._text[end - 1].isspace():
            end -= 1
        self._sections.append(Section(path, Block(start, end)))


def _atx_heading(line: str) -> tuple[int, str] | None:
    """(level, title) of a line such as "## Title ##"."""
    stripped = line.lstrip(" ")
    if len(line) - len(stripped) > 3 or not stripped.startswith("#"):
        return None
    rest = stripped.lstrip("#")
    level = len(stripped) - len(rest)
    if level > 6 or (rest and rest[0] not in " \t\r"):
        return None
    title = rest.strip()
    unclosed = title.rstrip("#")
    if unclosed != title and (not unclosed or unclosed[-1] in " \t"):
        title = unclosed.rstrip()
    return level, title[:_HEADING_LIMIT]
