"""Makes the pages behind ⋯ of Search, each when it is first gone to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop_app.app.container import Container
from desktop_app.presenters.note_merging import NoteMergingPresenter
from desktop_app.presenters.shell import ShellPresenter
from desktop_app.ui.theme.theme import Theme

if TYPE_CHECKING:
    from desktop_app.ui.search.search_page import SearchPage
    from desktop_app.ui.search.search_screen import SearchScreen


class SearchPages(QObject):
    """Their factories."""

    def __init__(
        self,
        container: Container,
        shell: ShellPresenter,
        theme: Theme,
        merging: NoteMergingPresenter,
        all_saved: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """`all_saved` keeps what is being typed in a note, and says whether it could."""
        super().__init__(parent)
        self._container = container
        self._shell = shell
        self._theme = theme
        self._merging = merging
        self._all_saved = all_saved

    def add_to(self, screen: SearchScreen) -> None:
        """Offer them."""
        screen.add_page("note_map", self._note_map)
        screen.add_page("near_duplicates", self._near_duplicates)
        screen.add_page("self_check", self._self_check)

    def _self_check(self) -> SearchPage:
        from desktop_app.presenters.self_check import SelfCheckPresenter, WeightSetting
        from desktop_app.ui.search.self_check_page import SelfCheckPage

        settings = self._container.settings_file
        weight = WeightSetting(
            lambda: settings.real("search.dense_weight"), lambda value: settings.set("search.dense_weight", value)
        )
        presenter = SelfCheckPresenter(self._container.search_parts.self_check, weight, self._shell.tasks, self)
        presenter.weight_taken.connect(lambda now, before: self._tell_of_weight(presenter.set_weight, now, before))
        page = SelfCheckPage(presenter, self._theme)
        page.open_note.connect(self._shell.show_note)
        page.models_wanted.connect(lambda: self._shell.go("models"))
        return page

    def _note_map(self) -> SearchPage:
        from desktop_app.presenters.note_map import NoteMapPresenter
        from desktop_app.ui.search.note_map_page import NoteMapPage

        page = NoteMapPage(
            NoteMapPresenter(self._container.search_parts.note_maps, self._shell.tasks, self), self._theme
        )
        page.open_note.connect(self._shell.show_note)
        return page

    def _near_duplicates(self) -> SearchPage:
        from desktop_app.presenters.near_duplicates import NearDuplicatesPresenter
        from desktop_app.ui.notes.merge_dialog import MergeControls
        from desktop_app.ui.search.near_duplicates_page import NearDuplicatesPage

        container = self._container
        presenter = NearDuplicatesPresenter(
            container.search_parts.near_duplicates, container.notes, self._shell.tasks, self
        )
        presenter.notice.connect(self._shell.show_notice)
        page = NearDuplicatesPage(presenter, self._theme)
        page.open_note.connect(self._shell.show_note)
        merges = MergeControls(self._merging, self._theme, page)
        page.merge_wanted.connect(lambda one, other: merges.ask(one, other) if self._all_saved() else None)
        self._merging.merged.connect(lambda _kept, other: presenter.leave_out(other))
        self._merging.taken_back.connect(lambda: presenter.look() if page.isVisible() else None)
        return page

    def _tell_of_weight(self, set_weight: Callable[[float], None], now: float, before: float) -> None:
        words = self.tr("The weight of meaning is now {now}.").replace("{now}", f"{now:g}")
        self._shell.show_notice(words, lambda: set_weight(before))
