"""What is done to whole notes on the notes screen: asked for where that is needed, then handed to the presenters."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu

from desktop_app.domain.folders import clean_tags
from desktop_app.domain.notes import Note
from desktop_app.presenters.note_merging import NoteMergingPresenter
from desktop_app.ui.notes.merge_dialog import MergeControls
from desktop_app.ui.notes.screen_parts import ScreenParts
from desktop_app.ui.notes.versions_dialog import VersionsDialog
from desktop_app.ui.widgets.answers import AnswersWhileOpen

_EXPORTS = ("note.export_markdown", "note.export_html", "note.export_pdf", "note.export_docx", "note.export_one")
_SEVERAL = ("note.pin", "note.move", "note.tags", "note.merge")
_IN_MENU = (
    "note.beside",
    "note.ask",
    "note.similar",
    "note.pin",
    "note.rename",
    "note.move",
    "note.tags",
    "note.properties",
    "note.merge",
    "note.duplicate",
    "note.versions",
)


class NoteWork(QObject):
    """Works on the `targets`: the selected notes, else the open one; the second note while that is worked in."""

    ask_wanted = Signal(int, str)  # note id, title
    similar_wanted = Signal(int)  # note id

    def __init__(self, parts: ScreenParts, merging: NoteMergingPresenter | None) -> None:
        """Without `merging` no notes are merged."""
        super().__init__(parts.over)
        self._parts = parts
        self._merges = MergeControls(merging, parts.theme, parts.over) if merging is not None else None

    @property
    def targets(self) -> list[int]:
        """Ids of the notes that are meant."""
        open_note = self.open_note
        if self._parts.desk.active is self._parts.desk.main and self._parts.pane.selected_ids:
            return self._parts.pane.selected_ids
        return [open_note.id] if open_note is not None else []

    @property
    def open_note(self) -> Note | None:
        """The note that is worked in."""
        return self._parts.desk.active.note

    @property
    def can_merge(self) -> bool:
        """Two notes are selected, and merging is on offer."""
        return self._merges is not None and len(self._parts.pane.selected_ids) == 2 and len(self.targets) == 2

    def show_menu(self, position: QPoint) -> None:
        """What can be done with the targets, at a place of the screen."""
        menu = QMenu(self._parts.over)
        if self._parts.presenter.filter.trashed:
            menu.addAction(self.tr("Put back"), self.restore)
            menu.addAction(self.tr("Delete forever…"), lambda: self.delete_forever(self.targets))
        else:
            for action_id in _IN_MENU:
                if self._parts.actions[action_id].isEnabled() and (action_id in _SEVERAL or len(self.targets) == 1):
                    menu.addAction(self._parts.actions[action_id])
            exports = menu.addMenu(self._parts.theme.icon("export"), self.tr("Export"))
            for action_id in _EXPORTS:
                exports.addAction(self._parts.actions[action_id])
            menu.addAction(self._parts.actions["note.print"])
            menu.addSeparator()
            menu.addAction(self._parts.actions["note.delete"])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def ask(self) -> None:
        """Ask about the open note as it is now: what was typed last is kept first."""
        note = self.open_note
        if note is not None and not self._parts.desk.flush():
            self.ask_wanted.emit(note.id, note.title)

    def find_similar(self) -> None:
        """Look for the like of the open note as it is now; what was typed last is indexed in a moment."""
        note = self.open_note
        if note is not None and not self._parts.desk.flush():
            self.similar_wanted.emit(note.id)

    def merge(self) -> None:
        """Show what the two selected notes would become; what was typed last is kept first."""
        ids = self.targets
        if self._merges is not None and len(ids) == 2 and not self._parts.desk.flush():
            self._merges.ask(*ids)

    def duplicate(self) -> None:
        """Another note with the text of the open one as it is now."""
        note = self.open_note
        if note is not None and not self._parts.desk.flush():
            title = self.tr("{title} (copy)").replace("{title}", note.title or self.tr("Untitled"))
            self._parts.presenter.duplicate(note.id, title)

    def toggle_pinned(self) -> None:
        """On top of the list, or not any more."""
        self._parts.presenter.toggle_pinned(self.targets)

    def restore(self) -> None:
        """Out of the trash."""
        self._parts.presenter.restore(self.targets)

    def remove(self) -> None:
        """Into the trash; what lies there already is deleted, after asking."""
        if self._parts.presenter.filter.trashed:
            self.delete_forever(self.targets)
        else:
            self._parts.desk.save_now()
            self._parts.presenter.trash(self.targets)

    def delete_forever(self, note_ids: list[int]) -> None:
        """After asking."""
        if not note_ids:
            return
        question = (
            self.tr("Delete this note forever?")
            if len(note_ids) == 1
            else self.tr("Delete {n} notes forever?").replace("{n}", str(len(note_ids)))
        )
        if self._parts.questions.confirm(
            question, self.tr("Its versions go, too. This cannot be undone."), self.tr("Delete forever")
        ):
            self._parts.presenter.delete_forever(note_ids)

    def empty_trash(self) -> None:
        """After asking."""
        if self._parts.questions.confirm(
            self.tr("Empty the trash?"),
            self.tr("All notes in it are deleted forever. This cannot be undone."),
            self.tr("Empty the trash"),
        ):
            self._parts.presenter.empty_trash()

    def move(self) -> None:
        """Into a folder that is asked for."""
        ids = self.targets
        if not ids:
            return
        folders = {row.folder for row in self._parts.presenter.chosen_rows(ids)}
        note = self.open_note
        if note is not None and ids == [note.id]:  # a filter may hide it from the list
            folders = {note.folder}
        current = folders.pop() if len(folders) == 1 else ""
        known = [name for name, _ in self._parts.presenter.facets.folders if name]
        folder = self._parts.questions.note_folder(current, known, len(ids))
        if folder is not None:
            self._parts.desk.save_now()
            self._parts.presenter.move(ids, folder)

    def edit_tags(self) -> None:
        """Ask for the tags of the open note, or of several."""
        known = [name for name, _ in self._parts.presenter.facets.tags]
        ids = self.targets
        note = self.open_note
        if len(ids) > 1:
            self._edit_tags_of_several(ids, known)
        elif note is not None:
            tags = self._parts.questions.tags(note.tags, known)
            if tags is not None:
                self._parts.desk.active.editor.set_tags(tags)

    def _edit_tags_of_several(self, ids: list[int], known: list[str]) -> None:
        """Tags that all of them have are there to be taken away; others that are typed come to each."""
        rows = self._parts.presenter.chosen_rows(ids)
        shared = [tag for tag in rows[0].tags if all(tag in row.tags for row in rows)] if rows else []
        tags = self._parts.questions.tags(shared, known, notes=len(rows))
        if tags is not None:
            self._parts.desk.save_now()
            cleaned = clean_tags(tags)
            added = [tag for tag in cleaned if tag not in shared]
            self._parts.presenter.change_tags(ids, added, [tag for tag in shared if tag not in cleaned])

    def show_versions(self) -> None:
        """Earlier texts of the open note."""
        editor = self._parts.desk.active.editor
        note = editor.note
        if note is None:
            return
        dialog = VersionsDialog(self._parts.theme, note.title or self.tr("Untitled"), self._parts.over)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.restore_wanted.connect(editor.restore_version)
        answers = AnswersWhileOpen(dialog)
        show_changes = answers.to(VersionsDialog.show_changes)
        dialog.changes_wanted.connect(lambda version: editor.compare(version, partial(show_changes, version)))
        editor.load_versions(answers.to(VersionsDialog.show_versions), answers.to(VersionsDialog.show_error))
        dialog.open()
