"""Having the encoder read the messages of chats, newest first, once the notes are done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from desktop_app.domain.chunking import Chunker
from desktop_app.domain.message_passages import (
    DueMessage,
    EmbeddedMessage,
    EmbeddedPassage,
    MessagePlace,
    message_chunks,
)
from desktop_app.domain.search import Chunk

PASSAGES_PER_BATCH = 64
"""What a kill loses at most; about a second's work."""

_PAGE = 32
"""Messages read and cut at a time."""

_LISTED = 2_000
"""Messages that are put in order at a time: what is said meanwhile comes after these at the latest."""

_COUNT_SECONDS = 10.0
_TRIES = 3
"""So many times messages that change while they are read are read again."""


class MessagePassageStore(Protocol):
    """Passages of messages and their vectors (storage/message_passages.py)."""

    def due_ids(self, fingerprint: str, limit: int) -> list[int]:
        """Messages that this encoder has not read as they are now, newest chats first."""
        ...

    def due_count(self, fingerprint: str | None) -> int:
        """How many there are; without a fingerprint all messages that can be found."""
        ...

    def read_count(self, fingerprint: str) -> int:
        """Messages that this encoder has read as they are now."""
        ...

    def passage_count(self, fingerprint: str) -> int:
        """Passages with a vector of this encoder."""
        ...

    def has_read_any(self, fingerprint: str) -> bool:
        """Whether that encoder has read any message."""
        ...

    def read(self, message_ids: Sequence[int]) -> list[DueMessage]:
        """The messages that exist, in the order asked for, as they are now."""
        ...

    def known_vectors(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, bytes]:
        """The vectors of this encoder that are there already, by the hash of what was read."""
        ...

    def store(self, fingerprint: str, embedded: Sequence[EmbeddedMessage]) -> int:
        """Commit what an encoder made of messages; how many of them are no longer due."""
        ...

    def vectors(self, fingerprint: str) -> Iterator[tuple[int, int, bytes]]:
        """(passage id, message id, vector) of all chats not trashed."""
        ...

    def vectors_version(self) -> int:
        """Changes whenever what `vectors` tells changes, by any process."""
        ...

    def places(self, passage_ids: Sequence[int]) -> list[MessagePlace]:
        """Where these passages stand; without those of messages that changed since."""
        ...


Embed = Callable[[Sequence[str]], Sequence[bytes] | None]
"""Vectors of passages; None where the encoder was changed meanwhile."""


class _Cut(msgspec.Struct, frozen=True):
    """A message and its passages."""

    message: DueMessage
    chunks: Sequence[Chunk]

    def embedded(self, vectors: dict[str, bytes]) -> EmbeddedMessage:
        """As it is stored with the vectors that are there so far."""
        known = [(ordinal, chunk) for ordinal, chunk in enumerate(self.chunks) if chunk.hash in vectors]
        return EmbeddedMessage(
            self.message.message_id,
            self.message.revision,
            [EmbeddedPassage(chunk.start, chunk.end, chunk.hash, vectors[chunk.hash]) for _, chunk in known],
            [ordinal for ordinal, _ in known],
            complete=len(known) == len(self.chunks),
        )


class _Counted(msgspec.Struct):
    """Messages of an encoder, and until when the counts serve, by the monotonic clock."""

    fingerprint: str | None
    until: float
    due: int
    total: int


class MessageIndexer:
    """Cuts due messages and has their passages embedded, a commit for each batch, so that a run that was killed goes on
    where it was. What an encoder has read once, in whichever message, it is not given again.
    """

    def __init__(self, passages: MessagePassageStore) -> None:
        self._passages = passages
        self._chunker = Chunker()
        self._counted: _Counted | None = None

    def has_due(self, fingerprint: str | None) -> bool:
        """Whether there is anything to do for that encoder; for one that is not known yet, whether there is anything at
        all.
        """
        if fingerprint is None:
            return self._passages.due_count(None) > 0
        return bool(self._passages.due_ids(fingerprint, 1))

    def counts(self, fingerprint: str | None, *, running: bool) -> tuple[int, int]:
        """(messages that are due, all of them). While a run goes on they are counted now and then, since each that is
        due is looked at, and what was done since is taken off.
        """
        known, now = self._counted, time.monotonic()
        if not (running and known is not None and known.fingerprint == fingerprint and now < known.until):
            due = self._passages.due_count(fingerprint)
            read = self._passages.read_count(fingerprint) if fingerprint is not None else 0
            known = self._counted = _Counted(fingerprint, time.monotonic() + _COUNT_SECONDS, due, due + read)
        return known.due, known.total

    def figures(self, fingerprint: str | None) -> tuple[int, int]:
        """(messages that this encoder has read, their passages)."""
        if fingerprint is None:
            return 0, 0
        return self._passages.read_count(fingerprint), self._passages.passage_count(fingerprint)

    def run(
        self, fingerprint: str, may_go_on: Callable[[], bool], embed: Embed, told: Callable[[], object] = lambda: None
    ) -> bool:
        """True once nothing is due; false where it was stopped before.

        Args:
            may_go_on: asked in front of each batch; may wait, and raise CancelledError.
            embed: makes the vectors of a batch.
            told: called after each commit.

        Raises StoreError and what the two raise.
        """
        in_vain = 0
        while in_vain < _TRIES and (due := self._passages.due_ids(fingerprint, _LISTED)):
            done = 0
            for start in range(0, len(due), _PAGE):
                of_page = self._read_page(fingerprint, due[start : start + _PAGE], may_go_on, embed, told)
                if of_page is None:
                    return False
                done += of_page
            in_vain = 0 if done else in_vain + 1
        return True  # or what is left is written in all the time, and due in the next run

    def _read_page(
        self,
        fingerprint: str,
        message_ids: Sequence[int],
        may_go_on: Callable[[], bool],
        embed: Embed,
        told: Callable[[], object],
    ) -> int | None:
        """How many messages are no longer due; None where it was stopped."""
        if not may_go_on():
            return None
        pending = [_Cut(message, self._chunks(message)) for message in self._passages.read(message_ids)]
        texts = {chunk.hash: chunk.embedded_text for cut in pending for chunk in cut.chunks}
        vectors = self._passages.known_vectors(fingerprint, list(texts))
        missing = [each for each in texts if each not in vectors]
        done, batch = 0, set(vectors)
        while True:
            done += self._commit(fingerprint, pending, vectors, batch)
            told()
            pending = [cut for cut in pending if any(chunk.hash not in vectors for chunk in cut.chunks)]
            if not pending:
                return done
            if not may_go_on():
                return None
            hashes, missing = missing[:PASSAGES_PER_BATCH], missing[PASSAGES_PER_BATCH:]
            made = embed([texts[each] for each in hashes])
            if made is None:
                return None
            batch = set(hashes)
            vectors.update(zip(hashes, made, strict=True))

    def _commit(self, fingerprint: str, pending: Sequence[_Cut], vectors: dict[str, bytes], new: set[str]) -> int:
        """Store what is complete, and of longer messages what came new."""
        embedded = [cut.embedded(vectors) for cut in pending]
        worth = [each for each in embedded if each.complete or any(passage.hash in new for passage in each.passages)]
        done = self._passages.store(fingerprint, worth) if worth else 0
        if done and self._counted is not None:
            self._counted.due = max(0, self._counted.due - done)
        return done

    def _chunks(self, message: DueMessage) -> Sequence[Chunk]:
        if not message.is_said:
            return ()
        return message_chunks(
            self._chunker, message.title, message.role, message.text, begins_inside=message.begins_inside
        )
