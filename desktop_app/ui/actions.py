"""Every action once: words, shortcut, icon, group. Screens connect them, Ctrl+K and the shortcuts list show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from desktop_app.ui.theme.theme import Theme

_QT_TRANSLATE_NOOP = str  # marks words for translation; they are translated where the action is made


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action as it is declared.

    Attributes:
        keys: shortcuts in Qt's portable form, the first one is shown.
        room: the screen it belongs to ("chat", "notes"); its shortcut works while that is shown. "" works everywhere.
        in_palette: false for what makes no sense when chosen from a list.
    """

    id: str
    text: str
    icon: str
    group: str
    keys: tuple[str, ...] = ()
    room: str = ""
    in_palette: bool = True
    checkable: bool = False


_ = _QT_TRANSLATE_NOOP
ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("go.chat", _("Chat"), "chat", _("Go to"), ("Ctrl+1",)),
    ActionSpec("go.notes", _("Notes"), "note", _("Go to"), ("Ctrl+2",)),
    ActionSpec("go.search", _("Search"), "search", _("Go to"), ("Ctrl+3",)),
    ActionSpec("go.models", _("Models"), "models", _("Go to"), ("Ctrl+4",)),
    ActionSpec("go.settings", _("Settings"), "settings", _("Go to"), ("Ctrl+5", "Ctrl+,")),
    ActionSpec("palette.open", _("Open anything…"), "search", _("Go to"), ("Ctrl+K",), in_palette=False),
    ActionSpec("search.everything", _("Search everything"), "search", _("Go to"), ("Ctrl+Shift+F",)),
    ActionSpec("chat.new", _("New chat"), "plus", _("Chat"), ("Ctrl+N",), room="chat"),
    ActionSpec("chat.rename", _("Rename chat…"), "pencil", _("Chat"), ("F2",), room="chat"),
    ActionSpec("chat.delete", _("Move chat to trash"), "trash", _("Chat"), room="chat"),
    ActionSpec("chat.copy", _("Copy chat as Markdown"), "copy", _("Chat"), ("Ctrl+Shift+C",), room="chat"),
    ActionSpec("chat.filter", _("Filter chats"), "filter", _("Chat"), ("Ctrl+F",), room="chat"),
    ActionSpec("chat.stop", _("Stop the answer"), "stop", _("Chat"), room="chat"),
    ActionSpec("chat.regenerate", _("Write the answer again"), "refresh", _("Chat"), ("Ctrl+R",), room="chat"),
    ActionSpec("note.new", _("New note"), "plus", _("Notes"), ("Ctrl+N",), room="notes"),
    ActionSpec("note.quick", _("Quick note…"), "pencil", _("Notes"), ("Ctrl+Shift+N",)),
    ActionSpec("note.filter", _("Filter notes"), "filter", _("Notes"), ("Ctrl+F",), room="notes"),
    ActionSpec("note.view", _("Write or read"), "eye", _("Notes"), ("Ctrl+E",), room="notes"),
    ActionSpec("note.move", _("Move note…"), "folder", _("Notes"), ("Ctrl+Shift+M",), room="notes"),
    ActionSpec("note.tags", _("Edit tags…"), "tag", _("Notes"), ("Ctrl+T",), room="notes"),
    ActionSpec("note.versions", _("Earlier versions…"), "history", _("Notes"), room="notes"),
    ActionSpec("note.delete", _("Move note to trash"), "trash", _("Notes"), room="notes"),
    ActionSpec("note.trash", _("Show the trash"), "restore", _("Notes"), room="notes"),
    ActionSpec("note.import_files", _("Import files…"), "import", _("Notes"), ("Ctrl+O",), room="notes"),
    ActionSpec("note.import_folder", _("Import a folder…"), "folder", _("Notes"), room="notes"),
    ActionSpec("data.export", _("Export everything…"), "export", _("Data")),
    ActionSpec("data.back_up", _("Back up now"), "archive", _("Data")),
    ActionSpec("data.restore", _("Restore a backup…"), "history", _("Data")),
    ActionSpec("model.add", _("Add a model file…"), "plus", _("Models")),
    ActionSpec("model.reload", _("Load the chat model again"), "refresh", _("Models")),
    ActionSpec("help.shortcuts", _("Keyboard shortcuts"), "keyboard", _("Help"), ("F1", "Ctrl+?")),
    ActionSpec("window.escape", _("Close what is on top, or stop"), "close", _("Window"), ("Esc",), in_palette=False),
    ActionSpec("window.quit", _("Quit"), "close", _("Window"), ("Ctrl+Q",)),
)


class Actions(QObject):
    """The actions as Qt objects. Screens connect `triggered`, and disable what is not on offer just now."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.id: spec for spec in ACTIONS}
        self._actions: dict[str, QAction] = {}
        for spec in ACTIONS:
            action = QAction(theme.icon(spec.icon), self._words(spec.text), self)
            action.setObjectName(spec.id)
            action.setCheckable(spec.checkable)
            action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
            # The window holds the actions of the room that is shown, so that two rooms can share Ctrl+N.
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self._actions[spec.id] = action

    def __getitem__(self, action_id: str) -> QAction:
        """The action of that id; KeyError for an unknown one."""
        return self._actions[action_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def spec(self, action_id: str) -> ActionSpec:
        """How the action was declared."""
        return self._specs[action_id]

    def group(self, action_id: str) -> str:
        """The group's name, translated."""
        return self._words(self._specs[action_id].group)

    def of_room(self, room: str) -> list[QAction]:
        """The actions whose shortcuts work in one screen only ("" for those that work everywhere)."""
        return [self._actions[spec.id] for spec in ACTIONS if spec.room == room]

    def _words(self, text: str) -> str:
        return QCoreApplication.translate("Actions", text)
