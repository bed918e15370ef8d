"""The actions on notes: what each of them does on the notes screen, and when it can be used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from desktop_app.domain.errors import InkwellError
from desktop_app.domain.notes import Note
from desktop_app.ui.notes.note_side import NoteSide
from desktop_app.ui.notes.note_work import NoteWork
from desktop_app.ui.notes.screen_parts import ScreenParts
from desktop_app.ui.notes.transfer_controls import TransferControls
from desktop_app.ui.widgets import ElidedButton
from desktop_app.ui.widgets.keys_ahead import KeysAhead


class NoteActions(QObject):
    """Connects and enables them; those on the text of a note are SideActions."""

    def __init__(
        self, parts: ScreenParts, work: NoteWork, transfers: TransferControls, show_list: Callable[[], object]
    ) -> None:
        """`show_list` brings the list back where nothing but a note's text is to be seen."""
        super().__init__(parts.over)
        self._parts = parts
        self._work = work
        self._show_list = show_list
        self._keys = KeysAhead(self)
        self._created: int | None = None  # the new note, until it is shown
        parts.presenter.note_created.connect(self._on_created)
        parts.presenter.undo_changed.connect(self._name_undo)
        again = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), parts.pane.list)
        again.setContext(Qt.ShortcutContext.WidgetShortcut)
        again.activated.connect(parts.actions["note.undo"].trigger)
        parts.presenter.failed.connect(lambda _: self._give_up())
        self._listen_to(parts.desk.main)
        parts.desk.beside_made.connect(self._listen_to)
        presenter, pane = parts.presenter, parts.pane
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("note.new", self.new_note),
            ("note.filter", self._focus_filter),
            ("note.pin", work.toggle_pinned),
            ("note.move", work.move),
            ("note.tags", work.edit_tags),
            ("note.merge", work.merge),
            ("note.duplicate", work.duplicate),
            ("note.ask", work.ask),
            ("note.similar", work.find_similar),
            ("note.versions", work.show_versions),
            ("note.delete", work.remove),
            ("note.undo", presenter.undo_last),
            ("note.trash", lambda: presenter.show_trash(True)),
            ("note.by_folder", lambda: self._open_menu(pane.folder_chip)),
            ("note.by_tag", lambda: self._open_menu(pane.tag_chip)),
            ("note.sort", lambda: self._open_menu(pane.sort_chip)),
            ("note.restore", work.restore),
            ("note.delete_forever", lambda: work.delete_forever(work.targets)),
            ("note.restore_all", presenter.restore_all),
            ("note.empty_trash", work.empty_trash),
            ("note.remove_welcome", presenter.remove_welcome_notes),
            ("note.import_files", transfers.import_files),
            ("note.import_folder", transfers.import_folder),
        )
        self._for_one = {action_id: parts.actions[action_id].text() for action_id in self._for_several()}
        for action_id, act in acts:
            parts.actions[action_id].triggered.connect(lambda _=False, act=act: act())

    def _for_several(self) -> dict[str, str]:
        """What actions are called that several notes are meant by."""
        return {
            "note.pin": self.tr("Pin or unpin notes"),
            "note.move": self.tr("Move notes…"),
            "note.delete": self.tr("Move notes to trash"),
            "note.restore": self.tr("Put notes back"),
            "note.delete_forever": self.tr("Delete notes forever…"),
            "note.export_markdown": self.tr("Export notes as Markdown…"),
            "note.export_html": self.tr("Export notes as HTML…"),
            "note.export_pdf": self.tr("Export notes as PDF…"),
            "note.export_docx": self.tr("Export notes as Word documents…"),
            "note.print": self.tr("Print notes…"),
        }

    def _name(self, *, several: bool) -> None:
        """Say whether one note is meant, or several."""
        for action_id, words in (self._for_several() if several else self._for_one).items():
            action = self._parts.actions[action_id]
            if action.text() != words:
                action.setText(words)

    def enable(self) -> None:
        """Enable and name what can be done with the notes that are chosen or open now."""
        presenter, work = self._parts.presenter, self._work
        trashed = presenter.filter.trashed
        note, targets, state = work.open_note, work.targets, presenter.state
        self._name(several=len(targets) > 1)
        some = bool(targets) and not trashed
        gone = bool(targets) and trashed
        one = note is not None and note.trashed_at is None
        something_there = not (trashed and state.empty)
        for action_id, enabled in (
            ("note.pin", some),
            ("note.move", some),
            ("note.delete", some),
            ("note.tags", some),
            ("note.merge", not trashed and work.can_merge),
            ("note.duplicate", one),
            ("note.statistics", not state.empty),
            ("note.ask", one),
            ("note.similar", one),
            ("note.versions", one),
            ("note.alone", note is not None),
            ("note.export_markdown", some),
            ("note.export_html", some),
            ("note.export_pdf", some),
            ("note.export_docx", some),
            ("note.export_one", some),
            ("note.print", some),
            ("note.copy_formatted", one),
            ("note.by_folder", not trashed),
            ("note.by_tag", not trashed),
            ("note.sort", not trashed),
            ("note.restore", gone),
            ("note.delete_forever", gone),
            ("note.restore_all", something_there),
            ("note.empty_trash", something_there),
            ("note.remove_welcome", state.welcome and not trashed),
            ("note.import_files", presenter.can_import),
            ("note.import_folder", presenter.can_import),
        ):
            self._parts.actions[action_id].setEnabled(enabled)

    def _name_undo(self) -> None:
        words, action = self._parts.presenter.undo_words, self._parts.actions["note.undo"]
        action.setEnabled(bool(words))
        if words:
            action.setText(self.tr("Undo: {change}").replace("{change}", words))

    def new_note(self) -> None:
        """An empty note, which no filter hides. What is typed before it is there is written into it."""
        self._parts.pane.filter_box.clear()
        self._created = None
        self._keys.wait_in(self._parts.over)
        self._parts.presenter.new_note()

    def await_note(self) -> None:
        """A note is looked for that will be written on: what is typed before it is shown is written into it."""
        self._created = None
        self._keys.wait_in(self._parts.over)

    def take_awaited(self, note_id: int | None) -> None:
        """The note that was looked for is about to be opened; None where there is none."""
        self._created = note_id
        if note_id is None:
            self._give_up()

    def _on_created(self, note_id: int) -> None:
        self._created = note_id

    def _listen_to(self, side: NoteSide) -> None:
        side.view.opened.connect(partial(self._on_opened, side))
        side.editor.open_failed.connect(lambda _: self._give_up())
        side.editor.closed.connect(self._give_up_if_left)

    def _on_opened(self, side: NoteSide, note: Note) -> None:
        if note.id == self._created:
            self._created = None
            self._keys.give_to(side.view.editor)
        else:
            self._give_up_if_left()

    def _give_up_if_left(self) -> None:
        """Another note was asked for before the new one was shown: the keys are for that one."""
        if self._created is not None and not any(side.shows(self._created) for side in self._parts.desk.sides):
            self._created = None
            self._give_up()

    def _give_up(self) -> None:
        """No note is shown: what was typed for it is told, to be copied."""
        typed = self._keys.give_up()
        if typed.strip():
            words = self.tr("You typed this for the new note, which was not opened:")
            self._parts.presenter.failed.emit(InkwellError(words, typed))

    def _open_menu(self, chip: ElidedButton) -> None:
        self._show_list()
        self._parts.pane.open_menu(chip)

    def _focus_filter(self) -> None:
        self._show_list()
        box = self._parts.pane.filter_box
        box.setFocus()
        box.selectAll()
