"""Where what was found lies: folders, tags and chats, each with its number, as filters that narrow the question."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication

from desktop_app.domain.search import SearchResult
from desktop_app.domain.search_question import FilterKind, Question, Scope, with_filter, written

#: Of folders and of tags, those with the most notes.
MOST_OF_A_KIND = 6
_LEAST = 2


class Facet(msgspec.Struct, frozen=True):
    """A part of what was found. `count` are its notes, or its messages."""

    kind: FilterKind
    value: str
    count: int

    @property
    def words(self) -> str:
        """As its chip says: Gen AI 12, #decoder 7."""
        if self.kind is FilterKind.IN:
            name = _tr("in chats") if self.value == Scope.CHATS.value else _tr("in notes")
        else:
            name = f"#{self.value}" if self.kind is FilterKind.TAG else self.value
        return f"{name}  {self.count}"


def facets_of(result: SearchResult) -> list[Facet]:
    """Those that leave something out, most first; none before the result was surveyed."""
    survey = result.survey
    if survey is None:
        return []
    facets = [
        Facet(kind, value, count)
        for kind, counted in ((FilterKind.FOLDER, survey.folders), (FilterKind.TAG, survey.tags))
        for value, count in [each for each in counted if _LEAST <= each[1] < survey.notes][:MOST_OF_A_KIND]
    ]
    if result.hits and result.messages:
        facets.append(Facet(FilterKind.IN, Scope.NOTES.value, survey.notes))
        facets.append(Facet(FilterKind.IN, Scope.CHATS.value, len(result.messages)))
    return facets


def narrowed(question: Question, facet: Facet) -> str:
    """The question's text with that filter. Several folders or places mean any of them, so it takes their place."""
    text = question.text
    for each in reversed(question.filters):
        if each.kind is facet.kind and each.kind is not FilterKind.TAG and not each.excluded:
            text = text[: each.start].rstrip() + " " + text[each.end :].lstrip()
    return with_filter(text.lstrip(), written(facet.kind, facet.value))


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchFacets", text)
