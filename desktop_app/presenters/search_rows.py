"""What was found, as the list shows it: notes first, messages in a group of their own, weaker matches marked."""

from __future__ import annotations

from datetime import datetime

import msgspec

from desktop_app.domain.chat_search import MessagePassage
from desktop_app.domain.search import SearchHit, SearchOrder, SearchResult

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


def rows_of(result: SearchResult, *, with_weaker: bool) -> list[SearchRow]:
    """By relevance the notes, then the messages: only words find these, so that no number compares both. By date all
    in one order. Weaker matches come last.
    """
    found = [SearchRow(hit) for hit in result.hits] + [SearchRow(message) for message in result.messages]
    if result.order is SearchOrder.DATE:
        found.sort(key=lambda row: _moment(row.hit), reverse=True)
    return found + ([SearchRow(hit, weaker=True) for hit in result.weaker] if with_weaker else [])


def _moment(hit: Hit) -> datetime:
    return hit.edited_at if isinstance(hit, SearchHit) else hit.said_at
