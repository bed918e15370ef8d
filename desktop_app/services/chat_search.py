"""Finding what was said: in the messages of all chats, by words, and by meaning where an encoder has read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_search import (
    FoundInMessage,
    FoundMessage,
    FoundPassages,
    MessageHit,
    MessagePassage,
    MessagesByWords,
)
from desktop_app.domain.conversation import Message
from desktop_app.domain.plain_markdown import plain_markdown
from desktop_app.domain.query import Query, match_all_expression, parse_query, unspaced_parts
from desktop_app.domain.reasoning import split_reasoning
from desktop_app.domain.search import LoadedEncoder, QueryEmbedding, SearchMode, SearchOrder, Span
from desktop_app.domain.search_question import Filter, FilterKind, Question
from desktop_app.domain.text_places import count_in_message
from desktop_app.domain.word_matching import WordMatch, WordMatcher, spans_within
from desktop_app.services.chat_ports import MessageIndex
from desktop_app.services.ports import ConversationStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_app.domain.message_passages import MessagePlace
    from desktop_app.domain.ranking import Floors
    from desktop_app.services.message_blending import MessageCandidate
    from desktop_app.services.message_meaning import MessageMeaning
    from desktop_app.services.search_hits import MeaningLeg

MOST_HITS = 50

_BEFORE = 24  # characters shown in front of the first word found, at most
_SNIPPET = 180
_WINDOW = 400  # characters of the source on either side that a snippet is made of
_TOGETHER = 60  # characters that a narrow row shows at once
_PASSAGE = 600  # characters of a message that the search screen is given
_MOST_WORDS = 12
_LOOKED_AT, _LOOKED_AHEAD = 500, 24  # matches of a long message
_RANKED_BY_WORDS = 60
_READ_FOR_EACH = 3  # messages read for each that is shown, since few of one chat are


class ChatSearch:
    """Use cases of the search through chats. All methods block.

    Args:
        meaning: makes what compares questions with messages; called when a question needs it. None leaves it out.
    """

    def __init__(
        self,
        messages: MessageIndex,
        conversations: ConversationStore,
        meaning: Callable[[], MessageMeaning] | None = None,
    ) -> None:
        self._messages = messages
        self._conversations = conversations
        self._meaning = meaning

    def find(
        self, text: str, *, folder: str | None = None, typing: bool = False, limit: int = MOST_HITS
    ) -> list[MessageHit]:
        """Messages that hold every word of `text` (in any form) and every phrase in quotes, best first.

        `folder` narrows to chats in it and below; with `typing` the last word may still grow.
        """
        query = parse_query(text, typing=typing)
        match, conditions = match_all_expression(query), _conditions(query)
        if match:
            found = self._with_words(query, conditions, limit=limit, folder=folder)
        elif conditions:
            within = [Filter(FilterKind.FOLDER, folder, 0, 0)] if folder is not None else []
            found = self._messages.newest([*conditions, *within], limit)
        else:
            return []
        return [_hit(each, query) for each in found]

    def by_words(
        self,
        question: Question,
        *,
        order: SearchOrder = SearchOrder.RELEVANCE,
        typing: bool = False,
        limit: int = MOST_HITS,
    ) -> MessagesByWords:
        """Messages that hold every word and phrase of the question and meet its filters; without words, the newest
        message of each chat that meets them.
        """
        query = parse_query(question.words, typing=typing)
        match, of_words = match_all_expression(query), _conditions(query)
        conditions = (*question.conditions, *of_words)
        if not match:
            if question.words.strip() and not of_words:
                return MessagesByWords(query)
            return MessagesByWords(query, tuple(self._messages.newest(conditions, limit)), ranked=False)
        most, newest_first = max(limit, _RANKED_BY_WORDS), order is SearchOrder.DATE
        return MessagesByWords(query, tuple(self._with_words(query, conditions, limit=most, newest_first=newest_first)))

    def passages(self, words: MessagesByWords, limit: int = MOST_HITS) -> tuple[MessagePassage, ...]:
        """The first of them as they are shown where meaning has no say."""
        shown = words.found[:limit]
        if not words.ranked:
            return tuple(_passage(found, words.query, None, 0.0) for found in shown)
        best = max((found.score for found in shown), default=0.0)
        by_score = sorted(shown, key=lambda found: -found.score)
        rank = {found.message_id: place for place, found in enumerate(by_score, start=1)}
        return tuple(_passage(found, words.query, rank[found.message_id], best) for found in shown)

    def leg(
        self, question: Question, loaded: LoadedEncoder, embedding: QueryEmbedding, floors: Floors
    ) -> MeaningLeg | None:
        """What meaning says of messages; None where this encoder has read none. What has not the quoted words is no
        hit, however near it is.
        """
        if self._meaning is None:
            return None
        phrases = (" ".join(phrase) for phrase in parse_query(question.words).phrases)
        quoted = [Filter(FilterKind.WORDS, phrase, 0, 0) for phrase in phrases]
        return self._meaning().leg(loaded, embedding, floors, [*question.conditions, *quoted])

    def blended(
        self,
        words: MessagesByWords,
        leg: MeaningLeg,
        *,
        mode: SearchMode,
        order: SearchOrder = SearchOrder.RELEVANCE,
        limit: int = MOST_HITS,
        dense_weight: float = 0.7,
    ) -> FoundPassages:
        """What has all words of the question, or is near enough to it in meaning, joined as notes are; hits and weaker
        matches together at most `limit`. With the mode "meaning" words count for nothing.
        """
        from desktop_app.services.leg_blending import WordScores
        from desktop_app.services.message_blending import blend, few_of_a_chat

        query, by_date = words.query, order is SearchOrder.DATE
        counts = words.ranked and mode is not SearchMode.MEANING
        by_words = {found.message_id: found for found in words.found} if counts else {}
        scores = {message_id: found.score for message_id, found in by_words.items()}
        frequencies = self._messages.document_frequencies(query.terms)
        figures = WordScores(scores, frequencies, leg.similarities.note_count)
        candidates = blend(query, scores, figures, leg, mode, dense_weight)
        strong = [each for each in candidates if each.related]
        read = self._read(strong if by_date else strong[: _READ_FOR_EACH * limit], by_words)
        if by_date:
            read.sort(key=lambda pair: (pair[1].said_at, pair[1].message_id), reverse=True)
        hits = few_of_a_chat(read)[:limit]
        weak = [each for each in candidates if not each.related]
        weaker = few_of_a_chat(self._read(weak[: _READ_FOR_EACH * (limit - len(hits))], {}))[: limit - len(hits)]
        shown = self._shown([*hits, *weaker], query, leg)
        return FoundPassages(shown[: len(hits)], shown[len(hits) :])

    def _read(
        self, candidates: Sequence[MessageCandidate], known: dict[int, FoundMessage]
    ) -> list[tuple[MessageCandidate, FoundMessage]]:
        """Those that are still there, in their order."""
        wanted = {each.message_id: 0.0 for each in candidates if each.message_id not in known}
        found = {**known, **{each.message_id: each for each in self._messages.by_id(wanted)}} if wanted else known
        return [(each, found[each.message_id]) for each in candidates if each.message_id in found]

    def _shown(
        self, found: Sequence[tuple[MessageCandidate, FoundMessage]], query: Query, leg: MeaningLeg
    ) -> tuple[MessagePassage, ...]:
        assert self._meaning is not None
        with_words = {each.message_id: each.words_rank is not None for each, _ in found}
        places = self._meaning().places(leg, with_words)
        return tuple(
            _blended_passage(message, query, candidate, places.get(candidate.message_id, []), leg)
            for candidate, message in found
        )

    def _with_words(
        self,
        query: Query,
        conditions: Sequence[Filter],
        *,
        limit: int,
        folder: str | None = None,
        newest_first: bool = False,
    ) -> list[FoundMessage]:
        """Messages with all words, and with the signs that these were typed with; without, where no message has them
        and nothing was quoted.
        """
        written = [Filter(FilterKind.WORDS, form.text, 0, 0) for form in query.forms]
        match = match_all_expression(query)
        found = self._messages.find(
            match, limit=limit, folder=folder, filters=(*conditions, *written), newest_first=newest_first
        )
        if found or not written or any(form.required for form in query.forms):
            return found
        return self._messages.find(match, limit=limit, folder=folder, filters=conditions, newest_first=newest_first)

    def message(self, message_id: int) -> Message:
        """The whole message that was found. Raises NotFoundError."""
        return self._conversations.get_message(message_id)

    def in_chat(self, conversation_id: int, text: str, cancel: CancelToken) -> list[FoundInMessage]:
        """Where `text` stands on the chat's shown path, whatever the case of the letters, oldest message first."""
        found: list[FoundInMessage] = []
        for message_id, role, said in self._messages.path_texts(conversation_id):
            cancel.raise_if_cancelled()
            count = count_in_message(role, said, text)
            if count:
                found.append(FoundInMessage(message_id, count))
        return found

    def reveal(self, conversation_id: int, message_id: int) -> bool:
        """Put the message on its chat's shown path; true when another branch had to be switched to.

        Raises NotFoundError.
        """
        if self._messages.is_on_path(conversation_id, message_id):
            return False
        self._conversations.set_active_leaf(conversation_id, self._conversations.newest_leaf(message_id))
        return True


