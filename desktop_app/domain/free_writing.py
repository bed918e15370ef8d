"""Free writing: one text that a person and a model write in turns, kept as the pieces that each of them wrote.

The pieces are the messages of the shown path, and the text is what they say one after the other. So a change in the
middle of a long text touches one piece, and what the model wrote keeps its figures.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.shared_ends import common_end, common_start

ACCEPTED = "accepted"
"""Key in a continuation's `settings_used`: how many of its characters the person took over; all of them where more was
written behind it."""

READS_FROM = "reads_from"
"""Key in a continuation's `settings_used`: the character of the whole text from which on the model read it."""

TARGET_SHARE_AFTER_CUT = 0.55
"""How full the room is after the beginning of a long text has left it: in one big step, since each step changes the
prompt's beginning, and all of it has to be read again."""

MOST_CHARACTERS_A_TOKEN = 12
"""What lies further back than so many characters for each token there is room for need not be counted."""

_LEAST_SHARE = 0.25
_ATTEMPTS = 8
_SEPARATE = "\u2e80-\u9fff\uac00-\uffdc"  # written without blanks: each character is a word here
_BREAKS = ("\n\n", "\n", ". ", " ")


class PieceChanges(msgspec.Struct, frozen=True):
    """What a new text makes of the pieces.

    Attributes:
        texts: new texts of pieces, by their ids.
        dropped_id: the first of the last pieces that are taken back, with the continuation that it is.
        added: what comes behind the last piece as one of the person's.
    """

    texts: Mapping[int, str] = msgspec.field(default_factory=dict)
    dropped_id: int | None = None
    added: str = ""

    def __bool__(self) -> bool:
        return bool(self.texts) or self.dropped_id is not None or bool(self.added)


class Pending(msgspec.Struct, frozen=True):
    """What the model wrote last and nobody has taken over: from character `start` of the text to its end."""

    message_id: int
    start: int


def whole_text(pieces: Sequence[Message]) -> str:
    """What all pieces say together."""
    return "".join(piece.text for piece in pieces)


def pending_of(pieces: Sequence[Message]) -> Pending | None:
    """The end of the last piece, where that is the model's and has a part that was not taken over."""
    if not pieces or pieces[-1].role is not Role.ASSISTANT:
        return None
    last = pieces[-1]
    accepted = last.settings_used.get(ACCEPTED, 0)
    accepted = accepted if isinstance(accepted, int) else 0
    if accepted >= len(last.text):
        return None
    return Pending(last.id, sum(len(piece.text) for piece in pieces[:-1]) + max(0, accepted))


def changed_pieces(pieces: Sequence[Message], text: str) -> PieceChanges:
    """How the pieces become `text`: only those change in which something was written or taken out.

    Continuations of which nothing is left at the end are taken back, with what stood behind them. What the person
    writes behind the model's last words becomes a piece of its own.
    """
    old = whole_text(pieces)
    start = common_start(old, text)
    end = len(old) - common_end(old[start:], text[start:])
    added = text[start : len(text) - (len(old) - end)]
    if start == end and not added:
        return PieceChanges()
    kept, dropped = _without_taken_back(pieces, start, end, len(old))
    if dropped is not None:
        end = min(end, sum(len(piece.text) for piece in kept))
    return _rewritten(kept, start, end, added, dropped)


def _without_taken_back(
    pieces: Sequence[Message], start: int, end: int, length: int
) -> tuple[Sequence[Message], int | None]:
    """The pieces that stay, and the first one that goes."""
    at = 0
    for number, piece in enumerate(pieces):
        if at >= start and end == length and piece.role is Role.ASSISTANT and piece.text:
            return pieces[:number], piece.id
        at += len(piece.text)
    return pieces, None


def _rewritten(pieces: Sequence[Message], start: int, end: int, added: str, dropped: int | None) -> PieceChanges:
    """The characters from `start` to `end` go, `added` stands in their place."""
    owner = _owner(pieces, start) if added else None
    texts: dict[int, str] = {}
    at = 0
    for piece in pieces:
        first, last = at, at + len(piece.text)
        at = last
        if piece is not owner and (last <= start or first >= end):
            continue
        before = piece.text[: max(0, start - first)]
        after = piece.text[max(0, end - first) :] if end > first else piece.text
        words = before + (added if piece is owner else "") + (after if last > start else "")
        if words != piece.text:
            texts[piece.id] = words
    return PieceChanges(texts, dropped, added if owner is None else "")


def _owner(pieces: Sequence[Message], place: int) -> Message | None:
    """The piece that what is written at `place` belongs to; None behind the model's last words, and without a piece."""
    at = 0
    touching: list[Message] = []
    for piece in pieces:
        first, last = at, at + len(piece.text)
        at = last
        if first < place < last:
            return piece
        if first <= place <= last:
            touching.append(piece)
    own = [piece for piece in touching if piece.role is Role.USER]
    if own:
        return own[0]
    return touching[0] if touching and place < at else None


def end_of_next_word(text: str, start: int) -> int:
    """Where the word behind `start` ends, the blanks in front of it included."""
    found = _next_word().match(text, start)
    return found.end() if found is not None else len(text)


def reading_start(text: str, room: int, count: Callable[[str], int], known: int = 0) -> tuple[int, int]:
    """(the character from which on the model reads `text`, how many tokens that is), so that it fits into `room`.

    `known` is where it read from before: that stays as long as the rest fits, so that nothing is read again. Then the
    beginning leaves in one big step, at the end of a paragraph where there is one.
    """
    least = len(text) - MOST_CHARACTERS_A_TOKEN * room
    start = known if 0 < known < len(text) else 0
    if start < least:
        start = _break_behind(text, least)
    tokens = count(text[start:])
    if start and tokens < room * _LEAST_SHARE and least <= 0:  # much was taken out since
        start, tokens = 0, count(text)
    share = TARGET_SHARE_AFTER_CUT
    for _ in range(_ATTEMPTS):
        if tokens <= room:
            break
        start = _break_behind(text, len(text) - max(1, int((len(text) - start) * share * room / tokens)))
        tokens = count(text[start:])
        share *= 0.8
    return start, tokens


def _break_behind(text: str, place: int) -> int:
    """The beginning of a paragraph behind `place`, else of a line, a sentence, a word; all within the next quarter."""
    last = place + max(1, (len(text) - place) // 4)
    for sign in _BREAKS:
        found = text.find(sign, place, last)
        if found >= 0:
            return found + len(sign)
    return place


@functools.cache
def _next_word() -> re.Pattern[str]:
    """Compiled late: such ranges take 3 ms."""
    return re.compile(rf"\s*(?:[{_SEPARATE}]|[^\s{_SEPARATE}]+)|\s+")
