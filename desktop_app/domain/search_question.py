"""What a person typed into the one search box, taken apart: words to look for, and filters such as `tag:garden`.

The tokenizer is written by hand. It never fails: what cannot be understood becomes a problem with its place, and an
unknown operator is sought as the words it is made of.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from desktop_app.domain.folders import clean_folder, clean_tag
from desktop_app.domain.search_dates import ENGLISH_DAYS, Period, first_day
from desktop_app.domain.text_cleaning import without_lone_surrogates
from desktop_app.domain.whole_numbers import whole_number

MOST_CHARACTERS = 10_000
"""A question is read so far and no further."""

MOST_FILTERS = 20
"""Filters of one question; a longer list is a mistake, and each is a chip on the screen."""

MOST_AMONG = 20
"""Notes that one filter can name."""

_OPENING = '"“”„«»'
_PHRASE = re.compile(r'["“”„«»]([^"“”„«»]*)(["“”„«»]|\Z)')
_NAME = re.compile(r"(-?)([A-Za-z]{2,12}):(?!:)")
_VALUE = re.compile(r"\S*")
_BARE_WORD = re.compile(r"-(?=[^\W_])[^\s\"“”„«»]+")
_SECOND_WORD = re.compile(r"[ \t]+(\S+)")
_MOST_VALUE = 400  # twenty of the longest numbers
_ANY_DAY = date(2000, 1, 1)


class FilterKind(StrEnum):
    """What a filter looks at. The value is the operator as it is typed, but for WORDS (`-word`)."""

    WORDS = "words"
    TAG = "tag"
    FOLDER = "folder"
    PATH = "path"
    TITLE = "title"
    BEFORE = "before"
    AFTER = "after"
    IN = "in"
    SIMILAR = "similar"
    AMONG = "among"


class Scope(StrEnum):
    """Where is looked."""

    NOTES = "notes"
    CHATS = "chats"
    ALL = "all"


class ProblemKind(StrEnum):
    """What is wrong with a part of a question."""

    UNKNOWN_OPERATOR = "unknown_operator"
    UNCLOSED_QUOTE = "unclosed_quote"
    NO_VALUE = "no_value"
    NO_DATE = "no_date"
    NO_PLACE = "no_place"
    NO_NUMBER = "no_number"
    TOO_MANY = "too_many"
    TOO_LONG = "too_long"


class Filter(msgspec.Struct, frozen=True):
    """One condition a hit must meet.

    Attributes:
        value: as it is compared: a cleaned folder or tag, the words, a place, a note's number, those of several with
            commas between them, a date as it was typed.
        start, end: the part of the question that says so.
        excluded: the condition must not be met.
        day: of BEFORE and AFTER, the first day of the period meant: earlier than it, or from it on.
        growing: it is still being typed, so the beginning of a tag or folder counts as well.
    """

    kind: FilterKind
    value: str
    start: int
    end: int
    excluded: bool = False
    day: date | None = None
    growing: bool = False


class QuestionProblem(msgspec.Struct, frozen=True):
    """A part [start, end) of a question that does not mean what it seems to.

    Attributes:
        text: the part itself.
        meant: the operator that was probably meant; empty where none comes near.
    """

    kind: ProblemKind
    text: str
    start: int
    end: int
    meant: str = ""


class Question(msgspec.Struct, frozen=True):
    """A question taken apart.

    Attributes:
        text: as it was typed, cut at MOST_CHARACTERS, lone surrogates replaced.
        words: what is left for the legs of the search once the filters are taken out, phrases in their quotes; the
            whole text where there is no filter.
        open_ended: the last word stands at the end of the text, and may still grow.
    """

    text: str
    words: str
    filters: tuple[Filter, ...] = ()
    problems: tuple[QuestionProblem, ...] = ()
    open_ended: bool = True

    @property
    def scope(self) -> Scope | None:
        """Where the question itself says to look; None where it does not say."""
        places = {each.value for each in self.filters if each.kind is FilterKind.IN}
        if not places:
            return None
        return Scope(places.pop()) if len(places) == 1 else Scope.ALL

    @property
    def similar_to(self) -> int | None:
        """The note whose like is looked for."""
        found = next((each for each in self.filters if each.kind is FilterKind.SIMILAR), None)
        return int(found.value) if found is not None else None

    @property
    def conditions(self) -> tuple[Filter, ...]:
        """The filters that the store applies."""
        return tuple(each for each in self.filters if each.kind not in (FilterKind.IN, FilterKind.SIMILAR))

    @property
    def asks_nothing(self) -> bool:
        """Nothing was typed that anything could be found by."""
        return not self.words.strip() and not self.filters

    @property
    def is_list(self) -> bool:
        """Filters without words: what fits them is listed by date."""
        return not self.words.strip() and bool(self.filters) and self.similar_to is None

    def without(self, start: int, end: int) -> str:
        """The text without one of its parts, and without a blank too many in its place."""
        before, after = self.text[:start], self.text[end:]
        if not before.strip():
            return after.lstrip()
        return before.rstrip() + (f" {after.lstrip()}" if after.strip() else "")


def parse_question(
    text: str, *, today: date, typing: bool = False, days: Mapping[str, Period] = ENGLISH_DAYS
) -> Question:
    """Take a question apart. Never raises.

    Args:
        today: what "yesterday" and "last week" are reckoned from.
        typing: a filter at the very end may still grow.
        days: words that stand for dates, in lower case, beside ISO dates.
    """
    reader = _Reader(without_lone_surrogates(text[:MOST_CHARACTERS]), today, typing, days)
    reader.read()
    if len(text) > MOST_CHARACTERS:
        reader.problem(ProblemKind.TOO_LONG, MOST_CHARACTERS - 1, MOST_CHARACTERS)
    return reader.question()


def written(kind: FilterKind, value: str, *, excluded: bool = False) -> str:
    """A filter as it is typed: `folder:"Gen AI"`, `-word`."""
    quoted = f'"{value}"' if not value or re.search(r"\s", value) else value
    name = "" if kind is FilterKind.WORDS else f"{kind}:"
    return ("-" if excluded else "") + name + quoted


def among(note_ids: Sequence[int]) -> str:
    """The filter that lets only these notes through, the first MOST_AMONG of them."""
    return written(FilterKind.AMONG, ",".join(str(each) for each in note_ids[:MOST_AMONG]))


def notes_among(question: Question) -> tuple[int, ...]:
    """The notes that the question names; () where it names none."""
    named = (each for each in question.filters if each.kind is FilterKind.AMONG and not each.excluded)
    return tuple(int(number) for each in named for number in each.value.split(","))


def with_filter(text: str, addition: str) -> str:
    """`text` with a filter behind it, once, and a blank for what is typed next. A quote that is open ends before it."""
    parts = text.rstrip()
    if any(problem.kind is ProblemKind.UNCLOSED_QUOTE for problem in parse_question(parts, today=_ANY_DAY).problems):
        parts += '"'
    if addition in parts.split():
        return f"{parts} "
    return f"{parts} {addition} " if parts else f"{addition} "


class _Reader(msgspec.Struct):
    text: str
    today: date
    typing: bool
    days: Mapping[str, Period]
    filters: list[Filter] = msgspec.field(default_factory=list)
    problems: list[QuestionProblem] = msgspec.field(default_factory=list)
    cut: list[tuple[int, int]] = msgspec.field(default_factory=list)
    """Parts that are no words to look for."""

    def read(self) -> None:
        at = 0
        while at < len(self.text):
            if self.text[at].isspace():
                at += 1
            else:
                at = self._part(at)

    def _part(self, at: int) -> int:
        """Read what begins at `at`, behind a blank; where it ends."""
        named = _NAME.match(self.text, at)
        if named is not None:
            known = named[2].lower()
            if known in _READERS:
                return self._operator(named, FilterKind(known))
            self._unknown(named)
        elif self.text[at] == "-":
            end = self._excluded_words(at)
            if end:
                return end
        return self._words(at)

    def _operator(self, named: re.Match[str], kind: FilterKind) -> int:
        value, start, end = self._value(named.end())
        if not value.strip():
            at_the_end = not self.text[end:].strip()
            self.problem(ProblemKind.NO_VALUE, named.start(), max(end, named.end()))
            if at_the_end or end > start:
                self.cut.append((named.start(), end))
            return end
        if kind in (FilterKind.BEFORE, FilterKind.AFTER) and self.text[start : start + 1] not in _OPENING:
            value, end = self._two_words(value, end)
        self.cut.append((named.start(), end))
        _READERS[kind](self, value.strip()[:_MOST_VALUE], named.start(), end, bool(named[1]))
        return end

    def _value(self, at: int) -> tuple[str, int, int]:
        """(value, where it begins, where it ends) behind an operator's colon."""
        if at < len(self.text) and self.text[at] in _OPENING:
            phrase = _PHRASE.match(self.text, at)
            assert phrase is not None
            if not phrase[2]:
                self.problem(ProblemKind.UNCLOSED_QUOTE, at, phrase.end())
            return phrase[1], at, phrase.end()
        bare = _VALUE.match(self.text, at)
        assert bare is not None
        return bare[0], at, bare.end()

    def _two_words(self, value: str, end: int) -> tuple[str, int]:
        """ "last week" behind `after:` needs no quotes."""
        second = _SECOND_WORD.match(self.text, end)
        if second is not None and value.lower() not in self.days and f"{value} {second[1]}".lower() in self.days:
            return f"{value} {second[1]}", second.end()
        return value, end

    def _unknown(self, named: re.Match[str]) -> None:
        """`lable:x` is said to be no operator; `localhost:8080` and `12:30` are left alone."""
        name, following = named[2].lower(), self.text[named.end() : named.end() + 1]
        near = difflib.get_close_matches(name, _TYPED, 1, 0.6)
        meant = _OTHER_NAMES.get(name, near[0] if near else "")
        if following.isalpha() or (following and following in _OPENING) or (meant and following.isalnum()):
            self.problem(ProblemKind.UNKNOWN_OPERATOR, named.start(), named.end(), meant)

    def _excluded_words(self, at: int) -> int:
        """Read `-word` or `-"a phrase"`; where it ends, 0 where this is none (a dash, a bullet)."""
        if self.text[at + 1 : at + 2] and self.text[at + 1] in _OPENING:
            phrase, start, end = self._value(at + 1)
            value = phrase.strip()
            if value:
                value = f'"{value}"' if re.search(r"\s", value) else value
            elif end > start:
                self.problem(ProblemKind.NO_VALUE, at, end)
                self.cut.append((at, end))
                return end
        else:
            bare = _BARE_WORD.match(self.text, at)
            if bare is None:
                return 0
            value, end = bare[0][1:], bare.end()
        self.cut.append((at, end))
        self._add(Filter(FilterKind.WORDS, value[:_MOST_VALUE], at, end, excluded=True))
        return end

    def _words(self, at: int) -> int:
        """Pass over words to the next blank outside of quotes."""
        while at < len(self.text) and not self.text[at].isspace():
            if self.text[at] in _OPENING:
                phrase = _PHRASE.match(self.text, at)
                assert phrase is not None
                if not phrase[2]:
                    self.problem(ProblemKind.UNCLOSED_QUOTE, at, phrase.end())
                at = phrase.end()
            else:
                at += 1
        return at

    # The operators' values -----------------------------------------------------------------------

    def read_tag(self, value: str, start: int, end: int, excluded: bool) -> None:
        tag = clean_tag(value)
        if tag:
            self._add(Filter(FilterKind.TAG, tag, start, end, excluded, growing=self._grows(end)))
        else:
            self.problem(ProblemKind.NO_VALUE, start, end)

    def read_folder(self, value: str, start: int, end: int, excluded: bool) -> None:
        self._add(Filter(FilterKind.FOLDER, clean_folder(value), start, end, excluded, growing=self._grows(end)))

    def read_text(self, kind: FilterKind, value: str, start: int, end: int, excluded: bool) -> None:
        self._add(Filter(kind, value, start, end, excluded))

    def read_date(self, kind: FilterKind, value: str, start: int, end: int, excluded: bool) -> None:
        day = first_day(value, self.today, self.days)
        if day is None:
            self.problem(ProblemKind.NO_DATE, start, end)
            return
        if excluded:  # not before a day is from it on
            kind = FilterKind.AFTER if kind is FilterKind.BEFORE else FilterKind.BEFORE
        self._add(Filter(kind, value, start, end, day=day))

    def read_place(self, value: str, start: int, end: int, excluded: bool) -> None:
        place = _PLACES.get(value.lower())
        if place is None:
            self.problem(ProblemKind.NO_PLACE, start, end)
            return
        if excluded and place is not Scope.ALL:
            place = Scope.CHATS if place is Scope.NOTES else Scope.NOTES
        self._add(Filter(FilterKind.IN, place.value, start, end))

    def read_number(self, value: str, start: int, end: int, _excluded: bool) -> None:
        number = whole_number(value, most_digits=18)
        if number:
            self._add(Filter(FilterKind.SIMILAR, str(number), start, end))
        else:
            self.problem(ProblemKind.NO_NUMBER, start, end)

    def read_numbers(self, value: str, start: int, end: int, excluded: bool) -> None:
        numbers = [whole_number(each, most_digits=18) for each in value.split(",")]
        if all(numbers) and len(numbers) <= MOST_AMONG:
            self._add(Filter(FilterKind.AMONG, ",".join(map(str, numbers)), start, end, excluded))
        else:
            self.problem(ProblemKind.NO_NUMBER, start, end)

    # What comes of it ----------------------------------------------------------------------------

    def problem(self, kind: ProblemKind, start: int, end: int, meant: str = "") -> None:
        self.problems.append(QuestionProblem(kind, self.text[start:end], start, end, meant))

    def question(self) -> Question:
        if not self.cut:
            return Question(self.text, self.text, tuple(self.filters), tuple(self.problems))
        kept: list[str] = []
        at = 0
        for start, end in self.cut:
            kept.append(self.text[at:start].strip())
            at = end
        rest = self.text[at:]
        words = " ".join(part for part in (*kept, rest.lstrip()) if part)
        return Question(self.text, words, tuple(self.filters), tuple(self.problems), open_ended=bool(rest.strip()))

    def _grows(self, end: int) -> bool:
        return self.typing and end == len(self.text) and self.text[-1] not in _OPENING

    def _add(self, found: Filter) -> None:
        same = (found.kind, found.value, found.excluded)
        if any((each.kind, each.value, each.excluded) == same for each in self.filters):
            return
        if len(self.filters) < MOST_FILTERS:
            self.filters.append(found)
        elif not any(each.kind is ProblemKind.TOO_MANY for each in self.problems):
            self.problem(ProblemKind.TOO_MANY, found.start, found.end)


