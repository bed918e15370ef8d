"""A part of a note goes to the chat model; what is taken over comes back in its place, in one step of the history."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from desktop_app.domain.editor_text import decode, encode_paste
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.text_rewriting import RewritingPresenter
from desktop_app.ui.notes.note_view import READ, NoteView
from desktop_app.ui.notes.rewrite_sheet import RewriteSheet
from desktop_app.ui.theme.theme import Theme


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
        place = self._known_place()
        if place is None:
            return
        end = place.selectionEnd()
        place.setPosition(end)
        self._insert(place, f"\n\n{text}", end)

    def _insert(self, place: QTextCursor, text: str, start: int) -> None:
        """Write at the place, leave it selected, and say how it is taken back."""
        place.beginEditBlock()
        place.insertText(encode_paste(text))
        place.endEditBlock()
        editor = self._view.editor
        end = place.position()
        shown = QTextCursor(place)
        shown.setPosition(start)
        shown.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        editor.setTextCursor(shown)
        editor.setFocus()
        self._notes.notice.emit(self.tr("Taken over"), editor.undo)

    def _known_place(self) -> QTextCursor | None:
        """Where the part stands; None, and said, where it is not what it was."""
        place, self._place = self._place, None
        same_note = place is not None and not place.isNull() and place.document() is self._view.editor.document()
        if place is not None and same_note and _words(place) == self._shown:
            return place
        self._notes.notice.emit(self.tr("The note changed meanwhile: nothing was put into it."), None)
        return None


def _words(place: QTextCursor) -> str:
    return place.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
