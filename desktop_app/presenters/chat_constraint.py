"""The answer format of the chat that is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.constraint import Constraint
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_service import ChatSlot
from desktop_app.presenters.tasks import TaskRunner

_CHANNEL = "chat.constraint"


class ConstraintUseCases(Protocol):
    """`services.chat_constraint.ChatConstraints`. Every method blocks."""

    def of(self, conversation_id: int) -> Constraint | None: ...
    def set(self, conversation_id: int, constraint: Constraint | None) -> None: ...


class ChatConstraintPresenter(QObject):
    """Reads and keeps the constraint of one chat at a time."""

    changed = Signal()
    """`constraint` is that of the shown chat now."""
    saved = Signal()
    refused = Signal(object)
    """InkwellError: it was not kept."""

    def __init__(
        self,
        constraints: ConstraintUseCases,
        ensure: Callable[[ChatSlot], int],
        made: Callable[[ChatSlot], None],
        tasks: TaskRunner,
        parent: QObject | None = None,
    ) -> None:
        """`ensure` gives a chat its row in the store (blocks); `made` is told that it has one now."""
        super().__init__(parent)
        self._constraints = constraints
        self._ensure = ensure
        self._made = made
        self._tasks = tasks
        self._slot = ChatSlot()
        self.constraint: Constraint | None = None

    def show(self, slot: ChatSlot) -> None:
        """Read the constraint of the chat that is shown now."""
        self._slot = slot
        self._take(None)
        conversation_id = slot.id
        if conversation_id is not None:
            self._tasks.run(
                lambda _cancel: self._constraints.of(conversation_id),
                done=self._take,
                failed=lambda _error: self._take(None),  # the chat itself says that it cannot be read
                channel=_CHANNEL,
            )

    def save(self, constraint: Constraint | None) -> None:
        """Keep it for the chat's further answers; `saved` or `refused` tells the end."""
        slot = self._slot
        is_new = slot.id is None

        def work(_cancel: CancelToken) -> None:
            if constraint is not None:
                constraint.grammar()  # a bad one makes no chat
            self._constraints.set(self._ensure(slot), constraint)

        def done(_none: None) -> None:
            if is_new:
                self._made(slot)
            if slot is self._slot:
                self._take(constraint)
            self.saved.emit()

        def failed(error: InkwellError) -> None:
            self.refused.emit(error)

        self._tasks.run(work, done=done, failed=failed)

    def _take(self, constraint: Constraint | None) -> None:
        self.constraint = constraint
        self.changed.emit()
