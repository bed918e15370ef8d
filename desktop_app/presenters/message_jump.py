"""Going to one message, in whatever chat and on whatever branch it stands."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_rows import MessageRowId
from desktop_app.presenters.chat_service import ChatSearching
from desktop_app.presenters.tasks import TaskRunner


class OpensChats(Protocol):
    """The half of ChatPresenter that is needed here."""

    opened: SignalInstance

    @property
    def conversation_id(self) -> int | None: ...
    def open_again(self, conversation_id: int) -> None: ...


class MessageJump(QObject):
    """`go` opens the chat on the branch that holds the message; `arrived(message id)` follows once it is shown."""

    arrived = Signal(int)
    failed = Signal(object)  # InkwellError

    def __init__(self, chat: OpensChats, search: ChatSearching | None, tasks: TaskRunner) -> None:
        """`chat` is this object's Qt parent, too."""
        super().__init__(chat if isinstance(chat, QObject) else None)
        self._chat = chat
        self._search = search
        self._tasks = tasks
        self._goal: MessageRowId | None = None
        chat.opened.connect(self._opened)

    def go(self, goal: MessageRowId) -> None:
        """Show the message; an earlier wish is forgotten."""
        search = self._search
        if search is None:
            return
        self._goal = None

        def work(_cancel: CancelToken) -> bool:
            return search.reveal(goal.conversation_id, goal.message_id)

        def done(switched: bool) -> None:
            if not switched and self._chat.conversation_id == goal.conversation_id:
                self.arrived.emit(goal.message_id)
                return
            self._goal = goal
            self._chat.open_again(goal.conversation_id)

        self._tasks.run(work, done=done, failed=self._fail, channel="chat.jump")

    def _opened(self) -> None:
        goal, self._goal = self._goal, None
        if goal is not None and goal.conversation_id == self._chat.conversation_id:
            self.arrived.emit(goal.message_id)
        self._tasks.drop_channel("chat.jump")

    def _fail(self, error: InkwellError) -> None:
        self.failed.emit(error)
