"""The notes screen: the list at the left, one or two notes in the middle, and what connects them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from desktop_app.domain.editor_text import encode_paste
from desktop_app.domain.errors import InkwellError
from desktop_app.domain.note_templates import without_cursor
from desktop_app.domain.notes import Note, NoteFilter, NoteSort
from desktop_app.presenters.linked_folders import LinkedFoldersPresenter
from desktop_app.presenters.note_merging import NoteMergingPresenter
from desktop_app.presenters.note_renaming import NoteRenamingPresenter
from desktop_app.presenters.note_statistics import StatisticsPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.open_tasks import OpenTasksPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.chat.link_targets import is_safe_link
from desktop_app.ui.drop_zone import DropArea
from desktop_app.ui.notes.kept_folds import KeptFolds
from desktop_app.ui.notes.linked_folders import LinkedFolderControls
from desktop_app.ui.notes.no_note import NoNote
from desktop_app.ui.notes.note_actions import NoteActions
from desktop_app.ui.notes.note_drops import NoteDrops
from desktop_app.ui.notes.note_head import MODES, READ
from desktop_app.ui.notes.note_side import MakeBeside, NoteSide, SidePresenters
from desktop_app.ui.notes.note_work import NoteWork
from desktop_app.ui.notes.notes_pane import NotesPane
from desktop_app.ui.notes.open_tasks_page import OpenTasksPage
from desktop_app.ui.notes.over_desk import FootStrip, OverDesk
from desktop_app.ui.notes.questions import Questions
from desktop_app.ui.notes.screen_parts import ScreenParts
from desktop_app.ui.notes.side_actions import SideActions
from desktop_app.ui.notes.side_by_side import SideBySide
from desktop_app.ui.notes.statistics_dialog import StatisticsControls
from desktop_app.ui.notes.transfer_controls import TransferControls
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PANE_WIDTH

#: Least room for the pane beside a note, at the usual font size.
_BESIDE_NOTE = 230


class NotesScreen(QWidget):
    """Writes, finds, files and restores notes. Notices with Undo come from the presenter's `notice`."""

    search_everything = Signal(str)
    ask_wanted = Signal(int, str)  # note id, title
    similar_wanted = Signal(int)  # note id
    alone_changed = Signal(bool)  # whether nothing but the text is to be seen

    def __init__(
        self,
        presenter: NotesPresenter,
        main: SidePresenters,
        theme: Theme,
        actions: Actions,
        questions: Questions | None = None,
        renaming: NoteRenamingPresenter | None = None,
        merging: NoteMergingPresenter | None = None,
        linked: LinkedFoldersPresenter | None = None,
        make_beside: MakeBeside | None = None,
    ) -> None:
        """`main` shows the note that the list opens. Without `renaming` there is another title only by typing, without
        `merging` no notes are merged, without `linked` folders are copied in, without `make_beside` there is one note
        at a time.
        """
        super().__init__()
        self._presenter = presenter
        self._editor = main.editor
        self._theme = theme
        self._actions = actions
        self._questions = questions or Questions(self)
        self._renaming = renaming
        self._row_of_open = 0
        self._left_at: tuple[int, int] | None = None  # note and scroll position of the last time
        self._compact = False
        self._alone = False
        self._fits: tuple[bool, bool] | None = None  # two notes, and a pane beside one
        self._pane_chosen: float | None = None  # the width a person gave the list, in designed pixels
        self.pane = NotesPane(presenter, theme, actions)
        self._make_beside = make_beside
        self._folds = KeptFolds()
        side = self._make_side(main)
        self.desk = SideBySide(side, self._make_second if make_beside is not None else None, theme)
        self.view, self.links = side.view, side.links
        parts = ScreenParts(presenter, self.pane, self.desk, self._questions, theme, actions, self)
        self._work = NoteWork(parts, merging)
        self._transfers = TransferControls(parts)
        self._note_actions = NoteActions(parts, self._work, self._transfers, lambda: self.set_alone(False))
        self._no_note = NoNote(parts, self._transfers, self._note_actions.new_note)
        self._middle = OverDesk(self.desk)
        self._drops = NoteDrops(self.desk, self.pane, self)
        self.transfers = self._transfers.bars
        self.attachments = side.attachments
        self.linked = self._linked_controls(linked, parts)
        if merging is not None:
            merging.merged.connect(self._on_merged)
        self._lay_out()
        self._connect()
        self._fit_pane()
        self._enable_actions()
        presenter.refresh()

    def _lay_out(self) -> None:
        """The list at the left, the notes over their foot beside it."""
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transfers)
        column.addWidget(self._middle, 1)
        self._foot = FootStrip(middle, self.view, lambda: self.view.foot_height)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.pane)
        self._splitter.addWidget(middle)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.splitterMoved.connect(self._on_pane_moved)
        self._theme.changed.connect(self._fit_pane)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    # For the window -----------------------------------------------------------------------------

    def open_note(self, note_id: int, start: int | None = None, end: int | None = None) -> None:
        """Show a note; with `start` and `end` (character offsets) the passage is marked and in view."""
        if self._presenter.filter.trashed:
            self._presenter.show_trash(False)
        self._left_at = None
        self._middle.show_desk()
        place = None if start is None else (start, start if end is None else end)
        if self.desk.go_to(note_id, place):
            return
        self.desk.activate(self.desk.main)
        self._editor.open(note_id, place)
        self.pane.select(note_id)
        self.view.focus_text()

    def open_beside(self, note_id: int, start: int | None = None, end: int | None = None) -> None:
        """Show a note beside the one that is open, as `open_note` does; in its place where none is open."""
        if not self.desk.can_open_beside or self._editor.note is None or self._presenter.filter.trashed:
            self.open_note(note_id, start, end)
            return
        self._middle.show_desk()
        place = None if start is None else (start, start if end is None else end)
        self.desk.open_beside(note_id, place)

    @property
    def targets(self) -> list[int]:
        """Ids of the notes that an action means: the selected ones, else the open one."""
        return self._work.targets

    @property
    def open_title(self) -> str:
        """Title of the note that is open to be written; "" where none is."""
        note = self._work.open_note
        return note.title if note is not None and note.trashed_at is None else ""

    def take_template(self, text: str) -> None:
        """Put a filled template in at the cursor of the open note; a new note of it where none is open."""
        note, view = self._work.open_note, self.desk.active.view
        text, place = without_cursor(text)
        if note is None or note.trashed_at is not None or view.editor.loading:
            self._presenter.new_note(text)
            return
        if view.mode == READ:
            view.toggle_mode()
        cursor = view.editor.textCursor()
        cursor.beginEditBlock()
        cursor.insertText(encode_paste(text if place is None else text[:place]))
        wanted = cursor.position()
        cursor.insertText(encode_paste("" if place is None else text[place:]))
        cursor.endEditBlock()
        cursor.setPosition(wanted)
        view.editor.setTextCursor(cursor)
        view.focus_text()

    def add_tasks(self, presenter: OpenTasksPresenter) -> None:
        """Offer the page of open tasks, of the notes that the list shows."""
        page = OpenTasksPage(presenter, self._theme)
        page.open_wanted.connect(self.open_note)
        page.back_wanted.connect(self.on_escape)
        self._middle.currentChanged.connect(lambda _: self._side_actions.set_seen(self._middle.shows_desk))
        self._middle.add_page(page)
        self.pane.tasks_wanted.connect(self.show_tasks)
        self._presenter.store_changed.connect(presenter.look_soon)
        self._presenter.filter_changed.connect(lambda current: self._narrow_tasks(presenter, current))
        presenter.notice.connect(self._presenter.notice)
        presenter.failed.connect(self._presenter.failed)

    def _narrow_tasks(self, tasks: OpenTasksPresenter, current: NoteFilter) -> None:
        """What lies in the trash is not to be done."""
        if current.trashed:
            self._middle.show_desk()
        tasks.narrow(replace(current, sort=NoteSort.EDITED, trashed=False))

    def add_statistics(self, presenter: StatisticsPresenter) -> None:
        """Offer what can be counted."""
        StatisticsControls(presenter, self._presenter, self.desk, self._actions["note.statistics"], self)

    def show_tasks(self) -> None:
        """The open tasks in the place of the notes."""
        if self._presenter.filter.trashed:
            self._presenter.show_trash(False)
        self.set_alone(False)
        self.desk.save_now()
        self._middle.show_page()

    def attach_dropped(self, paths: Sequence[Path]) -> bool:
        """Put files dropped on the window into the note that is worked in; false for what is imported."""
        return self._drops.take(paths)

    def drop_areas(self, paths: Sequence[Path]) -> list[DropArea]:
        """Where on the screen dropping these files means what; nothing where it is what it is everywhere."""
        return self._drops.areas(paths)

    def save_state(self) -> dict[str, Any]:
        """Open note, the list's width, order and mode, for the next start."""
        note = self._editor.note
        for side in self.desk.sides:
            side.view.remember_folds()
        return {
            "folds": self._folds.save_state(),
            "note": note.id if note is not None and note.trashed_at is None else None,
            "pane": self._pane_chosen,
            "sort": str(self._presenter.filter.sort),
            "mode": self.view.mode,
            "text_share": self.view.text_share,
            "scroll": self.view.scroll_position,
            **(self.links.save_state() if self.links is not None else {}),
            **self.desk.save_state(),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take up where `save_state` left; what no longer fits is passed over."""
        self._folds.restore_state(state.get("folds"))
        pane = state.get("pane")
        if isinstance(pane, int | float) and pane > 0:
            self._pane_chosen = float(pane)
            self._fit_pane()
        if state.get("sort") in list(NoteSort):
            self._presenter.set_sort(NoteSort(state["sort"]))
        if isinstance(state.get("text_share"), float):
            self.view.set_text_share(state["text_share"])
        if state.get("mode") in MODES:
            self.view.set_mode(state["mode"])
        if self.links is not None:
            self.links.restore_state(state)
        if isinstance(state.get("note"), int):
            if isinstance(state.get("scroll"), int):
                self._left_at = (state["note"], state["scroll"])
            self._editor.open(state["note"])
            self.desk.restore_state(state, MODES)

    def focus_default(self) -> None:
        """The note, or the filter where none is open; the page that stands in its place."""
        if self._middle.take_focus():
            return
        if self._editor.note is not None:
            self.desk.active.view.focus_text()
        else:
            self.pane.filter_box.setFocus()

    def leave_page(self) -> None:
        """From the open tasks to the notes; nothing where these are shown."""
        if self._middle.show_desk():
            self.focus_default()

    def await_note(self) -> None:
        """A note is looked for that will be written on: what is typed before it is shown is written into it."""
        self._note_actions.await_note()

    def take_awaited(self, note_id: int | None) -> None:
        """The note that was looked for is about to be opened; None where there is none."""
        self._note_actions.take_awaited(note_id)

    def on_escape(self) -> bool:
        """Esc closes what lies over the note, goes from a filled filter to an empty one, and from the trash back."""
        if self._middle.show_desk():
            self.focus_default()
            return True
        for side in (self.desk.active, *self.desk.sides):
            if (side.links is not None and side.links.close_drawer()) or side.view.close_find():
                return True
        if self._alone:
            self.set_alone(False)
            return True
        if self.pane.filter_box.text():
            self.pane.filter_box.clear()
            return True
        if self._presenter.filter.trashed:
            self._presenter.show_trash(False)
            return True
        return False

    def set_alone(self, alone: bool) -> None:
        """Nothing but the text of the note that is worked in, or all that belongs to it again."""
        if alone == self._alone or (alone and self.desk.active.note is None):
            return
        self._alone = alone
        self.pane.setVisible(not alone)
        self.desk.set_alone(alone)
        self.alone_changed.emit(alone)
        if alone:
            self._presenter.notice.emit(self.tr("Only the text. Esc brings all the rest back."), None)
        else:
            self._fit_pane()
        if self.desk.active.note is not None:
            self.desk.active.view.focus_text()

    def notices_keep_clear_of(self) -> QWidget:
        """The foot of the notes, where their words are counted: at the list's foot the linked folders are told of."""
        return self._foot

    def set_compact(self, compact: bool) -> None:
        """The window is narrow, or not any more."""
        self._compact = compact
        self._fit_sides()

    def flush(self) -> list[InkwellError]:
        """Before the window closes: commit what is written; errors of what could not be."""
        return self.desk.flush()

    def _on_pane_moved(self) -> None:
        self._pane_chosen = self._splitter.sizes()[0] / self._theme.scale

    def _fit_pane(self) -> None:
        """The list keeps its width in letters; one that nobody chose leaves most of the screen to the note."""
        room = self.width() - self._splitter.handleWidth()
        most = room * 2 // 5 if self._pane_chosen is None else room - self.desk.minimumSizeHint().width()
        wanted = max(self.pane.minimumWidth(), min(self._theme.px(self._pane_chosen or PANE_WIDTH), most))
        if self._splitter.sizes()[0] != wanted:
            self._splitter.setSizes([wanted, max(1, room - wanted)])

        self._fit_sides()

    def _fit_sides(self) -> None:
        """At large letters a window that is wide in pixels may have no room for two notes, or for a pane beside one."""
        room, least = self.width() - self._theme.px(PANE_WIDTH), self.view.minimumWidth()
        fits = (
            not self._compact and room >= 2 * least,
            not self._compact and room >= least + self._theme.px(_BESIDE_NOTE),
        )
        if fits == self._fits:
            return
        self._fits = fits
        for side in self.desk.sides:
            if side.links is not None:
                side.links.set_compact(not fits[1])
        self.desk.set_compact(not fits[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_pane()

    # Connections --------------------------------------------------------------------------------

    def _connect(self) -> None:
        presenter, pane, editor, work = self._presenter, self.pane, self._editor, self._work
        pane.note_chosen.connect(self._choose)
        pane.selection_changed.connect(self._enable_actions)
        pane.search_everything.connect(self.search_everything)
        pane.menu_wanted.connect(work.show_menu)
        pane.trash_wanted.connect(work.remove)
        pane.empty_trash_wanted.connect(work.empty_trash)
        work.ask_wanted.connect(self.ask_wanted)
        work.similar_wanted.connect(self.similar_wanted)
        presenter.model.modelReset.connect(self._select_open)
        presenter.revealed.connect(self._select_open)  # the screen's own methods: none is asked of one that is gone
        presenter.state_changed.connect(self._show_state)
        presenter.filter_changed.connect(self._on_filter)
        presenter.note_created.connect(self._on_created)
        presenter.gone.connect(self._on_gone)
        presenter.store_changed.connect(editor.refresh)
        presenter.failed.connect(self.view.tell_error)
        if self._renaming is not None:
            self._renaming.notice.connect(presenter.notice)
            self._renaming.failed.connect(presenter.failed)
        self._side_actions = SideActions(self.desk, pane, presenter, self._actions, self.open_beside)
        self._actions["note.alone"].triggered.connect(lambda: self.set_alone(not self._alone))
        editor.closed.connect(lambda: self.set_alone(False))
        self._connect_side(self.desk.main)
        self.desk.active_changed.connect(self._enable_actions)
        self.view.opened.connect(self._on_opened)
        editor.closed.connect(self._show_state)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    def _linked_controls(
        self, linked: LinkedFoldersPresenter | None, parts: ScreenParts
    ) -> LinkedFolderControls | None:
        if linked is None:
            for action_id in ("note.link_folder", "note.sync_folders", "note.linked_folders"):
                self._actions[action_id].setEnabled(False)
            return None
        controls = LinkedFolderControls(linked, parts, self.transfers.add(), self.open_note, self.open_beside)
        self._transfers.bring_in = linked.bring_in
        self.pane.add_above_foot(controls.line)
        controls.states_changed.connect(self.pane.mark_folders)
        return controls

    def _connect_side(self, side: NoteSide) -> None:
        presenter, view = self._presenter, side.view
        view.tag_chosen.connect(presenter.set_tag)
        view.link_activated.connect(self._open_link)
        view.restore_wanted.connect(lambda note_id: presenter.restore([note_id]))
        view.delete_wanted.connect(lambda note_id: self._work.delete_forever([note_id]))
        view.room_changed.connect(self._enable_actions)
        view.head.export_action.triggered.connect(self._transfers.export)
        view.head.export_action.setVisible(presenter.can_export)
        side.editor.opened.connect(self._enable_actions)
        side.editor.closed.connect(self._enable_actions)
        side.editor.conflict.connect(lambda note, _other: presenter.refresh())
        self._side_actions.add(side)

    # Opening ------------------------------------------------------------------------------------

    def _choose(self, note_id: int) -> None:
        """A row was gone to, by keys perhaps: the keyboard stays in the list."""
        self._middle.show_desk()
        side = self.desk.side_of(note_id)
        self.desk.activate(side or self.desk.main)
        if side is None:
            self._editor.open(note_id)

    def _make_side(self, presenters: SidePresenters) -> NoteSide:
        return NoteSide(
            presenters,
            self._presenter,
            self._renaming,
            self._theme,
            self._actions,
            self._questions,
            self,
            self._folds,
        )

    def _make_second(self) -> NoteSide:
        assert self._make_beside is not None
        side = self._make_side(self._make_beside())
        if side.links is not None:
            side.links.set_compact(self._compact or self._fits != (True, True))
        if side.spelling_line is not None:
            side.spelling_line.leave_to_other()
        self._connect_side(side)
        self._presenter.store_changed.connect(side.editor.refresh)
        return side

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self.pane.isAncestorOf(new):
            self.desk.activate(self.desk.main)

    def _on_opened(self, note: Note) -> None:
        self._row_of_open = max(0, self._presenter.model.row_of(note.id))
        self.pane.select(note.id)
        if self._presenter.model.row_of(note.id) < 0:
            self._presenter.reveal(note.id)
        if self._left_at is not None:
            left_note, position = self._left_at
            self._left_at = None
            if left_note == note.id:
                # Once the page has its width.
                QTimer.singleShot(0, self.view, lambda: self.view.scroll_to(position))

    def _on_created(self, note_id: int) -> None:
        self._middle.show_desk()
        self.desk.activate(self.desk.main)
        if self.view.mode == READ:
            self.view.toggle_mode()
        self._editor.open(note_id)
        self.view.focus_text()

    def _select_open(self) -> None:
        note = self._editor.note
        if note is not None and (row := self._presenter.model.row_of(note.id)) >= 0:
            self._row_of_open = row
        if not self.pane.select_several_again():
            self.pane.select(note.id if note is not None else None)

    def _on_filter(self, current: NoteFilter) -> None:
        note = self._editor.note
        if note is not None and (note.trashed_at is not None) != current.trashed:
            had_focus = self._has_focus(self.view)
            self._editor.close_note()
            if had_focus:
                self.pane.take_focus()

    def _on_gone(self, note_ids: list[int]) -> None:
        beside = self.desk.beside
        if beside is not None and beside.note is not None and beside.note.id in note_ids:
            self.desk.close_beside()
        note = self._editor.note
        if note is None or note.id not in note_ids:
            return
        had_focus = self._has_focus(self.view)
        if note.trashed_at is not None:
            self._editor.discard_note()
        else:
            self._editor.close_note()
        if had_focus:
            self.pane.take_focus()  # Qt would hand it to whatever comes next in the window
        self._open_neighbour(note_ids)

    def _has_focus(self, widget: QWidget) -> bool:
        focused = self.window().focusWidget()
        return focused is not None and widget.isAncestorOf(focused)

    def _open_neighbour(self, gone: Sequence[int]) -> None:
        """The note that moved up to the place of the one that left."""
        rows = [row for row in self._presenter.model.rows if row.id not in gone and not self.desk.side_of(row.id)]
        if rows:
            self._editor.open(rows[min(self._row_of_open, len(rows) - 1)].id)

    def _show_state(self) -> None:
        self._enable_actions()
        if self._editor.note is None and (message := self._no_note.message()) is not None:
            self.view.show_message(message)

    def _enable_actions(self) -> None:
        self._note_actions.enable()
        self._side_actions.enable()

    def _on_merged(self, kept_id: int, other_id: int) -> None:
        note = self._editor.note
        was_open = note is not None and note.id == other_id
        self._presenter.gone.emit([other_id])
        if was_open or self.isVisible():
            if self.desk.side_of(kept_id) is None:
                self._editor.open(kept_id)
            self.pane.select(kept_id)

    def _open_link(self, target: str) -> None:
        if is_safe_link(target):
            self._questions.open_link(target)
