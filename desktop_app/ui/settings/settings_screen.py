"""The settings screen: pages at the left, one of them at the right, a search over all settings above the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop_app.presenters.data_folder import DataJob, DataPresenter
from desktop_app.presenters.rows import Row, RowListModel
from desktop_app.presenters.setting_words import page_name
from desktop_app.presenters.settings import SettingsPresenter
from desktop_app.settings.schema import Section, Setting, setting_for, settings_in
from desktop_app.ui.actions import Actions
from desktop_app.ui.settings.about_page import AboutPage
from desktop_app.ui.settings.data_page import DataPage
from desktop_app.ui.settings.form_page import FormPage, Group
from desktop_app.ui.settings.shortcuts_page import ShortcutsPage
from desktop_app.ui.theme.theme import Theme
from desktop_app.ui.widgets import PANE_WIDTH, ChipButton, EmptyState, FilterBox, FlatList, PaneHead, SidePane

_FOUND_AT_ONCE = 4
SHORTCUTS, ABOUT = "Shortcuts", "About"
PAGES = (*(section.value for section in Section), SHORTCUTS, ABOUT)
"""Names of the pages, as they are kept and asked for; what they are called is translated."""


class SettingsScreen(QWidget):
    """Pages are built when first shown."""

    notice_wanted = Signal(str, object)
    """(text, undo): a page was reset; `undo()` takes it back."""

    def __init__(
        self,
        presenter: SettingsPresenter,
        data: DataPresenter,
        theme: Theme,
        actions: Actions,
        licences: Path,
    ) -> None:
        super().__init__()
        self._presenter, self._data = presenter, data
        self._theme, self._actions, self._licences = theme, actions, licences
        self._pages: dict[str, QScrollArea] = {}
        self._results: QWidget | None = None
        self._page = Section.GENERATION.value
        self.setAccessibleName(self.tr("Settings"))
        self._pane = self._make_pane()
        self._head = PaneHead()
        self.reset_page = ChipButton(self.tr("Reset page"))
        self.reset_page.clicked.connect(self.reset_shown_page)
        self._head.add(self.reset_page)
        self._stack = QStackedWidget()
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._head)
        right.addWidget(self._stack, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._pane)
        row.addLayout(right, 1)
        presenter.row_changed.connect(self._update_reset)
        presenter.page_reset.connect(self._offer_undo)
        theme.changed.connect(self._fit)
        self._fit()
        self.show_page(self._page)

    # For the window -----------------------------------------------------------------------------

    def show_page(self, name: str) -> None:
        """Show a page by its name (see PAGES); an unknown one shows Generation."""
        self._page = name if name in PAGES else Section.GENERATION.value
        if self._filter.text():
            self._filter.clear()  # comes back here through _search
        page = self._pages.get(self._page)
        if page is None:
            page = self._make_page(self._page)
            self._pages[self._page] = page
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        self._head.title.setText(self._title(self._page))
        self._list.select(self._page)
        self._update_reset()

    def show_setting(self, key: str) -> None:
        """Show the page of a setting, scrolled to its row, with the keys in its editor."""
        self.show_page(setting_for(key).section.value)
        page = self._pages[self._page]
        if isinstance(page, FormPage):
            page.go_to(key)

    def start_job(self, job: DataJob) -> None:
        """Go to one of the jobs of the data folder and start it, as its button would."""
        self.show_page(Section.DATA.value)
        page = self._pages[Section.DATA.value]
        if isinstance(page, DataPage):
            page.scroll_to(page.jobs[job])
            page.jobs[job].button.click()

    def save_state(self) -> dict[str, Any]:
        """The page shown."""
        return {"page": self._page}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Show the page that was shown."""
        self.show_page(str(state.get("page", "")))

    def focus_default(self) -> None:
        """The search box."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def on_escape(self) -> bool:
        """Clear the search; false when there is none."""
        if not self._filter.text():
            return False
        self._filter.clear()
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.refresh_model()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # Inside -------------------------------------------------------------------------------------

    def _make_pane(self) -> SidePane:
        pane = SidePane(self.tr("Settings"))
        self._filter = FilterBox(self.tr("Find a setting…"))
        self._filter.textChanged.connect(self._search)
        pane.add_inset(self._filter)
        model = RowListModel(self)
        model.set_rows([Row(name, self._title(name), self._second_line(name)) for name in PAGES])
        self._list = FlatList(self._theme, model, name=self.tr("Pages of the settings"))
        self._list.chosen.connect(lambda name: self.show_page(str(name)))
        self._filter.leave_downwards.connect(self._list.setFocus)
        pane.body.addWidget(self._list, 1)
        return pane

    def _make_page(self, name: str) -> QScrollArea:
        if name == SHORTCUTS:
            return ShortcutsPage(self._actions, self._theme)
        if name == ABOUT:
            return AboutPage(self._theme, self._licences)
        section = Section(name)
        if section is Section.DATA:
            return DataPage(self._presenter, self._data, self._theme)
        rare = [setting for setting in settings_in(section) if setting.rare]
        return FormPage(self._presenter, self._theme, page_name(section), self._groups(section), rare)

    def _title(self, name: str) -> str:
        if name == SHORTCUTS:
            return self.tr("Shortcuts")
        return self.tr("About") if name == ABOUT else page_name(Section(name))

    def _second_line(self, name: str) -> str:
        lines = {
            Section.GENERAL.value: self.tr("System prompt"),
            Section.GENERATION.value: self.tr("Context length, sampling"),
            Section.CHAT_MODEL.value: self.tr("Decoder: file, threads"),
            Section.SEARCH_MODEL.value: self.tr("Encoder: precision, weight"),
            Section.DATA.value: self.tr("Backups, export"),
            Section.APPEARANCE.value: self.tr("Theme, font size"),
            SHORTCUTS: self.tr("All keys"),
            ABOUT: self.tr("Versions, licences"),
        }
        return lines[name]

    def _groups(self, section: Section) -> list[Group]:
        settings = settings_in(section)
        everyday: list[Setting] = [setting for setting in settings if not setting.expert]
        expert = [setting for setting in settings if setting.expert and not setting.rare]
        heading = self.tr("Expert sampling") if section is Section.GENERATION else self.tr("Expert")
        return [group for group in (("", everyday), (heading, expert)) if group[1]]

    def _search(self, text: str) -> None:
        if self._results is not None:
            self._stack.removeWidget(self._results)
            self._results.deleteLater()
            self._results = None
        if not text.strip():
            self.show_page(self._page)
            return
        found = self._presenter.find(text)
        self._results = self._results_page(found) if found else self._nothing_found(text)
        self._stack.addWidget(self._results)
        self._stack.setCurrentWidget(self._results)
        self._head.title.setText(self.tr("Found: {0}").format(len(found)))
        self.reset_page.hide()

    def _results_page(self, found: list[Setting]) -> QWidget:
        groups: list[Group] = []
        for section in Section:
            mine = [setting for setting in found if setting.section is section]
            if mine:
                groups.append((page_name(section), mine))
        return FormPage(self._presenter, self._theme, self.tr("Settings found"), groups, at_once=_FOUND_AT_ONCE)

    def _nothing_found(self, text: str) -> QWidget:
        clear: Callable[[], object] = self._filter.clear
        return EmptyState(
            self._theme.icon("search", "muted_text"),
            self.tr("No setting is called “{0}”").format(text.strip()[:60]),
            self.tr("Try another word: the standard term, or what it does."),
            [(self.tr("Show all settings"), clear)],
        )

    def _update_reset(self, _key: str = "") -> None:
        is_form = self._page in [section.value for section in Section] and self._results is None
        self.reset_page.setVisible(is_form)
        if is_form:
            self.reset_page.setEnabled(self._presenter.page_changed(Section(self._page)))

    def reset_shown_page(self) -> None:
        """Every setting of the page back to its default, where the page holds settings; a notice takes it back."""
        if self.reset_page.isHidden() or not self.reset_page.isEnabled():
            return
        self._presenter.reset_page(Section(self._page))

    def _offer_undo(self, name: str, values: dict[str, Any]) -> None:
        words = self.tr("“{0}” is back to its defaults.").format(page_name(Section(name)))
        self.notice_wanted.emit(words, lambda: self._presenter.restore(values))

    def _fit(self) -> None:
        """The pane grows with the font, up to two fifths of the screen."""
        wanted = self._theme.px(PANE_WIDTH)
        self._pane.setFixedWidth(max(200, min(wanted, self.width() * 2 // 5)))
