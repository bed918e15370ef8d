"""The rows of the chat list: chats under their day, and messages in which a text was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject

from desktop_app.domain.chat_list import ChatPlace
from desktop_app.domain.conversation import WRITING
from desktop_app.presenters.rows import Row

if TYPE_CHECKING:
    from desktop_app.domain.chat_list import ChatFilter
    from desktop_app.domain.chat_search import MessageHit
    from desktop_app.domain.conversation import Conversation

SEARCH_ROW = "search"
"""Id of the last row while filtering, which carries the text over to the search screen."""

_LONGEST_LINE = 160


class DayGroup(StrEnum):
    """The heading a chat stands under."""

    PINNED = "pinned"
    TODAY = "today"
    YESTERDAY = "yesterday"
    EARLIER = "earlier"
    ARCHIVED = "archived"


class MessageRowId(msgspec.Struct, frozen=True):
    """Id of a row that stands for one message of a chat."""

    conversation_id: int
    message_id: int


class Answering(msgspec.Struct, frozen=True):
    """Which chat is being answered, and which ones wait for their turn."""

    running: int | None = None
    waiting: Collection[int] = ()


def day_group(moment: datetime, now: datetime) -> DayGroup:
    """The group of `moment` in local time; the future (an odd clock) counts as today."""
    days = (now.astimezone().date() - moment.astimezone().date()).days
    if days <= 0:
        return DayGroup.TODAY
    return DayGroup.YESTERDAY if days == 1 else DayGroup.EARLIER


def _group_of(chat: Conversation, now: datetime) -> DayGroup:
    if chat.archived_at is not None:
        return DayGroup.ARCHIVED
    return DayGroup.PINNED if chat.pinned_at is not None else day_group(chat.changed_at, now)


class ChatRows(QObject):
    """Words the rows."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now = now

    def untitled(self) -> str:
        """What a chat without a title is called."""
        return self.tr("New chat")

    def untitled_writing(self) -> str:
        """What free writing without a title is called."""
        return self.tr("Free writing")

    def of_chats(
        self,
        chats: Sequence[Conversation],
        filter: ChatFilter,
        answering: Answering,
        after: Conversation | None = None,
    ) -> list[Row]:
        """Chats with a heading above each group; in archive and trash without, for their order is no day's.

        `after` is the chat that stands above them.
        """
        rows: list[Row] = []
        now = self._now()
        last = _group_of(after, now) if after is not None else None
        for each in chats:
            group = _group_of(each, now)
            if group is not last and filter.place is ChatPlace.CHATS:
                rows.append(Row(f"section {group}", self._name_of(group), is_section=True))
                last = group
            title, icon = each.title or self.untitled(), ""
            if each.kind == WRITING:
                title, icon = each.title or self.untitled_writing(), "writing"
            rows.append(Row(each.id, title, self._second_line(each), self._mark(each, answering), icon=icon))
        return rows

    def of_messages(self, hits: Sequence[MessageHit]) -> list[Row]:
        """Messages in which the text was found, under a heading of their own."""
        if not hits:
            return []
        rows = [Row("section messages", self.tr("In messages"), is_section=True)]
        for hit in hits:
            rows.append(
                Row(
                    MessageRowId(hit.conversation_id, hit.message_id),
                    hit.title or self.untitled(),
                    hit.snippet,
                    self.tr("archived") if hit.archived else "",
                    marks=tuple((span.start, span.end) for span in hit.marks),
                    needs_enter=True,
                )
            )
        return rows

    def search_row(self, text: str) -> Row:
        """The way to a search through everything."""
        return Row(SEARCH_ROW, self.tr("Search everything for “{0}”").format(text), needs_enter=True)

    def _name_of(self, group: DayGroup) -> str:
        return {
            DayGroup.PINNED: self.tr("Pinned"),
            DayGroup.TODAY: self.tr("Today"),
            DayGroup.YESTERDAY: self.tr("Yesterday"),
            DayGroup.EARLIER: self.tr("Earlier"),
            DayGroup.ARCHIVED: self.tr("Archive"),
        }[group]

    def _mark(self, chat: Conversation, answering: Answering) -> str:
        if chat.id == answering.running:
            return self.tr("writing…")
        return self.tr("waits") if chat.id in answering.waiting else ""

    def _second_line(self, chat: Conversation) -> str:
        if chat.draft.strip():
            return self.tr("Draft: {0}").format(" ".join(chat.draft[: 2 * _LONGEST_LINE].split())[:_LONGEST_LINE])
        return " ".join(chat.preview.split()) or self.tr("Nothing sent yet")
