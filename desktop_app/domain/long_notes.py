"""Notes so long that the word index takes their text in two steps: its head with the note, the tail piece by piece.

A statement that indexes 50 MB holds every other save for seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

HEAD_BYTES = 512 * 1024
"""So much of a text, in UTF-8, the word index has in the note's own row; a text with no more has no tail. The triggers
of the store say the same number.
"""

PIECE_CHARACTERS = 64 * 1024
"""About as long is a piece of the tail: a few milliseconds' work for the index."""

_LONGEST_WORD = 1_000


class TailStamp(msgspec.Struct, frozen=True):
    """Which text a tail is of: none in the trash, nor of a note that is gone (`revision` is None)."""

    revision: int | None
    is_live: bool


class LongNote(msgspec.Struct, frozen=True):
    """A note and the pieces of its tail that the index has, (id, text), in order. `text` is "" unless it is live."""

    id: int
    stamp: TailStamp
    text: str
    pieces: tuple[tuple[int, str], ...]


class TailChange(msgspec.Struct, frozen=True):
    """How pieces become those of another text.

    Attributes:
        front: so many of the first pieces stay.
        back: so many of the last ones, too.
        pieces: what comes between them, in place of the others.
    """

    front: int
    back: int
    pieces: tuple[str, ...]


def tail_start(text: str) -> int:
    """Where the tail begins: in front of the word that the head's end cuts; the text's end where it has none."""
    if 4 * len(text) <= HEAD_BYTES:
        return len(text)
    data = text.encode("utf-8", "replace")
    if len(data) <= HEAD_BYTES:
        return len(text)
    return _word_start(text, len(data[:HEAD_BYTES].decode("utf-8", "ignore")), 0)


def change_of_tail(pieces: Sequence[str], text: str) -> TailChange:
    """What turns `pieces`, the tail as it was, into that of `text`, with as many of them kept as can be."""
    start, end = tail_start(text), len(text)
    front = back = 0
    while front < len(pieces) and start + len(pieces[front]) <= end and text.startswith(pieces[front], start):
        start += len(pieces[front])
        front += 1
    while front + back < len(pieces):
        piece = pieces[-1 - back]
        if end - len(piece) < start or not text.endswith(piece, start, end):
            break
        end -= len(piece)
        back += 1
    if front and 0 < end - start < PIECE_CHARACTERS // 2:  # a crumb joins its neighbour
        front -= 1
        start -= len(pieces[front])
    return TailChange(front, back, tuple(_cut(text, start, end)))


def _cut(text: str, start: int, end: int) -> Iterator[str]:
    """About equal pieces, so that a note that is edited again and again does not come to consist of crumbs."""
    count = max(1, round((end - start) / PIECE_CHARACTERS))
    size = -(-(end - start) // count)
    while start < end:
        stop = _word_start(text, start + size, start) if start + size < end else end
        yield text[start:stop]
        start = stop


def _word_start(text: str, place: int, least: int) -> int:
    """The beginning of the word that stands at `place`; the place itself in what has no words."""
    least = max(least, place - _LONGEST_WORD)
    blank = max(text.rfind(" ", least, place), text.rfind("\n", least, place))
    return blank + 1 if blank >= least else place
