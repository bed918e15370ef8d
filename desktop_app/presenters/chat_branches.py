"""The branches of the shown chat: messages edited in place, versions switched, branches deleted and taken elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop_app.domain.cancellation import CancelToken
from desktop_app.domain.chat_events import ChatEvent
from desktop_app.domain.conversation import DeletedBranch, Message, Role
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_answer import AnswerPresenter, RunningAnswer
from desktop_app.presenters.chat_service import ChatUseCases
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.transcript import TranscriptPresenter


class MessageEdit(msgspec.Struct):
    """A message being edited in its place.

    Attributes:
        text: as it stands in the editor.
        original: the message's own.
        is_answer: true for an answer, which is kept as it is written; a person's message is sent.
        waiting: true while it is on its way; the text does not change then.
        error: why it could not be sent.
    """

    message_id: int
    text: str
    original: str
    is_answer: bool
    waiting: bool = False
    error: InkwellError | None = None


class _Path(msgspec.Struct, frozen=True):
    """What is shown below a message after a change of branch."""

    messages: list[Message]
    versions: dict[int, tuple[int, ...]]
    memory_start_id: int | None
    summary: Message | None


class BranchPresenter(QObject):
    """What is done to the tree of the shown chat. Edits outlive a look at another chat."""

    edit_changed = Signal(int)  # message id: its editor opened, closed or is in another state
    path_changed = Signal()  # another path is shown, or its messages changed
    deleted = Signal(object)  # DeletedBranch: the place to offer Undo
    branched = Signal(int)  # the new chat's id
    failed = Signal(object)  # InkwellError

    def __init__(
        self,
        service: ChatUseCases,
        tasks: TaskRunner,
        transcript: TranscriptPresenter,
        answers: AnswerPresenter,
        title: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """`title()` is the shown chat's own, empty where it has none."""
        super().__init__(parent)
        self._service = service
        self._tasks = tasks
        self._transcript = transcript
        self._answers = answers
        self._title = title
        self._edits: dict[int, MessageEdit] = {}
        self._busy = False
        answers.question_stored.connect(self._sent)
        answers.ended.connect(self._no_longer_waiting)
        answers.refused.connect(self._refused)

    # Editing ------------------------------------------------------------------------------------

    def edit_of(self, message_id: int) -> MessageEdit | None:
        """The edit under way of a message."""
        return self._edits.get(message_id)

    @property
    def shown_edit(self) -> MessageEdit | None:
        """The edit opened last among the messages that are shown."""
        shown = (
            each for each in reversed(self._edits.values()) if self._transcript.index_of(each.message_id) is not None
        )
        return next(shown, None)

    @property
    def has_changes(self) -> bool:
        """True while a changed text stands in an editor, in whatever chat."""
        return any(edit.text != edit.original for edit in self._edits.values())

    def can_edit(self, message_id: int) -> bool:
        """True for a message of the shown chat that is not being written."""
        index = self._transcript.index_of(message_id)
        return index is not None and message_id != self._transcript.running_id

    def begin_edit(self, message_id: int) -> None:
        """Open the editor in the place of a message."""
        index = self._transcript.index_of(message_id)
        if index is None or not self.can_edit(message_id) or message_id in self._edits:
            return
        message = self._transcript.messages[index]
        self._edits[message_id] = MessageEdit(message_id, message.text, message.text, message.role is Role.ASSISTANT)
        self.edit_changed.emit(message_id)

    def set_text(self, message_id: int, text: str) -> None:
        """The editor's text changed."""
        edit = self._edits.get(message_id)
        if edit is None or edit.text == text:
            return
        edit.text = text
        if edit.error is not None:
            edit.error = None
            self.edit_changed.emit(message_id)

    def leave_edit(self, message_id: int) -> None:
        """Close the editor; the message stays as it was. One that waits for the model is stopped first."""
        edit = self._edits.get(message_id)
        if edit is None:
            return
        if edit.waiting:
            self._answers.stop()
        self._close_edit(message_id)

    def can_submit(self, message_id: int) -> bool:
        """True when the edit may be sent or kept now."""
        edit = self._edits.get(message_id)
        if edit is None or edit.waiting or not edit.text.strip():
            return False
        return not self._answers.is_here if edit.is_answer else self._answers.running is None

    def submit_edit(self, message_id: int, *, go_on: bool = False) -> bool:
        """Send the edited message as a new branch, or keep the edited answer beside the old one; false if it may not
        be. `go_on` has the model write on at the end of an edited answer.
        """
        if not self.can_submit(message_id):
            return False
        edit = self._edits[message_id]
        if self._transcript.index_of(message_id) is None:
            return False
        if edit.text == edit.original:
            self._close_edit(message_id)
            if edit.is_answer and go_on:
                self._continue(message_id)
            return True
        edit.error = None
        if edit.is_answer:
            self._keep_answer(edit, go_on=go_on)
        else:
            self._send(edit)
        return True

    def _send(self, edit: MessageEdit) -> None:
        conversation_id = self._transcript.conversation_id
        if conversation_id is None:
            return
        text, message_id = edit.text, edit.message_id

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            return self._service.edit(conversation_id, message_id, text, cancel)

        edit.waiting = True
        self._answers.begin(work, self._title(), draft=text, edited=message_id)
        self.edit_changed.emit(message_id)

    def _keep_answer(self, edit: MessageEdit, *, go_on: bool) -> None:
        conversation_id = self._transcript.conversation_id
        index = self._transcript.index_of(edit.message_id)
        if conversation_id is None or index is None:
            return
        text, message_id = edit.text, edit.message_id
        parent = self._transcript.messages[index].parent_id
        kept: list[int] = []

        def change() -> None:
            kept.append(self._service.branches.edit_answer(conversation_id, message_id, text).id)

        def done() -> None:
            self._close_edit(message_id)
            if go_on:
                self._continue(kept[0])

        self._change_path(change, parent, done)

    def _continue(self, message_id: int) -> None:
        conversation_id = self._transcript.conversation_id
        index = self._transcript.index_of(message_id)
        if conversation_id is None or index is None or self._answers.running is not None:
            return

        def work(cancel: CancelToken) -> Iterator[ChatEvent]:
            return self._service.continue_answer(conversation_id, message_id, cancel)

        message = self._transcript.messages[index]
        answer = self._answers.begin(work, self._title(), again=lambda: self._continue(message_id))
        self._answers.go_on(answer, message)

    def _close_edit(self, message_id: int) -> None:
        if self._edits.pop(message_id, None) is not None:
            self.edit_changed.emit(message_id)

    def _sent(self, answer: RunningAnswer) -> None:
        if answer.edited is not None:
            self._close_edit(answer.edited)

    def _no_longer_waiting(self, answer: RunningAnswer) -> None:
        edit = self._edits.get(answer.edited) if answer.edited is not None else None
        if edit is not None and edit.waiting:
            edit.waiting = False
            self.edit_changed.emit(edit.message_id)

    def _refused(self, answer: RunningAnswer, error: InkwellError) -> None:
        edit = self._edits.get(answer.edited) if answer.edited is not None else None
        if edit is not None:
            edit.error = error
            self.edit_changed.emit(edit.message_id)

    # Versions and branches ----------------------------------------------------------------------

    @property
    def can_change(self) -> bool:
        """True while the shown path may change: no answer is being written on it."""
        return self._transcript.conversation_id is not None and not self._answers.is_here and not self._busy

    def step(self, message_id: int, step: int) -> bool:
        """Show the version before (-1) or after (1) this one, with the newest path below it; false if there is none."""
        version = self._transcript.version_of(message_id)
        if version is None:
            return False
        target = version.previous if step < 0 else version.next
        return target is not None and self.show_version(message_id, target)

    def show_version(self, message_id: int, target: int) -> bool:
        """Show `target` in the place of its sibling `message_id`; false when that cannot be now."""
        conversation_id = self._transcript.conversation_id
        index = self._transcript.index_of(message_id)
        if not self.can_change or conversation_id is None or index is None:
            return False
        parent = self._transcript.messages[index].parent_id
        self._change_path(lambda: self._service.branches.show(conversation_id, target), parent)
        return True

    def delete(self, message_id: int) -> bool:
        """Take a message with all below it out of view; `deleted` follows."""
        conversation_id = self._transcript.conversation_id
        index = self._transcript.index_of(message_id)
        if not self.can_change or conversation_id is None or index is None:
            return False
        parent = self._transcript.messages[index].parent_id
        made: list[DeletedBranch] = []

        def change() -> None:
            made.append(self._service.branches.delete(conversation_id, message_id))

        self._change_path(change, parent, lambda: self.deleted.emit(made[0]))
        return True

    def restore(self, deleted: DeletedBranch) -> None:
        """Undo `delete`, at once or later: the branch is there again, and shown where its chat is."""
        if self._transcript.conversation_id != deleted.conversation_id:
            self._tasks.run(
                lambda _cancel: self._service.branches.restore(deleted),
                done=lambda _none: self.path_changed.emit(),
                failed=self.failed.emit,
            )
        elif self.can_change:
            self._change_path(lambda: self._service.branches.restore(deleted), deleted.parent_id)
        else:
            self.failed.emit(
                InkwellError(
                    self.tr("The messages are not back yet."),
                    self.tr("An answer is being written in this chat."),
                    self.tr("Stop it, or wait for its end, and undo again."),
                )
            )

    def branch_off(self, message_id: int) -> None:
        """Copy the path up to this message into a new chat; `branched` follows."""
        conversation_id = self._transcript.conversation_id
        if conversation_id is None or message_id == self._transcript.running_id:
            return
        self._tasks.run(
            lambda _cancel: self._service.branches.branch_off(conversation_id, message_id),
            done=lambda chat: self.branched.emit(chat.id),
            failed=self.failed.emit,
        )

    def _change_path(
        self, change: Callable[[], None], parent_id: int | None, done: Callable[[], None] = lambda: None
    ) -> None:
        """Change the tree and show what then stands below `parent_id`, which stays where it is."""
        conversation_id = self._transcript.conversation_id
        assert conversation_id is not None  # callers looked
        self._busy = True

        def work(_cancel: CancelToken) -> _Path:
            change()
            branches = self._service.branches
            messages = branches.path_from(conversation_id, parent_id)
            versions = branches.versions([message.id for message in messages])
            start = self._service.get(conversation_id).memory_start_id
            return _Path(messages, versions, start, self._service.window.summary(conversation_id))

        def show(path: _Path) -> None:
            self._busy = False
            if self._transcript.conversation_id == conversation_id:
                memory = path.memory_start_id, path.summary
                self._transcript.replace_below(parent_id, path.messages, path.versions, *memory)
                self.path_changed.emit()
                done()

        def failed(error: InkwellError) -> None:
            self._busy = False
            self.failed.emit(error)

        self._tasks.run(work, done=show, failed=failed)
