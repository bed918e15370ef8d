"""The filters of a question as chips, and what is wrong with it, in a person's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import QCoreApplication, QDate, QLocale

from desktop_app.domain.search import WordCorrection
from desktop_app.domain.search_dates import ENGLISH_DAYS, Period
from desktop_app.domain.search_question import (
    MOST_CHARACTERS,
    MOST_FILTERS,
    Filter,
    FilterKind,
    ProblemKind,
    Question,
    QuestionProblem,
    Scope,
)

_LONGEST = 36


class QuestionChip(msgspec.Struct, frozen=True):
    """One part [start, end) of a question.

    Attributes:
        text: what the chip says.
        problem: the part does not mean what it seems to; the chip warns.
        correction: what to write in the part's place, where that is known.
    """

    text: str
    start: int
    end: int
    problem: bool = False
    correction: str = ""


def chips_of(
    question: Question, titles: Mapping[int, str], corrections: Sequence[WordCorrection] = ()
) -> list[QuestionChip]:
    """Filters, problems and words that stand nowhere, in the order they were typed. `titles` are of the notes whose
    like is looked for.
    """
    chips = [QuestionChip(_filter_words(each, titles), each.start, each.end) for each in question.filters]
    chips += [
        QuestionChip(_problem_words(each), each.start, each.end, True, f"{each.meant}:" if each.meant else "")
        for each in question.problems
    ]
    for each in corrections:
        match = re.search(rf"(?<!\w){re.escape(each.word)}(?!\w)", question.text, re.IGNORECASE)
        if match is not None:
            words = _tr("No note has “{word}”. Did you mean {meant}?").replace("{meant}", _short(each.meant))
            words = words.replace("{word}", _short(each.word))
            chips.append(QuestionChip(words, match.start(), match.end(), True, each.meant))
    return sorted(chips, key=lambda chip: (chip.start, chip.problem))


def corrected_text(question: Question, corrections: Sequence[WordCorrection]) -> str:
    """The question with what was probably meant in place of each word that stands nowhere; empty where nothing is."""
    text = question.text
    for chip in reversed(chips_of(question, {}, corrections)):
        if chip.correction and not chip.correction.endswith(":"):
            text = text[: chip.start] + chip.correction + text[chip.end :]
    return text if text != question.text else ""


def day_words() -> dict[str, Period]:
    """Words for dates: the English ones, and those of the person's language."""
    own = {
        Period.TODAY: _tr("today"),
        Period.YESTERDAY: _tr("yesterday"),
        Period.THIS_WEEK: _tr("this week"),
        Period.LAST_WEEK: _tr("last week"),
        Period.THIS_MONTH: _tr("this month"),
        Period.LAST_MONTH: _tr("last month"),
        Period.THIS_YEAR: _tr("this year"),
        Period.LAST_YEAR: _tr("last year"),
    }
    words = {" ".join(spelled.lower().split()): period for period, spelled in own.items()}
    return {**words, **{spelled.replace(" ", "-"): period for spelled, period in words.items()}, **ENGLISH_DAYS}


def _filter_words(filter: Filter, titles: Mapping[int, str]) -> str:
    value = _short(filter.value)
    match filter.kind:
        case FilterKind.BEFORE | FilterKind.AFTER:
            words = _tr("before {day}") if filter.kind is FilterKind.BEFORE else _tr("since {day}")
            day = filter.day
            shown = QLocale().toString(QDate(day.year, day.month, day.day), "d MMMM yyyy") if day else ""
            return words.replace("{day}", shown)
        case FilterKind.IN:
            places = {
                Scope.NOTES.value: _tr("in notes"),
                Scope.CHATS.value: _tr("in chats"),
                Scope.ALL.value: _tr("in notes and chats"),
            }
            return places[filter.value]
        case FilterKind.SIMILAR:
            title = titles.get(int(filter.value), "")
            return _tr("like “{title}”").replace("{title}", _short(title) if title else "…")
        case FilterKind.AMONG:
            count = len(value.split(","))
            named = _tr("one note") if count == 1 else _tr("{n} notes").replace("{n}", str(count))
            return (_tr("not in {notes}") if filter.excluded else _tr("in {notes}")).replace("{notes}", named)
        case FilterKind.WORDS:
            return _tr("without {words}").replace("{words}", value)
        case FilterKind.FOLDER if not filter.value:
            return _tr("in some folder") if filter.excluded else _tr("in no folder")
    names = {
        FilterKind.TAG: (_tr("tag {name}"), _tr("without tag {name}")),
        FilterKind.FOLDER: (_tr("folder {name}"), _tr("not in folder {name}")),
        FilterKind.PATH: (_tr("path {name}"), _tr("path without {name}")),
        FilterKind.TITLE: (_tr("title {name}"), _tr("title without {name}")),
    }
    return names[filter.kind][filter.excluded].replace("{name}", value)


def _problem_words(problem: QuestionProblem) -> str:
    part = _short(problem.text)
    match problem.kind:
        case ProblemKind.UNKNOWN_OPERATOR:
            words = _tr("“{part}” is no filter: sought as words")
            if problem.meant:
                words = _tr("“{part}” is no filter. Did you mean {meant}:?").replace("{meant}", problem.meant)
        case ProblemKind.UNCLOSED_QUOTE:
            words = _tr("The quote is not closed")
        case ProblemKind.NO_VALUE:
            words = _tr("“{part}” needs a word right behind it")
        case ProblemKind.NO_DATE:
            words = _tr("“{part}”: a date is 2026-11-03, 2026-11, 2026 or “last week”")
        case ProblemKind.NO_PLACE:
            words = _tr("“{part}”: say in:notes or in:chats")
        case ProblemKind.NO_NUMBER:
            words = _tr("“{part}” is no note's number")
        case ProblemKind.TOO_MANY:
            return _tr("Only the first {n} filters count").replace("{n}", str(MOST_FILTERS))
        case ProblemKind.TOO_LONG:
            return _tr("Only the first {n} characters are read").replace("{n}", f"{MOST_CHARACTERS:,}")
    return words.replace("{part}", part)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchChips", text)
