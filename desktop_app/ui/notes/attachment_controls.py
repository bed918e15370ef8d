"""Pictures and other files on the notes screen: pasted, dropped or chosen into the open note, shown, and opened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QUrl
from PySide6.QtGui import QImage, QTextCursor
from PySide6.QtWidgets import QMenu

from desktop_app.domain.editor_text import encode_paste
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_attachments import StoredFile, may_be_opened, set_off
from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.drop_zone import local_paths
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.pictures import NotePictures, as_png
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.theme.theme import READING_COLUMN, Theme
from desktop_app.ui.widgets.labels import literal


class AttachmentControls(QObject):
    """Wires the presenter of files to the view."""

    def __init__(
        self,
        attachments: NoteAttachmentsPresenter,
        notes: NotesPresenter,
        editor: NoteEditorPresenter,
        view: NoteView,
        theme: Theme,
        questions: Questions,
    ) -> None:
        super().__init__(view)
        self._attachments = attachments
        self._notes = notes
        self._editor = editor
        self._view = view
        self._theme = theme
        self._questions = questions
        self.menu: QMenu | None = None
        self.pictures = NotePictures(attachments, self._open_id, self._most_width, self)
        for rendered in (view.reader, view.preview):
            rendered.set_files(self.pictures)
            rendered.file_activated.connect(self._ask_to_open)
        view.editor.file_activated.connect(self._look_up_to_open)
        view.editor.add_paste_taker(self.take_paste)
        attachments.failed.connect(view.tell_error)

    # Putting in ---------------------------------------------------------------------------------

    @property
    def can_insert(self) -> bool:
        """Whether a note is open to be written."""
        note = self._editor.note
        return note is not None and note.trashed_at is None and not self._view.editor.loading

    def choose_files(self) -> None:
        """Ask which files, and put them in at the cursor."""
        if self.can_insert:
            self.insert_files(self._questions.files_to_insert())

    def insert_files(self, paths: Sequence[Path]) -> None:
        """Put copies of files into the open note, named at the cursor."""
        note = self._editor.note
        if paths and note is not None and self.can_insert:
            if self._view.mode == READ:
                self._view.toggle_mode()
            place = self._view.editor.textCursor()
            self._attachments.add_files(note.id, paths, lambda written: self._write(note.id, place, written))

    def take_paste(self, data: QMimeData) -> bool:
        """Put a pasted picture or pasted files in; false for everything else, which is pasted as text."""
        note = self._editor.note
        if note is None or not self.can_insert:
            return False
        paths = [path for path in local_paths(data) if path.is_file()]
        if paths and len(paths) == len(data.urls()):
            self.insert_files(paths)
            return True
        if data.hasText() or not data.hasImage():
            return False
        image = QImage(data.imageData())
        raw = bytes(data.data("image/png").data())
        name = f"Pasted image {datetime.now():%Y%m%d%H%M%S}.png"
        place = self._view.editor.textCursor()
        self._attachments.add_bytes(
            note.id, lambda: raw or as_png(image), name, lambda written: self._write(note.id, place, written)
        )
        return True

    def _write(self, note_id: int, place: QTextCursor, written: list[str]) -> None:
        if note_id != self._open_id():
            title = self.tr("It was not put in: another note was opened meanwhile.")
            self._view.tell_error(InkwellError(title, "", self.tr("Open the note and insert it again.")))
            return
        editor = self._view.editor
        # The note may have been read anew meanwhile: the place is one in a document that is not shown any more.
        here = place if not place.isNull() and place.document() is editor.document() else editor.textCursor()
        first, last = QTextCursor(here), QTextCursor(here)
        first.setPosition(here.selectionStart())
        last.setPosition(here.selectionEnd())
        before = first.block().text()[: first.positionInBlock()]
        after = last.block().text()[last.positionInBlock() :]
        here.insertText(encode_paste(set_off("\n\n".join(written), before, after)))
        self._view.focus_text()

    # Opening ------------------------------------------------------------------------------------

    def list_files(self) -> None:
        """Offer the files that the open note names, to be opened or saved, in a list for the keyboard, too."""
        note_id = self._open_id()
        if note_id is not None:
            self._attachments.files_in(note_id, self._editor.text(), self._offer)

    def _offer(self, files: list[StoredFile]) -> None:
        if not files:
            self._notes.notice.emit(self.tr("This note names no pictures or files."), None)
            return
        menu = self.menu = QMenu(self._view)
        for file in files:
            # A mark of a menu's own shortcut would take a letter away.
            menu.addAction(literal(file.name), lambda file=file: self._ask(file))  # type: ignore[misc]
        menu.aboutToHide.connect(menu.deleteLater)
        menu.setActiveAction(menu.actions()[0])
        menu.popup(self._view.mapToGlobal(self._view.rect().center() - menu.rect().center()))

    def _ask_to_open(self, target: str) -> None:
        shown = self.pictures.shown(target)
        if shown is not None:
            self._ask(shown.file)

    def _look_up_to_open(self, name: str) -> None:
        """Ask to open a file that is named where it is written, which may not be shown yet."""
        note_id = self._open_id()
        if note_id is not None:
            self._attachments.files_in(note_id, f"![[{name}]]", lambda files: self._ask_named(name, files))

    def _ask_named(self, name: str, files: Sequence[StoredFile]) -> None:
        if files:
            self._ask(files[0])
        else:
            title = self.tr("“{name}” is not among the files of this note.").replace("{name}", name)
            todo = self.tr("Insert it again, or take its name out of the text.")
            self._view.tell_error(InkwellError(title, "", todo))

    def _ask(self, file: StoredFile) -> None:
        answer = self._questions.open_file(file.name, can_open=may_be_opened(file.name))
        if answer == Questions.OPEN:
            self._attachments.copy_to_open(file, lambda path: self._questions.hand_over(QUrl.fromLocalFile(str(path))))
        elif answer == Questions.SAVE:
            self._save_copy(file)

    def _save_copy(self, file: StoredFile) -> None:
        path = self._questions.save_file(file.name)
        if path is not None:
            words = self.tr("Saved as {name}").replace("{name}", path.name)
            self._attachments.save_copy(file, path, lambda: self._notes.notice.emit(words, None))

    def _open_id(self) -> int | None:
        return None if self._editor.note is None else self._editor.note.id

    def _most_width(self) -> int:
        return int(self._theme.px(READING_COLUMN) * self._view.devicePixelRatioF())
