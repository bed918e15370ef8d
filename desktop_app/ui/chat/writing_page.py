"""The page of free writing: the text, and below it what the model can do with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import WorkerPhase
from desktop_app.presenters.chat import ChatPresenter, Phase
from desktop_app.presenters.save_state import SaveKind
from desktop_app.presenters.writing import ShownPage
from desktop_app.ui.chat.foot import Foot
from desktop_app.ui.chat.writing_editor import WritingEditor
from desktop_app.ui.widgets import (
    ActionButton,
    ElidedLabel,
    ErrorBox,
    PlainLabel,
    TextButton,
    ThinProgress,
    plain_tool_tip,
)
from desktop_app.ui.widgets.problem_place import ProblemPlace
from desktop_app.ui.widgets.text_find_bar import TextFindBar

if TYPE_CHECKING:
    from desktop_app.ui.actions import Actions
    from desktop_app.ui.theme.theme import Theme
    from desktop_app.ui.widgets import ButtonAction


_BETWEEN = 8


def _row(*buttons: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(_BETWEEN)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


class Retry(Protocol):
    """Tries again what failed; `forgive` lifts the model's quarantine first."""

    def __call__(self, *, forgive: bool = False) -> None: ...


class WritingPage(QFrame):
    """Draws ChatPresenter.writing, and asks it for everything. `foot` goes below it."""

    def __init__(
        self,
        presenter: ChatPresenter,
        theme: Theme,
        actions: Actions,
        next_steps: Callable[[InkwellError, Retry], Sequence[ButtonAction]],
        loading_words: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        """`next_steps(error, retry)` says what can be done about an error, `loading_words()` how far the model is."""
        super().__init__(parent)
        self._chat = presenter
        self._presenter = presenter.writing
        self._theme = theme
        self._actions = actions
        self._next_steps = next_steps
        self._loading_words = loading_words
        self._in_trash = False
        self._shown_error: InkwellError | None = None
        self.editor = WritingEditor(theme)
        self.find_bar = TextFindBar(self.editor, theme, self.tr("Find in this text…"), self.tr("Find in text"))
        self._opening = PlainLabel("", "muted")
        self._lay_out()
        self._connect()
        self._show()

    # Building -----------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        actions = self._actions
        self.foot = Foot(self._theme)
        self.go_on = ActionButton(
            actions["writing.go_on"], "primary", text=self.tr("Continue  Ctrl Enter"), show_keys=False
        )
        self.stop = TextButton(self.tr("Stop  Esc"))
        self.stop.setAccessibleName(self.tr("Stop"))
        self.take_back = ActionButton(actions["writing.take_back"], text=self.tr("Undo"), show_keys=False)
        self.try_again = ActionButton(actions["writing.try_again"], text=self.tr("Try again"), show_keys=False)
        self.accept_word = ActionButton(actions["writing.accept_word"], text=self.tr("Accept word"), show_keys=False)
        self.accept = ActionButton(actions["writing.accept"], text=self.tr("Accept all"), show_keys=False)
        for button, tip in (
            (self.take_back, self.tr("Take the words in grey out again (Ctrl+Z takes back a whole continuation)")),
            (self.try_again, self.tr("Take the words in grey out, and continue anew (Ctrl+Shift+Enter)")),
            (self.accept_word, self.tr("Take over the next word (Ctrl+Right)")),
            (self.accept, self.tr("Take over all words in grey (Tab in the text)")),
        ):
            button.setToolTip(plain_tool_tip(tip))
        self._groups = [_row(self.go_on, self.stop), _row(self.take_back, self.try_again)]
        self._groups.append(_row(self.accept_word, self.accept))
        self._others = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        for box in (self._others, self._buttons):
            box.setSpacing(_BETWEEN)
        self._others.addLayout(self._groups[1])
        self._others.addLayout(self._groups[2])
        self._buttons.addLayout(self._groups[0])
        self._buttons.addLayout(self._others)
        self._buttons.addStretch(1)
        self.note = ElidedLabel("", "small")
        self.saved = PlainLabel("", "small")
        self.saved.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        words = QHBoxLayout()
        words.setSpacing(12)
        words.addWidget(self.note, 1)
        words.addWidget(self.saved)
        self.meter = ThinProgress(self._theme, name=self.tr("Context used"))
        place = QVBoxLayout()
        self.foot.column.addLayout(place)
        self._problem = ProblemPlace(place, self._theme, self.foot)
        self.foot.column.addLayout(self._buttons)
        self.foot.column.addLayout(words)
        self.foot.column.addWidget(self.meter)
        self._opening.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._middle = QStackedWidget(self)
        self._middle.addWidget(self.editor)
        self._middle.addWidget(self._opening)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.find_bar)
        column.addWidget(self._middle, 1)

    def _connect(self) -> None:
        presenter, editor = self._presenter, self.editor
        presenter.set_source(editor)
        presenter.shown.connect(self._show_page)
        presenter.continuation_began.connect(editor.begin_continuation)
        presenter.text_added.connect(editor.add_continuation)
        presenter.changed.connect(self._show)
        presenter.meter.changed.connect(self._show_meter)
        self._chat.model_changed.connect(self._show)
        editor.edited.connect(presenter.edited)
        self._chat.temporary.kept.connect(lambda _chat: self._show())
        editor.taken_over.connect(presenter.taken_over)
        editor.pending_changed.connect(self._enable)
        editor.load_progress.connect(self._show_opening)
        editor.loaded.connect(self._show_text)
        self.stop.clicked.connect(lambda _=False: self._chat.stop())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The buttons stand in one row where there is room for it, else in two or three."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        edges = self.foot.column.contentsMargins()
        room = self.foot.width() - edges.left() - edges.right()
        first, *others = (group.sizeHint().width() for group in self._groups)
        beside = sum(others) + _BETWEEN
        directions = QBoxLayout.Direction
        self._others.setDirection(directions.LeftToRight if beside <= room else directions.TopToBottom)
        all_fit = first + _BETWEEN + beside <= room
        self._buttons.setDirection(directions.LeftToRight if all_fit else directions.TopToBottom)

    # Showing ------------------------------------------------------------------------------------

    def set_in_trash(self, in_trash: bool) -> None:
        """A page in the trash can be read only."""
        self._in_trash = in_trash
        if not self.editor.loading:
            self.editor.setReadOnly(in_trash)
        self._enable()

    def go_to_piece(self, piece_id: int) -> None:
        """Mark a piece and bring it into view."""
        place = self._presenter.place_of(piece_id)
        if place is not None:
            self.editor.select_place(*place)
            self.editor.setFocus()

    def _show_page(self, page: ShownPage) -> None:
        self.find_bar.hide()
        self.editor.show_page(page.encoded, page.pending_at)

    def _show_text(self) -> None:
        """All of it is there."""
        self._middle.setCurrentWidget(self.editor)
        self.editor.setReadOnly(self._in_trash)

    def _show_opening(self, fraction: float) -> None:
        self._opening.setText(self.tr("Opening, {0} %").format(round(fraction * 100)))
        self._middle.setCurrentWidget(self._opening)

    def _show(self) -> None:
        if not self._presenter.is_shown:
            self._enable()
            return
        running = self._presenter.is_running
        self.stop.setVisible(running)
        self.go_on.setVisible(not running)
        self.note.setText(self._words())
        self.note.setToolTip(plain_tool_tip(self._presenter.figures))
        self._show_saved()
        self._show_meter()
        self._show_problem()
        self._enable()
        self._fit()

    def _words(self) -> str:
        """What goes on, else how the last continuation ended, else what the window holds."""
        presenter, activity = self._presenter, self._chat.activity
        if presenter.is_running and activity.phase is Phase.WAITING_FOR_MODEL:
            return self._loading_words()
        if presenter.is_running and activity.phase is Phase.WRITING:
            return self.tr("Writing… What you type stops it and takes its words over")
        if activity.phase is not Phase.IDLE:
            return activity.text
        status = self._chat.model.status
        if self._chat.model.is_loading or status.phase is WorkerPhase.LOADING:
            return self._loading_words()
        return presenter.note or presenter.meter.text()

    def _show_saved(self) -> None:
        state = self._presenter.state
        words = {
            SaveKind.SAVED: self.tr("Saved"),
            SaveKind.EDITED: self.tr("Not saved yet"),
            SaveKind.SAVING: self.tr("Saving…"),
            SaveKind.FAILED: self.tr("Not saved"),
        }
        said = words[SaveKind.SAVING if self._presenter.is_running else state.kind]
        if self._chat.temporary.is_shown and state.kind is not SaveKind.FAILED:
            said = self.tr("Temporary, on no disk")
        self.saved.setText("" if self._chat.conversation_id is None and self.editor.is_blank else said)
        self.saved.setToolTip(plain_tool_tip(str(state.error) if state.error is not None else ""))

    def _show_meter(self) -> None:
        meter = self._presenter.meter
        progress = self._chat.activity.progress if self._presenter.is_running else None
        self.meter.set_fraction(meter.fraction if progress is None else progress)
        self.meter.setToolTip(plain_tool_tip(meter.text()))
        self.editor.set_reads_from(meter.reads_from)
        if self._presenter.is_shown:
            self.note.setText(self._words())

    def _show_problem(self) -> None:
        """Say what keeps the text from being saved, else the model from going on."""
        state = self._presenter.state
        error: InkwellError | None = None
        actions: Sequence[ButtonAction] = []
        if state.kind is SaveKind.FAILED and state.error is not None:
            error, actions = state.error, [(self.tr("Try again"), self._presenter.save_now)]
        elif self._chat.problem is not None:
            error = self._chat.problem
            # To go on once more there is “Continue”, right below.
            actions = [step for step in self._next_steps(error, self._retry) if step[1] != self._retry]
        elif self._chat.model.error is not None and not self._presenter.is_running:
            error = self._chat.model.error
            actions = self._next_steps(error, self._chat.model.start)
        if error is self._shown_error:
            return
        self._shown_error = error
        self._problem.show(error, actions)

    @property
    def problem(self) -> ErrorBox | None:
        """The error shown."""
        return self._problem.box

    def _enable(self) -> None:
        presenter, actions = self._presenter, self._actions
        here = presenter.is_shown and not self._in_trash
        pending = here and self.editor.has_pending
        actions["writing.go_on"].setEnabled(here and presenter.can_go_on)
        actions["writing.try_again"].setEnabled(pending and not presenter.is_busy_elsewhere)
        for name in ("writing.take_back", "writing.accept_word", "writing.accept"):
            actions[name].setEnabled(pending)

    # Doing --------------------------------------------------------------------------------------

    def act(self, action_id: str) -> None:
        """Do what one of the page's actions says."""
        {
            "writing.go_on": self._go_on,
            "writing.try_again": self._try_again,
            "writing.take_back": self._take_back,
            "writing.accept_word": self.editor.accept_word,
            "writing.accept": self.editor.accept,
        }[action_id]()

    def _go_on(self) -> None:
        if self._presenter.can_go_on:
            self.editor.accept()
            self._presenter.go_on()
        self.editor.setFocus()

    def _retry(self, *, forgive: bool = False) -> None:
        if forgive:
            self._chat.model.forgive()
        self._go_on()

    def _try_again(self) -> None:
        self.editor.take_back()
        self._presenter.try_again()
        self.editor.setFocus()

    def _take_back(self) -> None:
        self.editor.take_back()
        self.editor.setFocus()
