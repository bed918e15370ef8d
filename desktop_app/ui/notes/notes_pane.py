"""The left of the notes screen: filter, folder, tag, order, the list, and what is rare at its foot."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.domain.notes import NoteFilter, NoteSort
from desktop_app.presenters.note_list import Facets, ListState
from desktop_app.presenters.notes import NotesPresenter
from desktop_app.presenters.rows import RowRole
from desktop_app.ui.actions import Actions
from desktop_app.ui.note_drag import drag_notes
from desktop_app.ui.notes.chosen_line import ChosenLine
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import (
    ElidedButton,
    EmptyState,
    ErrorBox,
    FilterBox,
    FlatList,
    PlainLabel,
    SidePane,
    literal,
)

#: A menu of folders or tags lists this many; Ctrl+K finds the rest.
_MENU_LIMIT = 500
#: Of the chips that name a folder and a tag, so that the order's words fit beside them; in designed pixels.
_CHIP_WIDTH = 84


class NotesPane(SidePane):
    """Shows the presenter's list and passes on what is chosen."""

    note_chosen = Signal(int)
    selection_changed = Signal()
    search_everything = Signal(str)
    menu_wanted = Signal(QPoint)
    trash_wanted = Signal()  # Delete key on the selection
    empty_trash_wanted = Signal()
    import_wanted = Signal()
    export_wanted = Signal()
    tasks_wanted = Signal()

    def __init__(self, presenter: NotesPresenter, theme: Theme, actions: Actions) -> None:
        super().__init__("", actions["note.new"])
        self._actions = actions
        self._presenter = presenter
        self._theme = theme
        self._folder_marks: dict[str, str] = {}
        self._several: list[int] = []  # what was selected when the list began to be read anew
        presenter.model.modelAboutToBeReset.connect(self._remember_several)
        self.title.setText(self.tr("Notes"))
        self.setAccessibleName(self.tr("Notes list"))
        self.filter_box = FilterBox(self.tr("Filter notes…"))
        self.add_inset(self.filter_box)
        self._add_chips()
        self.list = FlatList(theme, presenter.model, name=self.tr("Notes"))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.let_drag(self._drag)
        self._stack = QStackedWidget()
        self._stack.setStyleSheet("QStackedWidget { background: transparent; }")
        self._stack.addWidget(self.list)
        self._message: QWidget | None = None
        self.body.addWidget(self._stack, 1)
        self._add_search_link()
        self.chosen = ChosenLine(actions)
        self.body.addWidget(self.chosen)
        self._add_foot()
        self._connect()
        self._show_filter(presenter.filter)
        self._show_state(presenter.state)

    # Selection ----------------------------------------------------------------------------------

    @property
    def selected_ids(self) -> list[int]:
        """Ids of the selected rows, from the top."""
        indexes = sorted(self.list.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [int(index.data(RowRole.ID)) for index in indexes]

    def select(self, note_id: int | None) -> None:
        """Mark the open note without opening it."""
        if note_id is None:
            self.list.clearSelection()
            return
        if self.selected_ids == [note_id]:
            return
        row = self._presenter.model.row_of(note_id)
        if row < 0:
            self.list.clearSelection()
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        with_focus = self.list.hasFocus()
        if with_focus:
            self.list.clearFocus()  # a selection by hand would open the note again
        self.list.selectionModel().setCurrentIndex(self._presenter.model.index(row), flags)
        if with_focus:
            self.list.setFocus()

    def select_several_again(self) -> bool:
        """After the list was read anew: select what was, where that was more than one; false where it was not."""
        model, selection = self._presenter.model, self.list.selectionModel()
        rows = [row for note_id in self._several if (row := model.row_of(note_id)) >= 0]
        self._several = []
        if len(rows) < 2:
            return False
        for row in rows:
            selection.select(model.index(row), QItemSelectionModel.SelectionFlag.Select)
        return True

    def _remember_several(self) -> None:
        selected = self.selected_ids
        self._several = selected if len(selected) > 1 else []

    def focus_list(self) -> None:
        """Go to the list, on its first row when none is selected."""
        self.list.setFocus()
        if not self.selected_ids and self._presenter.model.rowCount():
            self.list.setCurrentIndex(self._presenter.model.index(0))

    def take_focus(self) -> None:
        """Take the keyboard focus without choosing a note."""
        known_place = self.list.isVisible() and self.list.currentIndex().isValid()
        (self.list if known_place else self.filter_box).setFocus()

    # Building -----------------------------------------------------------------------------------

    def _add_chips(self) -> None:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._folder_menu, self._tag_menu, self._sort_menu = QMenu(self), QMenu(self), QMenu(self)
        self.folder_chip = self._chip(self.tr("Folder"), "folder", self._folder_menu)
        self.tag_chip = self._chip(self.tr("Tag"), "tag", self._tag_menu)
        self.sort_chip = self._chip(self.tr("Edited"), "sort", self._sort_menu)
        for chip in (self.folder_chip, self.tag_chip):
            chip.setCheckable(True)
            layout.addWidget(chip)
        self._theme.changed.connect(self._fit_chips)
        self._fit_chips()
        layout.addStretch()
        layout.addWidget(self.sort_chip)
        self._sorts = {
            NoteSort.EDITED: self.tr("Edited"),
            NoteSort.CREATED: self.tr("Created"),
            NoteSort.TITLE: self.tr("Title"),
            NoteSort.OPENED: self.tr("Opened"),
        }
        group = QActionGroup(self)
        for sort, words in self._sorts.items():
            action = self._sort_menu.addAction(words)
            action.setCheckable(True)
            action.setData(sort)
            action.triggered.connect(lambda _=False, sort=sort: self._presenter.set_sort(sort))
            group.addAction(action)
        self._folder_menu.aboutToShow.connect(self._fill_folders)
        self._tag_menu.aboutToShow.connect(self._fill_tags)
        self._chips = row
        self.add_inset(row)

    def _chip(self, words: str, symbol: str, menu: QMenu) -> ElidedButton:
        return ElidedButton(words, "chip", symbol=self._theme.icon(symbol, "muted_text"), menu=menu)

    def open_menu(self, chip: ElidedButton) -> None:
        """Show a chip's menu, as a press on it would."""
        chip.menu().popup(chip.mapToGlobal(chip.rect().bottomLeft()))

    def _fit_chips(self) -> None:
        for chip in (self.folder_chip, self.tag_chip):
            chip.setMaximumWidth(self._theme.px(_CHIP_WIDTH))

    def _add_search_link(self) -> None:
        self.search_link = ElidedButton("", "link", icon=self._theme.icon("search", "accent"))
        self.search_link.clicked.connect(lambda: self.search_everything.emit(self.filter_box.text().strip()))
        self.search_link.hide()
        self.body.addWidget(self.search_link, 0, Qt.AlignmentFlag.AlignLeft)

    def mark_folders(self, marks: Mapping[str, str]) -> None:
        """What the menu of folders says behind these names."""
        self._folder_marks = dict(marks)

    def add_above_foot(self, widget: QWidget) -> None:
        """Show something between the list and the pane's foot."""
        self.body.insertWidget(self.body.indexOf(self._foot), widget)

    def _add_foot(self) -> None:
        self._welcome_link = self._foot_button(
            self.tr("Remove the welcome notes"), self._presenter.remove_welcome_notes
        )
        self._welcome_link.hide()
        welcome = QHBoxLayout()
        welcome.setContentsMargins(6, 0, 6, 0)
        welcome.addWidget(self._welcome_link)
        welcome.addStretch()
        self.body.addLayout(welcome)
        foot = self._foot = QWidget()
        column = QVBoxLayout(foot)
        column.setContentsMargins(6, 0, 6, 0)
        column.setSpacing(2)
        of_trash, row = QHBoxLayout(), QHBoxLayout()
        for line in (of_trash, row):
            line.setSpacing(2)
            column.addLayout(line)
        self.trash_button = self._foot_button(self.tr("Trash"), self._toggle_trash, "trash")
        self.import_button = self._foot_button(self.tr("Import…"), self.import_wanted.emit, "import")
        self.export_button = self._foot_button(self.tr("Export…"), self.export_wanted.emit, "export")
        self.restore_all_button = self._foot_button(self.tr("Put all back"), self._presenter.restore_all)
        self.empty_button = self._foot_button(self.tr("Empty trash…"), self.empty_trash_wanted.emit)
        self.tasks_button = self._foot_button(self.tr("Tasks"), self.tasks_wanted.emit, "check")
        self.tasks_button.setAccessibleName(self.tr("Open tasks"))
        self._tasks_dot = PlainLabel("·", "small")
        row.addWidget(self.tasks_button)
        row.addWidget(self._tasks_dot)
        row.addWidget(self.trash_button)
        self._trash_dot = PlainLabel("·", "small")
        self._dots = [PlainLabel("·", "small"), PlainLabel("·", "small")]
        row.addWidget(self._dots[0])
        row.addWidget(self.import_button)
        row.addWidget(self._dots[1])
        row.addWidget(self.export_button)
        for widget in (self.restore_all_button, self._trash_dot, self.empty_button):
            of_trash.addWidget(widget)
        of_trash.addStretch()
        row.addStretch()
        self.body.addWidget(foot)

    def _foot_button(self, words: str, act: Callable[[], object], symbol: str = "") -> ElidedButton:
        icon = self._theme.icon(symbol, "muted_text") if symbol else None
        button = ElidedButton(words, "small_link", symbol=icon, is_whole=icon is not None)
        button.clicked.connect(lambda _=False: act())
        return button

    def _connect(self) -> None:
        presenter = self._presenter
        self.filter_box.textChanged.connect(self._on_filter_text)
        self.filter_box.leave_downwards.connect(self.focus_list)
        self.filter_box.returnPressed.connect(self.focus_list)
        self.list.chosen.connect(self._on_chosen)
        self.list.menu_wanted.connect(self._on_menu)
        self.list.remove_wanted.connect(lambda _id: self.trash_wanted.emit())
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._on_selection())
        presenter.model.modelReset.connect(self._show_chosen)  # of which the selection tells nothing
        presenter.filter_changed.connect(self._show_filter)
        presenter.state_changed.connect(self._show_state)
        presenter.facets_changed.connect(self._show_facets)

    # What happens -------------------------------------------------------------------------------

    def _on_chosen(self, note_id: object) -> None:
        # A row that was taken out of the selection is not gone to.
        if isinstance(note_id, int) and self.selected_ids in ([note_id], []):
            self.note_chosen.emit(note_id)

    def _on_selection(self) -> None:
        self._show_chosen()
        self.selection_changed.emit()

    def _show_chosen(self) -> None:
        focused = self.window().focusWidget()
        had_focus = focused is not None and self.chosen.isAncestorOf(focused)
        self.chosen.show_chosen(len(self.selected_ids), trashed=self._presenter.filter.trashed)
        if had_focus and self.chosen.isHidden():
            self.take_focus()  # Qt would hand it to what stands below, which acts on other notes

    def _drag(self, rows: list[object]) -> None:
        note_ids = [row for row in rows if isinstance(row, int)]
        if self._presenter.filter.trashed or not note_ids:
            return
        title = str(self._presenter.model.index(self._presenter.model.row_of(note_ids[0])).data() or "")
        words = self.tr("{n} notes").replace("{n}", f"{len(note_ids):,}") if len(note_ids) > 1 else title
        drag_notes(self.list, self._theme, note_ids, words)

    def _on_menu(self, note_id: object, position: QPoint) -> None:
        if isinstance(note_id, int) and note_id not in self.selected_ids:
            self.select(note_id)
        self.menu_wanted.emit(position)

    def _on_filter_text(self, text: str) -> None:
        self._presenter.set_text(text)
        text = text.strip()
        shown = text if len(text) <= 24 else text[:23] + "…"
        self.search_link.set_text(self.tr("Search everything for “{text}”").replace("{text}", shown))
        self.search_link.setAccessibleName(self.tr("Search everything for “{text}”").replace("{text}", text))
        if not text and self.search_link.hasFocus():
            self.filter_box.setFocus()  # the link is about to be hidden, and Qt would go to whatever comes next
        self.search_link.setVisible(bool(text))

    def _toggle_trash(self) -> None:
        self.filter_box.clear()
        self._presenter.show_trash(not self._presenter.filter.trashed)

    def _show_filter(self, current: NoteFilter) -> None:
        self.title.setText(self.tr("Trash") if current.trashed else self.tr("Notes"))
        self._chips.setVisible(not current.trashed)
        self.folder_chip.set_text(_last_name(current.folder) if current.folder else self.tr("Folder"))
        self.folder_chip.setChecked(current.folder is not None)
        self.folder_chip.setAccessibleName(
            self.tr("Folder: {name}").replace("{name}", current.folder or self.tr("all"))
        )
        self.tag_chip.set_text(current.tag or self.tr("Tag"))
        self.tag_chip.setChecked(current.tag is not None)
        self.tag_chip.setAccessibleName(self.tr("Tag: {name}").replace("{name}", current.tag or self.tr("all")))
        self.sort_chip.set_text(self._sorts[current.sort])
        self.sort_chip.setAccessibleName(self.tr("Order: {name}").replace("{name}", self._sorts[current.sort]))
        for action in self._sort_menu.actions():
            action.setChecked(action.data() == current.sort)
        if current.text != self.filter_box.text().strip():
            self.filter_box.setText(current.text)
        self.trash_button.set_text(self.tr("Back to notes") if current.trashed else self.tr("Trash"))
        for widget in (self.tasks_button, self._tasks_dot):
            widget.setVisible(not current.trashed)
        self.import_button.setVisible(not current.trashed and self._presenter.can_import)
        self.export_button.setVisible(not current.trashed and self._presenter.can_export)
        for widget in (self.restore_all_button, self._trash_dot, self.empty_button):
            widget.setVisible(current.trashed)
        self._welcome_link.setVisible(self._presenter.state.welcome and not current.trashed)
        self._dots[0].setVisible(not current.trashed and self._presenter.can_import)
        self._dots[1].setVisible(not current.trashed and self._presenter.can_export)

    def _show_facets(self, facets: Facets) -> None:
        self.folder_chip.setEnabled(bool(facets.folders) or self._presenter.filter.folder is not None)
        self.tag_chip.setEnabled(bool(facets.tags) or self._presenter.filter.tag is not None)

    def _show_state(self, state: ListState) -> None:
        trashed = self._presenter.filter.trashed
        self._welcome_link.setVisible(state.welcome and not trashed)
        for button in (self.restore_all_button, self.empty_button):
            button.setEnabled(not state.empty)
        message = self._message_for(state)
        if message is not None and self.window().focusWidget() is self.list:
            self.filter_box.setFocus()  # the list is about to be hidden
        if self._message is not None:
            self._stack.removeWidget(self._message)
            self._message.deleteLater()
        self._message = message
        if message is None:
            self._stack.setCurrentWidget(self.list)
        else:
            self._stack.addWidget(message)
            self._stack.setCurrentWidget(message)

    def _message_for(self, state: ListState) -> QWidget | None:
        if state.error is not None:
            return _at_top(ErrorBox(state.error, ((self.tr("Try again"), self._presenter.refresh),)))
        if state.loading and not self._presenter.model.rowCount():
            return EmptyState(None, "", self.tr("Loading…"), width=220)
        if state.loading or not state.empty:
            return None
        if self._presenter.filter.trashed:
            return EmptyState(None, self.tr("The trash is empty"))
        if state.narrowed:
            return EmptyState(
                None, self.tr("No note fits"), "", ((self.tr("Show all notes"), self._show_all),), width=220
            )
        return EmptyState(None, self.tr("No notes yet"), width=220)

    def _show_all(self) -> None:
        self.filter_box.clear()
        self._presenter.clear_filters()

    # Menus --------------------------------------------------------------------------------------

    def _fill_folders(self) -> None:
        current = self._presenter.filter.folder
        rows = [(path, count) for path, count in self._presenter.facets.folders if path]
        self._fill(self._folder_menu, self.tr("All folders"), rows, current, self._presenter.set_folder, tree=True)
        self._folder_menu.addSeparator()
        self._folder_menu.addAction(self._actions["note.export_folder"])

    def _fill_tags(self) -> None:
        rows = list(self._presenter.facets.tags)
        self._fill(self._tag_menu, self.tr("All tags"), rows, self._presenter.filter.tag, self._presenter.set_tag)

    def _fill(
        self,
        menu: QMenu,
        everything: str,
        rows: list[tuple[str, int]],
        current: str | None,
        choose: Callable[[str | None], None],
        *,
        tree: bool = False,
    ) -> None:
        menu.clear()
        self._add_choice(menu, everything, current is None, lambda: choose(None))
        menu.addSeparator()
        for name, count in rows[:_MENU_LIMIT]:
            words = "    " * name.count("/") + _last_name(name) if tree else f"#{name}"
            mark = self._folder_marks.get(name, "") if tree else ""
            self._add_choice(
                menu,
                f"{words}   {count}   · {mark}" if mark else f"{words}   {count}",
                name == current,
                lambda name=name: choose(name),  # type: ignore[misc]
            )

    def _add_choice(self, menu: QMenu, words: str, checked: bool, act: Callable[[], None]) -> None:
        action = QAction(literal(words), menu)
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda _=False: self._chosen(act))
        menu.addAction(action)

    def _chosen(self, act: Callable[[], None]) -> None:
        act()
        self._show_filter(self._presenter.filter)  # a press on a checkable chip toggled its look


def _last_name(folder: str) -> str:
    return folder.rsplit("/", 1)[-1]


def _at_top(widget: QWidget) -> QWidget:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(6, 6, 6, 6)
    layout.addWidget(widget)
    layout.addStretch()
    return holder
