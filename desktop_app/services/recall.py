"""Finds the earlier messages of a chat that matter for a question: by words, and by meaning with the encoder."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desktop_app.domain.errors import CancelledError, InkwellError
from desktop_app.domain.ranking import floors_of
from desktop_app.domain.recall import PassageWords, passages_of, related, with_answers
from desktop_app.domain.search import SimilarityMeasure
from desktop_app.services.similarity import similarities_of

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.quotes import Passage
    from desktop_app.services.model_ports import EncoderPort
    from desktop_app.services.ports import ConversationStore

MOST_MESSAGES = 4_000
"""Left-out messages looked at; of more, the newest ones."""

EMBEDDED_AT_ONCE = 96
"""Passages embedded while a question waits; the others are found by their words until they are embedded, too."""

_MOST_PASSAGES = 20_000
_AHEAD = 32
_CHATS = 4
_LONGEST_QUESTION = 2_000
_PAGE = 500

_log = logging.getLogger(__name__)


class _Chat:
    """What is known of one chat's left-out messages. Guarded by `lock`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: set[int] = set()
        self.passages: list[Passage] = []
        self.words = PassageWords()
        self.vectors: dict[int, bytes] = {}
        self.vectors_of = ""
        self.last: tuple[tuple[object, ...], list[Passage]] | None = None


class Recall:
    """Keeps words and vectors of the left-out messages of a few chats in memory, never stored. Thread-safe."""

    def __init__(self, conversations: ConversationStore, encoder: EncoderPort) -> None:
        self._conversations = conversations
        self._encoder = encoder
        self._lock = threading.Lock()
        self._chats: OrderedDict[int, _Chat] = OrderedDict()

    def find(
        self, conversation_id: int, left_out: Sequence[int], question: str, cancel: CancelToken | None = None
    ) -> list[Passage]:
        """The passages among the messages `left_out` that have to do with `question`, best first.

        Where the encoder is not loaded, or fails, the words alone decide. Raises CancelledError.
        """
        question = question.strip()[:_LONGEST_QUESTION]
        ids = list(left_out[-MOST_MESSAGES:])
        if not question or not ids:
            return []
        chat = self._chat(conversation_id)
        with chat.lock:
            self._read(chat, ids)
            if chat.last is not None and chat.last[0] == self._asked(chat, question, ids):
                return chat.last[1]
            words = chat.words.score(question)
            by_score = sorted(words, key=lambda place: -words[place].score)
            allowed = set(ids)
            similarities, floor = self._similarities(chat, question, by_score, allowed, cancel)
            found = related(chat.passages, words, similarities, floor, allowed)
            quotes = with_answers(found, chat.passages, allowed)
            chat.last = self._asked(chat, question, ids), quotes
            return quotes

    def learn(self, conversation_id: int, left_out: Sequence[int], cancel: CancelToken) -> None:
        """Embed what is not embedded yet, a few passages at a time. Raises CancelledError, WorkerError, ModelError."""
        chat = self._chat(conversation_id)
        ids = list(left_out[-MOST_MESSAGES:])
        with chat.lock:
            self._read(chat, ids)
        while True:
            cancel.raise_if_cancelled()
            with chat.lock:
                loaded = self._encoder.loaded
                if loaded is None:
                    return
                self._start_over_for(chat, loaded.fingerprint)
                missing = self._missing(chat, range(len(chat.passages) - 1, -1, -1), set(ids))[:_AHEAD]
                if not missing:
                    return
                texts = [chat.passages[place].text for place in missing]
                chat.vectors.update(zip(missing, self._encoder.embed_sentences(texts, cancel), strict=True))

    def _asked(self, chat: _Chat, question: str, ids: Sequence[int]) -> tuple[object, ...]:
        """What an answer depends on: the meter has mostly asked the same before a message is sent."""
        return question, len(ids), ids[0], ids[-1], len(chat.vectors), self._encoder.loaded

    def _chat(self, conversation_id: int) -> _Chat:
        with self._lock:
            chat = self._chats.setdefault(conversation_id, _Chat())
            self._chats.move_to_end(conversation_id)
            while len(self._chats) > _CHATS:
                self._chats.popitem(last=False)
            return chat

    def _read(self, chat: _Chat, ids: Sequence[int]) -> None:
        """Cut the messages that are new here into passages."""
        new = [message_id for message_id in ids if message_id not in chat.known]
        for start in range(0, len(new), _PAGE):
            for message in self._conversations.messages_by_id(new[start : start + _PAGE]):
                chat.known.add(message.id)
                for passage in passages_of(message):
                    if len(chat.passages) < _MOST_PASSAGES:
                        chat.passages.append(passage)
                        chat.words.add(passage.text)

    def _similarities(
        self, chat: _Chat, question: str, by_words: Sequence[int], allowed: set[int], cancel: CancelToken | None
    ) -> tuple[dict[int, float], float]:
        """(similarities to the question by place, the floor below which they say nothing)."""
        loaded = self._encoder.loaded
        if loaded is None:
            return {}, 1.0
        floor = floors_of(loaded.unrelated_similarity, loaded.unrelated_deviation, loaded.measure).ordinary
        self._start_over_for(chat, loaded.fingerprint)
        newest_first = range(len(chat.passages) - 1, -1, -1)
        missing = self._missing(chat, dict.fromkeys((*by_words, *newest_first)), allowed)[:EMBEDDED_AT_ONCE]
        try:
            asked = self._encoder.embed_query(question, cancel).vector
            texts = [chat.passages[place].text for place in missing]
            vectors = self._encoder.embed_sentences(texts, cancel) if texts else []
        except CancelledError:
            raise
        except InkwellError as error:
            _log.warning("Earlier messages are looked for by their words alone: %s", error.code)
            return {}, 1.0
        chat.vectors.update(zip(missing, vectors, strict=True))
        found = similarities_of(asked, list(chat.vectors.values()), loaded.measure)
        if loaded.measure is not SimilarityMeasure.COSINE and found:
            # What weighs passages against each other expects 1 to be the most there is.
            room = max(max(found) - loaded.unrelated_similarity, 1e-6)
            found = [(each - loaded.unrelated_similarity) / room for each in found]
            floor = (floor - loaded.unrelated_similarity) / room
        return dict(zip(chat.vectors, found, strict=True)), floor

    def _missing(self, chat: _Chat, places: Sequence[int] | dict[int, None] | range, allowed: set[int]) -> list[int]:
        return [place for place in places if place not in chat.vectors and chat.passages[place].message_id in allowed]

    def _start_over_for(self, chat: _Chat, fingerprint: str) -> None:
        """Vectors of another encoder are of no use."""
        if chat.vectors_of != fingerprint:
            chat.vectors = {}
            chat.vectors_of = fingerprint
