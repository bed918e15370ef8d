"""A part of a note goes to the chat model; what is taken over comes back in its place, in one step of the history."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from desktop_app.domain.editor_text import decode, encode_paste
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.text_rewriting import RewritingPresenter
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.rewrite_sheet import RewriteSheet
from desktop_app.ui.theme.theme import Theme

_MOST_CHARACTERS = 500_000
"""No context holds more; taking more out of the editor would only make it stand still."""


class RewriteControls(QObject):
    """Opens the sheet for what is selected in one open note; without a selection, for the paragraph at the cursor."""

    def __init__(self, presenter: RewritingPresenter, notes: NotesPresenter, view: NoteView, theme: Theme) -> None:
        super().__init__(view)
        self._presenter = presenter
        self._notes = notes
        self._view = view
        self._theme = theme
        self._place: QTextCursor | None = None
        self._shown = ""
        self.sheet: RewriteSheet | None = None

    def ask(self) -> None:
        """Ask what is to be done with the part."""
        editor = self._view.editor
        if editor.isReadOnly() or self._view.mode == READ:
            self._notes.notice.emit(self.tr("Choose Write first: only there can a part be rewritten."), None)
            return
        place = QTextCursor(editor.textCursor())
        if not place.hasSelection():
            place.movePosition(QTextCursor.MoveOperation.StartOfBlock)
            place.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        if place.selectionEnd() - place.selectionStart() > _MOST_CHARACTERS:
            self._notes.notice.emit(self.tr("This is too long to be rewritten at once: select less."), None)
            return
        text = decode(_words(place))
        if not text.strip():
            self._notes.notice.emit(self.tr("Select the words that are to be rewritten."), None)
            return
        editor.setTextCursor(place)
        before = QTextCursor(place)
        before.setPosition(place.selectionStart())
        before.setPosition(max(0, place.selectionStart() - 4_000), QTextCursor.MoveMode.KeepAnchor)
        self._place, self._shown = place, _words(place)
        self._made_sheet().begin(text, decode(_words(before)), self._view.window())

    def _made_sheet(self) -> RewriteSheet:
        if self.sheet is None:
            self.sheet = RewriteSheet(self._presenter, self._theme, self._view)
            self.sheet.replace_wanted.connect(self._replace)
            self.sheet.add_wanted.connect(self._add)
            self.sheet.copied.connect(lambda: self._notes.notice.emit(self.tr("Text copied"), None))
        return self.sheet

    def _replace(self, text: str) -> None:
        place = self._known_place()
        if place is not None:
            self._insert(place, text, place.selectionStart())

    def _add(self, text: str) -> None:
        """Below the paragraph, the list, the table or the code that the part ends in, and never in their midst."""
        place = self._known_place()
        if place is None:
            return
        end = place.selectionEnd()
        document = place.document()
        block = document.findBlock(max(place.selectionStart(), end - 1))
        while block.next().isValid() and (
            block.next().text().strip() or self._view.editor.stands_in_code(block.next())
        ):
            block = block.next()
        place.setPosition(block.position() + block.length() - 1)
        self._insert(place, f"\n\n{text}", place.position())

    def _insert(self, place: QTextCursor, text: str, start: int) -> None:
        """Write at the place, leave it selected, and say how it is taken back."""
        editor = self._view.editor
        before = place.selectedText()
        place.beginEditBlock()
        place.insertText(encode_paste(text))
        place.endEditBlock()
        written = QTextCursor(place)
        written.setPosition(start)
        written.setPosition(place.position(), QTextCursor.MoveMode.KeepAnchor)
        words = written.selectedText()
        editor.setTextCursor(written)
        editor.setFocus()

        def undo() -> None:
            is_there = not written.isNull() and written.document() is editor.document() and not editor.isReadOnly()
            if is_there and written.selectedText() == words:
                written.insertText(before)
            else:
                self._notes.notice.emit(self.tr("It was changed since. Ctrl+Z takes back one step at a time."), None)

        self._notes.notice.emit(self.tr("Taken over"), undo)

    def _known_place(self) -> QTextCursor | None:
        """Where the part stands, the sheet closed; None, and said, where it is not what it was."""
        place, sheet, editor = self._place, self.sheet, self._view.editor
        if place is None or sheet is None:
            return None
        is_there = not place.isNull() and place.document() is editor.document() and not editor.isReadOnly()
        if is_there and _words(place) == self._shown:
            self._place = None
            sheet.close()
            return place
        sheet.refuse(self.tr("The note changed meanwhile: nothing was put into it. What was written can be copied."))
        return None


def _words(place: QTextCursor) -> str:
    return place.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
