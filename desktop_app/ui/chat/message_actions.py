"""What is done to single messages: by their buttons, the keyboard in the transcript, their menu, and Ctrl+K."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QMenu

from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.conversation import DeletedBranch, Message, Role
from desktop_app.domain.reasoning import answer_of
from desktop_app.presenters.chat_activity import Phase
from desktop_app.presenters.chat_answer import RunningAnswer
from desktop_app.presenters.chat_regenerate import Choices, RegenerateQuestion
from desktop_app.presenters.shell import Notice
from desktop_app.presenters.transcript import AnswerAction
from desktop_app.ui.widgets.labels import literal

if TYPE_CHECKING:
    from desktop_app.presenters.chat import ChatPresenter
    from desktop_app.presenters.shell import ShellPresenter
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.chat.deleted_sheet import DeletedSheet
    from desktop_app.ui.chat.transcript_view import TranscriptView
    from desktop_app.ui.theme.theme import Theme


class MessageActions(QObject):
    """Connects transcript and actions with the presenter. An action is about the message the keyboard is at, else about
    the last one it makes sense for.
    """

    def __init__(
        self,
        presenter: ChatPresenter,
        transcript: TranscriptView,
        actions: Actions,
        shell: ShellPresenter,
        theme: Theme,
        focus_composer: Callable[[], None],
    ) -> None:
        super().__init__(transcript)
        self._presenter = presenter
        self._transcript = transcript
        self._actions = actions
        self._shell = shell
        self._theme = theme
        self._focus_composer = focus_composer
        self._connect_transcript()
        self._connect_actions()
        presenter.branches.edit_changed.connect(transcript.show_edit)
        presenter.chats.opened_changed.connect(self.enable)
        presenter.branches.deleted.connect(self._offer_undo)
        presenter.branches.branched.connect(lambda _id: shell.show_notice(self.tr("Copied into a chat of its own")))
        presenter.others.found.connect(self._offer_others)
        presenter.others.asked.connect(self._ask_before)
        presenter.answers.question_stored.connect(self._edit_sent)
        self._deleted_sheet: DeletedSheet | None = None

    def _connect_transcript(self) -> None:
        transcript, presenter = self._transcript, self._presenter
        transcript.copy_wanted.connect(self.copy)
        transcript.regenerate_wanted.connect(partial(self._change, presenter.regenerate))
        transcript.action_wanted.connect(
            lambda message_id, action: self._change(partial(self._act, action), message_id)
        )
        transcript.menu_wanted.connect(self._pop_up)
        transcript.edit_wanted.connect(partial(self._change, presenter.branches.begin_edit))
        transcript.edit_text_changed.connect(presenter.branches.set_text)
        transcript.edit_submitted.connect(lambda message_id, go_on: self._submit(message_id, go_on=go_on))
        transcript.edit_room_wanted.connect(self._make_room)
        transcript.edit_new_chat_wanted.connect(presenter.send_edit_in_new_chat)
        transcript.edit_left.connect(presenter.branches.leave_edit)
        transcript.version_wanted.connect(presenter.branches.step)
        transcript.delete_wanted.connect(partial(self._change, presenter.branches.delete))

    def _connect_actions(self) -> None:
        for name, slot in (
            ("chat.regenerate", lambda: self._on(self._target(Role.ASSISTANT), self._presenter.regenerate)),
            ("chat.tokens", lambda: self._on(self._target(Role.ASSISTANT), self.show_tokens)),
            ("chat.regenerate_with", lambda: self._on(self._target(Role.ASSISTANT), self._presenter.others.look)),
            ("chat.continue", lambda: self._on(self._last(), self._presenter.continue_answer)),
            ("chat.copy_answer", lambda: self._on(self._last(), self.copy)),
            ("chat.save_note", self._save_as_note),
            ("chat.edit_message", lambda: self._on(self._target(Role.USER), self._presenter.branches.begin_edit)),
            ("chat.edit_answer", lambda: self._on(self._target(Role.ASSISTANT), self._presenter.branches.begin_edit)),
            ("chat.previous_version", lambda: self._on(self._versioned(), lambda each: self._step(each, -1))),
            ("chat.next_version", lambda: self._on(self._versioned(), lambda each: self._step(each, 1))),
            ("chat.branch", lambda: self._on(self._target(), self._presenter.branches.branch_off)),
            ("chat.delete_branch", lambda: self._on(self._target(), self._presenter.branches.delete)),
            ("chat.deleted", self.show_deleted),
        ):
            self._actions[name].triggered.connect(slot)

    def enable(self) -> None:
        """Offer the actions that make sense with what is shown."""
        presenter = self._presenter
        messages = presenter.transcript.messages
        idle = presenter.activity.phase is Phase.IDLE
        answered = bool(messages) and messages[-1].role is Role.ASSISTANT
        goes_on = answered and presenter.transcript.words(messages[-1]).action is AnswerAction.CONTINUE
        writable = not self.in_trash
        changes = bool(messages) and presenter.branches.can_change
        for name, enabled in (
            ("chat.regenerate", writable and idle and answered),
            ("chat.regenerate_with", writable and answered and presenter.others.is_offered),
            ("chat.copy_answer", answered),
            ("chat.save_note", answered),
            ("chat.continue", writable and idle and goes_on),
            ("chat.edit_message", writable and any(message.role is Role.USER for message in messages)),
            ("chat.edit_answer", writable and changes and any(message.role is Role.ASSISTANT for message in messages)),
            ("chat.previous_version", changes and self._versioned() is not None),
            ("chat.next_version", changes and self._versioned() is not None),
            ("chat.branch", changes and not presenter.temporary.is_shown),
            ("chat.delete_branch", writable and changes),
            ("chat.deleted", writable and presenter.conversation_id is not None and not presenter.slot.is_writing),
        ):
            self._actions[name].setEnabled(enabled)

    # Which message ------------------------------------------------------------------------------

    def _target(self, role: Role | None = None) -> int | None:
        messages = self._presenter.transcript.messages
        current = self._transcript.current_id
        index = self._presenter.transcript.index_of(current) if current is not None else None
        if index is not None and role in (None, messages[index].role):
            return messages[index].id
        return next((each.id for each in reversed(messages) if role in (None, each.role)), None)

    def _last(self) -> int | None:
        messages = self._presenter.transcript.messages
        return messages[-1].id if messages else None

    def _versioned(self) -> int | None:
        transcript = self._presenter.transcript
        current = self._transcript.current_id
        if current is not None and transcript.version_of(current) is not None:
            return current
        having = (each.id for each in reversed(transcript.messages) if transcript.version_of(each.id) is not None)
        return next(having, None)

    @staticmethod
    def _on(message_id: int | None, act: Callable[[int], object]) -> None:
        if message_id is not None:
            act(message_id)

    # Doing --------------------------------------------------------------------------------------

    def copy(self, message_id: int) -> None:
        """Put a message's text on the clipboard, without what was thought before it where that is not all there is."""
        index = self._presenter.transcript.index_of(message_id)
        if index is not None:
            message = self._presenter.transcript.messages[index]
            QGuiApplication.clipboard().setText(_said(message))
            self._shell.show_notice(self.tr("Message copied"))

    def show_tokens(self, message_id: int) -> None:
        """Open the token view of an answer."""
        presenter = self._presenter
        if message_id != presenter.transcript.running_id:
            from desktop_app.ui.chat.token_view import TokenViewDialog

            dialog = TokenViewDialog(message_id, presenter.tokens, self._theme, self._transcript.window())
            dialog.branch_wanted.connect(presenter.branch_at_token)
            dialog.open()

    def show_deleted(self) -> None:
        """Open the list of what was deleted in the shown chat."""
        from desktop_app.ui.chat.deleted_sheet import DeletedSheet  # not needed for the first picture

        window = self._transcript.window()
        if self._deleted_sheet is None:
            sheet = self._deleted_sheet = DeletedSheet(self._theme, window)
            deleted = self._presenter.deleted
            sheet.restore_wanted.connect(deleted.restore)
            sheet.remove_wanted.connect(deleted.remove)
            sheet.again_wanted.connect(deleted.look)
            deleted.listed.connect(sheet.show_deleted)
            deleted.failed.connect(sheet.show_error)
            self._presenter.opened.connect(sheet.hide)
        self._deleted_sheet.open_over(window)
        self._presenter.deleted.look()

    def _save_as_note(self) -> None:
        """What is selected, else the answer."""
        selected, target = self._transcript.selected_text(), self._target(Role.ASSISTANT)
        index = self._presenter.transcript.index_of(target) if target is not None else None
        if selected:
            self._shell.save_as_note(selected)
        elif index is not None:
            self._shell.save_as_note(_said(self._presenter.transcript.messages[index]))

    def leave_edit(self, *, only_with_keyboard: bool) -> bool:
        """Close the editor opened last; false when none is open (`only_with_keyboard`: none has the keyboard)."""
        edit = self._presenter.branches.shown_edit
        if edit is None:
            return False
        if only_with_keyboard:
            rows = self._transcript.rows
            editor = next((row.editor for row in rows if row.message.id == edit.message_id), None)
            if editor is None or not editor.edit.hasFocus():
                return False
        self._presenter.branches.leave_edit(edit.message_id)
        return True

    @property
    def in_trash(self) -> bool:
        """True for a chat that is read only until it is put back."""
        opened = self._presenter.chats.opened
        return opened is not None and opened.trashed_at is not None

    def _change(self, act: Callable[[int], object], message_id: int) -> None:
        if self.in_trash:
            self._shell.show_notice(self.tr("This chat is in the trash. Put it back to go on with it."))
        else:
            act(message_id)

    def _act(self, action: AnswerAction, message_id: int) -> None:
        if action is AnswerAction.CONTINUE:
            self._presenter.continue_answer(message_id)
        elif action is AnswerAction.RETRY:
            self._presenter.retry(message_id)

    def _step(self, message_id: int, step: int) -> None:
        self._presenter.branches.step(message_id, step)

    def _submit(self, message_id: int, *, go_on: bool) -> None:
        if not self._presenter.branches.submit_edit(message_id, go_on=go_on):
            self._shell.show_notice(self.tr("An answer is being written. Stop it, or wait for its end."))

    def _make_room(self, message_id: int, choice: WhenFull) -> None:
        """The chat is full: let messages leave this once, and send the edit."""
        self._presenter.window.choose_once(choice)
        self._submit(message_id, go_on=False)

    def _edit_sent(self, answer: RunningAnswer) -> None:
        if answer.edited is not None and self._presenter.answers.is_here:
            self._transcript.go_to_latest()
            self._focus_composer()

    def _offer_undo(self, deleted: DeletedBranch) -> None:
        self._shell.show_notice(
            self.tr("Deleted this message and what followed it"),
            lambda: self._presenter.branches.restore(deleted),
        )

    # Another model or preset --------------------------------------------------------------------

    def _offer_others(self, message_id: int, choices: Choices) -> None:
        if not choices.models and not choices.presets:
            text = self.tr("No other chat model was found on this computer")
            go = partial(self._shell.go, "models")
            self._shell.notice.emit(Notice(text, action_text=self.tr("Models"), action=go))
            return
        row = next((each for each in self._transcript.rows if each.message.id == message_id), None)
        place = row.mapToGlobal(QPoint(0, row.height())) if row is not None else QCursor.pos()
        self.others_menu(message_id, choices).popup(place)

    def others_menu(self, message_id: int, choices: Choices) -> QMenu:
        """The models and presets an answer can be written with again."""
        presenter, theme = self._presenter, self._theme
        menu = QMenu(self._transcript)
        menu.setAccessibleName(self.tr("Regenerate with"))
        menu.aboutToHide.connect(menu.deleteLater)
        for model in choices.models:
            words = literal(f"{model.name} · {model.source or self.tr('starter')}")
            choose = partial(presenter.others.choose, message_id, model, presenter.title)
            menu.addAction(theme.icon("models"), words, choose)
        if not choices.models and presenter.others.offers_models:
            go = partial(self._shell.go, "models")
            menu.addAction(theme.icon("models"), self.tr("No other chat model here: find one…"), go)
        menu.addSeparator()
        for preset in choices.presets:
            words = literal(f"{preset.name} · {self.tr('preset')}")
            choose = partial(presenter.others.choose, message_id, preset, presenter.title)
            menu.addAction(theme.icon("spark"), words, choose)
        return menu

    def _ask_before(self, question: RegenerateQuestion) -> None:
        from desktop_app.ui.chat.regenerate_question import RegenerateDialog

        dialog = RegenerateDialog(
            question, lambda: self._presenter.regenerate_with(question), self._transcript.window()
        )
        dialog.open()

    # The menu -----------------------------------------------------------------------------------

    def _pop_up(self, message_id: int, point: QPoint) -> None:
        self.menu(message_id).popup(point)

    def menu(self, message_id: int) -> QMenu:
        """What can be done with one message."""
        presenter, theme = self._presenter, self._theme
        branches = presenter.branches
        menu = QMenu(self._transcript)
        menu.aboutToHide.connect(menu.deleteLater)
        row = next((each for each in self._transcript.rows if each.message.id == message_id), None)
        selected = self._transcript.selected_text()
        if selected:
            menu.addAction(self.tr("Copy selection"), lambda: QGuiApplication.clipboard().setText(selected))
            menu.addAction(self.tr("Save selection as note"), lambda: self._shell.save_as_note(selected))
        menu.addAction(theme.icon("copy"), self.tr("Copy message"), lambda: self.copy(message_id))
        pinned = row is not None and row.message.pinned
        words = self.tr("Unpin from the context") if pinned else self.tr("Pin to the context")
        menu.addAction(theme.icon("pin"), words, lambda: presenter.window.set_pinned(message_id, not pinned))
        if row is None or message_id == presenter.transcript.running_id:
            return menu
        if row.message.text.strip():
            save = partial(self._shell.save_as_note, _said(row.message))
            menu.addAction(theme.icon("note"), self.tr("Save as note"), save)
        menu.addAction(self.tr("Select all of it"), row.selection.select_all)
        menu.addSeparator()
        writable = not self.in_trash
        if writable and row.message.role is Role.ASSISTANT and presenter.activity.phase is Phase.IDLE:
            words = self._actions["chat.regenerate"].text()
            menu.addAction(theme.icon("refresh"), words, lambda: presenter.regenerate(message_id))
            if presenter.others.is_offered:
                words = self._actions["chat.regenerate_with"].text()
                menu.addAction(theme.icon("models"), words, lambda: presenter.others.look(message_id))
            words = self._actions["chat.tokens"].text()
            menu.addAction(theme.icon("eye"), words, lambda: self.show_tokens(message_id))
        if writable:
            menu.addAction(theme.icon("pencil"), self.tr("Edit…"), lambda: branches.begin_edit(message_id))
        if not presenter.temporary.is_shown:
            words = self._actions["chat.branch"].text()
            menu.addAction(theme.icon("export"), words, lambda: branches.branch_off(message_id))
        if writable and branches.can_change:
            menu.addAction(theme.icon("trash"), self.tr("Delete from here on"), lambda: branches.delete(message_id))
        return menu


def _said(message: Message) -> str:
    """An answer without what was thought before it, where that is not all there is; a person's message as it is."""
    if message.role is not Role.ASSISTANT:
        return message.text
    return answer_of(message.text, message.settings_used) or message.text
