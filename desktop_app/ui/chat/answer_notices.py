"""Says that a long answer has ended where its reader does not see it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat import ChatPresenter
from desktop_app.presenters.chat_answer import RunningAnswer
from desktop_app.presenters.shell import Notice, ShellPresenter

LONG_S = 10.0
"""An answer that took less is not worth a notice: its reader has hardly left."""


class AnswerNotices(QObject):
    """A notice with the way to the chat; while another window is in front, this one asks for attention."""

    def __init__(
        self,
        presenter: ChatPresenter,
        screen: QWidget,
        shell: ShellPresenter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(screen)
        self._presenter = presenter
        self._screen = screen
        self._shell = shell
        self._clock = clock
        self._began = clock()
        presenter.answers.began.connect(self._note_begin)
        presenter.answers.ended.connect(self._ended)

    def _note_begin(self) -> None:
        self._began = self._clock()

    def _ended(self, answer: RunningAnswer) -> None:
        conversation_id = answer.slot.id
        if conversation_id is None or answer.stopping or self._clock() - self._began < LONG_S:
            return
        window = self._screen.window()
        if not window.isActiveWindow():
            QApplication.alert(window)
        if self._screen.isVisible() and answer.slot is self._presenter.slot:
            return
        message = answer.message
        is_whole = message is not None and message.stop_reason not in (None, StopReason.INTERRUPTED)
        words = self.tr("The answer in “{0}” is written") if is_whole else self.tr("The answer in “{0}” broke off")
        title = (answer.title or self._presenter.chats.untitled())[:60]
        self._shell.notice.emit(
            Notice(
                words.format(title),
                action_text=self.tr("Open"),
                action=lambda: self._shell.show_chat(conversation_id),
            )
        )
