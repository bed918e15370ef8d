"""How answers cite the passages of notes that their question carries, and where those stand in the notes now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from desktop_app.domain.attachments import Attachment, SourcePlace
from desktop_app.domain.search import Span

_CITED = re.compile(r"(?<![!\\])(\[\^?\d{1,4}(?:\s*[,;]\s*\^?\d{1,4}){0,11}\])(?![(:])|(【\d{1,4}】)")
_CODE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"\d{1,4}")


class Citation(msgspec.Struct, frozen=True):
    """Characters [start, end) of an answer that cite the passages of these numbers."""

    start: int
    end: int
    numbers: tuple[int, ...]


class SourceState(StrEnum):
    """What has become of a passage since the model read it."""

    THERE = "there"
    CHANGED = "changed"
    TRASHED = "trashed"
    DELETED = "deleted"


class SourcePassage(msgspec.Struct, frozen=True):
    """A passage that a model read, beside what its note is now.

    Attributes:
        title: of the note as it is now; of one that is gone, as it was.
        headings: above the passage, outermost first, the title left out; () where it does not stand in the note.
        page: of the file that the note came from; 0 without pages.
        text: as the model read it, without Markdown's marks and blank lines; `words` are the question's words in it.
        code: what in `text` is code.
        place: its characters in the note as it is now; None where it does not stand there.
    """

    attachment_id: int
    note_id: int
    number: int
    title: str
    headings: tuple[str, ...]
    page: int
    text: str
    words: tuple[Span, ...]
    state: SourceState
    place: tuple[int, int] | None = None
    words_rank: int | None = None
    meaning_rank: int | None = None
    code: tuple[Span, ...] = ()


class NoteNotUsed(msgspec.Struct, frozen=True):
    """A note that has to do with a question as well, of which the model read nothing.

    Attributes:
        snippet: one line of its passage [start, end) that comes nearest.
    """

    note_id: int
    title: str
    folder: str
    snippet: str
    start: int
    end: int


def sources_among(attachments: Iterable[Attachment]) -> list[Attachment]:
    """Those that were found for a question."""
    return [each for each in attachments if each.source is not None]


def citations_in(text: str) -> list[Citation]:
    """Where `text` cites by numbers in square brackets: [2], [1, 3], 【2】. Links and footnotes with words are none."""
    return [
        Citation(match.start(), match.end(), tuple(int(number) for number in _NUMBER.findall(match[0])))
        for match in _CITED.finditer(text)
    ]


def cited_numbers(answer: str) -> list[int]:
    """The numbers that `answer` cites, each once, in its order; what stands in code cites nothing."""
    return list(dict.fromkeys(number for each in citations_in(_CODE.sub("``", answer)) for number in each.numbers))


def cited_first(sources: Sequence[Attachment], answer: str) -> tuple[list[Attachment], list[Attachment]]:
    """(those that `answer` cites, in the order it does; the others)."""
    numbers = cited_numbers(answer)
    by_number = {each.source.number: each for each in sources if each.source is not None}
    cited = [by_number[number] for number in numbers if number in by_number]
    return cited, [each for each in sources if each not in cited]


def place_in(text: str, passage: str, place: SourcePlace) -> tuple[int, int] | None:
    """Where the passage stands in the note's text as it is now; None where it is gone from there."""
    if text[place.start : place.end].strip() == passage.strip() and passage.strip():
        return place.start, place.end
    wanted = passage.strip()
    if not wanted:
        return None
    places = [match.start() for match in re.finditer(re.escape(wanted), text)]
    if not places:
        return None
    start = min(places, key=lambda at: abs(at - place.start))
    return start, start + len(wanted)
