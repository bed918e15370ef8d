"""How far indexing is, in a person's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from desktop_app.domain.search import IndexingProgress

_MINUTE = 60.0
_HOUR = 3600.0
_MANY_MESSAGES = 20
"""Fewer are read in a moment, as after each answer: nobody need be told."""


def is_under_way(progress: IndexingProgress) -> bool:
    """Whether so much is left to index that it is told."""
    return progress.notes_due > 0 or progress.messages_due >= _MANY_MESSAGES


def still_to_index(progress: IndexingProgress) -> str:
    """How many notes are due; once all are done, how many messages."""
    if progress.notes_due == 1:
        return _tr("1 note still to index")
    if not progress.notes_due and progress.messages_due:
        words = _tr("1 message still to index") if progress.messages_due == 1 else _tr("{n} messages still to index")
        return words.replace("{n}", f"{progress.messages_due:,}")
    return _tr("{n} notes still to index").replace("{n}", f"{progress.notes_due:,}")


def share_done(progress: IndexingProgress) -> tuple[int, int, str]:
    """(what is done, of how many, the same in words); all 0 and empty where that is not known."""
    if not progress.notes_due and progress.messages_due:
        total, words = progress.messages_total, _tr("{done} of {total} messages")
        done = total - progress.messages_due
    else:
        done, words = progress.chunks_done, _tr("{done} of {total} passages")
        total = done + progress.chunks_due
    if not total:
        return 0, 0, ""
    return done, total, words.replace("{done}", f"{done:,}").replace("{total}", f"{total:,}")


def pace(progress: IndexingProgress) -> str:
    """Why it stands still, or how fast it goes and how long it takes; empty before either is known."""
    if progress.problem is not None:
        return _tr("stopped: {why}").replace("{why}", progress.problem.what)
    if progress.held:
        return _tr("paused")
    if progress.paused:
        return _tr("waits while an answer is written")
    if not progress.running or progress.chunks_per_s <= 0:
        return ""
    number = f"{progress.chunks_per_s:.0f}" if progress.chunks_per_s >= 9.5 else f"{progress.chunks_per_s:.1f}"
    words = _tr("1 passage a second") if number == "1" else _tr("{n} passages a second").replace("{n}", number)
    if progress.seconds_left is not None:
        words += " · " + time_left(progress.seconds_left)
    return words


def time_left(seconds: float) -> str:
    """Roughly: nobody needs the seconds of an hour."""
    if seconds < _MINUTE:
        return _tr("less than a minute left")
    if seconds < 1.5 * _HOUR:
        return _tr("about {n} min left").replace("{n}", f"{round(seconds / _MINUTE)}")
    return _tr("about {n} hours left").replace("{n}", f"{round(seconds / _HOUR)}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Indexing", text)
