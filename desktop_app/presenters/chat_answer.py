"""The one answer under way: asked for, streamed into the transcript, stopped, and what went wrong with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import (
    AnswerFinished,
    ChatEvent,
    LookingInNotes,
    MemoryMoved,
    MessageAdded,
    Reading,
    Summarising,
    TextAdded,
)
from desktop_app.domain.conversation import Conversation, Message, Role
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import WorkerPhase
from desktop_app.presenters.chat_activity import Activity, Phase
from desktop_app.presenters.chat_model import ChatModelPresenter
from desktop_app.presenters.chat_service import ChatSlot, ChatUseCases
from desktop_app.presenters.context_choices import summarising_words
from desktop_app.presenters.context_meter import seconds_in_words
from desktop_app.presenters.tasks import Task, TaskRunner
from desktop_app.presenters.transcript import TranscriptPresenter

COALESCE_MS = 50
"""Tokens are shown in batches of this many milliseconds: smooth to the eye, cheap for the window."""

Work = Callable[[CancelToken], Iterator[ChatEvent]]


class AnswerPlace(Protocol):
    """Where an answer grows while its chat is shown: the transcript, or a page of free writing.

    `running_id` is the message being written, in whatever chat.
    """

    running_id: int | None

    def adopt(self, conversation_id: int) -> None: ...
    def add(self, message: Message) -> None: ...
    def add_text(self, message_id: int, text: str) -> None: ...
    def update(self, message: Message) -> None: ...
    def set_memory_start(self, message_id: int | None, summary: Message | None = None) -> None: ...


class RunningAnswer(msgspec.Struct, eq=False):
    """The one answer under way.

    Attributes:
        draft: the message it answers until that is stored; None where it answers one of the store.
        edited: the message of the store that `draft` is another version of.
        title: of its chat; empty until there is one.
        place: where it grows while its chat is shown.
        again: asks for the very same once more.
        reached: true once anything of it came; before that nothing was stored.
        looking: true while notes are searched for what it is to be written from.
    """

    slot: ChatSlot
    draft: str | None
    title: str
    place: AnswerPlace
    edited: int | None = None
    again: Callable[[], None] | None = None
    reached: bool = False
    looking: bool = False
    task: Task | None = None
    message: Message | None = None
    reading: Reading | None = None
    summarising: Summarising | None = None
    arrived: list[str] = msgspec.field(default_factory=list)
    unshown: list[str] = msgspec.field(default_factory=list)
    stopping: bool = False

    def text_so_far(self) -> str:
        """All of the answer that came."""
        self.arrived = ["".join(self.arrived)]
        return self.arrived[0]


class AnswerPresenter(QObject):
    """Runs one answer at a time, in whatever chat; `slot` is the chat that is shown."""

    began = Signal()
    activity_changed = Signal()
    problem_changed = Signal()
    question_stored = Signal(object)  # RunningAnswer: the person's message is committed
    message_added = Signal(object)  # RunningAnswer: a message was committed, its question or itself
    titled = Signal(object, str)  # ChatSlot, title: a chat got its title from its first message
    ended = Signal(object)  # RunningAnswer
    refused = Signal(object, object)  # RunningAnswer, InkwellError: an edited message was not stored
    failed = Signal(object)  # InkwellError: something beside the answer failed

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        transcript: TranscriptPresenter,
        model: ChatModelPresenter,
        untitled: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """`untitled()` says what a chat without a title is called."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._transcript = transcript
        self._model = model
        self._untitled = untitled
        self._answer: RunningAnswer | None = None
        self._problem: InkwellError | None = None
        self._problem_slot: ChatSlot | None = None
        self.slot = ChatSlot()
        self.unsent = False
        self.again: Callable[[], None] | None = None  # what was refused before anything was stored, once more
        self._show_timer = QTimer(self)
        self._show_timer.setSingleShot(True)
        self._show_timer.setInterval(COALESCE_MS)
        self._show_timer.timeout.connect(self._show_text)
        model.changed.connect(self._model_changed)

    def close(self) -> None:
        """Show no more text."""
        self._show_timer.stop()

    # Where it stands ----------------------------------------------------------------------------

    @property
    def running(self) -> RunningAnswer | None:
        """The answer under way."""
        return self._answer

    @property
    def is_here(self) -> bool:
        """True while the shown chat's answer is under way."""
        return self._answer is not None and self._answer.slot is self.slot

    @property
    def waits_for_model(self) -> bool:
        """True while nothing can be written because the model is still on its way."""
        return self._answer is not None and self._answer.message is None and not self._model.is_there

    @property
    def activity(self) -> Activity:
        """What the line under the last message says now."""
        answer = self._answer
        if answer is None:
            return Activity(Phase.IDLE)
        if not self.is_here:
            name = answer.title or self._untitled()
            return Activity(Phase.ELSEWHERE, self.tr("An answer is being written in “{0}”").format(name))
        if answer.stopping:
            return Activity(Phase.STOPPING, self.tr("Stopping…"))
        if answer.looking:
            return Activity(Phase.SENDING, self.tr("Looking in your notes…"))
        if answer.summarising is not None:
            words = summarising_words(answer.summarising)
            return Activity(Phase.READING, words, answer.summarising.fraction)
        if answer.reading is not None:
            return self._reading_activity(answer.reading)
        if answer.arrived and answer.arrived != [""] and answer.message is not None:
            return Activity(Phase.WRITING)
        if not self._model.is_there:
            return self._waiting_activity(draft_waits=answer.draft is not None and answer.edited is None)
        return Activity(Phase.SENDING, self.tr("Starting…"))

    def _reading_activity(self, reading: Reading) -> Activity:
        tokens = max(0, reading.total - reading.cached)
        text = self.tr("Reading 1 token") if tokens == 1 else self.tr("Reading {0} tokens").format(f"{tokens:,}")
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
        status = self._model.status
        progress = status.progress if status.phase is WorkerPhase.LOADING else None
        return Activity(Phase.WAITING_FOR_MODEL, text, progress, draft_waits)

    @property
    def problem(self) -> InkwellError | None:
        """What went wrong with the shown chat's last answer."""
        return self._problem if self._problem_slot is self.slot else None

    def set_problem(self, problem: InkwellError | None) -> None:
        """Say that something is wrong with the shown chat's answer, or no more."""
        if self._problem is not problem:
            self._problem = problem
            self._problem_slot = self.slot if problem is not None else None
            self.again = None
            self.problem_changed.emit()

    def known_slot(self, conversation_id: int) -> ChatSlot | None:
        """The slot that a running answer or a problem already has for this chat."""
        if self._answer is not None and self._answer.slot.id == conversation_id:
            return self._answer.slot
        if self._problem_slot is not None and self._problem_slot.id == conversation_id:
            return self._problem_slot
        return None

    def with_running_text(self, messages: list[Message]) -> list[Message]:
        """The store is up to a second behind the answer under way; its text here is newer."""
        answer = self._answer
        if answer is None or answer.message is None:
            return messages
        running = answer.message
        answer.unshown.clear()
        live = replace(running, text=answer.text_so_far())
        return [live if message.id == running.id else message for message in messages]

    # Asking and stopping ------------------------------------------------------------------------

    def begin(
        self,
        work: Work,
        title: str,
        *,
        draft: str | None = None,
        edited: int | None = None,
        slot: ChatSlot | None = None,
        place: AnswerPlace | None = None,
        again: Callable[[], None] | None = None,
    ) -> RunningAnswer:
        """Run `work` for the shown chat, or for that of `slot`; it grows in `place`, or in the transcript. None must be
        under way. `again` begins the same anew, for the case that it is refused.
        """
        answer = RunningAnswer(slot or self.slot, draft, title, place or self._transcript, edited, again)
        self._answer = answer
        self.began.emit()
        if self._problem_slot is answer.slot:
            self.set_problem(None)
        answer.task = self._tasks.stream(
            work,
            item=self._take_event,
            done=self._end,
            failed=self._fail,
            cancelled=self._end,
        )
        self.activity_changed.emit()
        return answer

    def go_on(self, answer: RunningAnswer, message: Message) -> None:
        """`answer` writes on at the end of `message`."""
        answer.message = replace(message, stop_reason=None, error="", figures=None, token_ids=None)
        self._transcript.running_id = message.id
        answer.arrived = [message.text]
        self._transcript.update(answer.message)

    def stop(self) -> bool:
        """Stop the answer under way, wherever it is; false when there is none."""
        answer = self._answer
        if answer is None or answer.task is None:
            return False
        answer.stopping = True
        answer.task.cancel()
        self.activity_changed.emit()
        return True

    def rename(self, conversation_id: int, title: str) -> None:
        """A chat has another title."""
        if self._answer is not None and self._answer.slot.id == conversation_id:
            self._answer.title = title
            self.activity_changed.emit()

    # What comes ---------------------------------------------------------------------------------

    def _take_event(self, event: ChatEvent) -> None:
        answer = self._answer
        if answer is None:
            return
        if isinstance(event, LookingInNotes):
            answer.looking = True
            self.activity_changed.emit()
            return
        answer.reached, answer.looking = True, False
        if isinstance(event, TextAdded):
            self._take_text(answer, event.text)
        elif isinstance(event, Reading):
            answer.reading, answer.summarising = event, None
            self.activity_changed.emit()
        elif isinstance(event, Summarising):
            answer.summarising = event
            self.activity_changed.emit()
        elif isinstance(event, MessageAdded):
            self._take_message(answer, event.message)
        elif isinstance(event, MemoryMoved):
            if self.is_here:
                answer.place.set_memory_start(event.first_message_id, event.summary)
        elif isinstance(event, AnswerFinished):
            self._show_text()
            answer.message = event.message
            answer.place.running_id = None
            if self.is_here:
                answer.place.update(event.message)

    def _take_text(self, answer: RunningAnswer, text: str) -> None:
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
        if self.is_here:
            answer.place.add_text(answer.message.id, text)

    def _take_message(self, answer: RunningAnswer, message: Message) -> None:
        if message.role is Role.ASSISTANT:
            answer.message = message
            answer.arrived = [message.text] if message.text else []  # it may begin with another answer's tokens
            answer.place.running_id = message.id
        else:
            self.question_stored.emit(answer)
            if not answer.title:
                self._read_title(answer.slot)
            answer.draft = None
        if self.is_here:
            answer.place.adopt(message.conversation_id)
            answer.place.add(message)
        self.activity_changed.emit()
        self.message_added.emit(answer)

    def _read_title(self, slot: ChatSlot) -> None:
        def work(_cancel: CancelToken) -> Conversation:
            return self._service.get(slot.ensure(self._service))

        def done(conversation: Conversation) -> None:
            self.titled.emit(slot, conversation.title)
            if self._answer is not None and self._answer.slot is slot:
                self._answer.title = conversation.title
                self.activity_changed.emit()

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.title")

    def _end(self) -> None:
        self._show_text()
        answer, self._answer = self._answer, None
        if answer is None:
            return
        answer.place.running_id = None
        if answer.slot is self.slot:
            self._read_again(answer)
        self.activity_changed.emit()
        self.ended.emit(answer)

    def _fail(self, error: InkwellError) -> None:
        answer = self._answer
        self._end()
        if answer is None:
            return
        if answer.edited is not None and answer.draft is not None:
            self.refused.emit(answer, error)
            return
        self._problem_slot = answer.slot
        self._problem = error
        self.unsent = answer.draft is not None
        self.again = None if answer.reached else answer.again
        self.problem_changed.emit()

    def _read_again(self, answer: RunningAnswer) -> None:
        """Whatever end it took, the store knows how the answer really ended."""
        running = answer.message
        conversation_id = answer.slot.id
        if running is None or running.stop_reason is not None or conversation_id is None:
            return

        def work(_cancel: CancelToken) -> list[Message]:
            return self._service.messages(conversation_id, limit=2)

        def done(messages: list[Message]) -> None:
            for message in messages:
                answer.place.update(message)

        self._tasks.run(work, done=done, failed=self.failed.emit, channel="chat.read_again")

    def _model_changed(self) -> None:
        if self._answer is not None:
            self.activity_changed.emit()
