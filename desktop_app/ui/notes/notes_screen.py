"""The notes screen: the list at the left, the note in the middle, and what connects them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from desktop_app.domain.editor_text import encode_paste
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.folders import clean_tags
from desktop_app.domain.line_changes import LineChange
from desktop_app.domain.notes import ImportReport, Note, NoteFilter, NoteSort, NoteVersion
from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
from desktop_app.presenters.note_attachments import NoteAttachmentsPresenter
from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.note_merging import NoteMergingPresenter
from desktop_app.presenters.note_renaming import NoteRenamingPresenter
from desktop_app.presenters.notes import ListState, NotesPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.markdown_document import is_safe_link
from desktop_app.ui.notes.attachment_controls import AttachmentControls
from desktop_app.ui.notes.import_dialog import ImportReportDialog, TransferBar
from desktop_app.ui.notes.link_controls import LinkControls
from desktop_app.ui.notes.linked_folders import LinkedFolderControls
from desktop_app.ui.notes.merge_dialog import MergeControls
from desktop_app.ui.notes.note_view import MODES, READ, NoteView
from desktop_app.ui.notes.notes_pane import NotesPane
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notes.rename_controls import RenameControls
from desktop_app.ui.notes.versions_dialog import VersionsDialog
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PANE_WIDTH, EmptyState, ErrorBox


class NotesScreen(QWidget):
    """Writes, finds, files and restores notes. Notices with Undo come from the presenter's `notice`."""

    search_everything = Signal(str)
    ask_wanted = Signal(int, str)  # note id, title
    similar_wanted = Signal(int)  # note id

    def __init__(
        self,
        presenter: NotesPresenter,
        editor: NoteEditorPresenter,
        theme: Theme,
        actions: Actions,
        questions: Questions | None = None,
        links: NoteLinksPresenter | None = None,
        renaming: NoteRenamingPresenter | None = None,
        merging: NoteMergingPresenter | None = None,
        attachments: NoteAttachmentsPresenter | None = None,
        linked: LinkedFoldersPresenter | None = None,
    ) -> None:
        """Without `links` the pane beside the note is not on offer, without `renaming` another title only by typing,
        without `merging` no notes are merged, without `attachments` pictures are only mentioned, without `linked`
        folders are copied in.
        """
        super().__init__()
        self._presenter = presenter
        self._editor = editor
        self._theme = theme
        self._actions = actions
        self._questions = questions or Questions(self)
        self._row_of_open = 0
        self._left_at: tuple[int, int] | None = None  # note and scroll position of the last time
        self.pane = NotesPane(presenter, theme, actions)
        self.view = NoteView(editor, theme, actions)
        self.transfer = TransferBar(theme)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transfer)
        column.addWidget(self.view, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.pane)
        self.links = LinkControls(links, presenter, editor, self.view, middle, theme, actions) if links else None
        self._can_rename = renaming is not None
        if renaming is not None:
            self._renames = RenameControls(renaming, presenter, editor, self.view, theme, actions)
        self._merges = MergeControls(merging, theme, self) if merging is not None else None
        if merging is not None:
            merging.merged.connect(self._on_merged)
        self.attachments = (
            AttachmentControls(attachments, presenter, editor, self.view, theme, actions, self._questions)
            if attachments
            else None
        )
        self.linked = (
            LinkedFolderControls(
                linked, presenter, self.transfer, self.open_note, theme, actions, self._questions, self
            )
            if linked
            else None
        )
        self._bring_in = linked.bring_in if linked is not None else presenter.import_paths
        if self.linked is not None:
            self.pane.add_above_foot(self.linked.line)
        for action_id in ("note.link_folder", "note.sync_folders", "note.linked_folders") if linked is None else ():
            actions[action_id].setEnabled(False)
        self._splitter.addWidget(middle if self.links is None else self.links.drawer)
        self._splitter.setStretchFactor(1, 1)
        self._pane_chosen: float | None = None  # the width a person gave the list, in designed pixels
        self._splitter.splitterMoved.connect(self._on_pane_moved)
        theme.changed.connect(self._fit_pane)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)
        self._connect()
        self._fit_pane()
        self._enable_actions()
        presenter.refresh()

    # For the window -----------------------------------------------------------------------------

    def open_note(self, note_id: int, start: int | None = None, end: int | None = None) -> None:
        """Show a note; with `start` and `end` (character offsets) the passage is marked and in view."""
        if self._presenter.filter.trashed:
            self._presenter.show_trash(False)
        self._left_at = None
        place = None if start is None else (start, start if end is None else end)
        self._editor.open(note_id, place)
        self.pane.select(note_id)
        self.view.focus_text()

    @property
    def open_title(self) -> str:
        """Title of the note that is open to be written; "" where none is."""
        note = self._editor.note
        return note.title if note is not None and note.trashed_at is None else ""

    def take_template(self, text: str) -> None:
        """Put a filled template in at the cursor of the open note; a new note of it where none is open."""
        note = self._editor.note
        if note is None or note.trashed_at is not None or self.view.editor.loading:
            self._presenter.new_note(text)
            return
        if self.view.mode == READ:
            self.view.toggle_mode()
        self.view.editor.insertPlainText(encode_paste(text))
        self.view.focus_text()

    def attach_dropped(self, paths: Sequence[Path]) -> bool:
        """Take pictures dropped on the window into the note that is written; false for everything else."""
        return self.attachments is not None and self.attachments.take_drop(paths)

    def save_state(self) -> dict[str, Any]:
        """Open note, the list's width, order and mode, for the next start."""
        note = self._editor.note
        return {
            "note": note.id if note is not None and note.trashed_at is None else None,
            "pane": self._pane_chosen,
            "sort": str(self._presenter.filter.sort),
            "mode": self.view.mode,
            "scroll": self.view.scroll_position,
            **(self.links.save_state() if self.links is not None else {}),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up where `save_state` left; what no longer fits is passed over."""
        pane = state.get("pane")
        if isinstance(pane, int | float) and pane > 0:
            self._pane_chosen = float(pane)
            self._fit_pane()
        if state.get("sort") in list(NoteSort):
            self._presenter.set_sort(NoteSort(state["sort"]))
        if state.get("mode") in MODES:
            self.view.set_mode(state["mode"])
        if self.links is not None:
            self.links.restore_state(state)
        if isinstance(state.get("note"), int):
            if isinstance(state.get("scroll"), int):
                self._left_at = (state["note"], state["scroll"])
            self._editor.open(state["note"])

    def focus_default(self) -> None:
        """The note, or the filter where none is open."""
        if self._editor.note is not None:
            self.view.focus_text()
        else:
            self.pane.filter_box.setFocus()

    def on_escape(self) -> bool:
        """Esc closes what lies over the note, goes from a filled filter to an empty one, and from the trash back."""
        if self.links is not None and self.links.close_drawer():
            return True
        if self.view.find_bar.close_bar():
            return True
        if self.pane.filter_box.text():
            self.pane.filter_box.clear()
            return True
        if self._presenter.filter.trashed:
            self._presenter.show_trash(False)
            return True
        return False

    def set_compact(self, compact: bool) -> None:
        """The window is narrow, or not any more."""
        if self.links is not None:
            self.links.set_compact(compact)

    def flush(self) -> list[InkwellError]:
        """Before the window closes: commit what is written; errors of what could not be."""
        return self._editor.flush()

    def _on_pane_moved(self) -> None:
        self._pane_chosen = self._splitter.sizes()[0] / self._theme.scale

    def _fit_pane(self) -> None:
        """The list keeps its width in letters; one that nobody chose leaves most of the screen to the note."""
        room = self.width() - self._splitter.handleWidth()
        most = room * 2 // 5 if self._pane_chosen is None else room - self.view.minimumWidth()
        wanted = max(self.pane.minimumWidth(), min(self._theme.px(self._pane_chosen or PANE_WIDTH), most))
        if self._splitter.sizes()[0] != wanted:
            self._splitter.setSizes([wanted, max(1, room - wanted)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_pane()

    # Connections --------------------------------------------------------------------------------

    def _connect(self) -> None:
        presenter, pane, view, editor = self._presenter, self.pane, self.view, self._editor
        pane.note_chosen.connect(self._choose)
        pane.selection_changed.connect(self._enable_actions)
        pane.search_everything.connect(self.search_everything)
        pane.menu_wanted.connect(self._show_menu)
        pane.trash_wanted.connect(self._remove_selected)
        pane.empty_trash_wanted.connect(self._empty_trash)
        pane.import_wanted.connect(self._show_import_menu)
        pane.export_wanted.connect(self._export)
        presenter.model.modelReset.connect(self._select_open)
        presenter.revealed.connect(lambda _: self._select_open())
        presenter.state_changed.connect(self._show_state)
        presenter.filter_changed.connect(self._on_filter)
        presenter.note_created.connect(self._on_created)
        presenter.gone.connect(self._on_gone)
        presenter.store_changed.connect(editor.refresh)
        presenter.failed.connect(self._show_error)
        presenter.busy_changed.connect(self._on_busy)
        presenter.import_progress.connect(self.transfer.show_progress)
        presenter.import_finished.connect(self._show_report)
        self.transfer.stop_wanted.connect(presenter.stop_transfer)
        view.tag_chosen.connect(presenter.set_tag)
        view.link_activated.connect(self._open_link)
        view.restore_wanted.connect(lambda note_id: presenter.restore([note_id]))
        view.delete_wanted.connect(lambda note_id: self._delete_forever([note_id]))
        view.opened.connect(self._on_opened)
        view.room_changed.connect(self._enable_actions)
        view.export_action.triggered.connect(self._export)
        view.export_action.setVisible(presenter.can_export)
        editor.closed.connect(self._enable_actions)
        editor.closed.connect(lambda: self._show_state(presenter.state))
        editor.conflict.connect(lambda note, _other: presenter.refresh())
        for action_id, act in (
            ("note.new", self._new_note),
            ("note.filter", self._focus_filter),
            ("note.find", lambda: view.find_text(replacing=False)),
            ("note.replace", lambda: view.find_text(replacing=True)),
            ("note.find_next", lambda: view.find_bar.step(1)),
            ("note.find_previous", lambda: view.find_bar.step(-1)),
            ("note.view", view.toggle_mode),
            ("note.both", view.toggle_both),
            ("note.pin", lambda: presenter.toggle_pinned(self._targets())),
            ("note.move", self._move),
            ("note.tags", self._edit_tags),
            ("note.merge", self._merge),
            ("note.ask", self._ask),
            ("note.similar", self._find_similar),
            ("note.versions", self._show_versions),
            ("note.delete", self._remove_selected),
            ("note.trash", lambda: presenter.show_trash(True)),
            ("note.by_folder", lambda: self.pane.open_menu(self.pane.folder_chip)),
            ("note.by_tag", lambda: self.pane.open_menu(self.pane.tag_chip)),
            ("note.sort", lambda: self.pane.open_menu(self.pane.sort_chip)),
            ("note.restore", lambda: presenter.restore(self._targets())),
            ("note.delete_forever", lambda: self._delete_forever(self._targets())),
            ("note.empty_trash", self._empty_trash),
            ("note.remove_welcome", presenter.remove_welcome_notes),
            ("note.import_files", self._import_files),
            ("note.import_folder", self._import_folder),
        ):
            self._actions[action_id].triggered.connect(lambda _=False, act=act: act())

    # Opening ------------------------------------------------------------------------------------

    def _choose(self, note_id: int) -> None:
        open_note = self._editor.note
        if open_note is None or open_note.id != note_id:
            self._editor.open(note_id)

    def _on_opened(self, note: Note) -> None:
        self._row_of_open = max(0, self._presenter.model.row_of(note.id))
        self.pane.select(note.id)
        if self._presenter.model.row_of(note.id) < 0:
            self._presenter.reveal(note.id)
        self._enable_actions()
        if self._left_at is not None:
            left_note, position = self._left_at
            self._left_at = None
            if left_note == note.id:
                # Once the page has its width.
                QTimer.singleShot(0, self.view, lambda: self.view.scroll_to(position))

    def _on_created(self, note_id: int) -> None:
        if self.view.mode == READ:
            self.view.toggle_mode()
        self._editor.open(note_id)
        self.view.focus_text()

    def _new_note(self) -> None:
        self.pane.filter_box.clear()
        self._presenter.new_note()

    def _select_open(self) -> None:
        note = self._editor.note
        if not self.pane.select_several_again():
            self.pane.select(note.id if note is not None else None)

    def _on_filter(self, current: NoteFilter) -> None:
        note = self._editor.note
        if note is not None and (note.trashed_at is not None) != current.trashed:
            self._editor.close_note()

    def _on_gone(self, note_ids: list[int]) -> None:
        note = self._editor.note
        if note is None or note.id not in note_ids:
            return
        focused = self.window().focusWidget()
        had_focus = focused is not None and self.view.isAncestorOf(focused)
        if note.trashed_at is not None:
            self._editor.discard_note()
        else:
            self._editor.close_note()
        if had_focus:
            self.pane.take_focus()  # Qt would hand it to whatever comes next in the window
        self._open_neighbour(note_ids)

    def _open_neighbour(self, gone: Sequence[int]) -> None:
        """The note that moved up to the place of the one that left."""
        rows = [row for row in self._presenter.model.rows if row.id not in gone]
        if rows:
            self._editor.open(rows[min(self._row_of_open, len(rows) - 1)].id)

    def _show_state(self, state: ListState) -> None:
        self._enable_actions()
        if self._editor.note is not None:
            return
        trashed = self._presenter.filter.trashed
        if state.empty and (state.narrowed or trashed):
            # Beside "The trash is empty" or "No note fits" there is nothing to choose.
            words = self.tr("A note you delete waits here until you put it back or empty the trash.")
            self.view.show_message(EmptyState(None, "", words if trashed and not state.narrowed else ""))
        elif state.empty:
            actions = [(self._actions["note.new"].text(), self._new_note)]
            if self._presenter.can_import:
                actions += [
                    (self.tr("Import a folder…"), self._import_folder),
                    (self.tr("Import files…"), self._import_files),
                ]
            self.view.show_message(
                EmptyState(
                    self._theme.icon("note", "muted_text"),
                    self.tr("Write your first note"),
                    self.tr("Or bring the notes you have: files, folders, exports. They stay on this computer."),
                    actions,
                )
            )
        elif not state.loading and state.error is None and self._presenter.model.rowCount():
            self.view.show_message(
                EmptyState(
                    self._theme.icon("note", "muted_text"),
                    self.tr("Choose a note at the left"),
                    self.tr("Then it can be put back, or deleted forever.")
                    if trashed
                    else self.tr("Or start a new one with {keys}.").replace(
                        "{keys}", self._actions["note.new"].shortcut().toString()
                    ),
                )
            )

    def _show_error(self, error: InkwellError) -> None:
        self.view.tell(
            ErrorBox(
                error,
                ((self.tr("Close"), lambda: self.view.tell(None)),),
                icon=self._theme.icon("warning", "warning"),
            )
        )

    # Work on notes ------------------------------------------------------------------------------

    def _targets(self) -> list[int]:
        """The selected notes, else the open one."""
        selected = self.pane.selected_ids
        if selected:
            return selected
        return [self._editor.note.id] if self._editor.note is not None else []

    def _enable_actions(self) -> None:
        trashed = self._presenter.filter.trashed
        note = self._editor.note
        state = self._presenter.state
        some = bool(self._targets()) and not trashed
        gone = bool(self._targets()) and trashed
        one = note is not None and note.trashed_at is None
        for action_id, enabled in (
            ("note.pin", some),
            ("note.move", some),
            ("note.delete", some),
            ("note.tags", some),
            ("note.merge", not trashed and len(self.pane.selected_ids) == 2 and self._merges is not None),
            ("note.insert_file", one and self.attachments is not None),
            ("note.ask", one),
            ("note.similar", one),
            ("note.versions", one),
            ("note.view", one),
            ("note.both", one and self.view.has_room_for_both),
            ("note.find", one),
            ("note.replace", one),
            ("note.find_next", one),
            ("note.find_previous", one),
            ("note.rename", one and self._can_rename),
            ("note.about", note is not None and self.links is not None),
            ("note.follow_link", one and self.links is not None),
            ("note.by_folder", not trashed),
            ("note.by_tag", not trashed),
            ("note.sort", not trashed),
            ("note.restore", gone),
            ("note.delete_forever", gone),
            ("note.empty_trash", not (trashed and state.empty)),
            ("note.remove_welcome", state.welcome and not trashed),
            ("note.import_files", self._presenter.can_import),
            ("note.import_folder", self._presenter.can_import),
        ):
            self._actions[action_id].setEnabled(enabled)

    def _show_menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        if self._presenter.filter.trashed:
            menu.addAction(self.tr("Put back"), lambda: self._presenter.restore(self._targets()))
            menu.addAction(self.tr("Delete forever…"), lambda: self._delete_forever(self._targets()))
        else:
            several = ("note.pin", "note.move", "note.tags", "note.merge")
            alone = ("note.ask", "note.similar", "note.rename", "note.versions")
            for action_id in (*alone[:2], "note.pin", alone[2], "note.move", "note.tags", "note.merge", alone[3]):
                if self._actions[action_id].isEnabled() and (action_id in several or len(self.pane.selected_ids) == 1):
                    menu.addAction(self._actions[action_id])
            menu.addSeparator()
            menu.addAction(self._actions["note.delete"])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def _ask(self) -> None:
        """Ask about the open note as it is now: what was typed last is kept first."""
        note = self._editor.note
        if note is not None and not self._editor.flush():
            self.ask_wanted.emit(note.id, note.title)

    def _merge(self) -> None:
        """Show what the two selected notes would become; what was typed last is kept first."""
        ids = self._targets()
        if self._merges is not None and len(ids) == 2 and not self._editor.flush():
            self._merges.ask(*ids)

    def _on_merged(self, kept_id: int, other_id: int) -> None:
        note = self._editor.note
        was_open = note is not None and note.id == other_id
        self._presenter.gone.emit([other_id])
        if was_open or self.isVisible():
            self._editor.open(kept_id)
            self.pane.select(kept_id)

    def _find_similar(self) -> None:
        """Look for the like of the open note as it is now; what was typed last is indexed in a moment."""
        note = self._editor.note
        if note is not None and not self._editor.flush():
            self.similar_wanted.emit(note.id)

    def _remove_selected(self) -> None:
        if self._presenter.filter.trashed:
            self._delete_forever(self._targets())
        else:
            self._editor.save_now()
            self._presenter.trash(self._targets())

    def _delete_forever(self, note_ids: list[int]) -> None:
        if not note_ids:
            return
        question = (
            self.tr("Delete this note forever?")
            if len(note_ids) == 1
            else self.tr("Delete {n} notes forever?").replace("{n}", str(len(note_ids)))
        )
        if self._questions.confirm(
            question, self.tr("Its versions go, too. This cannot be undone."), self.tr("Delete forever")
        ):
            self._presenter.delete_forever(note_ids)

    def _empty_trash(self) -> None:
        if self._questions.confirm(
            self.tr("Empty the trash?"),
            self.tr("All notes in it are deleted forever. This cannot be undone."),
            self.tr("Empty the trash"),
        ):
            self._presenter.empty_trash()

    def _move(self) -> None:
        ids = self._targets()
        if not ids:
            return
        row = self._presenter.model.row_of(ids[0])
        current = self._presenter.model.rows[row].folder if row >= 0 else ""
        known = [name for name, _ in self._presenter.facets.folders if name]
        folder = self._questions.note_folder(current, known)
        if folder is not None:
            self._editor.save_now()
            self._presenter.move(ids, folder)

    def _edit_tags(self) -> None:
        known = [name for name, _ in self._presenter.facets.tags]
        ids = self._targets()
        note = self._editor.note
        if len(ids) > 1:
            self._edit_tags_of_several(ids, known)
        elif note is not None:
            tags = self._questions.tags(note.tags, known)
            if tags is not None:
                self._editor.set_tags(tags)

    def _edit_tags_of_several(self, ids: list[int], known: list[str]) -> None:
        """Tags that all of them have are there to be taken away; others that are typed come to each."""
        rows = self._presenter.chosen_rows(ids)
        shared = [tag for tag in rows[0].tags if all(tag in row.tags for row in rows)] if rows else []
        tags = self._questions.tags(shared, known, notes=len(rows))
        if tags is not None:
            self._editor.save_now()
            cleaned = clean_tags(tags)
            added = [tag for tag in cleaned if tag not in shared]
            self._presenter.change_tags(ids, added, [tag for tag in shared if tag not in cleaned])

    def _show_versions(self) -> None:
        note = self._editor.note
        if note is None:
            return
        dialog = VersionsDialog(self._theme, note.title or self.tr("Untitled"), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.restore_wanted.connect(self._editor.restore_version)
        still_open = [dialog]
        dialog.finished.connect(lambda _: still_open.clear())

        def compare(version: NoteVersion) -> None:
            def show(changes: list[LineChange]) -> None:
                for each in still_open:
                    each.show_changes(version, changes)

            self._editor.compare(version, show)

        dialog.changes_wanted.connect(compare)
        self._editor.load_versions(
            lambda versions: dialog.show_versions(versions, datetime.now(UTC)), dialog.show_error
        )
        dialog.open()

    def _open_link(self, target: str) -> None:
        if is_safe_link(target):
            self._questions.open_link(target)

    # Import and export --------------------------------------------------------------------------

    def _show_import_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(self._actions["note.import_files"])
        menu.addAction(self._actions["note.import_folder"])
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        button = self.pane.import_button
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _import_files(self) -> None:
        self._presenter.import_paths(self._questions.files())

    def _import_folder(self) -> None:
        folder = self._questions.folder(self.tr("Import a folder of notes"))
        if folder is not None:
            self._bring_in([folder])

    def _export(self) -> None:
        folder = self._questions.folder(self.tr("Export notes and chats to a folder"))
        if folder is not None:
            self._editor.save_now()
            self._presenter.export_to(folder)

    def _on_busy(self, kind: str) -> None:
        self.transfer.show_kind(kind)
        for button in (self.pane.import_button, self.pane.export_button):
            button.setEnabled(not kind)

    def _show_report(self, report: ImportReport) -> None:
        dialog = ImportReportDialog(self._theme, report, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _focus_filter(self) -> None:
        self.pane.filter_box.setFocus()
        self.pane.filter_box.selectAll()
