"""The notes screen over a store of its own, with all that the window gives it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.presenters.note_editor import NoteEditorPresenter
from desktop_app.presenters.note_links import NoteLinksPresenter
from desktop_app.presenters.note_mentions import NoteMentionsPresenter
from desktop_app.presenters.note_merging import NoteMergingPresenter
from desktop_app.presenters.note_properties import NotePropertiesPresenter
from desktop_app.presenters.note_renaming import NoteRenamingPresenter
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.tasks import TaskRunner
from desktop_app.presenters.text_rewriting import RewritingPresenter
from desktop_app.services.note_links import NoteLinkService
from desktop_app.services.note_mentions import NoteMentions
from desktop_app.services.note_merging import NoteMerging
from desktop_app.services.note_properties import NoteProperties
from desktop_app.services.note_renaming import NoteRenaming
from desktop_app.services.notes import NoteService
from desktop_app.storage.store import Store
from desktop_app.ui.actions import Actions
from desktop_app.ui.notes.note_side import NoteSide, SidePresenters
from desktop_app.ui.notes.notes_screen import NotesScreen
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PlainLabel


class NotesRoom:
    """`held` are the keys that links see held down, `rewriting` what parts of notes are rewritten with. `close` before
    the test ends.
    """

    def __init__(self, folder: Path, theme: Theme, actions: Actions, tasks: TaskRunner, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.actions = actions
        self._theme = theme
        self._tasks = tasks
        self.store = Store.open(folder / "a.sqlite3", backups=folder / "b")
        self.notes = NoteService(self.store)
        self.notices: list[str] = []
        self.undos: list[Callable[[], None]] = []
        self.rewriting: RewritingPresenter | None = None
        self.held = Qt.KeyboardModifier.NoModifier
        self._closers: list[Callable[[], None]] = []

    def open(self, *, width: int = 1400) -> NotesScreen:
        """Make the screen, as a start of the program does; the one before is left behind."""
        self._leave()
        notes, tasks = self.notes, self._tasks
        self.presenter = NotesPresenter(notes, tasks)
        self.editor = NoteEditorPresenter(notes, tasks, lambda: 1)
        self.merging = NoteMergingPresenter(
            NoteMerging(notes, self.store.note_links, self.store.note_attachments), tasks
        )
        links = NoteLinksPresenter(self._link_service(), tasks)
        self.properties = NotePropertiesPresenter(NoteProperties(notes), tasks)
        for source in (self.presenter, self.merging, self.properties):
            source.notice.connect(self._notice)
        self.screen = NotesScreen(
            self.presenter,
            SidePresenters(
                self.editor,
                links,
                properties=self.properties,
                mentions=self._mentions(self.editor),
                rewriting=self.rewriting,
            ),
            self._theme,
            self.actions,
            renaming=NoteRenamingPresenter(NoteRenaming(notes, self.store.note_links), tasks),
            merging=self.merging,
            make_beside=self._second,
        )
        self._watch_keys(self.screen.desk.main)
        self.screen.desk.beside_made.connect(self._watch_keys)
        self._closers += [self.presenter.close, self.editor.close, links.close]
        self.qtbot.addWidget(self.screen)
        self.screen.resize(width, 700)
        self.screen.show()
        self.qtbot.waitExposed(self.screen)
        self.until(lambda: self.presenter.model.rows)
        return self.screen

    def close(self) -> None:
        """Save, and wait for all that is under way."""
        self._leave()
        self.store.close()

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for it."""
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=5000)

    def show(self, note_id: int) -> None:
        """Open a note as the window does, and wait for its text."""
        self.screen.open_note(note_id)
        self.settle(note_id)

    def settle(self, note_id: int) -> NoteSide:
        """Wait until a note is shown in one of the sides; that side."""
        self.until(lambda: (side := self.screen.desk.side_of(note_id)) is not None and not side.view.editor.loading)
        self.until(lambda: self._tasks.idle)
        side = self.screen.desk.side_of(note_id)
        assert side is not None
        return side

    def select(self, *note_ids: int) -> None:
        """Select rows of the list."""
        model = self.presenter.model
        selection = self.screen.pane.list.selectionModel()
        selection.clear()
        for note_id in note_ids:
            selection.select(model.index(model.row_of(note_id)), QItemSelectionModel.SelectionFlag.Select)

    def _link_service(self) -> NoteLinkService:
        return NoteLinkService(self.notes, self.store.note_links, self.store.note_attachments)

    def _mentions(self, editor: NoteEditorPresenter, channel: str = "note.mentions") -> NoteMentionsPresenter:
        service = NoteMentions(self.notes, self.store.note_links, self.store.note_mentions)
        mentions = NoteMentionsPresenter(service, editor, self._tasks, delay_ms=1, rest_ms=1, channel=channel)
        self._closers.append(mentions.close)
        return mentions

    def _leave(self) -> None:
        if self._closers:
            self.screen.flush()
            self.screen.close()
        for close in self._closers:
            close()
        self._closers = []
        self.until(lambda: self._tasks.idle)

    def _second(self) -> SidePresenters:
        editor = NoteEditorPresenter(self.notes, self._tasks, lambda: 1, beside=self.editor)
        links = NoteLinksPresenter(self._link_service(), self._tasks, channel="note_beside")
        self._closers += [editor.close, links.close]
        mentions = self._mentions(editor, channel="note_beside.mentions")
        return SidePresenters(editor, links, properties=self.properties, mentions=mentions)

    def _watch_keys(self, side: NoteSide) -> None:
        assert side.links is not None
        side.links.modifiers = lambda: self.held

    def _notice(self, text: str, undo: Callable[[], None]) -> None:
        self.notices.append(text)
        self.undos.append(undo)


def texts_in(widget: QWidget) -> list[str]:
    """What its labels say, as far as they are shown."""
    return [label.text() for label in widget.findChildren(PlainLabel) if label.isVisibleTo(widget)]
