"""What is asked about chats in dialogs: a title, a folder, and before something is gone for good."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_app.presenters.chat_list import ChatListPresenter
from desktop_app.ui.widgets import LineDialog, QuestionBox


class ChatQuestions(QObject):
    """Asks, and has the presenter do what was answered. Nothing waits for an answer."""

    def __init__(self, presenter: ChatListPresenter, window: QWidget) -> None:
        super().__init__(window)
        self._presenter = presenter
        self._window = window

    def rename(self, conversation_id: int) -> None:
        """Ask for another title."""
        known = self._presenter.known(conversation_id)
        self._ask_line(
            self.tr("Rename chat"),
            self.tr("The title stands in the list and above the chat."),
            known.title if known is not None else "",
            [],
            self.tr("Rename"),
            lambda title: self._presenter.rename(conversation_id, title),
        )

    def move(self, conversation_id: int) -> None:
        """Ask for a folder."""
        known = self._presenter.known(conversation_id)
        self._ask_line(
            self.tr("Move to folder"),
            self.tr(
                "A new name makes a folder. Folders inside folders are written with a slash, as in “Work/Ideas”. "
                "Leave it empty for no folder."
            ),
            known.folder if known is not None else "",
            [folder for folder, _count in self._presenter.folders],
            self.tr("Move"),
            lambda folder: self._presenter.move(conversation_id, folder),
        )

    def delete_forever(self, conversation_id: int) -> None:
        """Ask before a chat is gone for good."""
        confirm_for_good(
            self._window,
            self.tr("Delete this chat forever?"),
            self.tr("“{0}” and all its messages will be gone. Nothing brings them back.").format(
                self._presenter.title_of(conversation_id)[:80]
            ),
            self.tr("Delete forever"),
            lambda: self._presenter.delete_forever(conversation_id),
        )

    def empty_trash(self) -> None:
        """Ask before all chats in the trash are gone for good."""
        confirm_for_good(
            self._window,
            self.tr("Empty the trash?"),
            self.tr("All chats in the trash will be gone. Nothing brings them back."),
            self.tr("Empty the trash"),
            self._presenter.empty_trash,
        )

    def _ask_line(
        self, title: str, help_: str, text: str, known: list[str], act: str, answered: Callable[[str], None]
    ) -> None:
        dialog = LineDialog(title, help_, text, known, act=act, cancel=self.tr("Cancel"), parent=self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.answered.connect(answered)
        dialog.open()


def confirm_for_good(window: QWidget, question: str, detail: str, act: str, agreed: Callable[[], object]) -> None:
    """Ask over `window` before something is gone that nothing brings back; `agreed()` follows a yes."""
    box = QuestionBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setText(question)
    box.setInformativeText(detail)
    yes = box.addButton(act, QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton(QCoreApplication.translate("ChatQuestions", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.set_safe_button(no)
    yes.clicked.connect(agreed)
    box.open()
