"""The one window: rail, screens, status bar, and what lies over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QMimeData, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QMoveEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.resources import resource_path
from desktop_app.presenters.shell import DroppedFiles, ShellPresenter
from desktop_app.ui.actions import Actions
from desktop_app.ui.drop_zone import ChatImportQuestion, DropArea, DropVeil, ImportQuestion, local_paths
from desktop_app.ui.notices import Notices
from desktop_app.ui.rail import ROOMS, Rail
from desktop_app.ui.status_bar import StatusBar
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets.buttons import keys_of
from desktop_app.ui.widgets.question_box import QuestionBox
from desktop_app.ui.window_memory import UiStateStore, WindowMemory

if TYPE_CHECKING:
    # The sheets are imported when they are first opened: they are not needed for the first picture.
    from desktop_app.presenters.command_palette import NameProvider, PaletteItem
    from desktop_app.ui.command_palette import CommandPalette
    from desktop_app.ui.quick_note import QuickNoteDialog
    from desktop_app.ui.shortcuts_list import ShortcutsList
    from desktop_app.ui.widgets.floating_sheet import FloatingSheet

#: Below this width a screen's right pane becomes a drawer.
COMPACT_BELOW = 1200
_FIRST_SIZE = (1280, 820)
_LEAST_SIZE = (720, 480)


class MainWindow(QWidget):
    """Shows one screen at a time; each is built when it is first gone to.

    A screen is any QWidget. What it offers of the following is used: `save_state() -> dict`, `restore_state(dict)`,
    `focus_default()`, `on_escape() -> bool`, `set_compact(bool)`, `set_alone(bool)` with the signal
    `alone_changed(bool)`, `search_text() -> str`, `takes_drop(QMimeData) -> bool` (what it takes itself),
    `attach_dropped(list) -> bool`, `drop_words()` and `drop_areas(list)` (where a drop means something else than an
    import), `notices_keep_clear_of() -> QWidget` (a widget at its foot), and as the goal of a request `open_chat(id)`,
    `open_note(id, start, end)`, `open_beside(id, start, end)`, `search_for(text)`, `import_paths(list)`,
    `add_model_file(path)`, `attach_notes(list)`.
    """

    first_painted = Signal()  # once; what is not needed for the first picture can start now
    closed = Signal()
    room_chosen = Signal(str)  # by its name, not by way of something in it

    def __init__(
        self,
        shell: ShellPresenter,
        actions: Actions,
        theme: Theme,
        screens: Mapping[str, Callable[[], QWidget]],
        ui_state: UiStateStore,
        *,
        name_providers: Callable[[], Sequence[NameProvider]] = tuple,
    ) -> None:
        super().__init__()
        self._shell, self._actions, self._theme = shell, actions, theme
        self._factories = dict(screens)
        self._name_providers = name_providers
        self._screens: dict[str, QWidget] = {}
        self._room = ""
        self._compact: bool | None = None
        self._was_painted = False
        self._palette: CommandPalette | None = None
        self._quick_note: QuickNoteDialog | None = None
        self._shortcuts: ShortcutsList | None = None
        self._sheet_veils: dict[FloatingSheet, DropVeil] = {}
        self._question: ImportQuestion | ChatImportQuestion | None = None
        self._memory = WindowMemory(ui_state, shell.tasks, self._collect_state, self)
        self.setWindowTitle("Inkwell")
        self.setWindowIcon(QIcon(str(resource_path("icons", "app", "inkwell.svg"))))
        self.setMinimumSize(*_LEAST_SIZE)
        self._build()
        self._connect()
        self._restore_place()
        self._show_first_room()
        self._memory.start()

    # Rooms --------------------------------------------------------------------------------------

    @property
    def room(self) -> str:
        """The room that is shown."""
        return self._room

    def screen_of(self, room: str) -> QWidget:
        """A room's screen, built now if it was not."""
        screen = self._screens.get(room)
        if screen is None:
            screen = self._factories[room]()
            self._screens[room] = screen
            self._stack.addWidget(screen)
            state = self._memory.recall(f"screen.{room}")
            if isinstance(state, dict):
                _tell(screen, "restore_state", state)
            _tell(screen, "set_compact", bool(self._compact))
            alone = getattr(screen, "alone_changed", None)
            if alone is not None:
                alone.connect(self._set_alone)
        return screen

    def show_room(self, room: str) -> QWidget:
        """Go to a room; its screen."""
        if room not in self._factories:
            raise KeyError(f"no room named {room!r}")
        screen = self.screen_of(room)
        if room != self._room:
            if self._rail.isHidden():
                _tell(self._screens[self._room], "set_alone", False)
            self._exchange_actions(room)
            self._room = room
            self._stack.setCurrentWidget(screen)
            self._rail.set_room(room)
            foot = _tell(screen, "notices_keep_clear_of")
            self._notices.keep_clear_of(foot if isinstance(foot, QWidget) else None)
            self._memory.save_soon()
            _tell(screen, "focus_default")
        return screen

    def _choose_room(self, room: str) -> None:
        """Gone to by its name: the room itself, and no page that lies over it; asked for where it is shown already, it
        is left for its beginning.
        """
        if room == self._room:
            _tell(self._screens[room], "leave_page")
        self.show_room(room)
        self.room_chosen.emit(room)

    def _exchange_actions(self, room: str) -> None:
        # Two rooms may share a shortcut (Ctrl+N): only the shown room's actions belong to the window.
        if self._room:
            for action in self._actions.of_room(self._room):
                self.removeAction(action)
        for action in self._actions.of_room(room):
            self.addAction(action)

    def _show_first_room(self) -> None:
        wanted = self._memory.recall("window.room", ROOMS[0])
        known = isinstance(wanted, str) and wanted in self._factories
        self.show_room(wanted if known else next(iter(self._factories)))

    # Building -----------------------------------------------------------------------------------

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self._rail = Rail(self._theme, self._actions)
        self._stack = QStackedWidget()
        middle.addWidget(self._rail)
        middle.addWidget(self._stack, 1)
        outer.addLayout(middle, 1)
        self._status = StatusBar(self._shell, self._theme)
        outer.addWidget(self._status)
        self._notices = Notices(self._theme, self._stack)
        self._veil = DropVeil(
            self._theme,
            self,
            self._screen_takes,
            words_of_screen=self._drop_words,
            areas_of_screen=self._drop_areas,
        )

    def _connect(self) -> None:
        shell = self._shell
        self._rail.chosen.connect(self._choose_room)
        self._rail.notes_dropped.connect(lambda note_ids: self._ask("chat", "attach_notes", note_ids))
        shell.open_screen.connect(self.show_room)
        shell.open_chat.connect(lambda chat: self._ask("chat", "open_chat", chat))
        shell.open_note.connect(self._open_note)
        shell.open_note_beside.connect(self._open_beside)
        shell.open_search.connect(lambda text: self._ask("search", "search_for", text))
        shell.open_similar.connect(lambda note_id: self._ask("search", "search_similar", note_id))
        shell.notice.connect(self._notices.add)
        self._veil.dropped.connect(shell.sort_drop)
        shell.files_dropped.connect(self._take_files)
        shell.chats_dropped.connect(self._ask_for_chats)
        shell.drop_counted.connect(self._ask_for_import)
        shell.model_dropped.connect(lambda path: self._ask("models", "add_model_file", path))
        own = {
            "palette.open": self.open_palette,
            "search.everything": self._search_everything,
            "note.quick": self.open_quick_note,
            "help.shortcuts": self.open_shortcuts,
            "window.escape": self._escape,
            "window.menu": self._open_menu,
            "window.quit": self.close,
        } | {f"go.{room}": lambda room=room: self._choose_room(room) for room in self._factories}
        for action_id, act in own.items():
            self._actions[action_id].triggered.connect(lambda _=False, act=act: act())
        for action_id in self._actions:
            spec = self._actions.spec(action_id)
            if spec.request:
                self._actions[action_id].triggered.connect(
                    lambda _=False, spec=spec: self._ask(spec.room, *spec.request)
                )
        for action in self._actions.of_room(""):
            # Esc comes last, after whatever has the focus (see keyPressEvent): no shortcut may take it away before.
            if action.objectName() != "window.escape":
                self.addAction(action)

    def _open_note(self, note_id: int, start: int, end: int) -> None:
        self._ask("notes", "open_note", note_id, *((start, end) if start >= 0 else ()))

    def _open_beside(self, note_id: int, start: int, end: int) -> None:
        self._ask("notes", "open_beside", note_id, *((start, end) if start >= 0 else ()))

    def _ask(self, room: str, method: str, *arguments: object) -> None:
        _tell(self.show_room(room), method, *arguments)

    # What lies over the screens -----------------------------------------------------------------

    @property
    def notices(self) -> Notices:
        """The pile of notices."""
        return self._notices

    @property
    def status_bar(self) -> StatusBar:
        """The line at the foot."""
        return self._status

    def open_palette(self) -> CommandPalette:
        """Ctrl+K."""
        from desktop_app.presenters.command_palette import CommandPalettePresenter
        from desktop_app.ui.command_palette import CommandPalette

        if self._palette is None:
            presenter = CommandPalettePresenter(
                self._shell.tasks,
                self._name_providers(),
                actions=self._palette_actions,
                search_everything=self._shell.search,
                make_note=self._shell.note_wanted.emit,
                parent=self,
            )
            self._palette = CommandPalette(presenter, self._theme, self)
        self._open_sheet(self._palette)
        return self._palette

    def open_quick_note(self) -> QuickNoteDialog:
        """Ctrl+Shift+N."""
        from desktop_app.ui.quick_note import QuickNoteDialog

        if self._quick_note is None:
            self._quick_note = QuickNoteDialog(self._shell, self._theme, self)
        self._open_sheet(self._quick_note)
        return self._quick_note

    def open_shortcuts(self) -> ShortcutsList:
        """F1."""
        from desktop_app.ui.shortcuts_list import ShortcutsList

        if self._shortcuts is None:
            self._shortcuts = ShortcutsList(self._actions, self._theme, self)
        self._open_sheet(self._shortcuts)
        return self._shortcuts

    def _open_sheet(self, sheet: FloatingSheet) -> None:
        sheet.open_over(self)
        if sheet in self._sheet_veils:
            return
        # A sheet is a window of its own: what is dropped on it does not come by the veil of this one.
        veil = self._sheet_veils[sheet] = DropVeil(self._theme, sheet, words_of_screen=self._drop_words, role="popup")
        veil.watch(sheet.windowHandle())
        veil.dropped.connect(lambda paths: self._take_drop_on(sheet, paths))

    def _take_drop_on(self, sheet: FloatingSheet, paths: list[Path]) -> None:
        sheet.hide()  # the question stands over the window; what was typed stays in the sheet
        self._shell.sort_drop(paths)

    def _palette_actions(self) -> list[PaletteItem]:
        from desktop_app.presenters.command_palette import PaletteItem
        from desktop_app.ui.action_words import other_words

        items: list[PaletteItem] = []
        elsewhere: list[PaletteItem] = []  # what another room does: later, lest a quick Enter leaves this one
        for action_id in self._actions:
            spec, action = self._actions.spec(action_id), self._actions[action_id]
            rooms = self._screens if spec.of_what_is_shown else self._factories
            if spec.in_palette and (not spec.room or spec.room in rooms) and action.isEnabled():
                run = self._runner(action_id)
                group = self._actions.group(action_id)
                words = other_words(action_id)
                item = PaletteItem(action.text(), group, run, icon=spec.icon, keys=keys_of(action), also=words)
                (items if spec.room in ("", self.room) else elsewhere).append(item)
        return [*items, *elsewhere]

    def _runner(self, action_id: str) -> Callable[[], None]:
        def run() -> None:
            room = self._actions.spec(action_id).room
            if room:
                self.show_room(room)
            self._actions[action_id].trigger()

        return run

    def _search_everything(self) -> None:
        self._shell.search(self._text_to_carry())

    def _text_to_carry(self) -> str:
        """What a search from here would mean: the selection, the filter, or what the screen says."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit):
            return focus.selectedText() or focus.text()
        if isinstance(focus, QPlainTextEdit | QTextEdit) and focus.textCursor().hasSelection():
            return focus.textCursor().selectedText().replace("\u2029", " ").replace("\u2028", " ").strip()
        told = _tell(self._screens[self._room], "search_text")
        return told if isinstance(told, str) else ""

    def _set_alone(self, alone: bool) -> None:
        """Its screen wants nothing but a text to be seen, or all that is around it again."""
        self._rail.setVisible(not alone)
        self._status.setVisible(not alone)

    # Esc ----------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
            return
        super().keyPressEvent(event)

    def _escape(self) -> None:
        # The screen first: it closes its drawer or stops its answer, and stopping must not wait behind a notice.
        if not _tell(self._screens[self._room], "on_escape"):
            self._notices.close_newest()

    def _open_menu(self) -> None:
        """What the Menu key does, which not every keyboard has: under X11, Qt gives Shift+F10 no meaning."""
        widget = self.focusWidget() or self
        here = QRectF(widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)).center().toPoint()
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, here, widget.mapToGlobal(here))
        asked.setAccepted(False)
        QApplication.sendEvent(widget, asked)
        if not asked.isAccepted():
            key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(widget, key)

    # Files dropped on the window ----------------------------------------------------------------

    def _screen_takes(self, data: QMimeData) -> bool:
        return bool(_tell(self._screens[self._room], "takes_drop", data))

    def _drop_words(self) -> tuple[str, str] | None:
        told = _tell(self._screens[self._room], "drop_words")
        return told if isinstance(told, tuple) else None

    def _drop_areas(self, data: QMimeData) -> list[DropArea]:
        told = _tell(self._screens[self._room], "drop_areas", local_paths(data))
        return told if isinstance(told, list) else []

    def _take_files(self, paths: list[Path]) -> None:
        if not _tell(self._screens[self._room], "attach_dropped", paths):
            self._shell.take_drop(paths)

    def _ask_for_import(self, dropped: DroppedFiles) -> None:
        if dropped.files == 0:
            self._shell.show_notice(self.tr("There is no file in what you dropped."))
            return
        if any(path.is_dir() for path in dropped.paths):
            # Whether a new folder is linked or copied in is asked by whoever knows it: that is the one question.
            self._import(list(dropped.paths))
            return
        self._question = ImportQuestion(dropped, self)
        self._question.agreed.connect(self._import)
        self._question.open()

    def _ask_for_chats(self, paths: list[Path]) -> None:
        self._question = ChatImportQuestion(paths, self)
        self._question.agreed.connect(self._import_chats)
        self._question.open()

    def _import_chats(self, paths: list[Path]) -> None:
        self.show_room("chat")  # its screen may be built only now, and shows what comes of it
        self._shell.chats_import_wanted.emit(paths)

    @property
    def import_question(self) -> ImportQuestion | ChatImportQuestion | None:
        """The question asked last after files were dropped."""
        return self._question

    def _import(self, paths: list[Path]) -> None:
        self._ask("notes", "import_paths", paths)
        self._shell.import_wanted.emit(paths)

    # Size and memory ----------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.width() < COMPACT_BELOW
        if compact != self._compact:
            self._compact = compact
            for screen in self._screens.values():
                _tell(screen, "set_compact", compact)
        self._memory.save_soon()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._memory.save_soon()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self._veil.watch(self.windowHandle())
            self.first_painted.emit()

    def _collect_state(self) -> dict[str, Any]:
        place = self.normalGeometry() if self.isMaximized() else self.geometry()
        state: dict[str, Any] = {
            "window.place": [place.x(), place.y(), place.width(), place.height(), self.isMaximized()],
            "window.room": self._room,
        }
        for room, screen in self._screens.items():
            told = _tell(screen, "save_state")
            if isinstance(told, dict):
                state[f"screen.{room}"] = told
        return state

    def _restore_place(self) -> None:
        self.resize(*_FIRST_SIZE)
        remembered = self._memory.recall("window.place")
        match remembered:
            case [int(x), int(y), int(width), int(height), bool(maximized)]:
                place = QRect(x, y, width, height)
                # A screen that is no longer there must not keep the window out of sight.
                if any(screen.availableGeometry().intersects(place) for screen in QGuiApplication.screens()):
                    self.setGeometry(place)
                else:
                    self.resize(width, height)
                if maximized:
                    self.setWindowState(Qt.WindowState.WindowMaximized)

    # Closing ------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        unsaved = self._shell.unsaved()
        if self._quick_note is not None and self._quick_note.text.strip():
            unsaved.append(self.tr("A quick note is not saved yet."))
        if unsaved and not self._may_lose(unsaved):
            event.ignore()
            return
        self._memory.save_now()
        self._shell.close()
        self.closed.emit()
        super().closeEvent(event)

    def _may_lose(self, unsaved: list[str]) -> bool:
        """Ask; data is at stake. False keeps the window open."""
        question = QuestionBox(self)
        question.setText(self.tr("Not everything is saved"))
        question.setInformativeText("\n".join(unsaved))
        keep = question.addButton(self.tr("Keep open"), QMessageBox.ButtonRole.RejectRole)
        leave = question.addButton(self.tr("Close anyway"), QMessageBox.ButtonRole.DestructiveRole)
        question.set_safe_button(keep)
        question.exec()
        question.deleteLater()
        return question.clickedButton() is leave


def _tell(screen: QWidget, method: str, *arguments: object) -> object:
    """Call a method that a screen may or may not have; None where it has none."""
    found = getattr(screen, method, None)
    return found(*arguments) if callable(found) else None
