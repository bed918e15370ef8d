"""Actions on the note that is worked in, and the ways from one note to the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from desktop_app.domain.table_edits import TableEdit
from desktop_app.domain.wiki_links import can_be_linked
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.markdown_editor import MarkdownEditor
from desktop_app.ui.notes.note_head import READ
from desktop_app.ui.notes.note_side import NoteSide
from desktop_app.ui.notes.notes_pane import NotesPane
from desktop_app.ui.notes.side_by_side import Place, SideBySide

TABLE_EDITS = (
    ("note.table_add_column", TableEdit.ADD_COLUMN),
    ("note.table_delete_column", TableEdit.DELETE_COLUMN),
    ("note.table_column_left", TableEdit.COLUMN_LEFT),
    ("note.table_column_right", TableEdit.COLUMN_RIGHT),
    ("note.table_align", TableEdit.ALIGN_COLUMN),
    ("note.table_delete_row", TableEdit.DELETE_ROW),
)


class SideActions(QObject):
    """Connects and enables them. `open_beside` shows a note beside the open one."""

    def __init__(
        self,
        desk: SideBySide,
        pane: NotesPane,
        presenter: NotesPresenter,
        actions: Actions,
        open_beside: Callable[[int], None],
    ) -> None:
        super().__init__(desk)
        self._desk = desk
        self._pane = pane
        self._presenter = presenter
        self._actions = actions
        self._open_beside = open_beside
        self._seen = True
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("note.find", lambda: desk.active.view.find_text(replacing=False)),
            ("note.replace", lambda: desk.active.view.find_text(replacing=True)),
            ("note.find_next", lambda: desk.active.view.find_step(1)),
            ("note.find_previous", lambda: desk.active.view.find_step(-1)),
            ("note.line_up", lambda: self._write(lambda editor: editor.move_lines(-1))),
            ("note.line_down", lambda: self._write(lambda editor: editor.move_lines(1))),
            ("note.sort_lines", lambda: self._write(MarkdownEditor.sort_lines)),
            ("note.insert_date", lambda: self._insert_moment("%Y-%m-%d")),
            ("note.insert_time", lambda: self._insert_moment("%H:%M")),
            ("note.task", lambda: self._write(MarkdownEditor.toggle_tasks)),
            ("note.fold", lambda: self._write(MarkdownEditor.toggle_fold)),
            ("note.fold_all", lambda: self._write(MarkdownEditor.fold_all)),
            ("note.unfold_all", lambda: self._write(MarkdownEditor.unfold_all)),
            ("note.table_insert", lambda: self._write(MarkdownEditor.insert_table)),
            *((action_id, lambda edit=edit: self._edit_table(edit)) for action_id, edit in TABLE_EDITS),
            ("note.paste_plain", lambda: self._write(MarkdownEditor.paste_plain)),
            ("note.view", self._toggle_mode),
            ("note.both", self._toggle_both),
            ("note.insert_file", self._insert_files),
            ("note.files", self._list_files),
            ("note.rename", self._rename),
            ("note.properties", self._edit_properties),
            ("note.about", self._toggle_about),
            ("note.related", self._show_related),
            ("note.beside", self._open_chosen_beside),
            ("note.other_side", desk.go_to_other),
            ("note.close_beside", desk.close_beside),
            ("note.follow_link", self._follow_link),
            ("note.link_mention", self._link_mention),
            ("note.copy_link", self._copy_link),
            ("note.extract", self._extract),
            ("note.rewrite", self._rewrite),
            ("note.accept_tag", self._accept_tag),
            ("note.next_misspelled", self._find_misspelled),
        )
        for action_id, act in acts:
            actions[action_id].triggered.connect(lambda _=False, act=act: act())

    def set_seen(self, seen: bool) -> None:
        """Whether the notes are seen: nothing is done to the text of one that a page stands in front of."""
        self._seen = seen
        self.enable()

    def enable(self) -> None:
        """As the active side and its note allow it."""
        desk, side = self._desk, self._desk.active
        note = side.note if self._seen else None
        shown = note is not None
        one = note is not None and note.trashed_at is None
        for action_id, enabled in (
            ("note.find", shown),
            ("note.replace", one),
            ("note.find_next", shown),
            ("note.find_previous", shown),
            ("note.line_up", one),
            ("note.line_down", one),
            ("note.sort_lines", one),
            ("note.insert_date", one),
            ("note.insert_time", one),
            ("note.task", one),
            ("note.fold", one),
            ("note.fold_all", one),
            ("note.unfold_all", one),
            ("note.table_insert", one),
            *((action_id, one) for action_id, _ in TABLE_EDITS),
            ("note.paste_plain", one),
            ("note.view", one),
            ("note.both", one and side.view.has_room_for_both),
            ("note.insert_file", one and side.attachments is not None),
            ("note.files", shown and side.attachments is not None),
            ("note.rename", one and side.renames is not None),
            ("note.properties", one and side.properties is not None),
            ("note.about", shown and side.links is not None),
            ("note.related", shown and side.links is not None and side.links.pane.related is not None),
            ("note.beside", one and desk.can_open_beside),
            ("note.other_side", desk.beside is not None),
            ("note.close_beside", desk.beside is not None),
            ("note.follow_link", one and side.links is not None),
            ("note.link_mention", one and side.links is not None and side.links.can_link_mentions),
            ("note.copy_link", one),
            ("note.rewrite", one and side.rewriting is not None),
            ("note.extract", one and side.extraction is not None),
            ("note.next_misspelled", one and side.misspelled is not None),
            ("note.accept_tag", one and side.suggestions is not None and bool(side.suggestions.tags)),
        ):
            self._actions[action_id].setEnabled(enabled)

    def add(self, side: NoteSide) -> None:
        """A side was made: where its links lead is decided here, and what the menu of a table has."""
        side.view.editor.menu_wanted.connect(lambda menu, _place: self._fill_menu(side.view.editor, menu))
        if side.links is not None:
            side.links.set_elsewhere(self._go_elsewhere)
        if side.misspelled is not None:
            side.misspelled.none_found.connect(self._say_none_misspelled)
        if side.suggestions is not None:
            side.suggestions.changed.connect(self.enable)

    # What they do -------------------------------------------------------------------------------

    def _toggle_mode(self) -> None:
        self._desk.active.view.toggle_mode()

    def _write(self, act: Callable[[MarkdownEditor], None]) -> None:
        """Do something to the text that is worked in, where it is written; once it is there, if it is long."""
        view = self._desk.active.view
        if view.mode != READ:
            view.editor.when_loaded(lambda: act(view.editor))

    def _insert_moment(self, form: str) -> None:
        moment = datetime.now().astimezone().strftime(form)
        self._write(lambda editor: editor.insertPlainText(moment))

    def _edit_table(self, edit: TableEdit) -> None:
        view = self._desk.active.view

        def act() -> None:
            if view.mode == READ or not view.editor.edit_table(edit):
                words = self.tr("Put the cursor into a table first, where the note is written.")
                self._presenter.notice.emit(words, None)

        view.editor.when_loaded(act)

    def _fill_menu(self, editor: MarkdownEditor, menu: QMenu) -> None:
        if not editor.isReadOnly():
            menu.addAction(self._actions["note.rewrite"])
        if editor.is_in_table and not editor.isReadOnly():
            table = menu.addMenu(self.tr("Table"))
            for action_id, _ in TABLE_EDITS:
                table.addAction(self._actions[action_id])

    def _toggle_both(self) -> None:
        self._desk.active.view.toggle_both()

    def _insert_files(self) -> None:
        attachments = self._desk.active.attachments
        if attachments is not None:
            attachments.choose_files()

    def _list_files(self) -> None:
        attachments = self._desk.active.attachments
        if attachments is not None:
            attachments.list_files()

    def _rename(self) -> None:
        renames = self._desk.active.renames
        if renames is not None:
            renames.ask()

    def _edit_properties(self) -> None:
        properties = self._desk.active.properties
        if properties is not None:
            properties.edit()

    def _find_misspelled(self) -> None:
        side = self._desk.active
        if side.misspelled is None:
            return
        if side.view.mode == READ:
            side.view.toggle_mode()
        if side.spelling_line is not None and side.misspelled.problem:
            side.spelling_line.explain()
        else:
            side.misspelled.find_next()

    def _say_none_misspelled(self) -> None:
        self._presenter.notice.emit(self.tr("No word of this note is misspelled, as far as it is checked."), None)

    def _extract(self) -> None:
        extraction = self._desk.active.extraction
        if extraction is not None:
            extraction.ask()

    def _rewrite(self) -> None:
        rewriting = self._desk.active.rewriting
        if rewriting is not None:
            rewriting.ask()

    def _copy_link(self) -> None:
        """To the heading or the paragraph that the cursor is in; where it is read, to the note."""
        side = self._desk.active
        note = side.note
        if note is None:
            return
        title = note.title
        if not can_be_linked(title):
            self._presenter.notice.emit(self.tr("This note has no title that a link can say."), None)
            return
        part = "" if side.view.mode == READ else side.view.editor.name_of_place()
        link = f"[[{title}#{part}]]" if part else f"[[{title}]]"
        QGuiApplication.clipboard().setText(link)
        self._presenter.notice.emit(self.tr("Copied {link}").replace("{link}", link), None)

    def _link_mention(self) -> None:
        links = self._desk.active.links
        if links is not None:
            links.link_mention()

    def _accept_tag(self) -> None:
        suggestions = self._desk.active.suggestions
        if suggestions is not None:
            suggestions.accept()

    def _toggle_about(self) -> None:
        links = self._desk.active.links
        if links is not None:
            links.toggle_by_key()

    def _show_related(self) -> None:
        links = self._desk.active.links
        if links is not None:
            links.show_related()

    # From one note to another -------------------------------------------------------------------

    def _open_chosen_beside(self) -> None:
        """The row that the keyboard is on or that is selected; else where the link at the cursor leads."""
        pane, links = self._pane, self._desk.active.links
        selected = pane.selected_ids
        if len(selected) == 1 and self._desk.side_of(selected[0]) is None:
            self._open_beside(selected[0])
        elif pane.list.hasFocus() and isinstance(pane.list.current_id, int):
            self._open_row_beside(pane.list.current_id)
        elif links is None or not links.follow_at_cursor(beside=True):
            words = self.tr(
                "Choose another note in the list, or put the cursor into a link: that is opened beside this one."
            )
            self._presenter.notice.emit(words, None)

    def _follow_link(self) -> None:
        """Ctrl+Enter: in the list the note beside, in a text the link."""
        current, links = self._pane.list.current_id, self._desk.active.links
        if self._pane.list.hasFocus() and isinstance(current, int):
            self._open_row_beside(current)
        elif links is not None:
            links.follow()

    def _open_row_beside(self, note_id: int) -> None:
        """The note of a row; where the keyboard is already in the row of the note that is worked in, that is said."""
        if self._desk.active.shows(note_id):
            words = self.tr(
                "This note is open already. Ctrl with an arrow key goes to another row without opening it; "
                "Ctrl+Enter then opens that one beside."
            )
            self._presenter.notice.emit(words, None)
        else:
            self._open_beside(note_id)

    def _go_elsewhere(self, note_id: int, place: Place, heading: Place, beside: bool) -> bool:
        """Where a link leads: to the side that shows the note, or beside; false where its own side shows it."""
        side = self._desk.side_of(note_id)
        if side is self._desk.active or (side is None and not (beside and self._desk.can_open_beside)):
            return False
        self._desk.open_beside(note_id, place, heading)
        return True
