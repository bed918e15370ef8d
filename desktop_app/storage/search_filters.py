"""The filters of a question as SQL conditions on notes and on messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
)

from desktop_app.domain.query import is_unspaced, phrase_expression
from desktop_app.domain.search_dates import start_of
from desktop_app.domain.search_question import Filter, FilterKind
from desktop_app.domain.surface_forms import surface_forms
from desktop_app.storage.like import contains, name_contains
from desktop_app.storage.tables import conversations, messages, note_tags, note_tails, notes

Condition = ColumnElement[bool]
_OfOne = Callable[[Filter], Condition]

_PATH = case(
    (notes.c.source_path != "", notes.c.source_path),
    (notes.c.folder != "", notes.c.folder + "/" + notes.c.title),
    else_=notes.c.title,
)


def note_conditions(filters: Sequence[Filter]) -> list[Condition]:
    """What a note must meet: outside the trash, and every filter. Several folders mean any of them."""
    return [notes.c.trashed_at.is_(None), *_joined(filters, _of_note)]


def message_conditions(filters: Sequence[Filter]) -> list[Condition]:
    """What a message must meet, together with its chat. Chats have neither tags nor paths."""
    return [conversations.c.trashed_at.is_(None), *_joined(filters, _of_message)]


def in_folder(column: ColumnElement[Any], folder: str, *, growing: bool = False) -> Condition:
    """In the folder of that name or path, or in one below it, whatever the case of the letters; "" is the top.

    `growing`: the beginning of a name is enough.
    """
    if not folder:
        return column == ""
    sought = "/" + folder.casefold() + ("" if growing else "/")
    return func.instr(literal("/") + func.casefold(column) + "/", sought) > 0


def _joined(filters: Sequence[Filter], of_one: _OfOne) -> list[Condition]:
    folders = [each for each in filters if each.kind is FilterKind.FOLDER and not each.excluded]
    others = [each for each in filters if each not in folders]
    conditions = [~of_one(each) if each.excluded else of_one(each) for each in others]
    return [*conditions, or_(*map(of_one, folders))] if folders else conditions


def _of_note(filter: Filter) -> Condition:
    match filter.kind:
        case FilterKind.TAG:
            return notes.c.id.in_(select(note_tags.c.note_id).where(_tag(filter)))
        case FilterKind.FOLDER:
            # Each folder is compared once, not with each of its notes; the limit keeps SQLite from turning that around.
            folders = select(notes.c.folder).where(notes.c.trashed_at.is_(None)).distinct().limit(-1).subquery()
            meant = select(folders.c.folder).where(in_folder(folders.c.folder, filter.value, growing=filter.growing))
            return notes.c.folder.in_(meant)
        case FilterKind.PATH:
            return name_contains(_PATH, filter.value)
        case FilterKind.AMONG:
            return notes.c.id.in_([int(each) for each in filter.value.split(",")])
        case FilterKind.TITLE:
            return name_contains(notes.c.title, filter.value)
        case FilterKind.WORDS:
            return or_(
                _words("notes_words", notes.c.id, filter.value, (notes.c.title, notes.c.text)), _in_tail(filter.value)
            )
        case _:
            return _time(notes.c.edited_at, filter)


def _of_message(filter: Filter) -> Condition:
    match filter.kind:
        case FilterKind.TAG | FilterKind.PATH | FilterKind.AMONG:
            return false()
        case FilterKind.FOLDER:
            return in_folder(conversations.c.folder, filter.value, growing=filter.growing)
        case FilterKind.TITLE:
            return name_contains(conversations.c.title, filter.value)
        case FilterKind.WORDS:
            return _words("messages_words", messages.c.id, filter.value, (messages.c.text,))
        case _:
            return _time(messages.c.created_at, filter)


def _tag(filter: Filter) -> Condition:
    """The tag or one below it (`a` has `a/b`); of one that is being typed the beginning."""
    tag, value = note_tags.c.tag, filter.value
    if filter.growing:
        return func.substr(tag, 1, len(value)) == value
    return or_(tag == value, func.substr(tag, 1, len(value) + 1) == value + "/")


def _time(column: ColumnElement[Any], filter: Filter) -> Condition:
    if filter.day is None:
        return true()
    moment = start_of(filter.day)
    return column < moment if filter.kind is FilterKind.BEFORE else column >= moment


def _in_tail(value: str) -> Condition:
    """The words stand next to each other in what the index has of a long note beside its head."""
    expression = phrase_expression(value)
    if is_unspaced(value) or not expression:
        return false()
    matches = literal_column("tails_words").op("MATCH")(literal(expression))
    pieces = select(literal_column("rowid", Integer)).select_from(text("tails_words")).where(matches)
    return notes.c.id.in_(select(note_tails.c.note_id).where(note_tails.c.id.in_(pieces)))


def _words(table: str, column: ColumnElement[int], value: str, texts: Sequence[ColumnElement[str]]) -> Condition:
    """The words stand in it, next to each other. `table` is one of our own names, `texts` are looked at for words of
    scripts without blanks, which the index does not tell apart, and for signs (C++), which it drops.
    """
    if is_unspaced(value):
        return or_(*(contains(each, value.strip('"“”„«»')) for each in texts))
    expression = phrase_expression(value)
    if not expression:
        return false()
    matches = literal_column(table).op("MATCH")(literal(expression))
    found = column.in_(select(literal_column("rowid")).select_from(text(table)).where(matches))
    forms = surface_forms(value.strip('"“”„«»'))
    return and_(found, *(or_(*(contains(each, form.text) for each in texts)) for form in forms if not form.number))
