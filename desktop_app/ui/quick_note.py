"""The quick note: a small sheet over whatever is shown. Ctrl+Enter keeps it, Esc puts it away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.shell import ShellPresenter
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import TextButton
from desktop_app.ui.widgets.floating_sheet import FloatingSheet
from desktop_app.ui.widgets.labels import PlainLabel


class QuickNoteDialog(FloatingSheet):
    """Text typed here outlives the dialog until it is saved: closing with Esc keeps it for the next time."""

    def __init__(self, shell: ShellPresenter, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=520, height=260, from_top=1 / 6)
        self._shell = shell
        self.set_name(self.tr("Quick note"))
        layout = self.content
        layout.setContentsMargins(18, 14, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(self.tr("Quick note"), "title"))
        self.editor = QPlainTextEdit()
        self.editor.setPlaceholderText(self.tr("The first line becomes the title"))
        self.editor.setAccessibleName(self.tr("Text of the quick note"))
        self.editor.setTabChangesFocus(True)
        self.editor.document().setDocumentMargin(0)
        layout.addWidget(self.editor, 1)
        self._problem = PlainLabel("", "warning", wrap=True)
        self._problem.hide()
        layout.addWidget(self._problem)
        row = QHBoxLayout()
        row.addWidget(PlainLabel(self.tr("Esc puts it away and keeps the text"), "small"))
        row.addStretch()
        self.save_button = TextButton(self.tr("Save  Ctrl Enter"), "primary")
        self.save_button.setAccessibleName(self.tr("Save"))
        self.save_button.clicked.connect(self.save)
        row.addWidget(self.save_button)
        layout.addLayout(row)
        self.editor.textChanged.connect(self._show_state)
        shell.quick_note_saved.connect(self._saved)
        shell.quick_note_failed.connect(self._failed)
        theme.changed.connect(self._fit)
        self._saving = ""
        self._fit()
        self._show_state()

    @property
    def text(self) -> str:
        """What is typed and not saved."""
        return self.editor.toPlainText()

    def open_over(self, window: QWidget) -> None:
        """Show the sheet in the upper middle of `window`."""
        super().open_over(window)
        self.editor.setFocus()

    def save(self) -> None:
        """Keep the note; the sheet closes when it is committed."""
        if not self.text.strip() or self._saving:
            return
        self._saving = self.text
        self._show_state()
        self._shell.save_quick_note(self._saving)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.save()
            return
        super().keyPressEvent(event)

    def _saved(self) -> None:
        if self.text == self._saving:
            self.editor.clear()
            self.hide()
        self._saving = ""
        self._problem.hide()
        self._show_state()

    def _failed(self, error: InkwellError) -> None:
        self._saving = ""
        self._problem.setText(self.tr("Not saved. {why}").format(why=error))
        self._problem.show()
        self._show_state()

    def _fit(self) -> None:
        font = self.theme.reading_font()
        self.editor.setFont(font)
        self.editor.viewport().setFont(font)  # the words of the empty field are drawn in this one

    def _show_state(self) -> None:
        self.save_button.setEnabled(bool(self.text.strip()) and not self._saving)
