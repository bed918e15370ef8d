"""A part of a note that becomes a note of its own, with a link to it in its place."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from desktop_app.domain.editor_text import decode, encode_paste, unit_count
from desktop_app.domain.snippets import title_of
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.services.note_links import Destination
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.questions import Questions

_LONGEST_OFFERED = 60


class Extraction(QObject):
    """Asks for the title, has the note made, and puts the link in the place of the words."""

    def __init__(
        self,
        links: NoteLinksPresenter,
        notes: NotesPresenter,
        editor: NoteEditorPresenter,
        view: NoteView,
        questions: Questions,
    ) -> None:
        super().__init__(view)
        self._links = links
        self._notes = notes
        self._editor = editor
        self._view = view
        self._questions = questions

    def ask(self) -> None:
        """Move what is selected to a new note."""
        note, editor = self._editor.note, self._view.editor
        place = editor.textCursor()
        text = decode(place.selectedText().replace("\u2029", "\n").replace("\u2028", "\n"))
        if note is None or editor.isReadOnly() or self._view.mode == READ:
            return
        if not text.strip():
            self._notes.notice.emit(self.tr("Select the words that are to become a note."), None)
            return
        title = self._questions.title_of_part(_offered(text))
        if title:
            self._links.extract(note.id, title, text, lambda made: self._put_link(place, text, made))

    def _put_link(self, place: QTextCursor, text: str, made: Destination) -> None:
        link = f"[[{made.title}]]"
        is_there = not place.isNull() and place.document() is self._view.editor.document()
        if is_there:
            start = place.selectionStart()
            place.insertText(encode_paste(link))
            place.setPosition(start)
            place.setPosition(start + unit_count(link), QTextCursor.MoveMode.KeepAnchor)

        def undo() -> None:
            if is_there and place.document() is self._view.editor.document() and place.selectedText() == link:
                place.insertText(encode_paste(text))
            self._notes.trash([made.note_id])

        self._notes.refresh()
        self._notes.notice.emit(self.tr("Made the note “{title}” of it.").replace("{title}", made.title), undo)


def _offered(text: str) -> str:
    """The beginning of the part's first words, cut between two of them."""
    title = title_of(text)
    if len(title) <= _LONGEST_OFFERED:
        return title
    return title[:_LONGEST_OFFERED].rsplit(" ", 1)[0]
