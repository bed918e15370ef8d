"""Questions that wait until the answer under way has ended: one a chat, sent in the order they were asked."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Qt, Signal

from desktop_app.presenters.chat_answer import AnswerPresenter
from desktop_app.presenters.chat_rows import Answering
from desktop_app.presenters.chat_service import ChatSlot


class WaitingQuestion(msgspec.Struct, frozen=True):
    """A question that is sent when its turn comes. Until then it is its chat's draft, and kept as one."""

    slot: ChatSlot
    text: str
    title: str


class AnswerQueue(QObject):
    """`changed` follows each question that comes or goes."""

    changed = Signal()

    def __init__(
        self,
        answers: AnswerPresenter,
        send: Callable[[WaitingQuestion], None],
        untitled: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """`send(question)` has it answered; `untitled()` says what a chat without a title is called."""
        super().__init__(parent)
        self._answers = answers
        self._send = send
        self._untitled = untitled
        self._waiting: list[WaitingQuestion] = []
        self._is_closed = False
        # Queued: first the answer that ended says how, then the next one begins.
        answers.ended.connect(self._send_next, Qt.ConnectionType.QueuedConnection)

    def close(self) -> None:
        """Send nothing more: what waits is kept as a draft."""
        self._is_closed = True

    # What waits ---------------------------------------------------------------------------------

    def of(self, slot: ChatSlot) -> WaitingQuestion | None:
        """The question that waits in a chat."""
        return next((each for each in self._waiting if each.slot is slot), None)

    def known_slot(self, conversation_id: int) -> ChatSlot | None:
        """The slot that a waiting question already has for this chat."""
        return next((each.slot for each in self._waiting if each.slot.id == conversation_id), None)

    @property
    def answering(self) -> Answering:
        """Which chat is being answered, and which ones wait, for the list."""
        running = self._answers.running
        waiting = tuple(each.slot.id for each in self._waiting if each.slot.id is not None)
        first = running.slot.id if running is not None else None
        if first is not None and self._answers.waits_for_model:
            return Answering(None, (first, *waiting))
        return Answering(first, waiting)

    def words(self, slot: ChatSlot) -> str:
        """What the question of a chat waits for; empty where none waits."""
        running = self._answers.running
        if self.of(slot) is None or running is None:
            return ""
        if running.slot is slot:
            return self.tr("Waiting for this answer to end")
        return self.tr("Waiting for the answer in “{0}”").format(running.title or self._untitled())

    # Coming and going ---------------------------------------------------------------------------

    def add(self, question: WaitingQuestion) -> None:
        """Let a question wait."""
        self._waiting.append(question)
        self.changed.emit()

    def withdraw(self, slot: ChatSlot) -> bool:
        """Take a chat's question back: it is a draft again. False where none waits."""
        question = self.of(slot)
        if question is None:
            return False
        self._waiting.remove(question)
        self.changed.emit()
        return True

    def _send_next(self) -> None:
        if self._waiting and not self._is_closed and self._answers.running is None:
            question = self._waiting.pop(0)
            self._send(question)
            self.changed.emit()
