"""Every action once: words, shortcut, icon, group. Screens connect them, Ctrl+K and the shortcuts list show them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import msgspec
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from desktop_app.settings.schema import Section
from desktop_app.ui.theme.theme import Theme

ON_PAGE = "writing."
"""What the ids begin with of all that is done on the page of free writing that is open."""


def _(text: str) -> str:
    """Marks words for translation; they are translated where the action is made."""
    return str(QT_TRANSLATE_NOOP("Actions", text))


class ActionSpec(msgspec.Struct, frozen=True):
    """One action as it is declared.

    Attributes:
        keys: shortcuts in Qt's portable form, the first one is shown.
        room: the screen it belongs to ("chat", "notes"); its shortcut works while that is shown. "" works everywhere.
        in_palette: false for what makes no sense when chosen from a list.
        of_what_is_shown: it is about what its screen shows; Ctrl+K lists it once the screen was shown.
        starts_disabled: until its screen says otherwise, so that its keys stay free for the sheets over the window.
        request: what the window asks of the room's screen: a method, and perhaps a word for it. Without one the screen
            or the program connects the action itself.
    """

    id: str
    text: str
    icon: str
    group: str
    keys: tuple[str, ...] = ()
    room: str = ""
    in_palette: bool = True
    checkable: bool = False
    of_what_is_shown: bool = False
    starts_disabled: bool = False
    request: tuple[str, ...] = ()


def _asks(
    action_id: str, text: str, icon: str, group: str, room: str, *request: str, keys: tuple[str, ...] = ()
) -> ActionSpec:
    """An action that the window passes on to the room's screen."""
    return ActionSpec(action_id, text, icon, group, keys, room=room, request=request)


def _about_chat(action_id: str, text: str, icon: str, keys: tuple[str, ...] = ()) -> ActionSpec:
    """An action on the chat that is open, or on the chats that are listed."""
    return ActionSpec(action_id, text, icon, _("Chat"), keys, room="chat", of_what_is_shown=True)


def _about_note(action_id: str, text: str, icon: str, keys: tuple[str, ...] = ()) -> ActionSpec:
    """An action on the notes that are shown."""
    return ActionSpec(action_id, text, icon, _("Notes"), keys, room="notes", of_what_is_shown=True)


def _about_page(action_id: str, text: str, icon: str, keys: tuple[str, ...] = ()) -> ActionSpec:
    """An action on the page of free writing that is open."""
    group = _("Free writing")
    return ActionSpec(action_id, text, icon, group, keys, room="chat", of_what_is_shown=True, starts_disabled=True)


def _about_found(action_id: str, text: str, icon: str, request: str, *keys: str) -> ActionSpec:
    """An action on the search box or on what it found."""
    return _asks(action_id, text, icon, _("Search"), "search", request, keys=keys)


def _behind_search(name: str, text: str, icon: str) -> ActionSpec:
    """The way to one page behind ⋯ of Search."""
    return _asks(f"search.{name}", text, icon, _("Search"), "search", "open_page", name)


