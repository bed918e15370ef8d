"""Says that a long answer has ended while the person was looking elsewhere; never what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat_answer import RunningAnswer
from desktop_app.presenters.shell import Notice

if TYPE_CHECKING:
    from desktop_app.presenters.answer_watch import AnswerWatch
    from desktop_app.presenters.chat import ChatPresenter
    from desktop_app.presenters.shell import ShellPresenter

_SHOWN_MS = 10_000
_LONGEST_NAME = 60


class DesktopMessage:
    """A message of the desktop, where it shows any: the icon that Qt needs for it is there only as long as it is."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._icon: QSystemTrayIcon | None = None

    def show(self, title: str, text: str) -> None:
        """Show it for some seconds; a click brings the window to the front."""
        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        self.remove()
        icon = QSystemTrayIcon(self._window.windowIcon(), self._window)
        icon.messageClicked.connect(self._raise)
        icon.activated.connect(self._raise)
        icon.show()
        icon.showMessage(title, text, self._window.windowIcon(), _SHOWN_MS)
        self._icon = icon
        QTimer.singleShot(_SHOWN_MS, icon, self.remove)

    def remove(self) -> None:
        """Take the message and its icon away."""
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None

    def _raise(self) -> None:
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.raise_()
        self._window.activateWindow()
        self.remove()


class AnswerNews(QObject):
    """Tells of long answers: by the desktop while the window is not the active one, and by a notice with the way there
    where the person looks at another chat or screen.
    """

    def __init__(
        self,
        watch: AnswerWatch,
        presenter: ChatPresenter,
        shell: ShellPresenter,
        screen: QWidget,
        *,
        wanted: Callable[[], bool],
    ) -> None:
        """`wanted()`: the person wants messages of the desktop."""
        super().__init__(screen)
        self._presenter = presenter
        self._shell = shell
        self._screen = screen
        self._wanted = wanted
        self._message: DesktopMessage | None = None
        watch.long_answer_ended.connect(self._tell)

    def _tell(self, answer: RunningAnswer) -> None:
        window = self._screen.window()
        if not window.isActiveWindow() and self._wanted():
            self.alert(window)
        if not (self._screen.isVisible() and answer.slot is self._presenter.slot):
            self._notify(answer)

    def _notify(self, answer: RunningAnswer) -> None:
        chat, message = answer.slot.id, answer.message
        is_whole = message is not None and message.stop_reason not in (None, StopReason.INTERRUPTED)
        words = self.tr("The answer in “{0}” is ready") if is_whole else self.tr("The answer in “{0}” broke off")
        name = (answer.title or self._presenter.chats.untitled())[:_LONGEST_NAME]
        self._shell.notice.emit(
            Notice(
                words.format(name),
                action_text=self.tr("Show") if chat is not None else "",
                action=None if chat is None else lambda: self._shell.show_chat(chat),
            )
        )

    def alert(self, window: QWidget) -> None:
        """Draw attention to the window. What is said holds nothing of a chat: others may see the screen."""
        QApplication.alert(window)
        if self._message is None:
            self._message = DesktopMessage(window)
        self._message.show(self.tr("Inkwell"), self.tr("Your answer is ready."))
