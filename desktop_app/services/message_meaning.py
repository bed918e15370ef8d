"""What meaning says about the messages of chats: their vectors in memory, read when a question first needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop_app.domain.message_passages import MessagePlace
from desktop_app.domain.ranking import CANDIDATES, Floors
from desktop_app.domain.search import LoadedEncoder, QueryEmbedding
from desktop_app.domain.search_question import Filter
from desktop_app.services.chat_ports import MessageIndex
from desktop_app.services.message_indexing import MessagePassageStore
from desktop_app.services.search_hits import MeaningLeg
from desktop_app.services.vector_matrix import Similarities, VectorMatrix

_MOST_PASSAGES = 40
"""Of a long message only the nearest passages are considered."""


class MessageMeaning:
    """Compares questions with messages. Thread-safe."""

    def __init__(self, passages: MessagePassageStore, messages: MessageIndex) -> None:
        self._passages = passages
        self._messages = messages
        self._matrix = VectorMatrix(passages)

    def leg(
        self, loaded: LoadedEncoder, question: QueryEmbedding, floors: Floors, conditions: Sequence[Filter]
    ) -> MeaningLeg | None:
        """None where this encoder has read no message. Raises StoreError."""
        if not self._passages.has_read_any(loaded.fingerprint):
            return None
        similarities = self._matrix.similarities(loaded.fingerprint, question.vector, loaded.measure)
        if conditions:
            similarities = similarities.within(self._messages.ids(conditions))
        return MeaningLeg(
            similarities=similarities,
            known_words=question.known_words,
            floors=floors,
            notes_unindexed=0,
            nearest=self._nearest(similarities, floors.weak),
            measure=loaded.measure,
            deviation=loaded.unrelated_deviation,
            letters_per_piece=question.letters_per_piece,
        )

    def _nearest(self, similarities: Similarities, least: float) -> Mapping[int, float]:
        """Those at least so near that can be found: a deleted branch keeps its vectors, since it may come back, and
        whether a message is in one takes a look at all that came before it.
        """
        asked = CANDIDATES
        while True:
            nearest = {each: nearness for each, nearness in similarities.top(asked).items() if nearness >= least}
            findable = self._messages.findable(list(nearest))
            if len(findable) >= CANDIDATES or len(nearest) < asked:
                kept = [message_id for message_id in nearest if message_id in findable][:CANDIDATES]
                return {message_id: nearest[message_id] for message_id in kept}
            asked *= 4

    def places(self, leg: MeaningLeg, messages: Mapping[int, bool]) -> dict[int, list[tuple[MessagePlace, float]]]:
        """The passages of these messages that are worth showing, with their similarity, by message; none of one that
        changed since it was read.

        Args:
            messages: their ids; true of those in which words were found, and not always in the nearest passage.
        """
        similarity: dict[int, float] = {}
        for message_id, by_words in messages.items():
            own = leg.similarities.passages(message_id)
            nearest = sorted(own, key=lambda passage_id: -own[passage_id])
            chosen = nearest[: _MOST_PASSAGES if by_words else 1]
            similarity.update((passage_id, own[passage_id]) for passage_id in chosen)
        found: dict[int, list[tuple[MessagePlace, float]]] = {}
        for place in self._passages.places(list(similarity)) if similarity else ():
            found.setdefault(place.message_id, []).append((place, similarity[place.passage_id]))
        return found
