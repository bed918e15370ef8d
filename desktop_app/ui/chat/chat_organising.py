"""Connects the actions that organise chats with the open chat and the list, and says where a chat in the trash is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop_app.domain.chat_list import ChatPlace
from desktop_app.presenters.chat_list import ChatListPresenter
from desktop_app.ui.chat.chat_list_pane import ChatListPane
from desktop_app.ui.widgets import PlainLabel, TextButton

if TYPE_CHECKING:
    from desktop_app.presenters.shell import ShellPresenter
    from desktop_app.ui.actions import Actions

OF_OPEN_CHAT = (
    "chat.find",
    "chat.preset",
    "chat.settings",
    "chat.format",
    "chat.pin",
    "chat.rename",
    "chat.move",
    "chat.archive",
    "chat.copy",
    "chat.export_markdown",
    "chat.export_json",
    "chat.deleted",
    "chat.delete",
)
"""The menu ⋯ over a chat."""


class TrashBar(QFrame):
    """Stands above a chat in the trash, which is read but not written on."""

    def __init__(self, presenter: ChatListPresenter, pane: ChatListPane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "head")
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 8, 20, 8)
        row.setSpacing(10)
        row.addWidget(PlainLabel(self.tr("This chat is in the trash."), "muted", parent=self), 1)
        self.put_back = TextButton(self.tr("Put back"), parent=self)
        self.put_back.clicked.connect(lambda: self._of_open(presenter, presenter.put_back))
        self.delete = TextButton(self.tr("Delete forever…"), "danger", parent=self)
        self.delete.clicked.connect(lambda: self._of_open(presenter, pane.questions.delete_forever))
        row.addWidget(self.put_back)
        row.addWidget(self.delete)
        self.hide()

    @staticmethod
    def _of_open(presenter: ChatListPresenter, act: Callable[[int], None]) -> None:
        if presenter.opened is not None:
            act(presenter.opened.id)


class ChatOrganising(QObject):
    """What `ui/actions.py` lists about pins, folders, archive and trash."""

    def __init__(
        self,
        presenter: ChatListPresenter,
        pane: ChatListPane,
        actions: Actions,
        shell: ShellPresenter,
        show_foot: Callable[[], None],
    ) -> None:
        """`show_foot()` shows what one writes with, or hides it: it may be that the open chat is in the trash."""
        super().__init__(pane)
        self._presenter = presenter
        self._pane = pane
        self._actions = actions
        self._show_foot = show_foot
        self.trash_bar = TrashBar(presenter, pane)
        for name, act in (
            ("chat.pin", self._pin),
            ("chat.rename", lambda: self._with_open(pane.questions.rename)),
            ("chat.move", lambda: self._with_open(pane.questions.move)),
            ("chat.archive", self._archive),
            ("chat.delete", lambda: self._with_open(presenter.trash)),
            ("chat.restore", lambda: self._with_open(presenter.put_back)),
            ("chat.delete_forever", lambda: self._with_open(pane.questions.delete_forever)),
            ("chat.by_folder", pane.open_folder_menu),
            ("chat.show_all", pane.show_all),
            ("chat.show_archive", lambda: pane.show_place(ChatPlace.ARCHIVE)),
            ("chat.show_trash", lambda: pane.show_place(ChatPlace.TRASH)),
            ("chat.empty_trash", pane.questions.empty_trash),
        ):
            actions[name].triggered.connect(lambda _=False, act=act: act())
        actions["chat.new"].triggered.connect(self._leave_other_places)
        presenter.done.connect(shell.show_notice)
        presenter.changed.connect(self._show)
        presenter.opened_changed.connect(self._show)
        self._show()

    def leave_trash(self) -> None:
        """An answer is begun: the open chat is used again, and stands no longer in the trash."""
        opened = self._presenter.opened
        if opened is not None and opened.trashed_at is not None:
            self._presenter.put_back(opened.id)

    def _leave_other_places(self) -> None:
        """A new chat stands neither in the archive nor in the trash."""
        if self._presenter.filter.place is not ChatPlace.CHATS:
            self._pane.show_all()

    def _with_open(self, act: Callable[[int], None]) -> None:
        if self._presenter.opened is not None:
            act(self._presenter.opened.id)

    def _pin(self) -> None:
        opened = self._presenter.opened
        if opened is not None:
            self._presenter.set_pinned(opened.id, opened.pinned_at is None)

    def _archive(self) -> None:
        opened = self._presenter.opened
        if opened is not None:
            self._presenter.set_archived(opened.id, opened.archived_at is None)

    def _show(self) -> None:
        opened, actions = self._presenter.opened, self._actions
        gone = opened is not None and opened.trashed_at is not None
        kept = opened is not None and not gone
        for name in ("chat.pin", "chat.rename", "chat.move", "chat.archive", "chat.delete"):
            actions[name].setEnabled(kept)
        for name in ("chat.restore", "chat.delete_forever"):
            actions[name].setEnabled(gone)
        pinned = opened is not None and opened.pinned_at is not None
        archived = opened is not None and opened.archived_at is not None
        actions["chat.pin"].setText(self.tr("Unpin chat") if pinned else self.tr("Pin chat"))
        actions["chat.archive"].setText(
            self.tr("Take chat out of the archive") if archived else self.tr("Archive chat")
        )
        here = self._presenter.filter
        actions["chat.by_folder"].setEnabled(bool(self._presenter.folders))
        actions["chat.show_all"].setEnabled(here.place is not ChatPlace.CHATS or here.is_narrowed)
        actions["chat.show_archive"].setEnabled(here.place is not ChatPlace.ARCHIVE)
        actions["chat.show_trash"].setEnabled(here.place is not ChatPlace.TRASH)
        actions["chat.empty_trash"].setEnabled(here.place is not ChatPlace.TRASH or bool(self._presenter.conversations))
        self.trash_bar.setVisible(gone)
        self._show_foot()
