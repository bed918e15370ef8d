"""What was found, as the list shows it: notes first, messages in a group of their own, weaker matches marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.page_marks import page_within
from desktop_app.domain.search import SearchHit, SearchOrder, SearchResult, Span

Hit = SearchHit | MessagePassage


class SearchRow(msgspec.Struct, frozen=True):
    """A hit in the list. `weaker`: it fell short and is only shown because somebody asked for it."""

    hit: Hit
    weaker: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """The same for the same note or message in another answer."""
        return key_of(self.hit)


def key_of(hit: Hit) -> tuple[str, int]:
    """What tells a hit from all others."""
    return ("note", hit.note_id) if isinstance(hit, SearchHit) else ("message", hit.message_id)


def at_places(hit: Hit) -> list[Hit]:
    """The hit at each of its places: as it was found first, then at the others in the order of the text."""
    if not isinstance(hit, SearchHit):
        return [hit]
    others = (
        replace(
            hit,
            start=place.start,
            end=place.end,
            heading_path=place.heading_path,
            passage=place.passage,
            word_spans=place.word_spans,
            similarity=place.similarity,
            page=place.page,
            nearest_span=None,
        )
        for place in hit.more_places
    )
    return [hit, *others]


def page_of(hit: Hit) -> int:
    """The page of an imported PDF on which what was found stands; 0 where there are no pages."""
    if not isinstance(hit, SearchHit):
        return 0
    found = hit.nearest_span or densest(hit.passage, hit.word_spans)
    return page_within(hit.passage, found.start if found is not None else 0, hit.page)


def densest(text: str, words: Sequence[Span], width: int = 250) -> Span | None:
    """The one of `words` where the most different ones stand within `width` characters, closest together; None where
    there are none.
    """

    def together(at: int) -> tuple[int, int]:
        start = end = words[at].start
        seen: set[str] = set()
        for word in takewhile(lambda word: word.end <= start + width, words[at:]):
            if (written := text[word.start : word.end].casefold()) not in seen:
                seen.add(written)
                end = word.end
        return len(seen), start - end

    return words[max(range(len(words)), key=together)] if words else None


def rows_of(result: SearchResult, *, with_weaker: bool) -> list[SearchRow]:
    """By relevance the notes, then the messages: each leg scales its scores by its own best, so that no number compares
    both. By date all in one order. Weaker matches come last.
    """
    found = [SearchRow(hit) for hit in result.hits] + [SearchRow(message) for message in result.messages]
    if result.order is SearchOrder.DATE:
        found.sort(key=lambda row: _moment(row.hit), reverse=True)
    weaker: list[Hit] = [*result.weaker, *result.weaker_messages] if with_weaker else []
    return found + [SearchRow(hit, weaker=True) for hit in weaker]


def has_weaker(result: SearchResult) -> bool:
    """Whether anything fell short that can be shown."""
    return bool(result.weaker or result.weaker_messages)


def is_cut(result: SearchResult, limit: int) -> bool:
    """Whether there may be more than the `limit` notes and messages that were asked for."""
    survey = result.survey
    all_notes = len(result.hits) < limit or (
        survey is not None and survey.complete and survey.notes <= len(result.hits)
    )
    return not all_notes or len(result.messages) >= limit


def _moment(hit: Hit) -> datetime:
    return hit.edited_at if isinstance(hit, SearchHit) else hit.said_at
