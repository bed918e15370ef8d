"""Under a note's tags: those its neighbours have, to be taken with a press."""

from __future__ import annotations

from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.presenters.tag_suggestions import TagSuggestionsPresenter
from desktop_app.ui.theme.theme import READING_COLUMN, Theme
from desktop_app.ui.widgets import PlainLabel, TextButton, keys_of, plain_tool_tip
from desktop_app.ui.widgets.tab_order import place_in_tab_order

_LONGEST = 32


class SuggestedTags(QWidget):
    """A quiet row of "+ tag"; hidden where nothing is suggested. `accept` is the action that takes the first by key."""

    def __init__(self, presenter: TagSuggestionsPresenter, theme: Theme, accept: QAction) -> None:
        super().__init__()
        self._presenter = presenter
        self._theme = theme
        self._accept = accept
        self.buttons: list[TextButton] = []
        self._row = QHBoxLayout(self)
        self._row.setSpacing(4)
        self._label = PlainLabel(self.tr("Suggested tags:"), "small")
        self._row.addWidget(self._label)
        self._row.addStretch()
        self.setMinimumWidth(1)
        self.setAccessibleName(self.tr("Suggested tags"))
        presenter.changed.connect(self._show)
        theme.changed.connect(self._fit)
        self._show()

    def _show(self) -> None:
        had_focus = any(button.hasFocus() for button in self.buttons)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        for place, tag in enumerate(self._presenter.tags):
            words = tag if len(tag) <= _LONGEST else tag[:_LONGEST] + "…"
            button = TextButton(f"+ {words}", "small_link")
            button.setAccessibleName(self.tr("Add the suggested tag {tag}").replace("{tag}", tag))
            keys = keys_of(self._accept)
            if place == 0 and keys:
                button.setToolTip(
                    plain_tool_tip(self.tr("Notes like this one have it. {keys}").replace("{keys}", keys))
                )
            else:
                button.setToolTip(plain_tool_tip(self.tr("Notes like this one have it.")))
            button.clicked.connect(lambda _=False, tag=tag: self._presenter.accept(tag))
            self._row.insertWidget(place + 1, button)
            self.buttons.append(button)
        self.setVisible(bool(self.buttons))
        place_in_tab_order(self.parentWidget() or self, self.buttons)
        self._fit()
        if had_focus and self.buttons:
            self.buttons[0].setFocus()

    def _fit(self) -> None:
        """Keep to the reading column, and show as many as there is room for."""
        side = max(24, (self.width() - 10 - self._theme.px(READING_COLUMN)) // 2)
        self._row.setContentsMargins(side, 6, side, 0)
        room = self.width() - 2 * side - self._label.sizeHint().width()
        for place, button in enumerate(self.buttons):
            button.ensurePolished()
            room -= button.sizeHint().width() + self._row.spacing()
            button.setVisible(place == 0 or room >= 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
