"""The list of chats: grouped by day, narrowed by title."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Conversation
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatUseCases
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.presenters.tasks import TaskRunner


class DayGroup(StrEnum):
    """The heading a chat stands under."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    EARLIER = "earlier"


SEARCH_ROW = "search"
"""Id of the last row while filtering, which carries the text over to the search screen."""


def day_group(moment: datetime, now: datetime) -> DayGroup:
    """The group of `moment` in local time; the future (an odd clock) counts as today."""
    days = (now.astimezone().date() - moment.astimezone().date()).days
    if days <= 0:
        return DayGroup.TODAY
    return DayGroup.YESTERDAY if days == 1 else DayGroup.EARLIER


class ChatListPresenter(QObject):
    """Loads, filters, renames and trashes chats."""

    changed = Signal()
    failed = Signal(object)  # InkwellError
    trashed = Signal(int, str)  # conversation id, title: the place to offer Undo
    restored = Signal(int)
    renamed = Signal(int, str)

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._now = now
        self._filter = ""
        self._listed_filter = ""
        self._conversations: list[Conversation] = []
        self.is_loaded = False
        self.model = RowListModel(self)

    @property
    def filter_text(self) -> str:
        """What titles are narrowed by."""
        return self._filter

    @property
    def is_current(self) -> bool:
        """True once the rows are those of `filter_text`: the list follows what is typed a moment later."""
        return self.is_loaded and self._listed_filter == self._filter

    @property
    def conversations(self) -> list[Conversation]:
        """The chats listed, newest change first."""
        return self._conversations

    def set_filter(self, text: str) -> None:
        """Narrow the list to titles that contain `text`."""
        text = text.strip()
        if text != self._filter:
            self._filter = text
            self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        wanted = self._filter

        def work(_cancel: CancelToken) -> list[Conversation]:
            return self._service.conversations(wanted)

        def done(conversations: list[Conversation]) -> None:
            self._show(conversations, wanted)

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.list")

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a chat another title; an empty one is refused silently (the old one stays)."""
        title = " ".join(title.split())
        if not title:
            return

        def done(_result: None) -> None:
            self._conversations = [
                dataclasses.replace(each, title=title) if each.id == conversation_id else each
                for each in self._conversations
            ]
            self.renamed.emit(conversation_id, title)
            self.refresh()

        self._change(lambda: self._service.rename(conversation_id, title), done)

    def trash(self, conversation_id: int) -> None:
        """Move a chat to the trash; `trashed` follows."""
        title = next((each.title for each in self._conversations if each.id == conversation_id), "")

        def done(_result: None) -> None:
            self.trashed.emit(conversation_id, title or self.untitled())
            self.refresh()

        self._change(lambda: self._service.trash(conversation_id), done)

    def restore(self, conversation_id: int) -> None:
        """Undo `trash`."""

        def done(_result: None) -> None:
            self.restored.emit(conversation_id)
            self.refresh()

        self._change(lambda: self._service.restore(conversation_id), done)

    def untitled(self) -> str:
        """What a chat without a title is called."""
        return self.tr("New chat")

    def _change(self, change: Callable[[], None], done: Callable[[None], None]) -> None:
        def work(_cancel: CancelToken) -> None:
            change()

        self._tasks.run(work, done=done, failed=self._report)

    def _report(self, error: InkwellError) -> None:
        self.failed.emit(error)

    def _show(self, conversations: list[Conversation], listed_filter: str) -> None:
        self.is_loaded = True
        self._listed_filter = listed_filter
        self._conversations = conversations
        self.model.set_rows(self._rows(conversations))
        self.changed.emit()

    def _rows(self, conversations: list[Conversation]) -> list[Row]:
        names = {
            DayGroup.TODAY: self.tr("Today"),
            DayGroup.YESTERDAY: self.tr("Yesterday"),
            DayGroup.EARLIER: self.tr("Earlier"),
        }
        rows: list[Row] = []
        now = self._now()
        last: DayGroup | None = None
        for each in conversations:
            group = day_group(each.changed_at, now)
            if group is not last:
                rows.append(Row(f"section {group}", names[group], is_section=True))
                last = group
            rows.append(Row(each.id, each.title or self.untitled(), self._second_line(each)))
        if self._filter:
            rows.append(Row(SEARCH_ROW, self.tr("Search everything for “{0}”").format(self._filter)))
        return rows

    def _second_line(self, conversation: Conversation) -> str:
        if conversation.draft.strip():
            return self.tr("Draft: {0}").format(" ".join(conversation.draft.split())[:120])
        return " ".join(conversation.preview.split())