_READERS = {
    FilterKind.TAG: _Reader.read_tag,
    FilterKind.FOLDER: _Reader.read_folder,
    FilterKind.PATH: lambda reader, *part: reader.read_text(FilterKind.PATH, *part),
    FilterKind.TITLE: lambda reader, *part: reader.read_text(FilterKind.TITLE, *part),
    FilterKind.BEFORE: lambda reader, *part: reader.read_date(FilterKind.BEFORE, *part),
    FilterKind.AFTER: lambda reader, *part: reader.read_date(FilterKind.AFTER, *part),
    FilterKind.IN: _Reader.read_place,
    FilterKind.SIMILAR: _Reader.read_number,
    FilterKind.AMONG: _Reader.read_numbers,
}
_WRITTEN_BY_THE_PROGRAM = (FilterKind.SIMILAR, FilterKind.AMONG)
_TYPED: Sequence[str] = [kind.value for kind in _READERS if kind not in _WRITTEN_BY_THE_PROGRAM]
_OTHER_NAMES = {
    "date": "after",
    "since": "after",
    "from": "after",
    "until": "before",
    "label": "tag",
    "dir": "folder",
    "file": "path",
    "name": "title",
    "type": "in",
}
"""What other programs call them, where the spelling does not tell."""
_PLACES = {
    "notes": Scope.NOTES,
    "note": Scope.NOTES,
    "chats": Scope.CHATS,
    "chat": Scope.CHATS,
    "messages": Scope.CHATS,
    "message": Scope.CHATS,
    "all": Scope.ALL,
}
