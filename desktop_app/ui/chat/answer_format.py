"""The form that a chat's answers must have: a chip in the chat's head, and the dialog that edits it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.domain.constraint import Constraint, ConstraintKind
from desktop_app.domain.errors import InkwellError
from desktop_app.presenters.chat_constraint import ChatConstraintPresenter
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ChipButton, PlainLabel, SegmentedControl, TextButton

FREE = "free"
_EXAMPLES = {
    ConstraintKind.JSON_SCHEMA.value: """{
  "type": "object",
  "properties": {
    "title": {"type": "string"},
    "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5}
  },
  "required": ["title", "tags"]
}""",
    ConstraintKind.GRAMMAR.value: 'root ::= line{1,5}\nline ::= "- " [^\\n]{1,80} "\\n"',
}


class AnswerFormatDialog(QDialog):
    """Any text, a JSON schema, or a GBNF grammar. What is wrong with it is said under the text; Esc changes nothing."""

    def __init__(self, presenter: ChatConstraintPresenter, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._texts: dict[str, str] = {}
        constraint = presenter.constraint
        self._kind = constraint.kind.value if constraint is not None else FREE
        if constraint is not None:
            self._texts[self._kind] = constraint.text
        self.setWindowTitle(self.tr("Answer format"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.px(520))
        self._help = PlainLabel("", "muted", wrap=True)
        self.kind = SegmentedControl(
            [
                (FREE, self.tr("Any text")),
                (ConstraintKind.JSON_SCHEMA.value, self.tr("JSON schema")),
                (ConstraintKind.GRAMMAR.value, self.tr("Grammar (GBNF)")),
            ],
            name=self.tr("Kind of answer format"),
            value=self._kind,
        )
        self.text = QPlainTextEdit()
        self.text.setProperty("role", "field")
        self.text.setTabChangesFocus(True)
        self.text.setFont(theme.code_font())
        self.text.setMinimumHeight(theme.px(220))
        self.error = PlainLabel("", "warning", wrap=True)
        self.error.hide()
        self.save = TextButton(self.tr("Use for this chat"), "primary")
        self.cancel = TextButton(self.tr("Cancel"))
        self._lay_out()
        self.kind.changed.connect(self._choose)
        self.text.textChanged.connect(self.error.hide)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.reject)
        presenter.saved.connect(self.accept)
        presenter.refused.connect(self._refused)
        self._show_kind()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(PlainLabel(self.tr("Answer format"), "title"))
        for part in (self.kind, self._help, self.text, self.error):
            column.addWidget(part)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.save)
        column.addLayout(buttons)

    def _choose(self, kind: str) -> None:
        self._texts[self._kind] = self.text.toPlainText()
        self._kind = kind
        self._show_kind()

    def _show_kind(self) -> None:
        helps = {
            FREE: self.tr("The model answers as it likes."),
            ConstraintKind.JSON_SCHEMA.value: self.tr(
                "Every further answer is JSON that fits this schema. What a grammar cannot enforce is refused by name."
            ),
            ConstraintKind.GRAMMAR.value: self.tr(
                "Every further answer is a text of this grammar, from its rule “root”."
            ),
        }
        names = {
            ConstraintKind.JSON_SCHEMA.value: self.tr("JSON schema"),
            ConstraintKind.GRAMMAR.value: self.tr("Grammar (GBNF)"),
        }
        self._help.setText(helps[self._kind])
        self.text.setVisible(self._kind != FREE)
        self.text.setAccessibleName(names.get(self._kind, ""))
        self.text.setPlainText(self._texts.get(self._kind, _EXAMPLES.get(self._kind, "")))
        self.error.hide()
        self.adjustSize()

    def _save(self) -> None:
        self.save.setEnabled(False)
        free = self._kind == FREE
        self._presenter.save(None if free else Constraint(ConstraintKind(self._kind), self.text.toPlainText()))

    def _refused(self, error: InkwellError) -> None:
        self.save.setEnabled(True)
        self.error.setText(" ".join(part for part in (error.what, error.why, error.todo) if part))
        self.error.show()
        self.adjustSize()
        self.text.setFocus()


class AnswerFormatControls(QObject):
    """The chip that says that the shown chat has an answer format, and the action that opens the dialog."""

    def __init__(self, presenter: ChatConstraintPresenter, theme: Theme, action: QAction, screen: QWidget) -> None:
        super().__init__(screen)
        self._presenter = presenter
        self._theme = theme
        self._screen = screen
        self.chip = ChipButton("")
        self.chip.setToolTip(self.tr("Answers of this chat must fit a form. Opens it."))
        self.chip.hide()
        self.chip.clicked.connect(self.open)
        action.triggered.connect(self.open)
        presenter.changed.connect(self._show)
        self._show()

    def open(self) -> None:
        """Open the dialog for the shown chat."""
        AnswerFormatDialog(self._presenter, self._theme, self._screen.window()).open()

    def _show(self) -> None:
        constraint = self._presenter.constraint
        self.chip.setVisible(constraint is not None)
        if constraint is not None:
            is_json = constraint.kind is ConstraintKind.JSON_SCHEMA
            words = self.tr("JSON schema") if is_json else self.tr("Grammar")
            self.chip.set_text(words)
            self.chip.setAccessibleName(self.tr("Answer format: {0}").format(words))
