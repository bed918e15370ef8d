"""The pane at the left: new chat, filter, and the chats by day."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtWidgets import QInputDialog, QLineEdit, QMenu, QVBoxLayout, QWidget

from desktop_app.presenters.chat_list import SEARCH_ROW, ChatListPresenter
from desktop_app.ui.widgets import FilterBox, FlatList, PlainLabel, SidePane

if TYPE_CHECKING:
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.theme.theme import Theme


_NARROWEST = 200


class ChatListPane(SidePane):
    """Lists chats; what is done to one is asked of the presenter."""

    chat_chosen = Signal(int)
    search_wanted = Signal(str)
    narrowest_changed = Signal()

    def __init__(
        self, presenter: ChatListPresenter, theme: Theme, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("Chats"), actions["chat.new"], parent=parent)
        self._presenter = presenter
        self._theme = theme
        self._open_id: int | None = None
        self._when_listed: Callable[[], None] | None = None
        self.filter = FilterBox(self.tr("Filter chats…"), parent=self)
        self.filter.textChanged.connect(self._filter_changed)
        self.filter.returnPressed.connect(self._choose_first)
        self.filter.leave_downwards.connect(self._enter_list)
        self.add_inset(self.filter)
        self.list = FlatList(theme, presenter.model, name=self.tr("Chats"), sections=True, parent=self)
        self.list.chosen.connect(self._chosen)
        self.list.menu_wanted.connect(self._open_menu)
        self.list.remove_wanted.connect(self._remove)
        self._empty = PlainLabel("", "muted", wrap=True)
        self._empty.setContentsMargins(8, 8, 8, 8)
        holder = QWidget(self)
        stack = QVBoxLayout(holder)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self._empty)
        stack.addWidget(self.list, 1)
        self.body.addWidget(holder, 1)
        presenter.changed.connect(self._refreshed)
        presenter.failed.connect(self._forget_wait)
        self._refreshed()

    def select_chat(self, conversation_id: int | None) -> None:
        """Mark the chat that is open."""
        self._open_id = conversation_id
        self.list.select(conversation_id)

    def rename_chat(self, conversation_id: int) -> None:
        """Ask for another title."""
        current = next((each.title for each in self._presenter.conversations if each.id == conversation_id), "")
        question = QInputDialog(self)
        question.setWindowTitle(self.tr("Rename chat"))
        question.setLabelText(self.tr("Title"))
        question.setTextEchoMode(QLineEdit.EchoMode.Normal)
        question.setTextValue(current)
        question.setMinimumWidth(self._theme.px(360))
        for field in question.findChildren(QLineEdit):
            field.setAcceptDrops(False)  # a file's path is no title
        question.textValueSelected.connect(lambda title: self._presenter.rename(conversation_id, title))
        question.finished.connect(question.deleteLater)
        question.open()

    def event(self, event: QEvent) -> bool:
        """The list is never narrower than its own head, whatever the font's size."""
        handled = super().event(event)
        layout = self.layout()
        if event.type() == QEvent.Type.LayoutRequest and layout is not None:
            narrowest = max(_NARROWEST, layout.minimumSize().width())
            if narrowest != self.minimumWidth():
                self.setMinimumWidth(narrowest)
                self.narrowest_changed.emit()
        return handled

    def _refreshed(self) -> None:
        listed = bool(self._presenter.conversations)
        if not self._presenter.is_loaded:
            text = self.tr("Loading…")
        elif self._presenter.filter_text:
            text = self.tr("No chat has this in its title.")
        else:
            text = self.tr("No chats yet. Write something below to begin one.")
        self._empty.setText(text)
        self._empty.setVisible(not listed)
        self.list.select(self._open_id)
        self._act_when_listed()

    def _filter_changed(self, text: str) -> None:
        self._forget_wait()
        self._presenter.set_filter(text)

    def _chosen(self, row_id: object) -> None:
        self._forget_wait()
        if isinstance(row_id, int):
            self.chat_chosen.emit(row_id)
        elif row_id == SEARCH_ROW:
            self.search_wanted.emit(self._presenter.filter_text)

    def _choose_first(self) -> None:
        def choose() -> None:
            self._chosen(self._first_row())

        self._wait_for_list(choose)

    def _enter_list(self) -> None:
        def select() -> None:
            first = self._first_row()
            if isinstance(first, int) and not self.list.currentIndex().isValid():
                self.list.select(first)

        self.list.setFocus()
        self._wait_for_list(select)

    def _first_row(self) -> object:
        return next((row.id for row in self._presenter.model.rows if not row.is_section), None)

    def _wait_for_list(self, act: Callable[[], None]) -> None:
        """Act on the rows that fit what stands in the filter: those of the text before it may still be shown."""
        self._when_listed = act
        self._act_when_listed()

    def _act_when_listed(self) -> None:
        act = self._when_listed
        if act is not None and self._presenter.is_current:
            self._when_listed = None
            act()

    def _forget_wait(self, _error: object = None) -> None:
        self._when_listed = None

    def _remove(self, row_id: object) -> None:
        if isinstance(row_id, int):
            self._presenter.trash(row_id)

    def _open_menu(self, row_id: object, point: QPoint) -> None:
        if not isinstance(row_id, int):
            return
        menu = QMenu(self)
        menu.addAction(self._theme.icon("pencil"), self.tr("Rename…"), lambda: self.rename_chat(row_id))
        menu.addAction(self._theme.icon("trash"), self.tr("Move to trash"), lambda: self._presenter.trash(row_id))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)
