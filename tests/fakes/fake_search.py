"""A search service that answers what the test says, when the test says."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.search import SearchHit, SearchMode, SearchResult, Span

EDITED = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


class FakeSearch:
    """`answers` maps a query to its results, in the order they come; a gate holds a query back until it is set."""

    def __init__(self) -> None:
        self.answers: dict[str, Sequence[SearchResult]] = {}
        self.gates: dict[str, threading.Event] = {}
        self.asked: list[tuple[str, SearchMode]] = []
        self.nearest: dict[int, Span] = {}
        self.error: InkwellError | None = None

    def search(
        self, query: str, mode: SearchMode = SearchMode.BOTH, limit: int = 20, cancel: CancelToken | None = None
    ) -> Iterator[SearchResult]:
        self.asked.append((query, mode))
        gate = self.gates.get(query)
        if gate is not None:
            gate.wait(10)
        if self.error is not None:
            raise self.error
        yield from self.answers.get(query, (SearchResult(query, mode, (), 0.01),))

    def explain_nearest(self, result: SearchResult, cancel: CancelToken | None = None) -> SearchResult:
        hits = tuple(dataclasses.replace(hit, nearest_span=self.nearest.get(hit.note_id)) for hit in result.hits)
        return dataclasses.replace(result, hits=hits)


def hit(note_id: int, title: str, passage: str, text: str | None = None, **values: object) -> SearchHit:
    """A hit whose passage stands in `text` (or alone)."""
    start = (text if text is not None else passage).index(passage)
    known: dict[str, object] = {
        "note_id": note_id,
        "title": title,
        "path": f"Gen AI/{title}",
        "folder": "Gen AI",
        "heading_path": (),
        "passage": passage,
        "start": start,
        "end": start + len(passage),
        "score": 0.8,
        "words_rank": 1,
        "meaning_rank": 1,
        "edited_at": EDITED,
    }
    return SearchHit(**{**known, **values})  # type: ignore[arg-type]


def spans_of(passage: str, *words: str) -> tuple[Span, ...]:
    """Where words stand in a passage."""
    return tuple(Span(passage.index(word), passage.index(word) + len(word)) for word in words)
