"""Messages that words and meaning found, in one order, and the passage of each that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from desktop_app.domain.chat_search import FoundMessage
from desktop_app.domain.message_passages import MessagePlace
from desktop_app.domain.query import Query
from desktop_app.domain.ranking import fuse, ranks
from desktop_app.domain.search import SearchMode
from desktop_app.domain.word_matching import WordMatch
from desktop_app.services.leg_blending import WordScores, floor_of, weight_of
from desktop_app.services.search_hits import MeaningLeg

MOST_OF_A_CHAT = 3
"""So many messages of one chat are shown that meaning alone found: its title, which all of them have in front, would
else bring the whole chat.
"""


class MessageCandidate(msgspec.Struct, frozen=True):
    """A message in the joined order. `related`: it is a hit, and else a weaker match."""

    message_id: int
    score: float
    words_rank: int | None
    meaning_rank: int | None
    similarity: float | None
    related: bool


def blend(
    query: Query, scores: Mapping[int, float], words: WordScores, meaning: MeaningLeg, mode: SearchMode, base: float
) -> list[MessageCandidate]:
    """Best first. All that words found is a hit, since all words of the question stand in it.

    Args:
        scores: BM25 of what words found, where words count.
        base: the weight of meaning in the settings.
    """
    floor = floor_of(query, words.frequencies, meaning)
    near = {message_id: nearness for message_id, nearness in meaning.nearest.items() if nearness >= floor.weak}
    known = near | meaning.similarities.of(scores.keys() - near.keys())
    nearness = meaning.similarities.with_beginnings(known)
    meaning_ranks = ranks({message_id: nearness[message_id] for message_id in near})
    word_ranks = ranks(scores)
    weight = weight_of(query, words, meaning, max(known.values(), default=0.0), mode, base)
    return [
        MessageCandidate(
            message_id,
            score,
            word_ranks.get(message_id),
            meaning_ranks.get(message_id),
            known.get(message_id),
            related=message_id in scores or floor.is_passed(known[message_id], by_words=False),
        )
        for message_id, score in fuse(scores, nearness, weight, meaning.similarities.background)
    ]


def few_of_a_chat(
    found: Sequence[tuple[MessageCandidate, FoundMessage]],
) -> list[tuple[MessageCandidate, FoundMessage]]:
    """In their order; of one chat at most MOST_OF_A_CHAT that meaning alone found."""
    counts: dict[int, int] = {}
    kept = []
    for candidate, message in found:
        if candidate.words_rank is None:
            counts[message.conversation_id] = counts.get(message.conversation_id, 0) + 1
            if counts[message.conversation_id] > MOST_OF_A_CHAT:
                continue
        kept.append((candidate, message))
    return kept


def best_place(
    places: Sequence[tuple[MessagePlace, float]], matches: Sequence[WordMatch], word_worth: float
) -> MessagePlace | None:
    """The passage nearest in meaning; of several about as near, the one with the most words of the question."""

    def worth(each: tuple[MessagePlace, float]) -> float:
        place, similarity = each
        words = {match.word for match in matches if place.start <= match.start and match.end <= place.end}
        return similarity + word_worth * len(words)

    return max(places, key=worth)[0] if places else None
