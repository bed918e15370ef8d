"""Renaming on the notes screen: asked for by F2, or offered when a title was typed over that links still say."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt

from desktop_app.domain.notes import Note
from desktop_app.domain.wiki_links import Backlink
from desktop_app.presenters.note_editor import NoteEditorPresenter, OpenedNote
from desktop_app.presenters.note_renaming import NoteRenamingPresenter, count_of_links
from desktop_app.ui.notes.note_view import NoteView
from desktop_app.ui.notes.rename_dialog import RenameDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import Banner
from desktop_app.ui.widgets.answers import AnswersWhileOpen


class RenameControls(QObject):
    """Wires the renaming's presenter to the view."""

    def __init__(
        self,
        renaming: NoteRenamingPresenter,
        editor: NoteEditorPresenter,
        view: NoteView,
        theme: Theme,
    ) -> None:
        super().__init__(view)
        self._renaming = renaming
        self._editor = editor
        self._view = view
        self._theme = theme
        self._title_then = ""  # of the open note, when its links were last looked after
        renaming.left_behind.connect(self._offer_to_change)
        editor.opened.connect(self._on_opened)
        editor.note_changed.connect(self._on_changed)  # a method, which goes with the view; the presenter stays
        view.editor.left.connect(self._look_behind)
        view.title.line.left.connect(self._look_behind)

    def ask(self) -> None:
        """Ask for the open note's new title."""
        note = self._editor.note
        if note is None or self._editor.flush():
            return
        note_id = note.id
        dialog = RenameDialog(self._theme, self._editor.note.title if self._editor.note else "", self._view)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.renamed.connect(lambda title: self._rename(note_id, title))
        answers = AnswersWhileOpen(dialog)
        self._renaming.load_links(note_id, answers.to(RenameDialog.show_links), answers.to(RenameDialog.show_error))
        dialog.open()

    def _rename(self, note_id: int, title: str) -> None:
        self._title_then = title
        self._renaming.rename(note_id, title)

    def _on_opened(self, opened: OpenedNote) -> None:
        self._title_then = opened.note.title

    def _on_changed(self, _note: Note) -> None:
        self._look_behind()

    def _look_behind(self) -> None:
        """Once nobody is writing: has the title changed that links may say?"""
        note = self._editor.note
        writing = self._view.editor.hasFocus() or self._view.title.line.hasFocus()
        if note is None or writing or self._editor.unsaved or note.title == self._title_then:
            return
        before, self._title_then = self._title_then, note.title
        if before:
            self._renaming.look_behind(note.id, before)

    def _offer_to_change(self, note_id: int, old_title: str, links: Sequence[Backlink]) -> None:
        note = self._editor.note
        if note is None or note.id != note_id:
            return
        count = count_of_links(
            len(links),
            len({link.note_id for link in links}),
            self.tr("1 link in 1 note still says “{old}”."),
            self.tr("{links} links in 1 note still say “{old}”."),
            self.tr("{links} links in {notes} notes still say “{old}”."),
        ).replace("{old}", old_title)

        def change() -> None:
            self._view.tell(None)
            self._renaming.change_links(note_id, old_title)

        actions = ((self.tr("Change them"), change), (self.tr("Leave them"), lambda: self._view.tell(None)))
        self._view.tell(Banner(count, actions, icon=self._theme.icon("link", "accent")))
