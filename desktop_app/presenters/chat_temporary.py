"""A temporary chat or page on the screen: left only after a question, then forgotten or kept."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Conversation
from desktop_app.presenters.chat_answer import AnswerPresenter, RunningAnswer
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.transcript import TranscriptPresenter
from desktop_app.presenters.writing import WritingPresenter

Go = Callable[[], None]


class TemporaryChatPresenter(QObject):
    """Watches the shown chat, or page of free writing, where it is a temporary one. A draft is in the composer only."""

    leave_asked = Signal(object)  # Go: where the person wants to go; calling it, or `keep` with it, answers
    kept = Signal(object)  # Conversation: it is in the store now; a chat is still shown under its old id
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        answers: AnswerPresenter,
        transcript: TranscriptPresenter,
        writing: WritingPresenter,
        draft: Callable[[], str],
        carries: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """`draft()` is what stands in the composer, `carries()` says whether anything is attached to it."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._answers = answers
        self._transcript = transcript
        self._writing = writing
        self._draft = draft
        self._carries = carries
        self._kept_slots: set[ChatSlot] = set()
        self._waiting: dict[ChatSlot, Go] = {}
        answers.ended.connect(self._answer_ended)

    @property
    def is_shown(self) -> bool:
        """True while what is shown is temporary."""
        return self._answers.slot.is_temporary

    @property
    def would_be_lost(self) -> bool:
        """True while something is written in it."""
        slot = self._answers.slot
        written = self._writing.has_text if slot.is_writing else self._has_messages
        return slot.is_temporary and slot not in self._kept_slots and written

    @property
    def _has_messages(self) -> bool:
        return bool(self._transcript.messages) or bool(self._draft().strip()) or self._carries()

    def leave(self, go: Go) -> None:
        """Go elsewhere; from a temporary chat with something in it only once the person said what becomes of it."""
        if self.would_be_lost:
            self.leave_asked.emit(go)
        else:
            go()

    def left(self, slot: ChatSlot) -> None:
        """Another chat is shown: a temporary one is over."""
        if slot.is_temporary and slot not in self._kept_slots:
            self._once_idle(slot, lambda: self._forget(slot))

    def keep(self, go: Go | None = None) -> None:
        """Move the chat into the store; `kept` follows, then `go` elsewhere. Where that fails, it stays shown."""
        slot = self._answers.slot
        if slot.is_temporary and slot not in self._kept_slots:
            self._once_idle(slot, lambda: self._move(slot, go))

    def _move(self, slot: ChatSlot, go: Go | None) -> None:
        draft = self._draft()
        if slot.is_writing:
            self._writing.hand_over()

        def work(_cancel: CancelToken) -> Conversation:
            if slot.is_writing:
                return self._writing.move(slot, self._service.keep)
            conversation_id = slot.ensure(self._service)
            self._service.save_draft(conversation_id, draft)
            return self._service.keep(conversation_id)

        def done(chat: Conversation) -> None:
            self._kept_slots.add(slot)
            self.kept.emit(chat)
            if go is not None:
                go()

        self._tasks.run(work, done=done, failed=self.failed.emit)

    def _forget(self, slot: ChatSlot) -> None:
        def work(_cancel: CancelToken) -> None:
            self._writing.keeper.drop(slot)
            if slot.id is not None:
                self._service.end(slot.id)

        if slot.id is not None or slot.is_writing:
            self._tasks.run(work, done=lambda _none: None, failed=self.failed.emit)

    def _once_idle(self, slot: ChatSlot, act: Go) -> None:
        """An answer that is being written in it is stopped first, and ends before what it is part of."""
        if self._answers.running is not None and self._answers.running.slot is slot:
            self._waiting[slot] = act
            self._answers.stop()
        else:
            act()

    def _answer_ended(self, answer: RunningAnswer) -> None:
        act = self._waiting.pop(answer.slot, None)
        if act is not None:
            act()
