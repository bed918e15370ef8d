"""The menu of one chat in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.domain.conversation import Conversation
from desktop_app.presenters.chat_list import ChatListPresenter
from desktop_app.ui.chat.chat_questions import ChatQuestions

if TYPE_CHECKING:
    from desktop_app.ui.theme.theme import Theme


def chat_menu(
    chat: Conversation, presenter: ChatListPresenter, questions: ChatQuestions, theme: Theme, parent: QWidget
) -> QMenu:
    """What can be done with `chat`; the menu goes when it was closed."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    if chat.trashed_at is not None:
        menu.addAction(theme.icon("restore"), _tr("Put back"), lambda: presenter.put_back(chat.id))
        menu.addAction(theme.icon("trash"), _tr("Delete forever…"), lambda: questions.delete_forever(chat.id))
        return menu
    pinned, archived = chat.pinned_at is not None, chat.archived_at is not None
    menu.addAction(
        theme.icon("pin"), _tr("Unpin") if pinned else _tr("Pin"), lambda: presenter.set_pinned(chat.id, not pinned)
    )
    menu.addAction(theme.icon("pencil"), _tr("Rename…"), lambda: questions.rename(chat.id))
    menu.addAction(theme.icon("folder"), _tr("Move to folder…"), lambda: questions.move(chat.id))
    menu.addAction(
        theme.icon("archive"),
        _tr("Take out of the archive") if archived else _tr("Archive"),
        lambda: presenter.set_archived(chat.id, not archived),
    )
    menu.addAction(theme.icon("trash"), _tr("Move to trash"), lambda: presenter.trash(chat.id))
    return menu


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChatMenu", text)
