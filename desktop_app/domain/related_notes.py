"""Notes that are near to another one in meaning, each with the passage that makes it so."""

from __future__ import annotations

import msgspec


class RelatedNote(msgspec.Struct, frozen=True):
    """A note that is near.

    Attributes:
        nearness: for each passage of the first note the cosine of the nearest one of this note, on average.
        start, end: the passage that is nearest to one of the first note, in characters of this note's text.
        words: what stands there, on one line, without marks.
    """

    note_id: int
    title: str
    nearness: float
    start: int
    end: int
    words: str


class Related(msgspec.Struct, frozen=True):
    """What is near to a note, the nearest first. Not `indexed`: it has no vectors (yet), and nothing can be told."""

    notes: tuple[RelatedNote, ...] = ()
    indexed: bool = True
