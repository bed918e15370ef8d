"""The messages of the shown chat, paged from the store, and the answer that grows at their end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.conversation import Message, Role
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import StopReason
from desktop_app.presenters.chat_service import ChatUseCases
from desktop_app.presenters.context_meter import seconds_in_words
from desktop_app.presenters.tasks import TaskRunner

FIRST_PAGE = 20
PAGE = 60


class AnswerAction(StrEnum):
    """What is offered in words under the last answer."""

    NONE = "none"
    CONTINUE = "continue"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """How an answer's end is worded.

    Attributes:
        note: shown always, "Reached the answer length of 1,024 tokens"; empty for an answer that ended by itself.
        action: what stands behind the note.
        figures: shown on hover, "170 tokens/s · first token after 0.2 s · 212 tokens · ended by itself".
    """

    note: str = ""
    action: AnswerAction = AnswerAction.NONE
    figures: str = ""


class TranscriptPresenter(QObject):
    """A contiguous stretch of the chat's path, its end included. Indexes count from the oldest loaded message.

    `running_id` is the answer being written, in whatever chat.
    """

    reset = Signal()
    older_loaded = Signal(int)  # how many were put in front
    appended = Signal(int)  # index
    replaced = Signal(int)  # index: any field of the message changed
    truncated = Signal(int)  # messages from this index on are gone
    text_added = Signal(int, str)  # index, text at its end
    memory_start_changed = Signal()
    failed = Signal(object)  # InkwellError

    def __init__(self, service: ChatUseCases, tasks: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._conversation_id: int | None = None
        self._messages: list[Message] = []
        self._index: dict[int, int] = {}
        self._has_older = False
        self._loading = False
        self._memory_start: int | None = None
        self.running_id: int | None = None

    # What is shown ------------------------------------------------------------------------------

    @property
    def conversation_id(self) -> int | None:
        """The shown chat; None for a new one."""
        return self._conversation_id

    @property
    def messages(self) -> list[Message]:
        """All loaded messages, oldest first."""
        return self._messages

    @property
    def has_older(self) -> bool:
        """True while the store has messages in front of the first one."""
        return self._has_older

    @property
    def memory_start_index(self) -> int | None:
        """Index of the first message the decoder still sees; None when it sees everything that is loaded."""
        if self._memory_start is None:
            return None
        index = self._index.get(self._memory_start)
        return index if index is not None and (index > 0 or self._has_older) else None

    def index_of(self, message_id: int) -> int | None:
        """Where a message stands, None when it is not loaded."""
        return self._index.get(message_id)

    # Filling ------------------------------------------------------------------------------------

    def show(self, conversation_id: int | None, messages: list[Message], memory_start: int | None) -> None:
        """Show another chat, from its last messages."""
        self._conversation_id = conversation_id
        self._messages = [_light(message) for message in messages]
        self._has_older = bool(messages) and messages[0].parent_id is not None
        self._memory_start = memory_start
        self._loading = False
        self._tasks.drop_channel("chat.older")
        self._renumber()
        self.reset.emit()

    def adopt(self, conversation_id: int) -> None:
        """The new chat got its row in the store."""
        self._conversation_id = conversation_id

    def load_older(self, count: int = PAGE) -> None:
        """Read the messages in front of the first one; `older_loaded` follows."""
        if not self._has_older or self._loading or self._conversation_id is None:
            return
        self._loading = True
        conversation_id, before = self._conversation_id, self._messages[0].id

        def work(_cancel: CancelToken) -> list[Message]:
            return self._service.messages(conversation_id, before_id=before, limit=count)

        self._tasks.run(work, done=self._put_in_front, failed=self._older_failed, channel="chat.older")

    def close(self) -> None:
        """Read no more (the task runner is about to close)."""
        self._has_older = False

    def _put_in_front(self, older: list[Message]) -> None:
        self._loading = False
        self._has_older = bool(older) and older[0].parent_id is not None
        self._messages[:0] = [_light(message) for message in older]
        self._renumber()
        self.older_loaded.emit(len(older))

    def _older_failed(self, error: InkwellError) -> None:
        self._loading = False
        self.failed.emit(error)

    # Changes while answering --------------------------------------------------------------------

    def add(self, message: Message) -> None:
        """A message was committed. It follows its parent; what stood there before (another answer) goes from view."""
        at = len(self._messages)
        if message.parent_id is not None:
            parent = self._index.get(message.parent_id)
            at = at if parent is None else parent + 1
        if at < len(self._messages):
            self.cut_from(at)
        self._messages.append(_light(message))
        self._index[message.id] = at
        self.appended.emit(at)

    def cut_from(self, index: int) -> None:
        """Take messages from `index` on out of view."""
        if index < len(self._messages):
            del self._messages[index:]
            self._renumber()
            self.truncated.emit(index)

    def add_text(self, message_id: int, text: str) -> None:
        """The answer grew."""
        index = self._index.get(message_id)
        if index is None or not text:
            return
        message = self._messages[index]
        self._messages[index] = replace(message, text=message.text + text)
        self.text_added.emit(index, text)

    def update(self, message: Message) -> None:
        """The store's state of a message, its end included."""
        index = self._index.get(message.id)
        if index is not None and self._messages[index] != _light(message):
            self._messages[index] = _light(message)
            self.replaced.emit(index)

    def set_memory_start(self, message_id: int | None) -> None:
        """The decoder's memory begins at another message."""
        if message_id != self._memory_start:
            self._memory_start = message_id
            self.memory_start_changed.emit()

    def _renumber(self) -> None:
        self._index = {message.id: index for index, message in enumerate(self._messages)}

    # Words --------------------------------------------------------------------------------------

    def words(self, message: Message) -> AnswerWords:
        """How the end of an answer is worded; empty while it is being written."""
        if message.role is not Role.ASSISTANT or message.stop_reason is None:
            return AnswerWords()
        note, action = self._note(message)
        return AnswerWords(note, action, self._figures(message))

    def _note(self, message: Message) -> tuple[str, AnswerAction]:
        reason = message.stop_reason
        if reason is StopReason.STOPPED:
            return self.tr("Stopped"), AnswerAction.CONTINUE if message.text else AnswerAction.RETRY
        if reason is StopReason.LIMIT:
            note = self.tr("Reached the answer length of {0} tokens").format(self._limit(message))
            return note, AnswerAction.CONTINUE
        if reason is StopReason.CONTEXT_FULL:
            return self.tr("Context full"), AnswerAction.CONTINUE
        if reason is StopReason.REPETITION:
            return self.tr("It began repeating itself"), AnswerAction.RETRY
        if reason is StopReason.INTERRUPTED:
            return self.tr("Interrupted"), AnswerAction.CONTINUE if message.text else AnswerAction.RETRY
        if not message.text.strip():
            return self.tr("The model had nothing to say"), AnswerAction.RETRY
        if message.error:
            return message.error, AnswerAction.RETRY  # it does not fit the chat's answer format
        return "", AnswerAction.NONE

    def _limit(self, message: Message) -> str:
        known = message.settings_used.get("max_answer_tokens")
        if not isinstance(known, int):
            known = message.figures.generated_tokens if message.figures else 0
        return f"{known:,}"

    def _figures(self, message: Message) -> str:
        reasons = {
            StopReason.END: self.tr("ended by itself"),
            StopReason.STOP_STRING: self.tr("ended at a stop word"),
            StopReason.LIMIT: self.tr("answer length reached"),
            StopReason.CONTEXT_FULL: self.tr("context full"),
            StopReason.REPETITION: self.tr("repeated itself"),
            StopReason.STOPPED: self.tr("stopped by you"),
            StopReason.INTERRUPTED: self.tr("interrupted"),
        }
        parts: list[str] = []
        figures = message.figures
        if figures is not None:
            speed = f"{figures.tokens_per_s:.0f}" if figures.tokens_per_s >= 10 else f"{figures.tokens_per_s:.1f}"
            parts.append(self.tr("{0} tokens/s").format(speed))
            parts.append(self.tr("first token after {0}").format(seconds_in_words(figures.first_token_s)))
            parts.append(self.tr("{0} tokens").format(f"{figures.generated_tokens:,}"))
        if message.stop_reason is not None:
            parts.append(reasons[message.stop_reason])
        return " · ".join(parts)


def _light(message: Message) -> Message:
    """Without the token ids, which no screen shows and which outweigh the text."""
    return message if message.token_ids is None else replace(message, token_ids=None)
