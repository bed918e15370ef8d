"""The list of chats: grouped by day, narrowed by title."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Conversation
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatUseCases
from desktop_app.presenters.tasks import TaskRunner

ModelIndex = QModelIndex | QPersistentModelIndex


class DayGroup(StrEnum):
    """The heading a chat stands under."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    EARLIER = "earlier"


class RowKind(StrEnum):
    """What a row of the list is."""

    HEADING = "heading"
    CHAT = "chat"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class ChatRow:
    """One row: a heading, a chat, or the way on to the search screen."""

    kind: RowKind
    title: str
    second_line: str = ""
    conversation_id: int | None = None
    changed_at: datetime | None = None


class ChatRole:
    """Data roles of ChatListModel beside DisplayRole (the title)."""

    SECOND_LINE = int(Qt.ItemDataRole.UserRole) + 1
    KIND = int(Qt.ItemDataRole.UserRole) + 2
    CONVERSATION = int(Qt.ItemDataRole.UserRole) + 3


def day_group(moment: datetime, now: datetime) -> DayGroup:
    """The group of `moment` in local time; the future (an odd clock) counts as today."""
    days = (now.astimezone().date() - moment.astimezone().date()).days
    if days <= 0:
        return DayGroup.TODAY
    return DayGroup.YESTERDAY if days == 1 else DayGroup.EARLIER


class ChatListModel(QAbstractListModel):
    """Rows for a flat list view. Headings cannot be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[ChatRow] = []

    def set_rows(self, rows: list[ChatRow]) -> None:
        """Show other rows. Where only their contents changed, selection and scroll position stay."""
        if [self._identity(row) for row in rows] == [self._identity(row) for row in self._rows]:
            changed = [index for index, (old, new) in enumerate(zip(self._rows, rows, strict=True)) if old != new]
            self._rows = rows
            for position in changed:
                self.dataChanged.emit(self.index(position), self.index(position))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    @staticmethod
    def _identity(row: ChatRow) -> tuple[RowKind, int | None]:
        return row.kind, row.conversation_id

    def row(self, position: int) -> ChatRow:
        """The row at `position`."""
        return self._rows[position]

    def position_of(self, conversation_id: int | None) -> int | None:
        """Where a chat stands, None where it is not listed."""
        if conversation_id is None:
            return None
        return next((at for at, row in enumerate(self._rows) if row.conversation_id == conversation_id), None)

    def rowCount(self, parent: ModelIndex | None = None) -> int:
        """Number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: ModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Title, second line, kind, id; the accessible text joins title and second line."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.title, row.second_line) if part)
        return {
            int(Qt.ItemDataRole.DisplayRole): row.title,
            ChatRole.SECOND_LINE: row.second_line,
            ChatRole.KIND: row.kind,
            ChatRole.CONVERSATION: row.conversation_id,
        }.get(role)

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Headings are shown only."""
        if index.isValid() and self._rows[index.row()].kind is RowKind.HEADING:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


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
        self._conversations: list[Conversation] = []
        self.is_loaded = False
        self.model = ChatListModel(self)

    @property
    def filter_text(self) -> str:
        """What titles are narrowed by."""
        return self._filter

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

        self._tasks.run(work, done=self._show, failed=self.failed.emit, channel="chat.list")

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a chat another title; an empty one is refused silently (the old one stays)."""
        title = " ".join(title.split())
        if not title:
            return

        def done(_result: None) -> None:
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

    def _show(self, conversations: list[Conversation]) -> None:
        self.is_loaded = True
        self._conversations = conversations
        self.model.set_rows(self._rows(conversations))
        self.changed.emit()

    def _rows(self, conversations: list[Conversation]) -> list[ChatRow]:
        names = {
            DayGroup.TODAY: self.tr("Today"),
            DayGroup.YESTERDAY: self.tr("Yesterday"),
            DayGroup.EARLIER: self.tr("Earlier"),
        }
        rows: list[ChatRow] = []
        now = self._now()
        last: DayGroup | None = None
        for each in conversations:
            group = day_group(each.changed_at, now)
            if group is not last:
                rows.append(ChatRow(RowKind.HEADING, names[group]))
                last = group
            title = each.title or self.untitled()
            second = self._second_line(each)
            rows.append(ChatRow(RowKind.CHAT, title, second, each.id, each.changed_at))
        if self._filter:
            rows.append(ChatRow(RowKind.SEARCH, self.tr("Search everything for “{0}”").format(self._filter)))
        return rows

    def _second_line(self, conversation: Conversation) -> str:
        if conversation.draft.strip():
            return self.tr("Draft: {0}").format(" ".join(conversation.draft.split())[:120])
        return " ".join(conversation.preview.split())[:160]
