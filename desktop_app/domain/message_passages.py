"""What the encoder reads of a chat's messages: questions and answers as they are shown, cut as notes are."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from desktop_app.domain.chunking import Chunker
from desktop_app.domain.conversation import Role
from desktop_app.domain.query import parse_query
from desktop_app.domain.reasoning import split_reasoning
from desktop_app.domain.search import Chunk

_LONG_ENOUGH = 60
"""From so many characters on, a message says something by itself."""

_TITLED = 160
"""A shorter message goes without its chat's title, which would outweigh it: a polite phrase would be the
nearest to that."""

_FEWEST_WORDS = 2
_FEWEST_UNSPACED = 4


class DueMessage(msgspec.Struct, frozen=True):
    """A message that an encoder has not read as it is now.

    Attributes:
        revision: of what is read of it; vectors are stored for this one only.
        title: of its chat.
        begins_inside: its text begins inside what the model thought (domain.reasoning).
        is_said: a question or an answer; what stands in place of earlier messages is none.
    """

    message_id: int
    revision: int
    title: str
    role: Role
    text: str
    begins_inside: bool = False
    is_said: bool = True


class EmbeddedPassage(msgspec.Struct, frozen=True, gc=False):
    """Characters [start, end) of a message's text, the hash of what the encoder read, and its vector."""

    start: int
    end: int
    hash: str
    vector: bytes


class EmbeddedMessage(msgspec.Struct, frozen=True):
    """What an encoder made of a message; `complete`: of all of it. `ordinals` are the passages' places in it."""

    message_id: int
    revision: int
    passages: Sequence[EmbeddedPassage]
    ordinals: Sequence[int]
    complete: bool


class MessagePlace(msgspec.Struct, frozen=True):
    """Where a stored passage stands: characters [start, end) of its message's text."""

    passage_id: int
    message_id: int
    start: int
    end: int


def shown_start(text: str, role: Role, *, begins_inside: bool) -> int:
    """Where what a reader sees begins: behind an answer's reasoning, which is no part of it."""
    if role is not Role.ASSISTANT:
        return 0
    answer = split_reasoning(text, opened=begins_inside).answer
    return len(text) - len(answer) if text.endswith(answer) else max(0, text.rfind(answer))


def message_chunks(
    chunker: Chunker, title: str, role: Role, text: str, *, begins_inside: bool = False
) -> Sequence[Chunk]:
    """The passages of a message, their offsets in its whole text; none of one that is too short to mean anything.

    The chat's title stands in front as a note's does, unless the message is short.
    """
    start = shown_start(text, role, begins_inside=begins_inside)
    shown = text[start:]
    if not _says_something(shown):
        return ()
    chunks = (
        chunk for chunk in chunker.chunks(title if len(shown) >= _TITLED else "", shown) if chunk.start < chunk.end
    )
    return tuple(msgspec.structs.replace(each, start=each.start + start, end=each.end + start) for each in chunks)


def _says_something(text: str) -> bool:
    """Not “thanks” and its like, which words find as well."""
    body = text.strip()
    if len(body) >= _LONG_ENOUGH:
        return True
    query = parse_query(body)
    return len(query.words) >= _FEWEST_WORDS or any(len(run) >= _FEWEST_UNSPACED for run in query.runs)
