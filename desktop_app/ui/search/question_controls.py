"""Connects the search box with the bar below it: filters are written into the box, taken out of it and kept by name."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.saved_search import SavedSearch
from desktop_app.domain.search_question import with_filter
from desktop_app.presenters.saved_searches import SavedSearchesPresenter
from desktop_app.presenters.search import SearchPresenter
from desktop_app.presenters.search_chips import QuestionChip
from desktop_app.ui.search.filter_bar import FilterBar
from desktop_app.ui.widgets import LineDialog

_LONGEST_NAME = 60


class QuestionControls(QObject):
    """The box stays the truth: a chip is a part of its text, and a saved search is a text with mode and order."""

    notice_wanted = Signal(str, object)  # words, and what takes it back
    open_wanted = Signal(object)  # SavedSearch
    saved_changed = Signal()

    def __init__(
        self,
        box: QLineEdit,
        filters: FilterBar,
        presenter: SearchPresenter,
        saved: SavedSearchesPresenter | None,
        screen: QWidget,
    ) -> None:
        super().__init__(screen)
        self._box = box
        self._filters = filters
        self._presenter = presenter
        self._saved = saved
        self._screen = screen
        presenter.chips_changed.connect(filters.show_chips)
        presenter.choices_changed.connect(filters.set_choices)
        filters.set_choices(presenter.choices)
        filters.show_chips(presenter.chips)
        filters.addition_wanted.connect(lambda text: self.rewrite(with_filter(box.text(), text)))
        filters.start_wanted.connect(self._begin_filter)
        filters.order_wanted.connect(presenter.set_order)
        filters.remove_wanted.connect(self._remove_part)
        filters.mend_wanted.connect(self._mend_part)
        filters.saved_asked_for.connect(self._tell_saved)
        filters.open_wanted.connect(self.open_wanted)
        filters.save_wanted.connect(self.save_search)
        if saved is not None:
            filters.forget_wanted.connect(saved.forget)
            saved.changed.connect(lambda _searches: self.saved_changed.emit())
            saved.forgotten.connect(self._on_forgotten)
            saved.load()

    @property
    def saved(self) -> list[SavedSearch]:
        """What is kept by name."""
        return self._saved.searches if self._saved is not None else []

    def rewrite(self, text: str) -> None:
        """Put another question into the box, and ask it at once."""
        self._box.setText(text)
        self._presenter.set_query(text, at_once=True)
        self._box.setFocus()

    def save_search(self) -> None:
        """Ask for a name, and keep the question under it."""
        view, saved = self._presenter.view, self._saved
        if saved is None or self._presenter.question.asks_nothing:
            return
        dialog = LineDialog(
            self.tr("Save this search"),
            self.tr("It stands under “Saved” then, and is asked anew each time. A name that is taken is replaced."),
            self._open_name() or view.query[:_LONGEST_NAME],
            [search.name for search in saved.searches],
            act=self.tr("Save"),
            cancel=self.tr("Cancel"),
            parent=self._screen,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def keep(name: str) -> None:
            if name:
                saved.save(SavedSearch(name, view.query, view.mode, view.order))

        dialog.answered.connect(keep)
        dialog.open()

    def _begin_filter(self, beginning: str) -> None:
        """Write the beginning of a filter behind the question, to be typed on."""
        text = self._box.text().rstrip()
        self._box.setText(f"{text} {beginning}" if text else beginning)
        self._box.setFocus()
        self._box.setCursorPosition(len(self._box.text()))

    def _remove_part(self, chip: QuestionChip) -> None:
        """The keyboard stays in the row of chips."""
        text = self._presenter.question.without(chip.start, chip.end)
        self._box.setText(text)
        self._presenter.set_query(text, at_once=True)

    def _mend_part(self, chip: QuestionChip) -> None:
        """Write what was meant, or mark what is wrong so that it can be typed anew."""
        text = self._box.text()
        if chip.correction:
            self.rewrite(text[: chip.start] + chip.correction + text[chip.end :])
            return
        self._box.setFocus()
        self._box.setSelection(chip.start, chip.end - chip.start)

    def _tell_saved(self) -> None:
        can_save = self._saved is not None and not self._presenter.question.asks_nothing
        self._filters.set_saved(self.saved, self._open_name(), can_save=can_save)

    def _open_name(self) -> str:
        """The name of the saved search that is shown now; empty for none."""
        view = self._presenter.view
        shown = (view.query, view.mode, view.order)
        return next((each.name for each in self.saved if (each.text, each.mode, each.order) == shown), "")

    def _on_forgotten(self, search: SavedSearch, place: int) -> None:
        saved = self._saved
        if saved is not None:
            words = self.tr("“{name}” is no longer saved").replace("{name}", search.name)
            self.notice_wanted.emit(words, lambda: saved.put_back(search, place))
