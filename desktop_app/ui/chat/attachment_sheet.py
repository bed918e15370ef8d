"""The text of an attachment, as the model reads it, in a sheet over the window."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from desktop_app.domain.attachments import Attachment, AttachmentKind
from desktop_app.domain.markdown_blocks import soft_broken
from desktop_app.presenters.attachments import size_in_words
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel, TextButton
from desktop_app.ui.widgets.floating_sheet import FloatingSheet

MOST_SHOWN = 200_000
"""Characters; a longer text would take seconds to lay out."""


class AttachmentSheet(FloatingSheet):
    """Read-only. Esc closes it."""

    note_wanted = Signal(object)  # Attachment: its note, where it stands there
    copied = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, width=760, height=620)
        self._attachment: Attachment | None = None
        layout = self.content
        layout.setContentsMargins(20, 16, 16, 14)
        layout.setSpacing(8)
        self.title = PlainLabel("", "title", wrap=True)
        self.detail = PlainLabel("", "small", wrap=True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("Text of the attachment"))
        layout.addWidget(self.title)
        layout.addWidget(self.detail)
        layout.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.note_button = TextButton(self.tr("Open note"))
        self.note_button.clicked.connect(self._open_note)
        self.copy_button = TextButton(self.tr("Copy all"))
        self.copy_button.clicked.connect(self._copy)
        self.close_button = TextButton(self.tr("Close"), "primary")
        self.close_button.clicked.connect(self.hide)
        row.addWidget(self.note_button)
        row.addWidget(self.copy_button)
        row.addStretch()
        row.addWidget(self.close_button)
        layout.addLayout(row)
        theme.changed.connect(self._fit)
        self._fit()

    def show_attachment(self, attachment: Attachment, window: QWidget) -> None:
        """Show its text over `window`."""
        self._attachment = attachment
        self.set_name(attachment.name)
        self.title.setText(attachment.name)
        self.detail.setText(self._words(attachment))
        self.text.setPlainText(soft_broken(attachment.text[:MOST_SHOWN]))
        self.note_button.setVisible(attachment.note_id is not None)
        self.open_over(window)
        self.text.setFocus()

    def _words(self, attachment: Attachment) -> str:
        kinds = {
            AttachmentKind.FILE: self.tr("File"),
            AttachmentKind.PASTE: self.tr("Pasted text"),
            AttachmentKind.NOTE: self.tr("Note, as it was when it was attached"),
        }
        one, many = self.tr("1 character of text"), self.tr("{0} characters of text")
        characters = one if len(attachment.text) == 1 else many.format(f"{len(attachment.text):,}")
        kind = self.tr("Passage of a note, as the model read it") if attachment.source else kinds[attachment.kind]
        words = f"{kind} · {size_in_words(attachment.size)} · {characters}"
        if len(attachment.text) > MOST_SHOWN:
            words += " · " + self.tr("the first {0} are shown").format(f"{MOST_SHOWN:,}")
        return words

    def _open_note(self) -> None:
        if self._attachment is not None and self._attachment.note_id is not None:
            self.hide()
            self.note_wanted.emit(self._attachment)

    def _copy(self) -> None:
        if self._attachment is not None:
            QGuiApplication.clipboard().setText(self._attachment.text)
            self.copied.emit()

    def _fit(self) -> None:
        self.text.setFont(self.theme.reading_font())
