"""The pane at the left: new chat, filter, folder, the chats by day, and the ways to archive and trash."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_app.domain.chat_list import ChatPlace
from desktop_app.presenters.chat_list import ChatListPresenter
from desktop_app.presenters.chat_rows import SEARCH_ROW, MessageRowId
from desktop_app.ui.chat.chat_menu import chat_menu
from desktop_app.ui.chat.chat_questions import ChatQuestions
from desktop_app.ui.chat.temporary_bar import TemporaryRow
from desktop_app.ui.widgets import (
    ChipButton,
    FilterBox,
    FlatList,
    IconButton,
    PlainLabel,
    SidePane,
    TextButton,
    literal,
)

if TYPE_CHECKING:
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.theme.theme import Theme


_NARROWEST = 200
_MENU_LIMIT = 60  # folders a menu lists
_NEAR_END = 600  # pixels above the list's end where the next chats are read


class ChatListPane(SidePane):
    """Lists chats; what is done to one is asked of the presenter."""

    chat_chosen = Signal(int)
    message_chosen = Signal(object)  # MessageRowId
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
        self.questions = ChatQuestions(presenter, self)
        self._add_new_menu(actions)
        self.filter = FilterBox(self.tr("Filter chats…"), parent=self)
        self.filter.setToolTip(self.tr("Narrows the titles, and finds the words in messages"))
        self.filter.textChanged.connect(self._filter_changed)
        self.filter.returnPressed.connect(self._choose_first)
        self.filter.leave_downwards.connect(self._enter_list)
        self.add_inset(self.filter)
        self._add_folder_chip()
        theme.changed.connect(self._fit_title)
        self.temporary = TemporaryRow(theme, self)
        self.body.addWidget(self.temporary)
        self.list = FlatList(theme, presenter.model, name=self.tr("Chats"), sections=True, parent=self)
        self.list.chosen.connect(self._chosen)
        self.list.menu_wanted.connect(self._open_menu)
        self.list.remove_wanted.connect(self._remove)
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._empty = PlainLabel("", "muted", wrap=True)
        self._empty.setContentsMargins(8, 8, 8, 8)
        self._way_out = TextButton(self.tr("Show all chats"), "link", parent=self)
        self._way_out.clicked.connect(self.show_all)
        holder = QWidget(self)
        stack = QVBoxLayout(holder)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self._empty)
        stack.addWidget(self._way_out)
        stack.addWidget(self.list, 1)
        self.body.addWidget(holder, 1)
        self._add_foot()
        presenter.changed.connect(self._refreshed)
        presenter.failed.connect(self._forget_wait)
        self._refreshed()

    def _add_new_menu(self, actions: Actions) -> None:
        """One button beside New, for the other ways to a new chat: two would not fit beside large letters."""
        more = IconButton(
            self._theme.icon("chevron-down"), self.tr("Other new chats, and import"), size=14, parent=self
        )
        more.setProperty("role", "slim")
        menu = QMenu(more)
        for name in ("chat.new", "chat.writing", "chat.temporary", "chat.temporary_writing"):
            menu.addAction(actions[name])
        menu.addSeparator()
        menu.addAction(actions["chat.import"])
        more.set_menu(menu)
        self.header.addWidget(more)

    def _add_folder_chip(self) -> None:
        self._folder_menu = QMenu(self)
        self._folder_menu.aboutToShow.connect(self._fill_folders)
        self.folder_chip = ChipButton(self.tr("Folder"), menu=self._folder_menu, parent=self)
        self.folder_chip.setCheckable(True)
        self._folder_row = QWidget(self)
        row = QHBoxLayout(self._folder_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.folder_chip)
        row.addStretch()
        self.add_inset(self._folder_row)

    def _add_foot(self) -> None:
        foot = QWidget(self)
        row = QHBoxLayout(foot)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(2)
        self.archive_button = self._foot_button(self.tr("Archive"), lambda: self.show_place(ChatPlace.ARCHIVE))
        self.trash_button = self._foot_button(self.tr("Trash"), lambda: self.show_place(ChatPlace.TRASH))
        self.back_button = self._foot_button(self.tr("Back to chats"), lambda: self.show_place(ChatPlace.CHATS))
        self.empty_button = self._foot_button(self.tr("Empty trash…"), self.questions.empty_trash)
        self._dot = PlainLabel("·", "small", parent=foot)
        for widget in (self.archive_button, self.back_button, self._dot, self.trash_button, self.empty_button):
            row.addWidget(widget)
        row.addStretch()
        self.body.addWidget(foot)

    def _foot_button(self, words: str, act: Callable[[], object]) -> TextButton:
        button = TextButton(words, "small_link", parent=self)
        button.clicked.connect(lambda _=False: act())
        return button

    # What the screen asks -----------------------------------------------------------------------

    def select_chat(self, conversation_id: int | None) -> None:
        """Mark the chat that is open."""
        self._open_id = conversation_id
        self._select_open()

    def show_place(self, place: ChatPlace) -> None:
        """List chats, the archive or the trash."""
        self.filter.clear()
        self._presenter.show_place(place)

    def show_all(self) -> None:
        """List all chats, with nothing in the filter."""
        self.filter.clear()
        self._presenter.show_place(ChatPlace.CHATS)

    def open_folder_menu(self) -> None:
        """As a press on the folder's chip."""
        self._presenter.show_place(ChatPlace.CHATS)
        self._folder_menu.popup(self.folder_chip.mapToGlobal(self.folder_chip.rect().bottomLeft()))

    def on_escape(self) -> bool:
        """Back from the archive or the trash, where the keyboard is in this pane; false when nothing was to be done."""
        if self._presenter.filter.place is ChatPlace.CHATS or not self.isAncestorOf(
            self.window().focusWidget() or self
        ):
            return False
        self.show_all()
        return True

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

    # Showing ------------------------------------------------------------------------------------

    def _refreshed(self) -> None:
        self._show_place()
        listed = bool(self._presenter.conversations) or bool(self._presenter.hits)
        self._empty.setText(self._words_when_empty())
        self._empty.setVisible(not listed)
        self._way_out.setVisible(not listed and self._presenter.is_loaded and self._presenter.filter.is_narrowed)
        self._select_open()
        self._act_when_listed()

    def _fit_title(self) -> None:
        """The list says what it is in whole words, whatever the font's size."""
        self.title.ensurePolished()
        self.title.setMinimumWidth(self.title.fontMetrics().horizontalAdvance(self.title.text()) + 2)

    def _show_place(self) -> None:
        presenter = self._presenter
        place, folder = presenter.filter.place, presenter.filter.folder
        titles = {
            ChatPlace.CHATS: self.tr("Chats"),
            ChatPlace.ARCHIVE: self.tr("Archive"),
            ChatPlace.TRASH: self.tr("Trash"),
        }
        self.title.setText(titles[place])
        self._fit_title()
        here = place is ChatPlace.CHATS
        self._folder_row.setVisible(here and (bool(presenter.folders) or folder is not None))
        self.folder_chip.set_text(folder.rsplit("/", 1)[-1] if folder else self.tr("Folder"))
        self.folder_chip.setChecked(folder is not None)
        self.folder_chip.setAccessibleName(self.tr("Folder: {0}").format(folder or self.tr("all")))
        for widget in (self.archive_button, self.trash_button):
            widget.setVisible(here)
        self.back_button.setVisible(not here)
        self.empty_button.setVisible(place is ChatPlace.TRASH)
        self.empty_button.setEnabled(bool(presenter.conversations))
        self._dot.setVisible(place is not ChatPlace.ARCHIVE)

    def _words_when_empty(self) -> str:
        presenter = self._presenter
        if not presenter.is_loaded:
            return self.tr("Loading…")
        if presenter.filter_text:
            if presenter.filter.place is not ChatPlace.CHATS:
                return self.tr("No chat here has this in its title.")
            if not presenter.is_current:
                return self.tr("Looking in messages…")
            return self.tr("No chat has this in its title or its messages.")
        if presenter.filter.folder is not None:
            return self.tr("No chat is in this folder. “Move to folder…” in a chat's menu puts one here.")
        return {
            ChatPlace.CHATS: self.tr("No chats yet. Write something below to begin one."),
            ChatPlace.ARCHIVE: self.tr("The archive is empty. Archive a chat by its menu to have it out of the way."),
            ChatPlace.TRASH: self.tr("The trash is empty. A chat you delete waits here until you put it back."),
        }[presenter.filter.place]

    def _select_open(self) -> None:
        current = self.list.current_id
        if isinstance(current, MessageRowId) and current.conversation_id == self._open_id:
            return  # the message that was gone to stays marked
        self.list.select(self._open_id)

    def _scrolled(self, value: int) -> None:
        if self.list.verticalScrollBar().maximum() - value < _NEAR_END:
            self._presenter.load_more()
        elif value == 0:
            self._presenter.forget_far()

    # Folders ------------------------------------------------------------------------------------

    def _fill_folders(self) -> None:
        menu, current = self._folder_menu, self._presenter.filter.folder
        menu.clear()
        self._add_folder(menu, self.tr("All folders"), current is None, None)
        menu.addSeparator()
        for path, count in self._presenter.folders[:_MENU_LIMIT]:
            words = "    " * path.count("/") + path.rsplit("/", 1)[-1]
            self._add_folder(menu, f"{words}   {count}", path == current, path)

    def _add_folder(self, menu: QMenu, words: str, checked: bool, folder: str | None) -> None:
        action = QAction(literal(words), menu)
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda: self._choose_folder(folder))
        menu.addAction(action)

    def _choose_folder(self, folder: str | None) -> None:
        self._presenter.set_folder(folder)
        self._show_place()

    # Choosing -----------------------------------------------------------------------------------

    def _filter_changed(self, text: str) -> None:
        self._forget_wait()
        self._presenter.set_filter(text)

    def _chosen(self, row_id: object) -> None:
        self._forget_wait()
        if isinstance(row_id, int):
            self.chat_chosen.emit(row_id)
        elif isinstance(row_id, MessageRowId):
            self.message_chosen.emit(row_id)
        elif row_id == SEARCH_ROW:
            self.search_wanted.emit(self._presenter.filter_text)

    def _choose_first(self) -> None:
        def choose() -> None:
            first = self._first_row()
            self.list.select(first)
            self._chosen(first)

        self._wait_for_list(choose)

    def _enter_list(self) -> None:
        def select() -> None:
            first = self._first_row()
            if first is not None and not self.list.currentIndex().isValid():
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

    # Doing --------------------------------------------------------------------------------------

    def _remove(self, row_id: object) -> None:
        if not isinstance(row_id, int):
            return
        known = self._presenter.known(row_id)
        if known is not None and known.trashed_at is not None:
            self.questions.delete_forever(row_id)
        else:
            self._presenter.trash(row_id)

    def _open_menu(self, row_id: object, point: QPoint) -> None:
        menu = self.menu_of(row_id)
        if menu is not None:
            menu.popup(point)

    def menu_of(self, row_id: object) -> QMenu | None:
        """What can be done with the chat of a row."""
        if isinstance(row_id, MessageRowId):
            row_id = row_id.conversation_id
        known = self._presenter.known(row_id) if isinstance(row_id, int) else None
        if known is None:
            return None
        return chat_menu(known, self._presenter, self.questions, self._theme, self)
