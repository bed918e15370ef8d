"""What is said about the results: how many there are, and why there are no more."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.search import SearchOrder, SearchResult
from desktop_app.presenters.search_rows import is_cut


def end_words(result: SearchResult, limit: int, *, is_list: bool) -> str:
    """The line below the last result; at most `limit` are shown; `is_list`: only filters were asked."""
    if is_cut(result, limit):
        by_date = result.order is SearchOrder.DATE
        words = _tr("Only the newest {n} are shown.") if by_date else _tr("Only the best {n} are shown.")
        return words.replace("{n}", str(limit))
    if is_list:
        return _tr("Nothing else meets these filters.")
    return _tr("Nothing else is related enough to show.")


def count_words(result: SearchResult, *, with_weaker: bool) -> str:
    """ "20 notes · 1 message", each only where it was looked for or found; weaker matches may be shown, too. After a
    survey all notes that the question finds are counted, also those that are not shown.
    """
    weaker = len(result.weaker) if with_weaker else 0
    notes = len(result.hits) + weaker
    messages = len(result.messages) + (len(result.weaker_messages) if with_weaker else 0)
    more = ""
    if result.survey is not None and not weaker:
        notes = max(notes, result.survey.notes)
        more = "" if result.survey.complete else "+"
    parts = []
    if notes or not messages:
        many = _tr("{n} notes").replace("{n}", f"{notes:,}{more}")
        parts.append(_tr("1 note") if notes == 1 and not more else many)
    if messages:
        one, many = _tr("1 message"), _tr("{n} messages")
        parts.append(one if messages == 1 else many.replace("{n}", str(messages)))
    return " · ".join(parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchScreen", text)
