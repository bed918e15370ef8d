"""The properties of the open note: shown above its text, edited in a sheet."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from desktop_app.domain.front_matter import typed_front_matter
from desktop_app.domain.note_properties import shown_rows
from desktop_app.domain.notes import Note
from desktop_app.presenters.note_editor import NoteEditorPresenter, OpenedNote
from desktop_app.presenters.note_properties import NotePropertiesPresenter, PropertiesDraft
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.properties_fold import PropertiesFold
from desktop_app.ui.notes.properties_sheet import PropertiesSheet
from desktop_app.ui.theme.theme import Theme


class PropertiesControls(QObject):
    """Wires the presenter of properties to one note's view."""

    def __init__(
        self,
        properties: NotePropertiesPresenter,
        notes: NotesPresenter,
        editor: NoteEditorPresenter,
        view: NoteView,
        theme: Theme,
    ) -> None:
        super().__init__(view)
        self._properties = properties
        self._notes = notes
        self._editor = editor
        self._view = view
        self._theme = theme
        self.fold = PropertiesFold(theme)
        self.fold.edit_wanted.connect(self.edit)
        view.add_below_tags(self.fold)
        editor.opened.connect(self._on_opened)
        editor.note_changed.connect(self._on_changed)
        editor.closed.connect(self.fold.hide)

    def edit(self) -> None:
        """Open the sheet; properties that stand in the text itself are gone to."""
        note = self._editor.note
        if note is None or note.trashed_at is not None:
            return
        self._editor.save_now()
        begins = self._view.editor.document().firstBlock().text()  # the whole of a long text is dear to take
        if begins.startswith(("---", "+++")) and typed_front_matter(self._editor.text()):
            if self._view.mode == READ:
                self._view.toggle_mode()
            cursor = self._view.editor.textCursor()
            cursor.setPosition(0)
            self._view.editor.setTextCursor(cursor)
            self._view.focus_text()
            self._notes.notice.emit(self.tr("This note's properties are the first lines of its text."), None)
            return
        self._properties.open(note.id, self._open_sheet)

    def _open_sheet(self, draft: PropertiesDraft) -> None:
        note = self._editor.note
        if note is None or note.id != draft.note_id:
            return
        title = note.title or self.tr("Untitled")
        sheet = PropertiesSheet(self._properties, draft, title, self._theme, self._view)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def _on_opened(self, opened: OpenedNote) -> None:
        self._show(opened.note)

    def _on_changed(self, note: Note) -> None:
        shown = self._editor.note
        if shown is not None and shown.id == note.id:
            self._show(note)

    def _show(self, note: Note) -> None:
        self.fold.show_rows(shown_rows(note), editable=note.trashed_at is None)
