"""The head over one note: where it lies, how it is saved, how it is shown, and what is done to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.domain.errors import DiskFullError, InkwellError, StoreLockedError, StoreReadOnlyError
from desktop_app.domain.notes import Note
from desktop_app.presenters.save_state import SaveKind, SaveState
from desktop_app.ui.actions import Actions
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import IconButton, PaneHead, PlainLabel, SegmentedControl, TextButton, set_role

WRITE, BOTH, READ = "write", "both", "read"
MODES = (WRITE, BOTH, READ)

_MOST_USED = (
    "note.find",
    "note.ask",
    "note.similar",
    "note.pin",
    "note.rename",
    "note.move",
    "note.tags",
    "note.properties",
    "note.insert_file",
    "note.versions",
)
_EXPORTS = ("note.export_markdown", "note.export_html", "note.export_pdf", "note.export_docx", "note.export_one")


class NoteHead(PaneHead):
    """Empty while no note is open; of one in the trash only the ways back and out are offered."""

    mode_chosen = Signal(str)
    save_wanted = Signal()
    restore_wanted = Signal(int)  # note id
    delete_wanted = Signal(int)

    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self._note: Note | None = None
        self.save_label = PlainLabel("", "small")
        self.retry_button = TextButton(self.tr("Try again"), "link")
        self.retry_button.clicked.connect(self.save_wanted)
        self.segments = SegmentedControl(
            ((WRITE, self.tr("Write")), (BOTH, self.tr("Both")), (READ, self.tr("Read"))),
            name=self.tr("Write or read"),
        )
        self.segments.set_offered(BOTH, False)
        self.segments.changed.connect(self.mode_chosen)
        self.restore_button = TextButton(self.tr("Put back"), "primary")
        self.restore_button.clicked.connect(lambda: self._ask(self.restore_wanted))
        self.delete_button = TextButton(self.tr("Delete forever…"), "danger")
        self.delete_button.clicked.connect(lambda: self._ask(self.delete_wanted))
        self.more_button = IconButton(theme.icon("more", "muted_text"), self.tr("More about this note"))
        self.more_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.more_button.set_menu(self._make_menu(theme, actions))
        for widget in (
            self.save_label,
            self.retry_button,
            self.segments,
            self.restore_button,
            self.delete_button,
            self.more_button,
        ):
            self.add(widget)

    def _make_menu(self, theme: Theme, actions: Actions) -> QMenu:
        self.menu = QMenu(self)
        for action_id in _MOST_USED:
            self.menu.addAction(actions[action_id])
        exports = self.menu.addMenu(theme.icon("export"), self.tr("Export note"))
        for action_id in _EXPORTS:
            exports.addAction(actions[action_id])
        for action_id in ("note.copy_formatted", "note.print", "note.export_folder"):
            self.menu.addAction(actions[action_id])
        self.export_action = self.menu.addAction(theme.icon("export"), self.tr("Export everything…"))
        self.menu.addSeparator()
        self.menu.addAction(actions["note.delete"])
        return self.menu

    def show_note(self, note: Note | None) -> None:
        """Name a note and offer what can be done with it; None while none is open."""
        self._note = note
        trashed = note is not None and note.trashed_at is not None
        written = note is not None and not trashed
        self.title.setText(self._place(note) if note is not None else "")
        parts: tuple[QWidget, ...] = (self.segments, self.more_button, self.save_label)
        for widget in parts:
            widget.setVisible(written)
        for widget in (self.restore_button, self.delete_button):
            widget.setVisible(trashed)
        if note is None:
            self.retry_button.hide()

    def show_state(self, state: SaveState) -> None:
        """How the text on the screen relates to the one on disk."""
        error = state.error if state.kind is SaveKind.FAILED else None
        self.retry_button.setVisible(self._note is not None and error is not None)
        set_role(self.save_label, "warning" if error is not None else "small")
        words = {
            SaveKind.SAVED: self.tr("Saved"),
            SaveKind.EDITED: self.tr("Not saved yet"),
            SaveKind.SAVING: self.tr("Saving…"),
        }
        if error is not None:
            self.save_label.setText(self.tr("Not saved: {why}").replace("{why}", self._short(error)))
        else:
            self.save_label.setText(words.get(state.kind, ""))

    def show_mode(self, mode: str) -> None:
        """Which way the note is shown."""
        self.segments.set_value(mode)

    def _place(self, note: Note) -> str:
        title = note.title or self.tr("Untitled")
        return f"{note.folder.replace('/', ' / ')} / {title}" if note.folder else title

    def _short(self, error: InkwellError) -> str:
        if isinstance(error, DiskFullError):
            return self.tr("disk full")
        if isinstance(error, StoreReadOnlyError):
            return self.tr("the data folder is read-only")
        if isinstance(error, StoreLockedError):
            return self.tr("the database is busy")
        return self.tr("see below")

    def _ask(self, wanted: SignalInstance) -> None:
        if self._note is not None:
            wanted.emit(self._note.id)
