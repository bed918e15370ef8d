"""Below the search box: what can be chosen from menus, and the question's filters as chips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from desktop_app.domain.saved_search import SavedSearch
from desktop_app.domain.search import SearchOrder
from desktop_app.domain.search_question import FilterKind, Scope, written
from desktop_app.presenters.search import FilterChoices
from desktop_app.presenters.search_chips import QuestionChip
from desktop_app.ui.search.question_chip import QuestionChipButton
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import ChipButton, literal, plain_tool_tip
from desktop_app.ui.widgets.flow_row import FlowRow

_MOST_LISTED = 30
_LONGEST_NAME = 60


class FilterBar(FlowRow):
    """The menus "Filter", "Sort" and "Saved", and the chips. It changes nothing itself: all goes out as signals."""

    addition_wanted = Signal(str)  # a whole filter as it is typed
    start_wanted = Signal(str)  # the beginning of one, to be typed on
    order_wanted = Signal(object)  # SearchOrder
    remove_wanted = Signal(object)  # QuestionChip
    mend_wanted = Signal(object)  # QuestionChip
    open_wanted = Signal(object)  # SavedSearch
    save_wanted = Signal()
    forget_wanted = Signal(str)  # name of a saved search
    saved_asked_for = Signal()  # the menu is about to open: `set_saved` says what it lists

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._choices = FilterChoices()
        self._saved: list[SavedSearch] = []
        self._open_name = ""
        self._can_save = False
        self.filter_menu, self.sort_menu, self.saved_menu = QMenu(self), QMenu(self), QMenu(self)
        self.saved_menu.setToolTipsVisible(True)
        self.filter_chip = ChipButton(self.tr("Filter"), menu=self.filter_menu)
        self.sort_chip = ChipButton("", menu=self.sort_menu)
        self.saved_chip = ChipButton(self.tr("Saved"), menu=self.saved_menu)
        self.chips: list[QuestionChipButton] = []
        self._orders = {
            SearchOrder.RELEVANCE: self.tr("Most relevant first"),
            SearchOrder.DATE: self.tr("Newest first"),
        }
        self._add_orders()
        self.filter_menu.aboutToShow.connect(self._fill_filters)
        self.saved_menu.aboutToShow.connect(self._fill_saved)
        self.setAccessibleName(self.tr("Filters, order and saved searches"))
        self.show_order(SearchOrder.RELEVANCE)
        self.show_chips([])

    # What is shown ------------------------------------------------------------------------------

    def show_chips(self, chips: Sequence[QuestionChip]) -> None:
        """Show the question's parts; the keyboard stays where it is, or goes to the chip beside one that went."""
        at = next((place for place, each in enumerate(self.chips) if each.hasFocus()), -1)
        kept = {each.chip: each for each in self.chips}
        self.chips = [kept.get(chip) or self._make(chip) for chip in chips]
        self.set_widgets([self.filter_chip, self.sort_chip, self.saved_chip, *self.chips])
        if at >= 0 and not any(each.hasFocus() for each in self.chips):
            (self.chips[min(at, len(self.chips) - 1)] if self.chips else self.filter_chip).setFocus()

    def show_order(self, order: SearchOrder, *, fixed: bool = False) -> None:
        """Say in which order the results are; `fixed` where there is nothing to be relevant to."""
        self.sort_chip.set_text(self._orders[order])
        self.sort_chip.setAccessibleName(self.tr("Order: {name}").replace("{name}", self._orders[order]))
        self.sort_chip.setEnabled(not fixed)
        for action in self.sort_menu.actions():
            action.setChecked(action.data() == order)

    def set_choices(self, choices: FilterChoices) -> None:
        """What the filter menu lists."""
        self._choices = choices

    def set_saved(self, searches: Sequence[SavedSearch], open_name: str, *, can_save: bool) -> None:
        """What the saved menu lists; `open_name` is that of the one that is shown now."""
        self._saved = list(searches)
        self._open_name, self._can_save = open_name, can_save

    def open_menu(self, chip: ChipButton) -> None:
        """Show a chip's menu, as a press on it would."""
        chip.menu().popup(chip.mapToGlobal(chip.rect().bottomLeft()))

    # Menus --------------------------------------------------------------------------------------

    def _make(self, chip: QuestionChip) -> QuestionChipButton:
        made = QuestionChipButton(chip, self._theme)
        made.remove_wanted.connect(self.remove_wanted)
        made.mend_wanted.connect(self.mend_wanted)
        return made

    def _add_orders(self) -> None:
        group = QActionGroup(self.sort_menu)
        for order, words in self._orders.items():
            action = self.sort_menu.addAction(words)
            action.setCheckable(True)
            action.setData(order)
            action.triggered.connect(lambda _=False, order=order: self.order_wanted.emit(order))
            group.addAction(action)

    def _fill_filters(self) -> None:
        menu = self.filter_menu
        _empty(menu)
        where = self._sub_menu(menu, self.tr("Where"))
        for words, scope in (
            (self.tr("Notes only"), Scope.NOTES),
            (self.tr("Chats only"), Scope.CHATS),
        ):
            self._offer(where, words, FilterKind.IN, scope.value)
        tags = self._sub_menu(menu, self.tr("Tag"))
        for name, count in self._choices.tags[:_MOST_LISTED]:
            self._offer(tags, f"{name}  ({count})", FilterKind.TAG, name)
        folders = self._sub_menu(menu, self.tr("Folder"))
        for name, count in self._choices.folders[:_MOST_LISTED]:
            self._offer(folders, f"{name}  ({count})", FilterKind.FOLDER, name)
        for sub_menu, name, listed in ((tags, "tag:", self._choices.tags), (folders, "folder:", self._choices.folders)):
            if len(listed) > _MOST_LISTED:
                sub_menu.addSeparator()
                self._begin(sub_menu, self.tr("Type another name…"), name)
            sub_menu.menuAction().setEnabled(bool(listed))
        since = self._sub_menu(menu, self.tr("Changed since"))
        for words, value in (
            (self.tr("Today"), "today"),
            (self.tr("Yesterday"), "yesterday"),
            (self.tr("This week"), "this-week"),
            (self.tr("Last week"), "last-week"),
            (self.tr("This month"), "this-month"),
            (self.tr("Last month"), "last-month"),
            (self.tr("This year"), "this-year"),
            (self.tr("Last year"), "last-year"),
        ):
            self._offer(since, words, FilterKind.AFTER, value)
        since.addSeparator()
        self._begin(since, self.tr("Type a date…"), "after:")
        menu.addSeparator()
        self._begin(menu, self.tr("Changed before…"), "before:")
        self._begin(menu, self.tr("Title has…"), "title:")
        self._begin(menu, self.tr("Path has…"), "path:")
        self._begin(menu, self.tr("Without a word…"), "-")
        self._begin(menu, self.tr("Exact phrase…"), '"')

    def _fill_saved(self) -> None:
        self.saved_asked_for.emit()
        menu = self.saved_menu
        _empty(menu)
        for search in self._saved:
            action = self._add(menu, _short(search.name), partial(self.open_wanted.emit, search))
            action.setCheckable(True)
            action.setChecked(search.name == self._open_name)
            action.setToolTip(plain_tool_tip(search.text))
        if not self._saved:
            self._add(menu, self.tr("No saved searches yet"), lambda: None).setEnabled(False)
        menu.addSeparator()
        self._add(menu, self.tr("Save this search…"), self.save_wanted.emit).setEnabled(self._can_save)
        if self._open_name:
            words = self.tr("Forget “{name}”").replace("{name}", _short(self._open_name))
            self._add(menu, words, lambda: self.forget_wanted.emit(self._open_name))

    def _sub_menu(self, menu: QMenu, words: str) -> QMenu:
        made = QMenu(words, menu)
        menu.addMenu(made)
        return made

    def _offer(self, menu: QMenu, words: str, kind: FilterKind, value: str) -> None:
        self._add(menu, words, lambda: self.addition_wanted.emit(written(kind, value)))

    def _begin(self, menu: QMenu, words: str, beginning: str) -> None:
        self._add(menu, words, lambda: self.start_wanted.emit(beginning))

    def _add(self, menu: QMenu, words: str, act: Callable[[], object]) -> QAction:
        action = menu.addAction(literal(words))
        action.triggered.connect(lambda _=False: act())
        return action


def _empty(menu: QMenu) -> None:
    """Forget what the menu listed, sub-menus included: Qt keeps these while the menu lives."""
    for action in menu.actions():
        sub_menu = action.menu()
        if isinstance(sub_menu, QMenu):
            sub_menu.deleteLater()
    menu.clear()


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