def _page(action_id: str, text: str, page: str) -> ActionSpec:
    """The way to one page of the settings."""
    return _asks(action_id, text, "settings", _("Settings"), "settings", "show_page", page)


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("go.chat", _("Chat"), "chat", _("Go to"), ("Ctrl+1",)),
    ActionSpec("go.notes", _("Notes"), "note", _("Go to"), ("Ctrl+2",)),
    ActionSpec("go.search", _("Search"), "search", _("Go to"), ("Ctrl+3",)),
    ActionSpec("go.models", _("Models"), "models", _("Go to"), ("Ctrl+4",)),
    ActionSpec("go.settings", _("Settings"), "settings", _("Go to"), ("Ctrl+5", "Ctrl+,")),
    ActionSpec("palette.open", _("Open anything…"), "search", _("Go to"), ("Ctrl+K",), in_palette=False),
    ActionSpec("search.everything", _("Search everything"), "search", _("Go to"), ("Ctrl+Shift+F",)),
    ActionSpec("go.back", _("Back"), "arrow-left", _("Go to"), ("Alt+Left",), starts_disabled=True),
    ActionSpec("go.forward", _("Forward"), "arrow-right", _("Go to"), ("Alt+Right",), starts_disabled=True),
    ActionSpec("chat.new", _("New chat"), "plus", _("Chat"), ("Ctrl+N",), room="chat"),
    ActionSpec("chat.writing", _("New free writing"), "writing", _("Chat"), ("Ctrl+Shift+W",), room="chat"),
    ActionSpec("chat.temporary", _("New temporary chat"), "clock", _("Chat"), ("Ctrl+Shift+T",), room="chat"),
    ActionSpec("chat.temporary_writing", _("New temporary free writing"), "clock", _("Chat"), room="chat"),
    ActionSpec("chat.keep", _("Keep this chat"), "archive", _("Chat"), room="chat"),
    _about_chat("chat.pin", _("Pin chat"), "pin", ("Ctrl+Shift+P",)),
    ActionSpec("chat.rename", _("Rename chat…"), "pencil", _("Chat"), ("F2",), room="chat"),
    _about_chat("chat.move", _("Move chat to folder…"), "folder", ("Ctrl+Shift+M",)),
    _about_chat("chat.preset", _("Choose a preset…"), "spark", ("Ctrl+Shift+E",)),
    _about_chat("chat.settings", _("Settings of this chat…"), "settings"),
    _about_chat("chat.deleted", _("Deleted messages…"), "history"),
    _about_chat("chat.archive", _("Archive chat"), "archive", ("Ctrl+Shift+A",)),
    ActionSpec("chat.show_trash", _("Show chats in the trash"), "restore", _("Chat"), room="chat"),
    ActionSpec("chat.delete", _("Move chat to trash"), "trash", _("Chat"), room="chat"),
    _about_chat("chat.restore", _("Put chat back"), "restore"),
    _about_chat("chat.delete_forever", _("Delete chat forever…"), "trash"),
    _about_chat("chat.by_folder", _("Chats in a folder…"), "folder"),
    _about_chat("chat.show_all", _("Show all chats"), "list"),
    ActionSpec("chat.show_archive", _("Show archived chats"), "archive", _("Chat"), room="chat"),
    ActionSpec("chat.empty_trash", _("Empty the trash of chats…"), "trash", _("Chat"), room="chat"),
    ActionSpec("chat.copy", _("Copy chat as Markdown"), "copy", _("Chat"), ("Ctrl+Shift+C",), room="chat"),
    ActionSpec("chat.export_markdown", _("Export chat as Markdown…"), "export", _("Chat"), room="chat"),
    ActionSpec("chat.export_json", _("Export chat as JSON…"), "export", _("Chat"), room="chat"),
    ActionSpec("chat.import", _("Import chats…"), "import", _("Chat"), room="chat"),
    ActionSpec("chat.filter", _("Find a chat or a message"), "filter", _("Chat"), ("Ctrl+L",), room="chat"),
    _about_chat("chat.find", _("Find in this chat…"), "search", ("Ctrl+F",)),
    _about_chat("chat.find_next", _("Next place found"), "chevron-down", ("F3",)),
    _about_chat("chat.find_previous", _("Place found before"), "chevron-up", ("Shift+F3",)),
    ActionSpec("chat.attach", _("Attach files…"), "paperclip", _("Chat"), ("Ctrl+O",), room="chat"),
    ActionSpec("chat.attach_note", _("Attach a note…"), "note", _("Chat"), room="chat"),
    ActionSpec("chat.notes", _("Answer from my notes"), "note", _("Chat"), ("Ctrl+Shift+U",), room="chat"),
    ActionSpec("chat.notes_where", _("Choose the notes to answer from…"), "filter", _("Chat"), room="chat"),
    ActionSpec("chat.sources", _("Sources of the answer"), "panel-right", _("Chat"), ("Ctrl+Shift+O",), room="chat"),
    ActionSpec("chat.stop", _("Stop the answer"), "stop", _("Chat"), room="chat"),
    _about_chat("chat.withdraw", _("Withdraw the waiting question"), "undo"),
    ActionSpec("chat.continue", _("Continue the answer"), "play", _("Chat"), room="chat"),
    ActionSpec("chat.copy_answer", _("Copy the last answer"), "copy", _("Chat"), room="chat"),
    ActionSpec("chat.save_note", _("Save the answer or the selection as a note"), "note", _("Chat"), room="chat"),
    ActionSpec("chat.latest", _("Go to the latest message"), "arrow-down", _("Chat"), room="chat"),
    ActionSpec("chat.context", _("Show what fills the context"), "info", _("Chat"), room="chat"),
    ActionSpec("chat.tokens", _("Tokens of the answer…"), "eye", _("Chat"), room="chat"),
    ActionSpec("chat.format", _("Answer format…"), "text", _("Chat"), room="chat"),
    ActionSpec("chat.pin_message", _("Pin or unpin the last message"), "pin", _("Chat"), room="chat"),
    ActionSpec("chat.recalled", _("Show what the last answer recalled"), "history", _("Chat"), room="chat"),
    ActionSpec("chat.edit_summary", _("Edit the summary of earlier messages…"), "pencil", _("Chat"), room="chat"),
    ActionSpec("chat.regenerate", _("Write the answer again"), "refresh", _("Chat"), ("Ctrl+R",), room="chat"),
    ActionSpec("chat.regenerate_with", _("Regenerate with…"), "models", _("Chat"), ("Ctrl+Shift+R",), room="chat"),
    ActionSpec("chat.edit_message", _("Edit your message"), "pencil", _("Chat"), ("Ctrl+E",), room="chat"),
    ActionSpec("chat.edit_answer", _("Edit the answer"), "pencil", _("Chat"), room="chat"),
    ActionSpec("chat.previous_version", _("Previous version"), "chevron-left", _("Chat"), ("Alt+Up",), room="chat"),
    ActionSpec("chat.next_version", _("Next version"), "chevron-right", _("Chat"), ("Alt+Down",), room="chat"),
    ActionSpec("chat.branch", _("Branch into a new chat"), "export", _("Chat"), room="chat"),
    ActionSpec("chat.delete_branch", _("Delete from this message on"), "trash", _("Chat"), room="chat"),
    _about_page("writing.go_on", _("Continue the text"), "play", ("Ctrl+Return", "Ctrl+Enter")),
    _about_page("writing.try_again", _("Try the continuation again"), "refresh", ("Ctrl+Shift+Return",)),
    _about_page("writing.take_back", _("Undo the continuation"), "undo"),
    _about_page("writing.accept_word", _("Accept the next word"), "chevron-right", ("Ctrl+Right",)),
    _about_page("writing.accept", _("Accept the whole continuation"), "check"),
    ActionSpec("note.new", _("New note"), "plus", _("Notes"), ("Ctrl+N",), room="notes"),
    ActionSpec("note.quick", _("Quick note…"), "pencil", _("Notes"), ("Ctrl+Shift+N",)),
    ActionSpec("note.daily", _("Today's note"), "sun", _("Notes"), ("Ctrl+D",)),
    ActionSpec("note.daily_before", _("Daily note before"), "chevron-left", _("Notes")),
    ActionSpec("note.daily_after", _("Daily note after"), "chevron-right", _("Notes")),
    _asks("note.tasks", _("Open tasks"), "check", _("Notes"), "notes", "show_tasks", keys=("Ctrl+Shift+T",)),
    ActionSpec("note.random", _("Any note"), "spark", _("Notes")),
    ActionSpec("note.new_template", _("New template"), "plus", _("Notes")),
    ActionSpec("note.filter", _("Filter notes"), "filter", _("Notes"), ("Ctrl+L",), room="notes"),
    _about_note("note.find", _("Find in this note…"), "search", ("Ctrl+F",)),
    _about_note("note.replace", _("Find and replace in this note…"), "edit", ("Ctrl+H",)),
    _about_note("note.find_next", _("Next place in the note"), "chevron-down", ("F3",)),
    _about_note("note.find_previous", _("Place before in the note"), "chevron-up", ("Shift+F3",)),
    _about_note("note.next_misspelled", _("Next misspelled word"), "edit", ("F7",)),
    _about_note("note.line_up", _("Move the line up"), "chevron-up", ("Alt+Up",)),
    _about_note("note.line_down", _("Move the line down"), "chevron-down", ("Alt+Down",)),
    _about_note("note.sort_lines", _("Sort the lines or the list"), "sort"),
    _about_note("note.insert_date", _("Insert the date"), "clock"),
    _about_note("note.insert_time", _("Insert the time"), "clock"),
    _about_note("note.task", _("Make a task, or tick it"), "check", ("Ctrl+Shift+X",)),
    _about_note("note.fold", _("Fold or unfold the section"), "chevron-right", ("Ctrl+.",)),
    _about_note("note.fold_all", _("Fold all sections and lists"), "chevron-right"),
    _about_note("note.unfold_all", _("Unfold all"), "chevron-down"),
    _about_note("note.table_insert", _("Insert a table"), "list"),
    _about_note("note.table_add_column", _("Table: add a column"), "list"),
    _about_note("note.table_delete_column", _("Table: delete the column"), "list"),
    _about_note("note.table_column_left", _("Table: move the column left"), "list"),
    _about_note("note.table_column_right", _("Table: move the column right"), "list"),
    _about_note("note.table_align", _("Table: align the column"), "list"),
    _about_note("note.table_delete_row", _("Table: delete the row"), "list"),
    _about_note("note.paste_plain", _("Paste as plain text"), "copy", ("Ctrl+Shift+V",)),
    _about_note("note.view", _("Write or read"), "eye", ("Ctrl+E",)),
    _about_note("note.both", _("Write and read side by side"), "eye", ("Ctrl+Shift+E",)),
    _about_note("note.alone", _("Only the text"), "text", ("F11",)),
    _about_note("note.pin", _("Pin or unpin note"), "pin", ("Ctrl+Shift+P",)),
    _about_note("note.rename", _("Rename note…"), "pencil", ("F2",)),
    _about_note("note.move", _("Move note…"), "folder", ("Ctrl+Shift+M",)),
    _about_note("note.tags", _("Edit tags…"), "tag", ("Ctrl+T",)),
    ActionSpec(
        "note.accept_tag",
        _("Add the suggested tag"),
        "tag",
        _("Notes"),
        ("Ctrl+Shift+G",),
        room="notes",
        of_what_is_shown=True,
        starts_disabled=True,
    ),
    _about_note("note.properties", _("Properties of the note…"), "list", ("Ctrl+;",)),
    _about_note("note.duplicate", _("Duplicate note"), "copy"),
    _about_note("note.statistics", _("Statistics…"), "info"),
    _about_note("note.merge", _("Merge two notes…"), "copy"),
    _about_note("note.insert_file", _("Insert image or file…"), "paperclip", ("Ctrl+Shift+I",)),
    _about_note("note.files", _("Pictures and files of the note…"), "paperclip"),
    _about_note("note.ask", _("Ask about this note"), "chat"),
    _about_note("note.similar", _("Similar notes"), "search"),
    _about_note("note.versions", _("Earlier versions…"), "history"),
    _about_note("note.about", _("Outline and links of the note"), "panel-right", ("Ctrl+Shift+O",)),
    _about_note("note.related", _("Similar notes while you write"), "panel-right", ("Ctrl+Shift+L",)),
    _about_note("note.link_mention", _("Make a link of the mention"), "link", ("Ctrl+Shift+K",)),
    _about_note("note.follow_link", _("Open the link at the cursor"), "link", ("Ctrl+Return", "Ctrl+Enter")),
    _about_note("note.rewrite", _("Rewrite the selection with the chat model…"), "spark", ("Ctrl+Shift+R",)),
    _about_note("note.extract", _("Move the selection to a new note…"), "note"),
    _about_note("note.copy_link", _("Copy a link to this place"), "link", ("Ctrl+Shift+C",)),
    _about_note("note.beside", _("Open beside"), "columns", ("Ctrl+Shift+Return", "Ctrl+Shift+Enter")),
    _about_note("note.other_side", _("Go to the other note"), "arrow-right", ("F6",)),
    _about_note("note.close_beside", _("Close the second note"), "close", ("Ctrl+W",)),
    ActionSpec(
        "note.undo",
        _("Undo the last change of whole notes"),
        "undo",
        _("Notes"),
        room="notes",
        of_what_is_shown=True,
        starts_disabled=True,
    ),
    ActionSpec("note.trash", _("Show the trash"), "restore", _("Notes"), room="notes"),
    _about_note("note.delete", _("Move note to trash"), "trash"),
    _about_note("note.restore", _("Put note back"), "restore"),
    _about_note("note.delete_forever", _("Delete note forever…"), "trash"),
    _about_note("note.by_folder", _("Notes in a folder…"), "folder"),
    _about_note("note.by_tag", _("Notes with a tag…"), "tag"),
    _about_note("note.sort", _("Order of the notes…"), "sort"),
    _about_note("note.remove_welcome", _("Remove the welcome notes"), "trash"),
    ActionSpec("note.restore_all", _("Put all notes of the trash back"), "restore", _("Notes"), room="notes"),
    ActionSpec("note.empty_trash", _("Empty the trash…"), "trash", _("Notes"), room="notes"),
    ActionSpec("note.import_files", _("Import files…"), "import", _("Notes"), ("Ctrl+O",), room="notes"),
    ActionSpec("note.import_folder", _("Import a folder…"), "folder", _("Notes"), room="notes"),
    _about_note("note.export_markdown", _("Export note as Markdown…"), "export"),
    _about_note("note.export_html", _("Export note as HTML…"), "export"),
    _about_note("note.export_pdf", _("Export note as PDF…"), "export"),
    _about_note("note.export_docx", _("Export note as Word document…"), "export"),
    _about_note("note.export_one", _("Export notes as one document…"), "export"),
    _about_note("note.copy_formatted", _("Copy as formatted text"), "copy"),
    _about_note("note.print", _("Print note…"), "printer", ("Ctrl+P",)),
    _about_note("note.export_folder", _("Export folder as Markdown…"), "export"),
    ActionSpec("note.link_folder", _("Keep a folder as files…"), "link", _("Notes"), room="notes"),
    _about_note("note.sync_folders", _("Bring linked folders in step"), "refresh"),
    _about_note("note.linked_folders", _("Linked folders…"), "link"),
    _asks("search.both", _("Search by words and meaning"), "search", _("Search"), "search", "choose_mode", "both"),
    _asks("search.meaning", _("Search by meaning"), "search", _("Search"), "search", "choose_mode", "meaning"),
    _asks("search.words", _("Search for exact words"), "search", _("Search"), "search", "choose_mode", "words"),
    ActionSpec("index.keep_encoder", _("Keep the former search model"), "undo", _("Search"), starts_disabled=True),
    ActionSpec("index.pause", _("Pause or resume indexing"), "pause", _("Search")),
    _about_found("search.box", _("Go to the search box"), "search", "go_to_box", "Ctrl+F"),
    _about_found("search.filter", _("Add a filter…"), "filter", "open_filters", "Ctrl+L"),
    _about_found("search.facets", _("Where the results lie"), "folder", "show_facets", "Ctrl+Shift+L"),
    _about_found("search.order", _("Results by relevance or by date"), "sort", "toggle_order", "Ctrl+Shift+D"),
    _about_found("search.save", _("Save this search…"), "archive", "save_search", "Ctrl+S"),
    _about_found("search.saved", _("Saved searches…"), "list", "open_saved", "Ctrl+Shift+S"),
    _about_found(
        "search.beside", _("Open the found note beside"), "columns", "open_chosen_beside", "Ctrl+Return", "Ctrl+Enter"
    ),
    _about_found("search.why", _("Why was this found?"), "help", "explain_chosen", "Ctrl+I"),
    _about_found(
        "search.likeness", _("Show which words carry the likeness"), "eye", "show_likeness_of_chosen", "Ctrl+Shift+I"
    ),
    _about_found("search.next_place", _("Next place in the found note"), "chevron-right", "next_place", "Alt+Down"),
    _about_found(
        "search.previous_place", _("Previous place in the found note"), "chevron-left", "previous_place", "Alt+Up"
    ),
    _about_found("search.quote", _("Copy the passage as a quotation"), "copy", "copy_quotation", "Ctrl+Shift+C"),
    _about_found("search.weaker", _("Show weaker matches"), "eye", "show_weaker"),
    _about_found("search.similar", _("Notes similar to the one that was found"), "note", "find_similar_to_chosen"),
    _asks("search.ask", _("Ask about the note that was found"), "chat", _("Search"), "search", "ask_about_chosen"),
    _about_found(
        "search.ask_results",
        _("Ask about these results"),
        "chat",
        "ask_about_results",
        "Ctrl+Shift+Return",
        "Ctrl+Shift+Enter",
    ),
    _behind_search("note_map", _("Map of all notes"), "notes"),
    _behind_search("near_duplicates", _("Near duplicates"), "copy"),
    _behind_search("self_check", _("Check how well search finds"), "shield"),
    ActionSpec("data.export", _("Export everything…"), "export", _("Data")),
    ActionSpec("data.back_up", _("Back up now"), "archive", _("Data")),
    ActionSpec("data.restore", _("Restore a backup…"), "history", _("Data")),
    ActionSpec("data.clear_states", _("Clear kept chat states"), "trash", _("Data")),
    ActionSpec("model.add", _("Add a model file…"), "plus", _("Models")),
    _asks("model.encoder", _("Choose a search model…"), "folder", _("Models"), "models", "choose_folder"),
    _asks("model.starter", _("Use the starter chat model"), "models", _("Models"), "models", "use_starter"),
    _asks("model.verify", _("Check the model files again"), "shield", _("Models"), "models", "check_files"),
    ActionSpec("model.reload", _("Load the chat model again"), "refresh", _("Models")),
    _asks("settings.find", _("Find a setting"), "search", _("Settings"), "settings", "focus_default", keys=("Ctrl+F",)),
    _page("settings.general", _("Settings: general"), Section.GENERAL),
    _page("settings.generation", _("Settings: generation"), Section.GENERATION),
    _page("settings.chat_model", _("Settings: chat model"), Section.CHAT_MODEL),
    _page("settings.search_model", _("Settings: search model"), Section.SEARCH_MODEL),
    _page("settings.data", _("Settings: notes and data folder"), Section.DATA),
    _page("settings.appearance", _("Settings: appearance, font size"), Section.APPEARANCE),
    _page("settings.about", _("About Inkwell, licences"), "About"),
    _asks("settings.reset", _("Reset this page of settings"), "undo", _("Settings"), "settings", "reset_shown_page"),
    ActionSpec("help.shortcuts", _("Keyboard shortcuts"), "keyboard", _("Help"), ("F1", "Ctrl+?")),
    ActionSpec(
        "window.escape",
        _("Close what is on top, take back what waits, or stop"),
        "close",
        _("Window"),
        ("Esc",),
        in_palette=False,
    ),
    ActionSpec("window.menu", _("Menu of what is chosen"), "list", _("Window"), ("Shift+F10",), in_palette=False),
    ActionSpec("window.quit", _("Quit"), "close", _("Window"), ("Ctrl+Q",)),
)


class Actions(QObject):
    """The actions as Qt objects. Screens connect `triggered`, and disable what is not on offer just now."""

    def __init__(self, theme: Theme, parent: QObject | None = None, platform: str = sys.platform) -> None:
        super().__init__(parent)
        self._specs = {spec.id: spec for spec in ACTIONS}
        self._actions: dict[str, QAction] = {}
        others = _others_on_macos() if platform == "darwin" else {}
        for spec in ACTIONS:
            action = QAction(theme.icon(spec.icon), self._words(spec.text), self)
            action.setObjectName(spec.id)
            action.setCheckable(spec.checkable)
            action.setShortcuts([QKeySequence(keys) for keys in others.get(spec.id, spec.keys)])
            # The window holds the actions of the room that is shown, so that two rooms can share Ctrl+N.
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setEnabled(not spec.starts_disabled)
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


def _others_on_macos() -> Mapping[str, tuple[str, ...]]:
    from desktop_app.ui.mac_keys import MAC_KEYS  # not before the first picture elsewhere

    return MAC_KEYS
