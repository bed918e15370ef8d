"""What a person chooses about the context window: what is pinned, what happens when it is full, what a summary says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

if TYPE_CHECKING:
    from desktop_app.domain.cancellation import CancelToken
    from desktop_app.domain.chat_events import Summarising
    from desktop_app.domain.context_budget import WhenFull
    from desktop_app.domain.conversation import Message
    from desktop_app.domain.errors import InkwellError
    from desktop_app.domain.quotes import Passage
    from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
    from desktop_app.presenters.context_meter import ContextMeterPresenter
    from desktop_app.presenters.tasks import TaskRunner
    from desktop_app.presenters.transcript import TranscriptPresenter


class ContextChoices(QObject):
    """Hands choices to the service and tells what came of them."""

    recalled_ready = Signal(list)  # of Passage
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        transcript: TranscriptPresenter,
        meter: ContextMeterPresenter,
        slot: Callable[[], ChatSlot],
        parent: QObject | None = None,
    ) -> None:
        """`slot` is the chat on the screen; `transcript` and `meter` show it."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._transcript = transcript
        self._meter = meter
        self._slot = slot

    def set_pinned(self, message_id: int, pinned: bool) -> None:
        """Keep a message in the model's memory for good, or let it leave as others do."""

        def work(_cancel: CancelToken) -> Message:
            return self._service.window.set_pinned(message_id, pinned)

        def done(message: Message) -> None:
            if message.conversation_id == self._slot().id and message.id != self._transcript.running_id:
                self._transcript.update(message)
            self._meter.refresh()

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def choose_when_full(self, choice: WhenFull | None) -> None:
        """What happens when this chat is full, for it alone; None: as in the settings."""
        slot = self._slot()

        def work(_cancel: CancelToken) -> None:
            self._service.window.choose_when_full(slot.ensure(self._service), choice)

        self._tasks.run(work, done=lambda _done: self._meter.refresh(), failed=self.failed.emit)

    def choose_once(self, choice: WhenFull) -> None:
        """The chat is full and asked what to do: do that at the next step, this once."""
        conversation_id = self._slot().id
        if conversation_id is not None:
            self._service.window.choose_once(conversation_id, choice)

    def edit_summary(
        self,
        message_id: int,
        text: str,
        saved: Callable[[], None] = lambda: None,
        refused: Callable[[InkwellError], None] | None = None,
    ) -> None:
        """Change what the model is told of the messages that left its memory; `saved()` or `refused(error)` follows,
        without `refused` the signal `failed`.
        """

        def work(_cancel: CancelToken) -> Message:
            return self._service.window.edit_summary(message_id, text)

        def done(message: Message) -> None:
            if message.conversation_id == self._slot().id:
                self._transcript.set_summary(message)
            self._meter.refresh()
            saved()

        self._tasks.run(work, done=done, failed=refused or self.failed.emit)

    def ask_recalled(self, message_id: int) -> None:
        """Ask for what was recalled for an answer; `recalled_ready` follows."""

        def work(_cancel: CancelToken) -> list[Passage]:
            return self._service.window.recalled(message_id)

        self._tasks.run(work, done=self.recalled_ready.emit, failed=self.failed.emit, channel="chat.recalled")


def summarising_words(summarising: Summarising) -> str:
    """What the line under the last message says while the oldest messages are summed up."""
    if summarising.messages == 1:
        return QCoreApplication.translate("ContextChoices", "Summing up the oldest message")
    words = QCoreApplication.translate("ContextChoices", "Summing up the {0} oldest messages")
    return words.format(f"{summarising.messages:,}")
