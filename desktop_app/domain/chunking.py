"""Cutting a note into passages the encoder can read whole.

By heading, then paragraph, then sentence, then word; a fenced code block stays together where it fits. Each passage is
embedded with the note's title and the headings above it in front, so that it can be understood alone.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator

import msgspec

from desktop_app.domain.markdown_sections import Block, Section, markdown_sections
from desktop_app.domain.search import Chunk
from desktop_app.domain.sentences import sentence_spans
from desktop_app.domain.word_pieces import estimate_word_pieces

MAX_WORD_PIECES = 220
"""What fits beside special tokens, with a margin for the estimate, into the 256 that MiniLM reads."""

MAX_CHARACTERS = 4000
"""No passage is longer, whatever the counter says of it."""

_TITLE_LIMIT = 160
_HEADINGS_LIMIT = 240
# An endless word is looked at in parts, since a search stops all threads while it lasts.
_WORD = re.compile(r"\S{1,200000}+")
# Targets of links and embedded images are noise to an encoder; the words of the link are not.
_LINK_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\)){1,2000}(?:[ \t]+\"[^\"\n]{0,200}\")?\)")


class _Unit(msgspec.Struct, frozen=True, gc=False):
    """A piece of text that is not cut further: characters [start, end) and its word pieces."""

    start: int
    end: int
    pieces: int


class Chunker:
    """Cuts notes into passages of at most `budget` word pieces, title and headings included.

    Args:
        count: word pieces of a text; an estimate unless the encoder's own tokenizer is at hand.
        budget: most word pieces of `Chunk.embedded_text` as `count` counts them.
    """

    def __init__(self, count: Callable[[str], int] = estimate_word_pieces, budget: int = MAX_WORD_PIECES) -> None:
        if budget < 16:
            raise ValueError("a passage needs room for at least 16 word pieces")
        self._count = count
        self._budget = budget

    def chunks(self, title: str, text: str) -> list[Chunk]:
        """The passages of a note, in order, not overlapping.

        Every visible character lies in a passage, in a heading line that a passage names in its path, or in front
        matter. A note with a title and no text has one empty passage, so that its title can be found.
        """
        sections = markdown_sections(text)
        chunks: list[Chunk] = []
        for index, section in enumerate(sections):
            following = sections[index + 1] if index + 1 < len(sections) else None
            chunks.extend(self._section_chunks(title, text, section, following))
        if not chunks and title.strip():
            chunks.append(_chunk(0, 0, (), _cut(title.strip(), _TITLE_LIMIT)))
        return chunks

    def _section_chunks(self, title: str, text: str, section: Section, following: Section | None) -> Iterator[Chunk]:
        path, blocks = section.heading_path, section.blocks
        if not blocks:
            # A heading without text is named by the sections below it, else it is a passage itself.
            named_below = following is not None and following.heading_path[: len(path)] == path
            if section.heading is None or named_below:
                return
            path, blocks = path[:-1], [section.heading]
        prefix = self._prefix(title, path)
        room = max(8, self._budget - self._count(f"{prefix}\n" if prefix else ""))
        units = (unit for block in blocks for unit in self._units(text, block, room))
        for start, end in _packed(units, room, lambda start, end: self._count(text[start:end])):
            body = embeddable(text[start:end])
            yield _chunk(start, end, section.heading_path, f"{prefix}\n{body}" if prefix else body)

    def _prefix(self, title: str, heading_path: tuple[str, ...]) -> str:
        title = _cut(title.strip(), _TITLE_LIMIT)
        names = [name for name in heading_path if name != title]
        headings = " > ".join(names)
        if len(headings) > _HEADINGS_LIMIT:
            headings = _cut(names[-1], _HEADINGS_LIMIT)
        prefix = "\n".join(part for part in (title, headings) if part)
        while prefix and self._count(prefix) > self._budget // 2:
            prefix = prefix[: len(prefix) // 2].rstrip()
        return prefix

    def _units(self, text: str, block: Block, room: int) -> Iterator[_Unit]:
        # What is too long in any case is not counted: that would hold all threads where it is a line of 30 MB.
        if block.end - block.start <= MAX_CHARACTERS:
            whole = self._unit(text, block.start, block.end)
            if _fits(whole, room):
                yield whole
                return
        body = text[block.start : block.end]
        for span in sentence_spans(body, by_line=block.is_code):
            start, end = block.start + span.start, block.start + span.end
            if end - start <= MAX_CHARACTERS:
                sentence = self._unit(text, start, end)
                if _fits(sentence, room):
                    yield sentence
                    continue
            yield from self._words(text, start, end, room)

    def _words(self, text: str, start: int, end: int, room: int) -> Iterator[_Unit]:
        for match in _WORD.finditer(text, start, end):
            word = self._unit(text, match.start(), match.end())
            if _fits(word, room):
                yield word
            else:
                yield from self._slices(text, word, room)

    def _slices(self, text: str, word: _Unit, room: int) -> Iterator[_Unit]:
        """A word too long for a passage, cut anywhere: as wide as its average piece allows, halved until it fits."""
        width = max(1, min(MAX_CHARACTERS, (word.end - word.start) * room // max(1, word.pieces)))
        position = word.start
        while position < word.end:
            piece = self._unit(text, position, min(word.end, position + width))
            while not _fits(piece, room) and piece.end - piece.start > 1:
                piece = self._unit(text, piece.start, piece.start + (piece.end - piece.start) // 2)
            yield piece
            position = piece.end

    def _unit(self, text: str, start: int, end: int) -> _Unit:
        return _Unit(start, end, self._count(embeddable(text[start:end])))


def embeddable(text: str) -> str:
    """What the encoder reads of a passage: the text without the targets of its links."""
    return _LINK_TARGET.sub("]", text) if "](" in text else text


def _fits(unit: _Unit, room: int) -> bool:
    return unit.pieces <= room and unit.end - unit.start <= MAX_CHARACTERS


def _packed(units: Iterable[_Unit], room: int, count: Callable[[int, int], int]) -> Iterator[tuple[int, int]]:
    """Neighbouring units joined into spans of at most `room` pieces, about equally full.

    `count` gives the pieces of what lies between two units; none for most counters, as it is white space.
    """
    # Numbers in a row: letting go of millions of objects would stop all threads for a quarter of a second.
    numbers, total = array("q"), 0
    for unit in units:
        numbers.extend((unit.start, unit.end, unit.pieces))
        total += unit.pieces
    target = total / max(1, -(-total // room))
    start, end, pieces = -1, -1, 0
    for at in range(0, len(numbers), 3):
        unit_start, unit_end, unit_pieces = numbers[at : at + 3]
        if start >= 0:
            pieces += count(end, unit_start)
            overfull = pieces + unit_pieces > room or unit_end - start > MAX_CHARACTERS
            if overfull or pieces >= target:
                yield start, end
                start = -1
        if start < 0:
            start, pieces = unit_start, 0
        end = unit_end
        pieces += unit_pieces
    if start >= 0:
        yield start, end


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0]


def _chunk(start: int, end: int, heading_path: tuple[str, ...], embedded_text: str) -> Chunk:
    digest = hashlib.sha256(embedded_text.encode("utf-8", "surrogatepass")).hexdigest()
    return Chunk(start, end, heading_path, embedded_text, digest)
