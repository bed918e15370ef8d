"""The sheet in which a note's properties are edited as the lines that its file has."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.domain.errors import InkwellError, NoteConflictError
from desktop_app.domain.note_properties import Fault, FaultyLine
from desktop_app.presenters.note_properties import NotePropertiesPresenter, PropertiesDraft
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.answers import AnswersWhileOpen
from desktop_app.ui.widgets.problem_place import ProblemPlace

#: What of the window is to be seen around the sheet at least, in pixels.
_AROUND = 40


class _Lines(QPlainTextEdit):
    """A new line begins as far in as the one before."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            line = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
            self.textCursor().insertText("\n" + line[: len(line) - len(line.lstrip(" "))])
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)


class PropertiesSheet(QDialog):
    """One property a line. What is wrong with a line is said below; Save closes the sheet once it is done."""

    def __init__(
        self, presenter: NotePropertiesPresenter, draft: PropertiesDraft, title: str, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._draft = draft
        self._theme = theme
        self._answers = AnswersWhileOpen(self)
        self.setWindowTitle(self.tr("Properties"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(10)
        layout.addWidget(PlainLabel(self.tr("Properties of “{title}”").replace("{title}", title), "title"))
        layout.addWidget(
            PlainLabel(
                self.tr("One a line, as “name: value”; lists as “[one, two]”. Tags, title and aliases follow."),
                "muted",
                wrap=True,
            )
        )
        self.editor = _Lines(draft.encoded.display)
        self.editor.setAccessibleName(self.tr("Properties of the note"))
        self.editor.setPlaceholderText("status: draft\naliases: [another name]\ntags: [reading]")
        self.editor.setProperty("role", "field")
        self.editor.setTabChangesFocus(True)
        self.editor.textChanged.connect(self._check)
        theme.changed.connect(self._fit)
        layout.addWidget(self.editor, 1)
        self.fault = PlainLabel("", "warning", wrap=True)
        layout.addWidget(self.fault)
        place = QVBoxLayout()
        layout.addLayout(place)
        self._problem = ProblemPlace(place, theme)
        buttons = QHBoxLayout()
        buttons.addStretch()
        self.save_button = TextButton(self.tr("Save"), "primary")
        self.save_button.setToolTip(self.tr("Ctrl+Enter"))
        self.save_button.setShortcut("Ctrl+Return")
        self.save_button.clicked.connect(self._save)
        cancel = TextButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        buttons.addWidget(self.save_button)
        buttons.addWidget(cancel)
        layout.addLayout(buttons)
        self._fit()
        self.resize(QSize(theme.px(620), theme.px(440)).boundedTo(parent.window().size() - QSize(_AROUND, _AROUND)))
        self._check()
        self.editor.moveCursor(QTextCursor.MoveOperation.End)
        self.editor.setFocus()

    def _fit(self) -> None:
        self.editor.setFont(self._theme.code_font())

    def _check(self) -> None:
        text = self.editor.toPlainText()
        faulty = self._draft.fault(text)
        self.fault.setText("" if faulty is None else self._words(faulty))
        self.fault.setVisible(faulty is not None)
        self.save_button.setEnabled(self._draft.may_be_kept(text))

    def _words(self, faulty: FaultyLine) -> str:
        words = {
            Fault.MARK: self.tr("Line {n} would end the properties: take it out."),
            Fault.NO_NAME: self.tr("Line {n} has no name: write “name: value”."),
            Fault.TWICE: self.tr("Line {n} has a name that stands above already."),
            Fault.TAB: self.tr("Line {n} begins with a tab: use blanks."),
            Fault.OPEN: self.tr("A list, a mapping or a quotation is not closed."),
            Fault.UNREADABLE: self.tr("These lines cannot be read as properties: write “name: value” in each."),
        }
        return words[faulty.fault].replace("{n}", str(faulty.line))

    def _save(self, *, whatever_is_there: bool = False) -> None:
        self._say(None)
        self.save_button.setEnabled(False)
        done, fail = self._answers.to(PropertiesSheet.accept), self._answers.to(PropertiesSheet._say)
        text = self.editor.toPlainText()
        self._presenter.save(self._draft, text, done, fail, whatever_is_there=whatever_is_there)

    def _say(self, error: InkwellError | None) -> None:
        if error is None:
            self._problem.show(None)
        else:
            self._check()
            conflict = isinstance(error, NoteConflictError)
            words = self.tr("Save it all the same") if conflict else self.tr("Try again")
            again = (words, lambda: self._save(whatever_is_there=conflict))
            self._problem.show(error, (again,))
