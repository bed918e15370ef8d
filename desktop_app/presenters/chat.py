"""The chat screen's state: which chat is open, the answer under way, the model, and what went wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import (
    AnswerFinished,
    ChatEvent,
    MemoryMoved,
    MessageAdded,
    Reading,
    TextAdded,
)
from desktop_app.domain.conversation import Conversation, Message, Role
from desktop_app.domain.errors import InkwellError, NotFoundError
from desktop_app.domain.generation import WorkerPhase, WorkerStatus
from desktop_app.presenters.chat_draft import DraftKeeper
from desktop_app.presenters.chat_list import ChatListPresenter
from desktop_app.presenters.chat_service import ChatModel, ChatSlot, ChatUseCases
from desktop_app.presenters.context_meter import ContextMeterPresenter, seconds_in_words
from desktop_app.presenters.tasks import Task, TaskRunner
from desktop_app.presenters.transcript import FIRST_PAGE, TranscriptPresenter

COALESCE_MS = 50
"""Tokens are shown in batches of this many milliseconds: smooth to the eye, cheap for the window."""

_FIRST_PICTURE_MS = 80
"""The model is looked at and loaded when the window has been painted: its thread would hold up the first picture."""

_MODEL_THERE = (WorkerPhase.READY, WorkerPhase.BUSY)


class Phase(StrEnum):
    """Where the answer of the shown chat stands."""

    IDLE = "idle"
    SENDING = "sending"
    WAITING_FOR_MODEL = "waiting_for_model"
    READING = "reading"
    WRITING = "writing"
    STOPPING = "stopping"
    ELSEWHERE = "elsewhere"  # an answer is being written in another chat


@dataclass(frozen=True, slots=True)
class Activity:
    """What the line under the last message says.

    Attributes:
        progress: 0.0 to 1.0 where it is known.
        draft_waits: what waits is the composer's text; it is stored nowhere else yet.
    """

    phase: Phase
    text: str = ""
    progress: float | None = None
    draft_waits: bool = False


@dataclass(eq=False)
class _Answer:
    """The one answer under way; `draft` is the message it answers until that is stored."""

    slot: ChatSlot
    draft: str | None
    title: str
    task: Task | None = None
    message: Message | None = None
    reading: Reading | None = None
    arrived: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)
    stopping: bool = False

    def text_so_far(self) -> str:
        self.arrived = ["".join(self.arrived)]
        return self.arrived[0]


@dataclass(frozen=True, slots=True)
class _Opened:
    conversation: Conversation
    messages: list[Message]


class ChatPresenter(QObject):
    """Everything the chat screen shows, in words and values; the screen draws it."""

    opened = Signal()  # another chat is shown
    title_changed = Signal()
    activity_changed = Signal()
    problem_changed = Signal()
    model_changed = Signal()
    composer_replaced = Signal(str)  # the draft of the chat that was opened, or an empty text once it was sent
    markdown_ready = Signal(str)
    failed = Signal(object)  # InkwellError: something beside the answer failed

    _status_arrived = Signal(object)

    def __init__(
        self, service: ChatUseCases, tasks: TaskRunner, model: ChatModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._model = model
        self.transcript = TranscriptPresenter(service, tasks, self)
        self.chats = ChatListPresenter(service, tasks, parent=self)
        self.meter = ContextMeterPresenter(service, tasks, self)
        self._drafts = DraftKeeper(service, tasks, self.failed.emit, self.chat_made, self)
        self._slot = ChatSlot()
        self._title = ""
        self._draft = ""
        self._answer: _Answer | None = None
        self._problem: InkwellError | None = None
        self._problem_slot: ChatSlot | None = None
        self._unsent = False
        self._model_error: InkwellError | None = None
        self._pill = ""
        self._starting = False
        self.is_closed = False
        self._status = model.decoder.status
        self._show_timer = QTimer(self)
        self._show_timer.setSingleShot(True)
        self._show_timer.setInterval(COALESCE_MS)
        self._show_timer.timeout.connect(self._show_text)
        self._status_arrived.connect(self._take_status)
        self._unsubscribe = model.decoder.subscribe(self._status_arrived.emit)
        self.transcript.failed.connect(self.failed)
        self.chats.failed.connect(self.failed)
        self.chats.renamed.connect(self._renamed)
        self.chats.trashed.connect(self._trashed)

    def close(self) -> None:
        """Let go of the decoder and keep the draft; called once, before the task runner closes."""
        self.is_closed = True
        self._unsubscribe()
        self._show_timer.stop()
        self.meter.close()
        self.transcript.close()
        self._drafts.flush()

    # Which chat ---------------------------------------------------------------------------------

    @property
    def slot(self) -> ChatSlot:
        """The shown chat, which may have no row in the store yet."""
        return self._slot

    @property
    def conversation_id(self) -> int | None:
        """The shown chat; None for a new one without a row in the store."""
        return self._slot.id

    @property
    def title(self) -> str:
        """The shown chat's title."""
        return self._title or self.chats.untitled()

    @property
    def is_empty(self) -> bool:
        """True while no message is shown."""
        return not self.transcript.messages

    def start(self) -> None:
        """First show of the screen: read the list, and load the model in the background."""
        if self.is_closed:
            return
        self.chats.refresh()
        self._starting = True
        self.model_changed.emit()
        QTimer.singleShot(_FIRST_PICTURE_MS, self, self._load_model)

    def new_chat(self) -> None:
        """Show an empty chat."""
        self._tasks.drop_channel("chat.open")
        self._drafts.flush()
        self._show(ChatSlot(), "", "", [], None)

    def open(self, conversation_id: int) -> None:
        """Show a chat of the store."""
        if conversation_id == self._slot.id:
            self._tasks.drop_channel("chat.open")
            return
        self._drafts.flush()
        self._read(conversation_id)

    def reload(self) -> None:
        """Read the list and the shown chat again: the store now holds another state (a restored backup)."""
        self.chats.refresh()
        if self._slot.id is not None and self._answer is None:
            self._read(self._slot.id)

    def _read(self, conversation_id: int) -> None:
        def work(_cancel: CancelToken) -> _Opened:
            conversation = self._service.get(conversation_id)
            return _Opened(conversation, self._service.messages(conversation_id, limit=FIRST_PAGE))

        self._tasks.run(work, done=self._show_opened, failed=self._open_failed, channel="chat.open")

    def _open_failed(self, error: InkwellError) -> None:
        if isinstance(error, NotFoundError):
            self.new_chat()
            self.chats.refresh()
        self.failed.emit(error)

    def _show_opened(self, opened: _Opened) -> None:
        each = opened.conversation
        slot = ChatSlot(each.id)
        draft = each.draft
        if self._answer is not None and self._answer.slot.id == each.id:
            slot = self._answer.slot
            draft = draft if self._answer.draft is None else self._answer.draft
        elif self._problem_slot is not None and self._problem_slot.id == each.id:
            slot = self._problem_slot
        self._show(slot, each.title, draft, self._with_running_text(opened.messages), each.memory_start_id)

    def _with_running_text(self, messages: list[Message]) -> list[Message]:
        """The store is up to a second behind the answer under way; its text here is newer."""
        answer = self._answer
        if answer is None or answer.message is None:
            return messages
        running = answer.message
        answer.unshown.clear()
        live = _with_text(running, answer.text_so_far())
        return [live if message.id == running.id else message for message in messages]

    def _show(self, slot: ChatSlot, title: str, draft: str, messages: list[Message], memory: int | None) -> None:
        self._slot = slot
        self._title = title
        self._draft = draft
        self._drafts.loaded(slot, draft)
        self.transcript.show(slot.id, messages, memory)
        self.opened.emit()
        self.title_changed.emit()
        self.composer_replaced.emit(draft)
        self.problem_changed.emit()
        self.activity_changed.emit()
        self.meter.show_chat(slot, draft)

    def chat_made(self, slot: ChatSlot) -> None:
        """That chat has its row in the store now: the list shows it."""
        if slot is self._slot and slot.id is not None:
            self.transcript.adopt(slot.id)
        self.chats.refresh()

    def _renamed(self, conversation_id: int, title: str) -> None:
        if conversation_id == self._slot.id:
            self._title = title
            self.title_changed.emit()
        if self._answer is not None and self._answer.slot.id == conversation_id:
            self._answer.title = title
            self.activity_changed.emit()

    def _trashed(self, conversation_id: int, _title: str) -> None:
        if self._answer is not None and self._answer.slot.id == conversation_id:
            self.stop()
        if conversation_id == self._slot.id:
            self.new_chat()

    def copy_markdown(self) -> None:
        """Ask for the whole chat as Markdown; `markdown_ready` follows."""
        conversation_id = self._slot.id
        if conversation_id is None:
            return

        def work(_cancel: CancelToken) -> str:
            return self._service.as_markdown(conversation_id)

        self._tasks.run(work, done=self.markdown_ready.emit, failed=self.failed.emit, channel="chat.markdown")

    # The composer -------------------------------------------------------------------------------

    def set_draft(self, text: str) -> None:
        """The composer's text changed."""
        if text == self._draft:
            return
        self._draft = text
        self._drafts.keep(self._slot, text)
        self.meter.set_draft(text)
        problem = self.problem
        if problem is not None and (problem.code == "message_too_long" or (self._unsent and not text.strip())):
            self._set_problem(None)

    def unsaved(self) -> str:
        """Save the draft before this returns (the window closes); what could not be saved, in a sentence."""
        try:
            self._drafts.save_now()
        except InkwellError as error:
            return self.tr("The draft of your message is not saved: {0}").format(error.what)
        return ""

    @property
    def can_send(self) -> bool:
        """True when the draft may be sent: it has text and no answer is under way."""
        return bool(self._draft.strip()) and self._answer is None

    def send(self) -> bool:
        """Send the draft; false when it stays in the composer (empty, too long, or an answer is under way)."""
        text = self._draft
        if not self.can_send:
            return False
        if self.meter.refuses(text):
            self.meter.changed.emit()
            return False
        slot = self._slot
        if self._status.phase not in _MODEL_THERE:
            self._drafts.flush()  # it may wait for long, and nothing else keeps it

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            return self._service.send(slot.ensure(self._service), text, cancel)

        self._begin(work, draft=text)
        return True

    # Answers ------------------------------------------------------------------------------------

    def regenerate(self, message_id: int) -> None:
        """Write another answer in the place of this one."""
        self._again(message_id, self._service.regenerate, replaces=True)

    def retry(self, message_id: int) -> None:
        """Try again after an error or a bad end."""
        self._again(message_id, self._service.retry, replaces=True)

    def retry_last(self, *, forgive: bool = False) -> None:
        """Try again what failed last in this chat; `forgive` lifts the model's quarantine first."""
        if forgive:
            self._model.decoder.forgive()
        if self._unsent and self.problem is not None:
            self.send()
        elif self.transcript.messages:
            self.retry(self.transcript.messages[-1].id)

    def continue_answer(self, message_id: int) -> None:
        """Write on from the end of this answer."""
        self._again(message_id, self._service.continue_answer, replaces=False)

    def stop(self) -> bool:
        """Stop the answer under way, wherever it is; false when there is none."""
        answer = self._answer
        if answer is None or answer.task is None:
            return False
        answer.stopping = True
        answer.task.cancel()
        self.activity_changed.emit()
        return True

    def _again(
        self,
        message_id: int,
        use_case: Callable[[int, int, CancelToken], Iterator[ChatEvent]],
        *,
        replaces: bool,
    ) -> None:
        conversation_id = self._slot.id
        index = self.transcript.index_of(message_id)
        if self._answer is not None or conversation_id is None or index is None:
            return
        message = self.transcript.messages[index]

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            return use_case(conversation_id, message_id, cancel)

        answer = self._begin(work, draft=None)
        if not replaces:
            answer.message = _reopened(message)
            self.transcript.running_id = message.id
            answer.arrived = [message.text]
            self.transcript.update(answer.message)

    def _begin(self, work: Callable[[CancelToken], Iterator[ChatEvent]], *, draft: str | None) -> _Answer:
        answer = _Answer(self._slot, draft, self._title)
        self._answer = answer
        self._set_problem(None)
        answer.task = self._tasks.stream(
            work,
            item=self._take_event,
            done=self._end_answer,
            failed=self._fail_answer,
            cancelled=self._end_answer,
        )
        self.activity_changed.emit()
        return answer

    def _take_event(self, event: ChatEvent) -> None:
        answer = self._answer
        if answer is None:
            return
        if isinstance(event, TextAdded):
            self._take_text(answer, event.text)
        elif isinstance(event, Reading):
            answer.reading = event
            self.activity_changed.emit()
        elif isinstance(event, MessageAdded):
            self._take_message(answer, event.message)
        elif isinstance(event, MemoryMoved):
            if self._is_shown(answer):
                self.transcript.set_memory_start(event.first_message_id)
        elif isinstance(event, AnswerFinished):
            self._show_text()
            answer.message = event.message
            self.transcript.running_id = None
            if self._is_shown(answer):
                self.transcript.update(event.message)

    def _take_text(self, answer: _Answer, text: str) -> None:
        first = answer.reading is not None or not answer.arrived
        answer.reading = None
        answer.arrived.append(text)
        answer.unshown.append(text)
        if not self._show_timer.isActive():
            self._show_timer.start()
        if first:
            self.activity_changed.emit()

    def _show_text(self) -> None:
        self._show_timer.stop()
        answer = self._answer
        if answer is None or answer.message is None or not answer.unshown:
            return
        text = "".join(answer.unshown)
        answer.unshown.clear()
        if self._is_shown(answer):
            self.transcript.add_text(answer.message.id, text)

    def _take_message(self, answer: _Answer, message: Message) -> None:
        if message.role is Role.ASSISTANT:
            answer.message = message
            self.transcript.running_id = message.id
        else:
            self._message_sent(answer)
        if self._is_shown(answer):
            self.transcript.adopt(message.conversation_id)
            self.transcript.add(message)
        self.activity_changed.emit()
        self.chats.refresh()

    def _message_sent(self, answer: _Answer) -> None:
        """The person's message is committed: only now may its text leave the composer."""
        self._drafts.sent(answer.slot)
        if self._is_shown(answer) and self._draft == answer.draft:
            self._draft = ""
            self.composer_replaced.emit("")
            self.meter.set_draft("")
        if not answer.title:
            self._read_title(answer.slot)
        answer.draft = None

    def _read_title(self, slot: ChatSlot) -> None:
        def work(_cancel: CancelToken) -> Conversation:
            return self._service.get(slot.ensure(self._service))

        def done(conversation: Conversation) -> None:
            if slot is self._slot:
                self._title = conversation.title
                self.title_changed.emit()
            if self._answer is not None and self._answer.slot is slot:
                self._answer.title = conversation.title
                self.activity_changed.emit()

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.title")

    def _end_answer(self) -> None:
        self._show_text()
        answer, self._answer = self._answer, None
        self.transcript.running_id = None
        if answer is not None and self._is_shown(answer):
            self._read_again(answer)
        self.activity_changed.emit()
        self.chats.refresh()
        self.meter.refresh()

    def _fail_answer(self, error: InkwellError) -> None:
        answer = self._answer
        self._end_answer()
        if answer is not None:
            self._problem_slot = answer.slot
            self._problem = error
            self._unsent = answer.draft is not None
            self.problem_changed.emit()

    def _read_again(self, answer: _Answer) -> None:
        """Whatever end it took, the store knows how the answer really ended."""
        running = answer.message
        conversation_id = answer.slot.id
        if running is None or running.stop_reason is not None or conversation_id is None:
            return

        def work(_cancel: CancelToken) -> list[Message]:
            return self._service.messages(conversation_id, limit=2)

        def done(messages: list[Message]) -> None:
            for message in messages:
                self.transcript.update(message)

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.read_again")

    def _is_shown(self, answer: _Answer) -> bool:
        return answer.slot is self._slot

    # What goes on -------------------------------------------------------------------------------

    @property
    def answering_here(self) -> bool:
        """True while the shown chat's answer is under way."""
        return self._answer is not None and self._is_shown(self._answer)

    @property
    def running_conversation_id(self) -> int | None:
        """The chat whose answer is being written."""
        return self._answer.slot.id if self._answer is not None else None

    @property
    def activity(self) -> Activity:
        """What the line under the last message says now."""
        answer = self._answer
        if answer is None:
            return Activity(Phase.IDLE)
        if not self._is_shown(answer):
            name = answer.title or self.chats.untitled()
            return Activity(Phase.ELSEWHERE, self.tr("An answer is being written in “{0}”").format(name))
        if answer.stopping:
            return Activity(Phase.STOPPING, self.tr("Stopping…"))
        if answer.reading is not None:
            return self._reading_activity(answer.reading)
        if answer.arrived and answer.arrived != [""] and answer.message is not None:
            return Activity(Phase.WRITING)
        if self._status.phase not in _MODEL_THERE:
            return self._waiting_activity(draft_waits=answer.draft is not None)
        return Activity(Phase.SENDING, self.tr("Starting…"))

    def _reading_activity(self, reading: Reading) -> Activity:
        tokens = max(0, reading.total - reading.cached)
        text = self.tr("Reading {0} tokens").format(f"{tokens:,}")
        if reading.seconds_left is not None and reading.seconds_left >= 1:
            text = self.tr("{0}, {1}").format(text, seconds_in_words(math.ceil(reading.seconds_left)))
        done = reading.done - reading.cached
        return Activity(Phase.READING, text, done / tokens if tokens else 1.0)

    def _waiting_activity(self, *, draft_waits: bool) -> Activity:
        text = (
            self.tr("Your message is sent as soon as the model is ready")
            if draft_waits
            else self.tr("The answer begins as soon as the model is ready")
        )
        progress = self._status.progress if self._status.phase is WorkerPhase.LOADING else None
        return Activity(Phase.WAITING_FOR_MODEL, text, progress, draft_waits)

    @property
    def problem(self) -> InkwellError | None:
        """What went wrong with the shown chat's last answer."""
        return self._problem if self._problem_slot is self._slot else None

    def _set_problem(self, problem: InkwellError | None) -> None:
        if self._problem is not problem:
            self._problem = problem
            self._problem_slot = self._slot if problem is not None else None
            self.problem_changed.emit()

    # The model ----------------------------------------------------------------------------------

    @property
    def model_pill(self) -> str:
        """The model's short name; empty until its file was looked at."""
        return self._pill

    def _read_pill(self) -> None:
        def work(_cancel: CancelToken) -> str:
            return self._model.pill()

        def done(pill: str) -> None:
            if pill != self._pill:
                self._pill = pill
                self.model_changed.emit()

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.pill")

    @property
    def model_is_starter(self) -> bool:
        """True while the weak starter model is the chosen one."""
        return self._model.is_starter()

    @property
    def model_status(self) -> WorkerStatus:
        """Where the decoder's process stands."""
        return self._status

    @property
    def model_error(self) -> InkwellError | None:
        """Why the model is not there; None while it is, or is on its way."""
        if self._model_error is not None:
            return self._model_error
        if self._status.phase in (WorkerPhase.CRASHED, WorkerPhase.QUARANTINED) and not self._starting:
            error = self._status.error
            return error if isinstance(error, InkwellError) else InkwellError(self.tr("The chat model stopped."))
        return None

    @property
    def model_is_loading(self) -> bool:
        """True while the model starts or loads."""
        return self._starting or self._status.phase in (
            WorkerPhase.STARTING,
            WorkerPhase.LOADING,
            WorkerPhase.RESTARTING,
        )

    def start_model(self, *, forgive: bool = False) -> None:
        """Load the chosen model in the background; `forgive` lifts its quarantine first."""
        if self._starting:
            return
        self._starting = True
        self._model_error = None
        self.model_changed.emit()
        self._load_model(forgive=forgive)

    def _load_model(self, *, forgive: bool = False) -> None:
        if self.is_closed:
            return
        self._read_pill()

        def work(cancel: CancelToken) -> None:
            if forgive:
                self._model.decoder.forgive()
            self._model.ensure_loaded(cancel)

        self._tasks.run(work, done=self._model_started, failed=self._model_failed, channel="chat.model")

    def _model_started(self, _result: None) -> None:
        self._starting = False
        self.model_changed.emit()
        self.meter.refresh()

    def _model_failed(self, error: InkwellError) -> None:
        self._starting = False
        self._model_error = error
        self.model_changed.emit()

    def _take_status(self, status: WorkerStatus) -> None:
        became_ready = status.phase is WorkerPhase.READY and self._status.phase not in _MODEL_THERE
        self._status = status
        if status.phase in _MODEL_THERE:
            self._model_error = None
        self.model_changed.emit()
        if self._answer is not None:
            self.activity_changed.emit()
        if became_ready and not self.is_closed:
            self._read_pill()
            self.meter.refresh()


def _with_text(message: Message, text: str) -> Message:
    return replace(message, text=text)


def _reopened(message: Message) -> Message:
    """The answer as one still being written."""
    return replace(message, stop_reason=None, error="", figures=None, token_ids=None)
