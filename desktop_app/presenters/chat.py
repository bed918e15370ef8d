"""The chat screen's state: which chat is open, the answer under way, the model, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.attachments import Attachment
from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ChatEvent
from desktop_app.domain.conversation import CHAT, WRITING, Conversation, Message
from desktop_app.domain.errors import BaseModelError, InkwellError, NotFoundError, TemplateError
from desktop_app.presenters.answer_queue import AnswerQueue, WaitingQuestion
from desktop_app.presenters.attachments import AttachmentsPresenter, AttachmentUseCases
from desktop_app.presenters.chat_activity import Activity, Phase
from desktop_app.presenters.chat_answer import AnswerPresenter, RunningAnswer
from desktop_app.presenters.chat_branches import BranchPresenter
from desktop_app.presenters.chat_draft import DraftKeeper
from desktop_app.presenters.chat_list import ChatListPresenter
from desktop_app.presenters.chat_model import ChatModelPresenter
from desktop_app.presenters.chat_regenerate import RegeneratePresenter, RegenerateQuestion, RegenerateWith
from desktop_app.presenters.chat_service import (
    ChatModel,
    ChatSearching,
    ChatSlot,
    ChatUseCases,
    OtherPresetUseCases,
    WritingUseCases,
)
from desktop_app.presenters.chat_temporary import TemporaryChatPresenter
from desktop_app.presenters.context_choices import ContextChoices
from desktop_app.presenters.context_meter import ContextMeterPresenter
from desktop_app.presenters.deleted_branches import DeletedBranchesPresenter
from desktop_app.presenters.find_in_chat import FindInChat
from desktop_app.presenters.message_jump import MessageJump
from desktop_app.presenters.read_ahead import ReadAheadPresenter
from desktop_app.presenters.read_chat import ReadChat, read_chat
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.token_view import TokenViewPresenter
from desktop_app.presenters.transcript import TranscriptPresenter
from desktop_app.presenters.writing import ReadPage, WritingPresenter

__all__ = ["Activity", "ChatPresenter", "Phase", "UnopenedChat"]


class UnopenedChat(msgspec.Struct, frozen=True):
    """A chat of the store that could not be shown, and why."""

    conversation_id: int
    error: InkwellError

    @property
    def may_open_later(self) -> bool:
        """False where it does not exist any more."""
        return not isinstance(self.error, NotFoundError)


class _Shown(msgspec.Struct, frozen=True):
    title: str = ""
    draft: str = ""
    messages: list[Message] = msgspec.field(default_factory=list)
    versions: dict[int, tuple[int, ...]] = msgspec.field(default_factory=dict)
    memory_start_id: int | None = None
    summary: Message | None = None
    page: ReadPage | None = None
    unopened: UnopenedChat | None = None


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

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        model: ChatModel,
        attachments: AttachmentUseCases,
        writing: WritingUseCases,
        parent: QObject | None = None,
        *,
        search: ChatSearching | None = None,
        other_presets: OtherPresetUseCases | None = None,
    ) -> None:
        """`search` finds words in messages; without it the list finds titles only.

        `other_presets` are those that one answer can be written with.
        """
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self.transcript = TranscriptPresenter(service, tasks, self)
        self.chats = ChatListPresenter(service, tasks, search=search, open_id=self._kept_id, parent=self)
        self.jump = MessageJump(self, search, tasks)
        self.find = FindInChat(self.transcript, search, tasks, self)
        self.read_ahead = ReadAheadPresenter(service, tasks, self)
        self.tokens = TokenViewPresenter(service.tokens, tasks, self)
        self._drafts = DraftKeeper(service, tasks, self.failed.emit, self.chat_made, self)
        self.model = ChatModelPresenter(model, tasks, self)
        self.answers = AnswerPresenter(service, tasks, self.transcript, self.model, self.chats.untitled, self)
        self.branches = BranchPresenter(service, tasks, self.transcript, self.answers, lambda: self._title, self)
        self.deleted = DeletedBranchesPresenter(service, tasks, self.transcript, self.branches, self)
        others = RegenerateWith(model.others, other_presets)
        self.others = RegeneratePresenter(service, tasks, self.transcript, self.answers, others, self)
        self.writing = WritingPresenter(
            writing, service, tasks, self.answers, lambda message: self.transcript.words(message).figures, self
        )
        self.queue = AnswerQueue(self.answers, self._send_question, self.chats.untitled, self)
        self.temporary = TemporaryChatPresenter(
            service,
            tasks,
            self.answers,
            self.transcript,
            self.writing,
            lambda: self._draft,
            lambda: self.attachments.has_content,
            self,
        )
        self._slot = self.answers.slot
        self.meter = ContextMeterPresenter(
            service, tasks, self, answering=lambda: self.answers.running is not None, slot=self._slot
        )
        self.window = ContextChoices(service, tasks, self.transcript, self.meter, lambda: self._slot, self)
        self.attachments = AttachmentsPresenter(attachments, service, tasks, self._slot, self)
        self._title = ""
        self._draft = ""
        self._unopened: UnopenedChat | None = None
        self.is_closed = False
        self._connect_parts()

    def _connect_parts(self) -> None:
        self.answers.activity_changed.connect(self.activity_changed)
        self.queue.changed.connect(self.activity_changed)
        self.activity_changed.connect(lambda: self.chats.set_answering(self.queue.answering))
        self.answers.problem_changed.connect(self.problem_changed)
        self.answers.question_stored.connect(self._message_sent)
        self.answers.message_added.connect(lambda _answer: self.chats.refresh())
        self.answers.titled.connect(self._take_title)
        self.answers.ended.connect(self._answer_ended)
        self.model.changed.connect(self.model_changed)
        self.model.became_ready.connect(self._model_ready)
        self.model.template_used.connect(self._retry_template)
        self.branches.path_changed.connect(self._path_changed)
        self.branches.branched.connect(self._open_branch)
        self.temporary.kept.connect(self._show_kept)
        self.writing.titled.connect(self._take_title)
        self.writing.saved.connect(self.chat_made)
        for part in (self.answers, self.model, self.branches, self.others, self.temporary):
            part.failed.connect(self.failed)
        self.read_ahead.finished.connect(self.meter.refresh)
        self.transcript.failed.connect(self.failed)
        self.chats.failed.connect(self.failed)
        self.attachments.failed.connect(self.failed)
        self.attachments.chat_made.connect(self.chat_made)
        self.attachments.content_changed.connect(self._carried_changed)
        self.jump.failed.connect(self.failed)
        self.find.failed.connect(self.failed)
        self.window.failed.connect(self.failed)
        self.answers.began.connect(self.meter.pause_learning)
        self.chats.renamed.connect(self._renamed)
        self.chats.trashed.connect(self._trashed)
        self.chats.deleted.connect(self._deleted)
        self.opened.connect(self.chats.read_opened)

    def close(self) -> None:
        """Let go of the decoder and keep the draft; called once, before the task runner closes."""
        self.is_closed = True
        self.model.close()
        self.queue.close()
        self.answers.close()
        self.meter.close()
        self.read_ahead.close()
        self.attachments.close()
        self.transcript.close()
        self.writing.close()
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

    def _kept_id(self) -> int | None:
        """The shown chat where it may stand in lists."""
        return None if self._slot.is_temporary else self._slot.id

    @property
    def title(self) -> str:
        """The shown chat's title."""
        if self._unopened is not None:
            return self.tr("Chat not opened")
        if not self._title and self._slot.is_writing:
            return self.tr("Free writing")
        if not self._title and self._slot.is_temporary:
            return self.tr("Temporary chat")
        return self._title or self.chats.untitled()

    @property
    def unopened(self) -> UnopenedChat | None:
        """The chat that was to be shown and could not be; there is none in its place then."""
        return self._unopened

    def open_unopened(self) -> None:
        """Try once more to show it."""
        if self._unopened is not None:
            self._read(self._unopened.conversation_id)

    @property
    def is_empty(self) -> bool:
        """True while no message is shown."""
        return not self.transcript.messages

    def start(self) -> None:
        """First show of the screen: read the list, and say that the model will be loaded."""
        if self.is_closed:
            return
        self.chats.refresh()
        self.model.expect()

    def load_model(self) -> None:
        """First picture of the screen: load the model in the background."""
        if not self.is_closed:
            self.model.start_expected()

    def new_chat(self, *, temporary: bool = False, then: Callable[[], object] | None = None) -> None:
        """Show an empty chat; a temporary one is never on the disk. `then()` follows once it is shown, which may be
        after a question, or never.
        """

        def go() -> None:
            self._show_new(temporary=temporary)
            if then is not None:
                then()

        self.temporary.leave(go)

    def new_writing(self, *, temporary: bool = False) -> None:
        """Show an empty page of free writing; a temporary one is never on the disk."""
        self.temporary.leave(lambda: self._show_new(temporary=temporary, kind=WRITING))

    def _show_new(self, *, temporary: bool = False, kind: str = CHAT) -> None:
        self._tasks.drop_channel("chat.open")
        self._drafts.flush()
        self._show(ChatSlot(temporary=temporary, kind=kind), _Shown())

    def open(self, conversation_id: int) -> None:
        """Show a chat of the store."""
        if conversation_id == self._slot.id:
            self._tasks.drop_channel("chat.open")
            return
        self.temporary.leave(lambda: self._open(conversation_id))

    def _open(self, conversation_id: int) -> None:
        self._drafts.flush()
        self._read(conversation_id)

    def open_again(self, conversation_id: int) -> None:
        """As `open`, reading the chat again where it is shown: another of its branches may be the shown one now."""
        if conversation_id == self._slot.id:
            self._open(conversation_id)
        else:
            self.open(conversation_id)

    def reload(self) -> None:
        """Read the list and the shown chat again: the store now holds another state (a restored backup)."""
        self.chats.refresh()
        if self._slot.id is not None and self.answers.running is None and not self._slot.is_temporary:
            self._read(self._slot.id)

    def _read(self, conversation_id: int) -> None:
        unsaved = self.writing.known_slot(conversation_id)

        def work(_cancel: CancelToken) -> ReadChat:
            return read_chat(self._service, conversation_id, lambda: self.writing.read(conversation_id, unsaved))

        def failed(error: InkwellError) -> None:
            self._open_failed(UnopenedChat(conversation_id, error))

        self._tasks.run(work, done=self._show_opened, failed=failed, channel="chat.open")

    def _open_failed(self, unopened: UnopenedChat) -> None:
        """Said in the chat's place; what is shown and cannot be had again, or was only read anew, stays."""
        if not unopened.may_open_later:
            self.chats.refresh()
        is_shown = unopened.conversation_id == self._slot.id and unopened.may_open_later
        if self._slot.is_temporary or is_shown:
            self.failed.emit(unopened.error)
            return
        self._drafts.flush()
        self._show(ChatSlot(), _Shown(unopened=unopened))

    def _show_opened(self, opened: ReadChat) -> None:
        each = opened.conversation
        running = self.answers.running
        known = (part.known_slot(each.id) for part in (self.answers, self.queue, self.writing, self.attachments))
        slot = next((slot for slot in known if slot is not None), None) or ChatSlot(each.id, kind=each.kind)
        if opened.page is not None:
            self._show(slot, _Shown(each.title, page=opened.page))
            return
        draft = each.draft
        if running is not None and running.slot is slot and running.draft is not None and running.edited is None:
            draft = running.draft
        elif (waiting := self.queue.of(slot)) is not None:
            draft = waiting.text
        messages = self.answers.with_running_text(opened.messages)
        unsaved = self._drafts.take_unsaved(each.id)
        self._show(slot, _Shown(each.title, draft, messages, opened.versions, each.memory_start_id, opened.summary))
        if unsaved:
            self.composer_replaced.emit(unsaved)
            self.set_draft(unsaved)

    def _show(self, slot: ChatSlot, shown: _Shown) -> None:
        self.writing.leave()
        left, self._slot = self._slot, slot
        self.answers.slot = slot
        self._title = shown.title
        self._draft = shown.draft
        self._unopened = shown.unopened
        self._drafts.loaded(slot, shown.draft)
        self.transcript.show(slot.id, shown.messages, shown.memory_start_id, shown.versions, shown.summary)
        self.attachments.show_chat(slot)
        self.opened.emit()
        self.title_changed.emit()
        self.composer_replaced.emit(shown.draft)
        self.problem_changed.emit()
        self.activity_changed.emit()
        if slot.is_writing:
            self.meter.rest()
            self.read_ahead.rest()
            self.writing.show(slot, shown.title, shown.page)
        else:
            self.meter.show_chat(slot, shown.draft)
            self.read_ahead.show_chat(slot, shown.draft)
        if left is not slot:
            if left.is_temporary:
                self.queue.withdraw(left)
            self.temporary.left(left)

    def _show_kept(self, chat: Conversation) -> None:
        self.chats.refresh()
        if chat.id == self._slot.id:  # a page stays as it stands
            self.opened.emit()
            self.title_changed.emit()
        else:
            self._open(chat.id)

    def _path_changed(self) -> None:
        self.meter.refresh()
        self.read_ahead.refresh()
        self.chats.refresh()

    def _open_branch(self, conversation_id: int) -> None:
        self.chats.refresh()
        self.open(conversation_id)

    def chat_made(self, slot: ChatSlot) -> None:
        """That chat has its row in the store now: the list shows it."""
        if slot is self._slot and slot.id is not None:
            self.transcript.adopt(slot.id)
            self.title_changed.emit()
        self.chats.set_answering(self.queue.answering)  # a chat that waits can be named only now
        self.chats.refresh()

    def _renamed(self, conversation_id: int, title: str) -> None:
        if conversation_id == self._slot.id:
            self._title = title
            self.writing.rename(title)
            self.title_changed.emit()
        self.answers.rename(conversation_id, title)

    def _trashed(self, conversation_id: int, _title: str) -> None:
        waiting = self.queue.known_slot(conversation_id)
        if waiting is not None:
            self.queue.withdraw(waiting)
        if self.running_conversation_id == conversation_id:
            self.stop()
        if conversation_id == self._slot.id:
            self.new_chat()

    def _deleted(self, conversation_id: int) -> None:
        self._trashed(conversation_id, "")
        self.writing.keeper.forget(conversation_id)

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
        if not self._slot.is_temporary:
            self._drafts.keep(self._slot, text)
        self.meter.set_draft(text)
        self.read_ahead.set_draft(text)
        problem = self.problem
        if problem is not None and (problem.code == "message_too_long" or (self.answers.unsent and not text.strip())):
            self.answers.set_problem(None)

    def _carried_changed(self) -> None:
        """What the draft carries is another: whether it fits is to be found out anew."""
        if self.problem is not None and self.problem.code == "message_too_long":
            self.answers.set_problem(None)
        self.meter.refresh()
        self.read_ahead.show_chat(self._slot, self._draft)

    def unsaved(self) -> str:
        """Save the draft before this returns (the window closes); what would be lost then, a sentence each."""
        lost: list[str] = []
        if self.temporary.would_be_lost:
            lost.append(
                self.tr("The temporary page is gone when Inkwell closes.")
                if self._slot.is_writing
                else self.tr("The temporary chat is gone when Inkwell closes.")
            )
        if self.branches.has_changes:
            lost.append(self.tr("A message that you were editing is not sent."))
        try:
            self._drafts.save_now()
        except InkwellError as error:
            lost.append(self.tr("The draft of your message is not saved: {0}").format(error.what))
        lost += [
            self.tr("A text you were writing is not saved: {0}").format(each.what) for each in self.writing.flush()
        ]
        return "\n".join(lost)

    @property
    def can_send(self) -> bool:
        """True when the draft may be sent: it has text or carries something, nothing of it is still being read, and it
        neither waits to be sent nor is just being sent.
        """
        running = self.answers.running
        is_under_way = running is not None and running.slot is self._slot and running.draft == self._draft
        has_content = bool(self._draft.strip()) or self.attachments.has_content
        is_ready = has_content and not self.attachments.is_reading
        chats = not self._slot.is_writing and self.model_cannot_chat is None
        return chats and is_ready and self.queue.of(self._slot) is None and not is_under_way

    def send(self) -> bool:
        """Send the draft, or let it wait while an answer is under way; false when it stays in the composer."""
        if not self.can_send:
            return False
        if self.meter.refuses(self._draft):
            self.meter.changed.emit()
            return False
        question = WaitingQuestion(self._slot, self._draft, self._title)
        if self.answers.running is not None:
            self._drafts.flush()  # it may wait for long, and nothing else keeps it
            self.queue.add(question)
            return False
        if not self.model.is_there:
            self._drafts.flush()
        self._send_question(question)
        return True

    def _send_question(self, question: WaitingQuestion) -> None:
        slot, text = question.slot, question.text

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            return self._service.send(slot.ensure(self._service), text, cancel)

        self.answers.begin(work, question.title, draft=text, slot=slot)

    def withdraw(self) -> bool:
        """Take the shown chat's waiting question back into the composer; false where none waits."""
        return self.queue.withdraw(self._slot)

    def withdraw_elsewhere(self) -> bool:
        """As `withdraw` where it waits for another chat's answer: that one is not to be stopped from here."""
        return not self.answers.is_here and self.withdraw()

    # Answers ------------------------------------------------------------------------------------

    def regenerate(self, message_id: int) -> None:
        """Write another answer in the place of this one."""
        self._again(message_id, self._service.regenerate, replaces=True)

    def regenerate_with(self, question: RegenerateQuestion) -> bool:
        """Have an answer written again by another model or with another preset; false when that cannot be now."""
        return self.others.confirm(question, self._title)

    def retry(self, message_id: int) -> None:
        """Try again after an error or a bad end."""
        self._again(message_id, self._service.retry, replaces=True)

    def retry_last(self, *, forgive: bool = False) -> None:
        """Try again what failed last in this chat; `forgive` lifts the model's quarantine first."""
        if forgive:
            self.model.forgive()
        if self.answers.unsent and self.problem is not None:
            self.send()
        elif self.answers.again is not None and self.problem is not None:
            self.answers.again()
        elif self.transcript.messages:
            self.retry(self.transcript.messages[-1].id)

    def send_in_new_chat(self) -> None:
        """The chat was full: take the unsent text, with what it carries, to a new one, and send it there."""

        def leave_draft() -> None:
            self.set_draft("")
            self.answers.set_problem(None)

        self._take_to_new_chat(self._draft, self.attachments.carried, leave_draft)

    def send_edit_in_new_chat(self, message_id: int) -> None:
        """As `send_in_new_chat`, with a message that was edited in its place; the message stays as it was."""
        edit, index = self.branches.edit_of(message_id), self.transcript.index_of(message_id)
        if edit is not None and index is not None:
            carried = self.transcript.messages[index].attachments
            self._take_to_new_chat(edit.text, carried, lambda: self.branches.leave_edit(message_id))

    def _take_to_new_chat(self, text: str, carried: Sequence[Attachment], leave: Callable[[], None]) -> None:
        temporary = self._slot.is_temporary

        def go() -> None:
            leave()
            self._show_new(temporary=temporary)
            self.composer_replaced.emit(text)
            self.set_draft(text)
            self.attachments.take_along(carried, self.send)

        self.temporary.leave(go)

    def continue_answer(self, message_id: int) -> None:
        """Write on from the end of this answer."""
        self._again(message_id, self._service.continue_answer, replaces=False)

    def branch_at_token(self, message_id: int, position: int, token_id: int) -> None:
        """Write another answer that goes on with `token_id` after the first `position` tokens of this one."""

        def use_case(conversation_id: int, answer_id: int, cancel: CancelToken) -> Iterator[ChatEvent]:
            return self._service.branch_at_token(conversation_id, answer_id, position, token_id, cancel)

        self._again(message_id, use_case, replaces=True)

    def stop(self) -> bool:
        """Stop the answer under way, wherever it is; false when there is none."""
        return self.answers.stop()

    def _again(
        self,
        message_id: int,
        use_case: Callable[[int, int, CancelToken], Iterator[ChatEvent]],
        *,
        replaces: bool,
    ) -> None:
        conversation_id = self._slot.id
        index = self.transcript.index_of(message_id)
        if self.answers.running is not None or conversation_id is None or index is None:
            return
        message = self.transcript.messages[index]

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            return use_case(conversation_id, message_id, cancel)

        again = partial(self._again, message_id, use_case, replaces=replaces)
        answer = self.answers.begin(work, self._title, again=again)
        if not replaces:
            self.answers.go_on(answer, message)

    def _message_sent(self, answer: RunningAnswer) -> None:
        """The person's message is committed: only now may its text leave the composer."""
        if answer.edited is not None:
            return
        self._drafts.sent(answer.slot)
        self.attachments.sent(answer.slot)
        if answer.slot is self._slot and self._draft == answer.draft:
            self._draft = ""
            self.composer_replaced.emit("")
            self.meter.set_draft("")
            self.read_ahead.set_draft("")

    def _take_title(self, slot: ChatSlot, title: str) -> None:
        if slot is self._slot:
            self._title = title
            self.title_changed.emit()

    def _answer_ended(self, _answer: RunningAnswer) -> None:
        self.chats.refresh()
        self.meter.refresh()
        self.read_ahead.refresh()

    # What goes on -------------------------------------------------------------------------------

    @property
    def running_conversation_id(self) -> int | None:
        """The chat whose answer is being written."""
        return self.answers.running.slot.id if self.answers.running is not None else None

    @property
    def activity(self) -> Activity:
        """What the line under the last message says now."""
        return replace(self.answers.activity, queued=self.queue.words(self._slot))

    @property
    def problem(self) -> InkwellError | None:
        """What went wrong with the shown chat's last answer."""
        return self.answers.problem

    # The model ----------------------------------------------------------------------------------

    @property
    def model_cannot_chat(self) -> InkwellError | None:
        """What to say of a model that only goes on with texts where a chat is shown; None for any other."""
        return BaseModelError() if self.model.is_base_model and not self._slot.is_writing else None

    def use_built_in_template(self) -> None:
        """Take the template that the error offers for the model, and try again with it."""
        problem = self.problem
        if isinstance(problem, TemplateError) and problem.built_in is not None:
            self.model.use_template(problem.built_in)

    def _retry_template(self) -> None:
        if isinstance(self.problem, TemplateError) and self.answers.running is None:
            self.retry_last()

    def _model_ready(self) -> None:
        if not self.is_closed:
            self.attachments.reload()
            self.meter.refresh()
            self.read_ahead.refresh()
