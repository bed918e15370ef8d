"""What the chat model makes of a part of a note: shown with what changes, taken over only when the person says so."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.generation import StopReason
from desktop_app.domain.text_rewriting import RewriteTask, RewriteWish
from desktop_app.presenters.text_rewriting import RewritingPresenter, Rewritten
from desktop_app.services.text_rewriting import Rewriting
from desktop_app.ui.notes.change_view import ChangeView
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton, set_role
from desktop_app.ui.widgets.floating_sheet import FloatingSheet
from desktop_app.ui.widgets.flow_row import FlowRow

_SHOW_MS = 60
"""The growing text is shown in batches of so many milliseconds."""


class RewriteSheet(FloatingSheet):
    """Asks what is to be done, shows what came, and hands it over; whoever takes it closes the sheet, or refuses it.
    Esc stops, then closes.
    """

    replace_wanted = Signal(str)
    add_wanted = Signal(str)
    copied = Signal()

    def __init__(self, presenter: RewritingPresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=760, height=600)
        self._presenter = presenter
        self._text = ""
        self._before = ""
        self._wish: RewriteWish | None = None
        self._result = ""
        self._plain = ""
        self._rewritten: Rewritten | None = None
        self.set_name(self.tr("Rewrite the selection"))
        layout = self.content
        layout.setContentsMargins(20, 16, 16, 14)
        layout.setSpacing(9)
        layout.addWidget(PlainLabel(self.tr("Rewrite the selection"), "title"))
        self._add_tasks()
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("Or say what is to be changed, and press Enter"))
        self.line.setAccessibleName(self.tr("What is to be changed"))
        self.line.returnPressed.connect(self._begin_own)
        self.line.installEventFilter(self)
        layout.addWidget(self.line)
        self.state = PlainLabel("", "small", wrap=True)
        layout.addWidget(self.state)
        self.view = ChangeView(theme, self.tr("What the model wrote"))
        self.view.setTabChangesFocus(True)
        layout.addWidget(self.view, 1)
        self._add_buttons()
        self._show_soon = QTimer(self)
        self._show_soon.setSingleShot(True)
        self._show_soon.setInterval(_SHOW_MS)
        self._show_soon.timeout.connect(self._show_growing)
        presenter.grew.connect(self._grew)
        presenter.ended.connect(self._ended)
        presenter.failed.connect(self._failed)
        presenter.stopped.connect(self._stopped)
        theme.changed.connect(self._restyle)

    def _add_tasks(self) -> None:
        words = {
            RewriteTask.CLEARER: self.tr("Clearer"),
            RewriteTask.SHORTER: self.tr("Shorter"),
            RewriteTask.CORRECT: self.tr("Correct spelling"),
            RewriteTask.SUMMARY: self.tr("Sum up"),
            RewriteTask.ENGLISH: self.tr("Into English"),
            RewriteTask.CONTINUE: self.tr("Go on writing"),
        }
        self.tasks: dict[RewriteTask, TextButton] = {}
        for task, label in words.items():
            button = TextButton(label, "chip")
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, task=task: self._begin(task))
            self.tasks[task] = button
        row = FlowRow()
        row.set_widgets(list(self.tasks.values()))
        self.content.addWidget(row)

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.copy_button = TextButton(self.tr("Copy"))
        self.copy_button.clicked.connect(self._copy)
        self.again_button = TextButton(self.tr("Try again"))
        self.again_button.clicked.connect(self._again)
        self.stop_button = TextButton(self.tr("Stop"))
        self.stop_button.clicked.connect(self._presenter.stop)
        self.add_button = TextButton(self.tr("Insert below"))
        self.add_button.clicked.connect(self._add)
        self.add_button.setAccessibleName(self.tr("Insert below the selection"))
        self.replace_button = TextButton(self.tr("Replace"))
        self.replace_button.setAccessibleName(self.tr("Replace the selection"))
        self.replace_button.clicked.connect(self._replace)
        for button in (self.copy_button, self.again_button, self.stop_button):
            row.addWidget(button)
        for button in (self.add_button, self.replace_button):
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # the text above keeps its height
            button.setSizePolicy(policy)
        row.addStretch()
        row.addWidget(self.add_button)
        row.addWidget(self.replace_button)
        self.content.addLayout(row)

    def begin(self, text: str, before: str, window: QWidget) -> None:
        """Open over `window` for a part of a note and what stands in front of it."""
        self._text, self._before = text, before
        self._wish, self._result, self._rewritten = None, "", None
        self.line.clear()
        self._check(None)
        one = self.tr("Choose what the chat model is to do with the one character.")
        many = self.tr("Choose what the chat model is to do with the {0} characters.")
        self._say(one if len(text) == 1 else many.format(f"{len(text):,}"))
        self._show_plain(text)
        self._allow()
        self.open_over(window)
        self.tasks[RewriteTask.CLEARER].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter takes it over; Esc stops what is being written, else closes."""
        if _takes_over(event):
            self._take_over()
        elif event.key() == Qt.Key.Key_Escape and self._presenter.is_busy:
            self._presenter.stop()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the line, too, Ctrl+Enter takes it over: the line itself would ask once more."""
        is_press = watched is self.line and event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and _takes_over(event):
            self._take_over()
            return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees any more need not be written."""
        self._presenter.drop()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._presenter.drop()
        super().closeEvent(event)

    # Asking --------------------------------------------------------------------------------------

    def _begin(self, task: RewriteTask) -> None:
        self._ask(RewriteWish(task, self._text, before=self._before))

    def _begin_own(self) -> None:
        if self.line.text().strip():
            self._ask(RewriteWish(RewriteTask.OWN, self._text, own=self.line.text()))

    def _again(self) -> None:
        if self._wish is not None:
            self._ask(self._wish)

    def _ask(self, wish: RewriteWish) -> None:
        self._show_soon.stop()  # what the last wish would still show
        self._wish, self._result, self._rewritten = wish, "", None
        self._check(wish.task)
        self._say(self.tr("Starting…"))
        self._show_plain("")
        self._presenter.rewrite(wish)
        self._allow()

    def _check(self, task: RewriteTask | None) -> None:
        for each, button in self.tasks.items():
            button.setChecked(each is task)

    # What comes ----------------------------------------------------------------------------------

    def _grew(self, rewriting: Rewriting) -> None:
        if self._result and not rewriting.text:
            return  # an announcement that was shown as text is taken out: the text itself follows
        self._result = rewriting.text
        if not rewriting.text and rewriting.fraction >= 1.0:
            self._say(self.tr("Thinking…"))
        elif not rewriting.text:
            self._say(self.tr("Reading, {0} %").format(round(rewriting.fraction * 100)))
        elif not self._show_soon.isActive():
            self._show_soon.start()

    def _show_growing(self) -> None:
        if self._presenter.is_busy:
            self._say(self.tr("Writing…"))
            self._show_plain(self._result)
            self.view.verticalScrollBar().setValue(self.view.verticalScrollBar().maximum())

    def _ended(self, rewritten: Rewritten) -> None:
        self._show_soon.stop()
        self._rewritten, self._result = rewritten, rewritten.text
        self._show_result()
        self._allow()

    def _show_result(self) -> None:
        rewritten, wish = self._rewritten, self._wish
        if rewritten is None or wish is None:
            return
        notes = {
            StopReason.STOPPED: self.tr("Stopped: this is not the whole text."),
            StopReason.LIMIT: self.tr("Cut at its longest: this is not the whole text."),
            StopReason.CONTEXT_FULL: self.tr("The context is full: this is not the whole text."),
            StopReason.REPETITION: self.tr("It began repeating itself."),
        }
        if wish.is_added:
            self._say(notes.get(rewritten.ended, self.tr("Nothing is changed yet. Insert it below the selection?")))
            self._show_plain(rewritten.text)
        else:
            self._say(notes.get(rewritten.ended, self.tr("Nothing is changed yet. This is what would change:")))
            self.view.show_changes(rewritten.changes, self.tr("Nothing: the model left the text as it is."))

    def _failed(self, error: InkwellError) -> None:
        self._show_soon.stop()
        self._say(f"{error} {self.tr('This is what was written so far.')}" if self._result else str(error))
        self._show_plain(self._result or self._text)
        self._allow()

    def _stopped(self) -> None:
        self._show_soon.stop()
        self._say(self.tr("Stopped."))
        self._show_plain(self._result or self._text)
        self._allow()

    def _allow(self) -> None:
        busy, has_result = self._presenter.is_busy, bool(self._result) and not self._presenter.is_busy
        self.stop_button.setVisible(busy)
        self.again_button.setVisible(self._wish is not None and not busy)
        self.copy_button.setVisible(has_result)
        adds = self._wish is not None and self._wish.is_added
        self.add_button.setText(self.tr("Insert below  Ctrl Enter") if adds else self.tr("Insert below"))
        self.replace_button.setText(self.tr("Replace") if adds else self.tr("Replace  Ctrl Enter"))
        set_role(self.add_button, "primary" if adds else "")
        set_role(self.replace_button, "" if adds else "primary")
        for button in (self.add_button, self.replace_button):
            button.setVisible(self._wish is not None)
        self.add_button.setEnabled(has_result)
        self.replace_button.setEnabled(has_result)

    # Taking over ---------------------------------------------------------------------------------

    def refuse(self, words: str) -> None:
        """Say why it was not taken over. What the model wrote stays, and can be copied."""
        self._say(words)
        self.replace_button.setEnabled(False)
        self.add_button.setEnabled(False)

    def _take_over(self) -> None:
        if self._wish is not None and self._wish.is_added:
            self._add()
        else:
            self._replace()

    def _replace(self) -> None:
        if self.replace_button.isEnabled() and self._wish is not None:
            self.replace_wanted.emit(self._wish.in_place(self._result) if self._wish.is_added else self._result)

    def _add(self) -> None:
        if self.add_button.isEnabled():
            self.add_wanted.emit(self._result.strip())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._result)
        self.copied.emit()

    def _show_plain(self, text: str) -> None:
        self._plain = text
        self.view.show_text(text)

    def _say(self, words: str) -> None:
        self.state.setText(words)

    def _restyle(self) -> None:
        self.view.setFont(self.theme.reading_font())
        if self._rewritten is not None:
            self._show_result()
        else:
            self._show_plain(self._plain)  # in the new colours


def _takes_over(event: QKeyEvent) -> bool:
    is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return is_enter and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
