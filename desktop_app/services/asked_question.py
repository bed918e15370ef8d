"""One question as a search answers it."""

from __future__ import annotations

import time

import msgspec

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.query import Query
from desktop_app.domain.search import SearchMode, SearchOrder, SearchResult
from desktop_app.domain.search_question import Question, Scope


class Asked(msgspec.Struct, frozen=True):
    """One search: the question, what of it goes to the legs, and how it is to be answered."""

    question: Question
    query: Query
    mode: SearchMode
    order: SearchOrder
    scope: Scope
    limit: int
    typing: bool
    cancel: CancelToken
    started: float

    @property
    def is_list(self) -> bool:
        """Only filters were asked."""
        return self.question.is_list or (not self.query.text and self.question.similar_to is None)

    @property
    def by_meaning(self) -> bool:
        """Meaning is asked, too."""
        return self.mode is not SearchMode.WORDS or self.question.similar_to is not None

    def result(self) -> SearchResult:
        """An answer without any hits."""
        return SearchResult(
            query=self.question.text,
            mode=self.mode,
            hits=(),
            seconds=time.monotonic() - self.started,
            words=self.query.text,
            order=self.order,
            scope=self.scope,
        )