def _conditions(query: Query) -> tuple[Filter, ...]:
    """What was typed in scripts without blanks, as the store is asked for it."""
    return tuple(Filter(FilterKind.WORDS, part, 0, 0) for part in unspaced_parts(query))


def _hit(found: FoundMessage, query: Query) -> MessageHit:
    said = split_reasoning(found.text, opened=found.begins_inside)
    snippet, marks = snippet_of(said.answer, query)
    if said.reasoning and not marks:
        snippet, marks = snippet_of(said.reasoning, query)
    return MessageHit(found.conversation_id, found.message_id, found.title, found.role, snippet, marks, found.archived)


def _passage(found: FoundMessage, query: Query, rank: int | None, best: float) -> MessagePassage:
    """The part of the message where most of the words stand close together, cut at lines or blanks."""
    low, high, matches = _shown_matches(found, query)
    start, end = _part_around(found.text, low, high, _densest(matches) if matches else low)
    inside = [match for match in matches if start <= match.start and match.end <= end]
    score = round(found.score / best, 6) if best > 0 else 0.0
    return replace(_part_of(found, start, end, matches, inside), score=score, words_rank=rank)


def _blended_passage(
    found: FoundMessage,
    query: Query,
    candidate: MessageCandidate,
    places: Sequence[tuple[MessagePlace, float]],
    leg: MeaningLeg,
) -> MessagePassage:
    """The stored passage that fits best; of a message that changed since, the part where its words are."""
    from desktop_app.services.message_blending import best_place

    low, high, matches = _shown_matches(found, query)
    if candidate.words_rank is None:
        matches = []
    place = best_place(places, matches, leg.word_worth)
    if place is not None and place.end <= len(found.text):
        start, end = place.start, place.end
    else:
        start, end = _part_around(found.text, low, high, _densest(matches) if matches else low)
    return replace(
        _part_of(found, start, end, matches, matches),
        score=round(candidate.score, 6),
        words_rank=candidate.words_rank,
        meaning_rank=candidate.meaning_rank,
        similarity=candidate.similarity,
        measure=leg.measure,
    )


