"""Joins the transcript's and the meter's controls of the context window with what they do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_app.domain.context_budget import WhenFull
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat import ChatPresenter
from desktop_app.ui.chat.transcript_view import TranscriptView

if TYPE_CHECKING:
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.chat.context_sheets import RecalledSheet, SummarySheet
    from desktop_app.ui.theme.theme import Theme
    from desktop_app.ui.widgets import ButtonAction


class ContextControls(QObject):
    """Pinning, the summary, what was recalled, and the choices of a full chat."""

    def __init__(
        self, presenter: ChatPresenter, transcript: TranscriptView, theme: Theme, actions: Actions, screen: QWidget
    ) -> None:
        super().__init__(screen)
        self._presenter = presenter
        self._transcript = transcript
        self._theme = theme
        self._actions = actions
        self._screen = screen
        self.sheet: RecalledSheet | SummarySheet | None = None
        transcript.pin_wanted.connect(presenter.window.set_pinned)
        transcript.recalled_wanted.connect(presenter.window.ask_recalled)
        transcript.summary_edit_wanted.connect(self.edit_summary)
        presenter.window.recalled_ready.connect(self._show_recalled)
        presenter.transcript.memory_start_changed.connect(self.enable_actions)
        actions["chat.pin_message"].triggered.connect(self._pin_last)
        actions["chat.edit_summary"].triggered.connect(self.edit_summary)
        actions["chat.recalled"].triggered.connect(self.show_recalled_of_last)

    def enable_actions(self) -> None:
        """Offer what there is something to do with."""
        messages = self._presenter.transcript.messages
        known = self._presenter.conversation_id is not None
        self._actions["chat.pin_message"].setEnabled(known and bool(messages))
        self._actions["chat.edit_summary"].setEnabled(self._presenter.transcript.summary is not None)
        recalled = bool(messages) and bool(self._presenter.transcript.words(messages[-1]).recalled)
        self._actions["chat.recalled"].setEnabled(recalled)

    def next_steps(self) -> list[ButtonAction]:
        """What can be done about a full chat; only a message can go to another one."""
        steps: list[ButtonAction] = [
            (self.tr("Let the oldest leave"), lambda: self._make_room(WhenFull.RECALL)),
            (self.tr("Summarise them"), lambda: self._make_room(WhenFull.SUMMARISE)),
        ]
        if self._presenter.answers.unsent:
            steps.append((self.tr("Send in a new chat"), self._presenter.send_in_new_chat))
        return steps

    def edit_summary(self) -> None:
        """Open the summary in an editor."""
        summary = self._presenter.transcript.summary
        if summary is not None:
            from desktop_app.ui.chat.context_sheets import SummarySheet

            sheet = SummarySheet(summary, self._theme, self._screen)
            sheet.save_wanted.connect(partial(self._save_summary, sheet))
            self._open(sheet)
            sheet.editor.setFocus()

    def _save_summary(self, sheet: SummarySheet, message_id: int, text: str) -> None:
        """The sheet closes once it is stored: what cannot be stored stays in it."""

        def saved() -> None:
            if self.sheet is sheet:
                sheet.close()

        def refused(error: InkwellError) -> None:
            if self.sheet is sheet:
                sheet.show_error(error)
            else:
                self._presenter.window.failed.emit(error)

        self._presenter.window.edit_summary(message_id, text, saved, refused)

    def _make_room(self, choice: WhenFull) -> None:
        self._presenter.window.choose_once(choice)
        self._presenter.retry_last()

    def _pin_last(self) -> None:
        messages = self._presenter.transcript.messages
        if messages:
            self._presenter.window.set_pinned(messages[-1].id, not messages[-1].pinned)

    def show_recalled_of_last(self) -> None:
        """Show what came back for the last answer."""
        messages = self._presenter.transcript.messages
        if messages:
            self._presenter.window.ask_recalled(messages[-1].id)

    def _show_recalled(self, passages: list) -> None:  # type: ignore[type-arg]
        from desktop_app.ui.chat.context_sheets import RecalledSheet

        sheet = RecalledSheet(passages, self._theme, self._screen)
        sheet.message_wanted.connect(self._transcript.go_to_message)
        self._open(sheet)

    def _open(self, sheet: RecalledSheet | SummarySheet) -> None:
        if self.sheet is not None:
            self.sheet.close()
        self.sheet = sheet
        sheet.finished.connect(lambda _result: self._forget(sheet))
        sheet.open_over(self._screen.window())

    def _forget(self, sheet: RecalledSheet | SummarySheet) -> None:
        if self.sheet is sheet:
            self.sheet = None