def _part_of(
    found: FoundMessage, start: int, end: int, matches: list[WordMatch], named: Sequence[WordMatch]
) -> MessagePassage:
    """Characters [start, end) of a message with its words marked; `named` are those that it is said to be found by."""
    words = dict.fromkeys(found.text[match.start : match.end] for match in named)
    return MessagePassage(
        conversation_id=found.conversation_id,
        message_id=found.message_id,
        title=found.title,
        folder=found.folder,
        role=found.role,
        archived=found.archived,
        said_at=found.said_at,
        passage=found.text[start:end],
        start=start,
        end=end,
        score=0.0,
        words_rank=None,
        matched_words=tuple(words)[:_MOST_WORDS],
        word_spans=spans_within(matches, start, end),
    )


def _shown_matches(found: FoundMessage, query: Query) -> tuple[int, int, list[WordMatch]]:
    """The answer [start, end) of a message and the words in it; what the model thought, where only that holds any."""
    text = found.text
    matches = WordMatcher(query).matches(text)
    said = split_reasoning(text, opened=found.begins_inside)
    for part in (said.answer, said.reasoning):
        start = text.rfind(part) if part else -1
        inside = [each for each in matches if start <= each.start and each.end <= start + len(part)]
        if start >= 0 and (inside or not matches):
            return start, start + len(part), inside
    return 0, len(text), matches


def _part_around(text: str, low: int, high: int, at: int) -> tuple[int, int]:
    """About `_PASSAGE` characters of [low, high) around a place; all of a short part."""
    if high - low <= _PASSAGE:
        return low, high
    start = max(low, at - _PASSAGE // 3)
    end = min(high, start + _PASSAGE)
    if start > low:
        start = min(_word_start(text, start), at)
    if end < high and (blank := text.rfind(" ", end - 40, end)) > at:
        end = blank
    return start, end


def snippet_of(text: str, query: Query) -> tuple[str, tuple[Span, ...]]:
    """One line of `text` where most words of `query` stand close together, without Markdown marks, and where they are
    in it.
    """
    matcher = WordMatcher(query)
    first = _densest(matcher.matches(text))
    start = max(0, first - _WINDOW)
    line = " ".join(plain_markdown(text[start : first + _WINDOW]).text.split())
    inside = matcher.matches(line)
    at = _densest(inside)
    begin = _word_start(line, at - _BEFORE) if at > _BEFORE else 0
    front = "…" if begin or start else ""
    shown = front + line[begin : begin + _SNIPPET]
    moved = len(front) - begin
    marks = (Span(match.start + moved, match.end + moved) for match in inside if match.start >= begin)
    return shown, tuple(span for span in marks if span.end <= len(shown))


def _densest(matches: Sequence[WordMatch]) -> int:
    """Where the stretch begins that holds most different words; 0 without any match."""
    best, most = 0, 0
    for number, match in enumerate(matches[:_LOOKED_AT]):
        near = {each.word for each in matches[number : number + _LOOKED_AHEAD] if each.end - match.start <= _TOGETHER}
        if len(near) > most:
            best, most = match.start, len(near)
    return best


def _word_start(line: str, at: int) -> int:
    """The beginning of the first whole word behind `at`."""
    blank = line.find(" ", at)
    return blank + 1 if blank >= 0 else at
